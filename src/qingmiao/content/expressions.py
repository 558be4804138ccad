"""Expressions in packs: a whitelisted subset of SQL scalar expressions, parsed to a tree, typed, never executed as
text.

Allowed: columns, literals ('text', numbers, true, false, null, date '2020-01-31'), ``+ - * /``, comparisons,
``and or not``, ``in (literal, …)``, ``between``, ``is [not] null``, ``case when``, and the functions of `FUNCTIONS`.
Everything else (statements, subqueries, other functions, parameters, comments) is an error that names what and why.
Forms may also call the functions of published norms (`norms.NORMS`); no other expression may.
Meaning: SQL's three-valued logic; a division by zero is missing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from qingmiao.content.base import Label
from qingmiao.content.norm_function import NormFunction
from qingmiao.content.norms import NORMS

Type = Literal["number", "text", "boolean", "date", "list", "place", "null"]
Tree = exp.Expr

MAX_LENGTH = 4000

FUNCTIONS: dict[str, tuple[tuple[Type, ...], Type]] = {
    "age_days": (("date", "date"), "number"),
    "age_months": (("date", "date"), "number"),
    "age_years": (("date", "date"), "number"),
    "year_of": (("date",), "number"),
    "month_of": (("date",), "number"),
    "abs": (("number",), "number"),
    "has": (("list", "text"), "boolean"),
    "how_many": (("list",), "number"),
}
"""Function → (types of its arguments, type of its result). Ages are completed days, months, years from the first date
to the second, by the rule of `qingmiao.kernel.days`. `has`: one of several chosen codes; `how_many`: chosen codes or
rows of a repeated group."""

VARIADIC = {"coalesce", "least", "greatest", "add_all"}
"""Functions of one or more arguments of one type; `add_all` is written ``sum(a, b, …)`` in the rules of returns."""


class ExpressionError(ValueError):
    """An expression that is not allowed; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def parse(text: str) -> Tree:
    """Parse and whitelist one expression. Functions that SQL does not know stay `exp.Anonymous` (lower-case names).

    Raises ExpressionError. Identifiers are lower-cased unless quoted.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"表达式太长（{len(text)} 字，最多 {MAX_LENGTH}）", "拆成派生列")
    if full := _full_width(text):
        raise ExpressionError(f"表达式「{_short(text)}」里有全角标点", f"用半角，不用「{'」「'.join(full)}」")
    try:
        trees = sqlglot.parse(text, read="duckdb")
    except SqlglotError:
        raise ExpressionError(f"表达式「{_short(text)}」写法有误", _slip(text)) from None
    except RecursionError:
        raise ExpressionError("表达式嵌套太深", "拆成派生列") from None
    if len(trees) != 1 or trees[0] is None:
        raise ExpressionError(f"「{_short(text)}」应是一个表达式", "不要写分号或多条语句")
    tree = trees[0]
    for node in tree.walk():
        _allow(node, text)
    return tree


_PLAIN: tuple[type[exp.Expr], ...] = (
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Add, exp.Sub, exp.Mul, exp.Div,
    exp.Neg, exp.Paren, exp.Between, exp.Literal, exp.Boolean, exp.Null, exp.Identifier, exp.Case, exp.If,
    exp.Abs, exp.Coalesce, exp.Least, exp.Greatest, exp.DataType,
)  # fmt: skip


def _allow(node: exp.Expr, text: str) -> None:
    if node.comments:
        raise ExpressionError(f"「{_short(text)}」里有注释", "删去注释")
    if isinstance(node, exp.Column):
        if node.table:
            raise ExpressionError(f"列名「{node.sql()}」带了表名", "只写列名")
        return
    if isinstance(node, exp.In):
        if node.args.get("query") or node.args.get("unnest") or not node.expressions:
            raise ExpressionError("in 后面要写常量列表", "写成 in ('a', 'b')")
        if not all(isinstance(_unwrapped(x), exp.Literal | exp.Cast) for x in node.expressions):
            raise ExpressionError("in 的列表里只能是常量", "写成 in ('a', 'b')")
        return
    if isinstance(node, exp.Is):
        if not isinstance(node.expression, exp.Null):
            raise ExpressionError("is 只能写成 is null 或 is not null", "比较用 =")
        return
    if isinstance(node, exp.Cast):
        target = node.args["to"]
        literal = node.this
        if type(node) is exp.Cast and target.this == exp.DataType.Type.DATE and isinstance(literal, exp.Literal):
            date_value(literal.this)
            return
        raise ExpressionError(f"不允许类型转换「{node.sql()}」", "日期常量写成 date '2020-01-31'")
    if isinstance(node, exp.Anonymous):
        name = str(node.this).lower()
        if name not in FUNCTIONS and name not in VARIADIC and name not in NORMS:
            raise _unknown_function(name)
        if name in FUNCTIONS and len(node.expressions) != len(FUNCTIONS[name][0]):
            raise ExpressionError(f"函数 {name} 要 {len(FUNCTIONS[name][0])} 个参数")
        if name in NORMS and len(node.expressions) != len(NORMS[name].arguments):
            wanted = "、".join(a.name for a in NORMS[name].arguments)
            raise ExpressionError(
                f"函数 {name} 要 {len(NORMS[name].arguments)} 个参数", f"依次是 {wanted}；没有的写 null"
            )
        return
    if type(node) not in _PLAIN:
        if isinstance(node, exp.Func):
            raise _unknown_function(node.sql_name().lower())
        raise ExpressionError(
            f"表达式里不允许这种写法：「{_short(node.sql())}」",
            "只能用列、常量、四则、比较、逻辑和列出的函数",
        )
    if isinstance(node, exp.Literal) and not node.is_string:
        float(node.this)


def _unwrapped(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren | exp.Neg):
        node = node.this
    return node


def date_value(text: str) -> date:
    """The date of a literal; ExpressionError when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ExpressionError(f"「{text}」不是日期", "写成 date '2020-01-31'") from None


