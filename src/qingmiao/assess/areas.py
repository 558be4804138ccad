"""Lower areas compared: funnel limits say which ones differ from the usual by more than chance.

Where most areas differ by more than chance (over-dispersion: work and people differ from place to place), the limits
widen, so that only those are named that stand out from the others (docs/explanation/volatility.md). What is usual is
estimated without the areas that stand apart (`typical.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingmiao.assess import special
from qingmiao.assess.quantiles import binomial_from_above, binomial_quantile, poisson_from_above, poisson_quantile
from qingmiao.assess.typical import Typical, above, at_most, typical

FloatArray: TypeAlias = NDArray[np.float64]

MIN_AREAS = 3
"""A funnel over fewer areas says nothing."""
MIN_FOR_DISPERSION = 5
"""Of fewer areas nobody can say which ones stand apart, nor how far they differ beyond chance: all make the usual
rate."""
SUSPECT = 1.3
"""An area this many times beyond its limit takes no part in estimating what is usual (chosen by the measured property
tests: in healthy areas, φ up to 2, fewer alarms than the nominal rate; docs/explanation/volatility.md)."""


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
    """The usual rate, the over-dispersion that the limits allow for (1 = chance alone), and each area against them.

    `rate` and `dispersion` leave out the areas that stand apart (`apart`, their codes); `total` is the rate of all
    areas together. `tail` is the probability beyond a limit on one side, over-dispersion included.
    """

    rate: float
    dispersion: float
    points: tuple[FunnelPoint, ...]
    noise: str
    tail: float
    total: float = float("nan")
    apart: tuple[str, ...] = ()

    def limits_at(self, size: float) -> tuple[float, float]:
        """The lower and upper limit of an area of this size (> 0), as shares of the denominator."""
        low, high = _limits(self.rate, np.array([size], float), self.noise, self.tail)
        return float(low[0]) / size, float(high[0]) / size


def funnel(areas: Sequence[AreaCount], *, noise: str, better: str, level: float, suspect: float = SUSPECT) -> Funnel:
    """The usual rate and each area against exact limits: binomial for a share, Poisson for rare events.

    An area breaches where a count so far out (or farther) has a probability below the tail: (1 − level) ÷ 2, or with
    over-dispersion φ the tail of a √φ times larger z. Rate and φ are those of the areas that belong together: one whose
    z is beyond `suspect` times its limit is left out of them, so that several odd areas do not hide one another.
    Areas with a denominator of 0 are left out altogether.
    Source: Spiegelhalter 2005, Handling over-dispersion of performance indicators (multiplicative over-dispersion; the
    suspects are left out instead of winsorised: of ten areas winsorising one at each end leaves the second bad one).
    """
    used = [a for a in areas if a.size > 0]
    if not used:
        return Funnel(float("nan"), 1.0, (), noise, (1 - level) / 2)
    events, sizes = np.array([a.events for a in used], float), np.array([a.size for a in used], float)
    z = float(-special.ndtri((1 - level) / 2))
    if len(used) >= MIN_FOR_DISPERSION:
        usual = typical(events, sizes, noise=noise, limit=suspect * z)
    else:
        usual = Typical(float(events.sum() / sizes.sum()), 1.0, np.ones(len(used), dtype=bool))
    phi = usual.dispersion
    tail = float(special.ndtr(-z * sqrt(phi)))
    too_many = above(events - 1, sizes, usual.rate, noise=noise) < tail
    too_few = at_most(events, sizes, usual.rate, noise=noise) < tail
    bad = {"lower": "high", "higher": "low"}.get(better, "")
    points: list[FunnelPoint] = []
    lows, highs = _limits(usual.rate, sizes, noise, tail)
    each = zip(used, too_many.tolist(), too_few.tolist(), lows.tolist(), highs.tolist(), strict=True)
    for area, high, low, lowest, highest in each:
        breach: Literal["", "high", "low"] = "high" if high else "low" if low else ""
        points.append(
            FunnelPoint(
                area,
                area.events / area.size,
                lowest / area.size,
                highest / area.size,
                breach,
                bool(breach) and breach == bad,
            )
        )
    apart = tuple(a.code for a, inside in zip(used, usual.inside.tolist(), strict=True) if not inside)
    return Funnel(usual.rate, phi, tuple(points), noise, tail, float(events.sum() / sizes.sum()), apart)


def _limits(rate: float, sizes: FloatArray, noise: str, tail: float) -> tuple[FloatArray, FloatArray]:
    """The counts of areas of these sizes that are `tail` from below and from above."""
    if noise == "binomial":
        whole, share = np.rint(sizes), min(1.0, max(0.0, rate))
        return binomial_quantile(tail, whole, share), binomial_from_above(tail, whole, share)
    return poisson_quantile(tail, rate * sizes), poisson_from_above(tail, rate * sizes)
