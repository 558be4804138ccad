"""A yearly series of one indicator in one area: missing years stay missing, breaks of definition cut it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from qingmiao.kernel.bounds import Bound

STATUS_TEXT = {
    "M": "没有数据",
    "O": "分母为 0，算不出数值",
    "L": "数值未公布（人数过少，已隐去）",
}
"""Why a value is missing, by observation status; others: 没有数据."""

LARGEST = 1e15
"""No indicator is as large; beyond it a float no longer holds the published digits."""


def exact(number: float) -> Fraction:
    """A float as the shortest decimal that prints as it does: 3.2 is 16/5, not 3.20000000000000017…"""
    return Fraction(Decimal(repr(float(number))))


@dataclass(frozen=True)
class YearPoint:
    """One year: `value` in the indicator's unit (factor × numerator ÷ denominator), None = no value.

    NaN, infinities and numbers beyond `LARGEST` count as missing. `status` is the SDMX observation status (A normal, M
    missing, O zero denominator, L suppressed, E estimated); `why` is the coded reason of a missing value in Chinese.
    `bound` is what is published where no exact value is (>99): such a year has no value, and only attainment looks at
    it.
    """

    year: int
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    status: str = "A"
    why: str = ""
    bound: Bound | None = None
    impossible: str = ""
    """Why the figure that was given cannot be (Chinese); then there is no value."""

    def __post_init__(self) -> None:
        for name in ("value", "numerator", "denominator"):
            number = getattr(self, name)
            if number is not None and not abs(number) < LARGEST:
                object.__setattr__(self, name, None)

    @property
    def why_missing(self) -> str:
        """Chinese reason for a missing value."""
        if self.impossible:
            return f"数值超出可能范围（{self.impossible}）"
        if self.bound is not None:
            return f"只公布了 {self.bound}，没有确数"
        text = STATUS_TEXT.get(self.status, "没有数据")
        return f"{text}（{self.why}）" if self.why else text


@dataclass(frozen=True)
class Series:
    """Points by year, one a year. `breaks` are first years of definitions that must not be compared with earlier ones.

    `factor` is what numerator ÷ denominator is multiplied with; it lets a rate be rounded from its exact fraction.
    """

    points: tuple[YearPoint, ...] = ()
    breaks: tuple[int, ...] = ()
    factor: float = 1.0
    _by_year: dict[int, YearPoint] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_year = {p.year: p for p in self.points}
        if len(by_year) != len(self.points):
            raise ValueError("a series has one point a year")
        object.__setattr__(self, "points", tuple(sorted(self.points, key=lambda p: p.year)))
        object.__setattr__(self, "_by_year", by_year)

    @classmethod
    def of(cls, values: dict[int, float | None], *, breaks: Iterable[int] = ()) -> Series:
        """A series from plain values by year."""
        return cls(tuple(YearPoint(y, v) for y, v in values.items()), tuple(breaks))

    def at(self, year: int) -> YearPoint:
        """The point of a year; a missing one where there is none."""
        return self._by_year.get(year, YearPoint(year, None, status="M"))

    def exact_at(self, year: int) -> Fraction | None:
        """The unrounded value as a fraction: from numerator and denominator where they give the value, else as it
        prints."""
        point = self.at(year)
        if point.value is None:
            return None
        if point.numerator is not None and point.denominator:
            ratio = exact(point.numerator) * exact(self.factor) / exact(point.denominator)
            if math.isclose(float(ratio), point.value, rel_tol=1e-9, abs_tol=1e-12):
                return ratio
        return exact(point.value)

    @property
    def known(self) -> tuple[YearPoint, ...]:
        """The points that have a value."""
        return tuple(p for p in self.points if p.value is not None)

    @property
    def bounded(self) -> tuple[int, ...]:
        """The years of which only a bound is published."""
        return tuple(p.year for p in self.points if p.value is None and p.bound is not None)

    def until(self, year: int) -> Series:
        """The series without the years after `year`."""
        return Series(tuple(p for p in self.points if p.year <= year), self.breaks, self.factor)

    def comparable(self, first: int, second: int) -> bool:
        """Whether no break of definition lies between two years."""
        low, high = sorted((first, second))
        return not any(low < b <= high for b in self.breaks)

    def comparable_tail(self) -> Series:
        """The known points from the last break on that is not after the last known year."""
        known = self.known
        if not known:
            return Series((), self.breaks, self.factor)
        start = max((b for b in self.breaks if b <= known[-1].year), default=known[0].year)
        return Series(tuple(p for p in known if p.year >= start), self.breaks, self.factor)

    def last_known(self, year: int) -> YearPoint | None:
        """The newest point with a value, not after `year`."""
        known = [p for p in self.known if p.year <= year]
        return known[-1] if known else None
