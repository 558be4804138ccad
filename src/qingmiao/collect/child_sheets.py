"""A list of children in one of the pack's layouts (`content.sheets`): its headings found, every cell read, every fault
with its cell.

Each different text of a column is read once. Who the children are and what the form says to the answers is the
caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.collect.sheet_values import plain, reader
from qingmiao.collect.table_file import ListFile
from qingmiao.collect.workbook import cell_of
from qingmiao.content.sheets import IDENTIFYING, PERSON_WORDS, ListColumn, ListLayout
from qingmiao.forms.coded import CodedColumn, dictionary
from qingmiao.forms.ready import ReadyField, ReadyForm
from qingmiao.kernel.day_texts import read_day
from qingmiao.kernel.misread import MisreadError

TOP = 15
"""The headings stand in one of so many first rows."""
Codes = Mapping[str, Mapping[str, str]]
"""What a column says of a child ("sex", "grade") → code → words."""


@dataclass(frozen=True)
class RowFault:
    """What is wrong at a place: row and column from 0, -1 where it is not of one row or column. `check`: the check that
    asks, "" for what blocks."""

    row: int
    column: int
    message: str
    check: str = ""

    @property
    def cell(self) -> str:
        """The cell as Excel names it; "" where there is none."""
        return cell_of(self.row, self.column) if self.row >= 0 and self.column >= 0 else ""


@dataclass(frozen=True)
class FoundHeadings:
    """Where the headings stand. `columns`: place → column of the layout; `unknown`: place → heading that is none."""

    row: int
    columns: Mapping[int, ListColumn]
    unknown: Mapping[int, str] = field(default_factory=dict)
    faults: tuple[RowFault, ...] = ()

    def place(self, *, field: str = "", says: str = "") -> int:
        """The place of the column of a form's field, or of what a column says of the child; -1 where it has none."""
        wanted = (c for c, one in self.columns.items() if (one.field == field if field else one.says == says))
        return next(wanted, -1)


@dataclass(frozen=True)
class ReadRows:
    """The rows that hold anything. `rows`: their places from 0; `people`: a column each `PersonWord`, whatever columns
    the list has (text; `birth` days, `sex` and `grade` codes); `said`: field → the answer of each row, None for none;
    `always`: field → the answer of every row that gives none; `faults`: cells that could not be read."""

    rows: list[int]
    people: pa.Table
    said: Mapping[str, CodedColumn] = field(default_factory=dict)
    always: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[RowFault, ...] = ()

    def answers(self, n: int) -> dict[str, str]:
        """Field → answer of the row of that number among the read ones."""
        given = {f: value for f, values in self.said.items() if (value := values.at(n))}
        return {**self.always, **given}


Column = TypeVar("Column")


def heading_row(file: ListFile, by_name: Mapping[str, Column]) -> tuple[int, dict[int, Column]]:
    """The row of the first `TOP` that holds most of the headings (`plain`), -1 for none: its number, and which column
    of the file is which."""
    row, best = -1, dict[int, Column]()
    for n in range(min(TOP, file.cells.num_rows)):
        found = {c: by_name[k] for c in range(file.cells.num_columns) if (k := plain(file.at(n, c))) in by_name}
        if len(found) > len(best):
            row, best = n, found
    return row, best


