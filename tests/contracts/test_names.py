"""One word, one thing: no two classes of the house have one name, and none takes the name of one of Python's own."""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from pathlib import Path

SRC = Path(__file__).parents[2] / "src" / "qingmiao"
ALLOWED = {"Migration": "Django finds a migration by this name"}
"""Names that several modules must use, with the reason. It only shrinks."""


def classes() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(SRC.rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found[node.name].append(path.relative_to(SRC).as_posix())
    return found


def test_no_two_classes_share_a_name() -> None:
    twice = {name: where for name, where in classes().items() if len(where) > 1 and name not in ALLOWED}
    assert not twice, f"one word, one thing (GLOSSARY.md): rename all but one, or each: {twice}"


def test_no_class_takes_the_name_of_a_builtin() -> None:
    assert {name: where for name, where in classes().items() if hasattr(builtins, name)} == {}


def test_the_allowed_names_are_still_needed() -> None:
    found = classes()
    assert [name for name in ALLOWED if len(found.get(name, [])) < 2] == []
    assert len(found) > 400, "the classes were found at all"
