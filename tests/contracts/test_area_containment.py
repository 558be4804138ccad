"""Whether an area lies in another is asked of `kernel.areas.lies_in` alone: nothing compares beginnings of codes."""

from __future__ import annotations

import ast
from pathlib import Path

SITE = Path(__file__).parents[2] / "src" / "qingmiao" / "site"


def compared(source: str) -> list[int]:
    """Lines with `x.startswith(…area…)` or a filter `…area…__startswith` that is not given a `stem(…)`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "startswith":
            if any("area" in ast.unparse(x) for x in (node.func.value, *node.args)):
                found.append(node.lineno)
        elif isinstance(node, ast.keyword) and "area" in (name := str(node.arg)) and name.endswith("__startswith"):
            found += [] if ast.unparse(node.value).startswith("stem(") else [node.value.lineno]
    return found


def test_the_site_asks_one_function_whether_an_area_lies_in_another() -> None:
    wrong = {str(p.relative_to(SITE)): lines for p in SITE.rglob("*.py") if (lines := compared(p.read_text("utf-8")))}
    assert wrong == {}


def test_a_comparison_of_beginnings_is_found() -> None:
    assert compared("a = unit.area_id.startswith(self.area)\nQ(area__code__startswith=h.area)\n") == [1, 2]
    assert compared("Q(area__code__startswith=stem(h.area))\npath.startswith('/static')\n") == []
