"""What number formats show: a table of formats as Excel and WPS write them."""

from __future__ import annotations

import pytest

from qingmiao.collect.number_formats import shown_as

PLAIN = [
    "", "General", "G/通用格式", "@", "0", "0.00", "#,##0", "#,##0.00_ ", "0.00_);[Red](0.00)",
    "_ * #,##0.00_ ;_ * -#,##0.00_ ",
    "000000", "# ?/?", "0.00E+00", "¥#,##0", '0"人"', "[DBNum1]0", "yyyy-mm-dd", '[$-804]yyyy"年"m"月"', "h:mm", "mm:ss.0",
]  # fmt: skip
MISLEADING = {
    "0%": "percent", "0.0%": "percent", "0.00%": "percent", "0.0%;-0.0%": "percent", "[Red]0.0%": "percent",
    "0.0 %": "percent",
    "0%%": "scaled", "0,": "scaled", "#,##0,": "scaled", "#,##0,,": "scaled", "0!.0,": "scaled", '0\\.0,"万"': "scaled",
    "0.0,": "scaled",
    '[>=10000]0.0,"千";0': "scaled", ";;;": "hidden", '"无"': "hidden", '0"万"': "literal", '0"%"': "literal",
    "0\\%": "literal",
    '0.0"‰"': "literal", "0.0‰": "literal", '0"0000"': "literal", '0"亿"': "literal", '0!.0"万"': "literal",
}  # fmt: skip


@pytest.mark.parametrize("code", PLAIN)
def test_formats_that_show_the_number(code: str) -> None:
    assert shown_as(code) is None


@pytest.mark.parametrize("code", MISLEADING)
def test_formats_that_show_another_number(code: str) -> None:
    shown = shown_as(code)
    assert shown is not None
    assert shown.kind == MISLEADING[code]


def test_a_negative_number_has_its_own_section() -> None:
    assert shown_as("0;0%") is None
    negative = shown_as("0;0%", negative=True)
    assert negative is not None
    assert negative.kind == "percent"
