"""What pages and reports tell of an assessment, in plain value objects.

The assessment's own object is turned into these by `qingmiao.figures.adapt`; tests make them directly.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class FindingNumber:
    """One number of a finding: value, published decimals, unit and what it is (Chinese). `shown` overrides the text."""

    value: float
    decimals: int
    what: str
    unit: str = ""
    shown: str = ""


@dataclass(frozen=True)
class Interval:
    """The interval of one year's value."""

    year: int
    low: float
    high: float


@dataclass(frozen=True)
class ShownForecast:
    """A forecast of one year with its band."""

    year: int
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class TargetAnswers:
    """The three answers for one target at the plan's area. Codes are those of `qingmiao.figures.marks`.

    `numbers` by name: bar, baseline, progress, time_share, probability, interval_low, interval_high, pooled …
    Reasons are Chinese sentences of the assessment, quoted verbatim.
    """

    target: str
    indicator: str = ""
    area: str = ""
    year: int = 0
    attainment: str = "undetermined"
    attainment_reason: str = ""
    boundary: bool = False
    boundary_reason: str = ""
    pace: str = "undetermined"
    pace_reason: str = ""
    likelihood: str = "none"
    likelihood_reason: str = ""
    likelihood_year: int = 0
    grade: str = ""
    bar_sign: str = ""
    """≤ ≥ ＜ or ＞ before the number named bar."""
    decimals: int | None = None
    numbers: dict[str, FindingNumber] = field(default_factory=dict)
    pooled_years: tuple[int, int] | None = None
    """First and last of the years that the numbers pooled, or pooled_total and pooled_mean, are made of."""
    intervals: tuple[Interval, ...] = ()
    forecasts: tuple[ShownForecast, ...] = ()
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True)
class AreaLimits:
    """Funnel limits of one area's value; `outside` says that it lies beyond them."""

    indicator: str
    area: str
    year: int
    low: float | None
    high: float | None
    outside: bool = False
    bad_side: bool = False
    below_target: bool | None = None


@dataclass(frozen=True)
class Notice:
    """A warning: its kind, what it is about, what is so in plain words, the data used and what would change it.

    `reason`: how it was found (tests, limits, chances, files), which a report tells in its list of numbers alone.
    """

    id: str
    kind: str
    about: str
    told: str
    data_used: str = ""
    would_change: str = ""
    target: str = ""
    indicator: str = ""
    area: str = ""
    severity: str = ""
    reason: str = ""
    quality: bool = False
    """True for findings on the data, which stand in the chapter on data quality."""


@dataclass(frozen=True)
class Findings:
    """All that the report tells: one finding a target (missing ones are told as 无法判定), limits, warnings."""

    targets: tuple[TargetAnswers, ...]
    limits: tuple[AreaLimits, ...] = ()
    notices: tuple[Notice, ...] = ()

    def of(self, target: str) -> TargetAnswers | None:
        """The finding of a target, or None."""
        return next((f for f in self.targets if f.target == target), None)
