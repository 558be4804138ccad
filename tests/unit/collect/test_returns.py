from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from qingmiao.collect import DataError, collect
from qingmiao.collect.returns import read_returns
from qingmiao.collect.template import TemplateSubject, write_template
from qingmiao.content import Pack

HEADER = "return,period,area,row,column,value\n"
GOOD = "MCH01,2024,990001,01,1,1450\nMCH01,2024,990001,02,1,6\n"
FILLED = TemplateSubject(2024, "990001", "示例县", "卫生健康局")


def faults(pack: Pack, data: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(DataError) as error:
        collect(pack, data)
    return [(f.code, f.line, str(f)) for f in error.value.faults]


@pytest.mark.parametrize(
    ("rows", "code", "line"),
    [
        ("MCH02,2024,990001,01,1,5\n", "unknown_return", 2),
        ("MCH01,2023—2024学年,990001,01,1,5\n", "wrong_type", 2),
        ("MCH01,2024,999999,01,1,5\n", "unknown_area", 2),
        ("MCH01,2024,990001101,01,1,5\n", "wrong_area_level", 2),
        ("MCH01,2024,990001,09,1,5\n", "unknown_row", 2),
        ("MCH01,2024,990001,01,9,5\n", "unknown_cell", 2),
        ("MCH01,2024,990001,01,1,五\n", "wrong_type", 2),
        ("MCH01,2024,990001,01,1,1e400\n", "wrong_type", 2),
        ("MCH01,2024,990001,01,1,inf\n", "wrong_type", 2),
        ("MCH01,2024,990001,01,1,142622199001011234\n", "wrong_type", 2),
        ("MCH01,2024,990001,01,1,>5\n", "wrong_type", 2),
        ("MCH01,2024,990001,01,1,—\n", "wrong_type", 2),
        ("MCH01,2024,990001,01,1,5.5\n", "wrong_type", 2),
        ("MCH01,2024,990001,01,1,-5\n", "out_of_range", 2),
        ("MCH01,2024,990001,01,1,5\nMCH01,2024,990001,01,1,6\n", "duplicate_key", 3),
        ("MCH01,2024,990001,01,1,5\nMCH01,2024,990001,02,1,6\n", "error_rule", 0),
    ],
)
def test_each_fault_of_a_long_csv(pack: Pack, data: Path, rows: str, code: str, line: int) -> None:
    (data / "returns/mch01.csv").write_text(HEADER + rows)
    assert (code, line) in [(c, n) for c, n, _ in faults(pack, data)]


@pytest.mark.parametrize(
    ("year", "code"),
    [
        ("2044", "future_period"),
        ("2204", "wrong_type"),
        ("24", "wrong_type"),
        ("1924", "implausible_year"),
        ("2026", "future_period"),  # 1 October 2025 to 30 September 2026
    ],
)
def test_a_return_of_a_year_that_cannot_be(pack: Pack, data: Path, year: str, code: str) -> None:
    (data / "returns/mch01.csv").write_text(HEADER + GOOD.replace("2024", year))
    with pytest.raises(DataError) as error:
        collect(pack, data, on=date(2025, 9, 30))
    assert {(f.code, f.file, f.line) for f in error.value.faults} >= {(code, "returns/mch01.csv", 2)}


def test_the_year_that_began_yesterday_is_no_future(pack: Pack, data: Path) -> None:
    (data / "returns/mch01.csv").write_text(HEADER + GOOD.replace("2024", "2026"))
    assert len(collect(pack, data, on=date(2025, 10, 1)).tables["return_cells"]) >= 2


def test_full_width_digits_are_read_in_a_long_csv(pack: Pack, data: Path) -> None:
    (data / "returns/mch01.csv").write_text(HEADER + GOOD.replace(",6\n", ",６\n").replace("1450", '"1,450"'))
    assert sorted(collect(pack, data).tables["return_cells"]["value"].to_pylist()) == [6.0, 1450.0]


def test_a_rule_over_an_empty_cell_is_not_broken_but_the_cell_is_a_finding(pack: Pack, data: Path) -> None:
    (data / "returns/mch01.csv").write_text(HEADER + "MCH01,2024,990001,01,1,\nMCH01,2024,990001,02,1,6\n")
    got = collect(pack, data)
    assert [f.code for f in got.findings] == ["empty_cells"]
    assert got.tables["return_cells"].column("value").to_pylist() == [None, 6.0]


def test_a_query_rule_is_a_finding_with_last_years_figure(pack: Pack, data: Path) -> None:
    last = "MCH01,2023,990001,01,1,1500\nMCH01,2023,990001,02,1,1\n"
    (data / "returns/mch01.csv").write_text(HEADER + last + GOOD)
    assert [f.code for f in collect(pack, data).findings] == ["query_rule"]


def test_a_later_version_of_a_cell_counts(pack: Pack, data: Path) -> None:
    header = HEADER.replace("value", "value,version")
    rows = "MCH01,2024,990001,01,1,1450,0\nMCH01,2024,990001,02,1,6,0\nMCH01,2024,990001,02,1,7,1\n"
    (data / "returns/mch01.csv").write_text(header + rows)
    cells = collect(pack, data).tables["return_cells"].to_pylist()
    assert {(c["row"], c["value"]) for c in cells} == {("01", 1450), ("02", 7)}


def test_a_filled_template_reads_back(pack: Pack, data: Path) -> None:
    (data / "returns/mch01.csv").unlink()
    write_template(pack.returns["MCH01"], FILLED, data / "returns/a.xlsx", values={"01.1": 1450, "02.1": 6})
    cells = collect(pack, data).tables["return_cells"].to_pylist()
    assert {(c["row"], c["column"], c["value"], c["period"], c["area"]) for c in cells} == {
        ("01", "1", 1450, 2024, "990001"), ("02", "1", 6, 2024, "990001")}  # fmt: skip


def test_cells_are_matched_by_code_not_by_position(pack: Pack, data: Path) -> None:
    (data / "returns/mch01.csv").unlink()
    path = data / "returns/a.xlsx"
    write_template(pack.returns["MCH01"], FILLED, path, values={"01.1": 1450, "02.1": 6})
    book = openpyxl.load_workbook(path)
    sheet = book["报表"]
    sheet.protection.sheet = False
    sheet.move_range("A6:D9", rows=3, cols=2)
    book.save(path)
    cells = collect(pack, data).tables["return_cells"].to_pylist()
    assert {(c["row"], c["value"]) for c in cells} == {("01", 1450), ("02", 6)}
    assert "F10" in {c["_place"].split()[-1] for c in cells}


def test_a_workbook_fault_names_sheet_and_cell(pack: Pack, data: Path) -> None:
    path = data / "returns/a.xlsx"
    (data / "returns/mch01.csv").unlink()
    write_template(pack.returns["MCH01"], FILLED, path)
    book = openpyxl.load_workbook(path)
    book["报表"]["D7"] = "一千四百"
    book.save(path)
    (code, line, text) = faults(pack, data)[0]
    assert (code, line) == ("wrong_type", 7)
    assert "工作表 报表 单元格 D7" in text


def hostile(path: Path, kind: str) -> None:
    if kind == "far cells":  # a valid small file that makes the reader ask for 17 billion cells
        book = openpyxl.Workbook()
        sheet = book.active
        sheet["A1"], sheet["XFD1048576"] = 1, 1
        book.save(path)
    elif kind == "zip bomb":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * (300 << 20))
    elif kind == "many members":
        with zipfile.ZipFile(path, "w") as archive:
            for i in range(500):
                archive.writestr(f"{i}", b"")
    elif kind == "external entity":
        book = openpyxl.Workbook()
        book.save(path)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(
                "xl/sharedStrings.xml",
                '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM '
                '"file:///etc/passwd">]><sst><si><t>&e;</t></si></sst>',
            )
    elif kind == "no zip":
        path.write_bytes(b"\xd0\xcf\x11\xe0 old xls")
    else:
        path.write_bytes(b"")


@pytest.mark.parametrize("kind", ["far cells", "zip bomb", "many members", "external entity", "no zip", "empty"])
def test_hostile_workbooks_are_refused_quickly_and_hurt_nobody(pack: Pack, data: Path, kind: str) -> None:
    path = data / "returns/hostile.xlsx"
    hostile(path, kind)
    found = faults(pack, data)
    assert {text.split(" ")[0].split(":")[0] for _, _, text in found} == {"returns/hostile.xlsx"}
    assert not any("root:" in text for _, _, text in found)


def test_the_reading_door_takes_no_files(pack: Pack) -> None:
    from qingmiao.collect.areas import AreaColumns

    assert read_returns(pack, [], AreaColumns(pack)).cells == []