def columns_of(tree: Tree) -> tuple[str, ...]:
    """The column names an expression reads, in order of appearance, each once."""
    return tuple(dict.fromkeys(c.name for c in tree.find_all(exp.Column)))


def function_name(node: exp.Expr) -> str | None:
    """The lower-case name of an allowed function node, or None."""
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    for kind, name in (
        (exp.Abs, "abs"),
        (exp.Coalesce, "coalesce"),
        (exp.Least, "least"),
        (exp.Greatest, "greatest"),
    ):
        if isinstance(node, kind):
            return name
    return None


def arguments(node: exp.Expr) -> list[exp.Expr]:
    """The arguments of a function node, in order."""
    if isinstance(node, exp.Anonymous):
        return list(node.expressions)
    return [node.this, *node.expressions] if node.this is not None else list(node.expressions)


def check_types(tree: Tree, columns: Mapping[str, Type], *, norms: bool = False) -> Type:
    """The type of an expression over typed columns. Raises ExpressionError for an unknown column or types that do not
    fit, and for a function of a published norm unless `norms` allows them (forms do)."""
    return _Typer(columns, norms).of(tree)


def norms_of(tree: Tree) -> tuple[str, ...]:
    """The functions of published norms that an expression calls, each once."""
    named = (str(x.this).lower() for x in tree.find_all(exp.Anonymous))
    return tuple(dict.fromkeys(n for n in named if n in NORMS))


def norm_answers(tree: Tree) -> Mapping[str, Label]:
    """Code → words of what one call of a norm's function with codes gives; empty for any other expression."""
    name = function_name(_unwrapped(tree))
    return NORMS[name].answers if name in NORMS else {}


