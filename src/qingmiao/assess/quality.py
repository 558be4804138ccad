"""Data-quality findings: what in the figures themselves looks wrong, before anything is concluded from them.

Each check returns findings and never changes a value. Thresholds come from the pack's policy
(docs/explanation/warnings.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray

from qingmiao.assess.limits import percent, plain, rounded
from qingmiao.assess.quantiles import binomial_chance
from qingmiao.assess.series import Series, YearPoint
from qingmiao.assess.slope import theil_sen
from qingmiao.kernel.deadlines import days_overdue


@dataclass(frozen=True)
class QualityFinding:
    """One thing that looks wrong: `code` is short and stable, `message` and `data` are Chinese prose."""

    code: str
    message: str
    indicator: str = ""
    area: str = ""
    year: int | None = None
    data: str = ""
    fix: str = "核对原始数据；更正后重新计算"
    subject: str = ""
    """What it is about, where that is no indicator: a fact table, a return."""
    basis: str = ""
    """How it was found, for those who want to know: a test's figure, a rule's expression."""
    lead: str = ""
    """The unit in charge of what `subject` names: who owns the fact table, who reports the return."""


@dataclass(frozen=True)
class DueReturn:
    """A statistical return that was due: when, and when it came (None = not yet on `as_of`)."""

    return_id: str
    area: str
    year: int
    due: date
    received: date | None
    as_of: date
    label: str = ""

    def days_late(self) -> int:
        """Days after the due date; 0 when in time or not yet due."""
        return days_overdue(self.due, self.received or self.as_of)


def balance(series: Series, *, is_share: bool) -> list[QualityFinding]:
    """A share's numerator must not exceed its denominator; counts and denominators must not be negative."""
    found: list[QualityFinding] = []
    for p in series.points:
        n, d = p.numerator, p.denominator
        if (n is not None and n < 0) or (d is not None and d < 0):
            found.append(QualityFinding("negative", f"{p.year} 年出现负数", year=p.year, data=_counts_text(p)))
        elif is_share and n is not None and d is not None and n > d:
            found.append(QualityFinding("balance", f"{p.year} 年分子大于分母", year=p.year, data=_counts_text(p)))
    return found


def impossible(series: Series) -> list[QualityFinding]:
    """Figures that the indicator cannot have, unless their counts are told by `balance` already."""
    return [
        QualityFinding("impossible", f"{p.year} 年数值超出可能范围", year=p.year, data=p.impossible)
        for p in series.points
        if p.impossible and not (p.numerator is not None and p.denominator is not None)
    ]


def modified_z(values: Sequence[float], *, step: float = 0.0, limit: float = 3.5) -> NDArray[np.float64]:
    """0.6745 × (x − median) ÷ MAD; where MAD is 0, (x − median) ÷ (1.2533 × mean absolute deviation); else 0.

    `step` is the unit of the last published digit: a scale is never below it, rounding hides smaller differences. Where
    MAD is 0 (over half are equal) the mean deviation is taken from the inside out, over the value itself and those
    nearer ones that are not beyond `limit`: several odd values (up to three in seven) do not hide one another.
    Source: Iglewicz & Hoaglin 1993, How to detect and handle outliers.
    """
    x = np.asarray(values, float)
    off = x - np.median(x)
    far = np.abs(off)
    mad, tiny = float(np.median(far)), 1e-9 * max(1.0, float(np.abs(x).max()))
    if mad > tiny:
        return np.asarray(off / max(mad / 0.6745, step), float)
    z: NDArray[np.float64] = np.zeros(len(off))
    if int((far > tiny).sum()) * 7 > len(x) * 3:
        return np.asarray(off / max(1.253314 * float(far.mean()), step), float)
    clean, added = int((far <= tiny).sum()), 0.0
    for i in np.argsort(far, kind="stable")[clean:].tolist():
        z[i] = off[i] / max(1.253314 * (added + far[i]) / (clean + 1), step)
        if abs(z[i]) <= limit:
            clean, added = clean + 1, added + float(far[i])
    return z


