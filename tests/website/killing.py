"""kill -9 of the real server, worker and database while people save, upload, submit, sign, accept and correct, and work
on cases (`killing_cases`); used by the quick test (12 kills) and by `benchmarks/kills.py` (as many as asked for)."""

from __future__ import annotations

import http.client
import io
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import openpyxl
import psutil
import psycopg
import pyotp

from waiting import ENDS, until
from website import killing_cases, served
from website.small_county import ROOT, write

YEAR = 2024
DISK = 700 << 20
"""Bytes of the disk of a drill: what a small site takes (60 MB), and the room that it wants free."""
TARGET = {
    "submit": "submitted",
    "sign": "signed",
    "accept": "accepted",
    "correct": "draft",
    "lock": "locked",
    "send_back": "sent_back",
}


LEAST = {"save": 10, "accept": 2, "upload": 2, **dict.fromkeys((f"case.{w}" for w in killing_cases.FULL_ROUND), 2)}
"""What a drill has to acknowledge before its load ends: less would prove nothing."""
POSTED = ("case", "save", "upload")
"""What the kills of the server meet, in turn."""


class AwayError(OSError):
    """The site told that its database is away: what was asked may not have been done."""


class Person:
    """Somebody with a session, over plain HTTP."""

    def __init__(self, port: int, account: dict[str, str]) -> None:
        self.port, self.account = port, account
        self.cookies: dict[str, str] = {}

    def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/x-www-form-urlencoded"
    ) -> tuple[int, str, str]:
        """Status, Location and text. OSError or HTTPException when the server died meanwhile."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ENDS)
        try:
            headers = {
                "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
                "X-CSRFToken": self.cookies.get("csrftoken", ""),
            }
            if method == "POST":
                headers["Content-Type"] = kind
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            if answer.status == 503:
                assert answer.getheader("Retry-After"), "a page that is away for a while says when to come again"
                raise AwayError
            text = answer.read().decode("utf-8", "replace")
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    key, _, rest = value.strip().partition("=")
                    self.cookies[key] = rest.split(";")[0]
            return answer.status, answer.getheader("Location") or "", text
        finally:
            connection.close()

    def form(self, path: str, **given: Any) -> tuple[int, str, str]:
        return self.ask("POST", path, urlencode(given).encode())

    def log_in(self) -> Person:
        self.ask("GET", "/login")
        assert self.form("/login", username=self.account["username"], password=self.account["password"])[0] == 302
        status, _, text = self.form("/login/code", code=pyotp.TOTP(self.account["totp"]).now())
        assert status == 302, text[:300]
        self.ask("GET", "/account/sessions")
        return self

    def sheet(self, filing: int) -> dict[str, Any]:
        """What the page of a return tells its script."""
        _, _, text = self.ask("GET", f"/returns/{filing}")
        found = re.search(r'<script id="sheet" type="application/json">(.*?)</script>', text, re.S)
        assert found, text[:500]
        return dict(json.loads(found.group(1)))


class OwnDisk:
    """A disk of `size` bytes at a folder, seen only by the commands that are run `within`; it goes with `end`.

    A sleeping process holds it, in a namespace; the users are the machine's, for PostgreSQL does not run as root.
    """

    def __init__(self, folder: Path, size: int) -> None:
        folder.mkdir(exist_ok=True)
        self._root = os.geteuid() == 0
        alone = ["unshare", "-m"] if self._root else ["unshare", "-U", "-m", "--map-current-user", "--keep-caps"]
        mount = f'mount -t tmpfs -o size={size},mode=755 tmpfs "$0" && echo well && exec sleep infinity'
        self._holder = subprocess.Popen(
            [*alone, "sh", "-c", mount, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._holder.stdout is not None
        self.there = self._holder.stdout.readline() == b"well\n"
        self.folder = Path(f"/proc/{self._holder.pid}/root{folder}")
        """The folder with the disk, as everybody can reach it."""

    def within(self, command: list[str]) -> list[str]:
        """The command that sees the disk; its process is the one that is started."""
        users = [] if self._root else ["-U", "--preserve-credentials"]
        return ["nsenter", "-t", str(self._holder.pid), "-m", *users, f"--wd={ROOT}", *command]

    def end(self) -> None:
        """The disk and all that is on it are gone."""
        self._holder.kill()
        self._holder.wait()
        assert self._holder.stdout is not None
        self._holder.stdout.close()


def own_disk(folder: Path, size: int) -> OwnDisk | None:
    """A disk for a folder; None where this machine lets no process have one (root may, or who may make a namespace)."""
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        return None
    made = OwnDisk(folder, size)
    if made.there:
        return made
    made.end()
    return None


def lives(process: psutil.Process) -> bool:
    """Whether it runs; one that has ended and that nobody has waited for does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@dataclass
