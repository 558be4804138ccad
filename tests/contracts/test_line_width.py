"""No line of Python or of a template is wider than 120 characters; what still is, is listed and can only shrink."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
WIDTH = 120
LEFT = Path(__file__).with_name("wide_lines.txt")
"""File and number of wide lines, one a row: the files that were wide before this rule. Shorten one, and its row
shrinks."""


def wide() -> dict[str, int]:
    listed = subprocess.run(
        ["git", "ls-files", "--", "*.py", "*.html"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    counts = {n: sum(len(x) > WIDTH for x in (ROOT / n).read_text("utf-8").split("\n")) for n in files}
    return {name: count for name, count in counts.items() if count}


def allowed() -> dict[str, int]:
    rows = (row.split(" ", 1) for row in LEFT.read_text("utf-8").splitlines())
    return {name: int(count) for count, name in rows}


def test_no_file_has_more_wide_lines_than_it_had() -> None:
    left = allowed()
    assert {name: count for name, count in wide().items() if count > left.get(name, 0)} == {}


def test_the_list_shrinks_with_the_lines() -> None:
    found = wide()
    assert {n: c for n, c in allowed().items() if found.get(n, 0) < c} == {}, (
        "write the smaller number, or drop the row"
    )
