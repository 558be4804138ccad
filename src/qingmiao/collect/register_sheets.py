"""A list of a register, or of cases that are to be opened, as Excel or CSV: its headings found, every row read as
answers, every fault with its cell; and the same written back.

The columns are those of the register's `layout`, then the other fields of its form by their names; what a cell says is
read by the form itself.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qingmiao.collect.child_sheets import TOP, RowFault, heading_row
from qingmiao.collect.sheet_values import plain
from qingmiao.collect.table_file import ListFile
from qingmiao.content.registers import RegisterColumn
from qingmiao.kernel.csv_out import csv_bytes
from qingmiao.registers.judging import ReadyRegister

WITHIN, NUMBER, STATE = "within", "number", "state"
"""Columns that are no fields: what an entry belongs to (by name), the identity number, where it stands."""
UNREAD = ("group", "computed", "note", "photo", "file", "signature")
"""Types of fields that no column holds."""
FAULTS = "需要改正"
"""The heading of the column of faults in a marked copy."""


@dataclass(frozen=True)
class ListedEntry:
    """A row that holds anything: its place from 0, field → text."""

    place: int
    answers: Mapping[str, str]
    within: str = ""
    number: str = ""


@dataclass(frozen=True)
class RegisterSheet:
    """A list as it was read. `columns`: place → column; `unknown`: place → heading that is none."""

    row: int
    columns: Mapping[int, RegisterColumn]
    rows: tuple[ListedEntry, ...] = ()
    unknown: Mapping[int, str] = field(default_factory=dict)
    faults: tuple[RowFault, ...] = ()

    def place(self, name: str) -> int:
        """The place of the column of a field; -1 where there is none."""
        return next((c for c, one in self.columns.items() if one.field == name), -1)


def columns_of(ready: ReadyRegister) -> tuple[RegisterColumn, ...]:
    """Every column of a register's list."""
    said = {c.field for c in ready.kind.layout}
    used = {h for c in ready.kind.layout for h in (c.heading, *c.also)}
    more = [
        RegisterColumn(heading=f.field.words[:60], field=f.id)
        for f in ready.form.fields
        if f.id not in said and f.type not in UNREAD and f.field.words not in used
    ]
    if ready.kind.within is not None and WITHIN not in said:
        more.insert(0, RegisterColumn(heading=ready.kind.within.label.zh, field=WITHIN))
    if ready.kind.of == "person" and NUMBER not in said:
        more.insert(0, RegisterColumn(heading="证件号码", field=NUMBER))
    return (*ready.kind.layout, *more)


def read_register(ready: ReadyRegister, file: ListFile, own: Mapping[str, str]) -> RegisterSheet:
    """The rows of a list. `own`: a heading of the file → the heading of the register that it stands for."""
    return read_columns(columns_of(ready), ready.kind.label.zh, file, own)


def read_columns(
    columns: Sequence[RegisterColumn], title: str, file: ListFile, own: Mapping[str, str]
) -> RegisterSheet:
    """The rows of a list with these columns. `title`: what the list is of, to say that it is not."""
    by_name = {plain(h): c for c in columns for h in (c.heading, *c.also)}
    named = {c.heading: c for c in columns}
    by_name |= {plain(theirs): named[ours] for theirs, ours in own.items() if ours in named}
    row, best = heading_row(file, by_name)
    if len(best) < 2:
        told = f"前 {TOP} 行里找不到“{title}”的表头（应有：{'、'.join(named)[:200]}）"
        return RegisterSheet(-1, {}, faults=(RowFault(-1, -1, told),))
    fields = [one.field for one in best.values()]
    faults = [
        RowFault(row, c, f"表头“{one.heading}”出现了两次，不知道用哪一列")
        for c, one in best.items()
        if fields.count(one.field) > 1
    ]
    unknown = {
        c: text for c in range(file.cells.num_columns) if c not in best and (text := file.at(row, c)) and text != FAULTS
    }
    rows = tuple(one for n in range(row + 1, file.cells.num_rows) if (one := _row(file, n, best)) is not None)
    return RegisterSheet(row, best, rows, unknown, tuple(faults))


def _row(file: ListFile, n: int, columns: Mapping[int, RegisterColumn]) -> ListedEntry | None:
    said = {one.field: text for c, one in columns.items() if (text := file.at(n, c).strip())}
    if not said:
        return None
    answers = {k: v for k, v in said.items() if k not in (WITHIN, NUMBER, STATE)}
    return ListedEntry(n, answers, said.get(WITHIN, ""), said.get(NUMBER, ""))


def register_workbook(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], told: Mapping[str, str]
) -> bytes:
    """A list as .xlsx, every cell text (nothing is ever read as a formula), with a sheet that tells of the export."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet("登记")
    sheet.freeze_panes(1, 0)
    for c, head in enumerate(heads):
        sheet.write_string(0, c, head, bold)
        sheet.set_column(c, c, max(10, 2 * len(head) + 2))
    for r, row in enumerate(rows, start=1):
        for c, text in enumerate(row):
            if text:
                sheet.write_string(r, c, text)
    remarks = book.add_worksheet("说明")
    for r, (what, how) in enumerate(told.items()):
        remarks.write_string(r, 0, what, bold)
        remarks.write_string(r, 1, how)
    book.set_properties({"title": title})
    book.close()
    return out.getvalue()


def register_csv(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A list as CSV (UTF-8 with a mark); a cell that a spreadsheet would take for a formula begins with a quote."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([f"'{c}" if c[:1] in ("=", "+", "@", "\t") else c for c in row] for row in rows)
    return csv_bytes(out.getvalue())


def marked_workbook(file: ListFile, sheet: RegisterSheet, faults: Sequence[RowFault]) -> bytes:
    """The file as it came, with a last column that says what is wrong in each row: the copy to put right."""
    wrong: dict[int, list[str]] = {}
    for one in faults:
        wrong.setdefault(one.row, []).append(f"{one.cell} {one.message}".strip())
    width = file.cells.num_columns
    heads = [file.at(sheet.row, c) for c in range(width)] + [FAULTS]
    body = [
        [file.at(n, c) for c in range(width)] + ["；".join(wrong.get(n, ()))]
        for n in range(sheet.row + 1, file.cells.num_rows)
    ]
    return register_workbook("需要改正", heads, body, {"说明": f"改正后可以直接上传，“{FAULTS}”一列不用删"})
