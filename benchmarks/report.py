"""The report of the demonstration county: seconds and CPU of each part, peak memory, as one JSON line.

    .venv/bin/python benchmarks/report.py [DATA]

DATA is a folder of `qingmiao demo-data`; without it one is made. Peaks are of the greatest process (`peak_mb`), and of
all that make the report together, seen every 50 ms (`report_tree_mb`); the facts are read in a process of their own, as
on the site.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
YEAR, ON = 2025, date(2026, 12, 31)
PACK, FONTS = Path("content/xiangning"), Path("var/fonts")
TARGETS = {"report_seconds": 12.0, "report_tree_mb": 700}


def timed(parts: dict[str, Any], name: str, work: Callable[[], T]) -> T:
    """Run one part and note its wall and CPU seconds, children included."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    made = work()
    parts[name] = {"seconds": round(time.perf_counter() - wall, 2), "cpu": round(sum(os.times()[:4]) - cpu, 2)}
    return made


def figures(data: Path, room: Path) -> dict[str, Any]:
    """Collect, measure, assess: what the report is made from, left in `room`."""
    from qingmiao.assess.run import assess_pack
    from qingmiao.collect import collect, write_snapshot
    from qingmiao.content import load_pack
    from qingmiao.measure.run import measure
    from qingmiao.monitor import found

    parts: dict[str, Any] = {}
    pack = timed(parts, "load", lambda: load_pack(PACK))
    collected = timed(parts, "collect", lambda: collect(pack, data, on=ON))
    snapshot = timed(parts, "snapshot", lambda: write_snapshot(room / "snapshot", collected.tables))
    measured = timed(parts, "measure", lambda: measure(pack, snapshot.tables))
    told = found.found_in(pack, collected, year=YEAR, on=ON)
    findings = found.findings(measured, told.findings)
    made = timed(
        parts,
        "assess",
        lambda: assess_pack(pack, measured.values, year=YEAR, return_status=told.returns, findings=findings),
    )
    (room / "run.pickle").write_bytes(pickle.dumps((measured.values, made, snapshot.id)))
    return parts


def report(room: Path) -> dict[str, Any]:
    """Build the document and write all formats, and each format alone."""
    from qingmiao.content import load_pack
    from qingmiao.report.build import build_report
    from qingmiao.report.write import write_report

    parts: dict[str, Any] = {}
    values, assessment, snapshot = pickle.loads((room / "run.pickle").read_bytes())
    pack = load_pack(PACK)
    peak = {"tree": 0.0}
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(peak, ended))
    watch.start()
    document = timed(
        parts,
        "build",
        lambda: build_report(
            pack, values, assessment, year=YEAR, demo=True, snapshot_id=snapshot, run_id="benchmark", generated_on=ON
        ),
    )
    timed(parts, "write", lambda: write_report(document, room / "out", fonts=FONTS))
    ended.set()
    watch.join()
    for one in ("docx", "pdf", "html"):
        alone = partial(write_report, document, room / one, fonts=FONTS, formats=(one,))
        timed(parts, one, alone)
    usage = max(resource.getrusage(w).ru_maxrss for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return parts | {
        "report_seconds": round(parts["build"]["seconds"] + parts["write"]["seconds"], 2),
        "peak_mb": usage // 1024,
        "report_tree_mb": round(peak["tree"]),
    }


def _watch(peak: dict[str, float], ended: threading.Event) -> None:
    """The proportional memory of this process and its children, at its highest."""
    while not ended.wait(0.05):
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        total = 0
        for pid in (str(os.getpid()), *children):
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except OSError:
                continue  # it has just ended
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        peak["tree"] = max(peak["tree"], total / 1024)


def main() -> None:
    """Run the two halves, each in a process of its own, and print one JSON line."""
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        data = Path(sys.argv[1]) if len(sys.argv) > 1 else room / "data"
        if len(sys.argv) < 2:
            command = [sys.executable, "-m", "qingmiao.cli", "demo-data", "--out", str(data)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        parts: dict[str, Any] = {}
        for half in (("figures", str(data)), ("report",)):
            ran = subprocess.run(
                [sys.executable, __file__, "--half", str(room), *half], check=True, stdout=subprocess.PIPE, text=True
            )
            parts |= json.loads(ran.stdout.splitlines()[-1])
        print(json.dumps({"benchmark": "report", "parts": parts, "targets": TARGETS}, ensure_ascii=False))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--half"]:
        place = Path(sys.argv[2])
        print(json.dumps(figures(Path(sys.argv[4]), place) if sys.argv[3] == "figures" else report(place)))
    else:
        main()
