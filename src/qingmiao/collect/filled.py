"""One return as filled in on a workbook: its figures by code, where each stands, and every fault with sheet, cell and
rule.

Read from our template (`read_filled`, matched by code, never by position) or from a department's own sheet
(`mapping.read_mapped`); judged by the return's rules (`judge`); handed back with its faults marked (`repaired_copy`).
Nothing here raises for a bad file: whatever is wrong with it is a `SheetFault`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from qingmiao.collect.cell_figures import figure_in
from qingmiao.collect.rules import Broken, CellKey, Cells, ReturnRules
from qingmiao.collect.sheet_heading import SheetHeading, read_heading
from qingmiao.collect.template import CODE_WORD, META_SHEET
from qingmiao.collect.workbook import (
    Source,
    WorkbookError,
    WorkbookSheet,
    cell_of,
    marked_workbook,
    place_of,
    read_workbook,
)
from qingmiao.content.returns import Return
from qingmiao.kernel.errors import Fault
from qingmiao.kernel.figure_texts import FigureError, quoted
from qingmiao.kernel.periods import Period

GET_TEMPLATE = "用 qingmiao template 生成的模板填报"
"""Where the command line's users find the template; the site says its own page."""
UNREADABLE = frozenset({"not_xlsx", "workbook_limit", "empty_file", "no_file"})
"""Faults of a file that is no workbook that can be read: there is nothing to mark in it."""
_TOLD_CELLS = 12
"""So many addresses of one fault are told, the rest is counted."""
_HEAD_ROWS = 60
"""How far down the code row is looked for."""


