"""Many rows of a table at once: written by COPY with numbers that were taken before, asked for by one array."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, models
from django.db.models.expressions import RawSQL


def next_numbers(model: type[models.Model], count: int) -> list[int]:
    """So many numbers of a model's rows that nobody else gets."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [number for (number,) in cursor.fetchall()]


def copy(model: type[models.Model], columns: Mapping[str, Any]) -> int:
    """Append rows: column of the table → its cells, or the one value of all rows; how many. At least one column has
    cells.

    JSON is text already. What the database refuses (a constraint) is its error.
    """
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in columns)
    size = next(len(cells) for cells in columns.values() if isinstance(cells, list))
    cells = [cells if isinstance(cells, list) else [cells] * size for cells in columns.values()]
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as into:
        for row in zip(*cells, strict=True):
            into.write_row(row)
    return size


def among(numbers: Iterable[int]) -> RawSQL:
    """For `…__in`: many numbers as one parameter (the database driver is slow with some thousand)."""
    return RawSQL("SELECT unnest(%s::bigint[])", [sorted(set(numbers))])


def among_bytes(values: Iterable[bytes]) -> RawSQL:
    """The same of byte strings."""
    return RawSQL("SELECT unnest(%s::bytea[])", [list(values)])
