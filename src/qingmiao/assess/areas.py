"""Townships compared: funnel limits say which ones differ from the whole by more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scipy import stats


@dataclass(frozen=True)
class AreaCount:
    """Events over a denominator (> 0) of one area in one year."""

    code: str
    name: str
    events: float
    size: float


@dataclass(frozen=True)
class FunnelPoint:
    """One area against the funnel; `rate`, `low`, `high` are shares of the denominator (not yet in a unit).

    `breach` is high, low or empty; `worse` says whether the breach is on the bad side.
    """

    area: AreaCount
    rate: float
    low: float
    high: float
    breach: Literal["", "high", "low"]
    worse: bool


def funnel(
    areas: Sequence[AreaCount], *, noise: str, better: str, level: float
) -> tuple[float, tuple[FunnelPoint, ...]]:
    """The common rate and each area against exact limits: binomial for a share, Poisson for rare events.

    An area breaches where a count so far out (or farther) has a probability below (1 − level) ÷ 2 at the common rate.
    Areas with a denominator of 0 are left out. Source: Spiegelhalter 2005, Funnel plots for comparing institutions.
    """
    used = [a for a in areas if a.size > 0]
    size = sum(a.size for a in used)
    if not used or size <= 0:
        return float("nan"), ()
    common = sum(a.events for a in used) / size
    tail = (1 - level) / 2
    points: list[FunnelPoint] = []
    for area in used:
        if noise == "binomial":
            law = stats.binom(round(area.size), min(1.0, max(0.0, common)))
        else:
            law = stats.poisson(common * area.size)
        too_many = float(law.sf(area.events - 1)) < tail
        too_few = float(law.cdf(area.events)) < tail
        breach: Literal["", "high", "low"] = "high" if too_many else "low" if too_few else ""
        bad = {"lower": "high", "higher": "low"}.get(better, "")
        points.append(
            FunnelPoint(
                area,
                area.events / area.size,
                float(law.ppf(tail)) / area.size,
                float(law.ppf(1 - tail)) / area.size,
                breach,
                bool(breach) and breach == bad,
            )
        )
    return common, tuple(points)
