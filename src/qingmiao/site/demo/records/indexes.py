"""Many rows into empty tables at once: indexes and constraints are taken away before and made again afterwards.

Taking a foreign key away shuts both tables for everybody, so it is done before the site answers; what makes them again
lets others read all the while, and shuts a table for a moment at the end. What was taken away is kept in the database.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

MEMORY = "256MB"
"""What PostgreSQL may use to make an index again."""
KEPT = "demo_bare"
"""The table of what was taken away; it is gone when all is there again."""
FOREIGN, UNIQUE, INDEX = "f", "u", "i"


@transaction.atomic
def bare(tables: Sequence[str]) -> None:
    """Tables have no foreign keys, no unique constraints and no indexes but their primary keys until `indexed` and
    `keyed`; nothing where they have none already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [KEPT])
        if cursor.fetchone()[0]:
            return
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing is left to be checked on tables that change
        cursor.execute(
            f"CREATE TABLE {KEPT} AS SELECT conrelid::regclass::text AS of, conname::text AS name, "
            "contype::text AS sort, pg_get_constraintdef(oid) AS definition FROM pg_constraint "
            "WHERE conrelid::regclass::text = ANY(%s) AND contype IN ('f', 'u')",
            [list(tables)],
        )
        for table, name, _ in _kept(FOREIGN) + _kept(UNIQUE):
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(
            f"INSERT INTO {KEPT} SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, 'i', "
            "pg_get_indexdef(i.indexrelid) FROM pg_index i "
            "WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisprimary",
            [list(tables)],
        )
        for _, name, _ in _kept(INDEX):
            cursor.execute(f"DROP INDEX {name}")


def indexed(tables: Sequence[str]) -> None:
    """All indexes and unique constraints of `bare` tables again, checked against every row; in the caller's
    transaction, as its last act: until it ends nobody else reads the tables."""
    if not connection.in_atomic_block:
        raise RuntimeError("indexes are made in the transaction of what they are made of")
    with connection.cursor() as cursor:
        # Indexes are sorted in memory, by two processes where there are two cores.
        cursor.execute(f"SET LOCAL maintenance_work_mem = '{MEMORY}'")
        for _, _, definition in _kept(INDEX):
            cursor.execute(definition)
        for table in tables:
            cursor.execute(f"ANALYZE {table}")
        for table, name, definition in _kept(UNIQUE):
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def keyed() -> None:
    """All foreign keys of `bare` tables again: said first, then checked against every row, so that nobody waits."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, name, definition in _kept(FOREIGN):
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}"')
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition} NOT VALID')
            cursor.execute(f'ALTER TABLE {table} VALIDATE CONSTRAINT "{name}"')
        cursor.execute(f"DROP TABLE IF EXISTS {KEPT}")


def _kept(sort: str) -> list[tuple[str, str, str]]:
    """(table, name, definition) of what was taken away of a sort, in the order in which it is made again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [KEPT])
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(f"SELECT of, name, definition FROM {KEPT} WHERE sort = %s ORDER BY of, name", [sort])
        found: list[tuple[str, str, str]] = cursor.fetchall()
        return found


def count_on(table: str) -> None:
    """The next number of a table is above all that it has."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), greatest((SELECT max(id) FROM {table}), 1))"
        )