def outlying_years(
    series: Series,
    *,
    limit: float,
    min_points: int = 5,
    is_share: bool = False,
    sigma: float = 3.0,
    step: float = 0.0,
    told: Callable[[float], str] = plain,
) -> list[QualityFinding]:
    """Years that stand out, by modified z-score, from the robust trend (Theil–Sen) and, half as far, from their
    neighbours.

    The neighbours decide where the trend bends: a smooth curve is no outlier. Half, because a deviation from two points
    that vary themselves is the less certain one (its standard error is √6 times that of a point). It is held against
    its own spread and against that of the trend: one odd year moves its neighbours' deviations, too, and two would hide
    in them. A share within `sigma` standard errors of what is expected is none.
    """
    points = series.comparable_tail().points
    if len(points) < min_points:
        return []
    years = np.array([p.year for p in points], float)
    values = np.array([p.value for p in points], float)
    slope = theil_sen(years, values)
    rest = values - slope * (years - years[0])
    off = rest - np.median(rest)
    trend = modified_z(list(rest), step=step, limit=limit)
    near = _from_neighbours(years, values)
    own, by_trend = modified_z(list(near), step=step, limit=limit), near / (sqrt(6) * _scale(off, step))
    local = np.maximum(np.abs(own), np.abs(by_trend))
    error = [
        _standard_error(p, float(v - o), series.factor) if is_share else 0.0
        for p, v, o in zip(points, values, off, strict=True)
    ]
    scores = [
        float(z) if abs(near) > limit / 2 and abs(o) > sigma * e else 0.0
        for z, near, o, e in zip(trend, local, off, error, strict=True)
    ]
    return [
        QualityFinding(
            "outlier",
            f"{p.year} 年的数值偏离本系列走势",
            year=p.year,
            basis=f"修正 z = {rounded(z, 1)}",
            data=f"数值 {told(p.value or 0.0)}",
        )
        for p, z in zip(points, scores, strict=True)
        if abs(z) > limit
    ]


def _scale(off: NDArray[np.float64], step: float) -> float:
    """The standard deviation that the MAD of deviations from their median stands for, never below `step`."""
    return max(float(np.median(np.abs(off))) / 0.6745, step, 1e-9)


