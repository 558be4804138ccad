"""Filled workbooks: cells as people see them, headings against the hidden page, and files that would expand without
bound."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from qingmiao.collect import workbook
from qingmiao.collect.filled import UNREADABLE, FilledReturn, judge, read_filled
from qingmiao.collect.mapping import SheetMapping, read_mapped
from qingmiao.collect.rules import ReturnRules
from qingmiao.collect.template import TemplateSubject, write_template
from qingmiao.content.returns import Return

FORM = Return.model_validate(
    {
        "id": "F1", "form_no": "示范01表", "label": {"zh": "经费和参与"}, "issued_by": "县统计局", "period": "calendar_year",
        "level": "county", "reporter": "office", "due": {"days": 30},
        "rows": [
            {"code": "01", "label": {"zh": "工作经费"}, "unit": "万元", "type": "number"},
            {"code": "02", "label": {"zh": "参与率"}, "unit": "%", "type": "number"},
            {"code": "03", "label": {"zh": "参与人数"}, "unit": "人"},
            {"code": "04", "label": {"zh": "死亡率"}, "unit": "‰", "type": "number"},
        ],
        "columns": [{"code": c, "label": {"zh": c}, "type": "number"} for c in "123"],
        "optional": ["*.*"],
        "rules": [{"id": "E1", "level": "error", "check": "[01.3] = [01.1] + [01.2]", "message": "全年不等于两半年之和"}],
        "source": {"document": "虚构", "evidence": "local"},
    }
)  # fmt: skip
SCHOOL = Return.model_validate(FORM.model_dump() | {"id": "F2", "period": "school_year"})
RULES = ReturnRules(FORM)
PLACE = {"01": 7, "02": 8, "03": 9, "04": 10}


def made(
    cells: dict[str, Any] | None = None,
    change: Callable[[Any], None] = lambda _: None,
    return_: Return = FORM,
    year: int = 2024,
) -> bytes:
    """A template filled with `cells`: "D7" → value, or (value, number format)."""
    out = io.BytesIO()
    write_template(return_, TemplateSubject(year, "990001", "示例县", "卫生健康局"), out)
    book = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
    sheet = book["报表"]
    for place, value in (cells or {}).items():
        given, code = value if isinstance(value, tuple) else (value, None)
        sheet[place] = given
        if code is not None:
            sheet[place].number_format = code
    change(sheet)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def read(data: bytes, return_: Return = FORM) -> FilledReturn:
    return read_filled({return_.id: return_}, data, "a.xlsx", area_name={"990001": "示例县", "990002": "邻县"}.get)


def told(filled: FilledReturn) -> list[tuple[str, tuple[str, ...]]]:
    return [(f.code, f.cells) for f in filled.faults]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((0.95, "0%"), "95"), ((0.5, "0.0%"), "50"), ((0.73, "0.00%"), "73"), ((0.954, "0%"), "95.4"),
        ((1, "0%"), "100"), ((0, "0%"), "0"),
        ((0.29, "[Red]0.0%"), "29"), ((0.07, "0.00%;-0.00%"), "7"), ((1.2, "0%"), "120"), ("45%", "45"), ("45％", "45"),
        ("４５．５％", "45.5"),
        ((95, '0"%"'), "95"), ((95, "0\\%"), "95"), (95, "95"), ("95", "95"), ((95.5, "0.0"), "95.5"), ("", None),
        (None, None),
    ],
)  # fmt: skip
def test_a_percent_row_holds_what_people_see(value: Any, expected: str | None) -> None:
    filled = read(made({"D8": value}))
    assert filled.faults == []
    assert filled.cells["02", "1"] == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        ("D9", (0.95, "0%"), "number_format"),  # persons
        ("D10", (0.005, "0.0%"), "number_format"),  # ‰
        ("D9", (12345, "0,"), "number_format"), ("D9", (12345, "0!.0,"), "number_format"),
        ("D9", (12, '0"万"'), "number_format"),
        ("D9", (12, ";;;"), "number_format"), ("D8", (0.95, "0%%"), "number_format"),
        ("D9", (12, "0\\%"), "number_format"),
        ("D9", "45%", "wrong_type"), ("D9", "12人", "wrong_type"), ("D8", "4.5‰", "wrong_type"),
        ("D8", ">95", "wrong_type"),
        ("D9", date(2024, 1, 5), "wrong_type"), ("D9", datetime(2024, 1, 5, 8), "wrong_type"),
        ("D9", time(8, 30), "wrong_type"),
        ("D9", (45000, "yyyy-mm-dd"), "wrong_type"), ("D9", True, "wrong_type"), ("D9", False, "wrong_type"),
        ("D9", "142622199001011234", "wrong_type"), ("D9", 142622199001011234, "wrong_type"),
        ("D9", 1e15, "wrong_type"), ("D9", -1e15, "wrong_type"),
        ("D9", "#DIV/0!", "wrong_type"), ("D9", "#REF!", "wrong_type"), ("D9", "#N/A", "wrong_type"),
        ("D9", "=1/0", "formula_without_value"),
        ("D9", "x" * 30_000, "wrong_type"), ("D9", "1e200000000", "wrong_type"), ("D9", "inf", "wrong_type"),
        ("D9", "—", "wrong_type"),
        ("D9", CellRichText("十", TextBlock(InlineFont(b=True), "二")), "wrong_type"),
    ],
)  # fmt: skip
def test_what_is_no_figure_is_a_fault_that_names_the_cell(cell: str, value: Any, code: str) -> None:
    filled = read(made({cell: value}))
    assert told(filled) == [(code, (cell,))]
    assert filled.faults[0].hint
    assert len(filled.faults[0].message) < 200
    assert "142622199001011234" not in filled.faults[0].message


def test_rich_text_that_says_a_number_is_one() -> None:
    filled = read(made({"D9": CellRichText("1", TextBlock(InlineFont(b=True), "2"))}))
    assert (filled.faults, filled.cells["03", "1"]) == ([], 12)


def test_a_unit_that_the_format_repeats_is_fine() -> None:
    filled = read(made({"D7": (12, '0"万元"'), "D9": (12, '0"人"')}))
    assert (filled.faults, filled.cells["01", "1"], filled.cells["03", "1"]) == ([], 12, 12)


def stored(data: bytes, old: str, new: str) -> bytes:
    """The same workbook with another text in its first sheet's XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as to:
        for name in given.namelist():
            part = given.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert old.encode() in part
                part = part.replace(old.encode(), new.encode())
            to.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize("noise", ["3.3000000000000003", "3.2999999999999998", "3.3"])
