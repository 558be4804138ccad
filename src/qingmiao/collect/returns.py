"""Accepted returns as cells: read from filled templates or long CSV files, matched by code, checked by the form's rules.

Error rules and unreadable cells are faults (nothing is accepted); query rules and empty cells are findings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from qingmiao.collect.areas import AreaColumns
from qingmiao.collect.facts import Finding
from qingmiao.collect.tables import read_raw
from qingmiao.collect.template import CODE_WORD, META_SHEET
from qingmiao.collect.workbook import Sheet, read_workbook
from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import expand_rule, parse, rule_text
from qingmiao.content.pack import Pack
from qingmiao.content.returns import Return, expand
from qingmiao.kernel.errors import Fault

CSV_COLUMNS = ("return", "period", "area", "row", "column", "value")
OPTIONAL_COLUMNS = ("reason", "version", "submitted_date", "note")


@dataclass(frozen=True)
class Cell:
    """One cell of one return of one area and year; `value` None = left empty, with `reason` where one was given."""

    form: str
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
    def code(self) -> str:
        """ "row.column"."""
        return f"{self.row}.{self.column}"


@dataclass
class Returns:
    """All cells read, with faults and findings."""

    cells: list[Cell]
    faults: list[Fault]
    findings: list[Finding]


def read_returns(pack: Pack, files: Iterable[tuple[Path, str]], areas: AreaColumns) -> Returns:
    """Read every return of a folder; the newest version of a cell counts."""
    result = Returns([], [], [])
    for path, shown in files:
        if path.suffix.lower() == ".csv":
            _read_csv(pack, path, shown, areas, result)
        else:
            _read_workbook(pack, path, shown, areas, result)
    result.cells = _newest(result)
    if not result.faults:
        _check_rules(pack, result)
    return result


def number(text: Any) -> Decimal | None:
    """A cell's number; None for an empty one. Raises ValueError for text that is no number."""
    if text is None or (isinstance(text, str) and not text.strip()):
        return None
    if isinstance(text, bool):
        raise ValueError(text)
    try:
        value = (
            Decimal(repr(text)) if isinstance(text, float) else Decimal(str(text).strip().replace(",", ""))
        )
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite():
        raise ValueError(text)
    return value


def _read_csv(pack: Pack, path: Path, shown: str, areas: AreaColumns, result: Returns) -> None:
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
    pack: Pack, areas: AreaColumns, result: Returns, shown: str, line: int, place: str, cell: dict[str, Any]
) -> None:
    form = pack.returns.get(str(cell["return"]))
    faults: list[Fault] = []

    def fault(code: str, message: str, hint: str = "") -> None:
        faults.append(Fault(shown, line, code, message, place=place, hint=hint))

    if form is None:
        fault("unknown_return", f"没有统计报表「{cell['return']}」", "可用：" + "、".join(pack.returns))
    year = _year(cell["period"])
    if year is None:
        fault("wrong_type", f"报告期「{cell['period']}」不是年份", "写成 2024")
    area = areas.code(str(cell["area"] or ""))
    if area is None:
        fault("unknown_area", f"没有行政区划代码「{cell['area']}」")
    if form is not None:
        row, column = str(cell["row"] or ""), str(cell["column"] or "")
        if row not in [r.code for r in form.rows]:
            fault(
                "unknown_row", f"{form.id} 没有行代码「{row}」", "行：" + "、".join(r.code for r in form.rows)
            )
        elif column not in [c.code for c in form.columns]:
            fault(
                "unknown_cell",
                f"{form.id} 没有列代码「{column}」",
                "列：" + "、".join(c.code for c in form.columns),
            )
        if area is not None and areas.tree[area].level.value != form.level:
            fault(
                "wrong_area_level",
                f"{form.id} 由{'乡镇' if form.level == 'township' else '县级'}填报，「{areas.tree[area].name}」不是",
            )
    try:
        value = number(cell["value"])
    except ValueError:
        fault("wrong_type", f"「{cell['value']}」不是数", "只填数，单位不写在格子里；没有数据就留空")
        value = None
    version = _year(cell.get("version") or 0, low=0)
    if version is None:
        fault("wrong_type", f"version「{cell.get('version')}」不是整数")
    result.faults.extend(faults)
    if faults or form is None or year is None or area is None:
        return
    line_spec = next(c for c in form.columns if c.code == column)
    row_spec = next(r for r in form.rows if r.code == row)
    _cell_value(form, row_spec, line_spec, value, shown, line, place, result)
    result.cells.append(
        Cell(form.id, year, area, row, column, value, str(cell.get("reason") or ""), shown, line, place, version or 0,
             str(cell.get("submitted_date") or ""))
    )  # fmt: skip


