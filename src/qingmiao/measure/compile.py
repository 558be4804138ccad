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
from qingmiao.measure.dialect import column, lower, number, one_if, year_of
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
        cells = exp.select(
            *(column(k) for k in keys),
            *(exp.alias_(_aggregate(m, plan), n) for m, n in zip(plan.measurements, names, strict=True)),
        ).from_(rows.subquery("_rows"))
        cells = cells.group_by(*(column(k) for k in keys), copy=False)
        source = cells.subquery("_cells")
        totals: list[exp.Expr] = [exp.Sum(this=column(n)) for n in names]
    else:
        source = rows.subquery("_rows")
        totals = [_aggregate(m, plan) for m in plan.measurements]
    select = exp.select(
        exp.alias_(_set_expression(keys), SET_COLUMN),
        *(_shown_key(k, plan) for k in keys),
        *(exp.alias_(_whole(m, t), n) for m, t, n in zip(plan.measurements, totals, names, strict=True)),
    ).from_(source)
    sets = [exp.Tuple(expressions=[column(c) for c in set_columns(s)]) for s in plan.sets]
    select.set("group", exp.Group(expressions=[exp.GroupingSets(expressions=sets)]))
    return select


def _whole(m: Measurement, total: exp.Expr) -> exp.Expr:
    # DuckDB's COUNT_IF is a sum: where the condition is missing in every row of a group it gives null instead of 0.
    counted = total if m.function == "sum" else exp.Coalesce(this=total, expressions=[number(0)])
    return exp.cast(counted, "bigint")


def _shown_key(name: str, plan: TablePass) -> exp.Expr:
    kind = "text" if name in plan.dims else None
    return exp.alias_(exp.cast(column(name), kind), name, quoted=True) if kind else column(name)


def _set_expression(keys: tuple[str, ...]) -> exp.Expr:
    total: exp.Expr = number(0)
    for i, key in enumerate(keys):
        grouping = exp.cast(exp.Anonymous(this="GROUPING", expressions=[column(key)]), "bigint")
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
    select = exp.select(
        *(column(c) for c in needed),
        *(exp.alias_(_year(fact, k), year_column(k)) for k in plan.kinds),
        *(exp.alias_(_newest(fact, key), f"_latest{i}") for i, key in enumerate(plan.latests)),
    ).from_(exp.Table(this=exp.to_identifier(fact.id, quoted=True)))
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
    days = [exp.cast(exp.Literal.string(d.isoformat()), "date") for d in (first, last)]
    return exp.Between(this=column(plan.fact.date or ""), low=days[0], high=days[1])


def _newest(fact: Fact, key: LatestKey) -> exp.Expr:
    """True in the newest row per person and year; ties go to the greatest key; a row without `per` is nobody's
    newest."""
    considered: exp.Expr = column(key.per).is_(exp.null()).not_()
    if key.where is not None:
        considered = exp.and_(considered, lower(parse(key.where)))
    order = [exp.Ordered(this=column(c), desc=True, nulls_first=False) for c in (key.order, *fact.key)]
    rank = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column(key.per), _year(fact, key.kind), one_if(considered)],
        order=exp.Order(expressions=order),
    )
    return exp.and_(exp.paren(considered), exp.EQ(this=rank, expression=number(1)))


def condition(measurement: Measurement, latests: tuple[LatestKey, ...]) -> exp.Expr | None:
    """Which rows a measurement takes; None = all."""
    parts: list[exp.Expr] = []
    if measurement.latest is not None:
        parts.append(column(f"_latest{latests.index(measurement.latest)}"))
    if measurement.where is not None:
        parts.append(exp.paren(lower(parse(measurement.where))))
    return exp.and_(*parts) if parts else None


def _aggregate(m: Measurement, plan: TablePass) -> exp.Expr:
    where = condition(m, plan.latests)
    if m.function == "count":
        if m.operand != "*":
            present = column(m.operand).is_(exp.null()).not_()
            where = present if where is None else exp.and_(where, present)
        return exp.Count(this=exp.Star()) if where is None else exp.CountIf(this=where)
    if m.function == "distinct":
        return exp.Count(this=exp.Distinct(expressions=[_only(where, column(m.operand))]))
    return exp.Sum(this=_only(where, addend(m)))


def addend(m: Measurement) -> exp.Expr:
    """What a sum adds: whole numbers as they are, others as whole millionths (see `MICRO`)."""
    value = lower(parse(m.operand))
    return exp.cast(exp.paren(value), "bigint") if m.integral else millionths(value)


def millionths(value: exp.Expr) -> exp.Expr:
    """A number as whole millionths, half-up; the same floating-point steps in every engine."""
    scaled = exp.Mul(this=exp.cast(exp.paren(value), "double"), expression=exp.cast(number(MICRO), "double"))
    half = exp.cast(exp.Literal.number("0.5"), "double")
    return exp.cast(exp.Floor(this=exp.Add(this=scaled, expression=half)), "bigint")


def _only(where: exp.Expr | None, value: exp.Expr) -> exp.Expr:
    return value if where is None else exp.Case(ifs=[exp.If(this=where, true=value)])


def cells_query(sides: tuple[CellSide, ...]) -> exp.Select:
    """One query over the return cells: per return, period and area each side's sum (c0, …) and its cells found (n0,
    …)."""
    selected: list[exp.Expr] = [column("return"), column("period"), column("area")]
    for side in sides:
        of_return = exp.EQ(this=column("return"), expression=exp.Literal.string(side.return_id))
        branches, any_cell = [], []
        for cell, weight in side.cells:
            row, _, col = cell.partition(".")
            is_cell = exp.and_(
                of_return.copy(),
                exp.EQ(this=column("row"), expression=exp.Literal.string(row)),
                exp.EQ(this=column("column"), expression=exp.Literal.string(col)),
            )
            signed = exp.Mul(this=millionths(column("value")), expression=exp.paren(_signed(weight)))
            branches.append(exp.If(this=is_cell, true=signed))
            any_cell.append(is_cell.copy())
        given = exp.and_(exp.paren(exp.or_(*any_cell)), column("value").is_(exp.null()).not_())
        selected.append(exp.alias_(exp.cast(exp.Sum(this=exp.Case(ifs=branches)), "bigint"), f"c{side.number}"))
        selected.append(exp.alias_(_found(given), f"n{side.number}"))
    returns = [exp.Literal.string(f) for f in sorted({s.return_id for s in sides})]
    return (
        exp.select(*selected)
        .from_(exp.Table(this=exp.to_identifier(CELLS_TABLE, quoted=True)))
        .where(exp.In(this=column("return"), expressions=returns))
        .group_by(column("return"), column("period"), column("area"))
    )


def _found(given: exp.Expr) -> exp.Expr:
    return exp.cast(exp.Coalesce(this=exp.CountIf(this=given), expressions=[number(0)]), "bigint")


def _signed(weight: int) -> exp.Expr:
    return number(weight) if weight >= 0 else exp.Neg(this=number(-weight))
