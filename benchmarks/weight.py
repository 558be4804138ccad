"""How much memory the demonstration takes: each process idle (after every kind of page was opened) and at its peak.

    python benchmarks/weight.py [DATA=made anew]     (DATA: a folder made by `qingmiao demo-data`)

Idle is the proportional set size (PSS: what is shared counts once, in parts) of the processes of this site alone; the
peak is the high-water mark (VmHWM) of the processes that end, watched while they live. Prints a table with the targets
and one JSON line; ends with 1 when a target is missed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from website import served
from website.killing import ROOT, Person

BENCH = importlib.util.spec_from_file_location("benchmark_of_pages", Path(__file__).with_name("site.py"))
assert BENCH is not None
assert BENCH.loader is not None
SITE = importlib.util.module_from_spec(BENCH)
BENCH.loader.exec_module(SITE)  # by its path: `site` is one of Python's own modules

IDLE = {"parent": 60, "worker": 150, "measuring": 150, "web": 350, "all": 800}
"""Targets in MB."""
PEAK = {"report": 700}
STEPS = 120
DUE = " OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())"


def kind_of(process: psutil.Process) -> str:
    """Which part of the site a process is."""
    words = " ".join(process.cmdline())
    if process.name().startswith("postgres"):
        return "postgres"
    for mark, kind in (
        ("qingmiao.site.prepare", "prepare"), ("--line=report", "report"), ("--line=measure", "measuring"),
        ("--line=", "other lines"), ("cli worker", "worker"), (" serve ", "parent"),
    ):  # fmt: skip
        if mark in words:
            return kind
    return "web" if "granian" in words else "other"


class Watch(threading.Thread):
    """Looks at the high-water marks of all processes of the site while they live."""

    def __init__(self, pid: int, home: Path) -> None:
        super().__init__(daemon=True)
        self.parent, self.home = psutil.Process(pid), home
        self.peak: dict[str, float] = {}
        self.over = threading.Event()

    def processes(self) -> list[psutil.Process]:
        """The site's processes; the database server's belong to no one, so they are found by the socket's folder."""
        found = [self.parent, *self.parent.children(recursive=True)]
        with contextlib.suppress(OSError, ValueError, psutil.Error):
            server = psutil.Process(int((self.home / "postgres/postmaster.pid").read_text("ascii").split()[0]))
            found += [server, *server.children(recursive=True)]
        return found

    def run(self) -> None:
        while not self.over.wait(0.1):
            for process in self.processes():
                with contextlib.suppress(OSError, psutil.Error, AttributeError):
                    text = Path(f"/proc/{process.pid}/status").read_text("ascii", "replace")
                    found = re.search(r"VmHWM:\s+(\d+)", text)
                    if found:
                        kind = kind_of(process)
                        self.peak[kind] = max(self.peak.get(kind, 0.0), int(found[1]) / 1024)

    def idle(self) -> dict[str, float]:
        """PSS in MB by part, now."""
        found: dict[str, float] = {}
        for process in self.processes():
            with contextlib.suppress(OSError, psutil.Error):
                text = Path(f"/proc/{process.pid}/smaps_rollup").read_text("ascii")
                kind = kind_of(process)
                pss = re.search(r"^Pss:\s+(\d+)", text, re.M)
                found[kind] = found.get(kind, 0.0) + (int(pss[1]) / 1024 if pss else 0.0)
        return found


def open_pages(person: Person) -> int:
    """Open the pages that can be reached by links from the first one, each kind (numbers and codes taken away)
    twice."""
    waiting, seen, opened = ["/"], {}, 0
    while waiting and opened < STEPS:
        path = waiting.pop(0)
        kind = re.sub(r"\d+|[a-z]+\.[\w.]+", "*", path.split("?")[0])
        if path.startswith(("/logout", "/language")) or seen.get(kind, 0) >= 2:
            continue
        seen[kind] = seen.get(kind, 0) + 1
        status, location, text = person.ask("GET", path)
        assert status < 500, (path, status)
        opened += status == 200
        waiting += [location] if location.startswith("/") else []
        waiting += [a.replace("&amp;", "&") for a in re.findall(r'<a [^>]*href="(/[^"#]*)"', text)]
    return opened


