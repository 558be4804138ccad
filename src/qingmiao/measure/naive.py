"""The oracle: the same meaning as the engine, row by row in plain Python, without SQL, keys or arrays.

Deliberately simple and slow; it shares with the engine only the pack's models and the list of reasons. Tests compare
both on generated packs and data, exactly. It reads as the definition of what measuring means
(docs/explanation/missing-data.md).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from qingmiao.content.expressions import parse
from qingmiao.content.facts import Fact
from qingmiao.content.indicators import Aggregate, Definition, Indicator
from qingmiao.content.pack import Pack
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.periods import Period, PeriodKind
from qingmiao.measure.naive_expression import Row, value_of
from qingmiao.measure.result import Reason

Group = tuple[str, int, tuple[tuple[str, str], ...]]
"""Area, year, breakdown codes by name."""
Step = tuple[AreaLevel, tuple[str, ...]]
"""One breakdown: a level and its dims."""


@dataclass(frozen=True)
class NaiveValue:
    """One value of the result."""

    numerator: float | None
    denominator: float | None
    value: float | None
    reason: Reason
    origin: str
    version: int


@dataclass(frozen=True)
class SideNumber:
    """One side's number in one group; `issue` says why it is missing where the source knows."""

    value: float | None
    issue: str = ""


@dataclass(frozen=True)
class Side:
    """One side of a definition: its numbers by group, the years in which its source was collected."""

    numbers: dict[Group, SideNumber]
    collected: set[int]
    counts: bool
    facts: bool


Result = dict[tuple[str, Group], NaiveValue]


def measure_naively(pack: Pack, tables: Mapping[str, pa.Table], years: tuple[int, int] | None = None) -> Result:
    """All values by (indicator, group); `years` as in `run.measure`, first and last."""
    return _Oracle(pack, tables, years).run()


