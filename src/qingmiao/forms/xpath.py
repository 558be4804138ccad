"""Expressions as XPath for XLSForm. XPath knows only true and false, so "is true" and "is false" are compiled apart.

A missing answer is an empty text there, and a division by zero an infinity: every value carries a guard that says when
it is present, and is read under its guard only. Numbers are doubles in the programs that run XLSForms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from qingmiao.content.expressions import Tree, Type, arguments, check_types, date_value, function_name
from qingmiao.kernel.errors import UserError

TRUE, FALSE = "true()", "false()"
YES, NO = "'yes'", "'no'"


@dataclass(frozen=True)
class XPath:
    """Compiles the expressions of one form. `own` is the field that is written ``.`` (in its own constraint).

    `times` are the fields that hold a time of day, `groups` the repeated groups with the guard under which they are
    shown.
    """

    types: Mapping[str, Type]
    times: frozenset[str] = frozenset()
    groups: Mapping[str, str] | None = None
    own: str = ""

    def is_true(self, node: Tree) -> str:
        """XPath that holds exactly when the expression is true (not when it is missing)."""
        return self._truth(node, True)

    def is_false(self, node: Tree) -> str:
        """XPath that holds exactly when the expression is false."""
        return self._truth(node, False)

    def calculation(self, node: Tree, decimals: int | None = None) -> str:
        """XPath of a value, the empty text where it is missing; a truth is yes or no."""
        if self._type(node) == "boolean":
            return f"if({self.is_true(node)}, {YES}, if({self.is_false(node)}, {NO}, ''))"
        value = self.value(node)
        if decimals is not None:
            value = f"round({value}, {decimals})"
        guard = self.present(node)
        return value if guard == TRUE else f"if({guard}, {value}, '')"

    def present(self, node: Tree) -> str:
        """XPath that holds when the expression is not missing."""
        match node:
            case exp.Paren():
                return self.present(node.this)
            case exp.Column():
                if self.groups is not None and node.name in self.groups:
                    return self.groups[node.name]
                return f"{self._name(node.name)} != ''"
            case exp.Literal() | exp.Boolean() | exp.Cast():
                return TRUE
            case exp.Null():
                return FALSE
            case exp.Neg():
                return self.present(node.this)
            case exp.Div():
                divisor = f"{self.value(node.expression)} != 0"
                return _all(self.present(node.this), self.present(node.expression), divisor)
            case exp.Add() | exp.Sub() | exp.Mul():
                return _all(self.present(node.this), self.present(node.expression))
            case exp.Case():
                return self._branches(node, self.present, FALSE)
        if self._type(node) == "boolean":
            return _any(self.is_true(node), self.is_false(node))
        name = function_name(node)
        parts = [self.present(a) for a in arguments(node)]
        return _any(*parts) if name in ("coalesce", "least", "greatest") else _all(*parts)

    def value(self, node: Tree) -> str:
        """XPath of a value that is present: a number, a text or a day."""
        match node:
            case exp.Paren():
                return self.value(node.this)
            case exp.Column():
                return self._name(node.name)
            case exp.Literal():
                return _quoted(node.this) if node.is_string else node.this
            case exp.Cast():
                return f"date('{date_value(node.this.this).isoformat()}')"
            case exp.Null():
                return "''"
            case exp.Neg():
                return f"(0 - {self.value(node.this)})"
            case exp.Add() | exp.Sub() | exp.Mul():
                sign = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}[type(node)]
                return f"({self.value(node.this)} {sign} {self.value(node.expression)})"
            case exp.Div():
                below = self.value(node.expression)
                return f"({self.value(node.this)} div if({below} = 0, 1, {below}))"
            case exp.Case():
                return self._branches(node, self.value, "''")
        return self._call(node)

    def _call(self, node: Tree) -> str:
        name, args = function_name(node), arguments(node)
        if self._type(node) == "boolean":
            raise UserError(f"XLSForm 写不了「{node.sql()}」")
        values = [self.value(a) for a in args]
        if name == "coalesce":
            return self._first(args)
        if name in ("least", "greatest"):
            return self._extreme("<" if name == "least" else ">", args)
        match name:
            case "abs":
                return f"abs({values[0]})"
            case "how_many":
                column = args[0]
                counted = isinstance(column, exp.Column) and column.name in (self.groups or {})
                return f"count({values[0]})" if counted else f"count-selected({values[0]})"
            case "year_of":
                return _part(values[0], "%Y")
            case "month_of":
                return _part(values[0], "%m")
            case "age_days":
                return f"round({_days(values[1])} - {_days(values[0])})"
            case "age_months" | "age_years":
                return _age(values[0], values[1], years=name == "age_years")
        raise UserError(f"XLSForm 写不了「{node.sql()}」")

    def _first(self, args: list[exp.Expr]) -> str:
        text = "''"
        for one in reversed(args):
            text = f"if({self.present(one)}, {self.value(one)}, {text})"
        return text

    def _extreme(self, sign: str, args: list[exp.Expr]) -> str:
        """The least or greatest of what is present, pair by pair."""
        first, rest = args[0], args[1:]
        if not rest:
            return self.value(first)
        if self._type(first) not in ("number", "date") and self._type(rest[0]) not in ("number", "date"):
            raise UserError("XLSForm 不能比较文字的大小（least、greatest）")
        other = self._extreme(sign, rest)
        some = _any(*(self.present(a) for a in rest))
        nearer = f"{self._ordered(first, self.value(first))} {sign} {self._ordered(first, other)}"
        chosen = f"if({nearer}, {self.value(first)}, {other})"
        return f"if(not({some}), {self.value(first)}, if(not({self.present(first)}), {other}, {chosen}))"

    def _truth(self, node: Tree, wanted: bool) -> str:
        match node:
            case exp.Paren():
                return self._truth(node.this, wanted)
            case exp.Boolean():
                return TRUE if bool(node.this) is wanted else FALSE
            case exp.Null():
                return FALSE
            case exp.Column():
                return f"{self._name(node.name)} = {YES if wanted else NO}"
            case exp.Not():
                return self._truth(node.this, not wanted)
            case exp.And() | exp.Or():
                sides = (self._truth(node.this, wanted), self._truth(node.expression, wanted))
                return _all(*sides) if isinstance(node, exp.And) is wanted else _any(*sides)
            case exp.Is():
                present = self.present(node.this)
                return _not(present) if wanted else present
            case exp.In():
                equal = [self._compare("=", node.this, x) for x in node.expressions]
                hit = _any(*equal)
                return _all(self.present(node.this), hit if wanted else _not(hit))
            case exp.Between():
                low, high = node.args["low"], node.args["high"]
                if wanted:
                    return _all(self._decided(exp.GTE(this=node.this, expression=low), True),
                                self._decided(exp.LTE(this=node.this, expression=high), True))  # fmt: skip
                return _any(self._decided(exp.GTE(this=node.this, expression=low), False),
                            self._decided(exp.LTE(this=node.this, expression=high), False))  # fmt: skip
            case exp.Case():
                return self._branches(node, lambda x: self._truth(x, wanted), FALSE)
        if isinstance(node, exp.Binary):
            return self._decided(node, wanted)
        name, args = function_name(node), arguments(node)
        if name == "has":
            chosen = f"selected({self.value(args[0])}, {self.value(args[1])})"
            guard = (self.present(args[0]), self.present(args[1]))
            return _all(*guard, chosen if wanted else _not(chosen))
        if name == "coalesce":
            text = FALSE
            for one in reversed(args):
                text = _any(self._truth(one, wanted), _all(_not(self.present(one)), text))
            return text
        raise UserError(f"XLSForm 写不了「{node.sql()}」")

    def _decided(self, node: exp.Binary, wanted: bool) -> str:
        """A comparison that is true (or false): both sides present, and the sign (or its contrary) holds."""
        left, right = node.this, node.expression
        sign = _SIGNS[type(node)]
        if self._type(left) == "boolean" or self._type(right) == "boolean":
            if sign not in ("=", "!="):
                raise UserError(f"XLSForm 不能比较真假的大小：「{node.sql()}」")
            same = (sign == "=") is wanted
            both = _all(self._truth(left, True), self._truth(right, same))
            neither = _all(self._truth(left, False), self._truth(right, not same))
            return _any(both, neither)
        shown = self._compare(sign if wanted else _CONTRARY[sign], left, right)
        return _all(self.present(left), self.present(right), shown)

    def _compare(self, sign: str, left: Tree, right: Tree) -> str:
        if self._is_time(left) or self._is_time(right):
            return f"{self._minutes(left)} {sign} {self._minutes(right)}"
        kind = self._type(left) if self._type(left) != "null" else self._type(right)
        if kind == "text" and sign not in ("=", "!="):
            raise UserError(f"XLSForm 不能比较文字的大小：「{left.sql()} {sign} {right.sql()}」")
        of = left if self._type(left) != "null" else right
        return f"{self._ordered(of, self.value(left))} {sign} {self._ordered(of, self.value(right))}"

    def _ordered(self, node: Tree, value: str) -> str:
        return _days(value) if self._type(node) == "date" else value

    def _is_time(self, node: Tree) -> bool:
        return isinstance(node, exp.Column) and node.name in self.times

    def _minutes(self, node: Tree) -> str:
        """A time of day in minutes: programs hold it as 08:30:00.000+08:00."""
        if isinstance(node, exp.Literal):
            hour, _, minute = node.this.partition(":")
            if not (hour.isdigit() and minute.isdigit()):
                raise UserError(f"「{node.this}」不是钟点；写成 '08:30'")
            return str(int(hour) * 60 + int(minute))
        text = self.value(node)
        return f"(number(substr({text}, 0, 2)) * 60 + number(substr({text}, 3, 5)))"

    def _branches(self, node: exp.Case, of: Callable[[Tree], str], otherwise: str) -> str:
        default = node.args.get("default")
        text = of(default) if default is not None else otherwise
        for branch in reversed(node.args["ifs"]):
            text = f"if({self.is_true(branch.this)}, {of(branch.args['true'])}, {text})"
        return text

    def _type(self, node: Tree) -> Type:
        return check_types(node, self.types, norms=True)

    def _name(self, name: str) -> str:
        return "." if name == self.own else f"${{{name}}}"


_SIGNS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "!=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_CONTRARY = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _quoted(text: str) -> str:
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    parts = [f"'{p}'" for p in text.split("'")]
    return "concat(" + ', "\'", '.join(parts) + ")"


def _all(*parts: str) -> str:
    if FALSE in parts:
        return FALSE
    kept = list(dict.fromkeys(p for p in parts if p != TRUE))
    if not kept:
        return TRUE
    return kept[0] if len(kept) == 1 else "(" + " and ".join(kept) + ")"


def _any(*parts: str) -> str:
    if TRUE in parts:
        return TRUE
    kept = list(dict.fromkeys(p for p in parts if p != FALSE))
    if not kept:
        return FALSE
    return kept[0] if len(kept) == 1 else "(" + " or ".join(kept) + ")"


def _not(text: str) -> str:
    return FALSE if text == TRUE else TRUE if text == FALSE else f"not({text})"


def _days(day: str) -> str:
    return f"decimal-date-time({day})"


def _part(day: str, mark: str) -> str:
    return f"number(format-date({day}, '{mark}'))"


def _age(birth: str, day: str, *, years: bool) -> str:
    """Completed months or years; in a month that has no such day its last day completes it."""
    last = f"format-date(date({_days(day)} + 1), '%d') = '01'"
    early = f"({_part(day, '%d')} < {_part(birth, '%d')} and not({last}))"
    if not years:
        between = f"({_part(day, '%Y')} - {_part(birth, '%Y')}) * 12 + {_part(day, '%m')} - {_part(birth, '%m')}"
        return f"({between} - if({early}, 1, 0))"
    month, born = _part(day, "%m"), _part(birth, "%m")
    not_yet = f"({month} < {born} or ({month} = {born} and {early}))"
    return f"({_part(day, '%Y')} - {_part(birth, '%Y')} - if({not_yet}, 1, 0))"
