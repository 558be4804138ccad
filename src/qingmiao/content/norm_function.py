"""What a function of a published norm is, for forms: its arguments, its result, its source; the arguments that many
have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from qingmiao.content.base import Label
from qingmiao.kernel.days import completed_months

Kind = Literal["number", "text", "boolean", "date"]
Value = Decimal | str | bool | None
Compute = Callable[..., Value]


REMEMBERED = 1 << 16
"""So many results of norms a process remembers."""


@dataclass(frozen=True)
class Argument:
    """One argument: its type, what it is, its unit; `known`: the texts it takes; `may_be_missing`: it may be empty."""

    name: str
    kind: Kind
    words: str
    unit: str = ""
    known: Callable[[], Sequence[str]] | None = None
    may_be_missing: bool = False


@dataclass(frozen=True)
class NormFunction:
    """One function. `answers`: the codes that a text result may be, with their words; `source`: the norm."""

    name: str
    label: str
    arguments: tuple[Argument, ...]
    gives: Kind
    source: str
    compute: Compute
    answers: Mapping[str, Label] = field(default_factory=dict)

    def __call__(self, *values: Any) -> Value:
        """The result for values in the order of the arguments; None where one is missing that may not be."""
        given = zip(self.arguments, values, strict=True)
        if any(v is None and not a.may_be_missing for a, v in given):
            return None
        return _computed(self.compute, *map(_as_read, values))


@lru_cache(maxsize=REMEMBERED, typed=True)
def _computed(compute: Compute, *values: Any) -> Value:
    """A norm gives the same for the same values, and in a class many have the same."""
    return compute(*values)


def _as_read(value: Any) -> Any:
    """A value as the norms read it: numbers are doubles there."""
    return float(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def words_of_codes(**labels: str) -> Mapping[str, Label]:
    """Code → label, the English one from the code."""
    return {code: Label(zh=zh, en=code.replace("_", " ")) for code, zh in labels.items()}


SEX = Argument("sex", "text", "性别代码（M 男、F 女）", known=lambda: ("M", "F"))
BORN = Argument("birth_date", "date", "出生日期")
ON = Argument("on", "date", "测量、检查或判定的日期")
LENGTH = Argument("length_cm", "number", "身长或身高", "厘米")
HEIGHT = Argument("height_cm", "number", "身高", "厘米")
WEIGHT = Argument("weight_kg", "number", "体重", "千克")
HEAD = Argument("head_cm", "number", "头围", "厘米")
MEASURED = Argument("measured", "text", "量法（L 卧位身长、H 立位身高）", known=lambda: ("L", "H"), may_be_missing=True)

OEDEMA = Argument("oedema", "boolean", "有营养不良性水肿", may_be_missing=True)


def age_in_days(born: date, on: date) -> int | None:
    """Completed days from birth to a day; None before birth."""
    return (on - born).days if on >= born else None


def age_in_months(born: date, on: date) -> int | None:
    """Completed months from birth to a day; None before birth."""
    return completed_months(born, on) if on >= born else None


def plain(value: Any) -> Value:
    """A norm's number, label or truth as an expression holds it: digits as printed, never an infinity."""
    if value is None or isinstance(value, bool | str):
        return value
    number = Decimal(repr(float(value)))
    return number if number.is_finite() else None
