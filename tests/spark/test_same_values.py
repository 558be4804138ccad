"""Spark and DuckDB give the same values table, to the last bit, on generated packs and data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from measure_worlds import World, worlds

from qingmiao.measure.engine import DuckDBRunner, Runner
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


def test_a_table_of_several_files_is_one_table_with_its_columns_by_name(spark: Runner, tmp_path: Path) -> None:
    """The files of a table's partitions, as the site keeps them: columns in another order, one missing in the first."""
    parts = (
        pa.table({"area": ["141029101"], "year": pa.array([2023], pa.int32())}),
        pa.table({"year": pa.array([2024], pa.int32()), "sex": ["female"], "area": ["141029102"]}),
    )
    files = tuple(tmp_path / f"births-{i}.parquet" for i in range(len(parts)))
    for file, part in zip(files, parts, strict=True):
        pq.write_table(part, file)
    asked = "SELECT area, year, sex FROM births ORDER BY year"
    found = []
    for runner in (spark, DuckDBRunner()):
        runner.register("births", files)
        found.append(runner.fetch(asked).to_pylist())
    assert (
        found[0]
        == found[1]
        == [
            {"area": "141029101", "year": 2023, "sex": None},
            {"area": "141029102", "year": 2024, "sex": "female"},
        ]
    )
