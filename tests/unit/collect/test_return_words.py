"""What a statistical return says beside its figures, and that its workbook says it where people look for it."""

from __future__ import annotations

import io

import openpyxl
import pytest

from qingmiao.collect import return_words
from qingmiao.collect.template import TemplateSubject, write_template
from qingmiao.content.indicators import Indicator
from qingmiao.content.policy import FormMarks
from qingmiao.content.returns import Return
from qingmiao.kernel.periods import Period, PeriodKind
from qingmiao.kernel.year_texts import YearTextError, read_year

SOURCE = {"document": "虚构的统计制度", "evidence": "local"}


def a_return(units: tuple[str, str] = ("人", "人"), row_unit: str = "", note: str = "") -> Return:
    rows = [
        {"code": "01", "label": {"zh": "幼儿园"}, "unit": row_unit, "note": note},
        {"code": "02", "label": {"zh": "小学"}},
    ]
    columns = [{"code": str(i), "label": {"zh": f"第{i}栏"}, "unit": u} for i, u in enumerate(units, start=1)]
    return Return.model_validate(
        {
            "id": "F1", "form_no": "示范01表", "label": {"zh": "示范表"}, "issued_by": "县统计局", "period": "mch_year",
            "level": "county", "reporter": "office", "due": {"days": 30}, "rows": rows, "columns": columns,
            "source": SOURCE,
        }
    )  # fmt: skip


def indicator(number: str, name: str, *cells: str, return_id: str = "F1") -> Indicator:
    return Indicator.model_validate(
        {
            "id": number, "label": {"zh": name}, "unit": "%", "better": "higher", "period": "mch_year",
            "lead": "office",
            "from": f"return:{return_id}", "numerator": {"cells": list(cells)}, "formula": f"{name}的算法",
            "source": SOURCE,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("units", "own", "row", "column"),
    [
        (("人", "人"), "", "人", ("", "")),  # one unit for all: in the column of units alone
        (("人", "%"), "", "", ("人", "%")),  # by column: in the heads
        (("人", "人"), "所", "所", ("", "")),  # the row's own comes first
        (("", ""), "", "", ("", "")),
    ],
)
def test_each_unit_stands_once(units, own, row, column):
    made = a_return(units, own)
    assert return_words.row_unit(made, made.rows[0]) == row
    assert tuple(return_words.column_unit(made, c) for c in made.columns) == column


def test_rows_and_columns_mean_what_their_note_and_the_cards_say():
    """The note of the return; a card with the line that it reads whole, once; one that reads across, with its rows."""
    cards = [
        indicator("I1", "行内", "01.1", "01.2"),
        indicator("I2", "栏内", "01.2", "-02.2"),
        indicator("I3", "跨行", "01.1", "02.2"),
    ]
    other = indicator("I4", "别的表", "01.1", return_id="F2")
    told = return_words.explanations(a_return(note="含民办园"), {i.id: i for i in (*cards, other)})
    assert [(e.label, e.words) for e in told] == [
        ("幼儿园", "含民办园"), ("幼儿园", "行内：行内的算法"), ("第2栏", "栏内：栏内的算法"), ("幼儿园、小学", "跨行：跨行的算法"),
    ]  # fmt: skip
    assert [e.source is None for e in told] == [True, False, False, False]


def test_the_workbook_bears_marks_units_signatures_and_meanings():
    out = io.BytesIO()
    local = FormMarks(
        document="演统字〔2024〕1号", approval="演备〔2024〕2号", valid_until="2026年12月", collated_by="县统计局"
    )
    who = TemplateSubject(
        2024,
        "990001",
        "示例县",
        "卫生健康局",
        local,
        {"填表人": "演示·张"},
        {"I1": indicator("I1", "行内", "01.1", "01.2")},
    )
    write_template(a_return(), who, out)
    sheet = openpyxl.load_workbook(out)["报表"]
    text = "\n".join(str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None)
    for said in (
        "表号：示范01表", "制定机关：县统计局", "文号：演统字〔2024〕1号", "批准机关：＿＿＿＿", "批准文号：演备〔2024〕2号",
        "有效期至：2026年12月", "综合机关名称：县统计局", "填报单位：卫生健康局", "报告期：2024年度（2023年10月—2024年9月）",
        "计量单位", "单位负责人：＿＿＿＿＿", "填表人：演示·张", "填表人联系电话：", "报出日期：", "指标解释：",
        "幼儿园　行内：行内的算法（依据：虚构的统计制度",
    ):  # fmt: skip
        assert said in text
    assert [sheet.cell(7, c).value for c in (1, 2, 3)] == ["幼儿园", "人", "01"]


@pytest.mark.parametrize("kind", PeriodKind)
def test_a_written_period_reads_back(kind):
    assert read_year(Period(kind, 2024).written, kind) == 2024


@pytest.mark.parametrize("text", ["2024年度（2022年10月—2023年9月）", "2024年度（2023年1月—2023年12月）"])
def test_a_year_with_other_months_is_no_year(text):
    with pytest.raises(YearTextError):
        read_year(text, PeriodKind.MCH_YEAR)
