"""One adapter for column tables: any table in, NumPy columns to work on, the same kind of table out.

A *table* is an Arrow table or record batch, a Polars or pandas data frame (through narwhals), or a dict of
NumPy arrays. Scoring code sees only these column forms, all of length n:

========  =======================================  ==================
meaning   NumPy form                               missing value
========  =======================================  ==================
number    ``float64``                              NaN
whole     ``numpy.ma`` of an integer type          masked
truth     ``numpy.ma`` of ``bool``                 masked
text      ``object`` array of ``str``              ``None``
code      ``int8`` (position in a code list)       0 blank, -1 unknown
========  =======================================  ==================

Given back to an Arrow or Polars table, missing becomes null; to pandas and dicts, the forms above stay
(masked becomes pandas' nullable type). Reading and writing files is in :mod:`qingmiao.standards.files`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qingmiao.kernel.misread import MisreadError, half_width
from qingmiao.standards.readings import (
    Reading,
    as_written,
    read_by,
    read_days,
    read_identifiers,
    read_numbers,
)
from qingmiao.standards.words import nearest_word

if TYPE_CHECKING:
    import narwhals as nw

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int8]
Texts: TypeAlias = NDArray[np.object_]
Column: TypeAlias = NDArray[Any]
"""Any of the forms above; ``numpy.ma.MaskedArray`` is an ``ndarray``."""
Dates: TypeAlias = NDArray[np.datetime64]
"""``datetime64[D]``; missing is NaT."""
Table: TypeAlias = Any
"""An Arrow, Polars or pandas table, or a dict of arrays: a structural union that has no common base class."""


class ColumnError(ValueError):
    """A table that cannot be scored: a needed column is missing or has the wrong type. Names the column."""

    def __init__(self, message: str, *, column: str | None = None) -> None:
        super().__init__(message)
        self.column = column


class Columns:
    """NumPy view of one table's columns; :meth:`with_columns` gives the same kind of table back.

    What could not be read stands in :attr:`unread` by column. With ``lenient`` a text that is no number is missing and
    stands there too; without it, it raises :class:`ColumnError`.
    """

    def __init__(self, table: Table, *, lenient: bool = False) -> None:
        self._native = table
        self._frame: nw.DataFrame[Any] | None = None
        self._arrow: pa.Table | None = None
        self.lenient = lenient
        self.unread: dict[str, Reading] = {}
        """Columns that were read and hold cells that nothing could be made of."""
        self.doubtful: dict[str, Reading] = {}
        """Columns with values that were used as they stand and are hardly right: to be looked at."""
        if isinstance(table, Columns):
            self._native, self._frame, self._arrow = table._native, table._frame, table._arrow
            self.lenient, self.unread, self.doubtful = table.lenient, table.unread, table.doubtful
            self.names: tuple[str, ...] = table.names
            self.length: int = table.length
        elif isinstance(table, Mapping):
            arrays = {str(name): np.ma.asanyarray(values) for name, values in table.items()}
            lengths = {array.shape for array in arrays.values()}
            if len(lengths) > 1 or any(len(shape) != 1 for shape in lengths):
                shapes = "，".join(f"{name} {array.shape}" for name, array in arrays.items())
                raise ColumnError(f"各列的长度不同或不是一维：{shapes}")
            self._native = dict(table)
            self.names = tuple(arrays)
            self.length = next(iter(lengths))[0] if lengths else 0
        elif isinstance(table, pa.Table | pa.RecordBatch):
            self._arrow = table if isinstance(table, pa.Table) else pa.Table.from_batches([table])
            self.names = tuple(self._arrow.column_names)
            self.length = self._arrow.num_rows
        else:
            import narwhals as nw

            try:
                self._frame = nw.from_native(table, eager_only=True)
            except TypeError as error:
                raise ColumnError(
                    f"不认识的表：{type(table).__name__}；可用 Arrow、Polars、pandas 或数组字典"
                ) from error
            self.names = tuple(self._frame.columns)
            self.length = len(self._frame)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __len__(self) -> int:
        return self.length

    def require(self, *names: str) -> None:
        """Raise :class:`ColumnError` naming the first of ``names`` that the table lacks."""
        for name in names:
            if name not in self.names:
                raise ColumnError(f"缺少列 {name}；现有的列：{'、'.join(self.names)}", column=name)

    def _values(self, name: str) -> Any:  # an Arrow chunked array, a narwhals series or an array
        self.require(name)
        if self._arrow is not None:
            return self._arrow.column(name)
        if self._frame is not None:
            return self._frame.get_column(name)
        return self._native[name]

    def floats(self, name: str) -> Floats:
        """Column as ``float64``, missing as NaN; an absent column is all NaN.

        Text that is a number is taken as that number (full width and thousands commas too); blank text and ``NA`` are
        missing. Any other text is unread, or raises :class:`ColumnError` with the first bad row (counted from 1).
        """
        if name not in self.names:
            return np.full(self.length, np.nan)
        values = self._values(name)
        if self._frame is not None:
            import narwhals as nw

            if values.dtype == nw.Float32:
                values = as_written(values.to_arrow()).to_numpy(zero_copy_only=False)
            elif values.dtype.is_numeric():
                values = values.cast(nw.Float64).to_numpy()
            else:
                values = values.to_numpy()
        elif self._arrow is not None:
            values = _arrow_floats(values)
        if isinstance(values, np.ma.MaskedArray) and values.dtype.kind != "O":
            values = np.ma.filled(values.astype(np.float64), np.nan)
        array = np.asarray(np.ma.filled(values, None) if isinstance(values, np.ma.MaskedArray) else values)
        if array.dtype.kind == "O":
            array = _as_numbers(array)
        if array.dtype.kind == "f" and array.dtype.itemsize < 8:
            array = as_written(pa.array(array, from_pandas=True)).to_numpy(zero_copy_only=False)
        if array.dtype.kind in "fiub":
            numbers = np.ascontiguousarray(array, dtype=np.float64)
            if self.lenient and np.isinf(numbers).any():
                return self._numbers(name, pa.array(numbers, from_pandas=True))
            return numbers
        return self._numbers(name, _to_arrow(array, text=True))

    def read(self, name: str, rule: Callable[[str], float]) -> Floats:
        """Column as ``float64`` by ``rule``, called once for each different text that is not blank; it may raise
        MisreadError.

        What it refuses is missing and :attr:`unread` (or raises :class:`ColumnError`); a column of numbers is taken as
        it is, an absent one is all NaN.
        """
        if name not in self.names or self._is_numeric(name):
            return self.floats(name)
        return self._floats_of(name, read_by(pa.array(self.texts(name), type=pa.string()), rule))

    def _is_numeric(self, name: str) -> bool:
        values = self._values(name)
        if self._frame is not None:
            return bool(values.dtype.is_numeric())
        if self._arrow is not None:
            kind = values.type
            return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
        return np.asanyarray(values).dtype.kind in "fiu"

    def _numbers(self, name: str, values: pa.Array) -> Floats:
        return self._floats_of(name, read_numbers(values))

    def _floats_of(self, name: str, reading: Reading) -> Floats:
        if reading.bad.any():
            if not self.lenient:
                row, _, error = next(reading.faults())
                raise ColumnError(f"列 {name} 第 {row + 1} 行：{error}", column=name)
            self.unread[name] = reading
        found: Floats = reading.values.to_numpy(zero_copy_only=False)
        return found.astype(np.float64, copy=False)

    def days(self, name: str) -> tuple[Dates, NDArray[np.bool_]]:
        """Column as days in China (dates, timestamps, texts, Excel serials), and which cells hold something else.

        An absent column is all NaT; blank cells are NaT and not bad; bad ones are NaT and :attr:`unread`.
        """
        if name not in self.names:
            return np.full(self.length, np.datetime64("NaT", "D")), np.zeros(self.length, dtype=bool)
        values = self._values(name)
        if self._frame is not None:
            values = values.to_arrow()
        elif self._arrow is None:
            values = _to_arrow(np.ma.asanyarray(values), text=True)
        reading = read_days(values)
        if reading.bad.any():
            self.unread[name] = reading
        dates = reading.values.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
        found = dates.astype("datetime64[D]")
        found[~np.asarray(reading.values.is_valid())] = np.datetime64("NaT", "D")
        return found, reading.bad

    def reject(
        self, name: str, bad: NDArray[np.bool_], why: Callable[[str], MisreadError], *, kept: bool = False
    ) -> None:
        """Count cells that were read, and whose value cannot be right, among the :attr:`unread`; ``why`` is asked once
        a text.

        ``kept``: the value is used all the same; the cells stand among the :attr:`doubtful`.
        """
        among = self.doubtful if kept else self.unread
        if not bad.any() or name not in self.names:
            return
        texts = self.texts(name)
        errors = {text: why(text) for text in set(texts[bad].tolist()) if text is not None}
        cells, changed = pa.array(texts, type=pa.string()), np.zeros(self.length, dtype=bool)
        bad = bad & np.array([text is not None for text in texts.tolist()], dtype=bool)
        if name in among:
            earlier = among[name]
            errors = {**errors, **{str(cell): error for cell, error in earlier.errors.items()}}
            bad = bad | earlier.bad
        among[name] = Reading(cells, bad, changed, cells, errors)

    def forgive(self, name: str, rows: NDArray[np.bool_]) -> None:
        """Take cells out of the :attr:`unread` that nothing depends on (an item that this pupil is not tested in)."""
        if name in self.unread:
            reading = self.unread[name]
            self.unread[name] = replace(reading, bad=reading.bad & ~rows)

    def is_unread(self, *names: str) -> NDArray[np.bool_]:
        """Rows in which a cell of one of ``names`` was read and not understood."""
        found = np.zeros(self.length, dtype=bool)
        for name in names:
            if name in self.unread:
                found |= self.unread[name].bad
        return found

    def texts(self, name: str) -> Texts:
        """Column as an object array of stripped ``str``; missing and blank are ``None``.

        Whole numbers stored as numbers come without a decimal point (``1.0`` gives ``"1"``).
        """
        if name not in self.names:
            return np.full(self.length, None, dtype=object)
        uniques, inverse = self._uniques(name)
        cleaned = np.empty(len(uniques), dtype=object)
        cleaned[:] = [_clean_text(value) for value in uniques]
        return cleaned[inverse]

    def identities(self, name: str) -> Texts:
        """Column as identities (:mod:`qingmiao.kernel.identifiers`), ``None`` where blank; an absent column is all
        ``None``.

        A number that lost digits on its way is unread, or raises :class:`ColumnError`.
        """
        if name not in self.names:
            return np.full(self.length, None, dtype=object)
        values = self._values(name)
        if self._frame is not None:
            values = values.to_arrow()
        elif self._arrow is None:
            values = _to_arrow(np.ma.asanyarray(values), text=True)
        reading = read_identifiers(values)
        if reading.bad.any():
            if not self.lenient:
                row, _, error = next(reading.faults())
                raise ColumnError(f"列 {name} 第 {row + 1} 行：{error}", column=name)
            self.unread[name] = reading
        found: Texts = reading.values.to_numpy(zero_copy_only=False)
        return found

    def codes(self, name: str, meaning: Mapping[str, int]) -> Codes:
        """Column as ``int8`` by a code list; keys of ``meaning`` are lower case, values from 1 (0: as good as blank).

        0 is a blank or absent value, -1 a value that is not in the list (and :attr:`unread`). ``1.0`` counts as ``1``,
        full width as half.
        """
        if name not in self.names:
            return np.zeros(self.length, dtype=np.int8)
        uniques, inverse = self._uniques(name)
        cleaned = [_clean_text(value) for value in uniques]
        table = [
            0 if text is None else meaning.get(half_width(text).lower().removesuffix(".0"), -1) for text in cleaned
        ]
        if -1 in table:
            bad = np.array(table) < 0
            errors = {
                text: MisreadError("unknown_code", f"不认得「{text}」", nearest_word(text, meaning))
                for text, wrong in zip(cleaned, bad.tolist(), strict=True)
                if wrong and text is not None
            }
            texts = np.array(cleaned, dtype=object)[inverse]
            nothing = np.zeros(self.length, dtype=bool)
            cells = pa.array(texts, type=pa.string())
            self.unread[name] = Reading(cells, bad[inverse], nothing, cells, errors)
        return np.array(table or [0], dtype=np.int8)[inverse]

    def _uniques(self, name: str) -> tuple[list[Any], NDArray[np.int64]]:
        """Distinct values and each row's place among them; one pass in Arrow, whatever the table is."""
        values = self._values(name)
        if self._frame is not None:
            values = values.to_arrow()
        elif self._arrow is None:
            values = _to_arrow(np.ma.asanyarray(values), text=True)
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        if not pa.types.is_dictionary(values.type):
            values = values.dictionary_encode(null_encoding="encode")
        distinct = values.dictionary.to_pylist()
        indices = values.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False)
        return [*distinct, None], indices.astype(np.int64, copy=False)

    def fresh(self, new: Mapping[str, Column]) -> Table:
        """A new table of the same kind with ``new`` columns alone (of any length)."""
        if self._arrow is not None:
            return arrow_like(self._native, pa.table({name: _to_arrow(values) for name, values in new.items()}))
        if self._frame is None:
            return dict(new)
        import narwhals as nw

        backend = nw.get_native_namespace(self._frame)
        if backend.__name__ == "pandas":
            return backend.DataFrame({name: _to_pandas(backend, values) for name, values in new.items()})
        return backend.DataFrame([backend.Series(name, _to_arrow(values)) for name, values in new.items()])

    def with_columns(self, new: Mapping[str, Column]) -> Table:
        """The same kind of table with ``new`` columns added (a column of the same name is replaced)."""
        if self._arrow is not None:
            table = self._arrow
            for name, values in new.items():
                array = _to_arrow(values)
                place = table.schema.get_field_index(name)
                table = table.append_column(name, array) if place < 0 else table.set_column(place, name, array)
            return arrow_like(self._native, table)
        if self._frame is None:
            return {**self._native, **new}
        import narwhals as nw

        backend = nw.get_native_namespace(self._frame)
        if backend.__name__ == "pandas":
            return self._native.assign(**{name: _to_pandas(backend, values) for name, values in new.items()})
        series = [
            nw.from_native(backend.Series(name, _to_arrow(values)), series_only=True) for name, values in new.items()
        ]
        return self._frame.with_columns(*series).to_native()


