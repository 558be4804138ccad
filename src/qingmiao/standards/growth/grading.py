"""Put measured values between published limits: age steps, rounding to the table's decimals, counting limits
reached."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes, Floats, Texts
from qingmiao.standards.growth.lms import LIMIT
from qingmiao.standards.growth.reasons import ScoreReason
from qingmiao.standards.growth.tables import GradeTable

Between: TypeAlias = Literal["linear", "completed"]
"""Limits between two rows of a table: on the straight line between them, or those of the row already reached."""

_SLACK: Final = 1e-9
"""Undoes the last binary digits of a decimal number such as 16.35, so that it rounds and compares as written."""


def rounded(values: Floats, decimals: int) -> NDArray[np.float64]:
    """Half up to ``decimals``, in units of the last decimal (16.35 at one decimal gives 164.0): exact to compare."""
    scaled: Floats = np.floor(values * 10.0**decimals + 0.5 + _SLACK)
    return scaled


def half_years(age_months: Floats) -> Floats:
    """Completed half years of age, in years (77.9 months gives 6.0; 78 gives 6.5)."""
    steps: Floats = np.floor((age_months + _SLACK) / 6.0)
    return steps / 2.0


def step_limits(table: GradeTable, sex: Codes, step: Floats) -> Floats:
    """Limits (n, levels) of the row whose x is exactly ``step``; NaN where there is none or the sex is unknown."""
    place = np.searchsorted(table.x, np.where(np.isnan(step), -1, step))
    place = np.minimum(place, len(table.x) - 1)
    found = (table.x[place] == step) & (sex > 0)
    values = table.values[np.where(sex == 2, 1, 0), place]
    return np.where(found[:, None], values, np.nan)


def count_between(
    table: GradeTable, sex: Codes, x: Floats, values: Floats, between: Between, lift: Floats | None = None
) -> NDArray[np.intp]:
    """How many of the limits at ``x`` each value reaches (value >= limit); -1 when value, sex or limits are missing.

    There are no limits below the first row; after the last that row holds. ``lift`` (n,) is added to every limit.
    """
    safe = np.where(np.isnan(x), table.x[0], x)
    wholes = np.arange(table.x[0], table.x[-1] + 1)  # the rows stand at whole months and centimetres
    row_of = np.searchsorted(table.x, wholes, side="right") - 1
    low = row_of.take((safe + (_SLACK - table.x[0])).astype(np.intp), mode="clip")
    gaps = np.append(np.diff(table.x), np.inf)
    share = (safe - table.x.take(low)) / gaps.take(low)
    share[share < _SLACK] = 0.0
    high = np.minimum(low + 1, len(table.x) - 1)
    start = np.where(sex == 2, len(table.x), 0)
    low, high = start + low, start + high
    count = np.zeros(len(x), dtype=np.int8)
    ample = values + _SLACK
    for level in range(len(table.levels)):  # one level at a time: short columns stay in the cache
        column = np.ascontiguousarray(table.values[:, :, level]).ravel()
        limit = column.take(low)
        if between == "linear":
            limit += share * (column.take(high) - limit)
        if lift is not None:
            limit += lift
        count += (ample >= limit).view(np.int8)
    known = (sex > 0) & (x + _SLACK >= table.x[0]) & ~np.isnan(values)
    return np.where(known, count, -1).astype(np.intp)


def reached(values: Floats, limits: Floats) -> NDArray[np.intp]:
    """How many of the rising ``limits`` (n, k) each value reaches (value >= limit); -1 when either is missing."""
    count = (values[:, None] + _SLACK >= limits).sum(axis=1)
    unknown = np.isnan(values) | np.isnan(limits).any(axis=1)
    return np.where(unknown, -1, count)


def label(count: NDArray[np.intp], labels: tuple[str, ...]) -> Texts:
    """Text of each count; ``None`` for -1."""
    names = np.array([*labels, None], dtype=object)
    return names[count]


def reasons(missing: NDArray[np.bool_], sex: Codes, age: Floats, in_range: NDArray[np.bool_], *values: Floats) -> Codes:
    """Reason codes (n,) where ``missing``; ``values`` are what the grade needs, in any unit."""
    conditions = {
        ScoreReason.SEX_MISSING: sex == 0,
        ScoreReason.SEX_UNKNOWN: sex < 0,
        ScoreReason.AGE_MISSING: np.isnan(age),
        ScoreReason.AGE_OUT_OF_RANGE: ~in_range,
        ScoreReason.VALUE_MISSING: np.logical_or.reduce([np.isnan(value) for value in values]),
        ScoreReason.VALUE_IMPLAUSIBLE: np.logical_or.reduce([~((value > 0) & (value < LIMIT)) for value in values]),
    }
    codes = np.select(
        list(conditions.values()), [int(reason) for reason in conditions], int(ScoreReason.LENGTH_OUT_OF_RANGE)
    )
    return np.where(missing, codes, 0).astype(np.int8)