def _from_neighbours(years: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each value minus what its two nearest points on a line say: one on each side, or at an end the next two."""
    last = len(values) - 1
    off = np.empty_like(values)
    for i in range(last + 1):
        a, b = (1, 2) if i == 0 else (last - 2, last - 1) if i == last else (i - 1, i + 1)
        slope = (values[b] - values[a]) / (years[b] - years[a])
        off[i] = values[i] - (values[a] + slope * (years[i] - years[a]))
    off[1:last] *= 2  # between two points a deviation shows half as large as beyond them
    return off


def _standard_error(point: YearPoint, expected: float, factor: float) -> float:
    """The standard error of a share around what is expected, in the series' unit; 0 without a denominator."""
    if not point.denominator or not factor:
        return 0.0
    share = min(1.0, max(0.0, expected / factor))
    return float(np.sqrt(share * (1 - share) / point.denominator)) * factor


def outlying_areas(
    values: Mapping[str, float],
    *,
    year: int,
    limit: float,
    min_areas: int = 5,
    step: float = 0.0,
    told: Callable[[float], str] = plain,
) -> list[QualityFinding]:
    """Areas far from the other areas of the same year, by modified z-score; `area` of the finding is the key."""
    if len(values) < min_areas:
        return []
    scores = modified_z(list(values.values()), step=step, limit=limit)
    return [
        QualityFinding(
            "area_outlier",
            f"{year} 年的数值明显偏离其他地区",
            basis=f"修正 z = {rounded(z, 1)}",
            area=code,
            year=year,
            data=f"数值 {told(v)}，各地区中位数 {told(float(np.median(list(values.values()))))}",
        )
        for (code, v), z in zip(values.items(), scores, strict=True)
        if abs(z) > limit
    ]


def repeated(
    series: Series,
    *,
    run: int,
    ends: Sequence[float] = (0.0,),
    small: int = 0,
    told: Callable[[float], str] = plain,
) -> list[QualityFinding]:
    """The very same unrounded value in `run` or more known years in a row; values in `ends` (0, 100) may stay.

    A share of fewer than `small` units may stay, too: ten of twelve hospitals are ten of twelve again next year. So may
    a share of so few that chance alone repeats its count that often in more than `REPEAT_CHANCE` of all runs.
    """
    found: list[QualityFinding] = []
    for value, same in groupby(series.known, key=lambda p: p.value):
        group = list(same)
        years = [p.year for p in group]
        if all(p.denominator is not None and p.denominator < small for p in group):
            continue
        if _repeats_by_chance(group) > REPEAT_CHANCE:
            continue
        if len(years) >= run and value is not None and value not in ends:
            message = f"{years[0]}—{years[-1]} 年连续 {len(years)} 年数值完全相同"
            found.append(QualityFinding("repeated", message, year=years[-1], data=f"数值 {told(value)}"))
    return found


REPEAT_CHANCE = 0.01
"""A run of equal counts is told only where chance alone seldom makes it."""


def _repeats_by_chance(group: Sequence[YearPoint]) -> float:
    """The probability that independent binomial years all repeat the first one's count; 0 without counts."""
    if any(p.numerator is None or not p.denominator or p.numerator > p.denominator for p in group):
        return 0.0
    chances = [
        binomial_chance(round(p.numerator or 0), round(p.denominator or 0), (p.numerator or 0) / p.denominator)
        for p in group[1:]
        if p.denominator
    ]
    return float(np.prod(chances)) if chances else 0.0


def implausible_zeros(series: Series, *, tail: float, small: int, near: int = 3) -> list[QualityFinding]:
    """A zero where the nearest other years make it very unlikely: Poisson chance of none below `tail`.

    `near` years are looked at, so that what fell step by step may end at zero. Without a denominator: a zero while
    those years' median count (or value) is at least `small`.
    """
    found: list[QualityFinding] = []
    known = series.known
    for p in known:
        if p.value != 0:
            continue
        others = sorted((o for o in known if o.year != p.year), key=lambda o: abs(o.year - p.year))[:near]
        if len(others) < 2:
            continue
        sizes = sum(o.denominator or 0 for o in others)
        if p.denominator and sizes and all(o.numerator is not None for o in others):
            expected = sum(o.numerator or 0 for o in others) / sizes * p.denominator
            chance = exp(-expected)
            if chance < tail:
                data = f"按相邻年份推算应有约 {rounded(expected, 1)} 例，偶然为 0 的概率 {rounded(chance, 3)}"
                found.append(QualityFinding("zero", f"{p.year} 年为 0，不大可能", year=p.year, data=data))
        elif float(np.median([o.numerator if o.numerator is not None else o.value or 0 for o in others])) >= small:
            found.append(
                QualityFinding("zero", f"{p.year} 年为 0，而相邻年份都较大", year=p.year, data="请确认是否漏报")
            )
    return found


def disagreeing_denominators(
    population: str,
    denominators: Mapping[str, float],
    *,
    year: int,
    gap: float,
    name_of: Callable[[str], str] = str,
) -> list[QualityFinding]:
    """Indicators of one population whose denominators differ by more than `gap` of the largest; `name_of` names one."""
    positive = {k: v for k, v in denominators.items() if v > 0}
    if len(positive) < 2:
        return []
    low, high = min(positive, key=positive.__getitem__), max(positive, key=positive.__getitem__)
    share = (positive[high] - positive[low]) / positive[high]
    if share <= gap + 1e-12:
        return []
    said = [f"“{name_of(k)}”用 {plain(positive[k])}" for k in (low, high)]
    data = f"{'，'.join(said)}，相差 {percent(share)}"
    return [
        QualityFinding(
            "denominator",
            f"{year} 年同一人群（{population}）的分母不一致",
            indicator=high,
            year=year,
            data=data,
        )
    ]


def _counts_text(p: YearPoint) -> str:
    n = "—" if p.numerator is None else plain(p.numerator)
    d = "—" if p.denominator is None else plain(p.denominator)
    return f"分子 {n}，分母 {d}"
