"""Every DuckDB of the system is on China's clock: a moment cast to a date is China's day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa

from qingmiao.measure.engine import DuckDBRunner, connect

MOMENTS = pa.table({"moment": pa.array([datetime(2025, 8, 31, 16, tzinfo=UTC)], pa.timestamp("us", "UTC"))})


def test_a_connection_is_on_chinas_clock() -> None:
    with connect() as connection:
        connection.register("t", MOMENTS)
        assert connection.sql("SELECT CAST(moment AS DATE) FROM t").fetchall() == [(date(2025, 9, 1),)]
        assert connection.sql("SELECT current_setting('TimeZone')").fetchall() == [("Asia/Shanghai",)]


def test_the_runner_is_too() -> None:
    with DuckDBRunner() as runner:
        runner.register("t", MOMENTS)
        assert runner.fetch('SELECT CAST(moment AS DATE) AS d FROM "t"')["d"].to_pylist() == [
            date(2025, 9, 1)
        ]