def arrow_like(given: Table, table: pa.Table) -> Table:
    """``table``, as a record batch where ``given`` is one."""
    if not isinstance(given, pa.RecordBatch):
        return table
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def _arrow_floats(values: pa.ChunkedArray) -> Column:
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_float32(values.type) or pa.types.is_float16(values.type):
        values = pa.chunked_array([as_written(chunk) for chunk in values.chunks], type=pa.float64())
    if pa.types.is_integer(values.type) or pa.types.is_decimal(values.type) or pa.types.is_null(values.type):
        values = values.cast(pa.float64())
    array: Column = values.to_numpy()  # nulls become NaN for floats, None for text
    return array


def _as_numbers(array: Column) -> Column:
    """An object array that holds nothing but numbers and blanks as ``float64``; any other as it is."""
    try:
        plain = pa.array(array, from_pandas=True)
    except pa.ArrowException:
        return array
    if not (pa.types.is_integer(plain.type) or pa.types.is_floating(plain.type)):
        return array
    numbers: Column = plain.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return numbers


def _clean_text(value: object) -> str | None:
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return None if text in ("", "<NA>", "NaT") else text  # pandas' marks of a missing value


def _to_arrow(values: Column, *, text: bool = False) -> pa.Array:
    if isinstance(values, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(values)
        if values.dtype.kind != "O":
            return pa.array(values.data, mask=mask if mask.any() else None)
        plain = values.data.copy()
        plain[mask] = None
        values = plain
    if values.dtype.kind == "f":
        return pa.array(values, from_pandas=True)
    if text and values.dtype.kind == "O":
        try:  # plain text needs no look at every value: whoever asks cleans the distinct ones
            plain = pa.array(values, from_pandas=True)
            if pa.types.is_string(plain.type):
                return plain
        except pa.ArrowException:
            pass  # values of several kinds
        return pa.array([_clean_text(value) for value in values.tolist()], type=pa.string())
    return pa.array(values)


def _to_pandas(pandas: Any, values: Column) -> Any:  # pandas is an optional package: no types at hand
    if isinstance(values, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(values).copy()
        array = pandas.arrays.BooleanArray if values.dtype.kind == "b" else pandas.arrays.IntegerArray
        return array(values.data.copy(), mask)
    return values
