"""An expression as a JSON tree that the browser walks (frontend/src/grid/formulas.js): no text is ever executed."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from qingmiao.content.expressions import Tree, arguments, date_value, function_name

_SIGNS: dict[type[exp.Expr], str] = {
    exp.And: "and", exp.Or: "or", exp.EQ: "=", exp.NEQ: "!=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/",
}  # fmt: skip


def browser_tree(node: Tree) -> list[Any]:
    """``["and", left, right]``, ``["cell", name]``, ``["constant", value]`` …; a number is ``{"number": "0.1"}``.

    Dates are texts ("2024-01-31"), whose order is that of the days; a missing constant is null.
    """
    match node:
        case exp.Paren():
            return browser_tree(node.this)
        case exp.Column():
            return ["cell", node.name]
        case exp.Literal():
            return ["constant", node.this if node.is_string else {"number": node.this}]
        case exp.Boolean():
            return ["constant", bool(node.this)]
        case exp.Null():
            return ["constant", None]
        case exp.Cast():
            return ["constant", date_value(node.this.this).isoformat()]
        case exp.Not():
            return ["not", browser_tree(node.this)]
        case exp.Neg():
            return ["negative", browser_tree(node.this)]
        case exp.Is():
            return ["missing", browser_tree(node.this)]
        case exp.In():
            return ["in", browser_tree(node.this), *map(browser_tree, node.expressions)]
        case exp.Between():
            return ["between", *map(browser_tree, (node.this, node.args["low"], node.args["high"]))]
        case exp.Case():
            branches = [[browser_tree(b.this), browser_tree(b.args["true"])] for b in node.args["ifs"]]
            default = node.args.get("default")
            return ["case", branches, browser_tree(default) if default is not None else ["constant", None]]
    if type(node) in _SIGNS:
        return [_SIGNS[type(node)], browser_tree(node.this), browser_tree(node.expression)]
    return [str(function_name(node)), *map(browser_tree, arguments(node))]
