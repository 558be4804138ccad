"""Expressions over one row in plain Python, for the oracle: three-valued logic, decimals as doubles like the
engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlglot import exp

from qingmiao.content.expressions import arguments, function_name
from qingmiao.kernel.days import completed_months, completed_years

Row = dict[str, Any]
"""Column → value, None = missing. Any: numbers, texts, dates, booleans."""


def value_of(node: exp.Expr, row: Row) -> Any:
    """An expression over one row: SQL's three-valued logic on Python values, decimals as doubles, None = missing."""
    match node:
        case exp.Paren():
            return value_of(node.this, row)
        case exp.Column():
            return row[node.name]
        case exp.Literal():
            return node.this if node.is_string else (int(node.this) if node.this.isdigit() else float(node.this))
        case exp.Boolean():
            return bool(node.this)
        case exp.Null():
            return None
        case exp.Cast():
            return date.fromisoformat(node.this.this)
        case exp.And() | exp.Or():
            decides = isinstance(node, exp.Or)
            both = [value_of(node.this, row), value_of(node.expression, row)]
            return decides if decides in both else (None if None in both else not decides)
        case exp.Not():
            value = value_of(node.this, row)
            return None if value is None else not value
        case exp.Is():
            return value_of(node.this, row) is None
        case exp.In():
            equal = [_compare(exp.EQ, value_of(node.this, row), value_of(x, row)) for x in node.expressions]
            return True if True in equal else (None if None in equal else False)
        case exp.Between():
            low = _compare(exp.GTE, value_of(node.this, row), value_of(node.args["low"], row))
            high = _compare(exp.LTE, value_of(node.this, row), value_of(node.args["high"], row))
            return False if False in (low, high) else (None if None in (low, high) else True)
        case exp.Case():
            for branch in node.args["ifs"]:
                if value_of(branch.this, row) is True:
                    return value_of(branch.args["true"], row)
            return value_of(node.args["default"], row) if node.args.get("default") else None
        case exp.Neg():
            value = value_of(node.this, row)
            return None if value is None else -value
        case exp.Binary():
            return _compare(type(node), value_of(node.this, row), value_of(node.expression, row))
    return _call(function_name(node) or "", [value_of(a, row) for a in arguments(node)])


def _compare(kind: type[exp.Expr], a: Any, b: Any) -> Any:
    if a is None or b is None:
        return None
    if kind is exp.Div:
        return None if b == 0 else float(a) / float(b)
    return _BINARY[kind](a, b)


_BINARY: dict[type[exp.Expr], Callable[[Any, Any], Any]] = {
    exp.EQ: lambda a, b: a == b, exp.NEQ: lambda a, b: a != b, exp.LT: lambda a, b: a < b, exp.LTE: lambda a, b: a <= b,
    exp.GT: lambda a, b: a > b, exp.GTE: lambda a, b: a >= b, exp.Add: lambda a, b: a + b, exp.Sub: lambda a, b: a - b,
    exp.Mul: lambda a, b: a * b,
}  # fmt: skip


def _call(name: str, values: list[Any]) -> Any:
    present = [v for v in values if v is not None]
    if name in ("coalesce", "least", "greatest"):
        if not present:
            return None
        return present[0] if name == "coalesce" else (min(present) if name == "least" else max(present))
    if len(present) < len(values):
        return None
    if name == "abs":
        return abs(values[0])
    if name in ("has", "how_many"):
        return values[1] in values[0] if name == "has" else len(values[0])
    if name in ("year_of", "month_of"):
        return values[0].year if name == "year_of" else values[0].month
    birth, day = values
    if name == "age_days":
        return (day - birth).days
    return completed_months(birth, day) if name == "age_months" else completed_years(birth, day)
