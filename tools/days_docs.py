"""Writes docs/reference/days-of-records.md and days-of-casework.md: the days walked in a browser, clicks counted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WALKS = (
    "tests/website/browser/test_days.py",
    "tests/website/browser/test_case_days.py",
    "tests/website/browser/test_case_days_help.py",
)

if __name__ == "__main__":
    surroundings = {**os.environ, "QINGMIAO_WRITE_DAYS": "1"}
    sys.exit(subprocess.run([sys.executable, "-m", "pytest", *WALKS, "-q"], cwd=ROOT, env=surroundings).returncode)
