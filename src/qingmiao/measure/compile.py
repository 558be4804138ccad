"""The plan's passes as SQL trees (sqlglot), one query per table.

Two forms of the same query:

- in two steps, where every number can be added up (counts, sums): first the finest cells (years × areas × all dims),
  then GROUPING SETS over these few cells. The rows are read and hashed once, not once per grouping set;
- directly, GROUPING SETS over the rows, where different values are counted (they cannot be added up) or where the cells
  would be too many to keep in memory.
"""

from __future__ import annotations

from sqlglot import exp

from qingmiao.content.expressions import parse
from qingmiao.content.facts import Fact
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.periods import Period, PeriodKind
from qingmiao.measure.dialect import cast, column, lower, missing, number, one_if, year_of
from qingmiao.measure.measurement import MICRO, LatestKey, Measurement
from qingmiao.measure.plan import CELLS_TABLE, CellSide, GroupSet, TablePass

SET_COLUMN = "_set"


def year_column(kind: PeriodKind) -> str:
    """The result's column with the years of one kind."""
    return f"_year_{kind.value}"


def area_column(level: AreaLevel) -> str:
    """The tables' column with the area codes of one level."""
    return f"_area_{level.value}"


def key_columns(plan: TablePass) -> tuple[str, ...]:
    """All columns that any grouping set groups by, in the order of the bits of `_set`."""
    return (*(year_column(k) for k in plan.kinds), *(area_column(x) for x in plan.levels), *plan.dims)


def set_columns(group: GroupSet) -> tuple[str, ...]:
    """The columns that one grouping set groups by."""
    return (year_column(group.kind), area_column(group.level), *group.dims)


def set_number(plan: TablePass, group: GroupSet) -> int:
    """The value of `_set` in the rows of one grouping set: bit i is 1 where key column i is not grouped by."""
    grouped = set_columns(group)
    return sum(1 << i for i, name in enumerate(key_columns(plan)) if name not in grouped)


def pass_query(plan: TablePass, *, years: tuple[int, int] | None = None, two_steps: bool = True) -> exp.Select:
    """One query for everything that a pass asks: columns `_set`, the keys (dims as text), m0, m1, …"""
    keys = key_columns(plan)
    rows = rows_query(plan, years=years)
    names = [f"m{i}" for i in range(len(plan.measurements))]
    if two_steps and all(m.function != "distinct" for m in plan.measurements):
        aggregates = (_named(_aggregate(m, plan), n) for m, n in zip(plan.measurements, names, strict=True))
        cells = exp.Select(expressions=[*(column(k) for k in keys), *aggregates])
        cells.from_(rows.subquery("_rows", copy=False), copy=False)
        cells.group_by(*(column(k) for k in keys), copy=False)
        source = cells.subquery("_cells", copy=False)
        totals: list[exp.Expr] = [exp.Sum(this=column(n)) for n in names]
    else:
        source = rows.subquery("_rows", copy=False)
        totals = [_aggregate(m, plan) for m in plan.measurements]
    shown = [
        _named(_set_expression(keys), SET_COLUMN),
        *(_shown_key(k, plan) for k in keys),
        *(_named(_whole(m, t), n) for m, t, n in zip(plan.measurements, totals, names, strict=True)),
    ]
    select = exp.Select(expressions=shown).from_(source, copy=False)
    sets = [exp.Tuple(expressions=[column(c) for c in set_columns(s)]) for s in plan.sets]
    select.set("group", exp.Group(expressions=[exp.GroupingSets(expressions=sets)]))
    return select


def _whole(m: Measurement, total: exp.Expr) -> exp.Expr:
    # DuckDB's COUNT_IF is a sum: where the condition is missing in every row of a group it gives null instead of 0.
    counted = total if m.function == "sum" else exp.Coalesce(this=total, expressions=[number(0)])
    return cast(counted, "bigint")


def _shown_key(name: str, plan: TablePass) -> exp.Expr:
    return _named(cast(column(name), "text"), name, quoted=True) if name in plan.dims else column(name)


def _set_expression(keys: tuple[str, ...]) -> exp.Expr:
    total: exp.Expr = number(0)
    for i, key in enumerate(keys):
        grouping = cast(exp.Anonymous(this="GROUPING", expressions=[column(key)]), "bigint")
        total = exp.Add(this=total, expression=exp.Mul(this=grouping, expression=number(1 << i)))
    return total


def rows_query(plan: TablePass, *, years: tuple[int, int] | None = None, also: tuple[str, ...] = ()) -> exp.Select:
    """The rows of a table with the columns that are needed, their years (`_year_…`) and newest-row flags
    (`_latest…`)."""
    fact = plan.fact
    needed = dict.fromkeys(also)
    for m in plan.measurements:
        needed.update(dict.fromkeys(m.columns(fact)))
    needed.update(dict.fromkeys((*(area_column(x) for x in plan.levels), *plan.dims)))
    shown = [
        *(column(c) for c in needed),
        *(_named(_year(fact, k), year_column(k)) for k in plan.kinds),
        *(_named(_newest(fact, key), f"_latest{i}") for i, key in enumerate(plan.latests)),
    ]
    select = exp.Select(expressions=shown)
    select.from_(exp.Table(this=exp.to_identifier(fact.id, quoted=True)), copy=False)
    if years is not None:
        select = select.where(_within(plan, years), copy=False)
    return select


def _year(fact: Fact, kind: PeriodKind) -> exp.Expr:
    return column(fact.year) if fact.year is not None else year_of(column(fact.date or ""), kind)


