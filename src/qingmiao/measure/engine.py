"""Where queries run. A runner knows tables by name and answers SQL of its dialect with Arrow; DuckDB is the engine."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from qingmiao.kernel.days import CHINA_ZONE
from qingmiao.measure.dialect import DUCKDB, Dialect

Table: TypeAlias = pa.Table | Path | tuple[Path, ...]
"""A table in memory, its Parquet file, or the files of its partitions (at least one, all of the same columns)."""
Setting: TypeAlias = str | bool | int | float | list[str]
"""One of DuckDB's settings."""


class Runner(Protocol):
    """What an engine must do; nothing else of it is used."""

    @property
    def dialect(self) -> Dialect:
        """The dialect of the SQL that `fetch` takes."""

    def register(self, name: str, table: Table) -> None:
        """Make a table known by name; the name may be used again for another table."""

    def fetch(self, sql: str) -> pa.Table:
        """Run one query and return its result."""

    def close(self) -> None:
        """Give everything back."""


@dataclass(frozen=True)
class EngineLimits:
    """What DuckDB may use: threads (None = all cores), memory ("4GiB"; None = DuckDB's own rule), where to spill."""

    threads: int | None = None
    memory: str | None = None
    spill: Path | None = None


_instances: dict[tuple[int, str], duckdb.DuckDBPyConnection] = {}
_starting = threading.Lock()


def connect(config: Mapping[str, Setting] | None = None) -> duckdb.DuckDBPyConnection:
    """A connection of its own to this process's DuckDB of these settings, on China's clock, without a progress bar.

    Every query of the system runs on such a connection: a moment cast to a date is China's day, whatever the machine's
    time zone. To start an instance takes 20 ms, a connection to one that runs 0.1 ms; what is registered or made TEMP
    on a connection is its own and goes with it.
    """
    with _starting:
        key = (os.getpid(), repr(sorted((config or {}).items())))  # a forked child has none of its parent's threads
        if key not in _instances:
            _instances[key] = duckdb.connect(":memory:", config=dict(config or {}))
        connection = _instances[key].cursor()
    # Long work has its own progress display; DuckDB's bar would write into it.
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"SET TimeZone = '{CHINA_ZONE}'")
    return connection


class DuckDBRunner:
    """DuckDB in memory, reading Parquet files in place (never loaded whole)."""

    dialect = DUCKDB

    def __init__(self, limits: EngineLimits | None = None) -> None:
        limits = limits or EngineLimits()
        config: dict[str, Setting] = {"preserve_insertion_order": "false"}
        if limits.threads is not None:
            config["threads"] = limits.threads
        if limits.memory is not None:
            config["memory_limit"] = limits.memory
        if limits.spill is not None:
            config["temp_directory"] = str(limits.spill)
        self._connection = connect(config)

    def register(self, name: str, table: Table) -> None:
        """See `Runner.register`."""
        self._connection.unregister(name)
        self._connection.execute(f"DROP VIEW IF EXISTS {_quoted(name)}")
        if isinstance(table, pa.Table):
            self._connection.register(name, table)
            return
        files = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files_of(table))
        source = f"read_parquet([{files}], union_by_name = true)"
        self._connection.execute(f"CREATE TEMP VIEW {_quoted(name)} AS SELECT * FROM {source}")

    def fetch(self, sql: str) -> pa.Table:
        """See `Runner.fetch`."""
        return self._connection.sql(sql).to_arrow_table()

    def close(self) -> None:
        """See `Runner.close`."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def files_of(table: Path | tuple[Path, ...]) -> tuple[Path, ...]:
    """The files of a table that lies in files."""
    return (table,) if isinstance(table, Path) else table


def column_names(table: Table) -> tuple[str, ...]:
    """The columns of a table, read from the files' footers where it lies in files."""
    if isinstance(table, pa.Table):
        return tuple(table.schema.names)
    return tuple(dict.fromkeys(n for file in files_of(table) for n in pq.read_schema(file).names))


def in_memory(table: Table) -> pa.Table:
    """A small table (the yearly series) as Arrow."""
    if isinstance(table, pa.Table):
        return table
    return pa.concat_tables([pq.read_table(file) for file in files_of(table)], promote_options="default")


class SnapshotTables(Protocol):
    """What measuring needs of a snapshot: an id and its tables."""

    @property
    def id(self) -> str:
        """Fixes what a run saw."""

    @property
    def tables(self) -> Mapping[str, Path] | Mapping[str, tuple[Path, ...]]:
        """Table name → Parquet file, or the files of its partitions."""


Tables: TypeAlias = SnapshotTables | Mapping[str, Table]
"""A snapshot, or tables by name (tests, notebooks)."""


def tables_of(source: Tables) -> Mapping[str, Table]:
    """The tables of a snapshot or of a mapping."""
    return source if isinstance(source, Mapping) else source.tables


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
