"""What SQL dialects differ in, and how the packs' functions are lowered to plain SQL.

A second engine adds a `Dialect` here and a runner (see `engine.Runner`); nothing else knows which engine runs.
Rules that hold in every engine: a division by zero is missing, a decimal literal is a double, an age is completed as
`qingmiao.kernel.days` says: on the same day of the month, on the month's last day where it has no such day (born on 29
February: a year is completed on 28 February; born on the 31st: a month is completed on the 30th of a month of 30 days).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from qingmiao.content.expressions import Tree, arguments, function_name
from qingmiao.kernel.periods import PeriodKind


@dataclass(frozen=True)
class Dialect:
    """One SQL dialect; `name` is sqlglot's."""

    name: str

    def sql(self, tree: exp.Expr) -> str:
        """The text of a tree in this dialect; the tree is used up."""
        return tree.sql(dialect=self.name, copy=False)


Kind = Literal["double", "bigint", "date", "text"]
"""A type that values are cast to."""

DUCKDB = Dialect("duckdb")
SPARK = Dialect("spark")


def sql_text(tree: Tree, dialect: str) -> str:
    """A pack's expression as the text of one dialect, columns quoted, the packs' functions lowered."""
    return lower(tree).sql(dialect=dialect, copy=False)


def column(name: str) -> exp.Column:
    """A quoted column."""
    return exp.column(name, quoted=True)


def cast(value: exp.Expr, kind: Kind) -> exp.Expr:
    """A value as another type; the value becomes part of the result, without a copy."""
    return exp.cast(value, exp.DataType.Type[kind.upper()], copy=False)


def missing(value: exp.Expr) -> exp.Expr:
    """Whether a value is missing; it becomes part of the result, without a copy."""
    return exp.Is(this=value, expression=exp.null())


def lower(tree: Tree) -> exp.Expr:
    """A pack's expression as plain SQL: quoted columns, double literals, guarded divisions, ages by calendar."""
    return _lower(tree)


def _lower(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Column):
        return column(node.name)
    if isinstance(node, exp.Literal):
        return node.copy() if node.is_string or node.this.isdigit() else cast(node.copy(), "double")
    if isinstance(node, exp.Cast):
        return node.copy()
    if isinstance(node, exp.Div):
        top = cast(_lower(node.this), "double")
        return exp.Div(this=top, expression=exp.Nullif(this=_lower(node.expression), expression=number(0)))
    name = function_name(node)
    if name is not None and name in _LOWERED:
        return exp.paren(_LOWERED[name](*(_lower(a) for a in arguments(node))), copy=False)
    return type(node)(**{key: _lower_argument(value) for key, value in node.args.items()})


def _lower_argument(value: object) -> object:
    if isinstance(value, list):
        return [_lower_argument(x) for x in value]
    return _lower(value) if isinstance(value, exp.Expr) else value


def number(value: int) -> exp.Expr:
    """An integer literal."""
    return exp.Literal.number(value)


def one_if(condition: exp.Expr) -> exp.Expr:
    """1 when the condition is true, else 0 (also when it is missing)."""
    return exp.Case(ifs=[exp.If(this=condition, true=number(1))], default=number(0))


def year_of(day: exp.Expr, kind: PeriodKind) -> exp.Expr:
    """The year in which a date is counted; the same rule as `PeriodKind.year_of`."""
    year, month = exp.Year(this=day.copy()), exp.Month(this=day.copy())
    if kind is PeriodKind.SCHOOL_YEAR:
        return exp.Sub(this=year, expression=one_if(exp.LT(this=month, expression=number(kind.first_month))))
    if kind is PeriodKind.MCH_YEAR:
        return exp.Add(this=year, expression=one_if(exp.GTE(this=month, expression=number(kind.first_month))))
    return year


def _age_days(birth: exp.Expr, day: exp.Expr) -> exp.Expr:
    return exp.DateDiff(this=day, expression=birth, unit=exp.var("DAY"))


def _age_months(birth: exp.Expr, day: exp.Expr) -> exp.Expr:
    years = exp.Sub(this=_year(day), expression=_year(birth))
    months = exp.Add(this=exp.Mul(this=exp.paren(years), expression=number(12)), expression=_month(day))
    return exp.Sub(
        this=exp.Sub(this=months, expression=_month(birth)),
        expression=one_if(_before_the_day(birth, day)),
    )


def _age_years(birth: exp.Expr, day: exp.Expr) -> exp.Expr:
    same_month = exp.EQ(this=_month(day), expression=_month(birth))
    not_yet = exp.or_(
        exp.LT(this=_month(day), expression=_month(birth)),
        exp.and_(same_month, _before_the_day(birth, day), copy=False),
        copy=False,
    )
    return exp.Sub(this=exp.Sub(this=_year(day), expression=_year(birth)), expression=one_if(not_yet))


def _before_the_day(birth: exp.Expr, day: exp.Expr) -> exp.Expr:
    """Whether the month of `day` has not yet reached the day of birth; its last day always has."""
    earlier = exp.LT(this=_day(day), expression=_day(birth))
    return exp.and_(earlier, exp.NEQ(this=day.copy(), expression=exp.LastDay(this=day.copy())), copy=False)


def _year(day: exp.Expr) -> exp.Expr:
    return exp.Year(this=day.copy())


def _month(day: exp.Expr) -> exp.Expr:
    return exp.Month(this=day.copy())


def _day(day: exp.Expr) -> exp.Expr:
    return exp.Day(this=day.copy())


_LOWERED: dict[str, Callable[..., exp.Expr]] = {
    "age_days": _age_days,
    "age_months": _age_months,
    "age_years": _age_years,
    "year_of": _year,
    "month_of": _month,
    "has": lambda chosen, code: exp.ArrayContains(this=chosen, expression=code),
    "how_many": lambda chosen: exp.ArraySize(this=chosen),
}
