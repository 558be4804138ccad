"""The runner that the specification runs on: DuckDB, or Spark with QINGMIAO_RUNNER=spark (make test-spark)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from drawn import County

from qingmiao.measure.engine import DuckDBRunner, Runner


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    if os.environ.get("QINGMIAO_RUNNER") == "spark":
        from qingmiao.measure.spark import SparkRunner

        engine: Runner = SparkRunner()
    else:
        engine = DuckDBRunner()
    yield engine
    engine.close()


@pytest.fixture
def county(runner: Runner) -> County:
    """An empty county with the towns A, B and C; a test gives it tables and indicators and measures."""
    return County(runner)
