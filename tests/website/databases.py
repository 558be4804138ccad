"""The test database: the migrations run once for each state of them, every test process clones what they made; what
many tests begin with is put back by COPY."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from qingmiao.site.config import blank, postgres

MADE = "migrated_"
"""A database with this beginning of its name is what the migrations of some state of the tree made."""
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Settings of the tests' own server: what it holds need not outlive the machine. The drills start sites of their
own."""


def start() -> None:
    """The tests' server runs, without waiting for the disk."""
    server = postgres.start(settings.SERVER)
    with psycopg.connect(server.url, autocommit=True) as beside:
        for name, value in HASTY.items():
            beside.execute(f"ALTER SYSTEM SET {name} = '{value}'")  # type: ignore[arg-type]
        beside.execute("SELECT pg_reload_conf()")


def clone() -> None:
    """The test database of this process is there, as the migrations leave it, and connected."""
    creation = connection.creation
    name, made = creation._get_test_db_name(), MADE + blank.state()
    with settings.SERVER.with_name("migrated.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first process migrates, the others wait for what it makes
        with psycopg.connect(postgres.address(settings.SERVER), autocommit=True) as beside:
            there = {str(n) for (n,) in beside.execute("SELECT datname FROM pg_database").fetchall()}
            for old in (n for n in there if n == name or (n.startswith(MADE) and n != made)):
                beside.execute(f'DROP DATABASE "{old}" WITH (FORCE)')  # type: ignore[arg-type]
            if made not in there:
                creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
                connection.close()
                beside.execute(f'ALTER DATABASE "{name}" RENAME TO "{made}"')  # type: ignore[arg-type]
            beside.execute(f'CREATE DATABASE "{name}" TEMPLATE "{made}"')  # type: ignore[arg-type]
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


class Kept:
    """What a making leaves in a database that had none of it: made once by a process, then put back by COPY."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, bytes]] = []

    def make(self, making: Callable[[], None]) -> None:
        """Its rows are there afterwards; where some of the tables have rows already it is made as the first time."""
        if self._rows and not self._filled(table for table, _ in self._rows):
            self._put_back()
            return
        before = self._filled(connection.introspection.table_names())
        making()
        filled = self._filled(connection.introspection.table_names())
        if not self._rows and not before & ours():
            self._rows = [(table, self._copied(table)) for table in sorted(filled - before)]

    def _filled(self, tables: Any) -> set[str]:
        asked = " UNION ALL ".join(f"(SELECT '{t}' FROM \"{t}\" LIMIT 1)" for t in tables)
        with connection.cursor() as cursor:
            cursor.execute(asked)
            return {name for (name,) in cursor.fetchall()}

    def _copied(self, table: str) -> bytes:
        with self._plain() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as out:
            return b"".join(bytes(part) for part in out)

    def _put_back(self) -> None:
        with self._plain() as cursor:
            for table, rows in self._rows:
                with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as into:
                    into.write(rows)

    def _plain(self) -> Any:
        connection.ensure_connection()
        assert connection.connection is not None
        return connection.connection.cursor()


def ours() -> set[str]:
    """The tables of the site's own apps."""
    from django.apps import apps as installed

    return {m._meta.db_table for m in installed.get_models() if m.__module__.startswith("qingmiao.")}
