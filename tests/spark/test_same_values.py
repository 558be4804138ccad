"""Spark and DuckDB give the same values table, to the last bit, on generated packs and data."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from measure_worlds import World, worlds

from qingmiao.measure.engine import Runner
from qingmiao.measure.recompute import compare_values
from qingmiao.measure.run import measure
from qingmiao.measure.spark import SparkRunner
from qingmiao.measure.versions import current_rows


@pytest.fixture(scope="module")
def spark() -> Iterator[Runner]:
    runner = SparkRunner()
    yield runner
    runner.close()


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(worlds())
def test_spark_equals_duckdb(spark: Runner, world: World) -> None:
    pack = world.pack
    tables: dict[str, pa.Table] = {
        n: current_rows(t, pack.facts[n]) if n in pack.facts else t for n, t in world.tables.items()
    }
    assert compare_values(measure(pack, tables).values, measure(pack, tables, runner=spark).values) == []
