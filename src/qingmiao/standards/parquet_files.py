"""Parquet files in chunks: whatever numeric, text, dictionary or date type a column has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qingmiao.standards.fields import (
    MISSING_TEXTS,
    Field,
    FileError,
    code_message,
    find_columns,
    identity_column,
    number_column,
    number_fault,
    unknown_code,
    without_missing,
)
from qingmiao.standards.readings import as_written

BATCH_ROWS = 131_072


def parquet_chunks(
    path: Path, fields: Sequence[Field], one_of: Sequence[Sequence[str]], *, lenient: bool, changed: list[int]
) -> Iterator[pa.Table]:
    """The known columns of a Parquet file; see :func:`qingmiao.standards.files.read_chunks`."""
    try:
        with pq.ParquetFile(path) as file:
            known = find_columns(path, file.schema_arrow.names, fields, one_of)
            row = 2
            for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=list(known)):
                columns = [
                    _column(path, batch.column(name), field, row, lenient=lenient, changed=changed)
                    for name, field in known.items()
                ]
                row += batch.num_rows
                yield pa.table(columns, names=[field.name for field in known.values()])
    except (pa.ArrowException, OSError) as error:
        raise FileError(f"{path}：不是完好的 Parquet 文件：{error}") from error


def _column(
    path: Path, values: pa.Array, field: Field, first_row: int, *, lenient: bool, changed: list[int]
) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_nested(values.type) or (field.kind == "number" and pa.types.is_boolean(values.type)):
        raise FileError(f"{path}：列 {field.name} 的类型 {values.type} 不对，要的是 {field.arrow}")
    values = _text(path, values, field)
    if field.kind == "number":
        return _number(path, values, field, first_row, lenient=lenient)
    if field.name == "id" and field.verbatim:
        values, count = identity_column(path, values, field, first_row)
        changed.append(count)
        return values
    if not lenient and (bad := unknown_code(values, field)) is not None:
        row = first_row + values.index(bad).as_py()
        raise FileError(f"{path}：第 {row} 行，{code_message(field, bad)}")
    return values


def _text(path: Path, values: pa.Array, field: Field) -> pa.Array:
    """Every kind of text as strings, its missing marks as null; a text field from another type as its text.

    Whole numbers stay as they are; a code kept as 1.0 by a tool without whole numbers with blanks becomes ``1``.
    """
    kind = values.type
    wordy = any(
        test(kind)
        for test in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_string_view,
            pa.types.is_binary,
            pa.types.is_large_binary,
            pa.types.is_fixed_size_binary,
            pa.types.is_binary_view,
        )
    )
    if wordy:
        if pa.types.is_fixed_size_binary(kind):
            values = values.cast(pa.binary())
        try:
            return without_missing(values.cast(pa.string()), field)
        except pa.ArrowInvalid as error:
            raise FileError(f"{path}：列 {field.name} 不是 UTF-8 文字") from error
    if field.kind == "number" or pa.types.is_integer(kind):
        return values
    if pa.types.is_float16(kind):
        values = values.cast(pa.float32())
    if field.verbatim or not pa.types.is_floating(kind):
        return values if field.verbatim else values.cast(pa.string())
    values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
    try:
        return values.cast(pa.int64()).cast(pa.string())
    except pa.ArrowInvalid:
        return values.cast(pa.string())


def _number(path: Path, values: pa.Array, field: Field, first_row: int, *, lenient: bool) -> pa.Array:
    if pa.types.is_string(values.type):
        words = pc.utf8_trim_whitespace(values)
        words = pc.if_else(pc.is_in(words, pa.array(MISSING_TEXTS)), pa.scalar(None, pa.string()), words)
        numbers = number_column(words, lenient=lenient)
        if numbers is not None:
            return numbers
        for place, value in enumerate(words.to_pylist()):
            if value is not None and (why := number_fault(value)):
                raise FileError(f"{path}：第 {first_row + place} 行，列 {field.name}：{why}")
    try:
        return as_written(values).cast(field.arrow)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise FileError(f"{path}：列 {field.name} 的类型 {values.type} 不对，要的是 {field.arrow}") from error
