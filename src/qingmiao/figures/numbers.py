"""What a number that is shown may be: a reference, never a literal.

Each class names one thing in a run. What it resolves to is decided in `qingmiao.figures.book`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Dims = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ValueOf:
    """A measured value: indicator, area code, year and breakdown (pairs in order of name); published half-up."""

    indicator: str
    area: str
    year: int
    dims: Dims = ()
    part: Literal["value", "numerator", "denominator"] = "value"
    decimals: int | None = None


@dataclass(frozen=True)
class ChangeOf:
    """How much a published value differs from an earlier one, without its sign (the sentence says the direction)."""

    later: ValueOf
    earlier: ValueOf


@dataclass(frozen=True)
class FindingOf:
    """A number of an assessment: `name` is one of the finding's numbers (probability, progress, bar …)."""

    target: str
    name: str


@dataclass(frozen=True)
class PlanNumberOf:
    """A number that the plan itself writes for a target: its bar in force in `year`, or that of its group number
    `group`."""

    target: str
    part: Literal["value", "low", "high", "cut", "points", "of_areas"]
    year: int
    group: int | None = None


@dataclass(frozen=True)
class CountOf:
    """How many things a list of this run holds, by the list's name."""

    name: str


@dataclass(frozen=True)
class RateOf:
    """One count over another, in per cent."""

    part: CountOf
    whole: CountOf


@dataclass(frozen=True)
class PublishedOf:
    """A published comparison value: series, area, year."""

    series: str
    area: str
    year: int


@dataclass(frozen=True)
class LimitOf:
    """A funnel limit or interval end of an area's value, as the assessment gave it."""

    indicator: str
    area: str
    year: int
    end: Literal["low", "high"]


@dataclass(frozen=True)
class SettingOf:
    """A threshold of the pack's policy, by name; shares may be told in per cent, or with a fixed number of decimals."""

    name: str
    percent: bool = False
    decimals: int | None = None


NumberRef = ValueOf | ChangeOf | FindingOf | PlanNumberOf | CountOf | RateOf | PublishedOf | LimitOf | SettingOf
NUMBER_REFS = (
    ValueOf,
    ChangeOf,
    FindingOf,
    PlanNumberOf,
    CountOf,
    RateOf,
    PublishedOf,
    LimitOf,
    SettingOf,
)


@dataclass(frozen=True)
class WordsRef:
    """Words of the pack, verbatim: `kind` and `key` say where, `part` which words (label, unit, formula, text …)."""

    kind: Literal["target", "indicator", "area", "plan", "field", "lead", "warning", "finding", "comparison", "run"]
    key: str
    part: str = "label"