class _Typer:
    def __init__(self, columns: Mapping[str, Type], norms: bool) -> None:
        self.columns, self.norms = columns, norms

    def of(self, node: exp.Expr) -> Type:
        if isinstance(node, exp.Paren):
            return self.of(node.this)
        if isinstance(node, exp.Column):
            return self._column(node.name)
        if isinstance(node, exp.Literal):
            return "text" if node.is_string else "number"
        if isinstance(node, exp.Boolean):
            return "boolean"
        if isinstance(node, exp.Null):
            return "null"
        if isinstance(node, exp.Cast):
            return "date"
        if isinstance(node, exp.And | exp.Or):
            self._need(node, "boolean", node.this, node.expression)
            return "boolean"
        if isinstance(node, exp.Not):
            self._need(node, "boolean", node.this)
            return "boolean"
        if isinstance(node, exp.Is):
            self.of(node.this)
            return "boolean"
        if isinstance(node, exp.In):
            self._same(node, [node.this, *node.expressions])
            return "boolean"
        if isinstance(node, exp.Between):
            self._same(node, [node.this, node.args["low"], node.args["high"]])
            return "boolean"
        if isinstance(node, exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE):
            self._same(node, [node.this, node.expression])
            return "boolean"
        if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div):
            self._need(node, "number", node.this, node.expression)
            return "number"
        if isinstance(node, exp.Neg):
            self._need(node, "number", node.this)
            return "number"
        if isinstance(node, exp.Case):
            return self._case(node)
        return self._function(node)

    def _column(self, name: str) -> Type:
        if name not in self.columns:
            near = difflib.get_close_matches(name, self.columns, n=1, cutoff=0.6)
            hint = f"是不是「{near[0]}」" if near else "可用：" + "、".join(list(self.columns)[:20])
            raise ExpressionError(f"没有列「{name}」", hint)
        return self.columns[name]

    def _need(self, node: exp.Expr, wanted: Type, *parts: exp.Expr) -> None:
        for part in parts:
            got = self.of(part)
            if got not in (wanted, "null"):
                raise ExpressionError(
                    f"「{_short(node.sql())}」里的「{_short(part.sql())}」是{TYPE_WORDS[got]}，应为{TYPE_WORDS[wanted]}"
                )

    def _same(self, node: exp.Expr, parts: Iterable[exp.Expr]) -> Type:
        found: Type = "null"
        for part in parts:
            got = self.of(part)
            if found == "null":
                found = got
            elif got not in (found, "null"):
                raise ExpressionError(
                    f"「{_short(node.sql())}」把{TYPE_WORDS[found]}和{TYPE_WORDS[got]}放在一起",
                    "两边类型要相同",
                )
        if found in ("list", "place"):
            hint = "写 has(字段, '代码')、how_many(字段) 或 字段 is null" if found == "list" else "写 字段 is null"
            raise ExpressionError(f"「{_short(node.sql())}」：{TYPE_WORDS[found]}不能这样比较", hint)
        return found

    def _case(self, node: exp.Case) -> Type:
        if node.this is not None:
            raise ExpressionError("case 要写成 case when 条件 then 值 … end")
        results: list[exp.Expr] = []
        for branch in node.args["ifs"]:
            self._need(node, "boolean", branch.this)
            results.append(branch.args["true"])
        if node.args.get("default") is not None:
            results.append(node.args["default"])
        return self._same(node, results)

    def _function(self, node: exp.Expr) -> Type:
        name = function_name(node)
        if name is None:
            raise ExpressionError(f"不允许「{_short(node.sql())}」")
        args = arguments(node)
        if name in FUNCTIONS:
            wanted, result = FUNCTIONS[name]
            for part, want in zip(args, wanted, strict=True):
                self._need(node, want, part)
            return result
        if name in NORMS:
            return self._norm(node, NORMS[name], args)
        if name == "add_all":
            self._need(node, "number", *args)
            return "number"
        return self._same(node, args)

    def _norm(self, node: exp.Expr, norm: NormFunction, args: list[exp.Expr]) -> Type:
        if not self.norms:
            hint = "指标和事实表按标准评定，用事实表的派生列（scored）；统计报表的规则不能用"
            raise ExpressionError(f"函数 {norm.name} 按公布的标准计算，只能写在表单里", hint)
        for part, want in zip(args, norm.arguments, strict=True):
            self._need(node, want.kind, part)
            known = want.known() if want.known is not None else ()
            if known and isinstance(part, exp.Literal) and part.is_string and part.this not in known:
                hint = "可用：" + "、".join(known)
                raise ExpressionError(f"函数 {norm.name} 的 {want.name} 没有「{part.this}」", hint)
        return norm.gives


TYPE_WORDS: dict[Type, str] = {
    "number": "数",
    "text": "文字",
    "boolean": "真假",
    "date": "日期",
    "list": "多选或重复组",
    "place": "位置",
    "null": "空值",
}
"""The types of expressions in the words of people."""


def _unknown_function(name: str) -> ExpressionError:
    known = [*FUNCTIONS, *sorted(VARIADIC - {"add_all"})]
    near = difflib.get_close_matches(name, [*known, *NORMS], n=1, cutoff=0.6)
    return ExpressionError(f"不允许函数「{name}」", f"是不是「{near[0]}」" if near else "可用：" + "、".join(known))


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"


def _full_width(text: str) -> list[str]:
    bare = re.sub(r"'[^']*'", "", text)
    return [c for c in "（），＝＜＞＋－＊／’‘“”　" if c in bare]


def _slip(text: str) -> str:
    """What most likely makes an expression unreadable."""
    bare = re.sub(r"'[^']*'", "", text)
    if "'" in bare:
        return "单引号没有配对"
    if bare.count("(") != bare.count(")"):
        return "括号没有配对"
    return "检查括号、引号和运算符"


_CELL = re.compile(r"(last)?\[([A-Za-z0-9*]+)\.([A-Za-z0-9*]+)\]")


def rule_text(check: str) -> str:
    """A return's rule as an expression: ``[01.2]`` becomes the column "01.2", ``last[01.2]`` the column "last.01.2"."""
    text = _CELL.sub(lambda m: f'"{"last." if m[1] else ""}{m[2]}.{m[3]}"', check)
    return re.sub(r"\bsum\s*\(", "add_all(", text)


def rule_cells(check: str) -> tuple[str, ...]:
    """The cells that a rule names, as written ("01.2", "*.1"), without ``last``."""
    return tuple(dict.fromkeys(f"{m[2]}.{m[3]}" for m in _CELL.finditer(check)))


def expand_rule(check: str, rows: Iterable[str], columns: Iterable[str]) -> tuple[str, ...]:
    """A rule with ``*`` for rows and/or columns, once for each code."""
    cells = list(_CELL.finditer(check))
    by_row = any(m[2] == "*" for m in cells)
    by_column = any(m[3] == "*" for m in cells)
    fill: Callable[[str, str], str] = lambda r, c: _CELL.sub(  # noqa: E731
        lambda m: f"{m[1] or ''}[{r if m[2] == '*' else m[2]}.{c if m[3] == '*' else m[3]}]", check
    )
    return tuple(fill(r, c) for r in (rows if by_row else [""]) for c in (columns if by_column else [""]))
