"""Volatility: large swings are 波动较大 only where noise alone does not explain them, else 小样本波动.

Laney p′/u′ charts and moving ranges find the swing, a dispersion test says whether chance explains it
(docs/explanation/volatility.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qingmiao.assess import special
from qingmiao.assess.limits import p_text, percent
from qingmiao.assess.series import Series
from qingmiao.assess.slope import theil_sen
from qingmiao.content.policy import Policy

MOVING_RANGE = 1.128
"""d₂ for ranges of two: mean moving range ÷ 1.128 estimates the standard deviation (Shewhart)."""
UPPER_RANGE = 3.267
"""D₄ for ranges of two: a moving range above 3.267 × the mean one is a signal."""
MEDIAN_RANGE = 0.954
"""d₄ for ranges of two: median moving range ÷ 0.954 estimates the standard deviation, whatever a few jumps do
(Wheeler)."""
UPPER_MEDIAN_RANGE = 3.865
"""A moving range above 3.865 × the median one is a signal (Wheeler)."""


SMOOTH = 1.0
"""Von Neumann's ratio is about 2 for independent years and below 1 where they follow a bend; once the straight line is
taken off, chance alone gives less than 1 in fewer than one of a hundred series of 5 to 12 points (simulated)."""


@dataclass(frozen=True)
class Volatility:
    """`kind` is volatile, small_sample, calm or unknown. `p_value` is that of the dispersion test, None without
    counts."""

    kind: Literal["volatile", "small_sample", "calm", "unknown"]
    reason: str
    p_value: float | None = None
    swing: float | None = None
    sigma_z: float | None = None
    signals: tuple[int, ...] = ()


def volatility(series: Series, *, noise: str, policy: Policy) -> Volatility:
    """What `_judged` says of the exact points; years of which only a bound is published are named and left out."""
    found = _judged(series, noise=noise, policy=policy)
    if not series.bounded:
        return found
    years = "、".join(map(str, series.bounded))
    return replace(found, reason=f"{found.reason}；{years} 年只公布了界限，未计入")


def _judged(series: Series, *, noise: str, policy: Policy) -> Volatility:
    """Judge the comparable points of a series around their straight-line trend; at least `policy.min_points` points.

    `noise` is poisson, binomial (counts needed) or none (then only the moving ranges speak).
    """
    points = series.comparable_tail().points[-policy.max_points :]
    if len(points) < policy.min_points:
        return Volatility("unknown", f"可比的数据只有 {len(points)} 年，少于 {policy.min_points} 年")
    years = np.array([p.year for p in points], float)
    values = np.array([p.value for p in points], float)
    mean = float(np.mean(values))
    rest = values - _line(years, values, np.ones_like(values))
    ranges = np.abs(np.diff(rest))
    swing = float(np.mean(ranges) / abs(mean)) if mean else None
    steps = np.diff(values)
    one_way = bool((steps >= 0).all() or (steps <= 0).all())
    smooth = von_neumann(rest) < SMOOTH
    course = one_way or smooth
    flagged = _xmr_signals(years, rest if course else _detrended(years, values), policy.volatility_sigma, course=course)
    counted = _counts(series, len(points), policy)
    sigma_z = p_value = None
    if counted is not None and noise in ("poisson", "binomial"):
        events, sizes = counted
        sigma_z, outside = laney(events, sizes, noise=noise, sigma=policy.volatility_sigma)
        flagged = tuple(sorted({*flagged, *(int(years[i]) for i in outside)}))
        p_value = dispersion_p(years, events, sizes, noise=noise)
    largest = float(ranges.max() / abs(mean)) if mean else None
    typical = swing is not None and swing >= policy.volatility_swing and not course
    single = int(years[-1]) in flagged and largest is not None and largest >= policy.volatility_swing
    if single and course:
        single = _breaks_off(values)
    moved = typical or single
    told = f"逐年起伏平均为平均水平的 {percent(swing)}" if swing is not None else "平均水平为 0"
    if single:
        told += f"，最大一次为 {percent(largest or 0.0)}"
    if flagged:
        told += f"，{'、'.join(map(str, flagged))} 年超出控制限"
    if not moved:
        return Volatility("calm", told, p_value, swing, sigma_z)
    if noise in ("poisson", "binomial") and p_value is None:
        return Volatility("unknown", told + "；没有人数，不能区分偶然与真实变化", None, swing)
    if p_value is not None and p_value >= policy.volatility_alpha:
        reason = f"{told}；离散度检验 {p_text(p_value, 2)}，偶然误差足以解释"
        return Volatility("small_sample", reason, p_value, swing, sigma_z, flagged)
    tail = f"；离散度检验 {p_text(p_value, 3)}，偶然误差不足以解释" if p_value is not None else ""
    return Volatility("volatile", told + tail, p_value, swing, sigma_z, flagged)


def laney(
    events: NDArray[np.float64], sizes: NDArray[np.float64], *, noise: str, sigma: float = 3.0
) -> tuple[float, tuple[int, ...]]:
    """Laney's σ_z and the positions outside p′/u′ limits (common rate ± sigma × σ_i × σ_z). Source: Laney 2002.

    Two arrays of equal length ≥ 2, sizes > 0. σ_z is 1 where chance alone acts, larger with overdispersion.
    """
    common = float(events.sum() / sizes.sum())
    variance = common * (1 - common) if noise == "binomial" else common
    if variance <= 0:
        return 0.0, ()
    each = np.sqrt(variance / sizes)
    z = (events / sizes - common) / each
    sigma_z = float(np.mean(np.abs(np.diff(z))) / MOVING_RANGE)
    outside = np.nonzero(np.abs(z) > sigma * max(sigma_z, 1e-12))[0]
    return sigma_z, tuple(int(i) for i in outside)


def dispersion_p(
    years: NDArray[np.float64],
    events: NDArray[np.float64],
    sizes: NDArray[np.float64],
    *,
    noise: str,
) -> float:
    """p-value of Pearson's dispersion test around a straight-line trend (n − 2 degrees of freedom, n ≥ 3).

    Small = the years differ from the trend by more than chance. 1 where nothing ever happened.
    """
    expected = np.clip(_line(years, events / sizes, sizes) * sizes, 0.0, None)
    expected = np.maximum(expected, 0.05 * float(events.sum() / sizes.sum()) * sizes)
    share = expected / sizes
    variance = expected * np.clip(1 - share, 0.0, 1.0) if noise == "binomial" else expected
    good = variance > 0
    if int(good.sum()) < 3:
        return 1.0
    chi2 = float((((events - expected) ** 2)[good] / variance[good]).sum())
    return float(special.chdtrc(int(good.sum()) - 2, chi2))


def von_neumann(rest: NDArray[np.float64]) -> float:
    """Mean square of the steps ÷ mean square of the deviations (n ≥ 2): about 2 without memory, near 0 on a bend."""
    variance = float(np.mean((rest - rest.mean()) ** 2))
    return float(np.mean(np.diff(rest) ** 2)) / variance if variance > 0 else 2.0


def _breaks_off(values: NDArray[np.float64]) -> bool:
    """Whether the last step leaves the course of a smooth series: its change of step is 3.267 × the usual one (n ≥
    4)."""
    bends = np.abs(np.diff(values, 2))
    return bool(bends[-1] > UPPER_RANGE * float(bends[:-1].mean()))


def _detrended(years: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a robust straight line (Theil–Sen) leaves: a single jump does not tilt it."""
    slope = theil_sen(years, values)
    rest = values - slope * (years - years[0])
    return np.asarray(rest - np.median(rest), float)


