"""One column of a file becomes one column of a fact: by its type, from text (CSV) or from what a Parquet file holds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qingmiao.collect import cell_texts
from qingmiao.collect.areas import AreaColumns
from qingmiao.collect.cell_texts import Values, taken_apart
from qingmiao.collect.column_kinds import ARROW, WORDS, ReadColumn, RefusedRows, hint_for
from qingmiao.collect.identities import Identities, free_texts, identities
from qingmiao.collect.nearest import area_hint, code_hint
from qingmiao.collect.typed_columns import (
    digit_texts,
    floating,
    from_moments,
    from_numbers,
    one_array,
    whole_decimal,
)
from qingmiao.content.codes import CodeList
from qingmiao.content.facts import Column
from qingmiao.kernel.misread import MisreadError


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
    values = one_array(given)
    kind = values.type
    if pa.types.is_null(kind):
        return missing_column(column, len(values))
    if pa.types.is_string(kind):
        return _from_text(column, values, identity, codes, areas)
    whole, floats = pa.types.is_integer(kind) or whole_decimal(kind), floating(kind)
    if column.type == "text" and (whole or floats):
        return _identified(identities(values.cast(pa.float64()) if floats else values))
    if column.type in ("code", "area") and (whole or floats or pa.types.is_boolean(kind)):
        return _from_text(column, digit_texts(values) if floats else values.cast(pa.string()), identity, codes, areas)
    if column.type in ("integer", "number") and (whole or floats):
        return from_numbers(column, values)
    if column.type == "boolean" and pa.types.is_boolean(kind):
        return ReadColumn(values)
    if column.type in ("boolean", "date") and (whole or floats):
        return _from_text(column, digit_texts(values) if floats else values.cast(pa.string()), identity, codes, areas)
    if column.type == "date" and (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        return from_moments(values)
    return ReadColumn(pa.nulls(len(values), ARROW[column.type]), wrong_column=f"{kind}，这里要{WORDS[column.type]}")


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
    return MisreadError("unknown_area", f"「{text}」：没有这个行政区划代码", area_hint(text, areas.tree, areas.given))


def _by_text(read: Values, place: NDArray[np.int64], column: Column) -> list[RefusedRows]:
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
        found.append(RefusedRows(code, why.message, hint_for(why, column), part))
    return found


def _identified(read: Identities) -> ReadColumn:
    result = ReadColumn(read.values, changed=np.asarray(read.changed, dtype=np.int64))
    by_reason: dict[tuple[str, str, str], list[int]] = {}
    for row, why in read.bad.items():
        by_reason.setdefault((why.code, why.message, why.nearest), []).append(row)
    for (code, message, nearest), rows in by_reason.items():
        hint = f"是不是 {nearest}" if nearest else ""
        result.refused.append(RefusedRows(code, message, hint, np.asarray(rows, dtype=np.int64)))
    if read.lost is not None:
        hint = "从原系统重新导出，把这一列设为文本（Parquet 用 string 或 int64）"
        result.refused.append(RefusedRows(read.lost.code, read.lost.message, hint, np.zeros(1, dtype=np.int64)))
    return result