def test_binary_noise_in_a_sum_breaks_no_rule(noise: str) -> None:
    data = stored(made({"D7": 1.1, "E7": 2.2, "F7": 77.7}), "<v>77.7</v>", f"<v>{noise}</v>")
    filled = read(data)
    assert filled.cells["01", "3"] == Decimal("3.3")
    assert judge(filled, RULES) == []


def test_a_sum_that_is_wrong_by_a_cent_breaks_it() -> None:
    assert [f.rule for f in judge(read(made({"D7": 1.1, "E7": 2.2, "F7": 3.31})), RULES)] == ["E1"]


@pytest.mark.parametrize("text", ["1e400", "-1E400", "NaN", "1E16"])
def test_a_number_cell_that_holds_no_figure(text: str) -> None:
    data = stored(made({"D9": 77.7}), "<v>77.7</v>", f"<v>{text}</v>")
    assert told(read(data)) == [("wrong_type", ("D9",))]


def test_cells_without_an_address_keep_their_formats() -> None:
    data = stored(made({"D8": (0.95, "0%")}), ' r="D8"', "")
    assert read(data).cells["02", "1"] == 95


def queries(cells: dict[str, str], last: dict[str, str] | None = None) -> list[tuple[str, str]]:
    given, before = ({(k[:2], k[3:]): Decimal(v) for k, v in (x or {}).items()} for x in (cells, last))
    return [(b.code, ".".join(b.cells[0])) for b in RULES.broken(given, before) if b.kind == "query"]


def test_a_fraction_where_per_cent_belongs_is_asked_about() -> None:
    asked = [("looks_like_fraction", "02.1")]
    assert queries({"02.1": "0.95"}, {"02.1": "94.8"}) == asked
    assert queries({"02.1": "0.95", "02.2": "93", "02.3": "88"}) == asked
    assert queries({"02.1": "0.95", "02.2": "0.5"}) == [*asked, ("looks_like_fraction", "02.2")]


def test_a_small_share_among_small_ones_is_not_asked_about() -> None:
    assert queries({"02.1": "0.95"}, {"02.1": "1.2"}) == []
    assert queries({"02.1": "0.95", "02.2": "3", "02.3": "88"}) == []
    assert queries({"02.1": "0.95"}) == []
    assert queries({"03.1": "1", "01.1": "0.5"}, {"03.1": "900", "01.1": "80"}) == []
    assert queries({"02.1": "0", "02.2": "93"}) == []


