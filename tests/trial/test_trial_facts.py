"""Fact tables that were once read wrongly in silence: the outcome that each has to have."""

from __future__ import annotations

import itertools
import re
import shutil
from pathlib import Path

import pytest

from qingmiao.collect import DataError, collect, write_snapshot
from qingmiao.content import Pack, load_pack
from qingmiao.content.new_pack import new_pack
from qingmiao.measure.run import measure

DATA = Path(__file__).parent / "data"
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "make-a-pack.md"


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """A fresh pack of `qingmiao new-pack`."""
    root = tmp_path_factory.mktemp("new") / "pack"
    new_pack(root)
    return load_pack(root)


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The county that docs/how-to/make-a-pack.md spells out."""
    root = tmp_path_factory.mktemp("guide")
    files = re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", GUIDE.read_text("utf-8"), flags=re.M | re.S)
    assert len(files) > 20
    for name, text in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return load_pack(root)


@pytest.fixture(scope="module")
def county() -> Pack:
    return load_pack(DATA / "county" / "pack")


def overlaid(tmp_path: Path, case: str) -> Path:
    """The small county's data with a case laid over it; the files in `_remove` taken away."""
    data = tmp_path / "data"
    shutil.copytree(DATA / "county" / "control", data)
    shutil.copytree(DATA / "county" / case, data, dirs_exist_ok=True)
    gone = data / "_remove"
    if gone.exists():
        for name in gone.read_text("utf-8").split():
            (data / name).unlink()
        gone.unlink()
    return data


def refused(pack: Pack, data: Path) -> list[str]:
    with pytest.raises(DataError) as error:
        collect(pack, data)
    return [str(f) for f in error.value.faults]


def test_01_a_copied_file_never_doubles_a_count(starter: Pack) -> None:
    (fault,) = refused(starter, DATA / "01_same_key_in_two_files")
    assert "facts/vaccinations/b.csv 2 行全部与 facts/vaccinations/a.csv 里的相同" in fault


def test_02_one_version_has_one_content_whatever_the_files_are_called(guide: Pack, tmp_path: Path) -> None:
    shutil.copytree(DATA / "02_same_key_same_version_two_contents", tmp_path / "d")
    folder = tmp_path / "d" / "facts" / "eye_checks"
    (fault,) = refused(guide, tmp_path / "d")
    assert "eye_checks/b.csv:2 主键重复，facts/eye_checks/a.csv 第 2 行已有，内容不同" in fault
    assert "child_id=X01、check_date=2024-10-08、recorded_at=2024-10-08" in fault
    (folder / "b.csv").rename(folder / "0.csv")
    (fault,) = refused(guide, tmp_path / "d")
    assert "eye_checks/a.csv:2 主键重复，facts/eye_checks/0.csv 第 2 行已有，内容不同" in fault


def test_03_midnights_in_utc_are_days_in_china(starter: Pack) -> None:
    values = measure(starter, collect(starter, DATA / "03_utc_timestamps").tables).values.to_pylist()
    total = {
        r["year"]: (r["numerator"], r["denominator"])
        for r in values
        if r["indicator"] == "health.vaccination" and r["area"] == "990001" and r["sex"] is None
    }
    assert total == {2024: (3, 4)}


def test_04_scientific_notation_is_no_identity(guide: Pack) -> None:
    (fault,) = refused(guide, DATA / "04_ids_in_scientific_notation")
    assert fault.startswith("facts/eye_checks.csv:2 [列 child_id]")
    assert "1.42625E+17" in fault
    assert "共 6 行，还有第 3、4、5、6、7 行" in fault


def test_14_days_of_impossible_years_are_faults(guide: Pack) -> None:
    found = refused(guide, DATA / "14_impossible_days")
    assert [f.split("（")[0] for f in found] == [
        "facts/eye_checks.csv:2 [列 check_date] 筛查日期「0024-10-08」的年份不在 1900–2100 年之间",
        "facts/eye_checks.csv:3 [列 check_date] 筛查日期「2204-10-08」的年份不在 1900–2100 年之间",
    ]


def test_county_control_is_accepted(county: Pack) -> None:
    assert collect(county, DATA / "county" / "control").tables["drown"].num_rows == 3


def test_county_facts_copied_file(county: Pack, tmp_path: Path) -> None:
    (fault,) = refused(county, overlaid(tmp_path, "facts_copied_file"))
    assert "3 行全部与 facts/drown/2024" in fault


def test_county_facts_short_year(county: Pack, tmp_path: Path) -> None:
    (fault,) = refused(county, overlaid(tmp_path, "facts_short_year"))
    assert fault == ("facts/drown.csv:4 [列 death_date] 死亡日期「24-7-1」的年份只有两位（建议：是不是 2024-07-01）")


def test_county_series_csv_csv(county: Pack, tmp_path: Path) -> None:
    (fault,) = refused(county, overlaid(tmp_path, "series_csv_csv"))
    assert fault == "series.csv.csv 不认识的文件，不会被读取（建议：是不是「series.csv」）"


def test_neither_names_nor_order_of_files_decide(guide: Pack, tmp_path: Path) -> None:
    """Three files with corrections and retractions among them, under every order of names: one number, one table."""
    head = "child_id,area_code,check_date,sex,grade,va_worse,sphere_worse,recorded_at,retracted\n"
    row = "{0},980101101,2024-10-08,M,3,{1},-1.5,{2},{3}\n"
    parts = [
        head + row.format("X01", 4.7, "2024-10-08", "") + row.format("X02", 5.1, "2024-10-08", ""),
        head + row.format("X03", 4.9, "2024-10-08", "") + row.format("X01", 5.1, "2024-11-08", ""),
        head + row.format("X02", 5.1, "2024-12-08", "true") + row.format("X00", 4.6, "2024-10-08", ""),
    ]
    seen = set()
    for i, order in enumerate(itertools.permutations(parts)):
        folder = tmp_path / str(i) / "facts" / "eye_checks"
        (folder / "b").mkdir(parents=True)
        for name, text in zip(("a.csv", "b/x.csv", "c.csv"), order, strict=True):
            (folder / name).write_text(text, "utf-8")
        tables = collect(guide, tmp_path / str(i)).tables
        table = tables["eye_checks"]
        shown = tuple(zip(table["child_id"].to_pylist(), table["va_worse"].to_pylist(), strict=True))
        seen.add((write_snapshot(tmp_path / f"s{i}", tables).id, shown))
    (one,) = seen
    assert one[1] == (("X00", 4.6), ("X01", 5.1), ("X03", 4.9))
