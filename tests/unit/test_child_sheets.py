"""Lists of children: headings found wherever they stand, cells read, every fault with its cell, hostile files
refused."""

from __future__ import annotations

import io
import zipfile
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from qingmiao.collect.child_sheets import choices_of, find_headings, read_rows
from qingmiao.collect.sheet_values import read_span, reader, write_span, writer
from qingmiao.collect.table_file import read_list
from qingmiao.collect.workbook import WorkbookError
from qingmiao.content.load import load_pack
from qingmiao.content.records import RecordKind
from qingmiao.content.sheets import ListColumn, ListLayout
from qingmiao.forms.ready import prepare
from qingmiao.kernel.misread import MisreadError

CHINA = Path(__file__).resolve().parents[2] / "content" / "china"
HEADINGS = ["年级编号", "班级名称", "学籍号", "姓名", "性别", "出生日期", "身高（厘米）", "体重", "1000米跑"]


@pytest.fixture(scope="module")
def pack():
    return load_pack(CHINA)


def book(*rows: list, more: str = "") -> bytes:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    if more:
        made.create_sheet(more).append(["说明"])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(pack, data: bytes, layout: str = "fitness_upload", mapping=None):
    one = pack.entries("sheets", ListLayout)[layout]
    file = read_list(data, "演示.xlsx")
    found = find_headings(one, file, mapping)
    codes = {k: {i.code: i.label.zh for i in pack.codes[k].items} for k in ("sex", "grade")}
    form = pack.entries("records", RecordKind)[one.record].form
    return found, read_rows(one, file, found, prepare(pack, form), codes) if found.row >= 0 else None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3'45\"", "225"), ("3’45”", "225"), ("3′45″", "225"), ("3分45秒", "225"), ("3:45", "225"), ("3：45", "225"),
        ("03:45:00", "225"), ("00:03:45", "225"), ("225", "225"), ("225.4", "225.4"), ("3'45\"6", "225.6"),
        ("3'45.6\"", "225.6"), ("４'0５\"", "245"), ("4'", "240"), ("4分", "240"), ("95秒", "95"),
    ],
)  # fmt: skip
def test_a_run_is_read_as_people_write_it(text, seconds):
    assert read_span(text) == Decimal(seconds)


@pytest.mark.parametrize("text", ["3.45", "3'75\"", "01:02:03", "三分", "-5", "3-45"])
def test_a_run_that_can_be_two_things_is_not_guessed(text):
    with pytest.raises(MisreadError):
        read_span(text)


def test_headings_stand_anywhere_and_what_excel_made_of_a_run_is_undone(pack):
    data = book(
        ["演示小学"], HEADINGS, [21, "1班", "G1", "演示甲", 1, date(2012, 3, 4), 150.5, "40", "3'45\""], [None] * 9,
        ["初二", "1班", None, "演示乙", "女", "2012.3.4", 150, 40, time(3, 45)],
        ["J1", "1班", None, "演示丙", "F", 20120304, 150, 40, timedelta(minutes=3, seconds=45)],
    )  # fmt: skip
    found, rows = read(pack, data)
    assert (found.row, found.faults, rows.faults, rows.rows) == (1, (), (), [2, 4, 5])
    assert [rows.answers(n)["run_1000m"] for n in range(3)] == ["225"] * 3
    assert rows.people["birth"].to_pylist() == [date(2012, 3, 4)] * 3
    assert rows.people["sex"].to_pylist() == ["M", "F", "F"]
    assert rows.people["grade"].to_pylist() == ["J1", "J2", "J1"]
    assert (rows.answers(0)["height"], rows.answers(0)["exempt"]) == ("150.5", "否")


def test_a_list_that_begins_further_down_and_right_keeps_its_places(pack):
    made = Workbook()
    for c, (heading, value) in enumerate(
        zip(HEADINGS, [21, "1班", None, "演示甲", 7, "2012-3-4", 150, 40, 225], strict=True)
    ):
        made.active.cell(4, c + 3, heading)
        made.active.cell(6, c + 3, value)
    out = io.BytesIO()
    made.save(out)
    found, rows = read(pack, out.getvalue())
    assert (found.row, rows.rows, [f.cell for f in rows.faults]) == (3, [5], ["G6"])