class _Oracle:
    def __init__(self, pack: Pack, tables: Mapping[str, pa.Table], years: tuple[int, int] | None) -> None:
        self.pack, self.years = pack, years
        self.columns = {name: set(t.column_names) for name, t in tables.items()}
        self.rows: dict[str, list[Row]] = {name: t.to_pylist() for name, t in tables.items()}
        self.level: dict[str, AreaLevel] = {}
        for name, fact_rows in self.rows.items():
            for level in AreaLevel:
                if name in pack.facts:
                    self.level.update({r[c]: level for r in fact_rows if r.get(c := f"_area_{level.value}")})
        self.level.update({a.code: a.level for a in pack.area_tree})
        root = pack.root_area
        found = pack.area_tree if root is not None else ()
        self.wanted = {a.code for a in found if root and root.code in _upwards(pack, a.code)}
        if root is None:
            self.wanted = set(self.level)
        self.result: Result = {}

    def run(self) -> Result:
        done: set[str] = set()

        def visit(id_: str) -> None:
            if id_ in done:
                return
            done.add(id_)
            indicator = self.pack.indicators[id_]
            for d in indicator.definitions:
                if d.combine is not None:
                    visit(d.combine.of)
            self._indicator(indicator)

        for id_ in self.pack.indicators:
            visit(id_)
        return self.result

    def _indicator(self, indicator: Indicator) -> None:
        steps = self._steps(indicator)
        for d in indicator.definitions:
            if d.combine is not None:
                self._combine(indicator, d)
            elif d.numerator is not None:
                self._ratio(indicator, d, steps)
        self._series(indicator)

    def _steps(self, indicator: Indicator) -> list[Step]:
        steps = [(level, dims) for dims in ((), *indicator.dimensions) for level in indicator.levels]
        for other in self.pack.indicators.values():
            for d in other.definitions:
                if d.combine is not None and d.combine.of == indicator.id:
                    if d.combine.by_level is not None:
                        steps += [(x, ()) for x in (d.combine.by_level, *other.levels)]
                    else:
                        steps += [(x, dims) for x in other.levels for dims in ((), (str(d.combine.by),))]
        return list(dict.fromkeys(steps))

    def _in_years(self, d: Definition, year: int) -> bool:
        in_force = (d.first_year or 0) <= year <= (d.last_year or 9999)
        return in_force and (self.years is None or self.years[0] <= year <= self.years[1])

    def _ratio(self, indicator: Indicator, d: Definition, steps: list[Step]) -> None:
        assert d.numerator is not None
        aggregates = [d.numerator] + ([d.denominator] if d.denominator else [])
        steps = [s for s in steps if all(self._can(a, d, s) for a in aggregates)]
        sides = [self._side(indicator, d, a, steps) for a in aggregates]
        groups = {g for s in sides for g in s.numbers}
        asked = set(range(self.years[0], self.years[1] + 1)) if self.years else set()
        for level in {level for level, dims in steps if not dims}:
            for area in (a for a in self.wanted if self.level.get(a) is level):
                groups |= {(area, y, ()) for y in asked.union(*(s.collected for s in sides))}
        for group in groups:
            if self._in_years(d, group[1]):
                self.result[indicator.id, group] = _cell(indicator, d, sides, group)

    def _can(self, aggregate: Aggregate, d: Definition, step: Step) -> bool:
        level, dims = step
        source = aggregate.source or d.source or ""
        if source.startswith("return:"):
            return not dims and level.depth <= AreaLevel(self.pack.returns[source[7:]].level).depth
        if source not in self.columns:
            fact = self.pack.facts[source]
            return all(x in fact.columns or x in fact.derived for x in dims)
        return all(c in self.columns[source] for c in (f"_area_{level.value}", *dims))

    def _side(self, indicator: Indicator, d: Definition, a: Aggregate, steps: list[Step]) -> Side:
        source = a.source or d.source or ""
        if source.startswith("return:"):
            return self._return_side(source[7:], a.cells or (), [level for level, dims in steps if not dims])
        fact, rows = self.pack.facts[source], self.rows.get(source, [])
        dated = [(r, y) for r in rows if (y := _year(fact, r, indicator.period)) is not None]
        if self.years:
            dated = [(r, y) for r, y in dated if self.years[0] <= y <= self.years[1]]
        newest = _newest(fact, d, dated) if d.latest is not None and source == d.source else None
        members: dict[Group, list[Row]] = defaultdict(list)
        for row, year in dated:
            for level, dims in steps:
                area, codes = row[f"_area_{level.value}"], [(x, _text(row[x])) for x in sorted(dims)]
                if area is not None and all(c is not None for _, c in codes):
                    members[area, year, tuple((n, c) for n, c in codes if c is not None)].append(row)
        numbers = {g: SideNumber(_aggregate(fact, a, found, newest)) for g, found in members.items()}
        collected = {year for (_, year, codes) in numbers if not codes}
        return Side(numbers, collected, a.sum is None, True)

    def _return_side(self, return_id: str, cells: tuple[str, ...], levels: list[AreaLevel]) -> Side:
        own = AreaLevel(self.pack.returns[return_id].level)
        found: dict[tuple[str, int], dict[str, float | None]] = defaultdict(dict)
        for row in self.rows.get("return_cells", []):
            if row["return"] == return_id and self.level.get(row["area"]) is own:
                found[row["area"], row["period"]][f"{row['row']}.{row['column']}"] = row["value"]
        micro = {key: _add_cells(given, cells) for key, given in found.items()}
        numbers: dict[Group, SideNumber] = {}
        for level in levels:
            if level is own:
                for (area, year), total in micro.items():
                    numbers[area, year, ()] = (
                        SideNumber(None, "cell") if total is None else SideNumber(total / 1_000_000)
                    )
                continue
            for above in (a.code for a in self.pack.area_tree.at(level)):
                for year in {y for _, y in micro}:
                    below = self._below(above, own, self.pack.returns[return_id].period, year)
                    if not below:
                        continue
                    parts = [micro.get((b, year)) for b in below]
                    whole = [p for p in parts if p is not None]
                    complete = len(whole) == len(parts)
                    numbers[above, year, ()] = (
                        SideNumber(sum(whole) / 1_000_000) if complete else SideNumber(None, "part")
                    )
        return Side(numbers, {y for _, y, _ in numbers}, False, False)

    def _below(self, area: str, level: AreaLevel, kind: PeriodKind, year: int) -> list[str]:
        """The areas that exist below an area on the last day of a year."""
        return [a.code for a in self.pack.area_tree.under(area, level, Period(kind, year).end)]

    def _combine(self, indicator: Indicator, d: Definition) -> None:
        combine = d.combine
        assert combine is not None
        of = {g: c for (id_, g), c in self.result.items() if id_ == combine.of}
        if not any(not codes for _, _, codes in of):
            return
        parts: dict[tuple[str, int], dict[str, float | None]] = {}
        if combine.by is not None:
            groups = {c[0][1] for _, _, c in of if len(c) == 1 and c[0][0] == combine.by}
            for area, year, codes in of:
                asked = self.level.get(area) is None or self.level[area] in indicator.levels
                if asked and (not codes or [n for n, _ in codes] == [combine.by]):
                    parts[area, year] = {
                        g: c.value if (c := of.get((area, year, ((combine.by, g),)))) else None for g in groups
                    }
        else:
            assert combine.by_level is not None
            for area, level in self.level.items():
                if area in self.pack.area_tree and level in indicator.levels and level.depth < combine.by_level.depth:
                    for year in {y for _, y, codes in of if not codes}:
                        below = self._below(area, combine.by_level, indicator.period, year)
                        if not any((a, year, ()) in of for a in (*below, area)):
                            continue
                        parts[area, year] = {b: c.value if (c := of.get((b, year, ()))) else None for b in below}
        for (area, year), found in parts.items():
            if self._in_years(d, year):
                value, reason = _combined(combine.op, found, combine.first, combine.second)
                self.result[indicator.id, (area, year, ())] = NaiveValue(
                    None, None, value, reason, "combine", d.version
                )

    def _series(self, indicator: Indicator) -> None:
        given: dict[Group, NaiveValue] = {}
        for row in self.rows.get("series", []):
            top, bottom, value = row["numerator"], row["denominator"], row["value"]
            if value is None and top is not None and bottom:
                value = top * indicator.factor / bottom
            year = row["year"]
            if row["indicator"] != indicator.id or value is None:
                continue
            if self.years is None or self.years[0] <= year <= self.years[1]:
                version = d.version if (d := indicator.definition_for(year)) else 0
                given[row["area"], year, ()] = NaiveValue(top, bottom, value, Reason.NONE, "series", version)
        has_totals = any(id_ == indicator.id and not g[2] for id_, g in self.result)
        for group, cell in given.items():
            measured = self.result.get((indicator.id, group))
            if measured is None or measured.value is None:
                self.result[indicator.id, group] = cell
        if not has_totals:
            levels = {self.level.get(a) for a, _, _ in given} & set(indicator.levels)
            for area in (a for a in self.wanted if self.level.get(a) in levels):
                for year in {y for _, y, _ in given}:
                    missing = NaiveValue(
                        None, None, None, Reason.NO_SERIES, "series", indicator.definitions[-1].version
                    )
                    self.result.setdefault((indicator.id, (area, year, ())), missing)


