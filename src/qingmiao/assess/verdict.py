"""Words of the first answer, attainment, and what is needed to give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from qingmiao.assess.limits import Limit
from qingmiao.assess.series import LARGEST, Series, exact
from qingmiao.content.organisation import Policy
from qingmiao.content.plan import Target


class Verdict(StrEnum):
    """Attainment of a target in a year."""

    MET = "met"
    NOT_MET = "not_met"
    UNDETERMINED = "undetermined"
    PENDING = "pending"
    BY_SUPERIOR = "by_superior"

    @property
    def label(self) -> str:
        """Chinese word."""
        return {
            "met": "已达标",
            "not_met": "未达标",
            "undetermined": "无法判定",
            "pending": "待下达",
            "by_superior": "由上级负责",
        }[self.value]

    @property
    def is_decided(self) -> bool:
        """Whether it counts in the attainment rate."""
        return self in (Verdict.MET, Verdict.NOT_MET)


@dataclass(frozen=True)
class AreaSeries:
    """One area of a target that must hold in every area; an empty series = the area is missing."""

    code: str
    name: str
    series: Series


@dataclass(frozen=True)
class Evidence:
    """What a verdict is reached from: the target, the year, the plan's years and the series.

    `decimals` and `unit` are the indicator's; `strata` are series by (dimension, code); `areas` every area of the
    target's level; `reference` the higher area's series. `small` marks counts that chance moves (rare events).
    """

    target: Target
    year: int
    plan_start: int
    plan_end: int
    series: Series
    decimals: int = 1
    unit: str = ""
    policy: Policy = field(default_factory=Policy)
    strata: Mapping[tuple[str, str], Series] = field(default_factory=dict)
    areas: tuple[AreaSeries, ...] = ()
    reference: Series | None = None
    reference_name: str = ""
    small: bool = False
    left_to: str = ""
    stratum_names: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def base_year(self) -> int:
        """The year that change is counted from: the baseline's, else the year before the plan begins."""
        return self.target.baseline.year if self.target.baseline else self.plan_start - 1

    @property
    def base_exact(self) -> Fraction | None:
        """The unrounded baseline: the target's own value, else the measured value of the base year."""
        if self.target.baseline is not None and self.target.baseline.value is not None:
            value = self.target.baseline.value
            return exact(value) if abs(value) < LARGEST else None
        return self.series.exact_at(self.base_year)


@dataclass(frozen=True)
class Attainment:
    """The first answer. `reason` is Chinese prose, `reason_code` is short and stable.

    `published` is the rounded value that was compared, `bar_text` the bar as people write it, due in `bar_year`.
    `boundary` flags a case in which another fair reading would decide otherwise.
    """

    verdict: Verdict
    reason_code: str
    reason: str
    published: Decimal | None = None
    bar_text: str = ""
    bar_year: int | None = None
    boundary: bool = False
    boundary_reason: str = ""
    met_before: bool = False
    failing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    years_below: tuple[int, ...] = ()
    limit: Limit | None = None

    @property
    def label(self) -> str:
        """Chinese verdict."""
        return self.verdict.label