def jobs_done(home: Path) -> bool:
    """True when the worker has nothing that it works on or should begin now."""
    with psycopg.connect(f"postgresql://postgres@/qingmiao?host={home / 'postgres'}") as connection:
        waiting = "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'" + DUE
        return connection.execute(waiting).fetchone() is None


def reports_done(home: Path) -> bool:
    """True when the demonstration's two reports stand (each has a folder with its three files)."""
    return sum(len(list(f.iterdir())) >= 3 for f in (home / "reports").glob("[0-9]*")) >= 3


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by way of `finally`: no site is left behind
    folder = Path(tempfile.mkdtemp(prefix="qingmiao-weight-"))
    home = folder / "home"
    data = Path(sys.argv[1]).resolve() if sys.argv[1:] else SITE.demo_data(folder / "data")
    port = SITE.free_port()
    log = (folder / "log").open("w")
    began = time.monotonic()
    site = subprocess.Popen(
        served.command(home, data, port), env=served.surroundings(QINGMIAO_RATE="1000"), cwd=ROOT,
        stdout=log, stderr=log,
    )  # fmt: skip
    watch = Watch(site.pid, home)
    watch.start()
    try:
        while not SITE.answers(port, "/health/ready"):
            assert site.poll() is None, (folder / "log").read_text("utf-8")[-2000:]
            assert time.monotonic() - began < 900, "the site did not start"
            time.sleep(0.1)
        start = time.monotonic() - began
        accounts = {a["username"]: a for a in json.loads((folder / "home-accounts.json").read_text("utf-8"))}
        names = ("committee_office", "statistics", "health-liaison", "health-leader", "system_admin", "auditor")
        pages = sum(open_pages(Person(port, accounts[n]).log_in()) for n in names if n in accounts)
        while not (reports_done(home) and jobs_done(home)) or "report" in watch.idle():
            assert site.poll() is None
            assert time.monotonic() - began < 1800, "the reports did not come"
            time.sleep(0.2)
        idle = watch.idle()
        said = re.search(r"站点已启动，用了 (\d+) 秒", (folder / "log").read_text("utf-8"))
        answered = int(said[1]) if said else None
        parts = re.findall(r"用时：(.*)", (folder / "log").read_text("utf-8"))
    finally:
        watch.over.set()
        site.send_signal(signal.SIGTERM)
        site.wait(60)
        shutil.rmtree(folder, ignore_errors=True)
    idle["all"] = sum(idle.values())
    missed = [f"idle {k}" for k, most in IDLE.items() if idle.get(k, 0.0) > most]
    missed += [f"peak {k}" for k, most in PEAK.items() if watch.peak.get(k, 0.0) > most]
    print(f"{'进程':12}{'空闲 MB':>10}{'目标':>8}{'峰值 MB':>10}{'目标':>8}")
    for kind in sorted({*idle, *watch.peak}):
        cells = (idle.get(kind), IDLE.get(kind), watch.peak.get(kind), PEAK.get(kind))
        print(f"{kind:12}" + "".join(f"{c:>10.0f}" if c is not None else f"{'—':>10}" for c in cells))
    print(f"打开 {pages} 页；启动 {start:.1f} 秒（{'；'.join(parts)}）")
    print(f"带着指标答话：{answered} 秒；全部装好：{start:.1f} 秒")
    line = {
        "name": "weight", "idle_mb": {k: round(v) for k, v in idle.items()},
        "peak_mb": {k: round(v) for k, v in watch.peak.items()},
        "targets": {"idle_mb": IDLE, "peak_mb": PEAK}, "missed": missed, "pages": pages,
        "first_start_seconds": answered, "all_loaded_seconds": round(start, 1),
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False))
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
