"""Published yearly values (series.csv): an indicator's only source, or what stands in where facts and returns give
nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.content.indicators import Indicator
from qingmiao.kernel.bounds import Bound
from qingmiao.kernel.rounding import half_up
from qingmiao.measure.assemble import ValueBlock, fill, join_blocks
from qingmiao.measure.groups import YEARS, Keys, Space, floats
from qingmiao.measure.result import MeasureNotice, Reason, ValueOrigin


@dataclass(frozen=True)
class PublishedSeries:
    """The series rows of one indicator as a block, which keys were given twice, and the bounds by key.

    A bound (>99) is no value: its row has none, with the reason ONLY_BOUND.
    """

    block: ValueBlock
    twice: tuple[int, ...]
    bounds: Mapping[int, Bound] = field(default_factory=dict)


PLAIN = frozenset(
    {
        "indicator",
        "area",
        "year",
        "value",
        "bound",
        "numerator",
        "denominator",
        "source",
        "note",
        "_file",
        "_row",
    }
)
"""The columns of the series table that are not breakdowns."""


def breakdowns_of(table: pa.Table) -> tuple[str, ...]:
    """The breakdown columns of the series table; a row belongs to the groups whose columns are filled in."""
    return tuple(sorted(set(table.column_names) - PLAIN))


def group_sets(indicator: Indicator, table: pa.Table) -> tuple[tuple[str, ...], ...]:
    """The breakdowns (tuples of columns) for which the series gives rows of an indicator; never the totals."""
    mine = table.filter(pc.equal(table["indicator"], indicator.id))
    names = breakdowns_of(table)
    filled = {tuple(n for n in names if row[n] is not None) for row in mine.select(names).to_pylist()}
    return tuple(sorted(filled - {()}))


def published(
    indicator: Indicator,
    table: pa.Table,
    space: Space,
    years: tuple[int, int] | None,
    dims: tuple[str, ...] = (),
) -> PublishedSeries | None:
    """The series rows of an indicator that hold a value or a bound; of rows for the same area, year and group the last
    one counts.

    `dims`: the breakdown whose rows are wanted, the totals unless given: a row of a group is never read as a total.
    A row without a value but with numerator and denominator counts as their ratio; a row of a bound (>99) has no value.
    """
    mine = table.filter(pc.equal(table["indicator"], indicator.id))
    for name in breakdowns_of(table):
        mine = mine.filter(pc.is_valid(mine[name]) if name in dims else pc.is_null(mine[name]))
    areas, of_year = space.areas.encode(mine["area"]), mine["year"].cast(pa.int64()).fill_null(-1).to_numpy()
    top, bottom, value = (floats(mine[c]) for c in ("numerator", "denominator", "value"))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(bottom != 0, top * indicator.factor / bottom, np.nan)
    signs = np.array(_signs(mine), dtype=object)
    value = np.where(np.isnan(value) & (signs == ""), ratio, value)
    good = (areas >= 0) & (of_year > 0) & (of_year < YEARS) & ~np.isnan(value)
    if years is not None:
        good &= (of_year >= years[0]) & (of_year <= years[1])
    if not good.any():
        return None
    codes = {d: space.dims[d].encode(mine[d])[good] for d in dims}
    keys = space.keys(areas[good], of_year[good], codes, dims)
    last = {int(k): i for i, k in enumerate(keys.tolist())}
    chosen = np.array([last[k] for k in sorted(last)], dtype=np.int64)
    twice = tuple(sorted(k for k in last if int(np.count_nonzero(keys == k)) > 1))
    kept = np.flatnonzero(good)[chosen]
    versions = [v.version if (v := indicator.definition_for(int(y))) else 0 for y in of_year[kept].tolist()]
    bounded = signs[kept] != ""
    bounds = {
        int(keys[c]): Bound.of(str(signs[k]), float(value[k]))
        for c, k in zip(chosen[bounded].tolist(), kept[bounded].tolist(), strict=True)
    }
    reasons = np.where(bounded, Reason.ONLY_BOUND, Reason.NONE).astype(np.int8)
    exact = np.where(bounded, np.nan, value[kept])
    block = ValueBlock(
        dims, keys[chosen], top[kept], bottom[kept], exact, reasons,
        np.full(len(kept), ValueOrigin.SERIES, np.int8), np.array(versions, dtype=np.int32),
    )  # fmt: skip
    return PublishedSeries(block, twice, bounds)


def _signs(table: pa.Table) -> list[str]:
    """The sign of each row's bound; empty where the value is an exact one."""
    if "bound" not in table.column_names:
        return [""] * table.num_rows
    return ["" if s is None else str(s) for s in table["bound"].to_pylist()]