def _cell_value(
    form: Return,
    row: Any,
    column: Any,
    value: Decimal | None,
    shown: str,
    line: int,
    place: str,
    result: Returns,
) -> None:
    if value is None:
        return
    integer = row.type == "integer" and column.type == "integer"
    if integer and value != value.to_integral_value():
        result.faults.append(Fault(shown, line, "wrong_type", f"「{value}」应为整数", place=place))
    for spec in (row, column):
        if spec.min is not None and value < Decimal(str(spec.min)):
            result.faults.append(
                Fault(shown, line, "out_of_range", f"「{value}」小于 {spec.min:g}", place=place)
            )
            return
        if spec.max is not None and value > Decimal(str(spec.max)):
            result.faults.append(
                Fault(shown, line, "out_of_range", f"「{value}」大于 {spec.max:g}", place=place)
            )
            return


def _year(value: Any, low: int = 1900) -> int | None:
    try:
        year = int(str(value).strip())
    except ValueError:
        return None
    return year if low <= year <= 99_999_999 and (low == 0 or year <= 2200) else None


def _read_workbook(pack: Pack, path: Path, shown: str, areas: AreaColumns, result: Returns) -> None:
    book = read_workbook(path, shown)
    if isinstance(book, list):
        result.faults.extend(book)
        return
    meta = {str(r[0]): str(r[1]) for r in book.pop(META_SHEET, []) if len(r) >= 2}
    if "return" not in meta:
        hint = "用 qingmiao template 生成的模板填报"
        result.faults.append(Fault(shown, 0, "no_meta", "没有隐藏页 _qingmiao，不知道是哪张表", hint=hint))
        return
    form = pack.returns.get(meta["return"])
    if form is not None and meta.get("version") != str(form.version):
        message = f"模板版本 {meta.get('version')}，现行版本 {form.version}"
        result.faults.append(Fault(shown, 0, "old_template", message, hint="下载新模板重新填报"))
        return
    for name, sheet in book.items():
        at = _find_codes(sheet)
        if at is None:
            result.faults.append(
                Fault(
                    shown,
                    0,
                    "no_codes",
                    f"找不到「{CODE_WORD}」格",
                    place=f"工作表 {name}",
                    hint="不要删改代码行和代码列",
                )
            )
            continue
        head, code_column = at
        columns = {j: str(c).strip() for j, c in enumerate(sheet[head]) if j > code_column and str(c).strip()}
        for i in range(head + 1, len(sheet)):
            row_code = _code(sheet[i][code_column]) if code_column < len(sheet[i]) else ""
            if not row_code:
                continue
            for j, column_code in columns.items():
                value = sheet[i][j] if j < len(sheet[i]) else ""
                if form is not None and f"{row_code}.{column_code}" in _closed(form):
                    continue
                place = f"工作表 {name} 单元格 {_letters(j)}{i + 1}"
                given = {
                    "return": meta["return"],
                    "period": meta.get("year"),
                    "area": meta.get("area"),
                    "row": row_code,
                    "column": column_code,
                    "value": value,
                    "version": meta.get("revision"),
                }
                _take(pack, areas, result, shown, i + 1, place, given)


def _closed(form: Return) -> set[str]:
    return {c for b in form.blocked for c in expand(b, form)}


