"""What a table's target value means before it is compared: a level, a change in per cent or in points, or no number.

The two international methods compare levels only. A change is turned into the level that it leads to; what cannot be
turned, or contradicts itself, is refused with its reason (docs/explanation/international-classes.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from qingmiao.assess.international import Case, Direction
from qingmiao.assess.series import exact
from qingmiao.content.plan import TargetKind

POINTS = frozenset({"个百分点", "百分点", "个千分点", "千分点", "points", "pp"})
"""Words of a change in the value's own unit."""
PERCENT = frozenset({"", "%", "percent", "百分比"})
"""Words of a change in per cent of the base; an empty unit means it, too."""
_SIDES: dict[TargetKind, Direction] = {
    TargetKind.AT_MOST: "down",
    TargetKind.AT_LEAST: "up",
    TargetKind.COUNT_AT_LEAST: "up",
    TargetKind.REDUCE_BY: "down",
    TargetKind.INCREASE_BY: "up",
    TargetKind.FALLING: "down",
    TargetKind.RISING: "up",
}
_CHANGES = (TargetKind.REDUCE_BY, TargetKind.INCREASE_BY)
_TRENDS = (TargetKind.FALLING, TargetKind.RISING)
WITHOUT_NUMBER = frozenset({"no_numeric_target"})
_WORDS = {"up": "上升", "down": "下降"}


@dataclass(frozen=True)
class Incomparable:
    """Why the row cannot be compared (Chinese)."""

    reason: str


def as_level(
    case: Case, kind: TargetKind | None, *, word: str = "", unit: str = "", target_unit: str = ""
) -> Case | Incomparable:
    """The case with its target as a level and the direction that its kind says, or why there is none.

    `kind` is that of the row's word, None for a plain level or for no target; `word` the word itself.
    """
    if word in WITHOUT_NUMBER:
        if case.target_value is not None:
            return Incomparable(f"写了 {word}（没有目标值），又写了目标值")
        return case
    if kind is None:
        return _same_unit(case, unit, target_unit)
    side = _SIDES.get(kind)
    if side is None:
        return Incomparable(f"{kind.label}（{word}）不是一个水平，这个方法比较不了")
    if case.direction is not None and case.direction != side:
        told, meant = _WORDS[case.direction], _WORDS[side]
        return Incomparable(f"方向写{told}，目标种类 {word} 却要{meant}")
    case = replace(case, direction=side)
    if kind in _TRENDS:
        if case.target_value is not None:
            return Incomparable(f"{kind.label}（{word}）没有目标值，却写了目标值")
        return case
    if case.target_value is None:
        return Incomparable(f"目标种类 {word} 要有目标值")
    return _changed(case, kind, unit, target_unit) if kind in _CHANGES else _same_unit(case, unit, target_unit)


def change_problem(case: Case, kind: TargetKind, target_unit: str = "") -> str:
    """Why a change in per cent has no meaning: no base above 0, a size outside 0–100, or one that may be a share."""
    size = case.target_value
    if case.base_value is None or case.base_year is None:
        return "没有基期值或基期年，算不出变化后的水平"
    if size is None or size < 0:
        return "变化幅度为负：升降由目标种类决定，幅度写正数"
    if target_unit in POINTS:
        return ""
    if case.base_value <= 0:
        return "基期值为 0 或负，算不出变化幅度"
    if 0 < size < 1 and target_unit == "":
        return f"变化幅度 {size:g} 是 {size:g}% 还是 {size * 100:g}%：写百分数（20 表示 20%），或写 target_unit"
    if size > 100 and kind is TargetKind.REDUCE_BY:
        return f"下降幅度 {size:g}% 超过 100%"
    return ""


def _changed(case: Case, kind: TargetKind, unit: str, target_unit: str) -> Case | Incomparable:
    """The level that a change leads to: base × (1 ∓ p ÷ 100), or base ∓ points."""
    if target_unit not in POINTS | PERCENT and target_unit != unit:
        return Incomparable(f"变化幅度的单位「{target_unit}」既不是 % 也不是百分点")
    absolute = target_unit in POINTS or (target_unit not in PERCENT and target_unit == unit)
    problem = change_problem(case, kind, "points" if absolute else target_unit)
    if problem:
        return Incomparable(problem)
    assert case.base_value is not None
    assert case.target_value is not None
    base, size = exact(case.base_value), exact(case.target_value)
    sign = -1 if kind is TargetKind.REDUCE_BY else 1
    level = base + sign * size if absolute else base * (1 + Fraction(sign) * size / 100)
    return replace(case, target_value=float(level))


def _same_unit(case: Case, unit: str, target_unit: str) -> Case | Incomparable:
    if case.target_value is not None and target_unit and target_unit != unit:
        return Incomparable(f"目标值的单位「{target_unit}」与数值的单位「{unit or '（没有写）'}」不同")
    return case
