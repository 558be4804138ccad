"""A tag of a template begins and ends on one line: Django shows one that does not as it stands, to whoever reads the
page."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "src" / "qingmiao"
WHOLE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}")
PART = re.compile(r"\{[%{#]|%\}|#\}")


def torn(line: str) -> bool:
    """Whether a tag begins in the line and does not end in it, or the other way round."""
    return PART.search(WHOLE.sub("", line)) is not None


def test_no_tag_goes_over_the_end_of_a_line() -> None:
    found, seen = [], 0
    for path in sorted(TEMPLATES.rglob("*.html")):
        lines = path.read_text("utf-8").splitlines()
        seen += len(lines)
        found += [f"{path.relative_to(ROOT)}:{n}: {x}" for n, x in enumerate(lines, 1) if torn(x)]
    assert found == []
    assert seen > 1000
