"""Whole columns of days, numbers and identities: the kernel's rules cell by cell, faults by row."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from qingmiao.standards import vision
from qingmiao.standards.columns import ColumnError, Columns
from qingmiao.standards.readings import read_days, read_identifiers, read_numbers
from qingmiao.standards.words import SEX, nearest_word

DAY = datetime.date(2025, 9, 10)


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["2025年9月10日", None, "45910", " "]),
        pa.array(["2025年9月10日", None, "45910", " "], pa.large_string()),
        pa.array(["2025/9/10", None, "２０２５－０９－１０", ""]).dictionary_encode(),
        pa.array([45910.0, None, 45910.5, float("nan")]),
        pa.array([45910, None, 20250910, None]),
        pa.array([DAY, None, DAY, None]),
        pa.array([DAY, None, DAY, None], pa.date64()),
        pa.array([datetime.datetime(2025, 9, 9, 16, tzinfo=datetime.UTC), None] * 2, pa.timestamp("ns", "UTC")),
        pa.array([datetime.datetime(2025, 9, 10), None] * 2, pa.timestamp("s")),
        pa.array(["2025-09-09T16:00:00Z", None, "2025-09-10 00:00:00+08:00", "NA"]),
        pa.chunked_array([["2025-09-10", None], ["2025.9.10", None]]),
    ],
    ids=lambda c: str(c.type),
)  # fmt: skip
def test_days_of_every_type(column: Any) -> None:
    reading = read_days(column)
    assert reading.values.type == pa.date32()
    assert reading.values.to_pylist() == [DAY, None, DAY, None]
    assert not reading.bad.any()


def test_bad_days_are_named_by_row_with_the_nearest() -> None:
    reading = read_days(pa.array(["2025-09-31", "", "2025-09-10", "25-9-1", "2025-09-31"]))
    assert reading.bad.tolist() == [True, False, False, True, True]
    assert [(row, text, error.nearest) for row, text, error in reading.faults()] == [
        (0, "2025-09-31", "2025-09-30"),
        (3, "25-9-1", "2025-09-01"),
        (4, "2025-09-31", "2025-09-30"),
    ]
    far = read_days(pa.array([datetime.date(1, 1, 1), datetime.date(9999, 12, 31), DAY, None]))
    assert far.bad.tolist() == [True, True, False, False]
    assert far.values.to_pylist() == [None, None, DAY, None]
    assert "9999" in [text for _, text, _ in far.faults()][1]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["１２．５", "1,234.5", None, "NA"]),
        pa.array(["12.5", "1234.5", None, "nan"]).dictionary_encode(),
        pa.array([12.5, 1234.5, None, float("nan")]),
        pa.array([12.5, 1234.5, None, None], pa.float32()),
        pa.array([decimal.Decimal("12.5"), decimal.Decimal("1234.5"), None, None]),
    ],
    ids=lambda c: str(c.type),
)
def test_numbers_of_every_type(column: Any) -> None:
    reading = read_numbers(column)
    assert reading.values.to_pylist() == [12.5, 1234.5, None, None]
    assert not reading.bad.any()


def test_no_infinity_and_no_unit_is_a_number() -> None:
    assert read_numbers(pa.array([1.0, float("inf"), float("-inf"), None])).bad.tolist() == [
        False,
        True,
        True,
        False,
    ]
    assert read_numbers(pa.array(["1e400", "12kg", "5"])).bad.tolist() == [True, True, False]
    with pytest.raises(TypeError):
        read_numbers(pa.array([DAY]))


def test_identities_of_every_type() -> None:
    reading = read_identifiers(pa.array(["007", "１２", None, "1.42625E+17", "123.0", "11010519491231002x"]))
    assert reading.values.to_pylist() == ["007", "12", None, None, None, "11010519491231002X"]
    assert reading.bad.tolist() == [False, False, False, True, True, False]
    assert reading.changed.tolist() == [False, True, False, False, False, True]
    whole = read_identifiers(pa.array([2**53 + 1, None, 142625199001010000]))
    assert whole.values.to_pylist() == [str(2**53 + 1), None, None]
    floats = read_identifiers(pa.array([1.0, float("nan"), 2.0**60, 1.5]))
    assert floats.values.to_pylist() == ["1", None, None, None]
    assert floats.bad.tolist() == [False, False, True, True]


def test_what_a_table_could_not_read_stands_in_it() -> None:
    table = pa.table(
        {
            "weight": ["5", "５．５", "x", None],
            "sex": ["男生", "Ｆ", "9", "男神"],
            "day": ["2025-09-10", "x", None, "45910"],
        }
    )
    with pytest.raises(ColumnError, match="weight 第 3 行"):
        Columns(table).floats("weight")
    columns = Columns(table, lenient=True)
    np.testing.assert_array_equal(columns.floats("weight"), [5, 5.5, np.nan, np.nan])
    assert columns.codes("sex", SEX).tolist() == [1, 2, 0, -1]
    days, bad = columns.days("day")
    assert days.tolist() == [DAY, None, None, DAY]
    assert bad.tolist() == [False, True, False, False]
    assert sorted(columns.unread) == ["day", "sex", "weight"]
    assert columns.is_unread("weight", "sex").tolist() == [False, False, True, True]
    assert next(columns.unread["sex"].faults())[2].nearest == "男"


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("男神", "男"), ("femal", "female"), ("女学生", "女"), ("丁", ""), ("Ｆemale?", "female")],
)
def test_the_nearest_word(text: str, nearest: str) -> None:
    assert nearest_word(text, SEX) == nearest


@pytest.mark.parametrize("kind", ["arrow", "numpy", "polars", "pandas"])
def test_single_precision_counts_as_people_see_it(kind: str) -> None:
    single = np.array([4.8, 4.9, 10.2, np.nan], dtype=np.float32)
    table: Any = {"x": single}
    if kind == "arrow":
        table = pa.table({"x": pa.array(single, from_pandas=True)})
    elif kind != "numpy":
        table = pytest.importorskip(kind).DataFrame({"x": single})
    np.testing.assert_array_equal(Columns(table).floats("x"), [4.8, 4.9, 10.2, np.nan])
    np.testing.assert_array_equal(Columns(table, lenient=True).floats("x"), [4.8, 4.9, 10.2, np.nan])


def test_single_precision_of_acuity_refers_as_double_does() -> None:
    for precision in (np.float32, np.float64):
        found = vision.score_columns(
            {
                "va_right": np.array([4.8], precision),
                "va_left": np.array([4.8], precision),
                "age_months": np.array([50.0]),
            }
        )
        assert found["refer_acuity"].tolist() == [True]


def test_last_years_child_is_found_in_any_width() -> None:
    eyes = {name: np.zeros(2) for name in ("sphere_right", "cylinder_right", "sphere_left", "cylinder_left")}
    clear = {**eyes, "va_right": np.full(2, 5.0), "va_left": np.full(2, 5.0)}
    myopic = {**clear, "va_right": np.full(2, 4.7), "sphere_right": np.full(2, -1.0)}
    now = {**myopic, "id": np.array(["１２", "11010519491231002x"], dtype=object)}
    before = {**clear, "id": np.array(["12", "11010519491231002X "], dtype=object)}
    compared = vision.compare_years(now, before)
    assert (compared.at_risk, compared.new, compared.lost) == (2, 2, 0)
    with pytest.raises(ColumnError, match="科学计数法"):
        vision.compare_years({**now, "id": np.array(["1.42625E+17", "2"], dtype=object)}, before)
