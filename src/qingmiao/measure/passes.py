"""Run the plan's passes and cut their results into frames: per side and breakdown one number per group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qingmiao.content.pack import Pack
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.periods import Period
from qingmiao.measure.compile import (
    SET_COLUMN,
    area_column,
    cells_query,
    key_columns,
    pass_query,
    set_number,
    year_column,
)
from qingmiao.measure.engine import Runner
from qingmiao.measure.groups import YEARS, Frame, Keys, Space, empty_frame, floats, frame_of, join_frames
from qingmiao.measure.measurement import MICRO
from qingmiao.measure.plan import Breakdown, CellSide, FactSide, GroupSet, MeasurePlan, Side, TablePass

CELL_MISSING, PART_MISSING, NOT_REPORTED = 1, 2, 3
"""Issues that a return knows about its own missing values."""

CELLS_LIMIT = 32_000_000
"""Numbers that the finest cells of a two-step query may hold (about 0.5 GB of aggregate states in DuckDB)."""


@dataclass
class PassResult:
    """The result of one table's pass; `groups` are cut on demand."""

    plan: TablePass
    table: pa.Table
    codes: dict[str, Keys] = field(default_factory=dict)
    cut: dict[GroupSet, tuple[Keys, Keys]] = field(default_factory=dict)
    numbers: dict[int, NDArray[np.float64]] = field(default_factory=dict)


def run_passes(
    plan: MeasurePlan, runner: Runner, pack: Pack, present: set[str], years: tuple[int, int] | None
) -> tuple[dict[str, PassResult], pa.Table | None, dict[str, str]]:
    """Run one query per table that is there: results by table, the cells' result, the SQL that was run."""
    queries: dict[str, str] = {}
    results: dict[str, PassResult] = {}
    for table_pass in plan.passes:
        name = table_pass.fact.id
        if name in present and table_pass.sets:
            tree = pass_query(table_pass, years=years, two_steps=_few_cells(table_pass, pack))
            queries[name] = runner.dialect.sql(tree)
            results[name] = PassResult(table_pass, runner.fetch(queries[name]))
    cells = None
    if plan.cells and "return_cells" in present:
        queries["return_cells"] = runner.dialect.sql(cells_query(plan.cells))
        cells = runner.fetch(queries["return_cells"])
    return results, cells, queries


def _few_cells(plan: TablePass, pack: Pack) -> bool:
    """Whether the finest cells stay few, judged from the pack's lists alone (so that a query never depends on the
    data)."""
    level = plan.levels[-1]
    cells = max(len(pack.area_tree.at(level)), 32) * 32 * len(plan.kinds)
    for dim in plan.dims:
        stored, derived = plan.fact.columns.get(dim), plan.fact.derived.get(dim)
        codes = (stored.codes if stored else None) or (derived.codes if derived else None)
        if codes is not None and codes in pack.codes:
            cells *= len(pack.codes[codes].items) + 1
        elif derived is not None and derived.bands is not None:
            cells *= len(derived.bands.labels) + 1
        else:
            known = stored or derived
            cells *= 3 if known is not None and known.type == "boolean" else 32
    return cells * len(plan.measurements) <= CELLS_LIMIT


