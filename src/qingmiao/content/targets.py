"""A target: its kind, the plan's own words, its numbers, and which of them belong together.

It holds the words of the plan ("keep at", "strive for", "about") as words of their own; how a verdict is reached for
each kind is written in docs/explanation/attainment.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.bars import (
    AssignedNumber,
    Bar,
    Baseline,
    Course,
    HigherAreaReference,
    Share,
    Stratum,
    Tolerance,
    share_of,
)
from qingmiao.content.base import Content, Id, Label, Name, Year
from qingmiao.content.plain_series import PlainSeries


class TargetKind(StrEnum):
    """What a target asks for."""

    AT_MOST = "at_most"  # 控制在…以下
    AT_LEAST = "at_least"  # 达到…以上
    WITHIN = "within"  # 保持在…至…之间
    REDUCE_BY = "reduce_by"  # 以某年为基数下降…
    INCREASE_BY = "increase_by"  # 以某年为基数提高…
    FALLING = "falling"  # 下降 / 持续下降
    RISING = "rising"  # 提高 / 逐步提高
    CONTAINED = "contained"  # 上升趋势得到有效控制
    EVERY_AREA = "every_area"  # 以乡镇为单位…
    COUNT_AT_LEAST = "count_at_least"  # 建成…个
    RELATIVE_TO = "relative_to"  # 高于全省平均水平
    ASSIGNED = "assigned"  # 完成上级下达的指标
    QUALITATIVE = "qualitative"  # 没有数值，以证据材料评判

    @property
    def label(self) -> str:
        """Chinese name."""
        return _KIND_LABELS[self.value]


_KIND_LABELS = {
    "at_most": "不高于",
    "at_least": "不低于",
    "within": "区间",
    "reduce_by": "较基期下降",
    "increase_by": "较基期提高",
    "falling": "下降",
    "rising": "上升",
    "contained": "上升趋势得到控制",
    "every_area": "各地均达到",
    "count_at_least": "数量不少于",
    "relative_to": "与上级相比",
    "assigned": "上级下达",
    "qualitative": "定性",
}


WANTED: dict[TargetKind, Literal["higher", "lower"]] = {
    TargetKind.AT_LEAST: "higher",
    TargetKind.INCREASE_BY: "higher",
    TargetKind.RISING: "higher",
    TargetKind.COUNT_AT_LEAST: "higher",
    TargetKind.AT_MOST: "lower",
    TargetKind.REDUCE_BY: "lower",
    TargetKind.FALLING: "lower",
    TargetKind.CONTAINED: "lower",
}
"""Which side each kind of target wants; the others want none, or say it elsewhere (`bound`, `relative_to`,
`assigned`)."""


class Qualifier(StrEnum):
    """Words of the plan that soften or sharpen a number; never dropped, never turned into a number in silence."""

    KEEP = "keep"  # 保持
    STRIVE = "strive"  # 力争
    ABOUT = "about"  # 左右
    NEAR = "near"  # 接近
    SUSTAINED = "sustained"  # 持续（每年）
    MARKED = "marked"  # 明显
    GRADUAL = "gradual"  # 逐步
    UNIVERSAL = "universal"  # 普遍、全面
    BASIC = "basic"  # 基本

    @property
    def label(self) -> str:
        """Chinese word."""
        return {
            "keep": "保持",
            "strive": "力争",
            "about": "左右",
            "near": "接近",
            "sustained": "持续",
            "marked": "明显",
            "gradual": "逐步",
            "universal": "普遍（全面）",
            "basic": "基本",
        }[self.value]


class Each(Content):
    """Institutions that must all keep to a bar (每所卫生院): the groups of one breakdown of the indicator.

    Who they are: the organisations of `type` that exist at the year's end; without it the codes of the breakdown's code
    list; without that the rows of the year (a register lists what exists).
    """

    by: Name
    """The breakdown of the indicator whose codes are the institutions (ids of organisations, codes, or names)."""
    noun: Annotated[str, Field(min_length=1)]
    """卫生院, as the report says it."""
    counter: str = "所"
    type: str = ""


class Target(Course):
    """One measurable statement of a goal."""

    id: Id
    label: Label
    kind: TargetKind
    unit: str = ""
    inclusive: bool = True
    """「以上、以下、以内」包括本数（民法典第一千二百五十九条）；「超过、低于、不满」不包括：写 false。"""
    year: Year | None = None
    """By when; default: the plan's last year."""
    from_year: Year | None = None
    """Used time is counted from here; default: the baseline's year, else the year before the plan begins."""
    baseline: Baseline | None = None
    qualifiers: tuple[Qualifier, ...] = ()
    tolerance: Tolerance | None = None
    strata: tuple[Stratum, ...] = ()
    level: Literal["province", "city", "county", "township", "village"] | None = None
    bound: Literal["at_most", "at_least", "within", "reduce_by", "increase_by"] | None = None
    group: Id | None = None
    """every_area: a named group of areas instead of a level."""
    among: dict[Name, str] = {}
    """every_area: only the areas with these attributes (每个城镇街道)."""
    each: Each | None = None
    """every_area: institutions instead of areas."""
    of_areas: Share | None = None
    """「90% 以上的乡镇」: the share of the areas that must keep to the bar; default: all of them."""
    relative_to: HigherAreaReference | None = None
    assigned_by: str = ""
    assigned: tuple[AssignedNumber, ...] = ()
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    """Precision of the comparison; default: the larger of the indicator's and the written number's."""
    indicator: PlainSeries | None = None
    """The plain series that serves this target, written here instead of in a file of its own (`inline.py`)."""
    series: bool = False
    """True: as `indicator` with nothing to add."""
    scope: str = ""
    subgroup: str = ""
    quote: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _shape(self) -> Self:
        problem = _shape_problem(self)
        if problem:
            raise ValueError(problem)
        return self


