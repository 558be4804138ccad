"""Excel: our template out and back, all or nothing, foreign and hostile files, a unit's own merged-header sheet."""

from __future__ import annotations

import contextlib
import io
import zipfile

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.returns import api, uploads
from qingmiao.site.apps.returns.models import Cell, Upload
from website import returns_world as world
from website.role_ids import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def liaison(make_person):
    return make_person("health", Role.LIAISON)


@pytest.fixture
def browser(liaison, browser_of):
    return browser_of(liaison)


def template(browser, filing) -> openpyxl.Workbook:
    got = browser.get(f"/returns/{filing.pk}/template")
    assert got.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(got.content))


def bytes_of(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def fill(book: openpyxl.Workbook, cells: dict[str, object]) -> openpyxl.Workbook:
    """Write by the codes that stand on the sheet (code row 6, code column B)."""
    sheet = book["报表"]
    rows = {str(sheet.cell(r, 3).value): r for r in range(7, sheet.max_row + 1)}
    columns = {str(sheet.cell(6, c).value): c for c in range(4, sheet.max_column + 1)}
    for code, value in cells.items():
        row, _, column = code.partition(".")
        sheet.cell(rows[row], columns[column]).value = value
    return book


def numbers() -> dict[str, object]:
    return {c: int(v) for c, v in world.good_cells().items()}


def send(browser, filing, data: bytes, name: str = "填好的表.xlsx", **more):
    file = SimpleUploadedFile(name, data)
    return browser.post(f"/returns/{filing.pk}/upload", {"file": file, **more})


def test_filled_uploaded_seen_and_written(browser, liaison):
    filing = world.opened()
    got = send(browser, filing, bytes_of(fill(template(browser, filing), numbers())))
    upload = Upload.objects.get()
    assert got.url == f"/returns/{filing.pk}/uploads/{upload.pk}"
    assert (upload.state, len(upload.cells)) == ("ready", 18)
    assert uploads.stored(upload).read_bytes()[:2] == b"PK"
    assert Cell.objects.count() == 0, "nothing is written before the preview is confirmed"
    page = browser.get(got.url).content.decode()
    assert page.count("<tr>") == 1 + 18
    assert browser.post(got.url).status_code == 302
    assert world.value(filing, "06.3") == 800
    assert {c.changed_by for c in Cell.objects.filter(filing=filing)} == {liaison}
    upload.refresh_from_db()
    assert upload.state == "applied"
    assert [e.action for e in Event.objects.filter(object_type="filing").order_by("pk")] == [
        "returns.upload", "returns.save", "returns.upload.apply",
    ]  # fmt: skip
    assert browser.post(got.url).status_code == 409, "a file is written once"


def test_one_error_and_nothing_is_written(browser):
    """02.2 is text, 03.2 > 03.1: two faults with sheet, cell and rule; the copy carries them in its cells."""
    filing = world.opened()
    book = fill(template(browser, filing), numbers() | {"02.2": "九百", "03.2": 2000})
    got = send(browser, filing, bytes_of(book))
    upload = Upload.objects.get()
    assert (upload.state, upload.cells) == ("refused", {})
    told = {(f["sheet"], tuple(f["cells"]), f["rule"]) for f in upload.faults}
    assert ("报表", ("E8",), "") in told
    assert ("报表", ("E9", "D9"), "E01") in told
    page = browser.get(got.url).content.decode()
    assert "什么都没有写入" in page
    assert browser.post(got.url).status_code == 409
    assert Cell.objects.count() == 0
    copy = browser.get(got.url + "/repaired")
    marked = openpyxl.load_workbook(io.BytesIO(copy.content))
    assert marked.sheetnames[0] == "核对结果"
    assert "不是数" in marked["报表"]["E8"].comment.text
    assert marked["报表"]["E9"].fill.fgColor.rgb.endswith("FFC7CE")


def test_matched_by_code_and_not_by_position(browser):
    """Two lines change places on the sheet, codes and all: the figures follow the codes."""
    filing = world.opened()
    book = fill(template(browser, filing), numbers() | {"01.1": 1111, "02.1": 2222})
    sheet = book["报表"]
    for column in range(1, 7):
        first, second = sheet.cell(7, column).value, sheet.cell(8, column).value
        sheet.cell(7, column).value, sheet.cell(8, column).value = second, first
    assert sheet.cell(7, 4).value == 2222
    send(browser, filing, bytes_of(book))
    cells = Upload.objects.get().cells
    assert (cells["01.1"], cells["02.1"]) == ("1111", "2222")


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("return", "H103", "wrong_return"),
        ("year", "2023", "wrong_period"),
        ("area", "141029100", "wrong_area"),
        ("organisation", "县教育部门", "wrong_unit"),
        ("version", "99", "old_template"),
        ("return", "XX99", "unknown_return"),
    ],
)
def test_another_returns_sheet_is_refused(browser, key, value, code):
    filing = world.opened()
    book = fill(template(browser, filing), numbers())
    meta = book["_qingmiao"]
    for row in meta.iter_rows():
        if row[0].value == key:
            row[1].value = value
    send(browser, filing, bytes_of(book))
    upload = Upload.objects.get()
    assert upload.state == "refused"
    assert code in {f["code"] for f in upload.faults}


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _spoilt(book: bytes, part: str, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    members[part] = members[part].replace(old, new, 1)
    return _zip(members)


def test_hostile_and_broken_files_are_refused_and_cost_nobody_else(browser, make_person, browser_of):
    """Each is a refused upload with a fault in words; the site goes on, and no cell is written."""
    filing = world.opened()
    good = bytes_of(fill(template(browser, filing), numbers()))
    far = openpyxl.load_workbook(io.BytesIO(good))
    far["报表"]["XFD1048576"] = 1
    formulas = fill(template(browser, filing), numbers() | {"01.1": '=WEBSERVICE("x")'})
    xxe = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><worksheet'
    hostile = {
        "empty.xlsx": b"",
        "text.xlsx": "表，不是工作簿".encode("gbk"),
        "cut.xlsx": good[: len(good) // 2],
        "bomb.xlsx": _zip({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b"0" * (300 << 20)}),
        "many.xlsx": _zip({f"a{i}.xml": b"" for i in range(500)}),
        "far.xlsx": bytes_of(far),
        "xxe.xlsx": _spoilt(good, "xl/worksheets/sheet1.xml", b"<worksheet", xxe),
        "formula.xlsx": bytes_of(formulas),
        "../../etc/夹.xlsx": b"PK\x03\x04rubbish",
    }
    unreadable = {
        "empty.xlsx",
        "text.xlsx",
        "cut.xlsx",
        "bomb.xlsx",
        "many.xlsx",
        "far.xlsx",
        "xxe.xlsx",
        "../../etc/夹.xlsx",
    }
    for name, data in hostile.items():
        got = send(browser, filing, data, name)
        assert got.status_code == 302, name
        upload = Upload.objects.latest("pk")
        assert upload.state == "refused", name
        assert upload.faults, name
        assert "/" not in upload.name
        page = browser.get(got.url)
        assert page.status_code == 200
        assert ("下载标好错误的副本" in page.content.decode()) is (name not in unreadable)
        assert browser.get(got.url + "/repaired").status_code == (404 if name in unreadable else 200)
    assert Cell.objects.count() == 0


def test_what_would_grow_without_bound_is_a_short_fault(browser):
    """Digits, control characters and long texts in cells: each a fault that names its cell, none of them a 500."""
    filing = world.opened()
    cells = {
        "01.1": "1e200000000",
        "01.2": "XY" + "x" * 30_000,
        "02.1": "9" * 30_000,
        "02.2": "142622199001011234",
    }
    data = bytes_of(fill(template(browser, filing), numbers() | cells))
    got = send(browser, filing, _spoilt(data, "xl/worksheets/sheet1.xml", b"XY", b"_x0000_"), "a\x00b.xlsx")
    upload = Upload.objects.get()
    assert (upload.state, len(upload.faults)) == ("refused", 4)
    assert {tuple(f["cells"]) for f in upload.faults} == {("D7",), ("E7",), ("D8",), ("E8",)}
    assert len(str(upload.faults)) < 2_000
    assert "142622199001011234" not in str(upload.faults)
    assert browser.get(got.url).status_code == 200


def test_what_cannot_be_recorded_leaves_no_file(browser, liaison, monkeypatch):
    filing = world.opened()
    data = bytes_of(fill(template(browser, filing), numbers() | {"06.1": 987_654}))

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no audit")

    before = set((settings.HOME / "uploads" / "returns").rglob("*.xlsx"))
    monkeypatch.setattr(uploads.audit, "append", broken)
    with pytest.raises(RuntimeError):
        uploads.receive(liaison, filing, name="a.xlsx", data=data)
    assert Upload.objects.count() == 0
    assert set((settings.HOME / "uploads" / "returns").rglob("*.xlsx")) == before


def test_the_same_file_twice_is_said_and_one_that_waits_is_not_read_again(browser, liaison):
    filing = world.opened()
    good, bad = (bytes_of(fill(template(browser, filing), numbers() | more)) for more in ({}, {"06.1": -1}))
    first = send(browser, filing, good)
    again = send(browser, filing, good, "换个名字.xlsx")
    only = Upload.objects.get()
    assert again.url == f"{first.url}?before={only.pk}"
    assert "这个文件已经上传过" in browser.get(again.url).content.decode()
    assert "已经上传过" not in browser.get(first.url).content.decode()
    send(browser, filing, bad)
    refused = send(browser, filing, bad)  # judged anew: the rules may be others by now
    newest, before = Upload.objects.filter(state="refused").order_by("-pk")
    assert refused.url.endswith(f"/uploads/{newest.pk}?before={before.pk}")
    assert browser.get(f"{first.url}?before=999999").status_code == 404


def test_advice_is_for_people_at_the_site(browser):
    """No hidden page: the page's own template is named, no command."""
    filing = world.opened()
    book = fill(template(browser, filing), numbers())
    del book["_qingmiao"]
    page = browser.get(send(browser, filing, bytes_of(book)).url).content.decode()
    assert "下载本表模板" in page
    assert "qingmiao template" not in page


def test_the_visible_heading_counts(browser):
    filing = world.opened()
    book = fill(template(browser, filing), numbers())
    sheet = book["报表"]
    sheet["A4"] = str(sheet["A4"].value).replace(str(world.YEAR), str(world.YEAR - 1))
    send(browser, filing, bytes_of(book))
    upload = Upload.objects.get()
    assert [(f["code"], f["cells"]) for f in upload.faults] == [("heading_period", ["A4"])]


def test_full_width_digits_in_a_cell(browser):
    filing = world.opened()
    send(
        browser,
        filing,
        bytes_of(fill(template(browser, filing), numbers() | {"01.1": "１４００．０", "01.2": "１，２００"})),
    )
    upload = Upload.objects.get()
    assert (upload.state, upload.cells["01.1"], upload.cells["01.2"]) == ("ready", "1400", "1200")


def test_figures_that_changed_since_are_not_overwritten(browser, liaison):
    filing = world.opened()
    got = send(browser, filing, bytes_of(fill(template(browser, filing), numbers())))
    api.save(liaison, filing.pk, api.Edits(0, cells={"01.1": "5"}))
    assert "重新上传" in browser.get(got.url).content.decode()
    assert browser.post(got.url).status_code == 409
    assert world.value(filing, "01.1") == 5
    assert world.value(filing, "01.2") is None


def test_a_file_of_another_filing_is_not_there(browser):
    one, other = world.opened(), world.opened("H103", 2024)
    got = send(browser, one, bytes_of(fill(template(browser, one), numbers())))
    upload = Upload.objects.get()
    assert browser.get(f"/returns/{other.pk}/uploads/{upload.pk}").status_code == 404
    assert browser.get(got.url).status_code == 200


def own_sheet() -> openpyxl.Workbook:
    """A department's own sheet: two heading lines with a merged one, other order, a column that nobody wants."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "年报"
    sheet.append(["县妇幼年报", None, None, None, None])
    sheet.append(["项目", "服务", None, None, "备注"])
    sheet.append([None, "实际服务人数", "应服务人数", "其中：免费服务人数", None])
    sheet.merge_cells("B2:D2")
    sheet.merge_cells("A2:A3")
    for i, label in enumerate(
        ["增补叶酸", "婚前医学检查", "孕前优生健康检查", "产前筛查", "高危孕产妇产前诊断", "新生儿疾病筛查"]
    ):
        sheet.append([label, 90 + i, 100 + i, 80 + i, "略"])
    return book


def test_a_units_own_sheet_through_a_saved_mapping(browser, liaison, make_person):
    filing = world.opened()
    url = f"/returns/{filing.pk}/mapping"
    asked = {"sheet": "年报", "header_rows": "2-3", "key_column": "A"}
    looked = browser.post(url, {"file": SimpleUploadedFile("年报.xlsx", bytes_of(own_sheet())), **asked})
    seen = looked.context["seen"]
    assert dict(seen["rows"])["增补叶酸"] == "03"
    assert {c["text"]: c["code"] for c in seen["columns"]}["服务 › 应服务人数"] == "1"
    columns = [(c["json"], c["code"]) for c in seen["columns"]]
    form = {
        "heading": [h for h, _ in columns], "column": [c for _, c in columns],
        "row_name": [n for n, _ in seen["rows"]], "row": [c for _, c in seen["rows"]], "name": "年报表样", **asked,
    }  # fmt: skip
    assert browser.post(url, form).status_code == 302
    page = browser.get(f"/returns/{filing.pk}/upload")
    assert "年报表样" in page.content.decode()
    (mapping,) = page.context["mappings"]
    send(browser, filing, bytes_of(own_sheet()), mapping=mapping.pk)
    upload = Upload.objects.get()
    assert (upload.state, upload.faults) == ("ready", [])
    assert (upload.cells["03.1"], upload.cells["03.2"], upload.cells["01.1"]) == ("100", "90", "101")
    spoilt = own_sheet()
    spoilt["年报"]["B3"] = "实际人数"
    send(browser, filing, bytes_of(spoilt), mapping=mapping.pk)
    assert "missing_heading" in {f["code"] for f in Upload.objects.latest("pk").faults}


def test_a_mapping_with_a_code_twice_is_refused(browser):
    filing = world.opened()
    form = {
        "heading": ['["a"]', '["b"]'], "column": ["1", "1"], "row_name": ["x"], "row": ["01"], "name": "n",
        "sheet": "s",
        "header_rows": "1", "key_column": "A",
    }  # fmt: skip
    got = browser.post(f"/returns/{filing.pk}/mapping", form)
    assert got.status_code == 422
    assert "重复" in got.content.decode()


def test_one_file_a_person_and_a_few_in_all_are_read_at_once(make_person, monkeypatch):
    from qingmiao.site.apps.returns import reading

    monkeypatch.setattr(reading, "PATIENCE", 0.01)
    people = [make_person("health", Role.LIAISON, f"reader-{i}") for i in range(reading.AT_ONCE + 1)]
    with contextlib.ExitStack() as places:
        places.enter_context(reading.a_place(people[0]))
        with pytest.raises(api.NotAllowedError, match="前一个文件仍在核对"):
            places.enter_context(reading.a_place(people[0]))
        for person in people[1:-1]:
            places.enter_context(reading.a_place(person))
        with pytest.raises(api.NotAllowedError, match="太多"):
            places.enter_context(reading.a_place(people[-1]))
    with reading.a_place(people[-1]), reading.a_place(people[0]):
        pass
