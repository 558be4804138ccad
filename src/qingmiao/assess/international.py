"""Two published classes beside our own: Statistics Canada / Open SDG (2025) and the UNSD 2023 progress chart.

Both compare two points, base and current, and are kept for comparability only: they are blind to small numbers and to
rounding. The rules, and what is done where a rule is silent, stand in docs/explanation/international-classes.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from typing import Literal

import numpy as np

Direction = Literal["up", "down"]

NOT_AVAILABLE = "not_available"
ZERO_SUBSTITUTE = 0.001
"""Statistics Canada replaces a base or target of 0 by this."""
LIMIT_EXPONENT = 4.44
"""How fast the asked growth shrinks towards the natural limit (found by fitting the published scores)."""
HORIZON = 2030
"""The year of the UNSD chart; also the target year where a file gives a target without a year."""
EDGE = 1e-12
"""A growth rate that is exactly on a threshold counts as having reached it, whatever the last binary digit."""


@dataclass(frozen=True)
class Case:
    """Base and current value of one indicator, with the direction wanted; None = not given."""

    direction: Direction | None
    base_year: int | None
    base_value: float | None
    current_year: int | None
    current_value: float | None
    target_value: float | None = None
    target_year: int | None = None
    natural_limit: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the current value satisfies the target; None without current value, target or direction."""
        if self.current_value is None or self.target_value is None or self.direction is None:
            return None
        return _satisfies(self.current_value, self.target_value, self.direction)


@dataclass(frozen=True)
class ProgressClass:
    """A class with its progress value and score; `reason` (Chinese) says why a value is not available."""

    name: str
    progress: float | None = None
    score: float | None = None
    reason: str = ""


def statcan_class(case: Case) -> ProgressClass:
    """Class, progress value and score (−5 … 5) after the Statistics Canada / Open SDG method.

    With a target the progress value is the yearly growth over the growth needed; without, the yearly growth in the
    wanted direction. Never raises for odd data: what the rule cannot compute is `not_available` with its reason.
    """
    gap = _gap(case)
    if gap is not None:
        return ProgressClass(NOT_AVAILABLE, reason=gap)
    direction, base, current, years = _known(case)
    base = base or ZERO_SUBSTITUTE
    if case.target_value is not None:
        target = case.target_value or ZERO_SUBSTITUTE
        return _statcan_with_target(case, direction, base, current, target, years)
    growth = _growth(base, current, years)
    if growth is None:
        return ProgressClass(NOT_AVAILABLE, reason="基期值或现值为负，年均增长率没有意义")
    progress = _sign(direction) * growth
    return _statcan_open(progress, _limit_factor(base, case.natural_limit))


def unsd_class(case: Case) -> ProgressClass:
    """Class of the UNSD 2023 progress chart; the method gives no score.

    A target already met is `on_track_or_met`, even without a base. With a target the progress value is the share of
    the way from base to target that is expected by 2030; otherwise it is the compound annual growth rate as it is.
    """
    gap = _gap(case)
    met = case.met is True and isfinite(case.current_value or 0.0) and isfinite(case.target_value or 0.0)
    if gap is not None:
        return (
            ProgressClass("on_track_or_met", reason="已达标；" + gap)
            if met
            else ProgressClass(NOT_AVAILABLE, reason=gap)
        )
    direction, base, current, years = _known(case)
    growth = _growth(base, current, years)
    if met:
        return ProgressClass("on_track_or_met", progress=growth)
    if growth is None:
        word = "基期值为 0" if base == 0 else "基期值或现值为负"
        return ProgressClass(NOT_AVAILABLE, reason=word + "，年均增长率没有意义")
    if case.target_value is None:
        signed = _sign(direction) * growth
        return ProgressClass(_unsd_name(signed, 0.02, 0.005), progress=growth)
    need = _sign(direction) * (case.target_value - base)
    assert case.current_year is not None
    expected = _projected(current, growth, max(0, HORIZON - case.current_year))
    if need == 0:
        return ProgressClass("stagnation_or_regression", reason="基期值等于目标值，现值已偏离目标")
    share = _sign(direction) * (expected - base) / abs(need)
    return ProgressClass(_unsd_name(share, 0.95, 0.10), progress=share if isfinite(share) else None)


