"""One key is one row of the whole table: over files, formats and folders, versions and moments."""

from __future__ import annotations

import itertools
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from qingmiao.collect import DataError, collect
from qingmiao.content import Pack, load_pack

HEADER = "child_id,area_code,sex,dose,due_date,given_date\n"
ONE = "A1,990001101,M,MMR1,2024-03-01,2024-03-05\n"
TWO = "A2,990001101,F,MMR1,2024-03-01,\n"


@pytest.fixture(autouse=True)
def no_facts_yet(data: Path) -> None:
    (data / "facts/vaccinations.csv").unlink()


def put(data: Path, name: str, *rows: str) -> None:
    path = data / "facts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".csv":
        path.write_text(HEADER + "".join(rows), "utf-8")
    else:
        text = (HEADER + "".join(rows)).encode()
        table = pacsv.read_csv(pa.BufferReader(text), convert_options=pacsv.ConvertOptions(strings_can_be_null=True))
        pq.write_table(table, path)


def refused(pack: Pack, data: Path) -> list[str]:
    with pytest.raises(DataError) as error:
        collect(pack, data)
    return [str(f) for f in error.value.faults]


@pytest.mark.parametrize(
    "names",
    [
        ("vaccinations/a.csv", "vaccinations/b.csv"),
        ("vaccinations.csv", "vaccinations.parquet"),
        ("vaccinations.csv", "vaccinations/a.csv"),
        ("vaccinations/a.csv", "vaccinations/2024/a.csv"),
        ("vaccinations/a.csv", "vaccinations/A.csv"),
        ("vaccinations/a.csv", "vaccinations/a.CSV"),
    ],
)
def test_the_same_key_in_two_places_names_both(pack: Pack, data: Path, names: tuple[str, str]) -> None:
    put(data, names[0], ONE, TWO)
    put(data, names[1], "A9,990001101,F,MMR1,2024-03-01,2024-03-01\n", ONE)
    (fault,) = refused(pack, data)
    assert "主键重复" in fault
    assert "内容相同：child_id=A1、dose=MMR1" in fault
    assert all(f"facts/{n}" in fault for n in names)
    assert "第 2 行" in fault or ":2 " in fault


def test_a_whole_copy_is_one_fault_and_other_clashes_are_counted(pack: Pack, data: Path) -> None:
    rows = [f"C{i},990001101,M,MMR1,2024-03-01,\n" for i in range(30)]
    put(data, "vaccinations/a.csv", *rows)
    put(data, "vaccinations/b.csv", *rows)
    (fault,) = refused(pack, data)
    assert "30 行全部与 facts/vaccinations/a.csv 里的相同" in fault
    put(data, "vaccinations/b.csv", *(r.replace("M,", "F,") for r in rows))
    found = refused(pack, data)
    assert len(found) == 21
    assert any("主键重复共 30 处，以上列出 20 处" in f for f in found)


@pytest.mark.parametrize("other", ["Ａ１", " A1", "A1\u3000"])
def test_width_and_blanks_do_not_make_another_key(pack: Pack, data: Path, other: str) -> None:
    put(data, "vaccinations/a.csv", ONE)
    put(data, "vaccinations/b.csv", ONE.replace("A1", other))
    (fault,) = refused(pack, data)
    assert "facts/vaccinations/a.csv" in fault
    assert "facts/vaccinations/b.csv" in fault


def test_case_alone_is_told(pack: Pack, data: Path) -> None:
    put(data, "vaccinations/a.csv", ONE, TWO)
    put(data, "vaccinations/b.csv", ONE.replace("A1", "a1").replace("MMR1", "MMR2"))
    (fault,) = refused(pack, data)
    assert fault.startswith(
        "facts/vaccinations/b.csv:2 [列 child_id] 儿童编号「A1」、「a1」只差大小写，facts/vaccinations/a.csv 第 2 行"
    )


