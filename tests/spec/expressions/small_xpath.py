"""As much of XPath 1.0 with ODK's functions as compiled forms use, to try them without a phone. Two-valued, doubles,
texts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>\d+(?:\.\d+)?)|\$\{(?P<name>[\w.]+)\}"
    r"|(?P<word>[a-z][a-z\-]*)|(?P<sign><=|>=|!=|[-+*=<>(),.]))"
)
_EPOCH = date(1970, 1, 1)
_LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div"))


def xpath(text: str, answers: Mapping[str, str]) -> Any:
    """The value of an XPath over answers, all of them texts ("" = empty)."""
    tokens = []
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        assert found, text[at:]
        tokens.append((str(found.lastgroup), str(found[str(found.lastgroup)])))
        at = found.end()
    parser = _Parser(tokens, answers)
    value = parser.level(0)
    assert not parser.tokens, parser.tokens
    return value


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], answers: Mapping[str, str]) -> None:
        self.tokens, self.answers = tokens, answers

    def next(self, *texts: str) -> str:
        if self.tokens and self.tokens[0][0] in ("word", "sign") and self.tokens[0][1] in texts:
            return self.tokens.pop(0)[1]
        return ""

    def level(self, n: int) -> Any:
        if n == len(_LEVELS):
            return self.one()
        left = self.level(n + 1)
        while sign := self.next(*_LEVELS[n]):
            left = _operate(sign, left, self.level(n + 1))
        return left

    def one(self) -> Any:
        if self.next("("):
            inner = self.level(0)
            assert self.next(")")
            return inner
        kind, text = self.tokens.pop(0)
        if kind == "text":
            return text[1:-1]
        if kind == "number":
            return float(text)
        if kind == "name":
            return self.answers[text]
        assert kind == "word", text
        assert self.next("(")
        args = []
        while not self.next(")"):
            args.append(self.level(0))
            self.next(",")
        return FUNCTIONS[text](*args)


def number(value: Any) -> float:
    """XPath's number(): an empty text is not a number; a day counts from 1970."""
    if isinstance(value, date):
        return float((value - _EPOCH).days)
    try:
        return float(value)
    except ValueError:
        return math.nan


def _operate(sign: str, a: Any, b: Any) -> Any:
    if sign in ("and", "or"):
        return (truth(a) and truth(b)) if sign == "and" else (truth(a) or truth(b))
    if sign in ("=", "!="):
        if isinstance(a, bool) or isinstance(b, bool):
            same = truth(a) == truth(b)
        elif isinstance(a, float) or isinstance(b, float):
            same = number(a) == number(b)
        else:
            same = str(a) == str(b)
        return same is (sign == "=")
    x, y = number(a), number(b)
    if sign == "div":
        return x / y if y else math.copysign(math.inf, x) if x else math.nan
    made: dict[str, Callable[[], Any]] = {
        "<": lambda: x < y, "<=": lambda: x <= y, ">": lambda: x > y, ">=": lambda: x >= y,
        "+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y,
    }  # fmt: skip
    return made[sign]()


def truth(value: Any) -> bool:
    """XPath's boolean()."""
    return value if isinstance(value, bool) else bool(value) and value == value


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    return _EPOCH + timedelta(days=int(value)) if isinstance(value, float) else date.fromisoformat(value)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "true": lambda: True, "false": lambda: False, "not": lambda x: not truth(x), "number": number,
    "if": lambda c, a, b: a if truth(c) else b, "abs": lambda x: abs(number(x)),
    "round": lambda x, n=0.0: math.floor(number(x) * 10 ** int(n) + 0.5) / 10 ** int(n),
    "selected": lambda chosen, code: code in chosen.split(),
    "count-selected": lambda chosen: float(len(chosen.split())),
    "concat": lambda *parts: "".join(map(str, parts)),
    "substr": lambda text, a, b: text[int(a) : int(b)],
    "date": lambda x: _day(x) if x != "" and x == x else "",
    "decimal-date-time": lambda x: number(_day(x)) if x != "" else math.nan,
    "format-date": lambda x, mark: f"{_day(x):{mark}}" if x != "" else "",
}  # fmt: skip
