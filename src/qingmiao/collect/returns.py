"""Accepted returns as cells: read from filled templates or long CSV files, matched by code, checked by the return's
rules.

Error rules and unreadable cells are faults (nothing is accepted); query rules and empty cells are findings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from qingmiao.collect.areas import AreaColumns
from qingmiao.collect.cell_figures import figure_in
from qingmiao.collect.facts import Finding
from qingmiao.collect.filled import read_filled
from qingmiao.collect.nearest import area_hint
from qingmiao.collect.plausible import Bounds
from qingmiao.collect.rules import CellKey, ReturnRules
from qingmiao.collect.tables import read_raw
from qingmiao.content.pack import Pack
from qingmiao.content.returns import Return
from qingmiao.kernel.errors import Fault
from qingmiao.kernel.figure_texts import FigureError, quoted
from qingmiao.kernel.periods import Period
from qingmiao.kernel.year_texts import YearTextError, read_year

CSV_COLUMNS = ("return", "period", "area", "row", "column", "value")
OPTIONAL_COLUMNS = ("reason", "version", "submitted_date", "note")


MOST_NAMED = 6
"""Empty cells that a finding names; their number is told."""


@dataclass(frozen=True)
class ReturnCell:
    """One cell of one return of one area and year; `value` None = left empty, with `reason` where one was given."""

    return_id: str
    year: int
    area: str
    row: str
    column: str
    value: Decimal | None
    reason: str
    file: str
    line: int
    place: str
    """Sheet and cell, or the line of the CSV."""
    version: int = 0
    submitted: str = ""

    @property
    def key(self) -> CellKey:
        """Row and column code."""
        return self.row, self.column

    @property
    def code(self) -> str:
        """ "row.column"."""
        return f"{self.row}.{self.column}"


@dataclass
class ReadReturns:
    """All cells read, with faults and findings."""

    cells: list[ReturnCell]
    faults: list[Fault]
    findings: list[Finding]
    rules: dict[str, ReturnRules] = field(default_factory=dict)
    """Of each return its rules, parsed once."""

    def of(self, return_: Return) -> ReturnRules:
        """The rules of a return."""
        return self.rules.setdefault(return_.id, ReturnRules(return_))


def read_returns(
    pack: Pack, files: Iterable[tuple[Path, str]], areas: AreaColumns, bounds: Bounds | None = None
) -> ReadReturns:
    """Read every return of a folder; the newest version of a cell counts.

    `bounds`: a return of a period that begins after the day of collecting, or lies long before the plan, is a fault.
    """
    result = ReadReturns([], [], [])
    for path, shown in files:
        if path.suffix.lower() == ".csv":
            _read_csv(pack, path, shown, areas, result)
        else:
            _read_workbook(pack, path, shown, areas, result)
    if bounds is not None:
        _implausible_years(pack, result, bounds)
    result.cells = _newest(result)
    _check_rules(pack, result)
    return result


def _implausible_years(pack: Pack, result: ReadReturns, bounds: Bounds) -> None:
    """A return of a period that has not begun or is too old is a fault, once for each file, return and year; its cells
    do not count."""
    refused: dict[tuple[str, str, int], ReturnCell] = {}
    kept: list[ReturnCell] = []
    for cell in result.cells:
        early = cell.year < bounds.first_counted
        ahead = bounds.on is not None and Period(pack.returns[cell.return_id].period, cell.year).start > bounds.on
        if early or ahead:
            refused.setdefault((cell.file, cell.return_id, cell.year), cell)
        else:
            kept.append(cell)
    result.cells = kept
    for (file, return_id, year), cell in refused.items():
        period = Period(pack.returns[return_id].period, year)
        if year < bounds.first_counted:
            code, why = "implausible_year", f"比规划早得太多（最早 {bounds.first_counted} 年）"
        else:
            code, why = "future_period", f"还没有开始（{period.start} 起，采集日 {bounds.on}）"
        message = f"{return_id} 的报告期 {period} {why}"
        result.faults.append(Fault(file, cell.line, code, message, place=cell.place, hint="核对年份"))


def _read_csv(pack: Pack, path: Path, shown: str, areas: AreaColumns, result: ReadReturns) -> None:
    raw = read_raw(path, shown)
    if isinstance(raw, list):
        result.faults.extend(raw)
        return
    names = raw.table.column_names
    for name in CSV_COLUMNS:
        if name not in names:
            hint = "列：" + "、".join(CSV_COLUMNS)
            result.faults.append(Fault(shown, 1, "missing_column", f"缺少列「{name}」", hint=hint))
    for name in names:
        if name not in (*CSV_COLUMNS, *OPTIONAL_COLUMNS):
            result.faults.append(Fault(shown, 1, "unknown_column", f"不认识的列「{name}」"))
    if any(f.file == shown for f in result.faults):
        return
    for line, row in zip(raw.rows.to_pylist(), raw.table.to_pylist(), strict=True):
        cell = {k: (v or "").strip() if isinstance(v, str) else v for k, v in row.items()}
        _take(pack, areas, result, shown, int(line), f"第 {line} 行", cell)


def _take(
    pack: Pack, areas: AreaColumns, result: ReadReturns, shown: str, line: int, place: str, cell: dict[str, Any]
) -> None:
    """One row of a long CSV as a cell, or everything that is wrong with it."""
    faults: list[Fault] = []

    def fault(code: str, message: str, hint: str = "") -> None:
        faults.append(Fault(shown, line, code, message, place=place, hint=hint))

    return_ = pack.returns.get(str(cell["return"]))
    if return_ is None:
        fault("unknown_return", f"没有统计报表{quoted(cell['return'])}", "可用：" + "、".join(pack.returns))
    year = None
    try:
        year = read_year(cell["period"], return_.period if return_ is not None else None)
    except YearTextError as e:
        if return_ is not None:
            fault("wrong_type", f"报告期：{e.message}", e.hint)
    row, column = str(cell["row"] or ""), str(cell["column"] or "")
    place_of = areas.in_year(
        str(cell["area"] or ""), Period(return_.period, year) if return_ is not None and year is not None else None
    )
    area = place_of.code
    if place_of.problem:
        fault("old_code", place_of.problem, place_of.hint)
    elif area is None:
        hint = area_hint(str(cell["area"] or ""), areas.tree, areas.given)
        fault("unknown_area", f"没有行政区划代码{quoted(cell['area'])}", hint)
    elif place_of.note:
        _note(result, str(cell["return"]), shown, place_of.note)
    if return_ is not None:
        if row not in [r.code for r in return_.rows]:
            known = "行：" + "、".join(r.code for r in return_.rows)
            fault("unknown_row", f"{return_.id} 没有行代码{quoted(row)}", known)
        elif column not in [c.code for c in return_.columns]:
            known = "列：" + "、".join(c.code for c in return_.columns)
            fault("unknown_cell", f"{return_.id} 没有列代码{quoted(column)}", known)
        if area is not None and (message := _wrong_level(return_, area, areas)) is not None:
            fault("wrong_area_level", message)
    value = None
    rules = result.of(return_) if return_ is not None else None
    try:
        value = figure_in(cell["value"], rules.unit((row, column)) if rules is not None else "")
    except FigureError as e:
        fault(e.code, e.message, e.hint)
    version = _version(cell.get("version") or 0)
    if version is None:
        fault("wrong_type", f"version{quoted(cell.get('version'))}不是整数")
    result.faults.extend(faults)
    if faults or return_ is None or year is None or area is None:
        return
    reason, submitted = str(cell.get("reason") or ""), str(cell.get("submitted_date") or "")
    result.cells.append(
        ReturnCell(return_.id, year, area, row, column, value, reason, shown, line, place, version or 0, submitted)
    )


def _note(result: ReadReturns, return_id: str, shown: str, note: str) -> None:
    """Say once a file that an old code was taken as the new one."""
    told = Finding(return_id, shown, "old_code", note, 1)
    if told not in result.findings:
        result.findings.append(told)


def _wrong_level(return_: Return, area: str, areas: AreaColumns) -> str | None:
    given = areas.tree[area]
    if given.level.value == return_.level:
        return None
    return f"{return_.id} 由{'乡镇' if return_.level == 'township' else '县级'}填报，「{given.name}」不是"


def _version(value: Any) -> int | None:
    try:
        version = int(str(value).strip())
    except ValueError:
        return None
    return version if 0 <= version <= 99_999_999 else None


def _read_workbook(pack: Pack, path: Path, shown: str, areas: AreaColumns, result: ReadReturns) -> None:
    filled = read_filled(pack.returns, path, shown, area_name=lambda code: _name(areas, code))
    faults = [f.fault(shown) for f in filled.faults]
    return_, year = filled.return_, filled.year
    place_of = areas.in_year(
        filled.area, Period(return_.period, year) if return_ is not None and year is not None else None
    )
    area = place_of.code
    if return_ is not None and place_of.note:
        _note(result, return_.id, shown, place_of.note)
    if place_of.problem:
        faults.append(Fault(shown, 0, "old_code", place_of.problem, hint=place_of.hint))
    elif filled.return_ is not None and area is None:
        faults.append(
            Fault(shown, 0, "unknown_area", f"没有行政区划代码{quoted(filled.area)}", hint="下载新模板重新填报")
        )
    elif filled.return_ is not None and area is not None:
        message = _wrong_level(filled.return_, area, areas)
        faults += [Fault(shown, 0, "wrong_area_level", message)] if message is not None else []
    result.faults.extend(faults)
    if faults or filled.return_ is None or filled.year is None or area is None:
        return
    for key, value in filled.cells.items():
        sheet, cell = filled.places[key]
        line, place = int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), f"工作表 {sheet} 单元格 {cell}"
        result.cells.append(
            ReturnCell(filled.return_.id, filled.year, area, *key, value, "", shown, line, place, filled.revision)
        )


def _name(areas: AreaColumns, code: str) -> str | None:
    known = areas.code(code)
    return areas.tree[known].name if known is not None else None


def _newest(result: ReadReturns) -> list[ReturnCell]:
    """Of each cell the newest version; a cell given twice in the same version is a fault (one per pair of files)."""
    newest: dict[tuple[str, int, str, CellKey], ReturnCell] = {}
    twice: dict[tuple[str, int, str, str, str], list[tuple[ReturnCell, ReturnCell]]] = {}
    for cell in result.cells:
        key = (cell.return_id, cell.year, cell.area, cell.key)
        before = newest.get(key)
        if before is not None and before.version == cell.version:
            pair = (cell.return_id, cell.year, cell.area, before.file, cell.file)
            twice.setdefault(pair, []).append((before, cell))
        if before is None or cell.version > before.version:
            newest[key] = cell
    for (return_id, year, area, first, file), pairs in twice.items():
        before, cell = pairs[0]
        many = f"等 {len(pairs)} 格" if len(pairs) > 1 else ""
        message = f"{return_id} {year} {area} 单元格 {cell.code} {many}重复（{first} {before.place} 已有）"
        hint = (
            "更正请写更大的 version"
            if first == file
            else "同一张表交了两份：核对各是哪一年、哪个地区的；更正请写更大的 version"
        )
        result.faults.append(Fault(file, cell.line, "duplicate_key", message, place=cell.place, hint=hint))
    return list(newest.values())


def _check_rules(pack: Pack, result: ReadReturns) -> None:
    sheets: dict[tuple[str, int, str], dict[CellKey, ReturnCell]] = {}
    for cell in result.cells:
        sheets.setdefault((cell.return_id, cell.year, cell.area), {})[cell.key] = cell
    figures = {sheet: {k: c.value for k, c in cells.items()} for sheet, cells in sheets.items()}
    for (return_id, year, area), cells in sheets.items():
        rules = result.of(pack.returns[return_id])
        mine = figures[return_id, year, area]
        any_cell = next(iter(cells.values()))
        where = f"{return_id} {year} {area}"
        name = pack.areas[area].name if area in pack.areas else area
        said = f"{name} {year} 年"
        for broken in rules.broken(mine, figures.get((return_id, year - 1, area))):
            if not broken.rule and broken.kind == "query":
                at_cells = "、".join(".".join(k) for k in broken.cells)
                message = f"{said}，单元格 {at_cells}：{broken.message}"
                result.findings.append(Finding(return_id, any_cell.file, broken.code, message, 1))
            elif not broken.rule:
                at = cells[broken.cells[0]]
                result.faults.append(Fault(at.file, at.line, broken.code, broken.message, place=at.place))
            elif broken.kind == "error":
                place = f"{where} 规则 {broken.rule}"
                message = f"{broken.message}：{broken.check}"
                result.faults.append(Fault(any_cell.file, 0, broken.code, message, place=place))
            else:
                basis = f"规则 {broken.rule}：{broken.check}"
                message = f"{said}：{broken.message}"
                result.findings.append(Finding(return_id, any_cell.file, broken.code, message, 1, basis=basis))
        for key, value in rules.computed(mine).items():
            if value is not None:
                mine[key] = value
                cells[key] = _computed(cells.get(key), any_cell, key, value)
        empty = rules.empty(mine)
        if empty:
            named = [_in_words(pack.returns[return_id], key) for key in empty[:MOST_NAMED]]
            shown = "、".join(named) + ("…" if len(empty) > MOST_NAMED else "")
            message = f"{said}有 {len(empty)} 格没有填：{shown}"
            result.findings.append(Finding(return_id, any_cell.file, "empty_cells", message, len(empty)))
    result.cells = [cell for cells in sheets.values() for cell in cells.values()]


def _in_words(return_: Return, key: CellKey) -> str:
    """出生人数（01.1）: a cell by its row, and by its column where there are several."""
    words = [next((r.label.zh for r in return_.rows if r.code == key[0]), "")]
    if len(return_.columns) > 1:
        words.append(next((c.label.zh for c in return_.columns if c.code == key[1]), ""))
    return f"{' · '.join(filter(None, words))}（{'.'.join(key)}）"


def _computed(given: ReturnCell | None, of: ReturnCell, key: CellKey, value: Decimal) -> ReturnCell:
    """A computed cell: what the sheet gave, at its place, with our figure; or a new one that says so."""
    if given is not None:
        return replace(given, value=value, reason=given.reason or "computed")
    return replace(of, row=key[0], column=key[1], value=value, reason="computed", line=0, place="按公式计算")
