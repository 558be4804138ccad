"""No line of Python or of a template is wider than 120 characters."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
WIDTH = 120


def test_no_line_is_wider() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--", "*.py", "*.html"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    assert len(files) > 1000, "git lists the files of the tree"
    wide = [
        f"{name}:{number}"
        for name in files
        for number, line in enumerate((ROOT / name).read_text("utf-8").split("\n"), 1)
        if len(line) > WIDTH
    ]
    assert wide == []
