"""The Excel template of a return: title, marks, units, row and column codes, input cells, computed cells locked,
signatures, what rows and columns mean.

A hidden sheet names return, version, period, area and unit; on reading, cells are matched by code, never by position.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from qingmiao.collect.return_words import SIGNATURES, column_unit, explanations, marks, row_unit
from qingmiao.content.citing import cited
from qingmiao.content.indicators import Indicator
from qingmiao.content.policy import FormMarks
from qingmiao.content.returns import Return, expand
from qingmiao.kernel.periods import Period

if TYPE_CHECKING:
    import xlsxwriter

META_SHEET = "_qingmiao"
DATA_SHEET = "报表"
CODE_WORD = "代码"
_CELL = re.compile(r"\[([A-Za-z0-9*]+)\.([A-Za-z0-9*]+)\]")
FIRST_ROW = 6
FIRST_COLUMN = 3
CODE_COLUMN = 2


@dataclass(frozen=True)
class TemplateSubject:
    """What a template is for: year, area (code and name) and the reporting unit.

    `local`: the marks that the county sets; `signed`: what stands behind 单位负责人, 填表人, 报出日期 once it is known;
    `indicators`: whose cards say what rows and columns mean.
    """

    year: int
    area: str
    area_name: str
    organisation: str
    local: FormMarks = field(default_factory=FormMarks)
    signed: Mapping[str, str] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)


def write_template(
    return_: Return,
    filled: TemplateSubject,
    to: Path | BinaryIO,
    *,
    values: Mapping[str, float] | None = None,
    referenced: Mapping[str, float] | None = None,
) -> None:
    """Write the template of one return for one area and year to a file or a buffer.

    `values` ("row.column" → number) fill white input cells; `referenced` are figures taken from another accepted
    return: light blue and locked, as computed cells are blue and locked. The hidden sheet says return, version, year,
    area and unit.
    """
    import xlsxwriter

    values, referenced = values or {}, referenced or {}
    book = xlsxwriter.Workbook(str(to) if isinstance(to, Path) else to, {"in_memory": True})
    # a fixed date: the same sheet is the same bytes, whenever it is written
    made = datetime(filled.year, 12, 31, tzinfo=UTC)
    book.set_properties({"title": f"{return_.form_no} {return_.label.zh}", "created": made})
    styles = _styles(book)
    sheet = book.add_worksheet(DATA_SHEET)
    _heading(sheet, styles, return_, filled)
    computed = {c: f.formula for f in return_.computed for c in expand(f.cell, return_)}
    blocked = {c for b in return_.blocked for c in expand(b, return_)}
    at = {
        f"{r.code}.{c.code}": (FIRST_ROW + i, FIRST_COLUMN + j)
        for i, r in enumerate(return_.rows)
        for j, c in enumerate(return_.columns)
    }
    for i, row in enumerate(return_.rows):
        sheet.write(FIRST_ROW + i, 0, row.label.zh, styles[f"label{row.indent}"])
        sheet.write_string(FIRST_ROW + i, 1, row_unit(return_, row) or "—", styles["code"])
        sheet.write_string(FIRST_ROW + i, CODE_COLUMN, row.code, styles["code"])
        for column in return_.columns:
            cell = f"{row.code}.{column.code}"
            place = at[cell]
            if cell in blocked:
                sheet.write_blank(*place, None, styles["blocked"])
            elif cell in computed:
                formula = _excel(computed[cell], cell, at)
                sheet.write_formula(*place, formula, styles["computed"], values.get(cell, 0))
            elif cell in referenced:
                sheet.write_number(*place, referenced[cell], styles["referenced"])
            elif cell in values:
                sheet.write_number(*place, values[cell], styles["input"])
            else:
                sheet.write_blank(*place, None, styles["input"])
    _below(sheet, styles, return_, filled)
    sheet.protect("", {"select_locked_cells": True, "format_columns": True})
    sheet.freeze_panes(FIRST_ROW, FIRST_COLUMN)
    sheet.set_column(0, 0, 42)
    sheet.set_column(1, CODE_COLUMN, 9)
    sheet.set_column(FIRST_COLUMN, FIRST_COLUMN + len(return_.columns) - 1, 14)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.fit_to_pages(1, 0)
    _meta(book, return_, filled)
    book.close()


def _styles(book: xlsxwriter.Workbook) -> dict[str, Any]:
    base = {"font_name": "宋体", "font_size": 10.5, "valign": "vcenter"}
    line = {**base, "border": 1}
    return {
        "title": book.add_format({**base, "font_name": "黑体", "font_size": 16, "align": "center"}),
        "small": book.add_format(base),
        "head": book.add_format({**line, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#F2F2F2"}),
        "code": book.add_format({**line, "align": "center", "num_format": "@"}),
        **{f"label{n}": book.add_format({**line, "indent": n, "text_wrap": True}) for n in range(5)},
        "input": book.add_format({**line, "locked": False, "num_format": "General"}),
        "computed": book.add_format({**line, "bg_color": "#BDD7EE"}),
        "referenced": book.add_format({**line, "bg_color": "#DDEBF7"}),
        "blocked": book.add_format({**line, "bg_color": "#D9D9D9"}),
        "note": book.add_format({**base, "font_size": 9}),
    }


def _heading(sheet: Any, styles: dict[str, Any], return_: Return, filled: TemplateSubject) -> None:
    """The title, the return's marks (three a line), whose figures of when they are, the heads of the columns."""
    last = FIRST_COLUMN + len(return_.columns) - 1
    sheet.merge_range(0, 0, 0, last, return_.label.zh, styles["title"])
    said = [f"{name}：{text or '＿＿＿＿'}" for name, text in marks(return_, filled.local)]
    sheet.write(1, 0, "　　".join(said[:3]), styles["small"])
    collated = f"综合机关名称：{filled.local.collated_by or '＿＿＿＿'}"
    sheet.write(2, 0, "　　".join([*said[3:], collated]), styles["small"])
    period = Period(return_.period, filled.year).written
    whose = f"填报单位：{filled.organisation}　地区：{filled.area_name}（{filled.area}）　报告期：{period}"
    sheet.write(3, 0, whose, styles["small"])
    for j, (name, number) in enumerate((("指标名称", "甲"), ("计量单位", "乙"), ("", CODE_WORD))):
        sheet.write(FIRST_ROW - 2, j, name or "代　码", styles["head"])
        sheet.write(FIRST_ROW - 1, j, number, styles["head"])
    for j, column in enumerate(return_.columns):
        unit = column_unit(return_, column)
        head = f"{column.label.zh}（{unit}）" if unit else column.label.zh
        sheet.write(FIRST_ROW - 2, FIRST_COLUMN + j, head, styles["head"])
        sheet.write_string(FIRST_ROW - 1, FIRST_COLUMN + j, column.code, styles["head"])


