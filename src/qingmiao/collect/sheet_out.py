"""Records written in a layout of lists (`content.sheets`): the very sheet that could have been uploaded.

The headings stand in the first row and in the layout's order; every cell is what the reader reads as that answer. Who
exported it, when and for what stands on a second sheet, which is passed over when the file is uploaded again.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from qingmiao.collect.child_sheets import Codes, choices_of
from qingmiao.collect.sheet_values import writer
from qingmiao.collect.table_child import REMARKS
from qingmiao.content.sheets import ListColumn, ListLayout
from qingmiao.forms.ready import ReadyField, ReadyForm

SHEET = "名单"
DIGITS = 15
"""So many digits Excel keeps of a number; a longer one is written as text."""


@dataclass(frozen=True)
class ListedPerson:
    """A child and one record as a list says them. `says`: word of a column (`PersonWord`) → what it says, codes as they
    are; `answers`: the record's, as they are stored."""

    says: Mapping[str, Any]
    answers: Mapping[str, Any]


def columns(
    layout: ListLayout, ready: ReadyForm, people: Sequence[ListedPerson], codes: Codes
) -> list[list[str]]:  # fmt: skip
    """The text of every cell below the headings, a list a column; "" for what is not known or not answered.

    Each different answer of a column is written once.
    """
    fields = {one.id: one for one in ready.every()}
    return [_column(c, fields.get(c.field or ""), people, codes) for c in layout.columns]


def _column(
    column: ListColumn, field: ReadyField | None, people: Sequence[ListedPerson], codes: Codes
) -> list[str]:  # fmt: skip
    if field is not None:
        write, values = writer(column, choices_of(field)), [p.answers.get(column.field or "") for p in people]
    else:
        write = writer(column, codes.get(column.says or "", {}))
        values = [p.says.get(column.says or "") for p in people]
    known: dict[str, str] = {"": ""}
    made = []
    for value in values:
        text = plain_text(value)
        if text not in known:
            known[text] = write(text)
        made.append(known[text])
    return made


def plain_text(value: Any) -> str:
    """A stored answer as people type it: 是 and 否, days as 2026-03-01, several codes parted by commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    return value.isoformat() if isinstance(value, date) else str(value)


def workbook(layout: ListLayout, ready: ReadyForm, cells: Sequence[Sequence[str]], told: Mapping[str, str]) -> bytes:
    """The list as .xlsx, with a sheet that tells of the export. `told`: what → how it is, in Chinese.

    Numbers of fields that are numbers are numbers; all else is text, so that nothing is ever read as a formula.
    """
    import xlsxwriter

    fields = {one.id: one for one in ready.every()}
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    bold, line = book.add_format({"bold": True}), "　".join(f"{k}：{v}" for k, v in told.items())
    sheet = book.add_worksheet(SHEET)
    sheet.set_footer(f"&C&8{line[:200].replace('&', '&&')}")
    sheet.freeze_panes(1, 0)
    for n, (column, texts) in enumerate(zip(layout.columns, cells, strict=True)):
        sheet.write_string(0, n, column.heading, bold)
        field = fields.get(column.field or "")
        numeric = field is not None and field.type in ("number", "integer") and not column.time
        for row, text in enumerate(texts, start=1):
            if numeric and text and sum(c.isdigit() for c in text) <= DIGITS:
                sheet.write_number(row, n, float(text))
            elif text:
                sheet.write_string(row, n, text)
        sheet.set_column(n, n, max(10, 2 * len(column.heading) + 2))
    remarks = book.add_worksheet(REMARKS[1])
    for row, (what, how) in enumerate(told.items()):
        remarks.write_string(row, 0, what, bold)
        remarks.write_string(row, 1, how)
    remarks.set_column(0, 0, 16)
    remarks.set_column(1, 1, 60)
    book.set_properties({"title": layout.label.zh, "comments": line[:250]})
    book.close()
    return out.getvalue()