def test_a_share_over_the_whole_is_asked_about() -> None:
    assert queries({"02.1": "100.1", "02.2": "100", "04.1": "1000.5", "03.1": "5000"}) == [
        ("over_100", "02.1"),
        ("over_100", "04.1"),
    ]


HEADING = "A4"


def heading(text: str) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        sheet[HEADING] = text

    return change


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("填报单位：卫生健康局　地区：示例县（990001）　报告期：2024年", []),
        ("填报单位：卫生健康局  地区: 示例县(990001000000)  报告期: ２０２４ 年", []),
        ("填报单位：卫生健康局　报告期：2024年度", []),
        ("填报单位：卫生健康局　地区：示例县　报告期：", []),
        ("填报单位：卫生健康局　地区：示例县（990001）　报告期：2023年", ["heading_period"]),
        ("报告期：二〇二三年　地区：示例县", ["heading_period"]),
        ("报告期：24年", ["heading_period"]),
        ("报告期：2023—2024学年", ["heading_period"]),
        ("地区：邻县（990002）　报告期：2024年", ["heading_area"]),
        ("地区：邻县　报告期：2024年", ["heading_area"]),
        ("地区：邻县（990002）　报告期：2023年", ["heading_period", "heading_area"]),
    ],
)
def test_the_visible_heading_is_held_against_the_hidden_page(text: str, codes: list[str]) -> None:
    filled = read(made({"D9": 5}, heading(text)))
    assert [f.code for f in filled.faults] == codes
    assert all(f.cells == (HEADING,) for f in filled.faults)
    for fault in filled.faults:
        assert "隐藏页" in fault.message
        assert "删" not in fault.hint


def test_both_years_and_what_to_do_are_told() -> None:
    (fault,) = read(made({}, heading("报告期：2023年"))).faults
    assert "2023年" in fault.message
    assert "2024年" in fault.message
    assert "抄到2023年的模板" in fault.hint


def test_another_returns_number_in_the_heading_is_told() -> None:
    def change(sheet: Any) -> None:
        sheet["A2"] = "表号：示范02表"

    assert told(read(made({}, change))) == [("heading_form", ("A2",))]


@pytest.mark.parametrize(
    ("text", "right"),
    [("报告期：2024—2025学年", True), ("报告期：2024-2025学年", True), ("报告期：2023—2024学年", False)],
)
def test_a_school_years_heading(text: str, right: bool) -> None:
    filled = read(made({}, heading(text), SCHOOL), SCHOOL)
    assert ([f.code for f in filled.faults] == []) is right


def test_a_departments_own_sheet_of_another_year_is_told() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "年报"
    for row in (["报告期：2023年"], ["项目", "人数", "率"], ["参与", 5, 0.5]):
        sheet.append(row)
    sheet["C3"].number_format = "0%"
    out = io.BytesIO()
    book.save(out)
    how = SheetMapping("F1", "年报", (2,), "A", {"参与": "02"}, {("人数",): "1", ("率",): "2"})
    assert [f.code for f in read_mapped(FORM, how, out.getvalue(), "a.xlsx", year=2024, area="990001").faults] == [
        "heading_period"
    ]
    same = read_mapped(FORM, how, out.getvalue(), "a.xlsx", year=2023, area="990001")
    assert (same.faults, same.cells["02", "2"]) == ([], 50)


