from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qingmiao.collect import DataError, collect
from qingmiao.content import Pack, load_pack

HEADER = "child_id,area_code,sex,dose,due_date,given_date\n"
GOOD = "A1,990001101,M,MMR1,2024-03-01,2024-03-05\n"


def write(data: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = data / "facts/vaccinations.csv"
    path.write_bytes(text.encode(encoding))
    return path


def faults(pack: Pack, data: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(DataError) as error:
        collect(pack, data)
    return [(f.code, f.line, str(f)) for f in error.value.faults]


def test_a_good_file_is_typed_and_knows_its_rows(pack: Pack, data: Path) -> None:
    write(data, HEADER + GOOD + "A2,990001101000,F,MMR1,2024/4/1,\n")
    table = collect(pack, data).tables["vaccinations"]
    assert table.column("given_date").to_pylist() == [date(2024, 3, 5), None]
    assert table.column("due_date").to_pylist()[1] == date(2024, 4, 1)
    assert table.column("_row").to_pylist() == [2, 3]
    assert table.column("_area_county").to_pylist() == ["990001", "990001"]
    assert table.column("area_code").to_pylist() == ["990001101", "990001101"]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty_file", 0),
        (HEADER, "no_rows", 0),
        (HEADER.replace("dose", "doze") + GOOD, "missing_column", 1),
        (HEADER.replace("sex", "gender") + GOOD, "unknown_column", 1),
        (HEADER.replace("sex", "dose") + GOOD, "duplicate_column", 1),
        (HEADER + GOOD + "A2,990001101,F,MMR1,2024-02-30,\n", "wrong_type", 3),
        (HEADER + GOOD + "A2,990001101,X,MMR1,2024-03-01,\n", "unknown_code", 3),
        (HEADER + GOOD + "A2,999999999,F,MMR1,2024-03-01,\n", "unknown_area", 3),
        (HEADER + GOOD + "A2,,F,MMR1,2024-03-01,\n", "missing_value", 3),
        (HEADER + GOOD + ",990001101,F,MMR1,2024-03-01,\n", "missing_value", 3),
        (HEADER + GOOD + GOOD, "duplicate_key", 3),
        (HEADER + GOOD + "A2,990001101\n", "column_count", 3),
        (HEADER + GOOD + "\n\n" + "A2,999999999,F,MMR1,2024-03-01,\n", "unknown_area", 5),
    ],
)
def test_each_fault_names_its_row(pack: Pack, data: Path, text: str, code: str, line: int) -> None:
    write(data, text)
    found = faults(pack, data)
    assert (code, line) in [(c, n) for c, n, _ in found], found


@pytest.mark.parametrize(("encoding", "word"), [("gbk", "GBK"), ("utf-16", "UTF-16")])
def test_other_encodings_are_named(pack: Pack, data: Path, encoding: str, word: str) -> None:
    write(data, HEADER + GOOD.replace("MMR1", "麻疹一剂疫苗"), encoding=encoding)
    assert word in faults(pack, data)[0][2]


def test_all_faults_of_all_files_come_in_one_go(pack: Pack, data: Path) -> None:
    write(data, HEADER + "A1,999999999,X,MMR1,2024-03-01,\n")
    (data / "returns/mch01.csv").write_text("return,period,area,row,column,value\nMCH09,2024,990001,01,1,5\n")
    (data / "facts/other.csv").write_text("a\n1\n")
    codes = {c for c, _, _ in faults(pack, data)}
    assert codes == {"unknown_area", "unknown_code", "unknown_return", "unknown_table"}


def test_a_million_blank_rows_cost_little_and_change_nothing(pack: Pack, data: Path) -> None:
    write(data, HEADER + GOOD + "\n" * 300_000 + ",,,,,\n" * 300_000)
    assert collect(pack, data).tables["vaccinations"].num_rows == 1


def test_parquet_is_read_with_its_types(pack: Pack, data: Path) -> None:
    (data / "facts/vaccinations.csv").unlink()
    table = pa.table(
        {
            "child_id": ["A1"], "area_code": [990001101], "sex": pa.array(["M"]).dictionary_encode(), "dose": ["MMR1"],
            "due_date": pa.array([date(2024, 3, 1)]), "given_date": pa.array([None], pa.date32()),
        }
    )  # fmt: skip
    pq.write_table(table, data / "facts/vaccinations.parquet")
    got = collect(pack, data).tables["vaccinations"].to_pylist()[0]
    assert (got["area_code"], got["sex"], got["due_date"]) == ("990001101", "M", date(2024, 3, 1))


def test_a_broken_parquet_is_said(pack: Pack, data: Path) -> None:
    (data / "facts/vaccinations.csv").unlink()
    (data / "facts/vaccinations.parquet").write_bytes(b"PAR1 no")
    assert faults(pack, data)[0][0] == "parquet"


FACT = """
id: checks
label: {zh: 检查}
grain: child
key: [child_id, day]
area: area_code
date: day
version: revision
retracted: gone
columns:
  child_id: {type: text, label: {zh: 儿童}}
  area_code: {type: area, label: {zh: 地区}}
  day: {type: date, label: {zh: 日期}}
  birth: {type: date, label: {zh: 出生}}
  weight: {type: number, label: {zh: 体重}, min: 0.5, max: 150}
  ill: {type: boolean, label: {zh: 患病}}
  revision: {type: integer, label: {zh: 版本}}
  gone: {type: boolean, label: {zh: 撤回}}
derived:
  months: {type: integer, label: {zh: 月龄}, expr: "age_months(birth, day)"}
  stage: {type: text, label: {zh: 年龄段}, bands: {of: months, edges: [0, 12, 36], labels: [婴儿, 幼儿]}}
  rural: {type: text, label: {zh: 城乡}, area_attribute: residence}
  ill_before: {type: boolean, label: {zh: 上年患病}, previous: {of: ill, per: child_id, period: calendar_year}}
"""


@pytest.fixture
def checks(root: Path) -> Pack:
    (root / "facts/checks.yaml").write_text(FACT, "utf-8")
    return load_pack(root)


def test_corrections_derived_columns_and_findings(checks: Pack, data: Path) -> None:
    (data / "facts/checks.csv").write_text(
        "child_id,area_code,day,birth,weight,ill,revision,gone\n"
        "A,990001101,2023-05-01,2022-05-01,9,是,1,\n"
        "A,990001101,2024-05-01,2022-05-01,120000,否,1,\n"
        "A,990001101,2024-05-01,2022-05-01,12,否,2,\n"
        "B,990001201,2024-05-01,2022-05-02,11,是,1,\n"
        "C,990001201,2024-05-01,2024-04-01,4,是,1,\n"
        "C,990001201,2024-05-01,2024-04-01,4,是,2,是\n"
    )
    got = collect(checks, data)
    rows = {(r["child_id"], r["day"].year): r for r in got.tables["checks"].to_pylist()}
    assert set(rows) == {("A", 2023), ("A", 2024), ("B", 2024)}  # C was taken back
    assert rows["A", 2024]["weight"] == 12  # the later version counts
    assert [rows[k]["months"] for k in rows] == [12, 24, 23]
    assert rows["A", 2023]["stage"] == "幼儿"
    assert rows["B", 2024]["rural"] == "rural"
    assert rows["A", 2024]["ill_before"] is True
    assert rows["A", 2023]["ill_before"] is None
    assert rows["B", 2024]["ill_before"] is None
    assert [(f.code, f.count, f.rows) for f in got.findings] == [("implausible", 1, (3,))]
