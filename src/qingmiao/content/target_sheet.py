"""A spreadsheet with one row a target: its columns, in any order and under the names that people give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from qingmiao.content import target_cells as cells
from qingmiao.content.base import ID_FORM
from qingmiao.content.messages import first_message
from qingmiao.content.plan import Target
from qingmiao.content.target_cells import CellError, KindCell
from qingmiao.content.words import half_width
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.kernel.misread import MisreadError
from qingmiao.kernel.year_texts import read_year

Rows = Sequence[Sequence[str]]
"""The cells of a sheet as people see them, from A1; merged cells filled."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "领域": ("发展领域",),
    "主要目标": ("目标", "规划目标", "目标原文", "目标内容"),
    "编号": ("目标编号", "指标编号", "id"),
    "指标名称": ("指标", "监测指标", "可监测目标", "名称", "目标名称"),
    "单位": ("计量单位", "指标单位"),
    "类型": ("方向", "方向/类型", "类型/方向", "目标类型", "指标方向", "指标类型", "要求"),
    "目标值": ("目标数值", "数值", "规划目标值"),
    "目标年": ("目标年份", "完成年份", "达到年份", "年份"),
    "里程碑": ("中期目标值", "阶段目标", "里程碑目标"),
    "基期年": ("基期年份", "基年", "基准年"),
    "基期值": ("基期数", "基数", "基准值", "基期数值"),
    "逐一达到的地区": ("逐一达到", "以何为单位"),
    "限定词": (),
    "允许偏差": ("偏差",),
    "允许偏差的依据": ("偏差依据",),
    "下达单位": (),
    "对比地区": ("比较地区",),
    "牵头单位": ("责任单位", "牵头部门", "责任部门", "牵头责任单位", "主要责任单位"),
    "配合单位": ("配合部门", "协办单位", "参与单位"),
    "原文": ("规划原文", "目标表述"),
    "范围": ("适用范围",),
    "人群": ("对象",),
    "备注": ("说明", "注", "其他说明"),
}
"""Name of a column → other names for it. Only 指标名称 must be there."""

_IGNORED = ("序号", "行号", "no", "no.")
_NOTES = re.compile(r"\s*(?:注|备注|说明|填表说明|资料来源)\s*[:：\d]")
_SAME_ABOVE = ("领域", "主要目标")
_OTHERS = {"全省": 2, "省": 2, "全市": 4, "市": 4}


@dataclass(frozen=True)
class TargetRow:
    """One target of the sheet: `target` holds its keys as a file does; `row` is the row's number as people see it."""

    row: int
    field: str
    goal: str
    lead: str
    partners: tuple[str, ...]
    target: dict[str, Any]


@dataclass
class TargetSheet:
    """What was read; `unused` are columns and rows that were not."""

    rows: list[TargetRow] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def find_header(rows: Rows) -> int | None:
    """The row (from 0) of the headings, below titles if there are any; None where the sheet has no table of targets."""
    for n, row in enumerate(rows[:20]):
        names = [_column(cell) for cell in row]
        if "指标名称" in names and len({x for x in names if x}) >= 3:
            return n
    return None


