"""What is usual among areas: the common rate and the spread of those that agree, estimated without the suspects.

An odd area must neither move the centre nor widen the limits that it is held against, and two or three of them must not
hide one another. So the estimate grows from the half that agrees best and stops before the first one that stands apart
(a forward search; Rousseeuw & Leroy 1987 for the half, Hadi & Simonoff 1993 for the growing).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qingmiao.assess import special

CHANCE_ALONE = 3
"""So many areas that differ by chance alone are added to the estimate of φ: four areas by themselves say little of
it."""

Floats = NDArray[np.float64]
Noise = Literal["binomial", "poisson"]

FARTHEST = 37.0
"""A z-score beyond this is cut off: floating point ends there."""


@dataclass(frozen=True)
class Typical:
    """`rate` of the areas `inside` (a mask over the areas given) and their `dispersion`: 1 = chance alone."""

    rate: float
    dispersion: float
    inside: NDArray[np.bool_]


def typical(events: Floats, sizes: Floats, *, noise: str, limit: float) -> Typical:
    """The common rate and over-dispersion of the areas that belong together; at least one area, sizes > 0.

    Start: of all runs of more than half the areas, ordered by rate, the one with the smallest sum of squared z-scores.
    Grow: the nearest area outside joins while its z-score against the areas inside and itself is at most `limit` × √φ
    of those inside. φ = (Σz² + 3) ÷ (m − 1 + 3) over the m areas inside, never below 1.
    """
    count = len(events)
    inside = np.zeros(count, dtype=bool)
    inside[_core(events, sizes, noise)] = True
    while not inside.all():
        outside = np.flatnonzero(~inside)
        far = _apart(events, sizes, inside, outside, noise)
        nearest = int(np.argmin(far))
        if far[nearest] > limit * sqrt(_phi(events, sizes, inside, noise)):
            break
        inside[outside[nearest]] = True
    rate = float(events[inside].sum() / sizes[inside].sum())
    return Typical(rate, _phi(events, sizes, inside, noise), inside)


def z_scores(events: Floats, sizes: Floats, rates: Floats | float, *, noise: str) -> Floats:
    """Each count's place in its exact law as a z-score (mid-probability); 0 where the law leaves no room (rate 0 or
    1)."""
    low = 0.5 * (at_most(events, sizes, rates, noise=noise) + at_most(events - 1, sizes, rates, noise=noise))
    high = 0.5 * (above(events - 1, sizes, rates, noise=noise) + above(events, sizes, rates, noise=noise))
    tail = np.clip(np.minimum(low, high), 1e-300, 0.5)
    z = np.where(high < low, -1.0, 1.0) * special.ndtri(tail)
    rates = np.broadcast_to(np.asarray(rates, float), z.shape)
    certain = (rates <= 0) | ((rates >= 1) & (noise == "binomial"))
    return np.asarray(np.where(certain, 0.0, np.clip(z, -FARTHEST, FARTHEST)), float)


def at_most(events: Floats, sizes: Floats, rates: Floats | float, *, noise: str) -> Floats:
    """Probability of at most so many events: binomial on the rounded size, or Poisson."""
    count = np.floor(events)
    if noise == "binomial":
        trials = np.rint(sizes)
        inner = special.bdtr(np.clip(count, 0, trials), trials.astype(np.int64), _share(rates))
    else:
        inner = special.pdtr(np.maximum(count, 0), np.maximum(np.asarray(rates, float), 0.0) * sizes)
    return np.asarray(np.where(count < 0, 0.0, inner), float)


def above(events: Floats, sizes: Floats, rates: Floats | float, *, noise: str) -> Floats:
    """Probability of more events than so many, without the rounding of 1 − `at_most`."""
    count = np.floor(events)
    if noise == "binomial":
        trials = np.rint(sizes)
        inner = special.bdtrc(np.clip(count, 0, trials), trials.astype(np.int64), _share(rates))
    else:
        inner = special.pdtrc(np.maximum(count, 0), np.maximum(np.asarray(rates, float), 0.0) * sizes)
    return np.asarray(np.where(count < 0, 1.0, inner), float)


def _core(events: Floats, sizes: Floats, noise: str) -> NDArray[np.int64]:
    """The run of more than half the areas, ordered by rate, that agrees best."""
    half = len(events) // 2 + 1
    order = np.lexsort((sizes, events / sizes))
    runs = [order[start : start + half] for start in range(len(events) - half + 1)]
    return min(runs, key=lambda run: _squares(events[run], sizes[run], noise))


def _squares(events: Floats, sizes: Floats, noise: str) -> float:
    """Sum of the squared z-scores of areas around their own common rate."""
    return float((z_scores(events, sizes, float(events.sum() / sizes.sum()), noise=noise) ** 2).sum())


def _phi(events: Floats, sizes: Floats, inside: NDArray[np.bool_], noise: str) -> float:
    squares = _squares(events[inside], sizes[inside], noise)
    return max(1.0, (squares + CHANCE_ALONE) / (int(inside.sum()) - 1 + CHANCE_ALONE))


def _apart(events: Floats, sizes: Floats, inside: NDArray[np.bool_], outside: NDArray[np.int64], noise: str) -> Floats:
    """How far each area outside is from those inside, as |z|: each under the rate of the areas inside and itself.

    Being part of that rate an area is drawn to it; √(1 − its share of the sizes) makes up for this.
    """
    all_events, all_sizes = events[inside].sum() + events[outside], sizes[inside].sum() + sizes[outside]
    z = z_scores(events[outside], sizes[outside], all_events / all_sizes, noise=noise)
    return np.asarray(np.abs(z) / np.sqrt(1 - sizes[outside] / all_sizes), float)


def _share(rates: Floats | float) -> Floats:
    return np.asarray(np.clip(np.asarray(rates, float), 0.0, 1.0), float)
