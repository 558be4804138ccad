"""Codes in a form's expressions: a code field is compared with its own codes, a norm's function gets codes it knows."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from qingmiao.content.expressions import ExpressionError, Tree, arguments, function_name, norm_answers, parse
from qingmiao.content.faults import near
from qingmiao.content.forms import FormField
from qingmiao.content.norms import NORMS


def known_codes(tree: Tree, fields: Mapping[str, FormField]) -> None:
    """Raises ExpressionError for a comparison with a code that the field never holds, or a field that no norm reads."""
    for node in tree.walk():
        if isinstance(node, exp.EQ | exp.NEQ):
            _compared([node.this, node.expression], fields)
        elif isinstance(node, exp.In):
            _compared([node.this, *node.expressions], fields)
        elif function_name(node) == "has":
            _compared(arguments(node), fields, several=True)
        elif function_name(node) in NORMS:
            _read_by_norm(node, fields)


def codes_of(one: FormField) -> tuple[str, ...]:
    """The codes that a field may hold: its options, or those that a norm's function gives a computed one."""
    if one.compute is not None:
        try:
            return tuple(norm_answers(parse(one.compute)))
        except ExpressionError:
            return ()
    return tuple(o.code for o in one.options)


def _compared(sides: list[exp.Expr], fields: Mapping[str, FormField], *, several: bool = False) -> None:
    named = [fields[s.name] for s in sides if isinstance(s, exp.Column) and s.name in fields]
    for one in named:
        if several and one.type == "group":
            raise ExpressionError(f"「{one.id}」是重复组，不是多选", f"写 how_many({one.id})")
        options = codes_of(one)
        for side in sides:
            if options and isinstance(side, exp.Literal) and side.is_string and side.this not in options:
                raise ExpressionError(f"「{one.id}」没有代码「{side.this}」", near(side.this, list(options)))


def _read_by_norm(node: exp.Expr, fields: Mapping[str, FormField]) -> None:
    """A code field of which the norm knows no code would make its result missing for good."""
    norm = NORMS[str(function_name(node))]
    for part, want in zip(arguments(node), norm.arguments, strict=True):
        options = codes_of(fields[part.name]) if isinstance(part, exp.Column) and part.name in fields else ()
        known = want.known() if want.known is not None else ()
        if options and known and not set(options) & set(known):
            hint = f"它认识的代码：{'、'.join(known)}"
            raise ExpressionError(f"函数 {norm.name} 的 {want.name} 不认识「{part.name}」的代码", hint)