# --- files that would expand without bound
# -----------------------------------------------------------------------------------


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading process gets 4 s of CPU and 400 MB: what needs more is killed, and its fault would say so."""
    monkeypatch.setitem(workbook.LIMITS, "cpu", 4)
    monkeypatch.setitem(workbook.LIMITS, "memory", 400 << 20)


def many(part: str, times: int) -> bytes:
    return stored(made({"D9": 5}), "</sheetData>", "</sheetData>" + part * times)


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize(
    ("data", "told_of"),
    [
        (lambda: many('<mergeCell ref="A1:B2"/>', 1_000_000), "合并单元格太多"),
        (lambda: stored(made(), "<sheetData>", "<sheetData>" + '<c r="A1"' * 3_000_000), "不是完好的"),
        (lambda: stored(made(), "<sheetData>", "<sheetData>" + "<c>" * 10_000_000), "没有合上"),
        (lambda: stored(made(), "<sheetData>", "<sheetData>" + "<row>" * 5_000_000), "没有合上"),
        (lambda: stored(made(), "</sheetData>", "<row>" + "<c><v>1</v></c>" * 600_000 + "</row></sheetData>"), "离表太远"),
        (lambda: stored(made(), "</sheetData>",
            ("<row>" + "<c><v>1</v></c>" * 300 + "</row>") * 1_700 + "</sheetData>"), "单元格太多"),
    ],
    ids=["merged", "unclosed attribute", "unclosed cells", "unclosed rows", "wide row", "many cells"],
)  # fmt: skip
def test_what_would_take_long_is_refused_by_its_count(data: Callable[[], bytes], told_of: str) -> None:
    (fault,) = read(data()).faults
    assert told_of in fault.message
    assert "信号" not in fault.message  # refused in words, not killed


D7 = '<c r="D7" s="6" t="n"><v>5</v></c>'


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="D7"><v>1<!-- -->2</v></c>', '<c r="D7"><v><![CDATA[7]]></v></c>',
        '<c r="D7"><v>1</v></c><c r="D7"><v>2</v></c>', '<c r="D7"><v>1</v></c></row><row r="7"><c r="D7"><v>2</v></c>',
        '<c r="D0"><v>1</v></c>', '<c r="Ｄ７"><v>1</v></c>', f'<c r="{"Z" * 4000}7"><v>1</v></c>',
        '<c r="ZZZZ99999999999999999999"><v>1</v></c>', '<c r="D7" t="none"><v>1</v></c>',
        '</row><row r="-7"><c r="D-7"><v>1</v></c>',
        '</row></sheetData><mergeCells><mergeCell ref="zz"/></mergeCells><sheetData><row>',
    ],
    ids=["comment", "raw section", "twice", "row twice", "row 0", "full width", "long address",
         "far address", "no type",
         "row below 0", "merged nothing"],
)  # fmt: skip
def test_what_only_a_tool_writes_is_a_fault_of_the_file(cell: str) -> None:
    assert next(f.code for f in read(stored(made({"D7": 5}), D7, cell)).faults) in UNREADABLE


def without(part: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made({"D7": 5}))) as given, zipfile.ZipFile(out, "w") as to:
        for name in given.namelist():
            if name != part:
                to.writestr(name, given.read(name))
    return out.getvalue()


@pytest.mark.parametrize("part", ["_rels/.rels", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_a_workbook_that_lacks_a_part_is_no_sound_one(part: str) -> None:
    faults = read(without(part)).faults
    assert [f.code for f in faults] in ([], ["not_xlsx"]), "read without the part, or refused in words"
    assert part == "xl/styles.xml" or len(faults) == 1


@pytest.mark.usefixtures("little")
def test_texts_and_numbers_do_not_grow_on_their_way() -> None:
    data = made({"D7": "1e200000000", "D8": "0e-200000000", "D9": "x" * 32_000, "D10": "9" * 32_000})
    long = stored(made({"D9": "XY"}), "XY", "9" * 5_000_000)
    tracemalloc.start()
    first, second = read(data), read(long)
    assert tracemalloc.get_traced_memory()[1] < 40 << 20
    tracemalloc.stop()
    assert told(first) == [("wrong_type", (f"D{n}",)) for n in range(7, 11)]
    assert told(second) == [("wrong_type", ("D9",))]
    assert max(len(f.message) for f in first.faults + second.faults) < 100


def test_an_escaped_control_character_is_seen_and_told() -> None:
    data = stored(made({"D9": "12XY34", "C10": "0XY4"}), "XY", "_x0000_")
    assert workbook.read_workbook(data, "a.xlsx")["报表"].at(8, 3) == "12\ufffd34"
    filled = read(data)
    assert told(filled) == [("wrong_type", ("D9",)), ("unknown_row", ("C10",))]
    for fault in filled.faults:
        assert all(c.isprintable() for c in fault.message)
        assert "\ufffd" in fault.message


@pytest.mark.parametrize(
    ("part", "old", "new", "code"),
    [
        (
            "xl/_rels/workbook.xml.rels",
            b"/xl/worksheets/sheet1.xml",
            b"/xl/Worksheets/Sheet1.xml",
            "not_xlsx",
        ),
        ("xl/_rels/workbook.xml.rels", b"/xl/worksheets/sheet1.xml", b"worksheets/sheet1.xml", ""),
    ],
)
def test_a_sheet_is_never_read_without_its_formats(part: str, old: bytes, new: bytes, code: str) -> None:
    """A part's name that only the fast reader understands is refused; another way to write it is understood by both."""
    data = made({"D8": (0.95, "0%")})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w") as to:
        for name in given.namelist():
            text = given.read(name)
            if name == part:
                assert old in text
                text = text.replace(old, new)
            to.writestr(name, text)
    filled = read(out.getvalue())
    assert [f.code for f in filled.faults] == ([code] if code else [])
    assert filled.cells.get(("02", "1")) == (None if code else 95)
