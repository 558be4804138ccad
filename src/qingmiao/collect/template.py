"""The Excel template of a return: title, form number, row and column codes, input cells, computed cells locked.

A hidden sheet names form, version, period, area and unit; on reading, cells are matched by code, never by position.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from qingmiao.content.returns import Return, expand
from qingmiao.kernel.periods import Period

META_SHEET = "_qingmiao"
DATA_SHEET = "报表"
CODE_WORD = "代码"
_CELL = re.compile(r"\[([A-Za-z0-9*]+)\.([A-Za-z0-9*]+)\]")
FIRST_ROW = 6
FIRST_COLUMN = 2


@dataclass(frozen=True)
class TemplateSubject:
    """What a template is for: year, area (code and name) and the reporting unit."""

    year: int
    area: str
    area_name: str
    organisation: str


def write_template(
    form: Return,
    filled: TemplateSubject,
    to: Path | BinaryIO,
    *,
    values: Mapping[str, float] | None = None,
    referenced: Mapping[str, float] | None = None,
) -> None:
    """Write the template of one return for one area and year to a file or a buffer.

    `values` ("row.column" → number) fill white input cells; `referenced` are figures taken from another accepted
    return: light blue and locked, as computed cells are blue and locked. The hidden sheet says form, version, year,
    area and unit.
    """
    values, referenced = values or {}, referenced or {}
    book = xlsxwriter.Workbook(str(to) if isinstance(to, Path) else to, {"in_memory": True})
    # a fixed date: the same sheet is the same bytes, whenever it is written
    made = datetime(filled.year, 12, 31, tzinfo=UTC)
    book.set_properties({"title": f"{form.form_no} {form.label.zh}", "created": made})
    styles = _styles(book)
    sheet = book.add_worksheet(DATA_SHEET)
    _heading(sheet, styles, form, filled)
    computed = {c: f.formula for f in form.computed for c in expand(f.cell, form)}
    blocked = {c for b in form.blocked for c in expand(b, form)}
    at = {
        f"{r.code}.{c.code}": (FIRST_ROW + i, FIRST_COLUMN + j)
        for i, r in enumerate(form.rows)
        for j, c in enumerate(form.columns)
    }
    for i, row in enumerate(form.rows):
        sheet.write(FIRST_ROW + i, 0, row.label.zh, styles[f"label{row.indent}"])
        sheet.write_string(FIRST_ROW + i, 1, row.code, styles["code"])
        for column in form.columns:
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
    end = FIRST_ROW + len(form.rows)
    for i, note in enumerate((*form.notes, f"依据：{form.source.document}")):
        sheet.write(end + 1 + i, 0, note, styles["note"])
    sheet.protect("", {"select_locked_cells": True, "format_columns": True})
    sheet.freeze_panes(FIRST_ROW, FIRST_COLUMN)
    sheet.set_column(0, 0, 42)
    sheet.set_column(1, 1, 8)
    sheet.set_column(2, 1 + len(form.columns), 14)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    _meta(book, form, filled)
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


def _heading(sheet: Any, styles: dict[str, Any], form: Return, filled: TemplateSubject) -> None:
    last = 1 + len(form.columns)
    sheet.merge_range(0, 0, 0, last, form.label.zh, styles["title"])
    sheet.write(1, 0, f"表号：{form.form_no}", styles["small"])
    sheet.write(2, 0, f"制定机关：{form.issued_by}　{form.approval}", styles["small"])
    period = Period(form.period, filled.year)
    sheet.write(
        3,
        0,
        f"填报单位：{filled.organisation}　地区：{filled.area_name}（{filled.area}）　报告期：{period}",
        styles["small"],
    )
    sheet.write(4, 0, "项目", styles["head"])
    sheet.write(4, 1, "", styles["head"])
    sheet.write(5, 0, "甲", styles["head"])
    sheet.write(5, 1, CODE_WORD, styles["head"])
    for j, column in enumerate(form.columns):
        unit = f"（{column.unit}）" if column.unit else ""
        sheet.write(4, FIRST_COLUMN + j, f"{column.label.zh}{unit}", styles["head"])
        sheet.write_string(5, FIRST_COLUMN + j, column.code, styles["head"])


def _meta(book: xlsxwriter.Workbook, form: Return, filled: TemplateSubject) -> None:
    meta = book.add_worksheet(META_SHEET)
    for i, (key, value) in enumerate(
        [
            ("return", form.id),
            ("version", str(form.version)),
            ("year", str(filled.year)),
            ("area", filled.area),
            ("organisation", filled.organisation),
        ]
    ):
        meta.write_string(i, 0, key)
        meta.write_string(i, 1, value)
    meta.very_hidden()


def _excel(formula: str, cell: str, at: dict[str, tuple[int, int]]) -> str:
    row, _, column = cell.partition(".")

    def place(m: re.Match[str]) -> str:
        code = f"{row if m[1] == '*' else m[1]}.{column if m[2] == '*' else m[2]}"
        return str(xl_rowcol_to_cell(*at[code]))

    return "=" + _CELL.sub(place, formula)
