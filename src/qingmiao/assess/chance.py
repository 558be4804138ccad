"""What chance alone does to a strict yearly fall of small counts."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

import numpy as np
from numpy.typing import NDArray

from qingmiao.assess.quantiles import poisson_chance, poisson_from_above


def break_probability(counts: Sequence[float], sizes: Sequence[float]) -> tuple[float, float]:
    """Probability that the yearly rates do not fall strictly, and the fitted yearly change of the true rate.

    Independent Poisson counts around a log-linear trend fitted to the data (a trend that rises is taken as level).
    Exact: a walk over all counts from year to year. `counts` and `sizes` (> 0) are of equal length ≥ 2.
    """
    slope, expected = _fitted(np.asarray(counts, float), np.asarray(sizes, float))
    top = int(poisson_from_above(1e-10, float(expected.max()))) + 2
    grid = np.arange(top + 1)
    chance: NDArray[np.float64] = poisson_chance(grid, expected[0])
    for year in range(1, len(expected)):
        rate_before = grid / sizes[year - 1]
        rate_now = grid / sizes[year]
        falls = rate_now[:, None] < rate_before[None, :] - 1e-15
        chance = poisson_chance(grid, expected[year]) * (falls @ chance)
    return float(min(1.0, max(0.0, 1 - chance.sum()))), exp(slope) - 1


def _fitted(counts: NDArray[np.float64], sizes: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Poisson regression on the year by Newton steps; without events, or with a rising trend, the level rate."""
    total = float(counts.sum())
    level = max(total, 0.5) / float(sizes.sum()) * sizes
    if total == 0:
        return 0.0, level
    x = np.arange(len(counts)) - (len(counts) - 1) / 2
    intercept, slope = float(np.log(total / sizes.sum())), 0.0
    for _ in range(50):
        mean = sizes * np.exp(np.clip(intercept + slope * x, -50, 50))
        gradient = np.array([(counts - mean).sum(), ((counts - mean) * x).sum()])
        hessian = np.array([[mean.sum(), (mean * x).sum()], [(mean * x).sum(), (mean * x * x).sum()]])
        step = np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        step = np.clip(step, -1, 1)
        intercept, slope = intercept + float(step[0]), slope + float(step[1])
        slope = min(2.0, max(-2.0, slope))  # a year with no event at the end would drive it to −∞
        if float(np.abs(step).max()) < 1e-10:
            break
    if slope >= 0:
        return 0.0, level
    return slope, sizes * np.exp(intercept + slope * x)
