"""The policy: thresholds of assessing and warning, and what a county sets of local deadlines."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Name, Year
from qingmiao.content.checklist_items import LimitSetting
from qingmiao.content.deadlines import DeadlineSetting
from qingmiao.content.intervals import LifeInterval


class WarningKind(StrEnum):
    """Kinds of warnings, by their Chinese names."""

    NOT_MET = "未达标"
    BEHIND = "进度滞后"
    UNLIKELY = "预计难达标"
    VOLATILE = "波动较大"
    SMALL_SAMPLE = "小样本波动"
    AREAS = "地区超限"
    RETURN_LATE = "报表迟报"
    RETURN_MISSING = "报表缺报"
    QUALITY = "数据质量"

    @property
    def of_returns(self) -> bool:
        """It is about a return that came late or not at all: it follows the calendar, not the figures."""
        return self in (WarningKind.RETURN_LATE, WarningKind.RETURN_MISSING)

    @property
    def of_data(self) -> bool:
        """It is about the data, not about what they say; pages and reports count the two apart."""
        return self is WarningKind.QUALITY or self.of_returns


class FormMarks(Content):
    """What every statistical return of the county bears beside its number and who issued it; empty until it is known.

    The Statistics Law asks for them (统计法 2009 年修订第十五条); a return may name its own `approval`.
    """

    document: str = ""
    """文号: the document by which the returns were issued."""
    approved_by: str = ""
    """批准机关."""
    approval: str = ""
    """批准（备案）文号."""
    valid_until: str = ""
    """有效期至, as it is printed."""
    collated_by: str = ""
    """综合机关名称: who puts the units' figures together."""


class Policy(Content):
    """Thresholds of assessing and warning. All are content; a pack overrides single keys. docs/explanation/ says what
    each does."""

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
    """So long after a change of code, rows under the old one are taken as the new one's, with a finding (local
    setting)."""
    contained_rise: float = 0.0
    """「上升趋势得到控制」: the yearly rise allowed, in units of the indicator (local setting)."""
    rate_coverage: Annotated[float, Field(gt=0, le=1)] = 0.50
    """An attainment rate is told only where this share of the area's own targets could be judged (local setting)."""
    children_seen_a_day: Annotated[int, Field(ge=1)] = 300
    """Somebody who looked at more files of children, or of mothers, within 24 hours is told of (local setting)."""
    rows_of_children_an_hour: Annotated[int, Field(ge=1)] = 3000
    """Somebody who was shown more rows of children, or of mothers, by lists, searches and programs within an hour is
    told of (local setting)."""
    glass_hours: Annotated[int, Field(ge=1, le=168)] = 24
    """So long a file that was opened urgently stays open (local setting)."""
    cases_shown_from: Annotated[int, Field(ge=1, le=50)] = 5
    """Counts of cases below this are not shown as numbers to who does not see the cases (local setting)."""
    warnings_off: tuple[WarningKind, ...] = ()
    """Kinds of warnings that the county does without (local setting)."""
    form_marks: FormMarks = Field(default_factory=FormMarks)
    """The marks on the county's statistical returns (local setting)."""
    deadlines: dict[Id, DeadlineSetting] = Field(default_factory=dict)
    """What the county sets of the local deadlines, by their id; layered one by one."""
    limits: dict[Id, LimitSetting] = Field(default_factory=dict)
    """What the county sets of the local limits of inspections, by CHECKLIST.ITEM; layered one by one."""
    days_between_visits: Annotated[int, Field(ge=0, le=365)] | None = None
    """No unit visits a place so many days before or after another's visit, unless both go together or it says why; not
    set: a visit nearby is only shown (local setting)."""
    visits_until_told: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """After so many visits an item that never failed is marked on its checklist's page (local setting)."""
    intervals: dict[Id, LifeInterval] = Field(default_factory=dict)
    """What the county sets of local intervals: of follow-ups (KIND.RULE), of schedules (SCHEDULE.ITEM) and of how
    long files are kept (purpose.ID)."""
    from_records: dict[Name, Year] = Field(default_factory=dict)
    """Fact table → the first year from which children's records alone say what stands in it; before it, and in tables
    that are not named, what departments bring alone counts (local setting)."""
    from_registers: dict[Name, Year] = Field(default_factory=dict)
    """Register → the first year from which it says what indicators read from departments before (`since_registers` of
    a definition) (local setting)."""
    from_programmes: dict[Name, Year] = Field(default_factory=dict)
    """Programme → the first year from which its cases say what indicators read from departments before
    (`since_programme` of a definition) (local setting)."""
    evaluation_weights: dict[Id, dict[Name, Annotated[Decimal, Field(gt=0, le=100)]]] = Field(default_factory=dict)
    """What the county sets of the weights of schemes of evaluation: SCHEME → item → percent, adding up to 100."""
    minimums: dict[Id, Annotated[int, Field(ge=1, le=100_000)]] = Field(default_factory=dict)
    """What the county sets of local minimums of registers: REGISTER.MINIMUM → number."""
    source_gap: Annotated[float, Field(gt=0, le=1)] = 0.02
    """From so large a share on, a figure from records and the same from what departments bring are told apart."""
    every_area_missing_is_unknown: Literal[True] = True

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.unlikely < self.likely or not self.shown_low < self.shown_high:
            raise ValueError("unlikely 应小于 likely，shown_low 应小于 shown_high")
        return self

    def tells_rate(self, judged: int, own: int) -> bool:
        """Whether so many judged of so many targets (without those left to a superior) make a rate worth telling."""
        return judged > 0 and judged >= self.rate_coverage * own
