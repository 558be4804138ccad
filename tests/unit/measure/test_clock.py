"""Every DuckDB of the system is on China's clock: a moment cast to a date is China's day, whatever the machine's
zone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
from datetime import UTC, datetime
import pyarrow as pa
from qingmiao.measure.engine import DuckDBRunner, connect
moments = pa.table({"moment": pa.array([datetime(2025, 8, 31, 16, tzinfo=UTC)], pa.timestamp("us", "UTC"))})
with connect() as connection:
    print(connection.sql("SELECT current_setting('TimeZone')").fetchall()[0][0])
with DuckDBRunner() as runner:
    runner.register("t", moments)
    print(runner.fetch('SELECT CAST(moment AS DATE) AS d FROM "t"')["d"].to_pylist()[0])
"""


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_a_connection_is_on_chinas_clock(zone: str) -> None:
    """In a process of its own: Django puts the one of the tests on China's time."""
    environment = {**os.environ, "TZ": zone, "PYTHONPATH": str(Path(__file__).parents[3] / "src")}
    done = subprocess.run([sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["Asia/Shanghai", "2025-09-01"]