@dataclass(frozen=True)
class SheetFault:
    """One thing wrong with a filled workbook. `cells` are spreadsheet addresses ("C7") on `sheet`; `rule` is the
    return's rule id.

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
        more = f" 等 {len(self.cells)} 格" if len(self.cells) > _TOLD_CELLS else ""
        parts += [f"单元格 {'、'.join(self.cells[:_TOLD_CELLS])}{more}"] if self.cells else []
        return " ".join([*parts, *([f"规则 {self.rule}"] if self.rule else [])])

    def fault(self, shown: str) -> Fault:
        """As a fault of the file `shown`; its line is the row of the first cell."""
        line = place_of(self.cells[0])[0] + 1 if self.cells else 0
        return Fault(shown, line, self.code, self.message, place=self.place, hint=self.hint)


@dataclass
class FilledReturn:
    """A return read from a workbook. `return_` is None where the workbook does not say which; `places`: sheet and
    address of each cell."""

    return_: Return | None = None
    year: int | None = None
    area: str = ""
    organisation: str = ""
    revision: int = 0
    cells: dict[CellKey, Decimal | None] = field(default_factory=dict)
    places: dict[CellKey, tuple[str, str]] = field(default_factory=dict)
    faults: list[SheetFault] = field(default_factory=list)

    def put(self, key: CellKey, sheet: WorkbookSheet, name: str, cell: str, *, unit: str = "") -> None:
        """Take one cell of the sheet `name` as read; what is no figure of `unit`, given twice or without a stored
        result becomes a fault."""
        if key in self.places:
            first = " ".join(self.places[key])
            self.fault("duplicate_key", f"行 {key[0]} 列 {key[1]} 重复（{first} 已有）", name, cell)
            return
        self.places[key] = (name, cell)
        self.cells[key] = None
        if cell in sheet.unsaved:
            hint = "用 Excel 打开、保存后再交，或直接填数"
            self.fault("formula_without_value", "公式没有保存的结果", name, cell, hint)
            return
        try:
            self.cells[key] = figure_in(sheet.at(*place_of(cell)), unit, sheet.formats.get(cell, ""))
        except FigureError as e:
            self.fault(e.code, e.message, name, cell, e.hint)

    def fault(self, code: str, message: str, sheet: str, cell: str = "", hint: str = "") -> None:
        """Note one fault of reading."""
        self.faults.append(SheetFault(code, message, sheet=sheet, cells=(cell,) if cell else (), hint=hint))


def read_filled(
    returns: Mapping[str, Return],
    source: Source,
    shown: str,
    *,
    get_template: str = GET_TEMPLATE,
    area_name: Callable[[str], str | None] = lambda _: None,
) -> FilledReturn:
    """Read a filled template: which return, version, period and unit its hidden sheet says; its cells by row and column
    code.

    The visible heading must say the same return, period and area as the hidden sheet. `get_template` tells the reader
    where templates are found; `area_name` gives the name of an area's code.
    """
    filled = FilledReturn()
    try:
        book = read_workbook(source, shown)
    except WorkbookError as e:
        fault = e.fault
        filled.faults.append(SheetFault(fault.code, _located(fault), hint=fault.hint))
        return filled
    if META_SHEET not in book:
        names = "、".join(quoted(n) for n in list(book)[:_TOLD_CELLS])
        message = f"没有隐藏页 {META_SHEET}，不知道是哪张表（工作表：{names}）"
        filled.faults.append(SheetFault("no_meta", message, hint=get_template))
        return filled
    _meta(returns, book.pop(META_SHEET), filled, get_template)
    if filled.return_ is None:
        return filled
    rules = ReturnRules(filled.return_)
    for name, sheet in book.items():
        if any(c != "" for row in sheet.rows for c in row):
            head = _read_sheet(name, sheet, rules, filled)
            if head is not None:
                _contradictions(name, read_heading(sheet, head[0]), filled, area_name)
    return filled


def _located(fault: Fault) -> str:
    return f"{fault.place}：{fault.message}" if fault.place else fault.message


def _meta(returns: Mapping[str, Return], sheet: WorkbookSheet, filled: FilledReturn, get_template: str) -> None:
    meta = {str(r[0]): str(r[1]).strip() for r in sheet.rows if len(r) >= 2}

    def fault(code: str, message: str, hint: str = get_template) -> None:
        filled.fault(code, message, META_SHEET, hint=hint)

    return_ = returns.get(meta.get("return", ""))
    if return_ is None:
        message = f"没有统计报表{quoted(meta.get('return', ''))}"
        fault("unknown_return", message, f"{get_template}；可用：" + "、".join(returns))
    elif meta.get("version") != str(return_.version):
        message = f"模板版本{quoted(meta.get('version', ''))}，现行版本 {return_.version}"
        fault("old_template", message)
    else:
        filled.return_ = return_
    year, revision = meta.get("year", ""), meta.get("revision", "") or "0"
    if re.fullmatch(r"(19|20|21)\d\d", year, re.ASCII):
        filled.year = int(year)
    else:
        fault("wrong_type", f"报告期{quoted(year)}不是年份")
    if re.fullmatch(r"\d{1,9}", revision, re.ASCII):
        filled.revision = int(revision)
    else:
        fault("wrong_type", f"revision{quoted(revision)}不是整数")
    filled.area, filled.organisation = meta.get("area", ""), meta.get("organisation", "")


def _contradictions(
    name: str, heading: SheetHeading, filled: FilledReturn, area_name: Callable[[str], str | None]
) -> None:
    """What the sheet's visible heading says otherwise than its hidden page: nobody knows then which one the figures are
    for."""
    return_ = filled.return_
    if return_ is None or filled.year is None:
        return
    hidden = str(Period(return_.period, filled.year))
    if heading.form_no and heading.form_no != "".join(return_.form_no.split()):
        hint = f"用 {return_.form_no} 的模板填 {return_.form_no} 的数；若只是表头写错，把表头改回「表号：{return_.form_no}」"
        message = f"表头写的表号是{quoted(heading.form_no)}，隐藏页是「{return_.form_no}」"
        filled.fault("heading_form", message, name, heading.form_cell, hint)
    if heading.period:
        year = heading.year(return_.period)
        if year != filled.year:
            hint = f"这些数若是{heading.period}的，抄到{heading.period}的模板里再交；若是{hidden}的，把表头改回「报告期：{hidden}」"
            message = f"表头写的报告期是{quoted(heading.period)}，隐藏页是「{hidden}」，不知道是哪一年的数"
            filled.fault("heading_period", message, name, heading.period_cell, hint)
    known = area_name(filled.area)
    other_code = heading.area_code and _full(heading.area_code) != _full(filled.area)
    other_name = heading.area_name and known is not None and heading.area_name != "".join(known.split())
    if other_code or other_name:
        said = heading.area_name + (f"（{heading.area_code}）" if heading.area_code else "")
        right = f"{known or ''}（{filled.area}）"
        hint = f"这些数若是{said}的，抄到{said}的模板里再交；若是{right}的，把表头改回「地区：{right}」"
        message = f"表头写的地区是{quoted(said)}，隐藏页是「{right}」，不知道是哪里的数"
        filled.fault("heading_area", message, name, heading.area_cell, hint)


def _full(code: str) -> str:
    return code.ljust(12, "0") if code.isdigit() else code


def _read_sheet(name: str, sheet: WorkbookSheet, rules: ReturnRules, filled: FilledReturn) -> tuple[int, int] | None:
    """Take the cells of one sheet; where its code cell stands, or None."""
    head = _code_cell(sheet)
    if head is None:
        hint = "不要改动代码行和代码列；不是报表的工作表另存到别的文件里"
        filled.fault("no_codes", f"找不到「{CODE_WORD}」格", name, hint=hint)
        return None
    columns = _columns(name, sheet, head, rules.return_, filled)
    rows = {r.code for r in rules.return_.rows}
    known = "行：" + "、".join(r.code for r in rules.return_.rows)
    for i in range(head[0] + 1, len(sheet.rows)):
        code = _code(sheet.at(i, head[1]))
        if code not in rows:
            stray = tuple(cell_of(i, j) for j in columns if sheet.at(i, j) != "")
            if code:
                message, cell = f"{rules.return_.id} 没有行代码{quoted(code)}", cell_of(i, head[1])
                filled.fault("unknown_row", message, name, cell, known)
            elif stray:
                message = "这一行有数，没有行代码"
                filled.faults.append(SheetFault("unknown_row", message, sheet=name, cells=stray, hint=known))
            continue
        for j, column in columns.items():
            key, cell = (code, column), cell_of(i, j)
            if key in rules.blocked or (key in rules.formulas and cell in sheet.formulas):
                continue  # closed on paper; or computed by the sheet, and computed here again
            filled.put(key, sheet, name, cell, unit=rules.unit(key))
    return head


def _columns(
    name: str, sheet: WorkbookSheet, head: tuple[int, int], return_: Return, filled: FilledReturn
) -> dict[int, str]:
    known = {c.code for c in return_.columns}
    found: dict[int, str] = {}
    for j in range(head[1] + 1, len(sheet.rows[head[0]])):
        code = _code(sheet.at(head[0], j))
        if code in known:
            found[j] = code
        elif code:
            hint = "列：" + "、".join(c.code for c in return_.columns)
            message, cell = f"{return_.id} 没有列代码{quoted(code)}", cell_of(head[0], j)
            filled.fault("unknown_cell", message, name, cell, hint)
    return found


def _code_cell(sheet: WorkbookSheet) -> tuple[int, int] | None:
    for i, row in enumerate(sheet.rows[:_HEAD_ROWS]):
        for j, cell in enumerate(row):
            if isinstance(cell, str) and cell.strip() == CODE_WORD:
                return i, j
    return None


def _code(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def judge(filled: FilledReturn, rules: ReturnRules, last: Cells | None = None) -> list[SheetFault]:
    """All faults of a filled return: those of reading, then what it breaks; `last`: last period's figures of the same
    unit."""
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
