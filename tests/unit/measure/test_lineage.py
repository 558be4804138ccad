"""Explaining a value lists exactly the rows that it counts; recomputing finds every change."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.append(str(Path(__file__).parents[2] / "spec" / "measure"))
from drawn import COUNTY, TOWNS, County

from qingmiao.content.pack import Pack
from qingmiao.measure.engine import DuckDBRunner
from qingmiao.measure.lineage import NoSuchValueError, _as_written, definition_hash, explain
from qingmiao.measure.recompute import NotARunError, digest_of, recompute
from qingmiao.measure.run import measure


@pytest.fixture
def county() -> County:
    county = County(DuckDBRunner())
    county.fact("births", """
        child | town | date       | weight | sex
        a     | A    | 2024-01-05 | 2.4    | f
        b     | A    | 2024-03-01 | 2.5    | f
        c     | B    | 2024-06-30 | 2.1    | m
        d     | B    | 2023-06-30 | 2.1    | m
        e     | B    | 2024-06-30 |        | m
    """)  # fmt: skip
    county.table("F1", "township", """
        place | year | 1.1 | 2.1
        A     | 2024 | 1   | 10
        B     | 2024 | 2   | 10
        C     | 2024 | 3   | 10
    """)  # fmt: skip
    county.indicator("low", from_="births", numerator={"count": "*", "where": "weight < 2.5"},
                     denominator={"count": "weight"}, by=["sex"])  # fmt: skip
    county.indicator("share", from_="return:F1", numerator={"cells": ["1.1"]}, denominator={"cells": ["2.1"]})
    county.indicator("lowest", combine={"op": "minimum", "of": "share", "by_level": "township"})
    county.series("indicator | place | year | value\nlow | county | 2020 | 4.5")
    return county


def rows_of(county: County, indicator: str, area: str, year: int, **keys: Any) -> list[tuple[str, int, list[int]]]:
    found = explain(county.pack, county.tables, indicator, area, year, **keys)
    return [(s.name, s.total, [r.row or 0 for r in s.rows]) for s in found.sides]


def test_the_rows_of_both_sides_with_file_and_row(county: County) -> None:
    # the header is row 1
    assert rows_of(county, "low", COUNTY, 2024) == [("分子", 2, [2, 4]), ("分母", 3, [2, 3, 4])]
    assert rows_of(county, "low", TOWNS["A"], 2024) == [("分子", 1, [2]), ("分母", 2, [2, 3])]
    assert rows_of(county, "low", COUNTY, 2024, dims={"sex": "m"}) == [("分子", 1, [4]), ("分母", 1, [4])]


def test_never_more_rows_than_the_limit_but_the_whole_count(county: County) -> None:
    assert rows_of(county, "low", COUNTY, 2024, limit=1) == [("分子", 2, [2]), ("分母", 3, [2])]


def test_cells_parts_and_published_values(county: County) -> None:
    assert rows_of(county, "share", COUNTY, 2024) == [("分子", 3, [2, 3, 4]), ("分母", 3, [2, 3, 4])]
    lowest = explain(county.pack, county.tables, "lowest", COUNTY, 2024)
    assert lowest.value == 1 / 10 * 100
    assert sorted((p.area, p.value) for p in lowest.parts) == list(zip(TOWNS.values(), (10.0, 20.0, 30.0), strict=True))
    assert explain(county.pack, county.tables, "low", COUNTY, 2020).sides[0].total == 1


def test_the_rows_of_a_group_are_its_own_and_their_count_is_the_number() -> None:
    """A published series by sex and in total, and counted births by sex: no row of another group is listed."""
    county = County(DuckDBRunner())
    county.fact("births", """
        child | town | date       | weight | sex
        a     | A    | 2024-01-05 | 2.4    | f
        b     | A    | 2024-03-01 | 2.5    | f
        c     | B    | 2024-06-30 | 2.1    | m
        d     | B    | 2024-06-30 | 2.6    |
    """)  # fmt: skip
    county.indicator("low", from_="births", numerator={"count": "*", "where": "weight < 2.5"},
                     denominator={"count": "weight"}, by=["sex"])  # fmt: skip
    county.indicator("told", from_="series", by=["sex"])
    county.series("""
        indicator | place  | year | value | sex
        told      | county | 2024 | 5     |
        told      | county | 2024 | 4     | f
        told      | county | 2024 | 6     | m
        told      | county | 2023 | 7     | f
    """)  # fmt: skip
    for dims, value in (({}, 5.0), ({"sex": "f"}, 4.0), ({"sex": "m"}, 6.0)):
        found = explain(county.pack, county.tables, "told", COUNTY, 2024, dims=dims)
        assert [(s.total, [r.content["value"] for r in s.rows]) for s in found.sides] == [(1, [f"{value:g}"])]
        assert found.value == value
    for dims in ({}, {"sex": "f"}, {"sex": "m"}):
        found = explain(county.pack, county.tables, "low", COUNTY, 2024, dims=dims)
        assert [s.total for s in found.sides] == [found.numerator, found.denominator]
        assert all(len(s.rows) == s.total for s in found.sides)


def test_what_is_not_there_is_said(county: County) -> None:
    with pytest.raises(NoSuchValueError, match="没有指标"):
        explain(county.pack, county.tables, "nothing", COUNTY, 2024)
    with pytest.raises(NoSuchValueError, match="1999"):
        explain(county.pack, county.tables, "low", COUNTY, 1999)


def test_words_do_not_change_a_definition_and_conditions_do(county: County) -> None:
    low = county.indicators["low"]
    county.indicator("low", from_="births", numerator={"count": "*", "where": "weight < 2.5"},
                     denominator={"count": "weight"}, note="说明")  # fmt: skip
    assert definition_hash(county.indicators["low"], 1) == definition_hash(low, 1)
    county.indicator(
        "low",
        from_="births",
        numerator={"count": "*", "where": "weight <= 2.5"},
        denominator={"count": "weight"},
    )
    assert definition_hash(county.indicators["low"], 1) != definition_hash(low, 1)


def finished_run(folder: Path, pack: Pack, tables: dict[str, pa.Table]) -> None:
    (folder / "snapshot").mkdir(parents=True)
    for name, table in tables.items():
        pq.write_table(table, folder / "snapshot" / f"{name}.parquet")
    values = folder / "values.parquet"
    pq.write_table(measure(pack, tables).values, values)
    digests = {p.stem: digest_of(p) for p in (folder / "snapshot").iterdir()}
    hashes = {
        i.id: {str(d.version): definition_hash(i, d.version) for d in i.definitions} for i in pack.indicators.values()
    }
    record = {"pack": {"digest": pack.digest}, "definitions": hashes, "snapshot": {"tables": digests},
              "values": {"file": values.name, "sha256": digest_of(values)}}  # fmt: skip
    (folder / "run.json").write_text(json.dumps(record), "utf-8")


def test_recomputing_gives_the_same_bits(county: County, tmp_path: Path) -> None:
    finished_run(tmp_path, county.pack, county.tables)
    assert recompute(tmp_path, county.pack) == []


def test_recomputing_finds_a_changed_definition_and_its_values(county: County, tmp_path: Path) -> None:
    finished_run(tmp_path, county.pack, county.tables)
    county.indicator("low", from_="births", numerator={"count": "*", "where": "weight <= 2.5"},
                     denominator={"count": "weight"}, by=["sex"])  # fmt: skip
    found = recompute(tmp_path, replace(county.pack, digest="another"))
    assert {d.kind for d in found} == {"pack", "definition", "value"}
    places = {f"{area} 2024{sex}" for area in (COUNTY, TOWNS["A"]) for sex in ("", " f")}
    assert {d.place for d in found if d.kind == "value"} == {f"low {p}" for p in places}


def test_recomputing_finds_a_changed_snapshot(county: County, tmp_path: Path) -> None:
    finished_run(tmp_path, county.pack, county.tables)
    pq.write_table(county.tables["births"].slice(1), tmp_path / "snapshot" / "births.parquet")
    assert {d.kind for d in recompute(tmp_path, county.pack)} >= {"snapshot", "value"}


def test_a_folder_that_is_no_run_is_said(county: County, tmp_path: Path) -> None:
    with pytest.raises(NotARunError, match=r"run\.json"):
        recompute(tmp_path, county.pack)


@pytest.mark.parametrize(
    ("value", "said"),
    [(9958.0, "9958"), (0.0, "0"), (-3.0, "-3"), (9958.5, "9958.5"), (12, "12"), (None, ""), ("F", "F")],
)
def test_values_of_rows_are_written_as_people_write_them(value: object, said: str) -> None:
    assert _as_written(value) == said
