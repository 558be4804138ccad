"""Lower areas compared: funnel limits say which ones differ from the whole by more than chance.

Where most areas differ by more than chance (over-dispersion: work and people differ from place to place), the limits
widen, so that only those are named that stand out from the others (docs/explanation/volatility.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

import numpy as np
from scipy import stats

MIN_AREAS = 3
"""A funnel over fewer areas says nothing."""
MIN_FOR_DISPERSION = 5
"""With fewer areas nothing is said about how far areas differ beyond chance."""


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


@dataclass(frozen=True)
class Funnel:
    """The common rate, the over-dispersion that the limits allow for (1 = chance alone), and each area against them.

    `tail` is the probability beyond a limit on one side, over-dispersion included.
    """

    rate: float
    dispersion: float
    points: tuple[FunnelPoint, ...]
    noise: str
    tail: float

    def limits_at(self, size: float) -> tuple[float, float]:
        """The lower and upper limit of an area of this size (> 0), as shares of the denominator."""
        law = _law(self.rate, size, self.noise)
        return float(law.ppf(self.tail)) / size, float(law.isf(self.tail)) / size


def funnel(
    areas: Sequence[AreaCount], *, noise: str, better: str, level: float, winsor: float = 0.1
) -> Funnel:
    """The common rate and each area against exact limits: binomial for a share, Poisson for rare events.

    An area breaches where a count so far out (or farther) has a probability below the tail: (1 − level) ÷ 2, or with
    over-dispersion φ the tail of a √φ times larger z. Areas with a denominator of 0 are left out.
    Source: Spiegelhalter 2005, Funnel plots for comparing institutional performance (multiplicative over-dispersion).
    """
    used = [a for a in areas if a.size > 0]
    size = sum(a.size for a in used)
    if not used or size <= 0:
        return Funnel(float("nan"), 1.0, (), noise, (1 - level) / 2)
    common = sum(a.events for a in used) / size
    laws = [_law(common, a.size, noise) for a in used]
    phi = dispersion(
        [_z(law, a.events) for law, a in zip(laws, used, strict=True)] if common > 0 else [], winsor=winsor
    )
    tail = float(stats.norm.sf(stats.norm.isf((1 - level) / 2) * sqrt(phi)))
    bad = {"lower": "high", "higher": "low"}.get(better, "")
    points: list[FunnelPoint] = []
    for area, law in zip(used, laws, strict=True):
        too_many = float(law.sf(area.events - 1)) < tail
        too_few = float(law.cdf(area.events)) < tail
        breach: Literal["", "high", "low"] = "high" if too_many else "low" if too_few else ""
        points.append(
            FunnelPoint(
                area,
                area.events / area.size,
                float(law.ppf(tail)) / area.size,
                float(law.isf(tail)) / area.size,
                breach,
                bool(breach) and breach == bad,
            )
        )
    return Funnel(common, phi, tuple(points), noise, tail)


def dispersion(scores: Sequence[float], *, winsor: float) -> float:
    """How much more areas differ than chance lets them: the mean square of winsorised z-scores, never below 1.

    The farthest `winsor` share on each side (at least one area) counts as its neighbour, so that one odd area does not
    widen its own limits. 1 where fewer than five areas are known, and up to 1 + 2√(2/k), which chance alone reaches:
    the mean of k squared z-scores has mean 1 and variance 2/k. Source: Spiegelhalter 2005.
    """
    count = len(scores)
    if count < MIN_FOR_DISPERSION:
        return 1.0
    ordered = np.sort(np.asarray(scores, float))
    aside = min((count - 1) // 2, max(1, int(count * winsor)))
    ordered = np.clip(ordered, ordered[aside], ordered[count - 1 - aside])
    phi = float(np.mean(ordered**2))
    return phi if phi > 1 + 2 * sqrt(2 / count) else 1.0


def _law(rate: float, size: float, noise: str) -> Any:  # scipy's frozen distributions have no public type
    if noise == "binomial":
        return stats.binom(round(size), min(1.0, max(0.0, rate)))
    return stats.poisson(rate * size)


def _z(law: Any, events: float) -> float:
    """The z-score of a count's place in its law (mid-probability), cut off where floating point ends."""
    below = float(law.cdf(events)) - 0.5 * float(law.pmf(events))
    above = float(law.sf(events)) + 0.5 * float(law.pmf(events))
    z = -float(stats.norm.ppf(above)) if above < below else float(stats.norm.ppf(below))
    return float(np.clip(z, -38.0, 38.0))
