"""The plan as data: fields, goals, targets, measures, systems and duties, verbatim from the document.

A target says what must be true by a year. It holds the words of the plan ("keep at", "strive for", "about") as words of
their own; how a verdict is reached for each kind is written in docs/explanation/attainment.md.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from qingmiao.content.base import Content, Id, Label, Name, Source, Year


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


class Qualifier(StrEnum):
    """Words of the plan that soften or sharpen a number; never dropped, never turned into a number in silence."""

    KEEP = "keep"  # 保持
    STRIVE = "strive"  # 力争
    ABOUT = "about"  # 左右
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
            "sustained": "持续",
            "marked": "明显",
            "gradual": "逐步",
            "universal": "普遍（全面）",
            "basic": "基本",
        }[self.value]


class Tolerance(Content):
    """How far from an "about" value still counts as reached. A local setting unless the plan says it."""

    kind: Literal["relative", "absolute"]
    value: Annotated[float, Field(ge=0)]
    source: Source


class Bar(Content):
    """The number(s) to reach: one of `value` (a limit), `low`/`high` (a range; either may be open) or `cut` (a change).

    `cut` is a share of the baseline, written "20%", "1/3" or 0.2. Which one is allowed follows from the target's kind.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    cut: Annotated[str, Field(pattern=r"^\d+(\.\d+)?%$|^\d+/\d+$|^0?\.\d+$|^\d+(\.\d+)?$")] | None = None

    @field_validator("cut", mode="before")
    @classmethod
    def _cut_text(cls, given: object) -> object:
        return str(given) if isinstance(given, int | float) else given

    @property
    def cut_share(self) -> Fraction | None:
        """`cut` as an exact share of the baseline ("20%" → 1/5), or None."""
        if self.cut is None:
            return None
        if self.cut.endswith("%"):
            return Fraction(self.cut[:-1]) / 100
        return Fraction(self.cut)

    @property
    def is_empty(self) -> bool:
        """No number is given."""
        return self.value is None and self.low is None and self.high is None and self.cut is None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low 大于 high")
        return self


class Milestone(Bar):
    """The bar at an earlier or later year; the bar in force in a year is the next one due."""

    year: Year


class Stratum(Bar):
    """A bar of its own for one group, for example towns 95 and villages 85."""

    by: Name
    code: str


class Baseline(Content):
    """Where the change is counted from. Without a value, the indicator's value of that year is used."""

    year: Year
    value: float | None = None
    source: Source | None = None


class Reference(Content):
    """Compared with the same indicator of a higher area (its code in the series or reference values)."""

    area: str
    relation: Literal["at_least", "at_most", "above", "below"]
    margin: float = 0.0


class Assignment(Content):
    """A number set by a higher level for one year, entered with its document."""

    year: Year
    value: float
    bound: Literal["at_most", "at_least"]
    document: Annotated[str, Field(min_length=2)]


class Target(Bar):
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
    milestones: tuple[Milestone, ...] = ()
    strata: tuple[Stratum, ...] = ()
    level: Literal["province", "city", "county", "township", "village"] | None = None
    bound: Literal["at_most", "at_least", "within"] | None = None
    relative_to: Reference | None = None
    assigned_by: str = ""
    assigned: tuple[Assignment, ...] = ()
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    """Precision of the comparison; default: the larger of the indicator's and the written number's."""
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


def _shape_problem(t: Target) -> str:
    """What a target of this kind lacks or must not have; empty when it is whole."""
    bars: tuple[Bar, ...] = (t, *t.milestones, *t.strata)
    have = {
        "value": any(b.value is not None for b in bars),
        "range": any(b.low is not None or b.high is not None for b in bars),
        "cut": any(b.cut is not None for b in bars),
    }
    needs = {
        TargetKind.AT_MOST: "value",
        TargetKind.AT_LEAST: "value",
        TargetKind.COUNT_AT_LEAST: "value",
        TargetKind.WITHIN: "range",
        TargetKind.REDUCE_BY: "cut",
        TargetKind.INCREASE_BY: "cut",
    }
    need = needs.get(t.kind)
    if t.kind is TargetKind.EVERY_AREA:
        if t.level is None or t.bound is None:
            return "every_area 目标要写 level（哪一级）和 bound（at_least、at_most 或 within）"
        need = "range" if t.bound == "within" else "value"
    elif t.bound is not None:
        return "bound 只用于 every_area 目标"
    if need and not have[need]:
        word = {
            "value": "value（目标值）",
            "range": "low 或 high（区间）",
            "cut": 'cut（变化幅度，如 "20%" 或 "1/3"）',
        }[need]
        return f"{t.kind.value} 目标要写 {word}；没有数值的目标请用 falling、rising、qualitative 或 assigned"
    for name, present in have.items():
        if present and name != need:
            word = {"value": "value", "range": "low/high", "cut": "cut"}[name]
            return f"{t.kind.value} 目标不用 {word}"
    if t.kind is TargetKind.RELATIVE_TO and t.relative_to is None:
        return "relative_to 目标要写 relative_to（与哪个地区相比、relation）"
    if t.kind is not TargetKind.RELATIVE_TO and t.relative_to is not None:
        return "relative_to 只用于 kind: relative_to"
    if t.assigned and t.kind is not TargetKind.ASSIGNED:
        return "assigned 只用于 kind: assigned"
    if Qualifier.ABOUT in t.qualifiers and t.tolerance is None:
        return "带「左右」（about）的目标要写 tolerance（允许偏差及其来源；规划没写时注明本地设定、待确认）"
    years = [m.year for m in t.milestones]
    if years != sorted(set(years)):
        return "milestones 的年份要从小到大、不重复"
    return ""


class Goal(Content):
    """One main goal (主要目标), verbatim."""

    id: Id
    number: str
    """As printed: "3", "3.1", "（二）"; nested numbers are allowed."""
    text: Annotated[str, Field(min_length=1)]
    parent: Id | None = None
    left_to: str = ""
    """The higher level that keeps this goal for itself, in its words; empty = ours."""
    targets: tuple[Target, ...] = ()
    note: str = ""


class Measure(Content):
    """One strategic measure (策略措施), verbatim."""

    id: Id
    number: str
    title: str
    text: Annotated[str, Field(min_length=1)]
    requirement: str = ""
    """The number(s) the measure carries, quoted."""
    tags: tuple[str, ...] = ()
    note: str = ""


class PlanField(Content):
    """One field of development (发展领域) with its goals and measures."""

    id: Name
    order: Annotated[int, Field(ge=1, le=30)]
    label: Label
    title: str
    """The heading as printed, for example （一）儿童与健康."""
    goals: tuple[Goal, ...]
    measures: tuple[Measure, ...] = ()


class System(Content):
    """A system or mechanism the plan asks for, with the clause that asks for it."""

    id: Id
    label: Label
    place: str
    quote: str
    run_by: str = ""
    must_do: str = ""
    kind: str = ""


class Duty(Content):
    """A duty of the parts on implementation, monitoring and evaluation."""

    id: Id
    section: str
    item: str
    duty: str
    who: str = ""
    to_whom: str = ""
    how_often: str = ""
    quote: str
    text: str = ""


class PlanHead(Content):
    """Which plan this is. `area` is the code of the area it binds; `start`–`end` are its years, both included."""

    id: Id
    title: Annotated[str, Field(min_length=2)]
    short_title: str = ""
    status: str = ""
    area: str
    start: Year
    end: Year
    source: Source
    preamble: str = ""

    @model_validator(mode="after")
    def _years(self) -> Self:
        if self.end < self.start:
            raise ValueError("规划的结束年早于开始年")
        return self
