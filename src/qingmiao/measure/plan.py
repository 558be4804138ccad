"""The measuring plan: which numbers each table must give, and by which groups, before any query is written.

Per fact table there is one pass over all indicators and all breakdowns; per snapshot one pass over the return cells.
Equal numbers that several indicators ask for are measured once. Planning reads no data, only the names of columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qingmiao.content.facts import Fact
from qingmiao.content.indicators import Aggregate, Combine, Definition, Indicator
from qingmiao.content.pack import Pack
from qingmiao.content.reading import RETURN_PREFIX, SERIES
from qingmiao.content.returns import Return
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.kernel.periods import PeriodKind
from qingmiao.measure.measurement import LatestKey, Measurement, is_integral, weights

CELLS_TABLE = "return_cells"
SERIES_TABLE = SERIES


class MeasureError(UserError):
    """A definition that cannot be measured on the tables given."""


@dataclass(frozen=True, order=True)
class Breakdown:
    """Groups of one area level, crossed with `dims`; no dims = the total of each area."""

    level: AreaLevel
    dims: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class GroupSet:
    """One grouping set of a pass: the years of one kind × one area level × dims."""

    kind: PeriodKind
    level: AreaLevel
    dims: tuple[str, ...] = ()


@dataclass(frozen=True)
class TablePass:
    """Everything that one reading of a fact table gives. Measurement number i is the column ``m{i}`` of the result."""

    fact: Fact
    measurements: tuple[Measurement, ...]
    sets: tuple[GroupSet, ...]

    @property
    def kinds(self) -> tuple[PeriodKind, ...]:
        """The kinds of year that the sets use."""
        return tuple(sorted({s.kind for s in self.sets}))

    @property
    def levels(self) -> tuple[AreaLevel, ...]:
        """The area levels that the sets use, from above."""
        return tuple(sorted({s.level for s in self.sets}, key=lambda x: x.depth))

    @property
    def dims(self) -> tuple[str, ...]:
        """The breakdown columns that the sets use."""
        return tuple(sorted({d for s in self.sets for d in s.dims}))

    @property
    def latests(self) -> tuple[LatestKey, ...]:
        """The different "newest row" rules that the measurements use."""
        return tuple(dict.fromkeys(m.latest for m in self.measurements if m.latest is not None))


@dataclass(frozen=True)
class FactSide:
    """A numerator or denominator from a fact table: measurement `number` in the years of `kind`.

    `counts`: a count or a number of different values, which may be 0; a sum of nothing is missing.
    """

    table: str
    number: int
    kind: PeriodKind
    counts: bool


@dataclass(frozen=True)
class CellSide:
    """A numerator or denominator from a return: cells with their weights; the column ``c{number}`` of the cell pass."""

    return_id: str
    level: AreaLevel
    number: int
    cells: tuple[tuple[str, int], ...]
    period: PeriodKind


Side = FactSide | CellSide


@dataclass(frozen=True)
class VersionPlan:
    """One dated definition version of an indicator: where its two numbers come from and by which groups."""

    indicator: Indicator
    definition: Definition
    numerator: Side
    denominator: Side | None
    breakdowns: tuple[Breakdown, ...]


@dataclass(frozen=True)
class Skipped:
    """A breakdown that one of the indicator's tables cannot give."""

    indicator: str
    version: int
    breakdown: Breakdown
    why: str


@dataclass(frozen=True)
class MeasurePlan:
    """The whole plan. `order` lists the indicators, parts before what combines them."""

    passes: tuple[TablePass, ...]
    cells: tuple[CellSide, ...]
    versions: tuple[VersionPlan, ...]
    order: tuple[str, ...]
    skipped: tuple[Skipped, ...]

    def versions_of(self, indicator: str) -> tuple[VersionPlan, ...]:
        """The measured versions of one indicator."""
        return tuple(v for v in self.versions if v.indicator.id == indicator)


