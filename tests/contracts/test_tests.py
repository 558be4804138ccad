"""What the tests promise about themselves: they can fail, wait for events, and ask for the order that they assert."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
FILES = sorted(p for p in TESTS.rglob("*.py") if "data" not in p.parts)


def walked() -> Iterator[tuple[str, ast.AST]]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            yield f"{path.relative_to(TESTS)}:{getattr(node, 'lineno', 0)}", node


def is_a_comparison(node: ast.AST) -> bool:
    """Something that can be false: a comparison, a negation, a call, a constant; not a bare name that is merely
    there."""
    return not isinstance(node, ast.Name | ast.Attribute | ast.List | ast.Tuple | ast.Dict | ast.JoinedStr)


def test_no_assertion_is_true_whatever_happens() -> None:
    """`assert a == b or rows` holds as soon as there are rows; `assert (x, "why")` always."""
    bad = []
    for where, node in walked():
        if not isinstance(node, ast.Assert):
            continue
        if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or):
            bad += [where for part in node.test.values if not is_a_comparison(part)]
        if isinstance(node.test, ast.Tuple | ast.List | ast.JoinedStr):
            bad.append(where)
        if isinstance(node.test, ast.Constant) and node.test.value:
            bad.append(where)
    assert bad == []


def test_the_long_files_that_begin_first_are_there_and_make_test_keeps_their_order() -> None:
    names = re.findall(r"\"(test_\w+)\"", (TESTS / "conftest.py").read_text("utf-8"))
    assert len(names) >= 10
    assert set(names) <= {p.stem for p in FILES}
    makefile = (TESTS.parent / "Makefile").read_text("utf-8")
    runs = re.findall(r"^\t@\.venv/bin/pytest .* -m (long|\"not long\")$", makefile, re.M)
    assert sorted(runs) == ['"not long"', "long"]
    assert makefile.count("--no-loadscope-reorder") == 2


def test_no_assertion_hangs_on_a_clock() -> None:
    """A limit in seconds is a claim about the machine: waiting.ENDS is the only one, and far away."""
    clock = re.compile(r"timeout=\d|(monotonic|perf_counter)\(\) - \w+ *[<>] *[\d(]|\.(wait|join)\(\d|wait_for_timeout")
    bad = [
        f"{path.relative_to(TESTS)}:{number}"
        for path in FILES
        if path.name not in ("waiting.py", Path(__file__).name)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if clock.search(line)
    ]
    assert bad == []


def test_what_is_compared_in_order_was_asked_for_in_order() -> None:
    """PostgreSQL promises no order without ORDER BY."""
    bad = []
    for where, node in walked():
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Assign):
            sides = [node.value]
        else:
            continue
        for side in sides:
            lists = isinstance(side, ast.ListComp) or (
                isinstance(side, ast.Call) and isinstance(side.func, ast.Name) and side.func.id == "list"
            )
            text = ast.unparse(side)
            if lists and ".objects." in text and "order_by" not in text:
                bad.append(where)
    assert bad == []
