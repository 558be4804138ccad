"""Sheets, long CSV and series.csv that were once read wrongly in silence: the outcome that each has to have."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from qingmiao.collect import Collected, DataError, collect, workbook
from qingmiao.content import Pack, load_pack

DATA = Path(__file__).parent / "data"
ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "how-to" / "make-a-pack.md"
ON = date(2025, 6, 1)


def guide(to: Path, returns: Path | None = None) -> Pack:
    """The county that docs/how-to/make-a-pack.md spells out, with the returns of a folder added."""
    files = re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", GUIDE.read_text("utf-8"), flags=re.M | re.S)
    assert len(files) > 20
    for name, text in files:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_text(text, encoding="utf-8")
    if returns is not None:
        shutil.copytree(returns, to / "returns", dirs_exist_ok=True)
    return load_pack(to)


def county(to: Path, case: str, pack: str = "") -> Collected:
    """The small county's data with a case laid over it, read with its pack (perhaps with a folder laid over)."""
    shutil.copytree(DATA / "county" / "pack", to / "pack")
    if pack:
        shutil.copytree(DATA / "county" / pack, to / "pack", dirs_exist_ok=True)
    shutil.copytree(DATA / "county" / "control", to / "data")
    shutil.copytree(DATA / "county" / case, to / "data", dirs_exist_ok=True)
    gone = to / "data" / "_remove"
    if gone.exists():
        for name in gone.read_text("utf-8").split():
            (to / "data" / name).unlink()
        gone.unlink()
    return collect(load_pack(to / "pack"), to / "data", on=ON)


def cells(got: Collected) -> dict[str, float]:
    return {f"{r['row']}.{r['column']}": r["value"] for r in got.tables["return_cells"].to_pylist()}


def told(error: DataError) -> list[str]:
    return [str(f) for f in error.faults]


def test_09_binary_noise_breaks_no_sum(tmp_path: Path) -> None:
    case = DATA / "09_binary_noise_in_a_sum"
    got = collect(guide(tmp_path, case / "returns"), case / "data", on=ON)
    assert (cells(got)["01.3"], [f.code for f in got.findings if f.code != "empty_cells"]) == (3.3, [])


def test_10_percent_cells_are_what_people_see(tmp_path: Path) -> None:
    case = DATA / "10_percent_format"
    got = cells(collect(guide(tmp_path, case / "returns"), case / "data", on=ON))
    assert [got[f"03.{n}"] for n in "123"] == [95, 50, 73]


def test_14_impossible_figures_are_faults_each(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        collect(guide(tmp_path), DATA / "14_impossible_figures", on=ON)
    found = {(f.file, f.line, f.code) for f in error.value.faults}
    assert found == {
        ("returns/mch01.csv", 2, "future_period"),
        ("series.csv", 2, "impossible_figure"),
        ("series.csv", 2, "value_contradicts_counts"),
        ("series.csv", 3, "impossible_figure"),
    }
    assert any("value 是 96.0，而 480 ÷ 400 × 100 = 120.0" in line for line in told(error.value))


def test_a_percent_cell_of_the_county(tmp_path: Path) -> None:
    got = county(tmp_path, "percent_cell", "percent_pack").tables["return_cells"].to_pylist()
    assert [r["value"] for r in got if r["return"] == "M2"] == [45]


@pytest.mark.parametrize(
    ("case", "pack", "said"),
    [
        ("idcard_in_cell", "percent_pack", "returns/m2.xlsx:7 [工作表 报表 单元格 C7]"),
        ("value_contradicts_counts", "", "series.csv:5 [列 value] value 是 95.5，而 100 ÷ 200 × 100 = 50.0"),
        ("group_label_not_code", "", "series.csv:6 [列 residence] residence 没有代码「城市」（建议：写代码 urban）"),
        ("template_last_year", "", "returns/r1.xlsx:4 [工作表 报表 单元格 A4] 表头写的报告期是「2024年」，隐藏页是「2023年」"),
    ],
)  # fmt: skip
def test_one_fault_of_the_county_that_says_where(tmp_path: Path, case: str, pack: str, said: str) -> None:
    with pytest.raises(DataError) as error:
        county(tmp_path, case, pack)
    (line,) = told(error.value)
    assert line.startswith(said)
    assert "14262219" not in line


@pytest.fixture(scope="module")
def xiangning() -> Pack:
    return load_pack(ROOT / "content" / "xiangning")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("decimal_1e200000000.xlsx", "[工作表 报表 单元格 C7] 「1e200000000」是科学计数法"),
        ("nul_escape.xlsx", "[工作表 报表 单元格 C7] 「12\ufffd34」不是数"),
        ("fault_5MB_text.xlsx", "[工作表 报表 单元格 C7] 「xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…」不是数"),
        ("merged_1M.xlsx", "合并单元格太多"),
        ("regex_unclosed_c.xlsx", "元素没有合上"),
        ("series-inf.csv", "series.csv:2 [列 value] 「1e400」"),
        ("returns-inf.csv", "returns/returns-inf.csv:2 [第 2 行] 「1e400」"),
    ],
)
def test_hostile_files_are_faults_and_cost_little(
    xiangning: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, said: str
) -> None:
    """The reading process gets 4 s of CPU and 400 MB; one that needed more would be killed, and the fault would say
    so."""
    monkeypatch.setitem(workbook.LIMITS, "cpu", 4)
    monkeypatch.setitem(workbook.LIMITS, "memory", 400 << 20)
    to = tmp_path / "series.csv" if file.startswith("series") else tmp_path / "returns" / file
    to.parent.mkdir(exist_ok=True)
    shutil.copy(DATA / "hostile" / file, to)
    with pytest.raises(DataError) as error:
        collect(xiangning, tmp_path, on=ON)
    assert any(said in line for line in told(error.value))
    assert len(str(error.value)) < 2_000
