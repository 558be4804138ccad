"""A form and its expressions as JSON that the browser walks (frontend/src/form): no text is ever executed.

Right answers and their scores stay on the server.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from qingmiao.content.expressions import Tree, arguments, date_value, function_name, norm_answers
from qingmiao.content.norms import NORMS
from qingmiao.forms.fill import ROWS_MAX
from qingmiao.forms.kinds import KINDS, LONG_TEXT_MAX, TEXT_MAX
from qingmiao.forms.ready import ReadyCheck, ReadyField, ReadyForm

_SIGNS: dict[type[exp.Expr], str] = {
    exp.And: "and", exp.Or: "or", exp.EQ: "=", exp.NEQ: "!=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/",
}  # fmt: skip


def browser_tree(node: Tree) -> list[Any]:
    """``["and", left, right]``, ``["cell", name]``, ``["constant", value]`` …; a number is ``{"number": "0.1"}``.

    A function of a norm is ``["norm", name, argument …]``: the browser asks the server for its value.
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
    name, args = str(function_name(node)), [browser_tree(a) for a in arguments(node)]
    return ["norm", name, *args] if name in NORMS else [name, *args]


def browser_form(ready: ReadyForm) -> dict[str, Any]:
    """What a browser needs to show, compute and judge a form as `fill` does: its fields from top to bottom and its
    checks."""
    return {"fields": [_field(f) for f in ready.fields], "checks": [_check(c) for c in ready.checks]}


def _field(one: ReadyField) -> dict[str, Any]:
    limits = {k: format(v, ".15g") for k, v in (("min", one.field.min), ("max", one.field.max)) if v is not None}
    trees = {
        k: browser_tree(v)
        for k, v in (("show_if", one.show_if), ("required_if", one.required_if), ("compute", one.compute))
        if v is not None
    }
    found: dict[str, Any] = {
        "id": one.id,
        "type": one.type,
        "label": {"zh": one.field.words, "en": (one.field.label.en if one.field.label else "") or one.field.words},
        "unit": one.field.unit,
        "must": one.field.always_required,
        "answered": KINDS[one.type].answered,
        "checks": [_check(c) for c in one.checks],
        **limits,
        **trees,
    }
    if one.compute is not None and one.choices:
        answers = norm_answers(one.compute)
        found["labels"] = {code: {"zh": label.zh, "en": label.en} for code, label in answers.items()}
    if one.type == "code":
        found |= {"choices": list(one.choices), "multiple": one.field.multiple}
    if one.type in ("text", "long_text"):
        found["longest"] = LONG_TEXT_MAX if one.type == "long_text" else TEXT_MAX
    if one.field.decimals is not None:
        found["decimals"] = one.field.decimals
    if one.type == "group":
        found |= {"repeat": one.field.repeat, "fields": [_field(f) for f in one.fields]}
        if one.field.repeat:
            found |= {"rows": [int(one.field.min or 0), rows_most(one)]}
    return found


def rows_most(one: ReadyField) -> int:
    """The most rows that a repeated group takes."""
    return int(one.field.max) if one.field.max is not None else ROWS_MAX


def _check(ready: ReadyCheck) -> dict[str, Any]:
    message = ready.check.message
    return {
        "id": ready.check.id,
        "level": ready.check.level,
        "tree": browser_tree(ready.tree),
        "message": {"zh": message.zh, "en": message.en or message.zh},
    }
