"""One return as filled in on a workbook: its figures by code, where each stands, and every fault with sheet, cell and rule.

Read from our template (`read_filled`, matched by code, never by position) or from a department's own sheet (`mapping.read_mapped`);
judged by the form's rules (`judge`); handed back with its faults marked (`repaired_copy`). Nothing here raises for a bad
file: whatever is wrong with it is a `SheetFault`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from qingmiao.collect.rules import Broken, CellKey, Cells, FormRules
from qingmiao.collect.template import CODE_WORD, META_SHEET
from qingmiao.collect.workbook import (
    Sheet,
    Source,
    WorkbookError,
    cell_of,
    marked_workbook,
    place_of,
    read_workbook,
)
from qingmiao.content.returns import Return
from qingmiao.kernel.errors import Fault

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_HEAD_ROWS = 60
"""How far down the code row is looked for."""


@dataclass(frozen=True)
class SheetFault:
    """One thing wrong with a filled workbook. `cells` are spreadsheet addresses ("C7") on `sheet`; `rule` is the form's rule id.

    `kind`: an error blocks; a query is accepted with a real explanation.
    """

    code: str
    message: str
    kind: Literal["error", "query"] = "error"
    rule: str = ""
    sheet: str = ""
    cells: tuple[str, ...] = ()
    hint: str = ""

    @property
    def place(self) -> str:
        """Sheet, cells and rule in Chinese."""
        parts = [f"工作表 {self.sheet}"] if self.sheet else []
        parts += [f"单元格 {'、'.join(self.cells)}"] if self.cells else []
        return " ".join([*parts, *([f"规则 {self.rule}"] if self.rule else [])])

    def fault(self, shown: str) -> Fault:
        """As a fault of the file `shown`; its line is the row of the first cell."""
        line = place_of(self.cells[0])[0] + 1 if self.cells else 0
        return Fault(shown, line, self.code, self.message, place=self.place, hint=self.hint)


@dataclass
class FilledReturn:
    """A return read from a workbook. `form` is None where the workbook does not say which; `places`: sheet and address of each cell."""

    form: Return | None = None
    year: int | None = None
    area: str = ""
    organisation: str = ""
    revision: int = 0
    cells: dict[CellKey, Decimal | None] = field(default_factory=dict)
    places: dict[CellKey, tuple[str, str]] = field(default_factory=dict)
    faults: list[SheetFault] = field(default_factory=list)

    def put(self, key: CellKey, value: Any, sheet: str, cell: str, *, unsaved: bool = False) -> None:
        """Take one cell as read; what is no number, given twice or without a stored result becomes a fault."""
        if key in self.places:
            first = " ".join(self.places[key])
            message = f"行 {key[0]} 列 {key[1]} 重复（{first} 已有）"
            self.faults.append(SheetFault("duplicate_key", message, sheet=sheet, cells=(cell,)))
            return
        self.places[key] = (sheet, cell)
        self.cells[key] = None
        if unsaved:
            message, hint = "公式没有保存的结果", "用 Excel 打开、保存后再交，或直接填数"
            self.faults.append(
                SheetFault("formula_without_value", message, sheet=sheet, cells=(cell,), hint=hint)
            )
            return
        try:
            self.cells[key] = number(value)
        except ValueError:
            hint = "只填数，单位不写在格子里；没有数据就留空"
            self.faults.append(
                SheetFault("wrong_type", f"「{value}」不是数", sheet=sheet, cells=(cell,), hint=hint)
            )


def number(text: Any) -> Decimal | None:
    """A cell's number; None for an empty one. Raises ValueError for anything else (dates, units, true/false, 1,45)."""
    if text is None or (isinstance(text, str) and not text.strip()):
        return None
    if isinstance(text, bool):
        raise ValueError(text)
    plain = repr(text) if isinstance(text, float) else str(text).strip()
    if "," in plain:
        if not _GROUPED.fullmatch(plain):
            raise ValueError(text)
        plain = plain.replace(",", "")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite() or "_" in plain:
        raise ValueError(text)
    return value


def read_filled(returns: Mapping[str, Return], source: Source, shown: str) -> FilledReturn:
    """Read a filled template: which form, version, period and unit its hidden sheet says; its cells by row and column code."""
    filled = FilledReturn()
    try:
        book = read_workbook(source, shown)
    except WorkbookError as e:
        fault = e.fault
        filled.faults.append(SheetFault(fault.code, _located(fault), hint=fault.hint))
        return filled
    if META_SHEET not in book:
        hint = "用 qingmiao template 生成的模板填报"
        message = f"没有隐藏页 {META_SHEET}，不知道是哪张表（工作表：{'、'.join(book)}）"
        filled.faults.append(SheetFault("no_meta", message, hint=hint))
        return filled
    _meta(returns, book.pop(META_SHEET), filled)
    if filled.form is None:
        return filled
    rules = FormRules(filled.form)
    for name, sheet in book.items():
        if any(c != "" for row in sheet.rows for c in row):
            _read_sheet(name, sheet, rules, filled)
    return filled


def _located(fault: Fault) -> str:
    return f"{fault.place}：{fault.message}" if fault.place else fault.message


