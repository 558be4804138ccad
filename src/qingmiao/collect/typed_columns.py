"""Columns that come with a type of their own (Parquet): numbers, moments, and what they look like as text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qingmiao.collect.cell_texts import LARGEST
from qingmiao.collect.column_kinds import ReadColumn, RefusedRows, hint_for
from qingmiao.collect.moments import days_and_clocks
from qingmiao.content.facts import Column
from qingmiao.kernel.days import FIRST_YEAR, LAST_YEAR
from qingmiao.kernel.misread import MisreadError
from qingmiao.standards.china import china_days


def one_array(given: pa.ChunkedArray) -> pa.Array:
    """A column in one piece, dictionaries decoded; every kind of text as ``string``, bytes that are no UTF-8 as they
    are."""
    values = given.combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], given.type)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    kind = values.type
    if any(t(kind) for t in (pa.types.is_large_string, pa.types.is_string_view)):
        return values.cast(pa.string())
    if any(t(kind) for t in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)):
        try:
            return values.cast(pa.string())
        except pa.ArrowInvalid:
            return values
    return values


def floating(kind: pa.DataType) -> bool:
    """Whether the numbers of this type may have a fraction."""
    return bool(pa.types.is_floating(kind) or (pa.types.is_decimal(kind) and not whole_decimal(kind)))


def whole_decimal(kind: pa.DataType) -> bool:
    """Whether the type is a decimal without places after the point."""
    return bool(pa.types.is_decimal(kind) and kind.scale == 0)


def digit_texts(values: pa.Array) -> pa.Array:
    """Floating-point numbers as people write them: 1.0 is 1; a missing number stays missing, NaN is a text."""
    doubles = values.cast(pa.float64())
    whole = pc.and_(
        pc.is_finite(doubles),
        pc.and_(pc.equal(doubles, pc.trunc(doubles)), pc.less(pc.abs(doubles), LARGEST)),
    )
    return pc.if_else(
        whole, pc.if_else(whole, doubles, 0).cast(pa.int64()).cast(pa.string()), doubles.cast(pa.string())
    )


def from_numbers(column: Column, values: pa.Array) -> ReadColumn:
    """Numbers of a Parquet file. A single-precision number is the decimal that people see in it (4.7, not
    4.699999809)."""
    kind = values.type
    if pa.types.is_float16(kind):
        halves = values.to_numpy(zero_copy_only=False).astype(np.float16)
        doubles = pa.array(halves.astype(np.str_).astype(np.float64), mask=_missing(values))
    elif pa.types.is_float32(kind):
        doubles = values.cast(pa.string()).cast(pa.float64())
    else:
        doubles = pc.cast(values, pa.float64(), safe=False)
    given = doubles.fill_null(0).to_numpy(zero_copy_only=False)
    result = ReadColumn(doubles)
    with np.errstate(invalid="ignore"):
        endless = ~np.isfinite(given)
        large = ~endless & (np.abs(given) > LARGEST)
        broken = ~endless & ~large & (given != np.trunc(given))
    tests = [(endless, "不是数（NaN 或无穷大）"), (large, "超出了能用的数（±10^15）")]
    if column.type == "integer":
        tests.append((broken, "不是整数"))
        usable = ~(endless | large | broken)
        whole = np.where(usable, given, 0).astype(np.int64)
        result.values = pa.array(whole, mask=_missing(doubles) | ~usable)
    for bad, why in tests:
        rows = np.flatnonzero(bad)
        if len(rows):
            hint = hint_for(MisreadError("too_large" if bad is large else "not_a_number", why), column)
            result.refused.append(RefusedRows("wrong_type", f"「{given[rows[0]]:g}」{why}", hint, rows))
    return result


def from_moments(values: pa.Array) -> ReadColumn:
    """Dates and timestamps of a Parquet file: a timestamp with a zone on China's clock, one without is China's."""
    clock: pa.Array | None = None
    if pa.types.is_date(values.type):
        day = china_days(values)
    else:
        day, clock = days_and_clocks(values)
    number = day.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
    first, last = (int(np.datetime64(f"{y}-01-01", "D").astype(np.int64)) for y in (FIRST_YEAR, LAST_YEAR + 1))
    outside = ~_missing(day) & ((number < first) | (number >= last))
    lost = ~_missing(values) & _missing(day)
    wrong = outside | lost
    result = ReadColumn(pc.if_else(pa.array(wrong), pa.scalar(None, pa.date32()), day), clock=clock)
    rows = np.flatnonzero(wrong)
    if len(rows):
        message = f"的年份不在 {FIRST_YEAR}–{LAST_YEAR} 年之间"
        result.refused.append(RefusedRows("wrong_type", message, "检查时间的单位（秒、毫秒）和年份", rows))
    return result


def _missing(values: pa.Array) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = values.is_null().to_numpy(zero_copy_only=False)
    return found
