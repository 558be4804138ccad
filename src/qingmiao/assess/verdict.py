"""Words of the first answer, attainment, and what is needed to give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from qingmiao.assess.limits import ValueRange
from qingmiao.assess.series import LARGEST, Series, exact
from qingmiao.content.members import MemberWords
from qingmiao.content.plan import Target
from qingmiao.content.policy import Policy
from qingmiao.kernel.bounds import Bound


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
    """One area of a target that must hold in every area; an empty series = the area is missing.

    `group` is the area's code for the attribute by which the target's bars differ; empty where they do not.
    """

    code: str
    name: str
    series: Series
    group: str = ""


@dataclass(frozen=True)
class Grounds:
    """What a verdict is reached from: the target, the year, the plan's years and the series.

    `decimals` and `unit` are the indicator's; `strata` are series by (dimension, code); `areas` every area of the
    target's level; `reference` the higher area's series. `small` marks counts that chance moves (rare events).
    `left_to` names the higher level that keeps the goal; `group_names` are the Chinese words of groups' codes.
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
    area_words: MemberWords = field(default_factory=MemberWords)
    """How those in `areas` are called."""
    reference: Series | None = None
    reference_name: str = ""
    small: bool = False
    left_to: str = ""
    group_names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    possible: tuple[float | None, float | None] = (None, None)
    """The lowest and highest value that the indicator can have; None = nature sets no end."""

    @property
    def base_year(self) -> int:
        """The year that change is counted from: the baseline's, else the year before the plan begins."""
        return self.target.baseline.year if self.target.baseline else self.plan_start - 1

    @property
    def base_years(self) -> tuple[int, ...]:
        """The years whose mean is the baseline; most often one."""
        return self.target.baseline.all_years if self.target.baseline else (self.base_year,)

    @property
    def base_given(self) -> bool:
        """The plan writes the baseline's value; nothing measured is needed."""
        return self.target.baseline is not None and self.target.baseline.value is not None

    @property
    def base_text(self) -> str:
        """The baseline's time as people write it: "2020 年", "2018—2020 年平均值"."""
        years = self.base_years
        if len(years) == 1:
            return f"{years[0]} 年"
        unbroken = len(years) == years[-1] - years[0] + 1
        return (f"{years[0]}—{years[-1]}" if unbroken else "、".join(map(str, years))) + " 年平均值"

    @property
    def base_exact(self) -> Fraction | None:
        """The unrounded baseline: the target's own value, else the measured value, or mean, of the base years."""
        if self.target.baseline is not None and self.target.baseline.value is not None:
            value = self.target.baseline.value
            return exact(value) if abs(value) < LARGEST else None
        found = [v for y in self.base_years if (v := self.series.exact_at(y)) is not None]
        return sum(found, Fraction(0)) / len(found) if len(found) == len(self.base_years) else None

    @property
    def base_problem(self) -> tuple[str, str] | None:
        """Why the baseline cannot be compared with the assessed year (reason code, Chinese reason); None = it can."""
        if self.year < self.base_year:
            return "before_baseline", f"{self.year} 年早于基期 {self.base_year} 年"
        if self.base_given:
            return None
        if not self.series.comparable(self.base_years[0], self.year):
            return "break", f"{self.base_text}与 {self.year} 年的指标口径不同，不能比较"
        missing = [y for y in self.base_years if self.series.at(y).value is None]
        if missing:
            why = self.series.at(missing[0]).why_missing
            if len(self.base_years) == 1:
                return "no_baseline", f"没有 {self.base_text}的基期值（{why}）"
            years = "、".join(map(str, missing))
            return "no_baseline", f"没有 {self.base_text}可作基期（缺 {years} 年，{why}）"
        return None


@dataclass(frozen=True)
class Attainment:
    """The first answer. `reason` is Chinese prose, `reason_code` is short and stable.

    `published` is the rounded value that was compared, `bar_text` the bar as people write it, due in `bar_year`.
    `boundary` flags a case in which another fair reading would decide otherwise. `base_mean` is the measured mean of
    several baseline years; None where the baseline is one year or given.
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
    """For "keep at": the years since the plan began that missed the bar."""
    years_unknown: tuple[int, ...] = ()
    """For "keep at": the years of which nobody can say it."""
    limit: ValueRange | None = None
    base_mean: Decimal | None = None
    bound: Bound | None = None
    """What was judged where only a bound is published."""
    told: tuple[str, ...] = ()
    """What the plan's own words add, each a clause at the end of `reason`; the last bar is no part of it."""

    @property
    def shown(self) -> str:
        """The published value or bound that was judged; empty where there is none."""
        if self.bound is not None:
            return str(self.bound)
        return "" if self.published is None else str(self.published)

    @property
    def label(self) -> str:
        """Chinese verdict."""
        return self.verdict.label