def _meta(returns: Mapping[str, Return], sheet: Sheet, filled: FilledReturn) -> None:
    meta = {str(r[0]): str(r[1]).strip() for r in sheet.rows if len(r) >= 2}

    def fault(code: str, message: str, hint: str) -> None:
        filled.faults.append(SheetFault(code, message, sheet=META_SHEET, hint=hint))

    form = returns.get(meta.get("return", ""))
    if form is None:
        fault("unknown_return", f"没有统计报表「{meta.get('return', '')}」", "可用：" + "、".join(returns))
    elif meta.get("version") != str(form.version):
        message = f"模板版本 {meta.get('version')}，现行版本 {form.version}"
        fault("old_template", message, "下载新模板重新填报")
    else:
        filled.form = form
    year, revision = meta.get("year", ""), meta.get("revision", "") or "0"
    if re.fullmatch(r"(19|20|21)\d\d", year):
        filled.year = int(year)
    else:
        fault("wrong_type", f"报告期「{year}」不是年份", "下载新模板重新填报")
    if re.fullmatch(r"\d{1,9}", revision):
        filled.revision = int(revision)
    else:
        fault("wrong_type", f"revision「{revision}」不是整数", "下载新模板重新填报")
    filled.area, filled.organisation = meta.get("area", ""), meta.get("organisation", "")


def _read_sheet(name: str, sheet: Sheet, rules: FormRules, filled: FilledReturn) -> None:
    head = _code_cell(sheet)
    if head is None:
        hint = "不要删改代码行和代码列；多余的工作表请删去"
        message = f"找不到「{CODE_WORD}」格"
        filled.faults.append(SheetFault("no_codes", message, sheet=name, hint=hint))
        return
    columns = _columns(name, sheet, head, rules.form, filled)
    rows = {r.code for r in rules.form.rows}
    for i in range(head[0] + 1, len(sheet.rows)):
        code = _code(sheet.at(i, head[1]))
        if code not in rows:
            stray = tuple(cell_of(i, j) for j in columns if sheet.at(i, j) != "")
            if code or stray:
                known = "行：" + "、".join(r.code for r in rules.form.rows)
                message = f"{rules.form.id} 没有行代码「{code}」" if code else "这一行有数，没有行代码"
                at = (cell_of(i, head[1]),) if code else stray
                filled.faults.append(SheetFault("unknown_row", message, sheet=name, cells=at, hint=known))
            continue
        for j, column in columns.items():
            key, cell = (code, column), cell_of(i, j)
            if key in rules.blocked or (key in rules.formulas and cell in sheet.formulas):
                continue  # closed on paper; or computed by the sheet, and computed here again
            filled.put(key, sheet.at(i, j), name, cell, unsaved=cell in sheet.unsaved)


def _columns(
    name: str, sheet: Sheet, head: tuple[int, int], form: Return, filled: FilledReturn
) -> dict[int, str]:
    known = {c.code for c in form.columns}
    found: dict[int, str] = {}
    for j in range(head[1] + 1, len(sheet.rows[head[0]])):
        code = _code(sheet.at(head[0], j))
        if code in known:
            found[j] = code
        elif code:
            hint = "列：" + "、".join(c.code for c in form.columns)
            message, cell = f"{form.id} 没有列代码「{code}」", cell_of(head[0], j)
            filled.faults.append(SheetFault("unknown_cell", message, sheet=name, cells=(cell,), hint=hint))
    return found


def _code_cell(sheet: Sheet) -> tuple[int, int] | None:
    for i, row in enumerate(sheet.rows[:_HEAD_ROWS]):
        for j, cell in enumerate(row):
            if isinstance(cell, str) and cell.strip() == CODE_WORD:
                return i, j
    return None


def _code(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def judge(filled: FilledReturn, rules: FormRules, last: Cells | None = None) -> list[SheetFault]:
    """All faults of a filled return: those of reading, then what it breaks; `last`: last period's figures of the same unit."""
    return [*filled.faults, *(_on_sheet(b, filled.places) for b in rules.broken(filled.cells, last))]


def _on_sheet(broken: Broken, places: Mapping[CellKey, tuple[str, str]]) -> SheetFault:
    at = [places[k] for k in broken.cells if k in places]
    sheet = at[0][0] if at else ""
    message = broken.message + (f"（{broken.check}）" if broken.check else "")
    cells = tuple(cell for name, cell in at if name == sheet)
    return SheetFault(broken.code, message, broken.kind, broken.rule, sheet, cells)


_KINDS = {"error": "必须改正", "query": "请核实说明"}


def repaired_copy(source: Source, shown: str, faults: Iterable[SheetFault]) -> bytes:
    """The workbook as .xlsx with each fault's cells filled red and commented, and all faults on a first sheet 核对结果.

    Raises WorkbookError for a workbook that cannot be read at all.
    """
    listed = list(faults)
    marks = [(f.sheet, cell, _told(f)) for f in listed for cell in f.cells]
    notes = [("工作表", "单元格", "性质", "问题", "建议")]
    notes += [(f.sheet, "、".join(f.cells), _KINDS[f.kind], _told(f), f.hint) for f in listed]
    return marked_workbook(source, shown, marks=marks, notes=notes)


def _told(fault: SheetFault) -> str:
    return f"规则 {fault.rule}：{fault.message}" if fault.rule else fault.message