def read_targets(rows: Rows, shown: str, area: str) -> TargetSheet:
    """Every row as a target; `area` is the code of the plan's area. Raises UserError naming each cell that cannot be
    read."""
    top = find_header(rows)
    if top is None:
        hint = "表头至少要有 指标名称、类型、目标值；用 qingmiao new-pack --sheet 目标表.xlsx 得到模板"
        raise UserError("目标表读不了，什么都没有写", [Fault(shown, 1, "no_header", "找不到表头", hint=hint)])
    sheet = TargetSheet()
    faults: list[Fault] = []
    at: dict[str, int] = {}
    for n, cell in enumerate(rows[top]):
        name = _column(cell)
        if name and name in at:
            message = f"「{cell}」和「{rows[top][at[name]]}」是同一列"
            faults.append(Fault(shown, top + 1, "duplicate_column", message, _cell(top, n), "只留一列"))
        elif name:
            at[name] = n
        elif cell.strip() and half_width(cell).lower() not in _IGNORED:
            sheet.unused.append(f"列「{cell.strip()}」没有用到")
    above: dict[str, str] = {}
    seen: dict[str, int] = {}
    for n, row in enumerate(rows[top + 1 :], start=top + 1):
        given = {name: _text(row, c) for name, c in at.items()}
        if not any(x.strip() for x in row):
            continue
        first = next(x for x in row if x.strip())
        if not given["指标名称"] and _NOTES.match(first):
            sheet.unused.append(f"第 {n + 1} 行是说明，没有用到：{first.strip()[:20]}")
            continue
        for name in _SAME_ABOVE:
            above[name] = given[name] = given.get(name) or above.get(name, "")
        reader = _Row(shown, n, at, given, faults)
        found = reader.read(len(sheet.rows) + 1, area)
        if found is not None:
            id_ = found.target["id"]
            if id_ in seen:
                reader.fault("编号", f"编号「{id_}」重复（第 {seen[id_]} 行已有）", "每个目标一个编号")
            seen[id_] = n + 1
            sheet.rows.append(found)
    if not sheet.rows and not faults:
        faults.append(Fault(shown, top + 1, "no_rows", "表头下面没有目标", hint="一行写一个目标"))
    if faults:
        raise UserError(f"目标表有 {len(faults)} 处读不懂，什么都没有写", faults)
    return sheet


def _column(cell: str) -> str:
    plain = re.sub(r"[\s*（(].*$|[\s*]", "", half_width(cell)).lower() if cell.strip() else ""
    whole = re.sub(r"\s", "", half_width(cell)).lower()
    for name, others in COLUMNS.items():
        if plain == name or whole == name or plain in others or whole in others:
            return name
    return ""


