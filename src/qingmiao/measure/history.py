"""Values over changes of areas: what a merged or moved area was made of counts for it in the years before; rates are
never averaged.

An area counts in a year if it exists on the year's last day. The years before a merger are measured a second time on
the rows of what the area was made of, as if they had always been its own: counts add up, rates are made anew from
numerator and denominator, and where only rates are known the value is a gap with its reason. Rules for people:
docs/explanation/area-history.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.content.pack import Pack
from qingmiao.kernel.areas import AreaTree
from qingmiao.kernel.periods import Period, PeriodKind
from qingmiao.measure.compile import area_column
from qingmiao.measure.engine import Table, in_memory
from qingmiao.measure.plan import CELLS_TABLE, SERIES_TABLE
from qingmiao.measure.result import FIXED_AFTER, FIXED_BEFORE, Reason, ValueOrigin

Again = Callable[[Mapping[str, Table]], pa.Table]
"""Measures other tables in the same way: the values."""


@dataclass(frozen=True)
class Family:
    """An area that other areas were merged or moved into: all that it was made of in any year (itself included)."""

    code: str
    members: frozenset[str]
    until: date
    """The day of the last merger: years that begin before it are measured on the members' rows."""

    def reaches(self, period: Period) -> bool:
        """Whether any of the period lies before the last merger."""
        return period.start < self.until


def family_of(tree: AreaTree, code: str) -> Family | None:
    """The family of an area; None for one that nothing was merged or moved into."""
    days = tree.joined_on(code)
    if not days:
        return None
    members, waiting = {code}, [code]
    while waiting:
        for part in tree.parts_of(waiting.pop()):
            if part not in members:
                members.add(part)
                waiting.append(part)
    return Family(code, frozenset(members), max(days))


def counted_codes(tree: AreaTree, code: str, period: Period, *, whole_period: bool) -> tuple[str, ...]:
    """The codes whose rows are in an area's number of a period. `whole_period`: figures of a whole period, not dated
    rows."""
    family = family_of(tree, code)
    if family is None or not family.reaches(period):
        return (code,)
    if whole_period:
        return tree.territory(code, period.end) or (code,)
    return tuple(sorted(family.members))


def with_history(pack: Pack, tables: Mapping[str, Table], values: pa.Table, again: Again) -> pa.Table:
    """The values with those before mergers, and without those of areas that do not exist on the last day of the
    year."""
    tree = pack.area_tree
    if not any(a.first is not None or a.last is not None for a in tree) and not tree.continued:
        return values
    kinds = {i.id: i.period for i in pack.indicators.values()}
    touched = {a.code for a in tree if a.first is not None or a.last is not None} | set(tree.continued)
    mine = pc.is_in(values["area"], pa.array(sorted(touched)))
    rows = _existing(tree, kinds, values.filter(mine).to_pylist())
    families = [f for c in tree.continued if (f := family_of(tree, c)) is not None]
    for batch in _apart(families):
        made = again(_mapped(tree, tables, batch, kinds, pack)).to_pylist()
        rows = _spliced(tree, kinds, rows, made, batch, values)
    rows = _split(tree, kinds, rows, values)
    names = values.column_names
    changed = pa.Table.from_pylist([{n: r.get(n) for n in names} for r in rows], schema=values.schema)
    return in_order(pa.concat_tables([values.filter(pc.invert(mine)), changed]))


