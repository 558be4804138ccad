"""What a person waits for on the demonstration county: the dashboard, pages after a run, prose.

    python benchmarks/pages.py [REPEAT=2] [DATA=made anew]     (DATA: a folder made by `qingmiao demo-data`)

`dashboard`: from the click on 验收 until the wall shows the run with it. `cold`: after a further acceptance, when its run
is in the database, each page is asked for the first time, in the order printed (the first pays for what all share).
`prose`: a paragraph is rewritten and the page read again. Medians of REPEAT. `cpu`: the processor's seconds that the
site's processes (but not PostgreSQL's) used meanwhile, which say what a quiet machine would take when this one is busy.
Ends with one JSON line, and with 1 when a target is missed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from waiting import until
from website import served
from website.killing import ROOT, Person

SITE = served.benchmark("site")

TARGETS = {"dashboard": 1.5, "cold": 1.0, "prose": 0.3}
"""Seconds: `cold` of each page, `prose` of the answer to a saved paragraph and of the page after it, each."""
PAGES = {"wall": "/plan/", "indicator": "/indicators/health.imr", "overview": "/overview/", "warnings": "/warnings/"}


class Bench:
    """A running site, its people and its database."""

    def __init__(self, folder: Path, port: int, site: int) -> None:
        self.site = psutil.Process(site)
        self.cpu: dict[str, list[float]] = {}
        accounts = {a["username"]: a for a in json.loads((folder / "home-accounts.json").read_text("utf-8"))}
        self.statistics = Person(port, accounts["statistics"]).log_in()
        self.office = Person(port, accounts["committee_office2"]).log_in()
        self.address = f"postgresql://postgres@/qingmiao?host={folder / 'home' / 'postgres'}"
        self.port, self.accounts = port, accounts
        waiting = (
            "SELECT id, unit_id, state FROM returns_filing WHERE state IN ('signed', 'submitted') ORDER BY state, id"
        )
        self.filings = self.read(waiting)

    def enough(self, wanted: int) -> None:
        """Raises AssertionError where fewer returns wait for acceptance than are wanted."""
        assert len(self.filings) >= wanted, f"{len(self.filings)} returns wait for acceptance, {wanted} are wanted"

    def read(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.address) as connection:
            return connection.execute(query).fetchall()

    def newest(self) -> int:
        """The number of the newest run."""
        return int(self.read("SELECT max(id) FROM monitoring_run")[0][0])

    def accept(self) -> float:
        """The next signed return is accepted; when that was asked for."""
        filing, unit, state = self.filings.pop(0)
        if state == "submitted":
            self.move(Person(self.port, self.accounts[f"{unit.replace('.', '-')}-leader"]).log_in(), filing, "sign")
        return self.move(self.statistics, filing, "accept")

    def move(self, person: Person, filing: int, step: str) -> float:
        """One step of a return; when it was asked for."""
        sheet = person.sheet(filing)
        stands = {name: sheet[name] for name in ("state", "version", "revision")}
        began = time.perf_counter()
        status, _, text = person.form(f"/returns/{filing}/move", action=step, **stands)
        assert status == 302, text[:300]
        return began

    def dashboard(self) -> float:
        """Seconds from an acceptance until the wall shows its run."""
        before = self.newest()
        began = self.accept()
        until(
            lambda: shown(self.office.ask("GET", "/plan/")[2]) > before,
            every=0.02,
            told=lambda: "the number did not move",
        )
        return time.perf_counter() - began

    def cold(self) -> dict[str, float]:
        """Seconds of each page, asked for the first time after a run."""
        before = self.newest()
        self.accept()
        until(lambda: self.newest() > before, every=0.02, told=lambda: "no run was made")
        return {name: self.timed("GET", path)[0] for name, path in PAGES.items()}

    def timed(self, method: str, path: str, body: bytes = b"") -> tuple[float, str]:
        began, used = time.perf_counter(), self.used()
        status, _, text = self.office.ask(method, path, body)
        assert status in (200, 302), (path, status, text[:300])
        seconds = time.perf_counter() - began
        self.cpu.setdefault(f"{method} {path.partition('?')[0]}", []).append(self.used() - used)
        return seconds, text

    def used(self) -> float:
        """Seconds of the processor that the site's processes have used so far."""
        return sum(sum(p.cpu_times()[:2]) for p in (self.site, *self.site.children(recursive=True)))

    def prose(self, edition: int) -> tuple[float, float]:
        """Seconds to save a paragraph, and of the page after it."""
        _, text = self.timed("GET", f"/reports/{edition}/prose")
        form = re.search(r'name="version" value="(\d+)"><input type="hidden" name="index"\s+value="(\d+)"', text)
        assert form is not None, text[:300]
        said = re.search(r"<textarea[^>]*>(.*?)</textarea>", text, re.S)
        assert said is not None
        body = urlencode({"version": form[1], "index": form[2], "text": unescape(said[1]).strip() + "（已核对）"})
        return self.timed("POST", f"/reports/{edition}/prose", body.encode())[0], self.timed(
            "GET", f"/reports/{edition}/prose"
        )[0]