_NEEDS = {
    TargetKind.AT_MOST: "value",
    TargetKind.AT_LEAST: "value",
    TargetKind.COUNT_AT_LEAST: "value",
    TargetKind.WITHIN: "range",
    TargetKind.REDUCE_BY: "change",
    TargetKind.INCREASE_BY: "change",
}
_NUMBER_WORDS = {
    "value": "value（目标值）",
    "range": "low 或 high（区间）",
    "change": 'cut（变化幅度，如 "20%" 或 "1/3"）或 points（变化多少个单位、百分点）',
}
_SHORT_WORDS = {"value": "value", "range": "low/high", "change": "cut/points"}


def _carries(bar: Bar) -> set[str]:
    found = {"value": bar.value, "range": bar.low if bar.low is not None else bar.high}
    found["change"] = bar.points if bar.cut is None else 1.0
    return {name for name, number in found.items() if number is not None}


_TRENDS = (TargetKind.FALLING, TargetKind.RISING, TargetKind.CONTAINED)


def _shape_problem(t: Target) -> str:
    """What a target of this kind lacks or must not have; empty when it is whole."""
    need = _NEEDS.get(t.kind)
    if t.kind is TargetKind.EVERY_AREA:
        if sum(x is not None for x in (t.level, t.group, t.each)) != 1 or t.bound is None:
            return (
                "every_area 目标要写 level（哪一级）、group（哪个地区组）、each（哪些机构）中的一个，"
                "和 bound（at_least、at_most、within、reduce_by 或 increase_by）"
            )
        if t.each is not None and (t.strata or t.among):
            return "each（机构）的目标不用 strata、among"
        need = _NEEDS[TargetKind(t.bound)]
        if t.of_areas is not None and not 0 < share_of(t.of_areas) <= 1:
            return 'of_areas（多少地区达到）应大于 0、不超过 100%，如 "90%"'
    elif t.bound is not None or t.of_areas is not None or t.group or t.each or t.among:
        return "bound、of_areas、group、each、among 只用于 every_area 目标"
    return _number_problem(t, need) or _group_problem(t) or _other_problem(t)


def _number_problem(t: Target, need: str | None) -> str:
    """Each bar (the target's own, each milestone, each group's) carries the number that the kind needs, and no
    other."""
    courses: tuple[Course, ...] = (t, *t.strata)
    bars = tuple(b for c in courses for b in (c, *c.milestones))
    for bar in bars:
        for name in sorted(_carries(bar) - {need}):
            return f"{t.kind.value} 目标不用 {_SHORT_WORDS[name]}"
    if need is None:
        if any(c.milestones for c in courses):
            return f"{t.kind.value} 目标不用 milestones"
        return f"{t.kind.value} 目标不用 strata" if t.strata and t.kind not in _TRENDS else ""
    if not t.bars and not t.strata:
        return f"{t.kind.value} 目标要写 {_NUMBER_WORDS[need]}；没有数值的目标请用 falling、rising、qualitative 或 assigned"
    if any(not c.bars for c in t.strata) or any(m.is_empty for c in courses for m in c.milestones):
        return f"milestones、strata 的每一项都要写 {_NUMBER_WORDS[need]}"
    return ""


def _group_problem(t: Target) -> str:
    for course in (t, *t.strata):
        years = [m.year for m in course.milestones]
        if years != sorted(set(years)):
            return "milestones 的年份要从小到大、不重复"
        if years and any(bar.per_year for bar in course.bars):
            return "per_year（每年）不与 milestones 同用；各阶段幅度不同时，在各里程碑写到那一年累计的 points 或 cut"
    groups = [(s.by, s.code) for s in t.strata]
    twice = next((g for g in groups if groups.count(g) > 1), None)
    if twice is not None:
        return f"strata 里分组 {twice[0]}: {twice[1]} 写了两次；几个年份的值写在同一组的 milestones 里"
    if t.kind is TargetKind.EVERY_AREA and len({s.by for s in t.strata}) > 1:
        return "every_area 目标的 strata 只能按一种地区属性（by）区分"
    return ""


def _other_problem(t: Target) -> str:
    if t.series and t.indicator is not None:
        return "indicator 和 series: true 只写一个"
    if t.kind is TargetKind.RELATIVE_TO and t.relative_to is None:
        return "relative_to 目标要写 relative_to（与哪个地区相比、relation）"
    if t.kind is not TargetKind.RELATIVE_TO and t.relative_to is not None:
        return "relative_to 只用于 kind: relative_to"
    if t.assigned and t.kind is not TargetKind.ASSIGNED:
        return "assigned 只用于 kind: assigned"
    if Qualifier.ABOUT in t.qualifiers and t.tolerance is None:
        return "带「左右」（about）的目标要写 tolerance（允许偏差及其来源；规划没写时注明本地设定、待确认）"
    assigned = [a.year for a in t.assigned]
    if len(assigned) != len(set(assigned)):
        return "assigned 里同一年下达了两次；改正时替换原来的一条"
    return ""
