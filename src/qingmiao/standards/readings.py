"""Columns of cells as days, numbers or identities: each different text is read once, by the kernel's rules.

Whatever could not be read is null in the column and named by row with the nearest right value; blank cells are null
and not named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qingmiao.kernel.day_texts import read_day, read_day_number
from qingmiao.kernel.days import FIRST_YEAR, LAST_YEAR
from qingmiao.kernel.identifiers import (
    Identifier,
    read_identifier,
    read_identifier_number,
)
from qingmiao.kernel.misread import BLANK, MisreadError, half_width
from qingmiao.kernel.number_texts import read_number
from qingmiao.standards.china import china_days

Cell: TypeAlias = str | int | float | None
Values: TypeAlias = pa.Array | pa.ChunkedArray
_FIRST, _LAST = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)


@dataclass(frozen=True, slots=True)
class Reading:
    """A column that was read: n values, null where blank or misread."""

    values: pa.Array
    bad: NDArray[np.bool_]
    """(n,) cells that hold something that could not be read."""
    changed: NDArray[np.bool_]
    """(n,) identities that were put right (width, blanks, a small x, a whole number stored as a decimal)."""
    cells: pa.Array
    """The cells as they came, to quote."""
    errors: Mapping[Any, MisreadError]
    """Why, by the cell's content."""

    def faults(self) -> Iterator[tuple[int, str, MisreadError]]:
        """(row from 0, the cell's text, why) of every misread cell, in order."""
        for row in np.flatnonzero(self.bad).tolist():
            cell = self.cells[row].as_py()
            yield row, str(cell), self.errors[cell]


def read_days(values: Values) -> Reading:
    """A column as ``date32`` days in China: dates and timestamps of any unit and zone, texts, numbers (Excel
    serials)."""
    values = _plain(values)
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        days = china_days(values)
        outside = pc.or_(pc.less(days, pa.scalar(_FIRST)), pc.greater(days, pa.scalar(_LAST)))
        lost = pc.and_(values.is_valid(), pc.invert(days.is_valid()))
        bad = pc.or_kleene(outside.fill_null(False), lost).to_numpy(zero_copy_only=False)
        cells = values.cast(pa.string())
        wrong = {cells[int(row)].as_py() for row in np.flatnonzero(bad)}
        errors = {
            text: MisreadError("year_out_of_range", f"「{text}」的年份不在 {FIRST_YEAR}–{LAST_YEAR} 年之间")
            for text in wrong
        }
        days = pc.if_else(pa.array(bad), pa.scalar(None, pa.date32()), days)
        return Reading(days, bad, np.zeros(len(values), dtype=bool), cells, errors)
    return _distinct(
        values, lambda cell: read_day(cell) if isinstance(cell, str) else read_day_number(cell), pa.date32()
    )


def read_numbers(values: Values) -> Reading:
    """A column as ``float64``: numbers of any type, texts by :func:`qingmiao.kernel.number_texts.read_number`. Infinity
    is misread."""
    values = _plain(values)
    if not _is_text(values.type):
        if not (_is_number(values.type) or pa.types.is_null(values.type)):
            raise TypeError(f"{values.type} is no column of numbers")
        numbers = pc.if_else(values.is_valid(), values.cast(pa.float64(), safe=False), pa.scalar(None, pa.float64()))
        numbers = pc.if_else(pc.is_nan(numbers).fill_null(False), pa.scalar(None, pa.float64()), numbers)
        if pc.all(pc.is_finite(numbers)).as_py() is not False:
            nothing = np.zeros(len(values), dtype=bool)
            return Reading(numbers, nothing, nothing, values, {})
        values = numbers
    return _distinct(values, lambda cell: read_number(cell if isinstance(cell, str) else repr(cell)), pa.float64())


def as_written(values: pa.Array) -> pa.Array:
    """Numbers of less than double precision as the decimals that people see: a single 4.8 is 4.8, not 4.80000019."""
    if pa.types.is_float16(values.type):
        values = values.cast(pa.float32())
    return values.cast(pa.string()).cast(pa.float64()) if pa.types.is_float32(values.type) else values


def read_by(values: Values, rule: Callable[[str], float]) -> Reading:
    """A column of texts as ``float64`` by one's own rule, which raises `MisreadError`; blank cells are null."""
    return _distinct(
        _plain(values), lambda cell: None if half_width(str(cell)) in BLANK else rule(str(cell)), pa.float64()
    )


def read_identifiers(values: Values) -> Reading:
    """A column as identities (text): texts by :func:`qingmiao.kernel.identifiers.read_identifier`, whole numbers digit
    for digit.

    A column of decimals is read where every digit is certain (below 2**53) and counts as changed.
    """
    values = _plain(values)
    if not (_is_text(values.type) or pa.types.is_floating(values.type)):
        values = values.cast(pa.string())
    return _distinct(values, _identity, pa.string())


def _identity(cell: Cell) -> Identifier | None:
    return read_identifier_number(cell) if isinstance(cell, int | float) else read_identifier(cell)


def _distinct(values: pa.Array, read: Callable[[Any], Any], kind: pa.DataType) -> Reading:
    """Each different cell read once; the answers put back in their rows."""
    encoded = values.dictionary_encode(null_encoding="mask")
    found: list[Any] = []
    errors: dict[Any, MisreadError] = {}
    wrong, changed = [], []
    for cell in encoded.dictionary.to_pylist():
        try:
            value = read(cell)
        except MisreadError as error:
            value, errors[cell] = None, error
        wrong.append(cell in errors)
        changed.append(isinstance(value, Identifier) and value.changed)
        found.append(value.text if isinstance(value, Identifier) else value)
    place = encoded.indices.fill_null(len(found)).to_numpy(zero_copy_only=False)
    return Reading(
        pa.array([*found, None], type=kind).take(pa.array(place)),
        np.array([*wrong, False])[place],
        np.array([*changed, False])[place],
        values,
        errors,
    )


def _plain(values: Values) -> pa.Array:
    """One array without dictionary, text as ``string``."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks() if values.num_chunks != 1 else values.chunk(0)
    if isinstance(values, pa.ChunkedArray):  # nothing in it
        values = pa.array([], type=values.type)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    values = as_written(values)
    return values.cast(pa.string()) if _is_text(values.type) else values


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
