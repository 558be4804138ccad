"""Means with standard errors from a sample survey: weights, clusters, strata; Taylor linearisation as R's ``survey``.

The mean of a domain is a ratio of weighted totals. With u = w (y - mean) / sum of w, 0 outside the domain, its variance
is the sum over strata of h / (h - 1) x the squared deviations of the clusters' totals of u from their stratum's mean, h
the stratum's clusters in the whole sample (Lumley, Complex Surveys, 2010). A stratum with a single cluster is measured
from the overall mean of u, which is 0 (``survey.lonely.psu = "adjust"``, as WHO's ``anthro_prevalence`` sets). Without
clusters every row is its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import ColumnError, Columns, Floats

Mask = NDArray[np.bool_]
CONFIDENCE = 0.95
HEAVIEST = 1e12
"""No child stands for so many: from there on a weight is a slip."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, its standard error and 95 % interval; all NaN for an empty domain."""

    mean: float
    error: float
    low: float
    high: float


NO_ESTIMATE = Estimate(math.nan, math.nan, math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Design:
    """How n rows were sampled; ``cluster`` numbers the rows' clusters, ``stratum`` the strata of the clusters."""

    weight: Floats
    cluster: NDArray[np.intp] | None
    """``None``: every row is a cluster of its own."""
    stratum: NDArray[np.intp]
    """Stratum of each cluster (of each row where there are no clusters)."""
    scale: Floats
    """For each stratum h / (h - 1), 1 for a single cluster."""
    size: Floats
    """For each stratum h, infinite for a single cluster, whose total is not centred."""
    freedom: int
    """Clusters less strata, of those with weight."""

    def estimate(self, y: Floats, domain: Mask, *, share: bool = False) -> Estimate:
        """Weighted mean of ``y`` (n,) over the rows of ``domain``; ``share`` says that y is 0 or 1: interval on the
        logit scale.

        A share of 0 or 1 has itself as interval. The t distribution has the design's degrees of freedom.
        """
        rows = np.flatnonzero(domain & (self.weight > 0))
        weight = self.weight[rows]
        total = weight.sum()
        if not rows.size:
            return NO_ESTIMATE
        mean = float((weight * y[rows]).sum() / total)
        error = self._error(weight * (y[rows] - mean) / total, rows)
        half = _t(self.freedom) * error
        if not share:
            return Estimate(mean, error, mean - half, mean + half)
        if not 0 < mean < 1:
            return Estimate(mean, error, mean, mean)
        middle, half = math.log(mean / (1 - mean)), half / (mean * (1 - mean))
        return Estimate(mean, error, 1 / (1 + math.exp(half - middle)), 1 / (1 + math.exp(-half - middle)))

    def spread(self, y: Floats, domain: Mask) -> float:
        """Standard deviation of ``y`` in the domain: weighted, times n / (n - 1) with n the rows that have weight."""
        rows = np.flatnonzero(domain & (self.weight > 0))
        if rows.size < 2:
            return math.nan
        weight = self.weight[rows] / self.weight[rows].sum()
        square = (weight * (y[rows] - (weight * y[rows]).sum()) ** 2).sum()
        return math.sqrt(square * rows.size / (rows.size - 1))

    def _error(self, u: Floats, rows: NDArray[np.intp]) -> float:
        totals: Floats = u
        stratum = self.stratum
        if self.cluster is None:
            stratum = stratum[rows]
        else:
            totals = np.bincount(self.cluster[rows], u, minlength=stratum.size).astype(np.float64)
        count = self.scale.size
        squares = np.bincount(stratum, totals**2, minlength=count)
        sums = np.bincount(stratum, totals, minlength=count)
        return math.sqrt(max(float((self.scale * (squares - sums**2 / self.size)).sum()), 0.0))


def read_design(columns: Columns, rows: Mask, *, weight: str | None, cluster: str | None, strata: str | None) -> Design:
    """The design of some rows of a table. A missing or impossible weight is 0; a negative one raises
    :class:`ColumnError`.

    Cluster numbers count within their stratum. One cluster for everybody is the same as none.
    """
    for name in (weight, cluster, strata):
        if name is not None:
            columns.require(name)
    w = np.ones(int(rows.sum())) if weight is None else columns.floats(weight)[rows]
    if (w < 0).any():
        raise ColumnError(f"列 {weight} 有负的权重", column=weight)
    w = np.where(w < HEAVIEST, w, 0.0)
    stratum = np.zeros(w.size, dtype=np.intp) if strata is None else _numbers(columns, strata, rows)
    groups: NDArray[np.intp] | None = None
    if cluster is not None and np.unique(own := _numbers(columns, cluster, rows)).size > 1:
        pairs, groups = np.unique(stratum * (own.max() + 1) + own, return_inverse=True)
        of_cluster = (pairs // (own.max() + 1)).astype(np.intp)
    else:
        of_cluster = stratum
    clusters = np.bincount(of_cluster).astype(np.float64)
    used = w > 0
    strata_used = np.unique(stratum[used]).size
    clusters_used = int(used.sum()) if groups is None else np.unique(groups[used]).size
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(clusters > 1, clusters / (clusters - 1), 1.0)
    return Design(
        weight=w,
        cluster=groups,
        stratum=of_cluster,
        scale=scale,
        size=np.where(clusters > 1, clusters, np.inf),
        freedom=clusters_used - strata_used,
    )


def sampled(columns: Columns, *, cluster: str | None, strata: str | None) -> Mask:
    """Rows whose cluster and stratum are known: the others are left out, as WHO's package does."""
    known = np.ones(len(columns), dtype=bool)
    for name in (cluster, strata):
        if name is not None:
            known &= columns.texts(name) != None  # noqa: E711  (element by element)
    return known


def _numbers(columns: Columns, name: str, rows: Mask) -> NDArray[np.intp]:
    return np.unique(columns.texts(name)[rows].astype(str), return_inverse=True)[1].astype(np.intp)


def _t(freedom: int) -> float:
    from scipy.special import stdtrit  # takes a third of a second to load, and only estimates need it

    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) if freedom > 0 else math.nan
