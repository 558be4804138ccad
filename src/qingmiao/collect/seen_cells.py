"""The sheets of a file as people see them: texts from A1, percent cells with their sign, merged cells filled."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from qingmiao.collect.number_formats import shown_as
from qingmiao.collect.open_files import closed
from qingmiao.collect.tables import encoding_fault
from qingmiao.collect.workbook import CellValue, WorkbookError, WorkbookSheet, cell_of, read_workbook
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.kernel.figure_texts import FigureError, read_double

Seen = dict[str, list[list[str]]]
"""Sheet name → rows of texts; the one sheet of a CSV file has the file's name."""


def seen_cells(path: Path) -> Seen:
    """All sheets of an .xlsx, or the one table of a CSV file. Raises UserError where the file cannot be read."""
    shown = path.as_posix()
    suffix = path.suffix.lower()
    if (fault := closed(path, shown)) is not None:
        raise UserError("读不了这个文件", [fault])
    if suffix == ".csv":
        return {path.name: _csv(path, shown)}
    if suffix != ".xlsx":
        hint = "用 Excel 另存为 .xlsx，或「CSV UTF-8（逗号分隔）」"
        raise UserError("读不了这个文件", [Fault(shown, 0, "unknown_file", "不认识的文件", hint=hint)])
    try:
        sheets = read_workbook(path, shown)
    except WorkbookError as e:
        raise UserError("读不了这个工作簿", [e.fault]) from None
    return {name: _texts(sheet, f"{shown} [{name}]") for name, sheet in sheets.items()}


def _csv(path: Path, shown: str) -> list[list[str]]:
    raw = path.read_bytes()
    if (fault_ := encoding_fault(raw, shown, whole=True)) is not None:
        raise UserError("读不了这个文件", [fault_])
    try:
        return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    except csv.Error:
        fault = Fault(shown, 0, "csv_syntax", "读不懂这个 CSV", hint="检查引号和分隔符")
        raise UserError("读不了这个文件", [fault]) from None


def _texts(sheet: WorkbookSheet, shown: str) -> list[list[str]]:
    width = max((len(r) for r in sheet.rows), default=0)
    faults: list[Fault] = []
    rows = [[_text(sheet, r, c, shown, faults) for c in range(width)] for r in range(len(sheet.rows))]
    if faults:
        raise UserError("有的单元格读不懂", faults)
    for top, left, bottom, right in sheet.merged:
        for r in range(top, min(bottom, len(rows) - 1) + 1):
            for c in range(left, min(right, width - 1) + 1):
                rows[r][c] = rows[top][left]
    return rows


def _text(sheet: WorkbookSheet, row: int, column: int, shown: str, faults: list[Fault]) -> str:
    value: CellValue = sheet.at(row, column)
    if isinstance(value, bool):
        return "是" if value else "否"
    if not isinstance(value, int | float):
        return str(value).strip()
    cell = cell_of(row, column)
    shown_how = shown_as(sheet.formats.get(cell, ""), value < 0)
    kind = shown_how.kind if shown_how is not None else ""
    added = shown_how.text if shown_how is not None else ""
    try:
        number = read_double(value)
    except FigureError as e:
        faults.append(Fault(shown, row + 1, e.code, e.message, cell, e.hint))
        return ""
    if kind == "percent":
        return f"{(number * 100).normalize():f}%"
    if kind in ("scaled", "hidden"):
        message = f"单元格显示的数与存的数 {number:f} 不一样"
        faults.append(Fault(shown, row + 1, "number_format", message, cell, "把单元格格式改成「常规」"))
    return f"{number:f}" + (added if kind == "literal" else "")
