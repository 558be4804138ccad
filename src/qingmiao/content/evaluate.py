"""Evaluate an expression tree over one row in plain Python, with SQL's three-valued logic.

Used where rows are few (rules of returns, cases); bulk data goes through the measuring engine.
Numbers are compared as given; use Decimal where equality of sums matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlglot import exp

from qingmiao.content.expressions import arguments, date_value, function_name
from qingmiao.content.norms import NORMS
from qingmiao.kernel.days import completed_months, completed_years

Row = Mapping[str, Any]
"""Column → value; None is missing. Any: a row holds numbers, text, dates and booleans."""


def evaluate(node: exp.Expr, row: Row) -> Any:
    """The value of `node` over `row`: number, text, date, bool, or None for missing."""
    if isinstance(node, exp.Paren):
        return evaluate(node.this, row)
    if isinstance(node, exp.Column):
        return row.get(node.name)
    if isinstance(node, exp.Literal):
        return node.this if node.is_string else _number(node.this)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Cast):
        return date_value(node.this.this)
    if isinstance(node, exp.And):
        left, right = evaluate(node.this, row), evaluate(node.expression, row)
        if left is False or right is False:
            return False
        return None if left is None or right is None else True
    if isinstance(node, exp.Or):
        left, right = evaluate(node.this, row), evaluate(node.expression, row)
        if left is True or right is True:
            return True
        return None if left is None or right is None else False
    if isinstance(node, exp.Not):
        value = evaluate(node.this, row)
        return None if value is None else not value
    if isinstance(node, exp.Is):
        return evaluate(node.this, row) is None
    if isinstance(node, exp.In):
        return _in(evaluate(node.this, row), [evaluate(x, row) for x in node.expressions])
    if isinstance(node, exp.Between):
        value = evaluate(node.this, row)
        low, high = evaluate(node.args["low"], row), evaluate(node.args["high"], row)
        sides = (_compared(exp.GTE, value, low), _compared(exp.LTE, value, high))
        return False if False in sides else (None if None in sides else True)
    if isinstance(node, exp.Case):
        for branch in node.args["ifs"]:
            if evaluate(branch.this, row) is True:
                return evaluate(branch.args["true"], row)
        default = node.args.get("default")
        return None if default is None else evaluate(default, row)
    if isinstance(node, exp.Neg):
        value = evaluate(node.this, row)
        return None if value is None else -value
    if isinstance(node, exp.Binary):
        return _binary(node, evaluate(node.this, row), evaluate(node.expression, row))
    return _function(node, row)


def _number(text: str) -> int | Decimal:
    return int(text) if text.isdigit() else Decimal(text)


def _in(value: Any, items: list[Any]) -> bool | None:
    if value is None:
        return None
    if value in [x for x in items if x is not None]:
        return True
    return None if None in items else False


def _binary(node: exp.Binary, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    left, right = _exact(left), _exact(right)
    match node:
        case exp.EQ():
            return left == right
        case exp.NEQ():
            return left != right
        case exp.LT():
            return left < right
        case exp.LTE():
            return left <= right
        case exp.GT():
            return left > right
        case exp.GTE():
            return left >= right
        case exp.Add():
            return left + right
        case exp.Sub():
            return left - right
        case exp.Mul():
            return left * right
        case exp.Div():
            return None if right == 0 else Decimal(left) / Decimal(right)
    raise ValueError(f"not allowed here: {node.sql()}")


def _compared(kind: type[exp.Binary], left: Any, right: Any) -> Any:
    return _binary(kind(), left, right)


def _exact(value: Any) -> Any:
    return Decimal(repr(value)) if isinstance(value, float) else value


def _function(node: exp.Expr, row: Row) -> Any:
    name = function_name(node)
    values = [evaluate(a, row) for a in arguments(node)]
    if name == "coalesce":
        return next((v for v in values if v is not None), None)
    if name in ("least", "greatest"):
        present = [v for v in values if v is not None]
        return None if not present else (min(present) if name == "least" else max(present))
    if name in NORMS:
        return NORMS[name](*values)
    if any(v is None for v in values):
        return None
    match name:
        case "abs":
            return abs(values[0])
        case "has":
            return values[1] in values[0]
        case "how_many":
            return len(values[0])
        case "add_all":
            return sum(_exact(v) for v in values)
        case "year_of":
            return values[0].year
        case "month_of":
            return values[0].month
        case "age_days":
            return (values[1] - values[0]).days
        case "age_months":
            return completed_months(values[0], values[1])
        case "age_years":
            return completed_years(values[0], values[1])
    raise ValueError(f"not allowed here: {node.sql()}")
