"""Quantiles and point probabilities of counts, on `scipy.special` alone: `scipy.stats` costs 30 MB and half a second.

A quantile is the smallest count that at most `tail` of the distribution lies below; `…_from_above` the same from the
other end. All arguments broadcast. tests/unit/assess/test_quantiles.py compares each with `scipy.stats`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingmiao.assess import special

Counts = NDArray[np.float64]


def poisson_chance(count: ArrayLike, mean: ArrayLike) -> Counts:
    """The probability of exactly `count` (≥ 0, whole) events where `mean` ≥ 0 are expected."""
    k = np.asarray(count, float)
    return np.asarray(np.exp(special.xlogy(k, mean) - special.gammaln(k + 1) - np.asarray(mean, float)))


def poisson_quantile(tail: ArrayLike, mean: ArrayLike) -> Counts:
    """The quantile of a count of which `mean` ≥ 0 are expected; 0 < tail < 1."""
    at = np.asarray(mean, float)
    return _whole(lambda k: special.pdtr(k, at), special.pdtrik(tail, np.where(at > 0, at, 1.0)), tail, at > 0, 0.0)


def poisson_from_above(tail: ArrayLike, mean: ArrayLike) -> Counts:
    """The smallest count that at most `tail` lies above, where `mean` ≥ 0 are expected; 0 < tail < 1."""
    return poisson_quantile(1 - np.asarray(tail, float), mean)


def binomial_quantile(tail: ArrayLike, trials: ArrayLike, share: ArrayLike) -> Counts:
    """The quantile of successes in `trials` (≥ 0, whole) of probability 0 ≤ `share` ≤ 1; 0 < tail < 1."""
    n, p = np.broadcast_arrays(np.asarray(trials, float), np.asarray(share, float))
    open_ = (n > 0) & (p > 0) & (p < 1)
    used, at = np.where(open_, n, 1.0), np.where(open_, p, 0.5)
    guess = np.minimum(special.bdtrik(tail, used, at), used)
    return _whole(lambda k: special.bdtr(k, used.astype(np.int64), at), guess, tail, open_, np.where(p >= 1, n, 0.0))


def binomial_from_above(tail: ArrayLike, trials: ArrayLike, share: ArrayLike) -> Counts:
    """The smallest number of successes that at most `tail` lies above; 0 < tail < 1."""
    n, p = np.broadcast_arrays(np.asarray(trials, float), np.asarray(share, float))
    return np.asarray(n - binomial_quantile(tail, n, 1 - p))


def binomial_chance(count: float, trials: float, share: float) -> float:
    """The probability of exactly `count` successes in `trials` (both whole) of probability 0 ≤ `share` ≤ 1."""
    ways = special.gammaln(trials + 1) - special.gammaln(count + 1) - special.gammaln(trials - count + 1)
    return float(np.exp(ways + special.xlogy(count, share) + special.xlog1py(trials - count, -share)))


def negative_binomial_quantile(tail: ArrayLike, size: float, share: float) -> Counts:
    """The quantile of the failures before `size` > 0 successes (not always whole) of probability 0 < `share` < 1."""
    guess = special.nbdtrik(tail, size, share)
    return _whole(lambda k: special.betainc(size, k + 1, share), guess, tail, np.asarray(True), 0.0)


def _whole(
    at_most: Callable[[Counts], Counts], guess: ArrayLike, tail: ArrayLike, open_: NDArray[np.bool_], closed: ArrayLike
) -> Counts:
    """The smallest whole count whose probability `at_most` reaches `tail`, from a real one near it.

    `closed` is what counts where the distribution is not `open_` (nothing can vary).
    """
    found = np.ceil(guess)
    below = np.maximum(found - 1, 0)
    found = np.where(at_most(below) >= np.asarray(tail, float), below, found)
    return np.where(open_, found, closed)
