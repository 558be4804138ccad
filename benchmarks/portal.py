"""The public portal with 200 connections on the demonstration county, against a bare Django view on the same server,
and what happens when a new edition appears while all ask.

python benchmarks/portal.py [CONNECTIONS=200] [REQUESTS=4000] [DATA=made anew]   (DATA: made by `qingmiao demo-data`)
Target: the p95 of a page at most 1.3 times that of the bare view. Ends with one JSON line.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from website import served
from website.killing import ROOT

HERE = Path(__file__).resolve().parent
ROUNDS = 7
PAGES = {"overview": "/portal/zh/index.html", "indicator": "/portal/zh/indicators/health.imr.html"}
BARE = ("--interface", "wsgi", "--host", "127.0.0.1", "--workers", "1", "--blocking-threads", "8", "--backlog", "1024",
        "--no-ws", "--log-level", "warning")  # fmt: skip

found = importlib.util.spec_from_file_location("site_benchmark", HERE / "site.py")
assert found is not None
assert found.loader is not None
site_benchmark = importlib.util.module_from_spec(found)
found.loader.exec_module(site_benchmark)


def main() -> None:
    connections, requests = int((sys.argv[1:] or ["200"])[0]), int((sys.argv[2:] or ["4000"])[0])
    folder = Path(tempfile.mkdtemp(prefix="qingmiao-bench-"))
    data = Path(sys.argv[3]).resolve() if sys.argv[3:] else site_benchmark.demo_data(folder / "data")
    port, bare_port = site_benchmark.free_port(), site_benchmark.free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    site = subprocess.Popen(
        served.command(folder / "home", data, port), env=served.surroundings(QINGMIAO_RATE="1000"), cwd=ROOT, **quiet
    )  # fmt: skip
    command = [sys.executable, "-m", "granian", *BARE, "--port", str(bare_port), "bare_site:application"]
    bare = subprocess.Popen(command, cwd=HERE, **quiet)
    asked = {"bare": (bare_port, "/"), **{name: (port, path) for name, path in PAGES.items()}}
    try:
        began = time.monotonic()
        while not all(site_benchmark.answers(*where) for where in asked.values()):
            assert site.poll() is None, "the site ended"
            assert time.monotonic() - began < 1200, "no public edition"
            time.sleep(0.5)
        for where in asked.values():
            site_benchmark.measure(*where, "", connections, 400)  # warm
        rounds = [
            {name: site_benchmark.measure(*where, "", connections, requests) for name, where in asked.items()}
            for _ in range(ROUNDS)
        ]
    finally:
        for process in (site, bare):
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)
    # Each page against the bare view of its own round: the machine is shared, and its good moments come and go.
    ratios = {name: sorted(round(r[name]["p95"] / r["bare"]["p95"], 2) for r in rounds) for name in PAGES}
    middle = {name: sorted((r[name] for r in rounds), key=lambda m: m["p95"])[ROUNDS // 2] for name in asked}
    line = {
        "name": "portal", "connections": connections, "requests": requests, **middle, "rounds": ROUNDS,
        "p95_ratios": {name: all_[ROUNDS // 2] for name, all_ in ratios.items()},
        "p95_ratios_range": {name: [all_[0], all_[-1]] for name, all_ in ratios.items()}, "target": 1.3,
        "seed": 1, "versions": {p: version(p) for p in ("django", "granian", "psycopg")},
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