def find_headings(sheet: ListLayout, file: ListFile, mapping: Mapping[str, str] | None = None) -> FoundHeadings:
    """The row of the first fifteen that holds most of the layout's headings. `mapping`: a heading of the file → the
    heading of the layout that it stands for ("": none)."""
    by_name = {plain(h): c for c in sheet.columns for h in c.every_heading()}
    own = {c.heading: c for c in sheet.columns}
    for theirs, ours in (mapping or {}).items():
        by_name.pop(plain(theirs), None)
        if ours in own:
            by_name[plain(theirs)] = own[ours]
    row, best = heading_row(file, by_name)
    if len(best) < 2:
        told = f"前 {TOP} 行里找不到“{sheet.label.zh}”的表头（应有：{'、'.join(own)[:200]}）"
        return FoundHeadings(-1, {}, faults=(RowFault(-1, -1, told),))
    faults = [RowFault(row, c, f"表头“{one.heading}”出现了两次，不知道用哪一列")
              for c, one in best.items() if sum(o is one for o in best.values()) > 1]  # fmt: skip
    there = {one.heading for one in best.values()}
    faults += [
        RowFault(row, -1, f"缺少“{c.heading}”一列") for c in sheet.columns if c.required and c.heading not in there
    ]
    if not IDENTIFYING & {one.says for one in best.values()}:
        faults.append(RowFault(row, -1, "出生日期和证件号码至少要有一列，否则认不准是哪名儿童"))
    unknown = {c: file.at(row, c) for c in range(file.cells.num_columns) if c not in best and file.at(row, c)}
    return FoundHeadings(row, best, unknown, tuple(faults))


def read_rows(sheet: ListLayout, file: ListFile, found: FoundHeadings, ready: ReadyForm, codes: Codes) -> ReadRows:
    """Every row below the headings that holds anything; an empty cell, or a column that is not there, is no
    answer, or the column's `blank`."""
    body = file.cells.slice(found.row + 1)
    held = _held(body, list(found.columns))
    rows = pc.add(pc.indices_nonzero(held), found.row + 1).to_pylist()
    body = body.filter(held)
    fields = {one.id: one for one in ready.every()}
    wrong: dict[tuple[int, int], str] = {}
    people: dict[str, Any] = {}
    blank = {c.field: c.blank for c in sheet.columns if c.field is not None and c.blank is not None}
    answers: dict[str, CodedColumn] = {}
    for place, column in found.columns.items():
        cells = body.column(place)
        if column.says is not None:
            read, told = read_each(cells, _person_reader(column, codes))
            kind = pa.date32() if column.says == "birth" else pa.string()
            people[column.says] = pa.array(read.values, kind).take(pa.array(read.places))
            wrong |= {(n, place): message for n, message in told}
        if column.field is not None:
            one = fields[column.field]
            answers[column.field], told = read_each(cells, reader(column, choices_of(one)))
            wrong |= {(n, place): message for n, message in told}
    for says in sorted(PERSON_WORDS - set(people)):
        people[says] = pa.nulls(len(rows), pa.date32() if says == "birth" else pa.string())
    faults = tuple(RowFault(rows[n], place, message) for (n, place), message in sorted(wrong.items()))
    return ReadRows(rows, pa.table(people), answers, {**sheet.fixed, **blank}, faults)


def choices_of(one: ReadyField) -> dict[str, str]:
    """Code → words of what a cell of one code may say; nothing of a field of several codes, which the form parts."""
    return dict(one.choices) if one.type == "code" and not one.field.multiple else {}


def _held(body: pa.Table, columns: list[int]) -> pa.ChunkedArray:
    """Which rows hold anything in one of the columns."""
    held = pc.is_valid(body.column(columns[0]))
    for c in columns[1:]:
        held = pc.or_(held, pc.is_valid(body.column(c)))
    return held


def _person_reader(column: ListColumn, codes: Codes) -> Callable[[str], Any]:
    if column.says == "birth":
        return read_day
    if column.says is not None and column.says in codes:
        return reader(column, codes[column.says])
    return str


def read_each(
    cells: pa.Array | pa.ChunkedArray, read: Callable[[str], Any]
) -> tuple[CodedColumn, list[tuple[int, str]]]:
    """The values of a column, each different text read once, and (row, message) of what could not be read."""
    texts = dictionary(cells)
    values: list[Any] = [None]
    told: dict[int, str] = {}
    for n, text in enumerate(texts.values[1:], 1):
        try:
            values.append(read(text))
        except MisreadError as e:
            values.append(None)
            told[n] = str(e)
    misread = np.flatnonzero(texts.mask([n in told for n in range(len(values))])) if told else np.array([], dtype=int)
    return texts.now(values), [
        (n, told[k]) for n, k in zip(misread.tolist(), texts.places[misread].tolist(), strict=True)
    ]
