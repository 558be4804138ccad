"""Code lists, organisations, who leads what, links, reference values and thresholds."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.areas import Validity
from qingmiao.content.base import Content, Dated, Evidence, Id, Label, Source, Year
from qingmiao.content.deadlines import DeadlineSetting


class CodeItem(Content):
    """One code with its label; `parent` nests."""

    code: str
    label: Label
    parent: str | None = None


class CodeList(Content):
    """A list of codes."""

    id: Id
    label: Label
    items: Annotated[tuple[CodeItem, ...], Field(min_length=1)]
    source: Source | None = None

    @model_validator(mode="after")
    def _unique(self) -> Self:
        codes = [i.code for i in self.items]
        twice = sorted({c for c in codes if codes.count(c) > 1})
        if twice:
            raise ValueError(f"代码重复：{'、'.join(twice)}")
        return self

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes in order."""
        return tuple(i.code for i in self.items)


class Organisation(Content):
    """A unit: committee office, department, township government, school …"""

    id: Id
    label: Label
    short: str = ""
    kind: Literal["committee", "department", "group", "court", "township", "institution", "other"]
    area: str
    parent: Id | None = None
    duties: tuple[Id, ...] = ()
    type: str = ""
    """What sort of institution (卫生院、小学), in the words that targets over each of them use."""
    valid: Validity = Validity()
    source: Source | None = None
    note: str = ""

    def exists(self, day: date) -> bool:
        """Whether the unit exists on a day."""
        return self.valid.holds(day)


class Lead(Dated):
    """Which unit leads (and which co-operate on) a goal, measure or target, from when to when."""

    of: Id
    lead: Id
    with_units: tuple[Id, ...] = Field(default=(), alias="with")
    evidence: Evidence
    document: str = ""


class Link(Content):
    """What a shared entry does in this plan: added to its own implements, informs and serves.

    So that a definition in a shared pack knows no plan, and a county says which of its targets it decides.
    `content` is "indicator:ID", "return:ID", "form:ID" or "fact:ID"; only indicators implement and inform.
    """

    content: Annotated[str, Field(pattern=r"^(indicator|return|form|fact):\S+$")]
    implements: tuple[Id, ...] = ()
    informs: tuple[Id, ...] = ()
    serves: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _only_indicators_decide(self) -> Self:
        if not self.content.startswith("indicator:") and (self.implements or self.informs):
            raise ValueError("implements、informs 只用于指标；报表、表单、事实表写 serves")
        return self


class ReferenceValue(Content):
    """One published value of a comparison series."""

    series: Id
    area: str
    year: Year
    value: float
    unit: str = ""
    source: str
    note: str = ""


class Policy(Content):
    """Thresholds of assessing and warning. All are content; a pack overrides single keys. docs/explanation/ says what each does."""

    discount: Annotated[float, Field(gt=0, le=1)] = 0.85
    prior_years: Annotated[float, Field(gt=0)] = 1.0
    pooled_years: Annotated[int, Field(ge=2, le=10)] = 3
    likely: Annotated[float, Field(gt=0, lt=1)] = 0.70
    unlikely: Annotated[float, Field(gt=0, lt=1)] = 0.30
    shown_low: Annotated[float, Field(ge=0, lt=1)] = 0.05
    shown_high: Annotated[float, Field(gt=0, le=1)] = 0.90
    min_points: Annotated[int, Field(ge=3)] = 5
    max_points: Annotated[int, Field(ge=5)] = 12
    pace_on_track: float = 0.95
    pace_behind: float = 0.60
    interval_level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    forecast_level: Annotated[float, Field(gt=0.5, lt=1)] = 0.80
    small_numerator: Annotated[int, Field(ge=1)] = 20
    small_denominator: Annotated[int, Field(ge=1)] = 30
    volatility_sigma: Annotated[float, Field(gt=0)] = 3.0
    volatility_alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    volatility_swing: Annotated[float, Field(gt=0)] = 0.20
    """A mean yearly swing around the trend of this share of the mean level counts as large (local setting)."""
    funnel_level: Annotated[float, Field(gt=0.5, lt=1)] = 0.998
    funnel_suspect: Annotated[float, Field(ge=1, le=3)] = 1.3
    """An area this many times beyond its funnel limit takes no part in estimating what is usual (local setting)."""
    mad_limit: Annotated[float, Field(gt=0)] = 3.5
    repeat_run: Annotated[int, Field(ge=2)] = 3
    denominator_gap: Annotated[float, Field(gt=0)] = 0.10
    late_days: Annotated[int, Field(ge=0)] = 0
    old_code_days: Annotated[int, Field(ge=0)] = 365
    """So long after a change of code, rows under the old one are taken as the new one's, with a finding (local setting)."""
    contained_rise: float = 0.0
    """「上升趋势得到控制」: the yearly rise allowed, in units of the indicator (local setting)."""
    rate_coverage: Annotated[float, Field(gt=0, le=1)] = 0.50
    """An attainment rate is told only where this share of the area's own targets could be judged (local setting)."""
    deadlines: dict[Id, DeadlineSetting] = Field(default_factory=dict)
    """What the county sets of the local deadlines, by their id; layered one by one."""
    every_area_missing_is_unknown: Literal[True] = True

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.unlikely < self.likely or not self.shown_low < self.shown_high:
            raise ValueError("unlikely 应小于 likely，shown_low 应小于 shown_high")
        return self

    def tells_rate(self, judged: int, own: int) -> bool:
        """Whether so many judged of so many targets (without those left to a superior) make a rate worth telling."""
        return judged > 0 and judged >= self.rate_coverage * own