def _existing(tree: AreaTree, kinds: Mapping[str, PeriodKind], rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the areas that ended before the year's end, and without the gaps of those that did not exist yet."""
    kept = []
    for row in rows:
        area, end = tree.get(row["area"]), Period(kinds[row["indicator"]], row["year"]).end
        ended = area is not None and area.last is not None and area.last < end
        early = area is not None and area.first is not None and end < area.first
        if not ended and not (early and row["value"] is None and row["bound"] is None):
            kept.append(row)
    return kept


def _apart(families: list[Family]) -> list[list[Family]]:
    """Families in batches that have no member in common."""
    batches: list[list[Family]] = []
    for family in families:
        free = (b for b in batches if all(not (f.members & family.members) for f in b))
        batch = next(free, None)
        if batch is None:
            batches.append([family])
        else:
            batch.append(family)
    return batches


def _mapped(
    tree: AreaTree,
    tables: Mapping[str, Table],
    batch: list[Family],
    kinds: Mapping[str, PeriodKind],
    pack: Pack,
) -> dict[str, Table]:
    """The tables as if each family had always been its one area."""
    heir = {m: f.code for f in batch for m in f.members}
    made: dict[str, Table] = {}
    for name, table in tables.items():
        if name == SERIES_TABLE:
            made[name] = _series(tree, in_memory(table), batch, kinds, pack)
        elif name == CELLS_TABLE:
            made[name] = _cells(tree, in_memory(table), batch, pack)
        else:
            made[name] = _facts(tree, in_memory(table), heir)
    return made


def _facts(tree: AreaTree, table: pa.Table, heir: Mapping[str, str]) -> pa.Table:
    for level in {tree[code].level for code in heir}:
        column = area_column(level)
        if column not in table.column_names:
            continue
        old = pa.array([m for m, f in heir.items() if tree[f].level is level], pa.string())
        new = pa.array([f for f in heir.values() if tree[f].level is level], pa.string())
        given = table[column].cast(pa.string())
        place = pc.index_in(given, value_set=old)
        renamed = pc.if_else(pc.is_valid(place), new.take(place.combine_chunks().fill_null(0)), given)
        table = table.set_column(table.column_names.index(column), column, renamed)
    return table


def _cells(tree: AreaTree, table: pa.Table, batch: list[Family], pack: Pack) -> pa.Table:
    """Return cells, with the cells of a family's parts added up for the years before; one part missing leaves a gap."""
    codes = pa.array(sorted({m for f in batch for m in f.members}))
    inside = pc.is_in(table["area"], codes)
    found: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in table.filter(inside).to_pylist():
        found[row["return"], row["period"], row["row"], row["column"]][row["area"]] = row
    made = []
    for family in batch:
        for (return_id, year, _, _), by_area in found.items():
            period = Period(pack.returns[return_id].period, year)
            parts = tree.territory(family.code, period.end)
            row = _added(by_area, parts, family.code, ("value",))
            if row is not None:
                made.append(row)
    rest = table.filter(pc.invert(inside))
    return pa.concat_tables([rest, pa.Table.from_pylist(made, schema=table.schema)])


def _added(
    by_area: Mapping[str, dict[str, Any]], parts: tuple[str, ...], code: str, names: tuple[str, ...]
) -> dict[str, Any] | None:
    """One row for an area out of its parts' rows (its own where it was given for today's area); None without any."""
    if code not in parts and code in by_area:
        return by_area[code]
    rows = [by_area[p] for p in parts if p in by_area]
    if not rows:
        return None
    sums = {
        n: sum(r[n] for r in rows) if len(rows) == len(parts) and all(r[n] is not None for r in rows) else None
        for n in names
    }
    return {**rows[0], "area": code, **sums}


def _series(
    tree: AreaTree, table: pa.Table, batch: list[Family], kinds: Mapping[str, PeriodKind], pack: Pack
) -> pa.Table:
    """Published values, with those of a family's parts added up: numerators and denominators, or plain counts; never
    rates."""
    codes = pa.array(sorted({m for f in batch for m in f.members}))
    inside = pc.is_in(table["area"], codes)
    fixed = {"area", "value", "numerator", "denominator", "bound", "source", "note", "_file", "_row"}
    names = [n for n in table.column_names if n not in fixed]
    found: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in table.filter(inside).to_pylist():
        if row["indicator"] in kinds:
            found[tuple(row[n] for n in names)][row["area"]] = row
    made = []
    for family in batch:
        for by_area in found.values():
            any_row = next(iter(by_area.values()))
            parts = tree.territory(family.code, Period(kinds[any_row["indicator"]], any_row["year"]).end)
            if parts == (family.code,) or (family.code not in parts and family.code in by_area):
                made += [by_area[family.code]] if family.code in by_area else []
                continue
            plain = pack.indicators[any_row["indicator"]].nature == "count" and all(
                r["denominator"] is None and not r.get("bound") for r in by_area.values()
            )
            row = _added(by_area, parts, family.code, ("numerator", "denominator", *(("value",) if plain else ())))
            if row is None or (not plain and row["denominator"] is None):
                continue
            made.append(row if plain else {**row, "value": None, **({"bound": None} if "bound" in row else {})})
    rest = table.filter(pc.invert(inside))
    return pa.concat_tables([rest, pa.Table.from_pylist(made, schema=table.schema)])


def _spliced(
    tree: AreaTree,
    kinds: Mapping[str, PeriodKind],
    rows: list[dict[str, Any]],
    made: list[dict[str, Any]],
    batch: list[Family],
    values: pa.Table,
) -> list[dict[str, Any]]:
    """The rows of each family's area before its last merger are those measured on its parts."""
    of = {f.code: f for f in batch}

    def before(row: Mapping[str, Any]) -> bool:
        family = of.get(row["area"])
        return family is not None and family.reaches(Period(kinds[row["indicator"]], row["year"]))

    taken = [_whole(tree, kinds, r) for r in made if before(r)]
    kept = [r for r in rows if not before(r)]
    known = {(r["indicator"], r["area"], r["year"]) for r in taken if r["value"] is not None and _is_total(r, values)}
    told = {(r["indicator"], r["area"], r["year"]): r for r in taken if _is_total(r, values)}
    part_of = {(m, f.code) for f in batch for m in f.members if m != f.code}
    for part in _totals(values, {m for m, _ in part_of}):
        for code in (c for m, c in part_of if m == part["area"]):
            key = (part["indicator"], code, part["year"])
            period = Period(kinds[part["indicator"]], part["year"])
            if (part["value"] is None and part["bound"] is None) or key in known or not of[code].reaches(period):
                continue
            rate_only = part["origin"] == ValueOrigin.SERIES.code and part["denominator"] is None
            gap = told.get(key)
            if gap is None:
                gap = {**part, "area": code, **_gap(Reason.NO_SERIES)}
                told[key] = gap
                taken.append(gap)
            if rate_only:
                gap.update(_gap(Reason.PARTS_DO_NOT_ADD))
    return kept + taken


def _whole(tree: AreaTree, kinds: Mapping[str, PeriodKind], row: dict[str, Any]) -> dict[str, Any]:
    """The row, as a gap where a part of the area came out of a split later on and was not counted by itself."""
    if (row["value"] is None and row["bound"] is None) or tree.territory(
        row["area"], Period(kinds[row["indicator"]], row["year"]).end
    ):
        return row
    return {**row, **_gap(Reason.BEFORE_SPLIT)}


def _gap(reason: Reason) -> dict[str, Any]:
    return {
        "value": None,
        "bound": None,
        "numerator": None,
        "denominator": None,
        "obs_status": reason.obs_status,
        "reason": reason.code,
    }


def _split(
    tree: AreaTree, kinds: Mapping[str, PeriodKind], rows: list[dict[str, Any]], values: pa.Table
) -> list[dict[str, Any]]:
    """The years before a split: a gap with its reason for the new areas, or their share where the pack gives shares
    with a source."""
    have = {(r["indicator"], r["area"], r["year"]) for r in rows if r["value"] is not None}
    made = []
    for new, change in tree.split_off.items():
        share = dict(change.shares).get(new)
        for row in _totals(values, set(change.before)):
            key = (row["indicator"], new, row["year"])
            if row["value"] is None or Period(kinds[row["indicator"]], row["year"]).end >= change.day or key in have:
                continue
            counts = row["numerator"] is not None
            if share is None or not counts:
                made.append({**row, "area": new, **_gap(Reason.BEFORE_SPLIT)})
                continue
            below = row["denominator"]
            part = {
                "numerator": row["numerator"] * share,
                "denominator": None if below is None else below * share,
                "value": row["value"] if below is not None else row["value"] * share,
            }
            made.append({**row, "area": new, **part, "obs_status": "E"})
    return rows + made


def _is_total(row: Mapping[str, Any], values: pa.Table) -> bool:
    return all(row.get(n) is None for n in _dims(values))


def _dims(values: pa.Table) -> list[str]:
    return [n for n in values.column_names if n not in (*FIXED_BEFORE, *FIXED_AFTER)]


def _totals(values: pa.Table, areas: set[str]) -> list[dict[str, Any]]:
    """The rows of some areas that belong to no group."""
    keep = pc.is_in(values["area"], pa.array(sorted(areas), pa.string()))
    for name in _dims(values):
        keep = pc.and_(keep, pc.is_null(values[name]))
    return list(values.filter(keep).to_pylist())


def in_order(values: pa.Table) -> pa.Table:
    """In the order of the values table: indicator, breakdown (totals first), area, year, codes."""
    dims = _dims(values)
    bits = np.zeros(values.num_rows, dtype=np.int64)
    for i, name in enumerate(dims):
        bits |= values[name].is_valid().to_numpy().astype(np.int64) << i
    order = sorted(range(1 << len(dims)) if len(dims) < 12 else set(bits.tolist()), key=lambda b: _names(dims, b))
    rank = {b: i for i, b in enumerate(order)}
    ranks = pa.array([rank[b] for b in bits.tolist()], pa.int64())
    keyed = values.append_column("_rank", ranks)
    keys = [(n, "ascending") for n in ("indicator", "_rank", "area", "year", *dims)]
    return values.take(pc.sort_indices(keyed, sort_keys=keys)).combine_chunks()


def _names(dims: list[str], bits: int) -> tuple[str, ...]:
    return tuple(n for i, n in enumerate(dims) if bits >> i & 1)
