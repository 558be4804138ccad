"""A department's own sheet with merged headings, read through a saved mapping: its headings and row names → our codes.

The mapping is made once by a person who looks at the sheet (`headings` and `row_names` show what can be mapped) and
saved as JSON. A sheet of the next year is read by the same headings and names wherever they stand; one that is gone or
there twice is a fault, never a guess.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qingmiao.collect.filled import FilledReturn, SheetFault
from qingmiao.collect.rules import ReturnRules
from qingmiao.collect.sheet_heading import read_heading
from qingmiao.collect.workbook import Source, WorkbookError, WorkbookSheet, cell_of, place_of, read_workbook
from qingmiao.content.returns import Return
from qingmiao.kernel.figure_texts import quoted
from qingmiao.kernel.periods import Period

LONGEST_NAME = 200
Heading = tuple[str, ...]
"""A column's heading from above to below: ("婴儿死亡", "男")."""


@dataclass(frozen=True)
class SheetMapping:
    """How one sheet becomes one return. `header_rows` (from 1) hold the headings, `key_column` ("B") the names of the
    rows."""

    return_id: str
    sheet: str
    header_rows: tuple[int, ...]
    key_column: str
    rows: Mapping[str, str]
    columns: Mapping[Heading, str]

    def to_json(self) -> str:
        """As JSON text; `from_json` gives an equal mapping."""
        columns = [{"heading": list(path), "code": code} for path, code in self.columns.items()]
        rows = [{"name": name, "code": code} for name, code in self.rows.items()]
        return json.dumps(
            {
                "return": self.return_id,
                "sheet": self.sheet,
                "header_rows": list(self.header_rows),
                "key_column": self.key_column,
                "rows": rows,
                "columns": columns,
            },
            ensure_ascii=False,
            indent=1,
        )

    @classmethod
    def from_json(cls, text: str) -> SheetMapping:
        """Read what `to_json` wrote. Raises ValueError (or KeyError) for anything else."""
        given: dict[str, Any] = json.loads(text)
        return cls(
            str(given["return"]),
            str(given["sheet"]),
            tuple(int(r) for r in given["header_rows"]),
            str(given["key_column"]),
            {str(r["name"]): str(r["code"]) for r in given["rows"]},
            {tuple(str(p) for p in c["heading"]): str(c["code"]) for c in given["columns"]},
        )


def headings(sheet: WorkbookSheet, header_rows: tuple[int, ...]) -> dict[int, Heading]:
    """Column (from 0) → its heading, from above to below; a merged heading counts for every column that it covers."""
    covered = _covered(sheet)
    width = max((len(r) for r in sheet.rows), default=0)
    found: dict[int, Heading] = {}
    for j in range(width):
        path: list[str] = []
        before: tuple[int, int] | None = None
        for i in (r - 1 for r in header_rows):
            at = covered.get((i, j), (i, j))
            text = _clean(sheet.at(*at))
            if text and at != before:
                path.append(text)
            before = at
        if path:
            found[j] = tuple(path)
    return found


def row_names(sheet: WorkbookSheet, mapping_header: tuple[int, ...], key_column: str) -> dict[int, str]:
    """Row (from 0) below the headings → its name in the key column."""
    covered, column = _covered(sheet), place_of(f"{key_column}1")[1]
    found = {}
    for i in range(max(mapping_header), len(sheet.rows)):
        name = _clean(sheet.at(*covered.get((i, column), (i, column))))
        if name:
            found[i] = name
    return found


def read_mapped(
    return_: Return, mapping: SheetMapping, source: Source, shown: str, *, year: int, area: str
) -> FilledReturn:
    """Read a department's own sheet as the return `return_` of one year and area; judge it like a template
    (`filled.judge`)."""
    filled = FilledReturn(return_, year, area)
    try:
        book = read_workbook(source, shown)
    except WorkbookError as e:
        filled.faults.append(SheetFault(e.fault.code, e.fault.message, hint=e.fault.hint))
        return filled
    sheet = book.get(mapping.sheet)
    if sheet is None:
        message = f"没有工作表「{mapping.sheet}」（有：{'、'.join(quoted(n) for n in list(book)[:12])}）"
        filled.faults.append(SheetFault("no_sheet", message, hint="改回工作表名，或另存一个对照"))
        return filled
    columns = _find(headings(sheet, mapping.header_rows), mapping.columns, "表头", mapping.sheet, filled)
    names = row_names(sheet, mapping.header_rows, mapping.key_column)
    rows = _find(names, mapping.rows, "行", mapping.sheet, filled)
    period = read_heading(sheet, max(mapping.header_rows))
    if period.period and period.year(return_.period) not in (None, year):
        message = f"表头写的报告期是{quoted(period.period)}，要的是「{Period(return_.period, year)}」"
        filled.fault("heading_period", message, mapping.sheet, period.period_cell, "核对交的是哪一年的表")
    rules = ReturnRules(return_)
    for i, row in rows.items():
        for j, column in columns.items():
            cell = cell_of(i, j)
            if (row, column) in rules.lines:
                unit = rules.unit((row, column))
                filled.put((row, column), sheet, mapping.sheet, cell, unit=unit)
            else:
                message = f"{return_.id} 没有单元格 {row}.{column}（对照里写的）"
                filled.fault("unknown_cell", message, mapping.sheet, cell)
    return filled


def _find(
    there: Mapping[int, Any], wanted: Mapping[Any, str], what: str, sheet: str, filled: FilledReturn
) -> dict[int, str]:
    """Places of the wanted names, each exactly once; else a fault."""
    found: dict[int, str] = {}
    for name, code in wanted.items():
        places = [place for place, given in there.items() if given == name]
        told = "／".join(name) if isinstance(name, tuple) else name
        if len(places) == 1:
            found[places[0]] = code
        elif not places:
            message = f"找不到{what}「{told}」（对应代码 {code}）"
            filled.faults.append(SheetFault("missing_heading", message, sheet=sheet, hint="核对表样，或改对照"))
        else:
            message = f"{what}「{told}」出现了 {len(places)} 次"
            filled.faults.append(SheetFault("duplicate_heading", message, sheet=sheet, hint="核对表样，或改对照"))
    return found


def _covered(sheet: WorkbookSheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Each place inside a merged range → the place whose value it shows. Ranges outside the sheet's cells do not
    count."""
    height, width = len(sheet.rows), max((len(r) for r in sheet.rows), default=0)
    return {
        (i, j): (top, left)
        for top, left, bottom, right in sheet.merged
        for i in range(top, min(bottom + 1, height))
        for j in range(left, min(right + 1, width))
    }


def _clean(cell: Any) -> str:
    """A heading or name without the blanks and line breaks that people put in for looks; what is longer than a name is
    cut."""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return "".join(text.split())[:LONGEST_NAME]
