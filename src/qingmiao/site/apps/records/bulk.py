"""Many rows of a table at once: written by COPY out of columns, with numbers that were taken before; asked for by one
array."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from django.db import connection, models
from django.db.models.expressions import RawSQL

PIECE = 1 << 16
"""So many rows are written as one piece of text."""


def next_numbers(model: type[models.Model], count: int) -> list[int]:
    """So many numbers of a model's rows that nobody else gets."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [number for (number,) in cursor.fetchall()]


def copy(model: type[models.Model], columns: Mapping[str, Any]) -> int:
    """Append rows: column of the table → its cells (a list, or an array of NumPy or Arrow), or the one value of all
    rows; how many. At least one column has cells.

    JSON is text already. What the database refuses (a constraint) is its error.
    """
    size = next(len(cells) for cells in columns.values() if _are_cells(cells))
    written = {name: _written(cells, size) for name, cells in columns.items()}
    copy_table(model._meta.db_table, pa.table(written))
    return size


def copy_table(table: str, rows: pa.Table) -> None:
    """Append rows to a table by the columns' names; an empty text stays one, a missing value is NULL."""
    if not rows.num_rows:
        return
    names = ", ".join(f'"{c}"' for c in rows.column_names)
    options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")  # texts are quoted, NULL never is
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN (FORMAT csv)') as into:
        for start in range(0, rows.num_rows, PIECE):
            text = io.BytesIO()
            pa_csv.write_csv(rows.slice(start, PIECE), text, options)
            into.write(text.getbuffer())


def binary(values: Sequence[bytes | None]) -> pa.Array:
    """Bytes as PostgreSQL reads them in text."""
    return pa.array([None if v is None else f"\\x{v.hex()}" for v in values], pa.string())


def same(value: Any, count: int) -> pa.Array:
    """One value for every row."""
    return pa.repeat(pa.scalar(value), count)


def _are_cells(cells: Any) -> bool:
    return isinstance(cells, list | np.ndarray | pa.Array | pa.ChunkedArray)


def _written(cells: Any, size: int) -> Any:
    """Cells as Arrow writes them; moments with their time zone."""
    if not _are_cells(cells):
        return same(cells.isoformat() if hasattr(cells, "isoformat") else cells, size)
    return pa.array(cells) if isinstance(cells, list | np.ndarray) else cells


def array(numbers: Iterable[int]) -> str:
    """Numbers as PostgreSQL reads an array (the database driver is slow with some thousand)."""
    return "{" + ",".join(map(str, numbers)) + "}"


def byte_array(values: Iterable[bytes]) -> str:
    """The same of byte strings."""
    return "{" + ",".join(f'"\\\\x{v.hex()}"' for v in values) + "}"


def among(numbers: Iterable[int]) -> RawSQL:
    """For `…__in`: many numbers as one parameter."""
    return RawSQL("SELECT unnest(%s::bigint[])", [array(sorted(set(numbers)))])


def among_bytes(values: Iterable[bytes]) -> RawSQL:
    """The same of byte strings."""
    return RawSQL("SELECT unnest(%s::bytea[])", [byte_array(values)])
