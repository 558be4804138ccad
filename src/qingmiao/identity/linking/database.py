"""Where linking computes: a DuckDB in memory of its own, which goes with its connection."""

from __future__ import annotations

import duckdb

from qingmiao.kernel.days import CHINA_ZONE


def own_database(threads: int) -> duckdb.DuckDBPyConnection:
    """A new DuckDB in memory on China's clock, of so many threads; the caller closes it.

    Splink leaves tables and functions behind, so linking shares no instance with measuring.
    """
    connection = duckdb.connect(":memory:", config={"threads": threads})
    connection.execute(f"SET TimeZone = '{CHINA_ZONE}'")
    return connection
