"""series.csv: each row against itself, its indicator and the other rows; bounds, units, groups, years and headings
alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from qingmiao.collect import Collected, DataError, collect
from qingmiao.content import Pack, load_pack
from qingmiao.kernel.errors import Fault

HEADER = "indicator,area,year,value,numerator,denominator,source,note\n"
MORE = "indicator,area,year,value,unit,numerator,denominator,note,residence\n"
INDICATOR: dict[str, Any] = {
    "levels": ["county"], "lead": "health_bureau", "from": "series", "period": "calendar_year", "better": "higher",
    "source": {"document": "虚构", "evidence": "local"},
}  # fmt: skip
SHARE = {
    **INDICATOR,
    "id": "x.share",
    "label": {"zh": "接种率"},
    "unit": "%",
    "noise": "binomial",
    "natural_limit": 100,
    "by": ["residence"],
}
GROSS = {**INDICATOR, "id": "x.gross", "label": {"zh": "毛入学率"}, "unit": "%"}
COUNT = {
    **INDICATOR,
    "id": "x.count",
    "label": {"zh": "人数"},
    "unit": "人",
    "nature": "count",
    "decimals": 0,
    "by": ["residence"],
}
DEATHS = {
    **INDICATOR,
    "id": "x.deaths",
    "label": {"zh": "死亡率"},
    "unit": "1/10万",
    "noise": "poisson",
    "better": "lower",
    "natural_limit": 0,
}
SCHOOL = {**INDICATOR, "id": "x.school", "label": {"zh": "巩固率"}, "unit": "%", "period": "school_year"}
ON = date(2025, 6, 1)


@pytest.fixture
def made(root: Path, data: Path) -> Pack:
    """The starter pack with five series of ours, and a data folder without anything else."""
    (root / "indicators" / "ours.yaml").write_text(
        yaml.safe_dump([SHARE, GROSS, COUNT, DEATHS, SCHOOL], allow_unicode=True), "utf-8"
    )
    codes = {
        "id": "residence",
        "label": {"zh": "城乡"},
        "items": [{"code": "urban", "label": {"zh": "城市"}}, {"code": "rural", "label": {"zh": "农村"}}],
    }
    (root / "codes" / "residence.yaml").write_text(yaml.safe_dump(codes, allow_unicode=True), "utf-8")
    for path in [*data.rglob("*.csv"), *data.rglob("*.xlsx")]:
        path.unlink()
    return load_pack(root)


def given(pack: Pack, data: Path, rows: str, header: str = MORE) -> Collected:
    (data / "series.csv").write_text(header + rows, "utf-8")
    return collect(pack, data, on=ON)


def refused(pack: Pack, data: Path, rows: str, header: str = MORE) -> list[Fault]:
    with pytest.raises(DataError) as error:
        given(pack, data, rows, header)
    return list(error.value.faults)


def series(got: Collected) -> list[dict[str, Any]]:
    table: pa.Table = got.tables["series"]
    return table.to_pylist()


def test_a_series_keeps_blank_as_missing(pack: Pack, data: Path) -> None:
    (data / "series.csv").write_text(
        HEADER + "health.infant_mortality,990001,2020,,,,年报,\nhealth.infant_mortality,990001,2021,0,0,1500,年报,\n"
    )
    rows = collect(pack, data).tables["series"].to_pylist()
    assert [(r["year"], r["value"], r["denominator"]) for r in rows] == [
        (2020, None, None),
        (2021, 0.0, 1500.0),
    ]


def test_a_heading_alone_is_nothing_yet(made: Pack, data: Path) -> None:
    assert series(given(made, data, "")) == []


RIGHT = {
    "x.share,990001,2024,96.0,,480,500,,": (96.0, None),
    "x.share,990001,2024,９６．０,％,480,500,,": (96.0, None),
    "x.share,990001,2024,96%,%,480,500,,": (96.0, None),
    "x.share,990001,2024,33.3,,1,3,,": (33.3, None),
    "x.share,990001,2024,33,,1,3,,": (33.0, None),
    "x.share,990001,2024,33.3333333333333357,,1,3,,": (33.3333333333333, None),
    "x.share,990001,2024,0.3,,1,300,,": (0.3, None),
    "x.share,990001,2024,12.25,,49,400,,": (12.25, None),
    "x.share,990001,2024,12.3,,49,400,,": (12.3, None),  # half up
    "x.share,990001,2024,100,,500,500,,": (100.0, None),
    "x.share,990001,2024,,,480,500,,": (None, None),
    "x.gross,990001,2024,101.5,,,,,": (101.5, None),
    "x.gross,990001,2024,-2.1,,,,,": (-2.1, None),
    'x.count,990001,2024,"5,210",人,,,,': (5210.0, None),
    "x.deaths,990001,2024,22.26,/10万,,,,": (22.26, None),
    "x.deaths,990001,2024,20,每10万,1,5000,,": (20.0, None),
    "x.share,990001,2024,>99,,,,,": (99.0, ">"),
    "x.share,990001,2024,＞99,,,,,": (99.0, ">"),
    "x.deaths,990001,2024,<1.68,,,,,": (1.68, "<"),
    "x.share,990001,2024,>=95,,,,,": (95.0, ">="),
    "x.share,990001,2024,≥95%,%,,,,": (95.0, ">="),
    "x.share,990001,2024,95以上,,480,500,,": (95.0, ">="),
    "x.share,990001,2024,<=100,,,,,": (100.0, "<="),
}


@pytest.mark.parametrize("row", RIGHT)
def test_what_is_taken(made: Pack, data: Path, row: str) -> None:
    (got,) = series(given(made, data, row + "\n"))
    assert (got["value"], got["bound"]) == RIGHT[row]


WRONG = {
    "x.share,990001,2024,96.0,,480,400,,": {"impossible_figure", "value_contradicts_counts"},
    "x.share,990001,2024,95.5,,100,200,,": {"value_contradicts_counts"},
    "x.share,990001,2024,95.4,,191,200,,": {"value_contradicts_counts"},
    "x.share,990001,2024,0.96,,480,500,,": {"value_contradicts_counts"},
    "x.share,990001,2024,196,,980,500,,": {"impossible_figure"},
    "x.share,990001,2024,,,980,500,,": {"impossible_figure"},
    "x.share,990001,2024,100.1,,,,,": {"impossible_figure"},
    "x.share,990001,2024,-0.1,,,,,": {"impossible_figure"},
    "x.share,990001,2024,>100,,,,,": {"impossible_figure"},
    "x.share,990001,2024,<0,,,,,": {"impossible_figure"},
    "x.share,990001,2024,>97,,480,500,,": {"value_contradicts_counts"},
    "x.count,990001,2024,-5,,,,,": {"impossible_figure"},
    "x.deaths,990001,2024,-5,,,,,": {"impossible_figure"},
    "x.share,990001,2024,33.5,,134,0,,": {"impossible_figure"},
    "x.share,990001,2024,33.5,,134,-400,,": {"impossible_figure"},
    "x.share,990001,2024,33.5,,-134,400,,": {"impossible_figure"},
    "x.share,990001,2024,1e400,,136,400,,": {"wrong_type"},
    "x.share,990001,2024,inf,,,,,": {"wrong_type"},
    "x.share,990001,2024,NaN,,,,,": {"wrong_type"},
    "x.share,990001,2024,96,,1e400,400,,": {"wrong_type"},
    "x.share,990001,2024,96,,inf,NaN,,": {"wrong_type"},
    "x.share,990001,2024,约95,,,,,": {"wrong_type"},
    "x.share,990001,2024,95左右,,,,,": {"wrong_type"},
    "x.share,990001,2024,95.0（预计）,,,,,": {"wrong_type"},
    "x.share,990001,2024,—,,,,,": {"wrong_type"},
    "x.share,990001,2024,…,,,,,": {"wrong_type"},
    "x.share,990001,2024,无,,,,,": {"wrong_type"},
    "x.share,990001,2024,/,,,,,": {"wrong_type"},
    "x.count,990001,2024,5210人,,,,,": {"wrong_type"},
    "x.share,990001,2024,96,‰,,,,": {"wrong_unit"},
    "x.share,990001,2024,96‰,,,,,": {"wrong_unit"},
    "x.deaths,990001,2024,20,%,,,,": {"wrong_unit"},
    "x.deaths,990001,2024,20,1/万,,,,": {"wrong_unit"},
    "x.share,990001,24,96,,,,,": {"wrong_type"},
    "x.share,990001,2204,96,,,,,": {"wrong_type"},
    "x.share,990001,2199,96,,,,,": {"future_period"},
    "x.share,990001,2026,96,,,,,": {"future_period"},
    "x.share,990001,1924,96,,,,,": {"implausible_year"},
    "x.school,990001,2025,96,,,,,": {"future_period"},
    "x.share,990001,2024,96,,,,,城市": {"unknown_code"},
    "x.share,990001,2024,96,,,,,Urban": {"unknown_code"},
    "x.gross,990001,2024,96,,,,,urban": {"unknown_group"},
    "x.share,123456,2024,96,,,,,": {"unknown_area"},
    "x.share,合计,2024,96,,,,,": {"unknown_area"},
    "x.shares,990001,2024,96,,,,,": {"unknown_indicator"},
    "接种率,990001,2024,96,,,,,": {"unknown_indicator"},
    "合计,,,96,,,,,": {"not_a_data_row"},
    "注：数据来自年报,,,,,,,,": {"not_a_data_row"},
}


@pytest.mark.parametrize("row", WRONG)
def test_what_is_refused_and_where(made: Pack, data: Path, row: str) -> None:
    found = refused(made, data, "x.share,990001,2023,90,,,,,\n" + row + "\n")
    assert {f.code for f in found if f.line == 3} >= WRONG[row]
    assert {(f.file, f.line) for f in found} == {("series.csv", 3)}
    assert all(f.hint for f in found)


def test_the_fault_of_value_against_counts_names_both(made: Pack, data: Path) -> None:
    (found,) = refused(made, data, "x.share,990001,2024,95.5,,100,200,,\n")
    assert "value 是 95.5，而 100 ÷ 200 × 100 = 50.0" in str(found)


def test_a_code_that_was_meant_is_named(made: Pack, data: Path) -> None:
    (found,) = refused(made, data, "x.share,990001,2024,96,,,,,城市\n")
    assert "写代码 urban" in found.hint


@pytest.mark.parametrize(
    ("label", "year"),
    [("2023/24", 2023), ("2023—2024学年", 2023), ("2023-2024", 2023), ("2023学年", 2023), ("2023", 2023)],
)
def test_school_years_are_read_by_their_labels(made: Pack, data: Path, label: str, year: int) -> None:
    (got,) = series(given(made, data, f"x.school,990001,{label},96,,,,,\n"))
    assert got["year"] == year


@pytest.mark.parametrize(("second", "differ"), [("96.0", False), ("95", True)])
def test_a_row_given_twice_is_named_with_both_lines(made: Pack, data: Path, second: str, differ: bool) -> None:
    (found,) = refused(made, data, f"x.share,990001,2024,96.0,,,,,\nx.share,990001000000,2024,{second},,,,,\n")
    assert (found.code, found.line) == ("duplicate_key", 3)
    assert f"第 2 行 96.0，第 3 行 {second}" in found.message
    assert ("不一样" in found.hint) is differ


def test_a_group_is_not_the_total_given_twice(made: Pack, data: Path) -> None:
    got = given(
        made,
        data,
        "x.share,990001,2024,90,,,,,\nx.share,990001,2024,95,,,,,urban\nx.share,990001,2024,85,,,,,rural\n",
    )
    assert len(series(got)) == 3
    assert got.findings == []


@pytest.mark.parametrize(
    ("total", "urban", "rural", "found"),
    [
        ("90", "95", "85", False), ("95", "95", "85", False), ("95.04", "95.0", "85", False), ("96", "95", "85", True),
        ("84", "95", "85", True),
        ("99", "95", "", False), ("99", "", "", False), ("99", ">95", "85", False), ("99", "95", "none", False),
    ],
)  # fmt: skip
def test_a_rate_outside_its_groups_is_a_finding(
    made: Pack, data: Path, total: str, urban: str, rural: str, found: bool
) -> None:
    rows = f"x.share,990001,2024,{total},,,,,\nx.share,990001,2024,{urban},,,,,urban\n"
    rows += "" if rural == "none" else f"x.share,990001,2024,{rural},,,,,rural\n"
    got = given(made, data, rows)
    outside = [f for f in got.findings if f.code == "total_outside_groups"]
    assert bool(outside) is found
    assert not found or outside[0].rows == (2, 3, 4)


@pytest.mark.parametrize(
    ("total", "urban", "rural", "found"),
    [
        ("30", "10", "20", False),
        ("31", "10", "20", True),
        ("29", "10", "20", True),
        ("29", "30", "none", True),
        ("31", "30", "none", False),
    ],
)
def test_a_count_that_is_not_the_sum_of_its_groups_is_a_finding(
    made: Pack, data: Path, total: str, urban: str, rural: str, found: bool
) -> None:
    rows = f"x.count,990001,2024,{total},,,,,\nx.count,990001,2024,{urban},,,,,urban\n"
    rows += "" if rural == "none" else f"x.count,990001,2024,{rural},,,,,rural\n"
    assert [f.code for f in given(made, data, rows).findings] == ["total_outside_groups"] * found


def test_a_bound_is_told(made: Pack, data: Path) -> None:
    (finding,) = given(made, data, "x.share,990001,2024,>99,,,,,\n").findings
    assert (finding.code, finding.rows) == ("series_bound", (2,))
    assert "x.share 2024 >99" in finding.message


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("health.infant,990001,2020,5,,,,\n", "unknown_indicator"),
        ("health.infant_mortality,123456,2020,5,,,,\n", "unknown_area"),
        ("health.infant_mortality,990001,20,5,,,,\n", "wrong_type"),
        ("health.infant_mortality,990001,2020,五,,,,\n", "wrong_type"),
        (
            "health.infant_mortality,990001,2020,5,,,,\nhealth.infant_mortality,990001000000,2020,6,,,,\n",
            "duplicate_key",
        ),
    ],
)
def test_each_fault(pack: Pack, data: Path, row: str, code: str) -> None:
    (data / "series.csv").write_text(HEADER + row)
    with pytest.raises(DataError) as error:
        collect(pack, data)
    assert code in {f.code for f in error.value.faults}


def test_an_empty_folder_is_said(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"series\.csv"):
        collect(pack, tmp_path / "empty")
    with pytest.raises(DataError, match="没有数据文件夹"):
        collect(pack, tmp_path / "nowhere")
