"""The table of cases as XPath: "is true", "is false" and the value agree with Python, also where answers are
missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from small_xpath import truth, xpath
from test_cases import CASES, COLUMNS, NAMES, row

from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import check_types, parse
from qingmiao.forms.xpath import XPath
from qingmiao.kernel.errors import UserError

COMPILER = XPath(COLUMNS)


def held(value: Any) -> str:
    """An answer as programs for XLSForm hold it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_each_case(case: dict[str, Any]) -> None:
    tree = parse(case["expr"])
    if (check_types(tree, COLUMNS) == "text" and "least" in case["expr"]) or orders_texts(case["expr"]):
        with pytest.raises(UserError, match="XLSForm 不能比较文字的大小"):
            COMPILER.calculation(tree)
        return
    given = row(case)
    answers = {k: held(v) for k, v in given.items()}
    expected = evaluate(tree, given) if "in_doubles" not in case else case["in_doubles"]
    got = xpath(COMPILER.calculation(tree), answers)
    if check_types(tree, COLUMNS) == "boolean":
        assert truth(xpath(COMPILER.is_true(tree), answers)) is (expected is True)
        assert truth(xpath(COMPILER.is_false(tree), answers)) is (expected is False)
        assert got == held(expected)
    elif expected is None:
        assert got == ""
    elif isinstance(expected, int | Decimal | float):
        assert float(got) == pytest.approx(float(expected))
    else:
        assert str(got) == str(expected)
    assert truth(xpath(COMPILER.present(tree), answers)) is (expected is not None)


def orders_texts(text: str) -> bool:
    return any(part in text for part in ("t < ", "t between '"))


TIMES = XPath({"at": "text"}, frozenset({"at"}))


@pytest.mark.parametrize(
    ("text", "at", "true", "false"),
    [
        ("at < '09:00'", "08:30:00.000+08:00", True, False), ("at < '09:00'", "09:00", False, True),
        ("at between '08:00' and '17:30'", "17:31", False, True), ("at = '08:30'", "08:30:00.000+08:00", True, False),
        ("at < '09:00'", "", False, False),
    ],
)  # fmt: skip
def test_times_of_day_are_ordered(text: str, at: str, true: bool, false: bool) -> None:
    tree = parse(text)
    assert truth(xpath(TIMES.is_true(tree), {"at": at})) is true
    assert truth(xpath(TIMES.is_false(tree), {"at": at})) is false


def test_texts_with_quotes() -> None:
    text = "t = 'a''b\"c'"
    assert xpath(COMPILER.is_true(parse(text)), {"t": "a'b\"c"}) is True


def test_the_day_of_a_date_is_a_date() -> None:
    assert xpath(COMPILER.calculation(parse("date '2024-02-29'")), {}) == date(2024, 2, 29)