class Outcome:
    """What the load did and what was acknowledged."""

    kills: int = 0
    acknowledged: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    saved: dict[str, int] = field(default_factory=dict)
    tried: dict[str, set[int]] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    delay: float = 0.0


class Drill:
    """One site, its load and its killer."""

    def __init__(self, seed: int, **environment: str) -> None:
        self.random, self.environment = random.Random(seed), environment
        self.folder = Path(tempfile.mkdtemp(prefix="qingmiao-kills-"))
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.outcome, self.stop = Outcome(), threading.Event()
        self.posting: set[str] = set()
        """What was posted and is not answered yet: save, upload, case."""
        self.cases = killing_cases.CaseLoad(self, seed)
        self.disk = own_disk(self.folder / "home", DISK)

    def start(self) -> None:
        """Start the site with a small made-up county."""
        self.begin()
        accounts = {a["username"]: a for a in json.loads((self.folder / "home-accounts.json").read_text("utf-8"))}
        names = ("statistics", "statistics2", "health-liaison", "health-leader", *killing_cases.PEOPLE)
        self.people = {n: Person(self.port, accounts[n]).log_in() for n in names}
        opened = urlencode(
            [
                ("do", "open"),
                ("year", YEAR),
                *[("return", f) for f in ("H101", "H103", "H104")],
                *[(f"due:{f}", "2025-01-30") for f in ("H101", "H103", "H104")],
            ]
        )
        assert self.people["statistics"].ask("POST", "/returns/open", opened.encode())[0] in (200, 302)
        with self.database() as connection:
            rows = connection.execute(
                "SELECT return_id, id FROM returns_filing WHERE year = %s AND unit_id = 'health'", [YEAR]
            ).fetchall()
        self.filing = dict(rows)

    def begin(self) -> None:
        """Start the processes of the site and wait until it says that it answers: its pages are there before that, and
        those whose data are being loaded say so."""
        log = self.folder / "log"
        before = log.stat().st_size if log.exists() else 0
        self.log = log.open("a")
        self.site = subprocess.Popen(
            self.command(), stdout=self.log, stderr=self.log, env=self.surroundings(), cwd=ROOT
        )
        self.wait(lambda: "站点已启动" in log.read_bytes()[before:].decode("utf-8", "replace") and self.alive())

    def surroundings(self) -> dict[str, str]:
        """The environment of the site, without what the tests' own has of it."""
        return served.surroundings(**self.environment)

    def command(self, home: str = "home", port: int = 0) -> list[str]:
        """`qingmiao serve --demo` of a home in this folder."""
        data, pack = self.folder / "data", self.folder / "pack"
        if not data.exists():
            write(data)
            killing_cases.pack_with_a_transfer(pack)
        plain = served.command(self.folder / home, data, port or self.port, pack)
        return self.disk.within(plain) if self.disk else plain

    @property
    def home(self) -> Path:
        """The site's folder, where this process reaches it."""
        return self.disk.folder if self.disk else self.folder / "home"

    def all_with(self, word: str) -> list[psutil.Process]:
        """What the site started, however deep, with this word in its command."""
        return [p for p in self.started() if word in " ".join(p.cmdline())]

    def kill_database(self) -> None:
        """kill -9 of the postmaster."""
        pid = int((self.home / "postgres" / "postmaster.pid").read_text("ascii").split()[0])
        os.kill(pid, signal.SIGKILL)

    def serves(self) -> bool:
        """Whether a page that reads the database is there."""
        try:
            return self.people["statistics"].ask("GET", "/returns/")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def started(self) -> list[psutil.Process]:
        """Every process that the site started and that lives, but the database's."""
        return [p for p in psutil.Process(self.site.pid).children(recursive=True) if lives(p)]

    def one(self, word: str) -> psutil.Process:
        """The child of the site with this word in its command."""
        return next(p for p in psutil.Process(self.site.pid).children() if lives(p) and word in " ".join(p.cmdline()))

    def database(self) -> psycopg.Connection[Any]:
        """The site's own database."""
        return psycopg.connect(f"postgresql://postgres@/qingmiao?host={self.home / 'postgres'}")

    def alive(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ENDS)
            connection.request("GET", "/health/live")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait(self, done: Callable[[], bool]) -> float:
        """Seconds until it is done; the site's log where it ended or never comes."""
        return until(
            done,
            told=lambda: (self.folder / "log").read_text("utf-8")[-3000:],
            over=lambda: self.site.poll() is not None,
        )

    def run(self, kills: int) -> Outcome:
        """Load and kill; then let it settle."""
        work = (self._save, self._move, self._upload, self.cases.go)
        loads = [threading.Thread(target=self._loop, args=(f,)) for f in work]
        for t in loads:
            t.start()
        for n in range(kills):
            # A kill waits until something is posted, else it depends on luck whether it meets anything.
            if n % 6 == 5:
                until(lambda: "case" in self.posting, every=0.001)
                self.kill_database()
                self.wait(self.serves)
            elif n % 4 == 3:
                met = POSTED[n // 4 % len(POSTED)]
                until(lambda met=met: met in self.posting, every=0.001)  # type: ignore[misc]
                self._kill("granian")
                self.wait(self.alive)
                self._let_move(self.random.randrange(5))
                time.sleep(self.random.uniform(0.1, 1.0))
            else:
                self._kill("worker")
                time.sleep(self.random.uniform(1.1, 1.5))  # the site gives a child up that dies at once again and again
        self.outcome.kills = kills
        until(lambda: all(self.outcome.acknowledged[a] >= n for a, n in LEAST.items()))
        self.stop.set()
        for t in loads:
            t.join()
        self.wait(self.alive)
        return self.outcome

    @contextmanager
    def posted(self, what: str) -> Iterator[None]:
        """Something is posted, and not answered yet."""
        self.posting.add(what)
        try:
            yield
        finally:
            self.posting.discard(what)

    def _let_move(self, steps: int) -> None:
        """Let the return of `_move` go on by some steps (a whole round has four), so that kills meet every state."""
        before = sum(self.outcome.acknowledged[a] for a in TARGET)
        began = time.monotonic()
        while sum(self.outcome.acknowledged[a] for a in TARGET) < before + steps:
            if time.monotonic() - began > ENDS or not self.alive():
                return
            time.sleep(0.02)

    def _kill(self, what: str) -> None:
        """kill -9 of the whole group of one child of the site."""
        word = "granian" if what == "granian" else "worker"
        for child in psutil.Process(self.site.pid).children():
            try:
                if word in " ".join(child.cmdline()):
                    os.killpg(child.pid, signal.SIGKILL)
            except (psutil.Error, ProcessLookupError):
                continue

    def _loop(self, step: Callable[[], None]) -> None:
        while not self.stop.is_set():
            try:
                step()
            except (OSError, http.client.HTTPException, AssertionError, ValueError):
                time.sleep(0.05)  # the server is dead or just coming up

    def _save(self) -> None:
        """Figures of one return, over and over; each acknowledged one is remembered."""
        who, filing = self.people["health-liaison"], self.filing["H101"]
        sheet = who.sheet(filing)
        cell = self.random.choice(["01.1", "02.1", "03.1"])
        value = self.random.randrange(100_000)
        self.outcome.tried.setdefault(cell, set()).add(value)
        body = json.dumps(
            {
                "name": sheet["name"],
                "revision": sheet["revision"],
                "cells": {cell: str(value)},
                "notes": {},
                "explanations": {},
            }
        ).encode()
        try:
            with self.posted("save"):
                status, _, text = who.ask("POST", f"/returns/{filing}/cells", body, "application/json")
        except (OSError, http.client.HTTPException):
            self.outcome.unknown["save"] += 1
            raise
        if status == 200:
            self.outcome.saved[cell] = value
            self.outcome.tried[cell] = {value}
            self.outcome.acknowledged["save"] += 1
        else:
            self.outcome.problems.append(f"save {status} {text[:200]}")

    def _move(self) -> None:
        """One return round and round: fill, submit, sign, accept, correct."""
        filing = self.filing["H103"]
        sheet = self.people["health-liaison"].sheet(filing)
        state = sheet["state"]
        if state in ("draft", "sent_back"):
            figures = {
                "01.1": "50",
                "02.1": str(self.random.randrange(1, 50)),
                "03.1": "4",
                "04.1": "2",
                "05.1": "1",
            }
            body = json.dumps(
                {
                    "name": sheet["name"],
                    "revision": sheet["revision"],
                    "cells": figures,
                    "notes": {},
                    "explanations": {},
                }
            ).encode()
            status, _, text = self.people["health-liaison"].ask(
                "POST", f"/returns/{filing}/cells", body, "application/json"
            )
            assert status == 200, text[:200]
            sheet = self.people["health-liaison"].sheet(filing)
        action, who = {
            "draft": ("submit", "health-liaison"),
            "sent_back": ("submit", "health-liaison"),
            "submitted": ("sign", "health-leader"),
            "signed": ("accept", "statistics"),
            "accepted": ("correct", "statistics2"),
        }[sheet["state"]]
        try:
            status, _, text = self.people[who].form(
                f"/returns/{filing}/move",
                action=action,
                state=sheet["state"],
                version=sheet["version"],
                reason="演练：更正后再报一次",
            )
        except (OSError, http.client.HTTPException):
            self.outcome.unknown[action] += 1
            raise
        if status == 302:
            self.outcome.acknowledged[action] += 1
        elif status != 409:
            self.outcome.problems.append(f"{action} {status} {re.sub('<[^>]+>', ' ', text)[:300]}")

    def _upload(self) -> None:
        """A filled template, over and over; each acknowledged upload is remembered."""
        who, filing = self.people["health-liaison"], self.filing["H104"]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ENDS)
        connection.request(
            "GET",
            f"/returns/{filing}/template",
            headers={"Cookie": "; ".join(f"{k}={v}" for k, v in who.cookies.items())},
        )
        answer = connection.getresponse()
        if answer.status == 503:
            raise AwayError
        book = openpyxl.load_workbook(io.BytesIO(answer.read()))
        connection.close()
        places = {str(row[2].value): row[3] for row in book.worksheets[0].iter_rows() if row[2].value}
        for n in range(1, 10):
            places[f"{n:02}"].value = 10 * n + (self.random.randrange(5) if n != 3 else 0)
        out = io.BytesIO()
        book.save(out)
        mark = f"qm{self.random.randrange(10**12)}"
        name = f"drill-{self.random.randrange(10**9)}.xlsx"
        body = (
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f'Content-Type: application/octet-stream\r\n\r\n'.encode()
            + out.getvalue() + f"\r\n--{mark}--\r\n".encode()
        )  # fmt: skip
        try:
            with self.posted("upload"):
                status, where, text = who.ask(
                    "POST", f"/returns/{filing}/upload", body, f"multipart/form-data; boundary={mark}"
                )
        except (OSError, http.client.HTTPException):
            self.outcome.unknown["upload"] += 1
            raise
        if status == 302:
            self.outcome.uploads.append(where.rstrip("/").split("/")[-1])
            self.outcome.acknowledged["upload"] += 1
        else:
            self.outcome.problems.append(f"upload {status} {re.sub('<[^>]+>', ' ', text)[:300]}")

    def check(self) -> list[str]:
        """Everything that is not as it was acknowledged, or half done; empty when all is well."""
        wrong = list(self.outcome.problems)
        with self.database() as c:
            cells = dict(
                c.execute("SELECT code, value FROM returns_cell WHERE filing_id = %s", [self.filing["H101"]]).fetchall()
            )
            for cell, value in self.outcome.saved.items():
                if cells.get(cell) is None or int(cells[cell]) not in self.outcome.tried[cell] | {value}:
                    wrong.append(
                        f"cell {cell}: {cells.get(cell)}, acknowledged {value}, tried {self.outcome.tried[cell]}"
                    )
            for name, filing in self.filing.items():
                moves = [
                    a.removeprefix("returns.")
                    for (a,) in c.execute(
                        "SELECT action FROM audit_event WHERE object_type = 'filing' AND object_id = %s ORDER BY id",
                        [str(filing)],
                    ).fetchall()
                ]
                steps = [m for m in moves if m in TARGET]
                ((state, version),) = c.execute(
                    "SELECT state, version FROM returns_filing WHERE id = %s", [filing]
                ).fetchall()
                if steps and TARGET[steps[-1]] != state:
                    wrong.append(f"{name} is {state}, the trail ends with {steps[-1]}")
                if version != 1 + steps.count("correct"):
                    wrong.append(f"{name} has version {version} after {steps.count('correct')} corrections")
                if name == "H103":
                    for action in ("submit", "sign", "accept", "correct"):
                        if steps.count(action) < self.outcome.acknowledged[action]:
                            wrong.append(
                                f"{action}: {self.outcome.acknowledged[action]} acknowledged, {steps.count(action)} in "
                                f"the trail"
                            )
            there = {str(i) for (i,) in c.execute("SELECT id FROM returns_upload").fetchall()}
            wrong += [f"upload {u} was acknowledged and is gone" for u in self.outcome.uploads if u not in there]
            wrong += self.cases.check(c)
        wrong += self._measured()
        return wrong

    def _measured(self) -> list[str]:
        """The last accepted figures are the ones on the dashboard soon after the last kill."""
        filing = self.filing["H103"]
        with self.database() as c:
            accepted = c.execute("SELECT accepted_version FROM returns_filing WHERE id = %s", [filing]).fetchone()
        if accepted is None or accepted[0] is None:
            return ["nothing was accepted in the whole drill"]
        source, wanted = f"filing:{filing}", accepted[0]

        def newest() -> int | None:
            with self.database() as c:
                runs = c.execute("SELECT taken FROM monitoring_run ORDER BY id").fetchall()
            read = [one["version"] for (taken,) in runs for one in taken if one["source"] == source]
            return read[-1] if read else None

        try:
            self.outcome.delay = until(lambda: newest() == wanted, every=0.2)
        except AssertionError:
            return [f"version {wanted} of {source} was accepted, measured is {newest()}"]
        return []

    def end(self) -> list[str]:
        """Stop the site by SIGTERM and verify the audit chain; what is wrong."""
        self.site.send_signal(signal.SIGTERM)
        code = self.site.wait(ENDS)
        self.log.close()
        wrong = [] if code == 0 else [f"the site ended with {code}"]
        verify = [sys.executable, "-m", "qingmiao.cli", "audit", "verify"]
        verdict = subprocess.run(
            self.disk.within(verify) if self.disk else verify,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=self.surroundings() | {"QINGMIAO_MODE": "demo", "QINGMIAO_HOME": str(self.folder / "home")},
            timeout=ENDS,
            check=False,
        )
        if verdict.returncode != 0:
            wrong.append(verdict.stdout + verdict.stderr)
        if self.disk:
            self.disk.end()
        shutil.rmtree(self.folder, ignore_errors=True)
        return wrong
