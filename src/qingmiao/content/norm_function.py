"""What a function of a published norm is, for forms: its arguments, its result, its source; the arguments that many
have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from qingmiao.content.base import Label

if TYPE_CHECKING:  # whoever only reads a pack waits for no arrays
    import numpy as np

Kind = Literal["number", "text", "boolean", "date"]
Value = Decimal | str | bool | None
Compute = Callable[..., Sequence[Value]]
"""Columns of the arguments (n,) as `_column` makes them → the results (n,), None for none."""


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
    """One function. `answers`: the codes that a text result may be, with their words; `source`: the norm. `compute`
    works by columns: one row is a column of one."""

    name: str
    label: str
    arguments: tuple[Argument, ...]
    gives: Kind
    source: str
    compute: Compute
    answers: Mapping[str, Label] = field(default_factory=dict)

    def __call__(self, *values: Any) -> Value:
        """The result for values in the order of the arguments; None where one is missing that may not be."""
        return _remembered(self, *values) if self._whole(values) else None

    def over_values(self, given: Sequence[tuple[Sequence[Any], np.ndarray[Any, Any]]]) -> list[Value]:
        """The result of every row, as the row by itself gives it, computed at once. `given`: of each argument its
        different values, the first of which is None, and where the value of each row (n,) stands among them."""
        import numpy as np

        whole = np.ones(len(given[0][1]), dtype=bool)
        for argument, (_, places) in zip(self.arguments, given, strict=True):
            whole &= argument.may_be_missing | (places > 0)
        rows = np.flatnonzero(whole)
        found: list[Value] = [None] * len(whole)
        if len(rows):
            columns = [
                _column(a.kind, values)[places[rows]] for a, (values, places) in zip(self.arguments, given, strict=True)
            ]
            for n, value in zip(rows.tolist(), self.compute(*columns), strict=True):
                found[n] = value
        return found

    def _whole(self, values: Sequence[Any]) -> bool:
        given = zip(self.arguments, values, strict=True)
        return all(v is not None or a.may_be_missing for a, v in given)

    def __hash__(self) -> int:
        return hash(self.name)


@lru_cache(maxsize=REMEMBERED, typed=True)
def _remembered(norm: NormFunction, *values: Any) -> Value:
    """A norm gives the same for the same values, and in a class many have the same."""
    import numpy as np

    return norm.over_values([([None, v], np.array([int(v is not None)])) for v in values])[0]


def _column(kind: Kind, values: Sequence[Any]) -> np.ndarray[Any, Any]:
    """Values as the norms read them: numbers are doubles there (NaN for none), days `datetime64[D]`, others objects."""
    import numpy as np

    if kind == "number":
        return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)
    return np.array(values, dtype="datetime64[D]" if kind == "date" else object)


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


def ages_in_days(born: np.ndarray[Any, Any], on: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Completed days from birth to a day; NaN before birth or without a day."""
    import numpy as np

    days = (on - born).astype(np.float64)
    return np.where(on >= born, days, np.nan)


def ages_in_months(born: np.ndarray[Any, Any], on: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Completed months from birth to a day; NaN before birth or without a day."""
    import numpy as np

    from qingmiao.standards.screening.dates import completed_months

    return np.where(on >= born, completed_months(born, on), np.nan)


def plain(column: Any) -> list[Value]:
    """A norm's numbers, labels or truths as expressions hold them: digits as printed, never an infinity."""
    import numpy as np

    values, absent = np.ma.getdata(column).tolist(), np.ma.getmaskarray(np.ma.asanyarray(column)).tolist()
    told = {v: _plain(v) for v in dict.fromkeys(values) if v is not None}
    return [None if none else told.get(v) for v, none in zip(values, absent, strict=True)]


def _plain(value: Any) -> Value:
    if isinstance(value, bool | str):
        return value
    number = Decimal(repr(float(value)))
    return number if number.is_finite() else None
