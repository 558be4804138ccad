"""Counts of the simulated children by township, age, sex and year: denominators that agree between facts and
returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from qingmiao.demo.drafts import Array
from qingmiao.demo.places import Places
from qingmiao.demo.scenario import ScenarioError

AGES = 18
GRADES = 18


def tally(*parts: Array, shape: tuple[int, ...]) -> Array:
    """How often each combination of positions occurs, as an array of `shape`."""
    flat = np.ravel_multi_index(tuple(p.astype(np.int64) for p in parts), shape)
    counted: Array = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(np.int64)
    return counted


def pick(
    counts: Mapping[str, Array], spec: Mapping[str, Any], places: Places, township: int | None, position: int
) -> int:
    """One count: ``count: name`` with optional ``from``–``to`` (ages or grade positions), ``sex``, ``residence``.

    Arrays are (township, age or grade, sex, year). `township` None is the whole county.
    """
    name = str(spec["count"])
    if name not in counts:
        raise ScenarioError(f"演示参数里的 count: {name} 没有；可用：{'、'.join(counts)}")
    table = counts[name][..., position]
    towns = np.arange(len(places.codes)) if township is None else np.array([township])
    if "residence" in spec:
        towns = towns[places.urban[towns] == (spec["residence"] == "urban")]
    low, high = int(spec.get("from", 0)), int(spec.get("to", table.shape[1] - 1))
    sexes = {"M": [0], "F": [1]}.get(str(spec.get("sex", "")), [0, 1])
    return int(table[towns, low : high + 1][..., sexes].sum())