FACT = """
id: visits
label: {zh: 访视}
grain: child
key: [child_id, day]
area: area_code
date: day
version: recorded_at
retracted: gone
columns:
  child_id: {type: text, label: {zh: 儿童}}
  area_code: {type: area, label: {zh: 地区}}
  day: {type: date, label: {zh: 日期}}
  weight: {type: number, label: {zh: 体重}}
  recorded_at: {type: date, label: {zh: 登记日期}}
  gone: {type: boolean, label: {zh: 撤回}}
derived:
  before: {type: number, label: {zh: 上年体重}, previous: {of: weight, per: child_id, period: calendar_year}}
"""
VISIT = "child_id,area_code,day,weight,recorded_at,gone\n"


@pytest.fixture
def visits(root: Path) -> Pack:
    (root / "facts/visits.yaml").write_text(FACT, "utf-8")
    return load_pack(root)


def visit(weight: float, recorded: str, gone: str = "", child: str = "A") -> str:
    return f"{child},990001101,2024-05-01,{weight},{recorded},{gone}\n"


def weights(pack: Pack, data: Path, *rows: str) -> list[float] | list[str]:
    """The weights in force with each row in a file of its own; equal for every order of the files' names."""
    seen = set()
    for order in itertools.permutations(rows):
        for old in (data / "facts/visits").glob("*.csv"):
            old.unlink()
        for i, row in enumerate(order):
            path = data / "facts/visits" / f"{i}.csv"
            path.parent.mkdir(exist_ok=True)
            path.write_text(VISIT + row, "utf-8")
        try:
            seen.add(tuple(collect(pack, data).tables["visits"]["weight"].to_pylist()))
        except DataError as error:
            seen.add(tuple(sorted({f.code for f in error.faults})))
    (one,) = seen
    return list(one)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((visit(9, "2024-05-02"), visit(8, "2024-05-03")), [8]),
        ((visit(9, "2024-05-02"), visit(8, "2024-05-03"), visit(8, "2024-05-04", "是")), []),
        ((visit(9, "2024-05-02"), visit(8, "")), [9]),
        ((visit(9, "2024-05-02"), visit(8, "2024-05-02")), ["duplicate_key"]),
        ((visit(9, "2024-05-02"), visit(9, "2024-05-02")), ["duplicate_key"]),
        ((visit(9, ""), visit(8, "")), ["duplicate_key"]),
        ((visit(9, "2024-05-02T01:00:00Z"), visit(8, "2024-05-02 09:30:00")), [8]),
        ((visit(9, "2024-05-02T01:00:00Z"), visit(8, "2024-05-02 08:30")), [9]),
        ((visit(9, "2024-05-02T01:00:00Z"), visit(8, "2024-05-02T09:00:00+08:00")), ["duplicate_key"]),
        ((visit(9, "2024-05-02T01:00:00Z"), visit(8, "2024-05-02")), ["duplicate_key"]),
        ((visit(9, "2024-05-01T16:00:00Z"), visit(8, "2024-05-01T23:00:00+08:00")), [9]),
        (
            (visit(9, "2024-05-02"), visit(8, "2024-05-02", child="B"), visit(7, "2024-05-03", child="B")),
            [9, 7],
        ),
    ],
)
def test_versions_decide_and_never_the_order_of_files(
    visits: Pack, data: Path, rows: tuple[str, ...], expected: list[object]
) -> None:
    assert weights(visits, data, *rows) == expected


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("b.csv", "a.csv")])
def test_last_years_value_does_not_depend_on_the_files(root: Path, data: Path, names: tuple[str, str]) -> None:
    """A child seen twice on one day in two areas: the value of the greater key, whatever the files are called."""
    (root / "facts/visits.yaml").write_text(FACT.replace("[child_id, day]", "[child_id, day, area_code]"), "utf-8")
    rows = (visit(9, "2024-05-02"), visit(7, "2024-05-02").replace("990001101", "990001201"))
    (data / "facts/visits").mkdir()
    for name, row in zip(names, rows, strict=True):
        (data / "facts/visits" / name).write_text(VISIT + row, "utf-8")
    (data / "facts/visits/c.csv").write_text(
        VISIT + visit(5, "2025-05-02").replace("2024-05-01", "2025-05-01"), "utf-8"
    )
    table = collect(load_pack(root), data).tables["visits"]
    assert table["before"].to_pylist() == [None, None, 7]
