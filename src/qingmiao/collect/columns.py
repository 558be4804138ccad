"""One column of a file becomes one column of a fact: by its type, from text (CSV) or from what a Parquet file holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qingmiao.collect import cell_texts
from qingmiao.collect.areas import AreaColumns
from qingmiao.collect.cell_texts import LARGEST, Values, taken_apart
from qingmiao.collect.identities import Identities, free_texts, identities
from qingmiao.collect.moments import days_and_clocks
from qingmiao.collect.nearest import area_hint, code_hint
from qingmiao.content.facts import Column
from qingmiao.content.organisation import CodeList
from qingmiao.kernel.days import FIRST_YEAR, LAST_YEAR
from qingmiao.kernel.misread import MisreadError
from qingmiao.standards.china import china_days

ARROW = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "code": pa.string(),
    "area": pa.string(),
}
WORDS = {
    "text": "文字",
    "integer": "整数",
    "number": "数",
    "boolean": "真假（true/false、1/0、是/否）",
    "date": "日期（如 2024-01-31）",
    "code": "代码",
    "area": "行政区划代码",
}


@dataclass(frozen=True)
class Refused:
    """Rows (positions) that cannot be read, all for one reason."""

    code: str
    message: str
    hint: str
    rows: NDArray[np.int64]


@dataclass
class ReadColumn:
    """The typed column; what was refused; the rows whose identifier was written otherwise; times of day of a date column."""

    values: pa.Array
    refused: list[Refused] = field(default_factory=list)
    changed: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    clock: pa.Array | None = None
    wrong_column: str = ""
    """The column as a whole is of a type that this one cannot come from."""


def missing_column(column: Column, rows: int) -> ReadColumn:
    """A column that the file does not have."""
    return ReadColumn(pa.nulls(rows, ARROW[column.type]))


def read_column(
    column: Column,
    given: pa.ChunkedArray,
    *,
    identity: bool,
    codes: CodeList | None,
    areas: AreaColumns,
) -> ReadColumn:
    """`given` as the column's type. `identity`: a text column that identifies (see `identities.identifying`)."""
    values = _one_array(given)
    kind = values.type
    if pa.types.is_null(kind):
        return missing_column(column, len(values))
    if pa.types.is_string(kind):
        return _from_text(column, values, identity, codes, areas)
    whole, floats = pa.types.is_integer(kind) or _whole_decimal(kind), _floating(kind)
    if column.type == "text" and (whole or floats):
        return _identified(identities(values.cast(pa.float64()) if floats else values))
    if column.type in ("code", "area") and (whole or floats or pa.types.is_boolean(kind)):
        return _from_text(
            column, _digits(values) if floats else values.cast(pa.string()), identity, codes, areas
        )
    if column.type in ("integer", "number") and (whole or floats):
        return _from_numbers(column, values)
    if column.type == "boolean" and pa.types.is_boolean(kind):
        return ReadColumn(values)
    if column.type in ("boolean", "date") and (whole or floats):
        return _from_text(
            column, _digits(values) if floats else values.cast(pa.string()), identity, codes, areas
        )
    if column.type == "date" and (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        return _from_moments(values)
    return ReadColumn(
        pa.nulls(len(values), ARROW[column.type]), wrong_column=f"类型是 {kind}，这里要{WORDS[column.type]}"
    )


def _one_array(given: pa.ChunkedArray) -> pa.Array:
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


def _floating(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or (pa.types.is_decimal(kind) and not _whole_decimal(kind)))


def _whole_decimal(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(kind) and kind.scale == 0)


def _digits(values: pa.Array) -> pa.Array:
    """Floating-point numbers as people write them: 1.0 is 1; a missing number stays missing, NaN is a text."""
    doubles = values.cast(pa.float64())
    whole = pc.and_(
        pc.is_finite(doubles),
        pc.and_(pc.equal(doubles, pc.trunc(doubles)), pc.less(pc.abs(doubles), LARGEST)),
    )
    return pc.if_else(
        whole, pc.if_else(whole, doubles, 0).cast(pa.int64()).cast(pa.string()), doubles.cast(pa.string())
    )


def _from_text(
    column: Column, values: pa.Array, identity: bool, codes: CodeList | None, areas: AreaColumns
) -> ReadColumn:
    if column.type == "text":
        return _identified(identities(values) if identity else free_texts(values))
    texts = taken_apart(values)
    if column.type == "date":
        read = cell_texts.days(texts)
    elif column.type == "boolean":
        read = cell_texts.truths(texts)
    elif column.type in ("integer", "number"):
        read = cell_texts.numbers(texts, whole=column.type == "integer")
    elif column.type == "area":
        read = cell_texts.known(texts, areas.given, lambda t: _unknown_area(t, areas))
    elif codes is not None:
        forms: Mapping[str, str] = {c: c for c in codes.codes}
        read = cell_texts.known(texts, forms, lambda t: _unknown_code(t, codes))
    else:
        return _identified(free_texts(values))
    return ReadColumn(read.values, _by_text(read, texts.place, column), clock=read.clock)


def _unknown_code(text: str, codes: CodeList) -> MisreadError:
    return MisreadError("unknown_code", f"「{text}」不在代码表 {codes.id} 里", code_hint(text, codes))


def _unknown_area(text: str, areas: AreaColumns) -> MisreadError:
    return MisreadError(
        "unknown_area", f"「{text}」：没有这个行政区划代码", area_hint(text, areas.tree, areas.given)
    )


def _by_text(read: Values, place: NDArray[np.int64], column: Column) -> list[Refused]:
    """The refused rows, together by their text."""
    if not read.bad:
        return []
    found = []
    rows = np.flatnonzero(np.isin(place, np.fromiter(read.bad, dtype=np.int64)))
    order = rows[np.argsort(place[rows], kind="stable")]
    starts = np.flatnonzero(np.r_[True, np.diff(place[order]) != 0])
    for part in np.split(order, starts[1:]):
        why = read.bad[int(place[part[0]])]
        code = why.code if why.code in ("unknown_code", "unknown_area", "nul", "too_long") else "wrong_type"
        found.append(Refused(code, why.message, _hint(why, column), part))
    return found


def _hint(why: MisreadError, column: Column) -> str:
    if why.code in ("unknown_code", "unknown_area"):
        return why.nearest
    if why.nearest.endswith("写法"):
        return f"写成 {why.nearest}"
    if why.nearest:
        return f"是不是 {why.nearest}"
    if why.code in ("too_large", "not_finite"):
        return "检查数位和单位"
    if why.code == "year_out_of_range":
        return "年份写四位，如 2024"
    return "" if why.code in ("nul", "too_long") else f"这一列要{WORDS[column.type]}；没有数据就留空"


def _identified(read: Identities) -> ReadColumn:
    result = ReadColumn(read.values, changed=np.asarray(read.changed, dtype=np.int64))
    by_reason: dict[tuple[str, str, str], list[int]] = {}
    for row, why in read.bad.items():
        by_reason.setdefault((why.code, why.message, why.nearest), []).append(row)
    for (code, message, nearest), rows in by_reason.items():
        hint = f"是不是 {nearest}" if nearest else ""
        result.refused.append(Refused(code, message, hint, np.asarray(rows, dtype=np.int64)))
    if read.lost is not None:
        hint = "从原系统重新导出，把这一列设为文本（Parquet 用 string 或 int64）"
        result.refused.append(Refused(read.lost.code, read.lost.message, hint, np.zeros(1, dtype=np.int64)))
    return result


def _from_numbers(column: Column, values: pa.Array) -> ReadColumn:
    """Numbers of a Parquet file. A single-precision number is the decimal that people see in it (4.7, not 4.699999809)."""
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
            hint = _hint(MisreadError("too_large" if bad is large else "not_a_number", why), column)
            result.refused.append(Refused("wrong_type", f"「{given[rows[0]]:g}」{why}", hint, rows))
    return result


def _missing(values: pa.Array) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = values.is_null().to_numpy(zero_copy_only=False)
    return found


def _from_moments(values: pa.Array) -> ReadColumn:
    """Dates and timestamps of a Parquet file: a timestamp with a zone on China's clock, one without is China's."""
    clock: pa.Array | None = None
    if pa.types.is_date(values.type):
        day = china_days(values)
    else:
        day, clock = days_and_clocks(values)
    number = day.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
    first, last = (
        int(np.datetime64(f"{y}-01-01", "D").astype(np.int64)) for y in (FIRST_YEAR, LAST_YEAR + 1)
    )
    outside = ~_missing(day) & ((number < first) | (number >= last))
    lost = ~_missing(values) & _missing(day)
    wrong = outside | lost
    result = ReadColumn(pc.if_else(pa.array(wrong), pa.scalar(None, pa.date32()), day), clock=clock)
    rows = np.flatnonzero(wrong)
    if len(rows):
        message = f"的年份不在 {FIRST_YEAR}–{LAST_YEAR} 年之间"
        result.refused.append(Refused("wrong_type", message, "检查时间的单位（秒、毫秒）和年份", rows))
    return result
