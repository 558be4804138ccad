"""The measured values as series: by indicator and area, and by indicator, area and one group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.assess.possible import possible
from qingmiao.assess.series import Series, YearPoint
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack
from qingmiao.kernel.bounds import Bound
from qingmiao.measure.result import Reason

FIXED = frozenset(
    {
        "indicator",
        "area",
        "year",
        "numerator",
        "denominator",
        "value",
        "obs_status",
        "origin",
        "definition_version",
        "reason",
        "bound",
    }
)
"""The columns of `values` that are not breakdown dimensions."""
BATCH = 4096
"""Rows that are Python's objects at once."""

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class SeriesStore:
    """Series by (indicator, area, dimension, code); dimension and code are empty for the total."""

    series: dict[Key, Series]
    areas_of: dict[str, tuple[str, ...]]

    def total(self, indicator: str, area: str) -> Series:
        """The indicator's series in an area, empty where nothing was measured."""
        return self.series.get((indicator, area, "", ""), Series())

    def codes(self, indicator: str, area: str, dimension: str, year: int) -> tuple[str, ...]:
        """The codes of a dimension that have a row in a year, with or without a value."""
        return tuple(
            sorted(
                code
                for (i, a, d, code), series in self.series.items()
                if (i, a, d) == (indicator, area, dimension) and any(p.year == year for p in series.points)
            )
        )

    def group(self, indicator: str, area: str, dimension: str, code: str) -> Series:
        """The series of one group of one dimension."""
        return self.series.get((indicator, area, dimension, code), Series())


def breaks_of(indicator: Indicator) -> tuple[int, ...]:
    """First years of definitions that are not comparable with what was before."""
    return tuple(d.first_year for d in indicator.definitions if not d.comparable and d.first_year is not None)


_WHY = {r.code: r.label for r in Reason if r.code}


def read_values(pack: Pack, values: pa.Table, *, year: int) -> SeriesStore:
    """Read totals and single-dimension groups of a measure result up to `year`; crossed groups are left out.

    A second row for the same key and year replaces the first. Indicators unknown to the pack are left out. A figure
    that cannot be (196 % of a whole) is no value; its point says why.
    """
    points: dict[Key, dict[int, YearPoint]] = defaultdict(dict)
    dimensions = [c for c in values.column_names if c not in FIXED]
    part = _needed(pack, values, dimensions, year)
    wanted = [c for c in part.column_names if c not in ("origin", "definition_version")]
    row: dict[str, Any]  # Arrow gives untyped Python values
    for row in each_row(part.select(wanted)):
        groups = [d for d in dimensions if row[d] is not None]
        if len(groups) > 1 or row["indicator"] not in pack.indicators or row["area"] is None:
            continue
        name = groups[0] if groups else ""
        code = str(row[name]) if name else ""
        key = (str(row["indicator"]), str(row["area"]), name, code)
        point = YearPoint(
            int(row["year"]),
            row["value"],
            row.get("numerator"),
            row.get("denominator"),
            row.get("obs_status") or ("A" if row["value"] is not None else "M"),
            _WHY.get(row.get("reason") or "", ""),
            Bound.parse(row.get("bound") or ""),
        )
        points[key][point.year] = possible(point, pack.indicators[key[0]])
    made: dict[Key, Series] = {}
    areas: dict[str, list[str]] = defaultdict(list)
    for key, by_year in points.items():
        indicator = pack.indicators[key[0]]
        redrawn = {indicator.period.year_of(day) for day in pack.area_tree.redrawn_on(key[1])}
        breaks = tuple(sorted(redrawn.union(breaks_of(indicator))))
        made[key] = Series(tuple(by_year.values()), breaks, indicator.factor)
        if not key[2]:
            areas[key[0]].append(key[1])
    return SeriesStore(made, {k: tuple(v) for k, v in areas.items()})


def each_row(table: pa.Table) -> Iterator[dict[str, Any]]:
    """The rows of a table, never more than some thousand in memory as Python's objects at once: a long-lived process
    does not get back what it once needed for all."""
    for batch in table.to_batches(max_chunksize=BATCH):
        yield from batch.to_pylist()


def _needed(pack: Pack, values: pa.Table, dimensions: list[str], year: int) -> pa.Table:
    """Totals, and the single groups that some target's strata name; all other breakdowns are not assessed."""
    if not values.num_rows:
        return values
    keep = pc.less_equal(values["year"], year)
    strata = {s.by for t in pack.targets.values() for s in t.strata}
    strata |= {t.each.by for t in pack.targets.values() if t.each is not None}
    crossed = None
    for name in dimensions:
        given = pc.is_valid(values[name])
        if name not in strata:
            keep = pc.and_(keep, pc.invert(given))
        else:
            number = pc.cast(given, pa.int8())
            crossed = number if crossed is None else pc.add(crossed, number)
    if crossed is not None:
        keep = pc.and_(keep, pc.less_equal(crossed, 1))
    return values.filter(keep)


def newest_year(pack: Pack, table: pa.Table) -> int:
    """The newest year in which most indicators have a value (`table`: the values of a run), each counted once, those of
    the daily work not at all: neither one early return nor the cases of a year that has just begun push the wall into
    an empty year."""
    asked = pa.array([i for i, one in pack.indicators.items() if not one.operation], pa.string())
    plain = table.filter(pc.and_(pc.is_valid(table["value"]), pc.is_in(table["indicator"], asked)))
    valued = plain.group_by(["indicator", "year"]).aggregate([])
    counts: Counter[int] = Counter(valued["year"].to_pylist())
    if not counts:
        return pack.plan.start if pack.plan else 2000
    most = max(counts.values())
    return max(y for y, n in counts.items() if 2 * n >= most)
