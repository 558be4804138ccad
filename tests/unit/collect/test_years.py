"""Year texts in every reader: facts, returns, series and the commands' ``--year``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from qingmiao.cli import main
from qingmiao.collect import DataError, collect
from qingmiao.collect.tables import RawTable
from qingmiao.collect.years import read_years, year_kind
from qingmiao.content import Pack
from qingmiao.content.facts import Fact
from qingmiao.kernel.periods import PeriodKind

SERIES = "indicator,area,year,value\n"
RETURN = "return,period,area,row,column,value\n"


def with_period(pack: Pack, kind: str) -> Pack:
    """The pack with all indicators and returns counted in years of one kind."""
    period = {"period": PeriodKind(kind)}
    return replace(
        pack,
        indicators={k: i.model_copy(update=period) for k, i in pack.indicators.items()},
        returns={k: r.model_copy(update=period) for k, r in pack.returns.items()},
    )


def said(pack: Pack, data: Path) -> str:
    with pytest.raises(DataError) as error:
        collect(pack, data)
    return str(error.value)


@pytest.mark.parametrize("label", ["2023/24", "2023—2024学年", "2023-2024学年度", "２０２３", "2023.0"])
def test_a_school_year_is_read_in_series_and_returns(pack: Pack, data: Path, label: str) -> None:
    school = with_period(pack, "school_year")
    (data / "series.csv").write_text(SERIES + f"health.infant_mortality,990001,{label},5\n")
    for old in (data / "returns").iterdir():
        old.unlink()
    (data / "returns/a.csv").write_text(RETURN + f"MCH01,{label},990001,01,1,1450\nMCH01,{label},990001,02,1,6\n")
    tables = collect(school, data).tables
    assert tables["series"]["year"].to_pylist() == [2023]
    assert set(tables["return_cells"]["period"].to_pylist()) == {2023}


def test_a_school_years_label_on_a_calendar_year_is_a_fault_and_two_spellings_of_a_year_are_one_key(
    pack: Pack, data: Path
) -> None:
    calendar = with_period(pack, "calendar_year")
    (data / "series.csv").write_text(
        SERIES + "health.infant_mortality,990001,2023/24,5\nhealth.infant_mortality,990001,2022年,5\n"
        "health.infant_mortality,990001,2022,5\n"
    )
    (data / "returns/a.csv").write_text(RETURN + "MCH01,2023—2024学年,990001,01,1,1450\n")
    message = said(calendar, data)
    assert "series.csv:2 [列 year] 「2023/24」是学年，这里按日历年度统计（建议：写成 2024）" in message
    assert "returns/a.csv:2 [第 2 行] 报告期：「2023—2024学年」是学年" in message
    assert "series.csv:4" in message


def fact(pack: Pack) -> tuple[Pack, Fact]:
    """The pack with its fact table keyed by a year column, read by one indicator of the kind school year."""
    old = pack.facts["vaccinations"]
    column = old.columns["dose_no"] if "dose_no" in old.columns else next(iter(old.columns.values()))
    year = column.model_copy(update={"type": "integer", "required": True})
    new = old.model_copy(update={"date": None, "year": "counted", "columns": {**old.columns, "counted": year}})
    return replace(with_period(pack, "school_year"), facts={"vaccinations": new}), new


def test_a_facts_year_column_is_read_once_a_text_and_each_wrong_row_is_named(pack: Pack) -> None:
    school, table = fact(pack)
    assert year_kind(school, table) is PeriodKind.SCHOOL_YEAR
    texts = ["2023", "2023/24", None, "2023-2025", "2023—2024学年", "2024年末"]
    raw = RawTable("facts/a.csv", pa.table({"counted": pa.array(texts)}), pa.array([2, 3, 4, 5, 6, 7]))
    read, faults = read_years(school, table, raw)
    years = read.table["counted"].to_pylist()
    assert (years[:3], years[4]) == ([2023, 2023, None], 2023)
    assert [(f.line, f.code) for f in faults] == [(5, "wrong_type"), (7, "wrong_type")]
    assert "不相连" in faults[0].message
    assert "是年末，这里按学年统计" in faults[1].message


def test_many_wrong_years_are_counted(pack: Pack) -> None:
    school, table = fact(pack)
    raw = RawTable("a.csv", pa.table({"counted": pa.array(["五"] * 30)}), pa.array(range(2, 32)))
    faults = read_years(school, table, raw)[1]
    assert len(faults) == 21
    assert "共 30 处" in faults[-1].message


@pytest.mark.parametrize(
    ("year", "said"),
    [("2023—2024学年", "是学年，这里要一个年份"), ("1948", "不在 1949—2199"), ("五", "不是年份")],
)
def test_a_command_says_which_years_it_takes(root: Path, tmp_path: Path, year: str, said: str) -> None:
    arguments = ["monitor", "--pack", str(root), "--data", str(root / "data"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, [*arguments, "--year", year])
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "out").exists()


def test_a_template_takes_the_years_of_its_return(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.xlsx"
    arguments = ["template", str(root), "MCH01", str(out), "--area", "990001", "--year"]
    assert CliRunner().invoke(main, [*arguments, "2024年"]).exit_code == 0
    result = CliRunner().invoke(main, [*arguments, "2023/24"])
    assert (result.exit_code, "妇幼卫生年度" in result.output) == (2, True)
