"""Many rows into empty tables at once: indexes and constraints are taken away and made again afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

MEMORY = "256MB"
"""What PostgreSQL may use to make an index again."""


@contextmanager
def bare(tables: Sequence[str]) -> Iterator[None]:
    """Within, tables have no foreign keys, no unique constraints and no indexes but their primary keys; afterwards all
    of them again, checked against every row. In the caller's transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("constraints are taken away only in a transaction that brings them back")
    with connection.cursor() as cursor:
        # Indexes are sorted and keys compared in memory, by two processes where there are two cores.
        cursor.execute(f"SET LOCAL maintenance_work_mem = '{MEMORY}'")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing is left to be checked on tables that change
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid::regclass::text = ANY(%s) AND contype IN ('f', 'u') ORDER BY contype DESC, conname",
            [list(tables)],
        )
        constraints = cursor.fetchall()
        for table, name, _, _ in reversed(constraints):
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
            "WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisprimary",
            [list(tables)],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, _, definition in constraints:  # unique ones first: foreign keys may rest on them
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for table in tables:
            cursor.execute(f"ANALYZE {table}")


def count_on(table: str) -> None:
    """The next number of a table is above all that it has."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), greatest((SELECT max(id) FROM {table}), 1))"
        )
