"""Write docs/reference/a-year-on-the-site.md: the year is walked in a browser (its test), which prints the page.

python tools/year_docs.py
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WALK = "tests/website/browser/test_year.py"

if __name__ == "__main__":
    words = [sys.executable, "-m", "pytest", "-q", "-x", WALK]
    raise SystemExit(subprocess.call(words, cwd=ROOT, env={**os.environ, "YEAR_WRITES": "1"}))
