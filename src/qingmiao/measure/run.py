"""Measure a pack's indicators on a snapshot: plan, one query per table, values with reasons, findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from qingmiao.content.pack import Pack
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.bounds import Bound
from qingmiao.measure.assemble import ValueBlock, join_blocks, measure_version
from qingmiao.measure.combine import combine_version
from qingmiao.measure.engine import DuckDBRunner, Runner, Table, Tables, column_names, in_memory, tables_of
from qingmiao.measure.groups import Keys, Space, Vocabulary
from qingmiao.measure.history import with_history
from qingmiao.measure.passes import Frames, PassResult, run_passes, texts
from qingmiao.measure.plan import SERIES_TABLE, MeasurePlan, make_plan
from qingmiao.measure.result import Measured, MeasureNotice, Reason, ValueOrigin, values_schema
from qingmiao.measure.series import (
    breakdowns_of,
    given_twice,
    group_sets,
    only_series,
    published,
    stand_in,
)

Blocks = dict[str, dict[tuple[str, ...], ValueBlock]]
Bounds = dict[tuple[str, tuple[str, ...]], Mapping[int, Bound]]
"""The published bounds of an indicator and its breakdown, by key."""


def measure(
    pack: Pack,
    tables: Tables,
    *,
    years: Iterable[int] | None = None,
    indicators: Iterable[str] | None = None,
    runner: Runner | None = None,
) -> Measured:
    """All values of the pack's indicators (or of those given and their parts) on a snapshot or on tables by name.

    `years`: only these (first to last); each then has a row per area even when nothing was collected. Without it the
    years are those in the data. `runner`: the engine, DuckDB in memory unless given; a given runner stays open. Raises
    plan.MeasureError for a definition that cannot be measured.
    """
    given = tables_of(tables)
    asked = sorted(years) if years is not None else None
    span = (asked[0], asked[-1]) if asked else None
    own = runner is None
    engine = runner if runner is not None else DuckDBRunner()
    try:
        measured = _measured(pack, given, span, indicators, engine)

        def again(others: Mapping[str, Table]) -> pa.Table:
            return _measured(pack, others, span, indicators, engine).values

        needed = {n: t for n, t in given.items() if n in measured.queries or n == SERIES_TABLE}
        values = with_history(pack, needed, measured.values, again)
    finally:
        if own:
            engine.close()
    return replace(measured, values=values, snapshot=getattr(tables, "id", ""))


def _measured(
    pack: Pack,
    given: Mapping[str, Table],
    span: tuple[int, int] | None,
    indicators: Iterable[str] | None,
    engine: Runner,
) -> Measured:
    """All values on the areas as their rows name them."""
    plan = make_plan(pack, {n: column_names(t) for n, t in given.items()}, indicators)
    needed = {p.fact.id for p in plan.passes} | ({"return_cells"} if plan.cells else set())
    for name in sorted(needed & set(given)):
        engine.register(name, given[name])
    results, cells, queries = run_passes(plan, engine, pack, set(given), span)
    series = _series(given)
    space = _space(pack, plan, results, cells, series)
    blocks, bounds, findings = _values(pack, plan, Frames(space, results, cells), series, span)
    findings += [
        MeasureNotice("breakdown_skipped", f"不能按「{'×'.join(s.breakdown.dims)}」分组：{s.why}", s.indicator)
        for s in plan.skipped
        if s.breakdown.dims
    ]
    table = _table(blocks, bounds, space)
    return Measured(table, tuple(dict.fromkeys(findings)), queries, plan)


def _series(tables: Mapping[str, Table]) -> pa.Table | None:
    return in_memory(tables[SERIES_TABLE]) if SERIES_TABLE in tables else None


def _space(
    pack: Pack,
    plan: MeasurePlan,
    results: Mapping[str, PassResult],
    cells: pa.Table | None,
    series: pa.Table | None,
) -> Space:
    areas, dims, levels = texts(results, cells)
    for version in plan.versions:
        for breakdown in version.breakdowns:
            dims.update({d: set() for d in breakdown.dims if d not in dims})
    if series is not None:
        areas |= {x for x in series["area"].cast(pa.string()).unique().to_pylist() if x is not None}
        for name in breakdowns_of(series):
            dims[name] = {*dims.get(name, ()), *series[name].drop_null().unique().to_pylist()}
    tree = pack.area_tree
    areas |= {a.code for a in tree}
    vocabulary = Vocabulary(areas)
    level_of: list[AreaLevel | None] = []
    for code in vocabulary.texts:
        known = tree.get(code)
        level_of.append(known.level if known is not None else levels.get(code))
    return Space(vocabulary, {d: Vocabulary(found) for d, found in dims.items()}, tuple(level_of), tree)


def wanted_areas(pack: Pack, space: Space) -> Keys:
    """The areas that are told even when they have nothing: those under the plan's area (all, where there is no
    plan)."""
    root = pack.root_area
    if root is None:
        return np.arange(len(space.areas), dtype=np.int64)
    found = [space.areas.ids[a.code] for level in AreaLevel for a in pack.area_tree.under(root.code, level)]
    return np.array(sorted(found), dtype=np.int64)


def _values(
    pack: Pack, plan: MeasurePlan, frames: Frames, series: pa.Table | None, span: tuple[int, int] | None
) -> tuple[Blocks, Bounds, list[MeasureNotice]]:
    space, blocks, bounds, findings = frames.space, Blocks(), Bounds(), list[MeasureNotice]()
    wanted = wanted_areas(pack, space)
    for id_ in plan.order:
        indicator = pack.indicators[id_]
        parts: dict[tuple[str, ...], list[ValueBlock]] = {}
        for version in plan.versions_of(id_):
            for block in measure_version(version, frames, space, span, wanted):
                parts.setdefault(block.dims, []).append(block)
        for definition in indicator.definitions:
            if definition.combine is not None:
                of = blocks.get(definition.combine.of, {})
                block_or_none = combine_version(indicator, definition, of, space, span)
                if block_or_none is not None:
                    parts.setdefault((), []).append(block_or_none)
        done = {dims: join_blocks(found) for dims, found in parts.items()}
        given = published(indicator, series, space, span) if series is not None else None
        if given is not None:
            bounds[id_, ()] = given.bounds
            findings += given_twice(indicator, given.twice, space)
            if () in done and len(done[()].keys):
                done[()], differing = stand_in(indicator, done[()], given, space)
                findings += differing
            else:
                version_number = indicator.definitions[-1].version
                done[()] = only_series(indicator, given.block, version_number, space, wanted)
        for dims in group_sets(indicator, series) if series is not None else ():
            groups = published(indicator, series, space, span, dims) if series is not None else None
            if groups is not None and dims not in done:
                done[dims] = groups.block
                bounds[id_, dims] = groups.bounds
        blocks[id_] = done
    return blocks, bounds, findings


def _table(blocks: Blocks, bounds: Bounds, space: Space) -> pa.Table:
    dims = tuple(sorted({d for found in blocks.values() for key in found for d in key}))
    schema = values_schema(dims)
    chunks = []
    for id_ in sorted(blocks):
        for block in sorted(blocks[id_].values(), key=lambda b: b.dims):
            if len(block.keys):
                given = bounds.get((id_, block.dims), {})
                chunks.append(_chunk(id_, block, given, dims, space, schema))
    return pa.concat_tables(chunks).combine_chunks() if chunks else schema.empty_table()


def _chunk(
    id_: str,
    block: ValueBlock,
    given: Mapping[int, Bound],
    dims: tuple[str, ...],
    space: Space,
    schema: pa.Schema,
) -> pa.Table:
    areas, years, codes = space.unpack(block.keys, block.dims)
    columns: list[pa.Array] = [
        pa.repeat(id_, len(block.keys)),
        _texts(space.areas.texts, areas),
        pa.array(years.astype(np.int32)),
    ]
    for dim in dims:
        if dim in block.dims:
            columns.append(_texts(space.dims[dim].texts, codes[dim]))
        else:
            columns.append(pa.nulls(len(block.keys), pa.string()))
    for numbers in (block.numerator, block.denominator, block.value):
        columns.append(pa.array(numbers, from_pandas=True))
    columns.append(_texts([r.obs_status for r in Reason], block.reason.astype(np.int64)))
    columns.append(_texts([o.code for o in ValueOrigin], block.origin.astype(np.int64)))
    columns.append(pa.array(block.version))
    columns.append(_texts([r.code for r in Reason], block.reason.astype(np.int64)))
    columns.append(_bounds(block, given))
    return pa.Table.from_arrays(columns, schema=schema)


def _bounds(block: ValueBlock, given: Mapping[int, Bound]) -> pa.Array:
    only = np.flatnonzero(block.reason == Reason.ONLY_BOUND)
    if not len(only):
        return pa.nulls(len(block.keys), pa.string())
    told = np.full(len(block.keys), None, dtype=object)
    told[only] = [str(given[key]) for key in block.keys[only].tolist()]
    return pa.array(told, pa.string())


def _texts(texts_: Iterable[str], numbers: Keys) -> pa.Array:
    return pa.array(list(texts_), pa.string()).take(pa.array(numbers))