def test_every_bad_cell_is_named(pack):
    data = book(HEADINGS, [27, "1班", None, "演示丙", "3", "2012-13-4", 150, 40, "3.45"])
    _, rows = read(pack, data)
    assert [f.cell for f in rows.faults] == ["A2", "E2", "F2", "I2"]
    assert "是不是 3'45\"" in rows.faults[3].message


def test_a_missing_heading_a_doubled_one_and_no_way_to_know_the_child_are_faults(pack):
    found, _ = read(pack, book(["姓名", "性别", "身高", "身高", "体重"], ["演示甲", "男", 1, 2, 3]))
    told = "；".join(f.message for f in found.faults)
    assert "“身高”出现了两次" in told
    assert "至少要有一列" in told
    found, _ = read(pack, book(["姓名", "出生日期", "身高"], ["演示甲", "2012-3-4", 1]))
    assert any("缺少“性别”" in f.message for f in found.faults)


def test_an_own_heading_is_read_through_a_saved_mapping(pack):
    data = book([*HEADINGS[:6], "个头", "体重", "长跑"], [21, "1班", None, "演示甲", 1, "2012-3-4", 150, 40, "3'45\""])
    found, _ = read(pack, data)
    assert found.unknown == {6: "个头", 8: "长跑"}
    assert any("“身高”" in f.message for f in found.faults)
    found, rows = read(pack, data, mapping={"个头": "身高", "长跑": "1000米跑"})
    assert not found.faults
    assert (rows.answers(0)["height"], rows.answers(0)["run_1000m"]) == ("150", "225")


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8", "\t"), ("utf-8-sig", ","), ("gb18030", ";")])
def test_a_csv_of_any_usual_kind_is_read(pack, encoding, mark):
    lines = [HEADINGS, ["21", "1班", "", "演示·㛃", "男", "2012/3/4", "150", "40", "3分45秒"]]
    found, rows = read(pack, "\r\n".join(mark.join(r) for r in lines).encode(encoding))
    assert not found.faults
    assert rows.people["name"].to_pylist() == ["演示·㛃"]


def test_two_sheets_with_data_are_refused_and_a_list_of_faults_is_no_data(pack):
    row = [21, "1班", None, "演示甲", 1, "2012-3-4", 150, 40, 225]
    with pytest.raises(WorkbookError, match="不知道导入哪一个"):
        read_list(book(HEADINGS, row, more="初二"), "两页.xlsx")
    found, _ = read(pack, book(HEADINGS, row, more="核对结果"))
    assert not found.faults


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0broken", b"a\0b", b"\xff\xfe\xff"])
def test_a_hostile_file_is_told_in_words(data):
    with pytest.raises(WorkbookError):
        read_list(data, "坏.xlsx")


def test_a_bomb_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for n in range(300):
            z.writestr(f"xl/{n}.xml", b"0")
    with pytest.raises(WorkbookError, match="炸弹"):
        read_list(out.getvalue(), "弹.xlsx")


@pytest.mark.parametrize("layout", sorted(p.stem for p in (CHINA / "sheets").glob("*.yaml")))
def test_what_a_column_writes_is_read_as_the_same_answer(pack, layout):
    one = pack.entries("sheets", ListLayout)[layout]
    fields = {f.id: f for f in prepare(pack, pack.entries("records", RecordKind)[one.record].form).every()}
    said = {k: {i.code: i.label.zh for i in pack.codes[k].items} for k in ("sex", "grade")}
    for column in one.columns:
        choices = choices_of(fields[column.field]) if column.field else said.get(column.says or "", {})
        answers = list(choices) or (["225", "45", "245.6", "0"] if column.time else ["12.5"])
        for answer in answers:
            assert reader(column, choices)(writer(column, choices)(answer)) == answer, column.heading


@pytest.mark.parametrize(
    ("answer", "written"),
    [("225", "3'45\""), ("225.6", "3'45.6\""), ("45", "0'45\""), ("0", "0'00\""), ("6000", "6000"), ("9.999", "9.999")],
)
def test_a_length_of_time_is_written_as_it_is_read(answer, written):
    assert write_span(answer) == written
    assert read_span(written) == Decimal(answer)


def test_a_layout_with_another_unit_writes_what_it_reads():
    column = ListColumn(heading="身长", field="length", factor=Decimal("0.1"))
    assert writer(column, {})("50.5") == "505"
    assert reader(column, {})("505") == "50.5"