def only_series(indicator: Indicator, given: ValueBlock, version: int, space: Space, wanted: Keys) -> ValueBlock:
    """A `from: series` indicator: its rows, and a missing row where a level that has some lacks one in a year."""
    levels = {space.level_of[a] for a in np.unique(given.keys // YEARS).tolist()} & set(indicator.levels)
    areas = np.array([a for a in wanted.tolist() if space.level_of[a] in levels], dtype=np.int64)
    absent = np.setdiff1d(space.totals(areas, np.unique(given.keys % YEARS)), given.keys)
    none = np.full(len(absent), np.nan)
    missing = fill((), absent, none, np.full(len(absent), Reason.NO_SERIES, np.int8), ValueOrigin.SERIES, version)
    return join_blocks([given, missing]) if len(absent) else given


def stand_in(
    indicator: Indicator, measured: ValueBlock, published_: PublishedSeries, space: Space
) -> tuple[ValueBlock, list[MeasureNotice]]:
    """Series values where nothing was measured; where both are there the measured one stays and a difference is a
    finding.

    A measured value that a published bound does not allow is such a difference.
    """
    given = published_.block
    position = np.searchsorted(measured.keys, given.keys)
    position = np.minimum(position, max(len(measured.keys) - 1, 0))
    here = measured.keys[position] == given.keys if len(measured.keys) else np.zeros(len(given.keys), bool)
    has_value = np.zeros(len(given.keys), dtype=bool)
    has_value[here] = ~np.isnan(measured.value[position[here]])
    findings = []
    for row in np.flatnonzero(has_value).tolist():
        ours, theirs = float(measured.value[position[row]]), float(given.value[row])
        bound = published_.bounds.get(int(given.keys[row]))
        if bound is not None:
            shown = half_up(ours, indicator.decimals)
            if not bound.allows(Fraction(shown)):
                findings.append(_differs(indicator, int(given.keys[row]), str(shown), str(bound), space))
        elif half_up(ours, indicator.decimals) != half_up(theirs, indicator.decimals):
            mine, published_there = (str(half_up(n, indicator.decimals)) for n in (ours, theirs))
            findings.append(_differs(indicator, int(given.keys[row]), mine, published_there, space))
    used = given.take(~has_value)
    rest = measured.take(~np.isin(measured.keys, used.keys))
    return join_blocks([rest, used]), findings


def _differs(indicator: Indicator, key: int, ours: str, theirs: str, space: Space) -> MeasureNotice:
    area, year = space.areas.texts[key // YEARS], key % YEARS
    message = f"{indicator.label.zh}：由明细数据算得 {ours}，公布数列为 {theirs}，采用算得的数"
    return MeasureNotice("series_differs", message, indicator.id, area, year)


def given_twice(indicator: Indicator, keys: tuple[int, ...], space: Space) -> list[MeasureNotice]:
    """Rows of the series for the same area and year."""
    return [
        MeasureNotice(
            "series_twice", f"{indicator.label.zh}：公布数列同一地区同一年有多行，采用最后一行",
            indicator.id, space.areas.texts[k // YEARS], k % YEARS,
        )
        for k in keys
    ]  # fmt: skip
