"""Figures as people write them: read exactly, with unit and bound; everything else told apart with its own advice."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingmiao.kernel.figure_texts import (
    FigureError,
    plain_figure,
    quoted,
    read_double,
    read_figure,
    same_unit,
    seen,
)

READ = {
    "12.5": ("12.5", "", ""), "１２．５": ("12.5", "", ""), "１４．０": ("14.0", "", ""), "1,234": ("1234", "", ""),
    "1 234 567": ("1234567", "", ""), "12。5": ("12.5", "", ""), "－5": ("-5", "", ""), "−5": ("-5", "", ""),
    "+3": ("3", "", ""),
    ".5": ("0.5", "", ""), "-0.0": ("0.0", "", ""), "3.3000000000000003": ("3.3", "", ""), "95.0": ("95.0", "", ""),
    "95%": ("95", "%", ""), "95％": ("95", "%", ""), "95 %": ("95", "%", ""), "3.2‰": ("3.2", "‰", ""),
    "12人": ("12", "人", ""),
    ">99": ("99", "", ">"), "＞99": ("99", "", ">"), "> 99": ("99", "", ">"), "<1.68": ("1.68", "", "<"),
    "＜1.68": ("1.68", "", "<"),
    ">=95": ("95", "", ">="), "≥95": ("95", "", ">="), "≥ 95%": ("95", "%", ">="), "95以上": ("95", "", ">="),
    "95%以上": ("95", "%", ">="), "95及以上": ("95", "", ">="), "95（含）以上": ("95", "", ">="), "不低于95": ("95", "", ">="),
    "至少95": ("95", "", ">="), "超过99": ("99", "", ">"), "高于99": ("99", "", ">"), "≤5": ("5", "", "<="),
    "5以下": ("5", "", "<="),
    "5以内": ("5", "", "<="), "不超过5": ("5", "", "<="), "不到5": ("5", "", "<"), "低于5": ("5", "", "<"),
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_what_is_a_figure(text: str) -> None:
    figure = read_figure(text)
    assert figure is not None
    assert (str(figure.value), figure.unit, figure.bound) == READ[text]


@pytest.mark.parametrize("text", ["", " ", "　", "\u200b", "\ufeff "])
def test_a_blank_is_nothing(text: str) -> None:
    assert read_figure(text) is None


REFUSED = {
    "约95": "约数", "95左右": "约数", "95.0（预计）": "约数", "近95": "约数", "≈95": "约数", "95余": "约数",
    "—": "不是数", "——": "不是数", "…": "不是数", "……": "不是数", "无": "不是数", "/": "不是数", "-": "不是数", "缺": "不是数",
    "NA": "不是数", "NaN": "不是数", "inf": "不是数", "-inf": "不是数", "Infinity": "不是数", "∞": "不是数", "null": "不是数",
    "#DIV/0!": "公式出错", "#REF!": "公式出错", "#N/A": "不是数", "#VALUE!": "公式出错", "#NAME?": "公式出错",
    "2024-01-05": "日期", "2024年1月5日": "日期", "2024/1/5": "日期", "1e5": "科学计数法", "1e400": "科学计数法",
    "1.42E+17": "科学计数法", "1e200000000": "科学计数法", "0e-200000000": "科学计数法", "90-95": "不是一个数", "90%~95%": "不是一个数",
    "3/5": "不是一个数", "142622199001011234": "太大", "1000000000000": "太大", "1,5": "不是数", "1,23,456": "不是数",
    "12 34": "不是数", "1.2.3": "不是数", "--1": "不是数", "0x10": "不是数", "1_000": "不是数", "一百": "不是数", "①": "不是数",
    "٣": "不是数", "𝟗": "不是数", "(5)": "不是数", "9" * 5_000: "不是数", "x" * 5_000_000: "不是数",
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=lambda t: t[:20])
def test_what_is_no_figure_and_why(text: str) -> None:
    with pytest.raises(FigureError, match=REFUSED[text]) as error:
        read_figure(text)
    assert error.value.hint
    assert len(error.value.message) < 100


def test_a_plain_figure_has_neither_unit_nor_bound() -> None:
    assert plain_figure("１２．５") == Decimal("12.5")
    assert plain_figure(" ") is None
    for text, told in ((">99", "界限"), ("12人", "带着单位"), ("95%", "带着单位")):
        with pytest.raises(FigureError, match=told):
            plain_figure(text)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (3.3000000000000003, "3.3"), (0.1 + 0.2, "0.3"), (sum([0.1] * 10), "1"), (sum([0.1] * 100), "10"),
        (0.3 - 0.1 - 0.2, "0"),
        (12345678.91 + 1e-9, "12345678.91"), (1.0, "1"), (0.95, "0.95"), (1 / 3, "0.333333333333333"),
        (12345678901.23, "12345678901.23"),
        (0.1234567, "0.1234567"), (-2.2000000000000006, "-2.2"), (1e-300, "0"),
    ],
)  # fmt: skip
def test_a_spreadsheets_double_is_what_people_see(number: float, shown: str) -> None:
    assert str(read_double(number)) == shown


@pytest.mark.parametrize("number", [float("inf"), float("nan"), 1e12, 1e15, -1e15, 1.42622199001011e17, 1e308])
def test_a_double_that_is_no_figure(number: float) -> None:
    with pytest.raises(FigureError):
        read_double(number)


@given(st.lists(st.decimals("0", "99999", places=2), min_size=2, max_size=60))
def test_a_sum_in_doubles_is_the_sum_of_the_decimals(parts: list[Decimal]) -> None:
    assert read_double(sum(float(p) for p in parts)) == sum(parts)


@given(st.decimals("-999999", "999999", places=6))
def test_what_has_six_decimals_stays(value: Decimal) -> None:
    assert seen(value) == value
    assert read_double(float(value)) == value


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_quotient_keeps_fifteen_digits(top: int, bottom: int) -> None:
    exact = Fraction(top, bottom)
    assert abs(Fraction(read_double(top / bottom)) - exact) <= exact * Fraction(1, 10**13)


def test_units_have_several_spellings() -> None:
    for one, other in (("％", "%"), ("1/10万", "/10万"), ("每10万", "1/10万"), ("1/100000", "1/10万"), ("十万分之", "1/10万"),
                       ("百分比", "%"), ("千分率", "‰"), ("每千人口", "1/千人口"), (" 人 ", "人"), ("1/万", "每万")):  # fmt: skip
        assert same_unit(one, other), (one, other)
    for one, other in (
        ("%", "‰"),
        ("1/10万", "1/万"),
        ("人", "人次"),
        ("万元", "元"),
        ("%", "百分点"),
        ("1/10万", "%"),
    ):
        assert not same_unit(one, other), (one, other)


def test_quotes_are_short_and_repeat_no_identity_number() -> None:
    assert quoted("142622199001011234") == "「142…」"
    assert quoted("甲" * 100) == f"「{'甲' * 30}…」"
    assert quoted("a\x00b") == "「a\ufffdb」"
