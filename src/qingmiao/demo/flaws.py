"""What real files have wrong with them: missing cells, slips of the pen, late corrections, rows taken back, gaps.

Rules of one table are read from the scenario; each draws its rows from one uniform number a row, so that no row gets
two of them. Keys stay unique: a correction repeats a key with a later version, never with the same one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qingmiao.content.facts import Fact
from qingmiao.demo.drafts import Array, Coded, Draft, NumberedIds, joined, take
from qingmiao.demo.scenario import ScenarioError


def spoil(fact: Fact, draft: Draft, rules: Sequence[Mapping[str, Any]], rng: np.random.Generator) -> Draft:
    """The draft with its flaws; more rows where corrections and retractions were made.

    Rules: ``missing: column``, ``times: column, by: factor``, ``swapped: column`` (two digits), ``corrected: column,
    by, days`` (first entered wrong, later right), ``filled: column, days`` (first empty, later entered), ``retracted:
    days``; each with ``share`` of the rows.
    """
    if not rules:
        return draft
    count = len(next(iter(_numbers(draft))))
    u, start = rng.random(count), 0.0
    changed: Draft = dict(draft)
    later: list[Draft] = []
    for rule in rules:
        share = float(rule["share"])
        rows = np.flatnonzero((u >= start) & (u < start + share))
        start += share
        if not len(rows):
            continue
        if "missing" in rule:
            changed[rule["missing"]] = _emptied(changed[rule["missing"]], rows)
        elif "times" in rule:
            changed[rule["times"]] = _changed(changed[rule["times"]], rows, float(rule["by"]))
        elif "swapped" in rule:
            changed[rule["swapped"]] = _changed(changed[rule["swapped"]], rows, None)
        elif "corrected" in rule:
            later.append(_later(fact, take(draft, rows), int(rule["days"]), rng, taken_back=False))
            changed[rule["corrected"]] = _changed(changed[rule["corrected"]], rows, float(rule["by"]))
        elif "filled" in rule:
            later.append(_later(fact, take(draft, rows), int(rule["days"]), rng, taken_back=False))
            changed[rule["filled"]] = _emptied(changed[rule["filled"]], rows)
        elif "retracted" in rule:
            later.append(_later(fact, take(draft, rows), int(rule["retracted"]), rng, taken_back=True))
        else:
            raise ScenarioError(f"演示参数 flaws.{fact.id}：不认识的写法 {dict(rule)!r}")
    return joined([changed, *later]) if later else changed


def _numbers(draft: Draft) -> list[Array]:
    return [v.index if isinstance(v, Coded) else v.number if isinstance(v, NumberedIds) else v for v in draft.values()]


def _emptied(values: Any, rows: Array) -> Any:
    if isinstance(values, Coded):
        index = values.index.copy()
        index[rows] = -1
        return Coded(index, values.values)
    if isinstance(values, NumberedIds):
        number = values.number.copy()
        number[rows] = -1
        return NumberedIds(values.prefix, number, values.width)
    if values.dtype.kind in "iu" and values.dtype != np.int8:
        values = values.astype(np.float64)
    else:
        values = values.copy()
    values[rows] = -1 if values.dtype == np.int8 else (np.datetime64("NaT") if values.dtype.kind == "M" else np.nan)
    return values


def _changed(values: Any, rows: Array, by: float | None) -> Any:
    if isinstance(values, Coded | NumberedIds) or values.dtype == np.int8:
        raise ScenarioError("times、swapped、corrected 只能用于数")
    spoiled = values.astype(np.float64)
    old = spoiled[rows]
    if by is not None:
        spoiled[rows] = np.rint(old * by * 100) / 100
    else:
        tens, units = np.floor(old / 10) % 10, np.floor(old) % 10
        spoiled[rows] = old + (units - tens) * 10 + (tens - units)
    return spoiled


def _later(fact: Fact, draft: Draft, days: int, rng: np.random.Generator, *, taken_back: bool) -> Draft:
    version = draft[fact.version or ""]
    assert isinstance(version, np.ndarray)
    draft[fact.version or ""] = version + rng.integers(10, max(11, days), len(version)).astype("timedelta64[D]")
    if taken_back and fact.retracted is not None:
        draft[fact.retracted] = np.ones(len(version), dtype=np.int8)
    return draft
