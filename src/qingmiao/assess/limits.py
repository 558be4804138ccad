"""What number a target asks for in a year, and whether a published number keeps to it.

The bar in force is the next milestone due; after the end it is the last one. A published value is compared, never an
unrounded one (docs/explanation/attainment.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import floor, log10

from qingmiao.assess.series import LARGEST, exact
from qingmiao.content.plan import Bar, Qualifier, Target, TargetKind
from qingmiao.kernel.bounds import Bound
from qingmiao.kernel.rounding import decimals_of, half_up

UPWARD = frozenset({TargetKind.AT_LEAST, TargetKind.COUNT_AT_LEAST, TargetKind.INCREASE_BY, TargetKind.RISING})


@dataclass(frozen=True)
class ValueRange:
    """A range that a value must lie in; None = open on that side. Slack widens both sides ("左右")."""

    low: Fraction | None = None
    high: Fraction | None = None
    inclusive: bool = True
    slack: Fraction = Fraction(0)
    word: str = "左右"
    """The plan's word that the slack stands for."""
    written: int | None = None
    """Decimals that the plan's number is written with; None where it is computed."""

    def holds(self, value: Fraction, *, with_slack: bool = True) -> bool:
        """Whether `value` lies in the range."""
        slack = self.slack if with_slack else Fraction(0)
        if self.low is not None:
            floor = self.low - slack
            if value < floor or (value == floor and not self.inclusive):
                return False
        if self.high is not None:
            ceiling = self.high + slack
            if value > ceiling or (value == ceiling and not self.inclusive):
                return False
        return True

    def decided_by(self, bound: Bound, possible: tuple[float | None, float | None]) -> bool | None:
        """Whether every value that `bound` allows (and nature: `possible`) lies in the range; None where only some
        do."""
        number = Fraction(bound.number)
        low, high = (None if end is None else exact(end) for end in possible)
        if bound.is_lower:
            low = number if low is None else max(low, number)
        else:
            high = number if high is None else min(high, number)
        open_low = bound.is_lower and low == number and not bound.is_closed
        open_high = not bound.is_lower and high == number and not bound.is_closed
        floor = None if self.low is None else self.low - self.slack
        ceiling = None if self.high is None else self.high + self.slack
        above = floor is None or (low is not None and _clears(low, floor, open_low or self.inclusive))
        below = ceiling is None or (high is not None and _clears(-high, -ceiling, open_high or self.inclusive))
        if above and below:
            return True
        misses_low = (
            floor is not None and high is not None and not _clears(high, floor, self.inclusive and not open_high)
        )
        misses_high = (
            ceiling is not None and low is not None and not _clears(-low, -ceiling, self.inclusive and not open_low)
        )
        return False if misses_low or misses_high else None

    def rounded(self, decimals: int) -> ValueRange:
        """The limit half-up to so many decimals: how a computed one (20.865) would be published (20.87)."""
        low, high = (None if n is None else Fraction(half_up(n, decimals)) for n in (self.low, self.high))
        return replace(self, low=low, high=high)

    @property
    def is_open(self) -> bool:
        """No number on either side."""
        return self.low is None and self.high is None

    def text(self, unit: str) -> str:
        """The limit as people write it: "≤ 3.2‰", "55%—65%"."""
        if self.low is not None and self.high is not None:
            text = f"{self._told(self.low)}—{self._told(self.high)}{unit}"
        elif self.high is not None:
            text = f"{'≤' if self.inclusive else '<'} {self._told(self.high)}{unit}"
        elif self.low is not None:
            text = f"{'≥' if self.inclusive else '>'} {self._told(self.low)}{unit}"
        else:
            return ""
        return text + (f"（{self.word}，±{brief(self.slack)}{unit}）" if self.slack else "")

    def _told(self, number: Fraction) -> str:
        """As the plan writes it, or briefly where it is computed."""
        return brief(number) if self.written is None else plain(number)


def _clears(value: Fraction, floor: Fraction, at_floor: bool) -> bool:
    return value > floor or (value == floor and at_floor)


@dataclass(frozen=True)
class RangeJudgement:
    """A published value against a limit. `boundary` says in Chinese why the case is close; empty = it is not."""

    met: bool
    published: Decimal
    boundary: tuple[str, ...] = ()


def judge(
    limit: ValueRange, value: Fraction, *, decimals: int, unrounded_limit: ValueRange | None = None
) -> RangeJudgement:
    """Compare `value`, rounded half-up to `decimals`, with `limit`, and say whether another reading would decide
    otherwise.

    `unrounded_limit` is the limit from unrounded figures, where the limit itself is computed (cuts, relative targets).
    """
    published = half_up(value, decimals)
    shown = Fraction(published)
    met = limit.holds(shown)
    boundary: list[str] = []
    if limit.slack and limit.holds(shown, with_slack=False) != met:
        boundary.append(f"只因「{limit.word}」的允许偏差才算达到")
    if (unrounded_limit or limit).holds(value) != met:
        boundary.append("未四舍五入的数值会得出相反结论")
    if shown in (limit.low, limit.high):
        boundary.append("发布值恰等于限值")
    elif limit.written is None or limit.written > decimals:
        coarse_limit = limit.rounded(decimals)
        if coarse_limit.holds(shown) != met:
            boundary.append(f"限值按发布的 {decimals} 位小数取整会得出相反结论")
        elif shown in (coarse_limit.low, coarse_limit.high):
            boundary.append(f"发布值恰等于按 {decimals} 位小数取整的限值")
    if limit.written is not None and limit.written < decimals:
        coarse = Fraction(half_up(value, limit.written))
        if limit.holds(coarse) != met:
            boundary.append(f"按目标值书写的精度（{limit.written} 位小数）取整会得出相反结论")
    return RangeJudgement(met, published, tuple(boundary))