def _find_codes(sheet: Sheet) -> tuple[int, int] | None:
    for i, row in enumerate(sheet[:60]):
        for j, cell in enumerate(row):
            if isinstance(cell, str) and cell.strip() == CODE_WORD:
                return i, j
    return None


def _code(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _newest(result: Returns) -> list[Cell]:
    newest: dict[tuple[str, int, str, str], Cell] = {}
    for cell in result.cells:
        key = (cell.form, cell.year, cell.area, cell.code)
        before = newest.get(key)
        if before is not None and before.version == cell.version:
            message = f"{cell.form} {cell.year} {cell.area} 单元格 {cell.code} 重复（{before.file} {before.place} 已有）"
            result.faults.append(
                Fault(
                    cell.file,
                    cell.line,
                    "duplicate_key",
                    message,
                    place=cell.place,
                    hint="更正请写更大的 version",
                )
            )
        if before is None or cell.version > before.version:
            newest[key] = cell
    return list(newest.values())


def _check_rules(pack: Pack, result: Returns) -> None:
    by_return: dict[tuple[str, int, str], dict[str, Cell]] = {}
    for cell in result.cells:
        by_return.setdefault((cell.form, cell.year, cell.area), {})[cell.code] = cell
    for (form_id, year, area), cells in by_return.items():
        form = pack.returns[form_id]
        _fill_computed(form, year, area, cells, result)
        last = by_return.get((form_id, year - 1, area), {})
        values: dict[str, Any] = {c: x.value for c, x in cells.items()}
        values |= {f"last.{c}": x.value for c, x in last.items()}
        file = next(iter(cells.values())).file
        where = f"{form_id} {year} {area}"
        name = pack.areas[area].name if area in pack.areas else area
        said = f"{name} {year} 年"
        for rule in form.rules:
            for check in expand_rule(rule.check, [r.code for r in form.rows], [c.code for c in form.columns]):
                if evaluate(parse(rule_text(check)), values) is not False:
                    continue
                if rule.level == "error":
                    result.faults.append(
                        Fault(
                            file, 0, "error_rule", f"{rule.message}：{check}", place=f"{where} 规则 {rule.id}"
                        )
                    )
                else:
                    result.findings.append(
                        Finding(
                            form_id,
                            file,
                            "query_rule",
                            f"{said}，规则 {rule.id}：{rule.message}（{check}）",
                            1,
                        )
                    )
        optional = {c for o in form.optional for c in expand(o, form)}
        empty = [c for c in form.filled if c not in optional and (c not in cells or cells[c].value is None)]
        if empty:
            shown = "、".join(empty[:12]) + ("…" if len(empty) > 12 else "")
            result.findings.append(
                Finding(form_id, file, "empty_cells", f"{said}有 {len(empty)} 格没有填：{shown}", len(empty))
            )


def _fill_computed(form: Return, year: int, area: str, cells: dict[str, Cell], result: Returns) -> None:
    """Computed cells are computed here, whatever the sheet shows; a sheet that shows something else is an error."""
    for spec in form.computed:
        for code in expand(spec.cell, form):
            row, _, column = code.partition(".")
            formula = rule_text(_own(spec.formula, row, column))
            value = evaluate(parse(formula), {c: x.value for c, x in cells.items()})
            given = cells.get(code)
            if given is not None and given.value is not None and value is not None and given.value != value:
                message = f"计算格 {code} 填的是 {given.value}，按公式应为 {value}"
                result.faults.append(
                    Fault(
                        given.file,
                        given.line,
                        "computed_cell",
                        message,
                        place=given.place,
                        hint="计算格不用填",
                    )
                )
            if given is None and cells and value is not None:
                any_cell = next(iter(cells.values()))
                new = Cell(
                    form.id,
                    year,
                    area,
                    row,
                    column,
                    value,
                    "computed",
                    any_cell.file,
                    0,
                    f"公式 {spec.formula}",
                )
                cells[code] = new
                result.cells.append(new)


def _own(formula: str, row: str, column: str) -> str:
    return formula.replace("[*.", f"[{row}.").replace(".*]", f".{column}]")
