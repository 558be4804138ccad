"""What a sample says of everybody: weighted mean or share, its standard error by Taylor linearisation, design effect.

Guarantee: the estimate is the ratio of weighted sums; its variance is that of the linearised values, summed by cluster
within stratum, clusters taken as drawn with replacement, or without where the clusters of each stratum are known. This
is how survey packages do it (Wolter, Introduction to Variance Estimation, 2nd edition, chapter 6); the ice-cream study
of the manual of SAS/STAT PROC SURVEYMEANS, drawn by grade, is a test: its data, against Cochran's formulas worked out
apart in exact fractions, and clusters of unequal size against the variance of a ratio of two totals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingmiao.kernel.errors import UserError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SurveyEstimate:
    """One estimate. `low`, `high`: 95 % by Student's t with `degrees` of freedom (clusters less strata); `deff`: its
    variance over that of a simple random sample of as many; None where that is nought."""

    value: float
    error: float
    low: float
    high: float
    degrees: int
    people: int
    clusters: int
    strata: int
    deff: float | None
    effective: float
    """How many people a simple random sample would need to be as sure: people ÷ deff."""


def estimate(
    values: Sequence[float],
    *,
    weights: Sequence[float] | None = None,
    strata: Sequence[str] | None = None,
    clusters: Sequence[str] | None = None,
    totals: Mapping[str, int] | None = None,
) -> SurveyEstimate:
    """The mean of a population (of 0 and 1: its share) from a sample, a row a person who answered.

    `weights`: how many people each stands for (none: one each). `strata`, `clusters`: what each was drawn from (none:
    one stratum; every person a cluster). `totals`: clusters that each stratum has, for sampling without replacement.
    Raises UserError for columns of unequal length, weights that are not positive, a stratum of one cluster, a stratum
    that has fewer clusters than were drawn.
    """
    y = np.asarray(values, dtype=np.float64)
    n = len(y)
    w = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    h = np.array([""] * n if strata is None else list(strata), dtype=str)
    c = np.array([f"{k}" for k in (clusters if clusters is not None else range(n))], dtype=str)
    _fits(y, w, h, c)
    mean = float(w @ y / w.sum())
    linear = w * (y - mean) / w.sum()
    variance, groups, layers = 0.0, 0, list(dict.fromkeys(h.tolist()))
    for layer in layers:
        inside = h == layer
        _, at = np.unique(c[inside], return_inverse=True)
        sums = np.bincount(at, weights=linear[inside]).astype(np.float64)
        variance += _within(layer, sums, totals)
        groups += len(sums)
    srs = _simple(y, w, mean, h, totals, clustered=clusters is not None)
    degrees = groups - len(layers)
    error, deff = float(np.sqrt(variance)), variance / srs if srs > 0 else None
    far = _student(degrees) * error
    return SurveyEstimate(
        mean, error, mean - far, mean + far, degrees, n, groups, len(layers), deff, n / deff if deff else float(n)
    )  # fmt: skip


def _fits(y: Floats, w: Floats, h: NDArray[np.str_], c: NDArray[np.str_]) -> None:
    if not len(y):
        raise UserError("没有一份答卷，不能推算")
    if not len(y) == len(w) == len(h) == len(c):
        raise ValueError("columns of unequal length")
    if not (np.isfinite(y).all() and np.isfinite(w).all() and (w > 0).all()):
        raise UserError("数值要填全，权重要大于 0")


def _within(layer: str, sums: Floats, totals: Mapping[str, int] | None) -> float:
    """The part of one stratum in the variance."""
    drawn = len(sums)
    if drawn < 2:
        raise UserError(f"层“{layer or '全部'}”只抽了 1 个群，估不出误差；请与相近的层合并")
    left = 1.0
    if totals is not None:
        if layer not in totals or totals[layer] < drawn:
            raise UserError(f"层“{layer or '全部'}”的群总数没有，或者少于抽到的 {drawn} 个")
        left = 1 - drawn / totals[layer]
    return float(left * drawn / (drawn - 1) * ((sums - sums.mean()) ** 2).sum())


def _simple(
    y: Floats, w: Floats, mean: float, h: NDArray[np.str_], totals: Mapping[str, int] | None, *, clustered: bool
) -> float:
    """The variance of a simple random sample of as many people, of the population as the weights describe it."""
    n = len(y)
    spread = float(w @ (y - mean) ** 2 / w.sum()) * n / (n - 1) if n > 1 else 0.0
    left = 1.0
    if totals is not None and not clustered:
        left = 1 - n / sum(totals[layer] for layer in dict.fromkeys(h.tolist()))
    return left * spread / n


def _student(degrees: int) -> float:
    """The 97.5 % point of Student's t."""
    from scipy import stats

    return float(stats.t.ppf(0.975, degrees))