def bar_in_force(target: Target, *, year: int, plan_end: int) -> tuple[Bar, int]:
    """The bar of the next milestone due in `year` and the year it is due; after the last one, the last one.

    A change for every year is due in the year itself, at the latest in the target's.
    """
    due: list[tuple[int, Bar]] = [(m.year, m) for m in target.milestones]
    final = target.year if target.year is not None else plan_end
    if not target.is_empty or not due:
        due = [(y, b) for y, b in due if y != final] + [(final, target)]
    due.sort(key=lambda pair: pair[0])
    for when, bar in due:
        if when >= year:
            return bar, year if bar.per_year else when
    return due[-1][1], due[-1][0]


def limit_of(target: Target, bar: Bar, *, base: Fraction | None = None, years: int = 1) -> ValueRange:
    """The range that a bar means for this kind of target; open where a base is needed and missing.

    `years` since the baseline count where the change is asked for every year.
    """
    inclusive = target.inclusive
    kind = target.kind
    bound = target.bound if kind is TargetKind.EVERY_AREA else None
    if kind in (TargetKind.WITHIN,) or bound == "within":
        numbers = [n for n in (bar.low, bar.high) if n is not None]
        made = ValueRange(
            low=None if bar.low is None else exact(bar.low),
            high=None if bar.high is None else exact(bar.high),
            inclusive=inclusive,
            written=max((decimals_of(n) for n in numbers), default=None),
        )
    elif kind in (TargetKind.REDUCE_BY, TargetKind.INCREASE_BY):
        up = kind is TargetKind.INCREASE_BY
        edge = None if base is None else _moved(bar, base, up=up, years=years)
        if edge is None:
            return ValueRange(inclusive=inclusive)
        made = ValueRange(low=edge if up else None, high=None if up else edge, inclusive=inclusive)
    elif bar.value is not None:
        number = exact(bar.value)
        written = decimals_of(bar.value)
        if kind in UPWARD or bound == "at_least":
            made = ValueRange(low=number, inclusive=inclusive, written=written)
        else:
            made = ValueRange(high=number, inclusive=inclusive, written=written)
    else:
        return ValueRange(inclusive=inclusive)
    return with_slack(made, target)


def _moved(bar: Bar, base: Fraction, *, up: bool, years: int) -> Fraction | None:
    """Where a change leads from `base`: by points, or by a share of it; every year's change adds up or compounds."""
    sign, steps = (1 if up else -1), (years if bar.per_year else 1)
    if bar.points is not None:
        return base + sign * exact(bar.points) * steps
    share = bar.cut_share
    return None if share is None else base * (1 + sign * share) ** steps


def precision(target: Target, limit: ValueRange, decimals: int) -> int:
    """Decimals of the comparison: the target's own, else the larger of the indicator's and the written number's."""
    return target.decimals if target.decimals is not None else max(decimals, limit.written or 0)


def plain(number: Fraction | Decimal | float) -> str:
    """A number without needless zeros, at most six decimals."""
    if abs(float(number)) >= LARGEST:
        return f"{float(number):.6g}"
    value = half_up(number, 6)
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def brief(number: Fraction | Decimal | float) -> str:
    """A computed number as people read it: three decimals, of numbers below 0.1 three digits, no needless zeros."""
    size = abs(float(number))
    if size >= LARGEST or not size:
        return plain(number)
    text = format(half_up(number, 3 if size >= 0.1 else min(12, 2 - floor(log10(size)))), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def rounded(number: Fraction | Decimal | float, decimals: int) -> str:
    """A number as it is told to people: half up to its published decimals."""
    return plain(number) if abs(float(number)) >= LARGEST else format(half_up(number, decimals), "f")


def p_text(p: float, decimals: int) -> str:
    """A p-value as it is told: "p = 0.02", and where it would round to nothing "p < 0.001"; no chance is ever 0."""
    least = 10.0**-decimals
    return f"p < {rounded(least, decimals)}" if p < least / 2 else f"p = {rounded(p, decimals)}"


def percent(share: Fraction | Decimal | float, decimals: int = 0) -> str:
    """A share as people are told it: 0.285 → 29%, half up, a float from the digits that it prints with."""
    number = share if isinstance(share, Fraction) else exact(float(share))
    return f"{half_up(number * 100, decimals)}%"


def with_slack(limit: ValueRange, target: Target) -> ValueRange:
    """The limit widened by the tolerance of 「左右」 or 「接近」, where the target has the word and the tolerance."""
    tolerance = target.tolerance
    word = next((q for q in (Qualifier.ABOUT, Qualifier.NEAR) if q in target.qualifiers), None)
    if tolerance is None or word is None:
        return limit
    size = exact(tolerance.value)
    if tolerance.kind == "relative":
        size *= max(abs(n) for n in (limit.low, limit.high) if n is not None)
    return replace(limit, slack=size, word=word.label)
