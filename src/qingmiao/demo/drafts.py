"""A table on its way to a file: numpy columns, and how each becomes an Arrow column of the fact's type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qingmiao.content.facts import Column

Array: TypeAlias = NDArray[Any]  # numbers, dates or truths: the column's type in the pack decides


@dataclass(frozen=True)
class Coded:
    """A column of few different texts: `index` into `values`, -1 where missing."""

    index: Array
    values: tuple[str, ...]

    def take(self, rows: Array) -> Coded:
        """The given rows (positions or truths)."""
        return Coded(self.index[rows], self.values)


@dataclass(frozen=True)
class NumberedIds:
    """A column of ids: prefix and a number padded to `width`; -1 is a missing id."""

    prefix: str
    number: Array
    width: int = 8

    def take(self, rows: Array) -> NumberedIds:
        """The given rows (positions or truths)."""
        return NumberedIds(self.prefix, self.number[rows], self.width)


Values: TypeAlias = Array | Coded | NumberedIds
Draft: TypeAlias = dict[str, Values]
"""Column name → values of equal length. Missing: NaN, NaT, -1 in Coded and Numbered, -1 in an int8 truth, None in
text."""


def length(draft: Mapping[str, Values]) -> int:
    """How many rows a draft has."""
    first = next(iter(draft.values()))
    if isinstance(first, Coded):
        return len(first.index)
    return len(first.number) if isinstance(first, NumberedIds) else len(first)


def take(draft: Mapping[str, Values], rows: Array) -> Draft:
    """Some rows of a draft, in the order given."""
    return {n: v.take(rows) if isinstance(v, Coded | NumberedIds) else v[rows] for n, v in draft.items()}


def joined(parts: list[Draft]) -> Draft:
    """Drafts of one table one below the other."""
    return {name: _join([p[name] for p in parts]) for name in parts[0]}


def _join(values: list[Values]) -> Values:
    first = values[0]
    if isinstance(first, Coded):
        return Coded(np.concatenate([v.index for v in values if isinstance(v, Coded)]), first.values)
    if isinstance(first, NumberedIds):
        numbers = [v.number for v in values if isinstance(v, NumberedIds)]
        return NumberedIds(first.prefix, np.concatenate(numbers), first.width)
    return np.concatenate([v for v in values if isinstance(v, np.ndarray)])


ARROW = {
    "text": pa.string(),
    "code": pa.dictionary(pa.int16(), pa.string()),
    "area": pa.dictionary(pa.int16(), pa.string()),
    "integer": pa.int32(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}


def arrow_codes(index: Array, values: tuple[str, ...]) -> pa.Array:
    """Codes by position as a dictionary column; -1 is missing."""
    return pa.DictionaryArray.from_arrays(
        pa.array(index.astype(np.int16), mask=index < 0), pa.array(values, pa.string())
    )


def arrow(values: Values, column: Column) -> pa.Array:
    """The Arrow column of a fact's column type."""
    kind = ARROW[column.type]
    if isinstance(values, Coded):
        coded = arrow_codes(values.index, values.values)
        return coded if pa.types.is_dictionary(kind) else coded.cast(pa.string())
    if isinstance(values, NumberedIds):
        digits = pc.cast(pa.array(values.number, mask=values.number < 0), pa.string())
        return pc.binary_join_element_wise(values.prefix, pc.utf8_lpad(digits, values.width, "0"), "")
    if column.type == "boolean":
        return pa.array(values == 1, pa.bool_(), mask=values < 0)
    if column.type == "integer":
        if values.dtype.kind == "f":
            return pa.array(np.where(np.isnan(values), 0, values).astype(np.int32), mask=np.isnan(values))
        return pa.array(values.astype(np.int32))
    if column.type == "date":
        return pa.array(values.astype("datetime64[D]"), pa.date32())
    if column.type == "number":
        return pa.array(values.astype(np.float64), pa.float64(), from_pandas=True)
    return pa.array(values.tolist(), pa.string())


def reading(values: Array, step: float) -> Array:
    """What an instrument with marks every `step` shows (nearest mark); this is measuring, not rounding a published
    figure."""
    return np.rint(np.asarray(values) / step) * step if step >= 1 else np.rint(values / step) / round(1 / step)
