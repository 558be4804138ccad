"""Ages are one rule: kernel, columns of the norms, expressions in Python, the oracle, DuckDB and Spark's SQL, day by
day.

Every birth day of 2019-12 to 2021-03 and 2023-12 to 2025-03 (two leap years, and the year after one) meets every day
from two months before birth to two and a half years after it, and the days round each birthday up to the nineteenth.
"""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import parse
from qingmiao.kernel.days import add_months, completed_months, completed_years
from qingmiao.measure.dialect import sql_text
from qingmiao.measure.engine import DuckDBRunner
from qingmiao.measure.naive_expression import value_of
from qingmiao.standards.screening import dates

Pairs = tuple[NDArray[np.datetime64], NDArray[np.datetime64]]


def births() -> list[date]:
    return [start + timedelta(days=n) for start in (date(2019, 12, 1), date(2023, 12, 1)) for n in range(487)]


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    ahead = list(range(-62, 915))
    for year in range(3, 20):
        ahead += [round(365.25 * year) + n for n in range(-33, 4)]
    born = np.array(births(), dtype="datetime64[D]")
    birth = np.repeat(born, len(ahead))
    return birth, birth + np.tile(np.array(ahead, dtype="timedelta64[D]"), len(born))


@pytest.fixture(scope="module")
def months(pairs: Pairs) -> NDArray[np.int64]:
    """The kernel's answer for every pair."""
    return np.array([completed_months(b, d) for b, d in zip(*(x.tolist() for x in pairs), strict=True)])


def test_the_columns_of_the_norms(pairs: Pairs, months: NDArray[np.int64]) -> None:
    assert len(months) > 1_500_000
    np.testing.assert_array_equal(dates.completed_months(*pairs), months)


def test_adding_months_to_columns() -> None:
    born = births()
    column = np.array(born, dtype="datetime64[D]")
    for count in range(-30, 240):
        assert dates.add_months(column, count).tolist() == [add_months(b, count) for b in born]


def test_duckdb(pairs: Pairs, months: NDArray[np.int64]) -> None:
    runner = DuckDBRunner()
    runner.register("t", pa.table({"n": np.arange(len(months)), "b": pairs[0], "d": pairs[1]}))
    found = runner.fetch(
        f"SELECT {sql_text(parse('age_months(b, d)'), 'duckdb')} AS m, {sql_text(parse('age_years(b, d)'), 'duckdb')} "
        f"AS y"
        " FROM t ORDER BY n"
    )
    runner.close()
    np.testing.assert_array_equal(found["m"].to_numpy(), months)
    np.testing.assert_array_equal(found["y"].to_numpy(), months // 12)


def test_sparks_text_says_the_same(pairs: Pairs, months: NDArray[np.int64]) -> None:
    """Spark's own run is ``make test-spark``; its text, which uses no function that DuckDB lacks, is run here by
    DuckDB."""
    text = sql_text(parse("age_months(b, d)"), "spark").replace("`", '"')
    table = pa.table({"n": np.arange(len(months)), "b": pairs[0], "d": pairs[1]})
    with duckdb.connect(":memory:") as connection:
        connection.register("t", table)
        found = connection.sql(f"SELECT {text} AS m FROM t ORDER BY n").to_arrow_table()
    np.testing.assert_array_equal(found["m"].to_numpy(), months)


def test_expressions_in_python_and_the_oracle(pairs: Pairs, months: NDArray[np.int64]) -> None:
    in_months, in_years = parse("age_months(b, d)"), parse("age_years(b, d)")
    some = np.flatnonzero(np.arange(len(months)) % 37 == 0)
    assert len(some) > 40_000
    for place in some.tolist():
        row = {"b": pairs[0][place].item(), "d": pairs[1][place].item()}
        months_there = int(months[place])
        assert evaluate(in_months, row) == value_of(in_months, row) == months_there
        assert (
            evaluate(in_years, row)
            == value_of(in_years, row)
            == months_there // 12
            == completed_years(row["b"], row["d"])
        )