def _below(sheet: Any, styles: dict[str, Any], return_: Return, filled: TemplateSubject) -> None:
    """The signatures, the notes, the source, and what rows and columns mean: all in the first column, where no figure
    is looked for."""
    signed = "　　　".join(f"{name}：{filled.signed.get(name) or '＿＿＿＿＿'}" for name in SIGNATURES)
    notes = [f"说明：{n}" for n in return_.notes]
    meanings = explanations(return_, filled.indicators)
    told = [
        f"{i}．{m.label}　{m.words}" + (f"（依据：{cited(m.source)}）" if m.source is not None else "")
        for i, m in enumerate(meanings, start=1)
    ]
    lines = [signed, *notes, f"依据：{cited(return_.source)}", *(["指标解释："] if told else []), *told]
    for i, text in enumerate(lines):
        sheet.write(FIRST_ROW + len(return_.rows) + 1 + i, 0, text, styles["note"])


def _meta(book: xlsxwriter.Workbook, return_: Return, filled: TemplateSubject) -> None:
    meta = book.add_worksheet(META_SHEET)
    for i, (key, value) in enumerate(
        [
            ("return", return_.id),
            ("version", str(return_.version)),
            ("year", str(filled.year)),
            ("area", filled.area),
            ("organisation", filled.organisation),
        ]
    ):
        meta.write_string(i, 0, key)
        meta.write_string(i, 1, value)
    meta.very_hidden()


def _excel(formula: str, cell: str, at: dict[str, tuple[int, int]]) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    row, _, column = cell.partition(".")

    def place(m: re.Match[str]) -> str:
        code = f"{row if m[1] == '*' else m[1]}.{column if m[2] == '*' else m[2]}"
        return str(xl_rowcol_to_cell(*at[code]))

    return "=" + _CELL.sub(place, formula)