def _text(row: Sequence[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _cell(row: int, column: int) -> str:
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


class _Row:
    """Reads one row; each cell that cannot be read is a fault of its own."""

    def __init__(self, shown: str, row: int, at: dict[str, int], given: dict[str, str], faults: list[Fault]) -> None:
        self.shown, self.row, self.at, self.given, self.faults = shown, row, at, given, faults
        self.before = len(faults)

    def fault(self, column: str, message: str, hint: str) -> None:
        place = f"{column} {_cell(self.row, self.at[column])}" if column in self.at else column
        self.faults.append(Fault(self.shown, self.row + 1, "wrong_cell", message, place, hint))

    def get(self, column: str) -> str:
        return self.given.get(column, "")

    def year(self, column: str) -> int | None:
        try:
            return read_year(self.get(column)) if self.get(column) else None
        except (MisreadError, ValueError) as e:
            self.fault(column, f"「{self.get(column)}」不是年份", getattr(e, "nearest", "") or "写成 2025")
            return None

    def read(self, order: int, area: str) -> TargetRow | None:
        label = self.get("指标名称")
        if not label:
            self.fault("指标名称", "这一行没有指标名称", "补上名称；说明文字以「注：」开头，或删去这一行")
            return None
        keys: dict[str, Any] = {"id": self.get("编号") or f"T{order:02d}", "label": {"zh": label}}
        if not re.fullmatch(ID_FORM, keys["id"]):
            self.fault(
                "编号",
                f"编号「{keys['id']}」的写法不对",
                "只用字母、数字、_、-，中间可以有点；或留空，由程序编号",
            )
        try:
            kind = read_kind_cell(self.get("类型"))
        except CellError as e:
            self.fault("类型", e.message, e.hint)
            return None
        try:
            name, bar, unit, words = cells.read_bar(self.get("目标值"), kind, half_width(self.get("单位")))
        except CellError as e:
            self.fault("目标值", e.message, e.hint)
            return None
        self.fill(keys, kind, name, bar, unit, words, area)
        if len(self.faults) > self.before:
            return None
        try:
            Target.model_validate(keys)
        except ValidationError as e:
            self.fault("指标名称", f"「{label}」这一行不成立：{first_message(e)}", "核对类型和目标值")
            return None
        partners = tuple(x for x in re.split(r"[、,，;；\s]+", self.get("配合单位")) if x)
        goal = self.get("主要目标") or self.get("原文") or label
        return TargetRow(self.row + 1, self.get("领域"), goal, self.get("牵头单位"), partners, keys)

    def fill(
        self,
        keys: dict[str, Any],
        kind: KindCell,
        name: str,
        bar: cells.Keys,
        unit: str,
        words: tuple[str, ...],
        area: str,
    ) -> None:
        """The keys of the target in the order in which people write them."""
        level = bar.pop("level", "") or kind.level or self.level()
        if level and name not in ("at_least", "at_most", "within", "reduce_by", "increase_by"):
            self.fault("逐一达到的地区", "逐一达到的目标要有上限、下限或变化幅度", "类型写 不低于、不高于……")
        keys["kind"] = "every_area" if level else name
        if level:
            keys |= {"level": level, "bound": name}
        if name == "relative_to":
            other = self.get("对比地区") or kind.other
            code = other if re.fullmatch(r"\d{2,12}|[A-Z]{2,3}", other) else self.other(other, area)
            relation = kind.relation or "above"
            margin = {"margin": bar.pop("margin")} if "margin" in bar else {}
            keys["relative_to"] = {"area": code, "relation": relation, **margin}
        keys |= bar
        if unit:
            keys["unit"] = unit
        if year := self.year("目标年"):
            keys["year"] = year
        self.more(keys, name, unit)
        words = (*kind.qualifiers, *words, *self.read_cell("限定词", cells.read_qualifiers, ()))
        if words:
            keys["qualifiers"] = list(dict.fromkeys(words))
        if self.get("允许偏差"):
            given = self.read_cell("允许偏差", lambda text: cells.read_tolerance(text, unit), {})
            source = {"document": self.get("允许偏差的依据") or "本地设定，待确认", "evidence": "local"}
            keys["tolerance"] = {**given, "source": source}
        elif "about" in words:
            self.fault("允许偏差", "带「左右」的目标要写允许偏差", "写 1 或 1个百分点；规划没写的由本县定")
        named = {
            "assigned_by": "下达单位",
            "quote": "原文",
            "scope": "范围",
            "subgroup": "人群",
            "note": "备注",
        }
        keys |= {key: self.get(column) for key, column in named.items() if self.get(column)}

    def more(self, keys: dict[str, Any], name: str, unit: str) -> None:
        """Milestones and the baseline."""
        if self.get("里程碑"):
            steps = self.read_cell("里程碑", lambda text: cells.read_milestones(text, name, unit), [])
            keys["milestones"] = steps
        year = self.year("基期年")
        value = self.read_cell("基期值", lambda text: cells.read_number(text, unit), None)
        if value is not None and year is None:
            self.fault("基期年", "有基期值，没有基期年", "写上是哪一年的")
        if year is not None:
            keys["baseline"] = {"year": year, **({"value": value} if value is not None else {})}

    def read_cell(self, column: str, how: Any, empty: Any) -> Any:
        """What a cell says, or `empty` for a blank one; Any because each column has a type of its own."""
        if not self.get(column):
            return empty
        try:
            return how(self.get(column))
        except CellError as e:
            self.fault(column, e.message, e.hint)
            return empty

    def level(self) -> str:
        text = self.get("逐一达到的地区")
        if not text or text in ("否", "无", "—", "-"):
            return ""
        plain = re.sub(r"^(?:以|每个|每|各|所有)|为单位$|级$", "", half_width(text))
        found = cells.LEVELS.get(plain) or (plain if plain in cells.LEVELS.values() else "")
        if not found:
            self.fault("逐一达到的地区", f"不认识的级别「{text}」", "写 乡镇、县、村……；不要求逐一达到的留空")
        return found

    def other(self, text: str, area: str) -> str:
        if text in ("全国", "国家"):
            return "CN"
        if text in _OTHERS and len(area) > _OTHERS[text]:
            return area[: _OTHERS[text]]
        self.fault("对比地区", f"不知道与哪里相比「{text}」", "写地区代码，或 全国、全省、全市")
        return ""


def read_kind_cell(text: str) -> KindCell:
    """The cell 类型; an empty one is seen from the value."""
    return cells.read_kind(text) if text else KindCell()