class Frames:
    """The frames of all sides, and which years each source was collected in."""

    def __init__(self, space: Space, results: Mapping[str, PassResult], cells: pa.Table | None) -> None:
        self.space = space
        self.results = results
        self.cells = cells
        for result in results.values():
            self._encode(result)

    def _encode(self, result: PassResult) -> None:
        for kind in result.plan.kinds:
            column = result.table[year_column(kind)].cast(pa.int64()).fill_null(-1)
            result.codes[year_column(kind)] = column.to_numpy()
        for level in result.plan.levels:
            result.codes[area_column(level)] = self.space.areas.encode(result.table[area_column(level)])
        for dim in result.plan.dims:
            result.codes[dim] = self.space.dims[dim].encode(result.table[dim])
        sets = result.table[SET_COLUMN].to_numpy()
        for group in result.plan.sets:
            rows = np.flatnonzero(sets == set_number(result.plan, group))
            year, area = (
                result.codes[year_column(group.kind)][rows],
                result.codes[area_column(group.level)][rows],
            )
            good = (area >= 0) & (year > 0) & (year < YEARS)
            for dim in group.dims:
                good &= result.codes[dim][rows] >= 0
            rows = rows[good]
            codes = {d: result.codes[d][rows] for d in group.dims}
            keys = self.space.keys(area[good], year[good], codes, group.dims)
            order = np.argsort(keys)
            result.cut[group] = keys[order], rows[order]

    def of(self, side: Side, breakdowns: tuple[Breakdown, ...]) -> Frame:
        """One side's numbers for breakdowns with the same dims (their levels' areas differ)."""
        if isinstance(side, CellSide):
            return join_frames([self._cells(side, b.level) for b in breakdowns if not b.dims])
        result = self.results.get(side.table)
        if result is None:
            return empty_frame()
        numbers = self._numbers(result, side)
        frames = []
        for b in breakdowns:
            keys, rows = result.cut[GroupSet(side.kind, b.level, b.dims)]
            frames.append(Frame(keys, numbers[rows], np.zeros(len(keys), dtype=np.int8)))
        return join_frames(frames)

    def _numbers(self, result: PassResult, side: FactSide) -> NDArray[np.float64]:
        if side.number not in result.numbers:
            measurement = result.plan.measurements[side.number]
            divisor = MICRO if measurement.function == "sum" and not measurement.integral else 1
            result.numbers[side.number] = floats(result.table[f"m{side.number}"], divisor)
        return result.numbers[side.number]

    def _cells(self, side: CellSide, level: AreaLevel) -> Frame:
        """A return's sums at its own level, or above it where every area below has reported every cell."""
        if self.cells is None:
            return empty_frame()
        mine = self.cells.filter(pa.compute.equal(self.cells["return"], side.return_id))
        areas = self.space.areas.encode(mine["area"])
        years = mine["period"].cast(pa.int64()).to_numpy()
        own = set(self.space.at(side.level).tolist())
        at_level = np.array([a in own for a in areas.tolist()], dtype=bool)
        full = mine[f"n{side.number}"].to_numpy() == len(side.cells)
        # SUM over no cell is null, which `full` already marks.
        micro = np.where(full, mine[f"c{side.number}"].fill_null(0).to_numpy(), 0).astype(np.int64)
        areas, years, full, micro = areas[at_level], years[at_level], full[at_level], micro[at_level]
        if level is side.level:
            issues = np.where(full, 0, CELL_MISSING).astype(np.int8)
            return frame_of(areas * YEARS + years, np.where(full, micro / MICRO, np.nan), issues)
        return self._above(areas, years, full, micro, side, level)

    def _above(
        self, areas: Keys, years: Keys, full: NDArray[np.bool_], micro: Keys, side: CellSide, level: AreaLevel
    ) -> Frame:
        wanted = np.unique(years)
        keys, values, issues = [], [], []
        for above in self.space.at(level).tolist():
            for year in wanted.tolist():
                members = self.space.members(above, side.level, Period(side.period, year).end)
                if not len(members):
                    continue
                here = np.isin(areas, members) & (years == year)
                whole = int(np.count_nonzero(here & full)) == len(members)
                keys.append(above * YEARS + year)
                values.append(int(micro[here].sum()) / MICRO if whole else np.nan)
                issues.append(0 if whole else PART_MISSING)
        return frame_of(np.array(keys, np.int64), np.array(values, np.float64), np.array(issues, np.int8))


def texts(
    results: Mapping[str, PassResult], cells: pa.Table | None
) -> tuple[set[str], dict[str, set[str]], dict[str, AreaLevel]]:
    """All area codes and breakdown codes in the results, and the level of each area by the column it stands in."""
    areas: set[str] = set()
    dims: dict[str, set[str]] = {}
    levels: dict[str, AreaLevel] = {}
    for result in results.values():
        for level in result.plan.levels:
            found = _distinct(result.table[area_column(level)])
            areas |= found
            levels.update(dict.fromkeys(found, level))
        for dim in result.plan.dims:
            dims.setdefault(dim, set()).update(_distinct(result.table[dim]))
    if cells is not None:
        areas |= _distinct(cells["area"])
    return areas, dims, levels


def _distinct(column: pa.ChunkedArray) -> set[str]:
    return {x for x in column.cast(pa.string()).unique().to_pylist() if x is not None}


__all__ = ["Frames", "PassResult", "key_columns", "run_passes", "texts"]
