"""Any table in, NumPy columns to work on, the same kind of table out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from qingmiao.standards.columns import ColumnError, Columns

DATA: dict[str, list[Any]] = {
    "whole": [1, None, 3],
    "number": [1.5, None, 3.0],
    "text": ["M", None, " f "],
    "code": [1.0, None, 2.0],
    "typed": ["1.5", "", "3"],
}
NEW = {
    "z": np.array([1.5, np.nan, 2.0]),
    "flag": np.ma.MaskedArray(np.array([0, 1, 1], dtype=np.int8), mask=[False, True, False]),
    "truth": np.ma.MaskedArray(np.array([True, False, True]), mask=[False, False, True]),
    "word": np.array(["a", None, "b"], dtype=object),
}
KINDS = {
    "arrow": pa.table,
    "batch": pa.RecordBatch.from_pydict,
    "dictionary": lambda data: pa.table(
        {k: pa.array(v).dictionary_encode() if isinstance(v[0], str) else pa.array(v) for k, v in data.items()}
    ),
    "polars": pl.DataFrame,
    "pandas": pd.DataFrame,
    "nullable pandas": lambda data: pd.DataFrame(data).convert_dtypes(),
    "lists": lambda data: {
        name: [pd.NA if value is None else value for value in values] for name, values in data.items()
    },
    "objects": lambda data: {name: np.array(values, dtype=object) for name, values in data.items()},
}


@pytest.mark.parametrize("kind", KINDS)
def test_columns_of_every_kind_of_table(kind: str) -> None:
    columns = Columns(KINDS[kind](DATA))
    assert len(columns) == 3
    assert "whole" in columns
    np.testing.assert_array_equal(columns.floats("whole"), [1, np.nan, 3])
    np.testing.assert_array_equal(columns.floats("number"), [1.5, np.nan, 3])
    np.testing.assert_array_equal(columns.floats("typed"), [1.5, np.nan, 3])
    assert columns.texts("text").tolist() == ["M", None, "f"]
    assert columns.texts("code").tolist() == ["1", None, "2"]
    assert columns.codes("text", {"m": 1}).tolist() == [1, 0, -1]
    assert columns.codes("code", {"1": 1, "2": 2}).tolist() == [1, 0, 2]
    assert np.isnan(columns.floats("absent")).all()
    assert columns.codes("absent", {"m": 1}).tolist() == [0, 0, 0]
    assert columns.texts("absent").tolist() == [None] * 3


@pytest.mark.parametrize("kind", KINDS)
def test_same_kind_comes_back_with_missing_kept(kind: str) -> None:
    table = KINDS[kind](DATA)
    result = Columns(table).with_columns(NEW)
    assert isinstance(result, type(table))
    again = Columns(result)
    assert set(DATA) | set(NEW) == set(again.names)
    np.testing.assert_array_equal(again.floats("z"), [1.5, np.nan, 2])
    np.testing.assert_array_equal(again.floats("flag"), [0, np.nan, 1])
    assert again.texts("word").tolist() == ["a", None, "b"]
    if kind in ("arrow", "batch", "dictionary"):
        assert result["z"].null_count == 1
        assert result["truth"].to_pylist() == [True, False, None]
    if kind == "polars":
        assert result["z"].null_count() == 1
        assert result["truth"].to_list() == [True, False, None]
    fresh = Columns(Columns(table).fresh({"n": np.array([1.0])}))
    assert fresh.names == ("n",)
    assert len(fresh) == 1


def test_a_column_of_the_same_name_is_replaced_and_the_source_is_not_touched() -> None:
    for make in (pa.table, pl.DataFrame, pd.DataFrame, lambda d: {k: np.array(v) for k, v in d.items()}):
        table = make({"a": [1.0, 2.0]})
        result = Columns(table).with_columns({"a": np.array([3.0, np.nan])})
        np.testing.assert_array_equal(Columns(result).floats("a"), [3.0, np.nan])
        np.testing.assert_array_equal(Columns(table).floats("a"), [1.0, 2.0])


def test_masked_and_text_arrays() -> None:
    columns = Columns({"a": np.ma.MaskedArray([1, 9], mask=[False, True]), "b": np.array(["x", ""])})
    np.testing.assert_array_equal(columns.floats("a"), [1, np.nan])
    assert columns.texts("a").tolist() == ["1", None]
    assert columns.texts("b").tolist() == ["x", None]


def test_errors_name_the_column_and_the_row() -> None:
    with pytest.raises(ColumnError, match="weight 第 2 行"):
        Columns({"weight": np.array(["1", "x"], dtype=object)}).floats("weight")
    with pytest.raises(ColumnError, match="缺少列 sex"):
        Columns(pa.table({"a": [1]})).require("a", "sex")
    with pytest.raises(ColumnError, match="长度不同"):
        Columns({"a": np.zeros(2), "b": np.zeros(3)})
    with pytest.raises(ColumnError, match="不认识的表"):
        Columns([1, 2])


def test_empty_table() -> None:
    columns = Columns(pa.table({"a": pa.array([], pa.float64()), "s": pa.array([], pa.string())}))
    assert columns.floats("a").shape == columns.codes("s", {}).shape == columns.texts("s").shape == (0,)