def shown(page: str) -> int:
    """The run that a wall shows."""
    found = re.search(r'data-run="(\d+)"', page)
    assert found is not None, page[:300]
    return int(found[1])


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by way of `finally`: no site is left behind
    repeat = int((sys.argv[1:] or ["2"])[0])
    folder = Path(tempfile.mkdtemp(prefix="qingmiao-pages-"))
    data = Path(sys.argv[2]).resolve() if sys.argv[2:] else SITE.demo_data(folder / "data")
    port = SITE.free_port()
    log = (folder / "log").open("w")
    site = subprocess.Popen(
        served.command(folder / "home", data, port), env=served.surroundings(QINGMIAO_RATE="1000"), cwd=ROOT,
        stdout=log, stderr=log,
    )  # fmt: skip
    try:

        def ready() -> bool:
            assert site.poll() is None, (folder / "log").read_text("utf-8")[-2000:]
            return bool(SITE.answers(port, "/health/ready"))

        until(ready, told=lambda: "the site did not start")
        bench = Bench(folder, port, site.pid)
        until(
            lambda: not bench.read("SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"),
            told=lambda: "jobs did not end",
        )
        for path in PAGES.values():
            bench.timed("GET", path)
        bench.cpu.clear()
        bench.enough(1 + 2 * repeat)
        bench.dashboard()  # loads the libraries of the measuring child
        dashboards = [bench.dashboard() for _ in range(repeat)]
        colds = [bench.cold() for _ in range(repeat)]
        edition = int(bench.read("SELECT max(id) FROM publishing_edition WHERE state = 'draft'")[0][0])
        bench.prose(edition)
        for name in [name for name in bench.cpu if "prose" in name]:
            del bench.cpu[name]
        proses = [bench.prose(edition) for _ in range(repeat)]
    finally:
        site.send_signal(signal.SIGTERM)
        site.wait(60)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)
    cold = {name: statistics.median(c[name] for c in colds) for name in PAGES}
    found = {
        "dashboard": statistics.median(dashboards),
        "cold": max(cold.values()),
        "prose": max(statistics.median(p[i] for p in proses) for i in (0, 1)),
    }
    missed = [name for name, most in TARGETS.items() if found[name] > most]
    line = {
        "name": "pages", "seconds": {n: round(s, 2) for n, s in found.items()}, "targets": TARGETS, "missed": missed,
        "cold": {n: round(s, 2) for n, s in cold.items()}, "dashboards": [round(s, 2) for s in dashboards],
        "proses": [[round(s, 2) for s in p] for p in proses],
        "cpu": {name: round(statistics.median(used), 2) for name, used in bench.cpu.items()},
        "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False))
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