def _upwards(pack: Pack, code: str) -> Iterator[str]:
    area = pack.area_tree.get(code)
    while area is not None:
        yield area.code
        area = pack.area_tree.get(area.parent) if area.parent else None


def _cell(indicator: Indicator, d: Definition, sides: list[Side], group: Group) -> NaiveValue:
    top, bottom = sides[0], sides[1] if len(sides) == 2 else None
    numerator = top.numbers.get(group, SideNumber(None)).value
    denominator = bottom.numbers.get(group, SideNumber(None)).value if bottom else None
    nobody = group not in top.numbers and group[1] in top.collected
    if bottom is not None and nobody and top.facts and top.counts and denominator is not None:
        numerator = 0.0
    reason, value = Reason.NONE, None
    if bottom is not None and denominator is None:
        reason = _why(bottom, group, "DENOMINATOR")
    elif bottom is not None and denominator == 0:
        reason = Reason.ZERO_DENOMINATOR
    elif numerator is None:
        reason = _why(top, group, "NUMERATOR")
    elif denominator is not None:
        value = numerator * indicator.factor / denominator
    else:
        value = numerator * (indicator.multiplier or 1.0)
    origin = "facts" if any(s.facts for s in sides) else "returns"
    return NaiveValue(numerator, denominator, value, reason, origin, d.version)


