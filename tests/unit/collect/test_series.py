from __future__ import annotations

from pathlib import Path

import pytest

from qingmiao.collect import DataError, collect
from qingmiao.content import Pack

HEADER = "indicator,area,year,value,numerator,denominator,source,note\n"


def test_a_series_keeps_blank_as_missing(pack: Pack, data: Path) -> None:
    (data / "series.csv").write_text(
        HEADER
        + "health.infant_mortality,990001,2020,,,,年报,\nhealth.infant_mortality,990001,2021,0,0,1500,年报,\n"
    )
    rows = collect(pack, data).tables["series"].to_pylist()
    assert [(r["year"], r["value"], r["denominator"]) for r in rows] == [
        (2020, None, None),
        (2021, 0.0, 1500.0),
    ]


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