def _within(plan: TablePass, years: tuple[int, int]) -> exp.Expr:
    """The rows that can fall into the wanted years of any kind (a reader skips the rest of the file)."""
    if plan.fact.year is not None:
        low, high = number(years[0]), number(years[1])
        return exp.Between(this=column(plan.fact.year), low=low, high=high)
    first = min(Period(k, years[0]).start for k in plan.kinds)
    last = max(Period(k, years[1]).end for k in plan.kinds)
    days = [cast(exp.Literal.string(d.isoformat()), "date") for d in (first, last)]
    return exp.Between(this=column(plan.fact.date or ""), low=days[0], high=days[1])


def _newest(fact: Fact, key: LatestKey) -> exp.Expr:
    """True in the newest row per person and year; ties go to the greatest key; a row without `per` is nobody's
    newest."""
    considered: exp.Expr = exp.Not(this=missing(column(key.per)))
    if key.where is not None:
        considered = exp.and_(considered, lower(parse(key.where)), copy=False)
    order = [exp.Ordered(this=column(c), desc=True, nulls_first=False) for c in (key.order, *fact.key)]
    rank = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column(key.per), _year(fact, key.kind), one_if(considered)],
        order=exp.Order(expressions=order),
    )
    return exp.and_(exp.paren(considered), exp.EQ(this=rank, expression=number(1)), copy=False)


def condition(measurement: Measurement, latests: tuple[LatestKey, ...]) -> exp.Expr | None:
    """Which rows a measurement takes; None = all."""
    parts: list[exp.Expr] = []
    if measurement.latest is not None:
        parts.append(column(f"_latest{latests.index(measurement.latest)}"))
    if measurement.where is not None:
        parts.append(exp.paren(lower(parse(measurement.where)), copy=False))
    return exp.and_(*parts, copy=False) if parts else None


def _aggregate(m: Measurement, plan: TablePass) -> exp.Expr:
    where = condition(m, plan.latests)
    if m.function == "count":
        if m.operand != "*":
            present = exp.Not(this=missing(column(m.operand)))
            where = present if where is None else exp.and_(where, present, copy=False)
        return exp.Count(this=exp.Star()) if where is None else exp.CountIf(this=where)
    if m.function == "distinct":
        return exp.Count(this=exp.Distinct(expressions=[_only(where, column(m.operand))]))
    return exp.Sum(this=_only(where, addend(m)))


def addend(m: Measurement) -> exp.Expr:
    """What a sum adds: whole numbers as they are, others as whole millionths (see `MICRO`)."""
    value = lower(parse(m.operand))
    return cast(exp.paren(value, copy=False), "bigint") if m.integral else millionths(value)


def millionths(value: exp.Expr) -> exp.Expr:
    """A number as whole millionths, half-up; the same floating-point steps in every engine."""
    scaled = exp.Mul(this=cast(exp.paren(value, copy=False), "double"), expression=cast(number(MICRO), "double"))
    half = cast(exp.Literal.number("0.5"), "double")
    return cast(exp.Floor(this=exp.Add(this=scaled, expression=half)), "bigint")


def _only(where: exp.Expr | None, value: exp.Expr) -> exp.Expr:
    return value if where is None else exp.Case(ifs=[exp.If(this=where, true=value)])


def cells_query(sides: tuple[CellSide, ...]) -> exp.Select:
    """One query over the return cells: per return, period and area each side's sum (c0, …) and its cells found (n0,
    …)."""
    selected: list[exp.Expr] = [column("return"), column("period"), column("area")]
    for side in sides:
        branches = []
        for cell, weight in side.cells:
            signed = exp.Mul(this=millionths(column("value")), expression=exp.paren(_signed(weight), copy=False))
            branches.append(exp.If(this=_is_cell(side.return_id, cell), true=signed))
        any_cell = exp.or_(*(_is_cell(side.return_id, cell) for cell, _ in side.cells), copy=False)
        given = exp.and_(exp.paren(any_cell, copy=False), exp.Not(this=missing(column("value"))), copy=False)
        selected.append(_named(cast(exp.Sum(this=exp.Case(ifs=branches)), "bigint"), f"c{side.number}"))
        selected.append(_named(_found(given), f"n{side.number}"))
    returns = [exp.Literal.string(f) for f in sorted({s.return_id for s in sides})]
    return (
        exp.Select(expressions=selected)
        .from_(exp.Table(this=exp.to_identifier(CELLS_TABLE, quoted=True)), copy=False)
        .where(exp.In(this=column("return"), expressions=returns), copy=False)
        .group_by(column("return"), column("period"), column("area"), copy=False)
    )


def _is_cell(return_id: str, cell: str) -> exp.Expr:
    row, _, col = cell.partition(".")
    wanted = {"return": return_id, "row": row, "column": col}
    equal = (exp.EQ(this=column(name), expression=exp.Literal.string(text)) for name, text in wanted.items())
    return exp.and_(*equal, copy=False)


def _named(value: exp.Expr, name: str, *, quoted: bool = False) -> exp.Expr:
    """A value under a name; it becomes part of the result, without a copy."""
    return exp.Alias(this=value, alias=exp.to_identifier(name, quoted=quoted))


def _found(given: exp.Expr) -> exp.Expr:
    return cast(exp.Coalesce(this=exp.CountIf(this=given), expressions=[number(0)]), "bigint")


def _signed(weight: int) -> exp.Expr:
    return number(weight) if weight >= 0 else exp.Neg(this=number(-weight))