def _line(years: NDArray[np.float64], values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    fitted = np.polynomial.Polynomial.fit(years, values, 1, w=np.sqrt(weights))
    return np.asarray(fitted(years), float)


def _xmr_signals(
    years: NDArray[np.float64], rest: NDArray[np.float64], sigma: float, *, course: bool
) -> tuple[int, ...]:
    """Years outside the middle ± sigma × median MR/0.954, or reached by a moving range above 3.865 × the median one.

    Medians (of an even number the lower one), so that an earlier jump does not hide a later one; of a series that
    follows a `course` (one way, or a bend) the mean and its factors 1.128 and 3.267, since its ranges grow or shrink
    with it.
    """
    ranges = np.abs(np.diff(rest))
    floor = 1e-9 * max(1.0, float(np.abs(rest).max()))
    if course and float(ranges.mean()) <= floor:
        return ()
    usual = float(ranges.mean()) if course else max(float(np.quantile(ranges, 0.5, method="lower")), floor)
    middle = float(rest.mean()) if course else float(np.median(rest))
    outside = np.abs(rest - middle) > sigma * usual / (MOVING_RANGE if course else MEDIAN_RANGE)
    jumped = np.concatenate([[False], ranges > (UPPER_RANGE if course else UPPER_MEDIAN_RANGE) * usual])
    return tuple(int(y) for y in years[outside | jumped])


def _counts(series: Series, wanted: int, policy: Policy) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Counts and denominators of the same points; None unless every point has them."""
    points = series.comparable_tail().points[-policy.max_points :]
    pairs = [
        (p.numerator, p.denominator)
        for p in points
        if p.numerator is not None and p.denominator is not None and p.denominator > 0
    ]
    if len(pairs) < wanted:
        return None
    return np.array([n for n, _ in pairs], float), np.array([d for _, d in pairs], float)
