"""Indicators made of another indicator's values: difference, spread, minimum, maximum; a missing group gives no
value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingmiao.content.indicators import Combine, Definition, Indicator
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.periods import Period
from qingmiao.kernel.year_texts import FIRST, LAST
from qingmiao.measure.assemble import ValueBlock, fill, in_years
from qingmiao.measure.groups import YEARS, Floats, Keys, Space
from qingmiao.measure.result import Reason, ValueOrigin


def combine_version(
    indicator: Indicator,
    definition: Definition,
    parts: dict[tuple[str, ...], ValueBlock],
    space: Space,
    years: tuple[int, int] | None,
) -> ValueBlock | None:
    """The totals of one combining definition from the blocks of the indicator it is made of; None without any part.

    The groups expected in every area and year are those that the part's values name anywhere in this run; for
    `by_level` they are the areas of that level below each area.
    """
    combine = definition.combine
    assert combine is not None
    totals = parts.get(())
    if totals is None:
        return None
    if combine.by is not None:
        keys, table = _by_groups(combine, parts, totals, space, indicator.levels)
        value, reason = _apply(
            combine,
            table,
            _position(combine.first, combine, space),
            _position(combine.second, combine, space),
        )
    else:
        keys, value, reason = _by_areas(combine, totals, space, indicator)
    kept = in_years(space.years(keys, ()), definition, years)
    return fill((), keys[kept], value[kept], reason[kept], ValueOrigin.COMBINE, definition.version)


def _position(code: str | None, combine: Combine, space: Space) -> int | None:
    """The column of a group; −1 when no value names it."""
    if code is None or combine.by is None:
        return None
    vocabulary = space.dims.get(combine.by)
    return vocabulary.ids.get(code, -1) if vocabulary is not None else -1


def _by_groups(
    combine: Combine,
    parts: dict[tuple[str, ...], ValueBlock],
    totals: ValueBlock,
    space: Space,
    levels: tuple[AreaLevel, ...],
) -> tuple[Keys, Floats]:
    """Total keys, and a table keys × all codes of the dimension (all-NaN columns for codes that never occur)."""
    assert combine.by is not None
    block = parts.get((combine.by,))
    size = len(space.dims[combine.by]) if combine.by in space.dims else 0
    allowed = np.array([x is None or x in levels for x in space.level_of], dtype=bool)
    keys = totals.keys if block is None or not size else np.union1d(totals.keys, block.keys // size)
    keys = keys[allowed[keys // YEARS]]
    table = np.full((len(keys), size), np.nan)
    used = np.zeros(size, dtype=bool)
    if block is not None and size:
        inside = allowed[block.keys // size // YEARS]
        table[np.searchsorted(keys, block.keys[inside] // size), block.keys[inside] % size] = block.value[inside]
        used[block.keys % size] = True
    if combine.op != "difference":
        # Codes that only other indicators name are no groups of this one, also where it has no breakdown at all.
        table = table[:, used]
    return keys, table


def _by_areas(
    combine: Combine, totals: ValueBlock, space: Space, indicator: Indicator
) -> tuple[Keys, Floats, NDArray[np.int8]]:
    """One number an area and year over the areas below it that exist on the year's last day."""
    assert combine.by_level is not None
    keys, values, reasons = [], [], []
    every = np.unique(totals.keys % YEARS)
    days = {y: Period(indicator.period, min(max(y, FIRST), LAST)).end for y in every.tolist()}
    for area, level in enumerate(space.level_of):
        if level not in indicator.levels or level is None or level.depth >= combine.by_level.depth:
            continue
        by_members: dict[tuple[int, ...], list[int]] = {}
        for year, day in days.items():
            by_members.setdefault(tuple(space.members(area, combine.by_level, day).tolist()), []).append(year)
        for members, these in by_members.items():
            near = np.isin(totals.keys // YEARS, (*members, area)) & np.isin(totals.keys % YEARS, these)
            years = np.unique(totals.keys[near] % YEARS)
            if not len(years):
                continue
            table = np.full((len(years), len(members)), np.nan)
            for column, member in enumerate(members):
                mine = near & (totals.keys // YEARS == member)
                table[np.searchsorted(years, totals.keys[mine] % YEARS), column] = totals.value[mine]
            value, reason = _apply(combine, table, None, None)
            keys.append(area * YEARS + years)
            values.append(value)
            reasons.append(reason)
    if not keys:
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int8)
    return np.concatenate(keys), np.concatenate(values), np.concatenate(reasons)


def _apply(combine: Combine, table: Floats, first: int | None, second: int | None) -> tuple[Floats, NDArray[np.int8]]:
    """One value per row of groups; NaN and a reason where a group is missing."""
    count = len(table)
    if combine.op == "difference":
        if first is None or second is None or first < 0 or second < 0:
            return np.full(count, np.nan), np.full(count, Reason.GROUP_MISSING, np.int8)
        value = table[:, first] - table[:, second]
    elif table.shape[1] < (2 if combine.op == "spread" else 1):
        return np.full(count, np.nan), np.full(count, Reason.TOO_FEW_GROUPS, np.int8)
    elif combine.op == "spread":
        value = table.max(axis=1) - table.min(axis=1)
    else:
        value = table.min(axis=1) if combine.op == "minimum" else table.max(axis=1)
    return value, np.where(np.isnan(value), Reason.GROUP_MISSING, 0).astype(np.int8)
