"""How long a child's page and the list of children take with many children, beside a page that shows next to nothing.

    python benchmarks/children.py [CHILDREN=45000] [DATA=made anew]     (DATA: a folder made by `qingmiao demo-data`)

The demonstration site starts with that many children and their records; a child health doctor of the county asks ROUNDS
times for each page, one after the other. Target: the 95th percentile of the child's page, of the list and of the
work lists at most twice that of the plain page (the person's own sessions: log-in, rights and frame are the same). Then
all that is due is counted and all rolls are worked out, each in a process of its own as the worker does it: seconds and
peak memory. Ends with one JSON line, and with 1 when the target is missed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from waiting import until
from website import served
from website.killing import ROOT, Person

SITE = served.benchmark("site")

TARGET, ROUNDS = 2.0, 100
ROLE = "child_health_doctor"


def made(folder: Path, children: int) -> Path:
    """A data folder of so many children."""
    command = [sys.executable, "-m", "qingmiao.cli", "demo-data", "--out", str(folder), "--children", str(children)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder


def asked(person: Person, paths: list[str]) -> float:
    """The 95th percentile of the seconds that the pages took, in turn, ROUNDS times."""
    seconds = []
    for n in range(ROUNDS):
        began = time.perf_counter()
        status, _, text = person.ask("GET", paths[n % len(paths)])
        seconds.append(time.perf_counter() - began)
        assert status == 200, text[:300]
    return float(np.percentile(seconds, 95))


ALONE = """
import json, resource, sys, time
from qingmiao.site.config import process
process.set_up()
from importlib import import_module
module, _, name = sys.argv[1].partition(":")
began = time.perf_counter()
made = getattr(import_module(module), name)()
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"s": round(time.perf_counter() - began, 1), "cpu_s": round(used.ru_utime + used.ru_stime, 1),
                  "peak_mb": used.ru_maxrss // 1024, "made": made}))
"""
CHORES = {
    "due": "qingmiao.site.apps.records.due_counting:count_all",
    "rolls": "qingmiao.site.apps.records.rolls.publishing:publish_waiting",
}


def alone(home: Path, function: str) -> dict[str, float]:
    """What a function of the site takes in a process of its own."""
    command = [sys.executable, "-c", ALONE, function]
    around = served.surroundings(
        QINGMIAO_HOME=str(home), QINGMIAO_MODE="demo", QINGMIAO_PACK=str(ROOT / "content" / "xiangning"),
        DJANGO_SETTINGS_MODULE="qingmiao.site.config.settings",
        DATABASE_URL=f"postgresql://postgres@/qingmiao?host={home / 'postgres'}",
    )  # fmt: skip
    done = subprocess.run(command, check=True, cwd=ROOT, env=around, stdout=subprocess.PIPE)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by way of `finally`: no site is left behind
    children = int((sys.argv[1:] or ["45000"])[0])
    folder = Path(tempfile.mkdtemp(prefix="qingmiao-children-"))
    data = Path(sys.argv[2]).resolve() if sys.argv[2:] else made(folder / "data", children)
    port, log = SITE.free_port(), (folder / "log").open("w")
    site = subprocess.Popen(
        served.command(folder / "home", data, port), env=served.surroundings(QINGMIAO_RATE="1000"), cwd=ROOT,
        stdout=log, stderr=log,
    )  # fmt: skip
    try:

        def ready() -> bool:
            assert site.poll() is None, (folder / "log").read_text("utf-8")[-2000:]
            return bool(SITE.answers(port, "/health/ready"))

        began = time.monotonic()
        until(ready, told=lambda: "the site did not start")
        started = time.monotonic() - began
        address = f"postgresql://postgres@/qingmiao?host={folder / 'home' / 'postgres'}"
        with psycopg.connect(address) as connection:
            count = connection.execute("SELECT count(*) FROM records_child").fetchall()[0][0]
            records = connection.execute("SELECT count(*) FROM records_record").fetchall()[0][0]
            some = "SELECT id FROM records_child WHERE state = 'here' ORDER BY id DESC LIMIT 2000"
            numbers = [
                n for (n,) in connection.execute(f"SELECT id FROM ({some}) t WHERE id %% 100 = 0", []).fetchall()
            ]
        accounts = json.loads((folder / "home-accounts.json").read_text("utf-8"))
        person = Person(port, next(a for a in accounts if a["role"] == ROLE)).log_in()
        pages = {
            "plain": ["/account/sessions"], "list": ["/records/"], "child": [f"/records/{n}" for n in numbers],
            "work": ["/records/work", "/records/work?list=due", "/records/work?list=found"],
        }  # fmt: skip
        for paths in pages.values():
            person.ask("GET", paths[0])
        counted = {"due": alone(folder / "home", CHORES["due"])}
        found = {name: asked(person, paths) for name, paths in pages.items()}
        counted["rolls"] = alone(folder / "home", CHORES["rolls"])
    finally:
        site.send_signal(signal.SIGTERM)
        site.wait(60)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)
    ratios = {name: round(found[name] / found["plain"], 2) for name in found if name != "plain"}
    missed = [name for name, ratio in ratios.items() if ratio > TARGET]
    line = {
        "name": "children", "children": count, "records": records, "started_s": round(started, 1),
        "p95_s": {name: round(s, 4) for name, s in found.items()}, "ratios": ratios, "target": TARGET, "missed": missed,
        "alone": counted,
        "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False))
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