def _statcan_with_target(
    case: Case, direction: Direction, base: float, current: float, target: float, years: int
) -> ProgressClass:
    growth = _growth(base, current, years)
    until = (case.target_year if case.target_year is not None else HORIZON) - (case.base_year or 0)
    needed = _growth(base, target, until) if until > 0 else None
    ratio = None if growth is None or not needed else _sign(direction) * growth / abs(needed)
    if _satisfies(current, target, direction):
        return ProgressClass("target_achieved", progress=ratio, score=5.0)
    if ratio is not None:
        score = float(np.interp(ratio, (-0.6, 0.0, 0.6, 0.95, 1.3), (-5.0, -2.5, 0.0, 2.5, 5.0)))
        return ProgressClass(_statcan_name(ratio, 0.95, 0.60), progress=ratio, score=score)
    if until <= 0:
        return ProgressClass(NOT_AVAILABLE, reason="目标年不晚于基期年，算不出所需的年均变化")
    if growth is None or needed is None:
        return ProgressClass(NOT_AVAILABLE, reason="基期值、现值或目标值为负，年均增长率没有意义")
    return ProgressClass("deterioration", score=-5.0, reason="基期值等于目标值，现值已偏离目标")


def _statcan_open(progress: float, factor: float) -> ProgressClass:
    if factor == 0 and progress >= 0:
        return ProgressClass("substantial_progress", progress=progress, score=5.0)
    if progress < 0 or factor == 0:
        score = float(np.interp(progress, (-0.02, 0.0), (-5.0, -2.5)))
    else:
        score = float(np.interp(progress, (0.0, 0.005 * factor, 0.015 * factor, 0.02 * factor), (-2.5, 0.0, 2.5, 5.0)))
    return ProgressClass(_statcan_name(progress, 0.015 * factor, 0.005 * factor), progress=progress, score=score)


def _statcan_name(progress: float, substantial: float, moderate: float) -> str:
    if progress >= substantial - EDGE:
        return "substantial_progress"
    if progress >= moderate - EDGE:
        return "moderate_progress"
    return "limited_progress" if progress >= 0 else "deterioration"


def _unsd_name(progress: float, on_track: float, fair: float) -> str:
    if progress >= on_track - EDGE:
        return "on_track_or_met"
    return "fair_progress_acceleration_needed" if progress >= fair - EDGE else "stagnation_or_regression"


def _limit_factor(base: float, limit: float | None) -> float:
    """1 far from the natural limit, 0 at or beyond it; a limit of 0 or less has no relative distance: 1."""
    if limit is None or limit <= 0:
        return 1.0
    return float(1 - (base / limit) ** LIMIT_EXPONENT) if 0 <= base < limit else float(base < 0)


def _growth(start: float, end: float, years: int) -> float | None:
    """Compound annual growth rate; None where start is 0 or one of the two is negative."""
    if start <= 0 or end < 0 or years <= 0:
        return None
    try:
        rate = float((end / start) ** (1 / years) - 1)
    except OverflowError:
        return None
    return rate if isfinite(rate) else None


def _projected(value: float, growth: float, years: int) -> float:
    """The value after `years` more years of the same growth; infinite where it leaves the range of numbers."""
    try:
        return float(value * (1 + growth) ** years)
    except OverflowError:
        return inf


def _gap(case: Case) -> str | None:
    """Which input is missing for a comparison of two points; None when it can be made."""
    numbers = (case.base_value, case.current_value, case.target_value, case.natural_limit)
    if any(n is not None and not isfinite(n) for n in numbers):
        return "有的数不是数（NaN 或无穷大）"
    if case.direction is None:
        return "没有写方向（up 或 down）"
    if case.current_value is None or case.current_year is None:
        return "没有现值或现值年份"
    if case.base_value is None or case.base_year is None:
        return "没有基期值或基期年"
    if case.current_year == case.base_year:
        return "现值年份就是基期年，还没有变化可言"
    if case.current_year < case.base_year:
        return "现值年份早于基期年"
    return None


def _known(case: Case) -> tuple[Direction, float, float, int]:
    """The inputs that `_gap` has checked."""
    assert case.direction is not None
    assert case.base_value is not None
    assert case.current_value is not None
    assert case.base_year is not None
    assert case.current_year is not None
    return case.direction, case.base_value, case.current_value, case.current_year - case.base_year


def _satisfies(value: float, target: float, direction: Direction) -> bool:
    return value >= target if direction == "up" else value <= target


def _sign(direction: Direction) -> int:
    return 1 if direction == "up" else -1
