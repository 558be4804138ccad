"""The benchmark of the facts runs in the small: late facts are measured as everything is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from waiting import ENDS

ROOT = Path(__file__).resolve().parents[2]


def test_a_small_run_checks_its_values_and_prints_one_line():
    """The benchmark itself holds every late value against measuring everything and ends otherwise."""
    told = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "facts.py"), "2000", "200", "1"],
        capture_output=True,
        text=True,
        timeout=ENDS,
        cwd=ROOT,
    )
    assert told.returncode == 0, told.stderr[-2000:]
    line = json.loads(told.stdout.splitlines()[-1])
    assert (line["name"], line["rows"], line["file"]) == ("facts", 2000, 200)
    assert set(line["targets"]) == {"late_seconds", "late_share", "file_ratio"} <= set(line)
    assert 0 < line["late_publish_seconds"] < line["late_seconds"]
    assert line["peak_mb"] > 0