def canonical_kind(fact: Fact, kind: PeriodKind) -> PeriodKind:
    """The kind that decides a row's year: a table with a year column has only one, 年末 counts like the calendar year."""
    return PeriodKind.CALENDAR_YEAR if fact.year is not None or kind is PeriodKind.YEAR_END else kind


def make_plan(pack: Pack, columns: Mapping[str, Iterable[str]], indicators: Iterable[str] | None = None) -> MeasurePlan:
    """Plan the given indicators (and the parts they are made of), or all. `columns`: table → its column names.

    Raises MeasureError when a definition reads a return or an indicator that the pack does not have, or in a circle.
    """
    planner = _Planner(pack, {name: frozenset(names) for name, names in columns.items()})
    return planner.plan(tuple(indicators) if indicators is not None else tuple(pack.indicators))


class _Planner:
    def __init__(self, pack: Pack, columns: Mapping[str, frozenset[str]]) -> None:
        self.pack = pack
        self.columns = columns
        self.measurements: dict[str, dict[Measurement, int]] = {}
        self.sets: dict[str, dict[GroupSet, None]] = {}
        self.cells: dict[tuple[str, tuple[tuple[str, int], ...]], CellSide] = {}
        self.skipped: list[Skipped] = []

    def plan(self, wanted: tuple[str, ...]) -> MeasurePlan:
        order = self._order(wanted)
        extra = self._extra(order)
        versions = [
            self._version(self.pack.indicators[id_], d, extra.get(id_, ()))
            for id_ in order
            for d in self.pack.indicators[id_].definitions
            if d.combine is None and d.source != SERIES_TABLE
        ]
        passes = tuple(
            TablePass(self.pack.facts[name], tuple(found), tuple(sorted(self.sets[name])))
            for name, found in sorted(self.measurements.items())
        )
        return MeasurePlan(passes, tuple(self.cells.values()), tuple(versions), order, tuple(self.skipped))

    def _order(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        done: dict[str, None] = {}

        def visit(id_: str, above: tuple[str, ...]) -> None:
            if id_ in above:
                raise self._fault(id_, "combine_circle", f"合成指标成环：{' → '.join((*above, id_))}")
            if id_ not in self.pack.indicators:
                raise self._fault(above[-1] if above else id_, "unknown_indicator", f"没有指标「{id_}」")
            if id_ in done:
                return
            for combine in combines(self.pack.indicators[id_]):
                visit(combine.of, (*above, id_))
            done[id_] = None

        for id_ in wanted:
            visit(id_, ())
        return tuple(done)

    def _extra(self, order: tuple[str, ...]) -> dict[str, tuple[Breakdown, ...]]:
        """What combining indicators need of their parts; it is measured and shown like any other breakdown."""
        extra: dict[str, tuple[Breakdown, ...]] = {}
        for id_ in order:
            indicator = self.pack.indicators[id_]
            for combine in combines(indicator):
                if combine.by_level is not None:
                    needed = tuple(Breakdown(x) for x in (combine.by_level, *indicator.levels))
                else:
                    needed = tuple(Breakdown(x, d) for x in indicator.levels for d in ((), (str(combine.by),)))
                extra[combine.of] = (*extra.get(combine.of, ()), *needed)
        return extra

    def _version(self, indicator: Indicator, definition: Definition, extra: tuple[Breakdown, ...]) -> VersionPlan:
        assert definition.numerator is not None
        numerator = self._side(indicator, definition, definition.numerator)
        denominator = None
        if definition.denominator is not None:
            denominator = self._side(indicator, definition, definition.denominator)
        sides = [s for s in (numerator, denominator) if s is not None]
        asked = [Breakdown(level, dims) for dims in ((), *indicator.dimensions) for level in indicator.levels]
        kept = []
        for breakdown in dict.fromkeys((*asked, *extra)):
            why = next((w for s in sides if (w := self._cannot(s, breakdown)) is not None), None)
            if why is None:
                kept.append(breakdown)
            else:
                self.skipped.append(Skipped(indicator.id, definition.version, breakdown, why))
        for side in sides:
            if isinstance(side, FactSide):
                for b in kept:
                    self.sets[side.table].setdefault(GroupSet(side.kind, b.level, b.dims))
        return VersionPlan(indicator, definition, numerator, denominator, tuple(kept))

    def _side(self, indicator: Indicator, definition: Definition, aggregate: Aggregate) -> Side:
        source = definition.source_of(aggregate)
        if source.startswith(RETURN_PREFIX):
            return self._cell_side(indicator, aggregate, source.removeprefix(RETURN_PREFIX))
        if source not in self.pack.facts or aggregate.cells is not None:
            raise self._fault(indicator.id, "unknown_source", f"没有事实表「{source}」，或该来源不能这样计算")
        fact = self.pack.facts[source]
        kind = canonical_kind(fact, indicator.period)
        latest = None
        if definition.latest is not None and source == definition.source:
            latest = LatestKey(definition.latest.per, definition.latest.order, definition.latest.where, kind)
        measurement = Measurement.of(aggregate, latest, integral=is_integral(aggregate.sum, fact))
        self._need_columns(indicator, fact, measurement)
        numbers = self.measurements.setdefault(source, {})
        self.sets.setdefault(source, {})
        return FactSide(source, numbers.setdefault(measurement, len(numbers)), kind, aggregate.sum is None)

    def _need_columns(self, indicator: Indicator, fact: Fact, measurement: Measurement) -> None:
        present = self.columns.get(fact.id)
        missing = sorted(set(measurement.columns(fact)) - present) if present is not None else []
        if missing:
            raise self._fault(indicator.id, "unknown_column", f"表 {fact.id} 没有列：{'、'.join(missing)}（定义要用）")

    def _cell_side(self, indicator: Indicator, aggregate: Aggregate, return_id: str) -> CellSide:
        return_: Return | None = self.pack.returns.get(return_id)
        if return_ is None or aggregate.cells is None:
            raise self._fault(indicator.id, "unknown_return", f"没有报表「{return_id}」，或没有写 cells")
        key = (return_id, weights(aggregate.cells))
        side = CellSide(return_id, AreaLevel(return_.level), len(self.cells), key[1], return_.period)
        return self.cells.setdefault(key, side)

    def _cannot(self, side: Side, breakdown: Breakdown) -> str | None:
        """Why a side cannot give a breakdown; None when it can."""
        if isinstance(side, CellSide):
            if breakdown.dims:
                return f"报表 {side.return_id} 没有分组 {'×'.join(breakdown.dims)}"
            if breakdown.level.depth > side.level.depth:
                return f"报表 {side.return_id} 由{side.level.label}填报，没有{breakdown.level.label}的数"
            return None
        fact = self.pack.facts[side.table]
        present = self.columns.get(side.table)
        if present is not None and f"_area_{breakdown.level.value}" not in present:
            return f"表 {side.table} 没有{breakdown.level.label}一级"
        known = present if present is not None else {*fact.columns, *fact.derived}
        missing = [d for d in breakdown.dims if d not in known]
        return f"表 {side.table} 没有列 {'、'.join(missing)}" if missing else None

    def _fault(self, indicator: str, code: str, message: str) -> MeasureError:
        place = self.pack.place("indicators", indicator)
        return MeasureError(
            f"指标「{indicator}」不能计算",
            [
                Fault(
                    place.file,
                    place.line,
                    code,
                    message,
                    place=indicator,
                    hint="用 qingmiao check 检查内容包",
                )
            ],
        )


def combines(indicator: Indicator) -> tuple[Combine, ...]:
    """The combinations in an indicator's versions."""
    return tuple(d.combine for d in indicator.definitions if d.combine is not None)