def _why(side: Side, group: Group, name: str) -> Reason:
    if group[1] not in side.collected:
        return Reason[f"{name}_NOT_COLLECTED"]
    if group not in side.numbers:
        return Reason[f"{name}_NO_ROWS"]
    issue = side.numbers[group].issue
    return Reason[f"{name}_{ {'cell': 'CELL_MISSING', 'part': 'PART_MISSING'}.get(issue, 'NO_SUM') }"]


def _combined(
    op: str, found: dict[str, float | None], first: str | None, second: str | None
) -> tuple[float | None, Reason]:
    if op == "difference":
        a, b = found.get(first or ""), found.get(second or "")
        return (None, Reason.GROUP_MISSING) if a is None or b is None else (a - b, Reason.NONE)
    if len(found) < (2 if op == "spread" else 1):
        return None, Reason.TOO_FEW_GROUPS
    values = [v for v in found.values() if v is not None]
    if len(values) < len(found):
        return None, Reason.GROUP_MISSING
    ops: dict[str, Callable[[list[float]], float]] = {
        "spread": lambda v: max(v) - min(v),
        "minimum": min,
        "maximum": max,
    }
    return ops[op](values), Reason.NONE


def _year(fact: Fact, row: Row, kind: PeriodKind) -> int | None:
    if fact.year is not None:
        year = row[fact.year]
        return int(year) if year is not None else None
    day = row[fact.date or ""]
    return kind.year_of(day) if day is not None else None


def _newest(fact: Fact, d: Definition, dated: list[tuple[Row, int]]) -> set[int]:
    assert d.latest is not None
    condition = parse(d.latest.where) if d.latest.where else None
    best: dict[tuple[Any, int], Row] = {}
    for row, year in dated:
        who = row[d.latest.per]
        if who is None or (condition is not None and value_of(condition, row) is not True):
            continue

        def rank(r: Row) -> list[tuple[bool, Any]]:
            assert d.latest is not None
            return [(r[c] is not None, r[c]) for c in (d.latest.order, *fact.key)]

        if (who, year) not in best or rank(row) > rank(best[who, year]):
            best[who, year] = row
    return {id(r) for r in best.values()}


def _aggregate(fact: Fact, a: Aggregate, rows: list[Row], newest: set[int] | None) -> float | None:
    where = parse(a.where) if a.where else None
    rows = [r for r in rows if newest is None or id(r) in newest]
    rows = [r for r in rows if where is None or value_of(where, r) is True]
    if a.count is not None:
        return float(len([r for r in rows if a.count == "*" or r[a.count] is not None]))
    if a.distinct is not None:
        return float(len({r[a.distinct] for r in rows if r[a.distinct] is not None}))
    tree = parse(a.sum or "")
    values = [v for r in rows if (v := value_of(tree, r)) is not None]
    return sum(_micro(v) for v in values) / 1_000_000 if values else None


def _add_cells(given: dict[str, float | None], cells: tuple[str, ...]) -> int | None:
    total = 0
    for cell in cells:
        value = given.get(cell.removeprefix("-"))
        if value is None:
            return None
        total += -_micro(value) if cell.startswith("-") else _micro(value)
    return total


def _micro(value: float) -> int:
    return math.floor(float(value) * 1_000_000.0 + 0.5)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
