"""The sheet of a return in a real browser: it behaves as a spreadsheet and loses nothing."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from website.role_ids import Role

pytestmark = pytest.mark.django_db(transaction=True)
FORM = "E202"  # eleven rows × two columns; E01: women ≤ all in every row; E02: row 05 ≤ row 04; Q05: [07.1] <= [06.1]


@pytest.fixture
def liaison(make_person: Any) -> Any:
    return make_person("education", Role.LIAISON)


@pytest.fixture
def filing(liaison: Any) -> Any:
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.returns import api
    from qingmiao.site.apps.returns.models import Filing

    api.open_collections(audit.SYSTEM, 2024, {FORM: date(2025, 1, 31)})
    return Filing.objects.get(return_id=FORM, unit_id="education")


@pytest.fixture
def sheet(window: Any, liaison: Any, filing: Any) -> Any:
    page = window(liaison).new_page()
    page.goto(f"/returns/{filing.pk}")
    page.locator("table[role=grid]").wait_for()
    return page


def cell(page: Any, code: str) -> Any:
    return page.locator(f'[data-cell="{code}"] input')


def keys(page: Any, text: str) -> None:
    for key in text.split():
        page.keyboard.press(key)


def paste(page: Any, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def copied(page: Any) -> str:
    page.keyboard.press("Control+c")
    return str(page.evaluate("() => navigator.clipboard.readText()"))


def saved(page: Any) -> None:
    page.locator(".sheet-saved[data-state=clean]").wait_for()
    assert re.search(r"已保存 \d\d:\d\d:\d\d", page.locator(".sheet-saved").inner_text())


def figures(filing: Any) -> dict[str, Decimal | None]:
    from qingmiao.site.apps.returns.models import Cell

    return dict(Cell.objects.filter(filing=filing).values_list("code", "value"))


def active(page: Any) -> str:
    return str(page.locator("td.active").get_attribute("data-cell"))


def test_typing_moving_and_cancelling(sheet: Any, filing: Any) -> None:
    cell(sheet, "01.1").click()
    keys(sheet, "1 2 0 Tab 6 0 Enter")
    assert active(sheet) == "02.2"
    keys(sheet, "Shift+Tab")
    assert active(sheet) == "02.1"
    keys(sheet, "9 Escape")
    assert cell(sheet, "02.1").input_value() == ""
    keys(sheet, "ArrowUp F2 ArrowLeft 5 Enter")  # inside "120", one to the left: 1250
    assert cell(sheet, "01.1").input_value() == "1250"
    keys(sheet, "Control+End")
    assert active(sheet) == "11.2"
    keys(sheet, "Home")
    assert active(sheet) == "11.1"
    keys(sheet, "Control+ArrowUp")
    assert active(sheet) == "01.1"
    saved(sheet)
    assert {k: v for k, v in figures(filing).items() if v is not None} == {"01.1": 1250, "01.2": 60}


def test_a_block_from_excel_and_whole_steps_back(sheet: Any, filing: Any) -> None:
    cell(sheet, "01.1").click()
    paste(sheet, '1,234\t５６\r\n"78\n"\t\r\n')
    assert [cell(sheet, c).input_value() for c in ("01.1", "01.2", "02.1", "02.2")] == [
        "1234",
        "56",
        "78",
        "",
    ]
    assert copied(sheet) == "1234\t56\n78\t"
    assert "求和 1,368" in sheet.locator(".sheet-line").inner_text()  # 1234 + 56 + 78
    keys(sheet, "Control+z")
    assert cell(sheet, "01.1").input_value() == cell(sheet, "02.1").input_value() == ""
    keys(sheet, "Control+y")
    assert cell(sheet, "02.1").input_value() == "78"
    cell(sheet, "01.1").click()
    keys(sheet, "Shift+ArrowRight Control+x")
    assert sheet.evaluate("navigator.clipboard.readText()") == "1234\t56"
    assert cell(sheet, "01.1").input_value() == cell(sheet, "01.2").input_value() == ""
    keys(sheet, "Control+z")
    cell(sheet, "11.1").click()
    paste(sheet, "1\t2\n3\t4")
    assert "没有改动" in sheet.locator(".sheet-said").inner_text()
    assert cell(sheet, "11.1").input_value() == ""
    cell(sheet, "01.1").click()
    keys(sheet, "Shift+ArrowDown Shift+ArrowDown Control+d")
    assert cell(sheet, "03.1").input_value() == "1234"
    keys(sheet, "Delete")
    assert cell(sheet, "02.1").input_value() == ""
    keys(sheet, "Control+z Control+z")
    saved(sheet)
    assert {k: v for k, v in figures(filing).items() if v is not None} == {
        "01.1": 1234,
        "01.2": 56,
        "02.1": 78,
    }


def test_dragging_selects_a_block(sheet: Any) -> None:
    start, end = (sheet.locator(f'[data-cell="{c}"]').bounding_box() for c in ("02.1", "04.2"))
    sheet.mouse.move(start["x"] + 20, start["y"] + 12)
    sheet.mouse.down()
    sheet.mouse.move(end["x"] + 20, end["y"] + 12, steps=5)
    sheet.mouse.up()
    assert sheet.locator("td.selected").count() == 3 * 2


def test_an_input_method_loses_nothing(sheet: Any, filing: Any) -> None:
    cell(sheet, "03.1").click()
    devices = sheet.context.new_cdp_session(sheet)
    for text in ("１", "１２", "１２３"):
        at = len(text)
        devices.send("Input.imeSetComposition", {"text": text, "selectionStart": at, "selectionEnd": at})
    devices.send("Input.insertText", {"text": "１２３"})
    keys(sheet, "4 Enter")
    assert cell(sheet, "03.1").input_value() == "1234"
    saved(sheet)
    assert figures(filing)["03.1"] == 1234


def test_rules_are_marked_while_typing_and_lead_to_their_cell(sheet: Any, filing: Any) -> None:
    cell(sheet, "01.1").click()
    keys(sheet, "5 Tab 6 Enter")
    mark = sheet.locator(".sheet-mark.error", has_text="E01")
    mark.wait_for()
    assert cell(sheet, "01.2").get_attribute("aria-invalid") == "true"
    assert "其中女不能多于合计" in sheet.locator('[id="words-01.2"]').inner_text()
    mark.locator(".sheet-jump").click()
    assert active(sheet) == "01.2"
    keys(sheet, "4 Enter")
    assert mark.count() == 0
    saved(sheet)
    keys(sheet, "ArrowUp 5")
    sheet.keyboard.insert_text("人")
    keys(sheet, "Enter")  # no number: marked, kept here, not sent
    saved_state = sheet.locator(".sheet-saved[data-state=refused]")
    saved_state.wait_for()
    assert "不是数" in sheet.locator(".sheet-marks").inner_text()
    assert figures(filing)["01.2"] == 4


def test_a_query_wants_a_real_explanation(sheet: Any, filing: Any) -> None:
    from qingmiao.site.apps.returns.models import Explanation

    cell(sheet, "06.1").click()
    keys(sheet, "5 Enter 9 Enter")
    box = sheet.locator(".sheet-mark.query", has_text="Q05").locator("textarea")
    box.fill("核实无误")
    saved(sheet)
    assert sheet.locator(".sheet-mark.query").get_attribute("class").count("explained") == 0
    assert sheet.locator(".sheet-hint").inner_text() != ""
    box.fill("2024年9月东城中学接收外县转入初三学生四人，随学籍转入")
    sheet.locator(".sheet-mark.query.explained").wait_for()
    assert Explanation.objects.get(filing=filing).key == "Q05:07.1,06.1"


def test_a_note_is_kept(sheet: Any, filing: Any) -> None:
    from qingmiao.site.apps.returns.models import Note

    cell(sheet, "08.2").click()
    keys(sheet, "Shift+F2")
    sheet.locator("dialog textarea").fill("按学籍系统十月口径")
    keys(sheet, "Control+Enter")
    saved(sheet)
    assert sheet.locator('[data-cell="08.2"].has-note').count() == 1
    assert Note.objects.get(filing=filing).text == "按学籍系统十月口径"


def test_a_lost_connection_and_a_closed_tab_cost_nothing(sheet: Any, filing: Any, window: Any, liaison: Any) -> None:
    context = sheet.context
    context.set_offline(True)
    cell(sheet, "04.1").click()
    keys(sheet, "7 0 Enter 6 0 Enter")
    sheet.get_by_text("离线，已存在本机，恢复后自动上传").wait_for()
    assert figures(filing) == {}
    sheet.close()  # without asking
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"/returns/{filing.pk}")
    assert cell(again, "04.1").input_value() == "70"
    saved(again)
    assert figures(filing) == {"04.1": 70, "05.1": 60}
    assert again.evaluate("Object.keys(localStorage).filter(k => k.startsWith('qingmiao.sheet')).length") == 0


def test_leaving_with_unsaved_changes_warns(sheet: Any) -> None:
    sheet.context.set_offline(True)
    cell(sheet, "04.1").click()
    keys(sheet, "7 Enter")
    asked = []
    sheet.on("dialog", lambda d: (asked.append(d.type), d.accept()))
    sheet.close(run_before_unload=True)
    if not sheet.is_closed():
        sheet.wait_for_event("close")
    assert asked == ["beforeunload"]


def test_an_ended_session_keeps_the_figures_until_the_next_login(
    sheet: Any, filing: Any, liaison: Any, browser_of: Any, live_server: Any
) -> None:
    from qingmiao.site.web.ui.sessions import COOKIE

    sheet.context.clear_cookies(name=COOKIE)
    cell(sheet, "04.1").click()
    keys(sheet, "7 Enter")
    sheet.get_by_role("link", name="重新登录").wait_for()
    assert figures(filing) == {}
    token = browser_of(liaison).cookies[COOKIE].value
    sheet.context.add_cookies([{"name": COOKIE, "value": token, "url": live_server.url}])
    sheet.evaluate("window.dispatchEvent(new Event('focus'))")
    saved(sheet)
    assert figures(filing) == {"04.1": 7}


def test_figures_are_not_saved_in_the_name_of_who_logs_in_next(
    sheet: Any, filing: Any, make_person: Any, browser_of: Any, live_server: Any
) -> None:
    from qingmiao.site.web.ui.sessions import COOKIE

    sheet.context.clear_cookies(name=COOKIE)
    cell(sheet, "04.1").click()
    keys(sheet, "7 Enter")
    sheet.get_by_role("link", name="重新登录").wait_for()
    other = make_person("education", Role.LIAISON, "second-liaison")
    token = browser_of(other).cookies[COOKIE].value
    sheet.context.add_cookies([{"name": COOKIE, "value": token, "url": live_server.url}])
    sheet.evaluate("window.dispatchEvent(new Event('focus'))")
    sheet.locator(".sheet-saved[data-state=closed]").wait_for()
    assert figures(filing) == {}


def test_two_people_and_one_cell(sheet: Any, filing: Any, make_person: Any) -> None:
    from qingmiao.site.apps.returns import api

    other = make_person("education", Role.LIAISON, "second-liaison")
    cell(sheet, "01.1").click()
    api.save(other, filing.pk, api.Edits(filing.revision, {"01.1": "100", "02.1": "200"}))
    keys(sheet, "5 Enter ArrowDown 6 Enter")  # 01.1 is another's too, 03.1 is not
    dialog = sheet.locator("dialog")
    dialog.wait_for()
    assert dialog.locator("tbody tr").count() == 1
    assert "100" in dialog.inner_text()
    dialog.get_by_label("100").check()
    dialog.get_by_role("button", name="确定").click()
    saved(sheet)
    assert [cell(sheet, c).input_value() for c in ("01.1", "02.1", "03.1")] == ["100", "200", "6"]
    assert figures(filing) == {"01.1": 100, "02.1": 200, "03.1": 6}


def test_submitting_right_after_typing_saves_first_and_a_sent_back_return_can_be_submitted_again(
    sheet: Any, filing: Any, make_person: Any
) -> None:
    from qingmiao.site.apps.returns import api

    cell(sheet, "01.1").click()
    paste(sheet, "\n".join(["20\t10"] * 11))
    sheet.get_by_role("button", name="上报", exact=True).click()  # within the 800 ms
    sheet.locator("table[role=grid][aria-readonly=true]").wait_for()
    filing.refresh_from_db()
    assert filing.state == "submitted"
    assert figures(filing)["11.2"] == 10

    seen = api.Seen("submitted", filing.version, filing.revision)
    api.move(make_person("education", Role.LEADER), filing.pk, "send_back", seen=seen, reason="请核对第十一行")
    sheet.reload()
    assert sheet.get_by_role("button", name="上报", exact=True).count() == 0
    cell(sheet, "11.2").click()
    keys(sheet, "9 Enter")
    sheet.get_by_role("button", name="上报", exact=True).click()  # comes with the first save
    sheet.locator("table[role=grid][aria-readonly=true]").wait_for()
    filing.refresh_from_db()
    assert (filing.state, figures(filing)["11.2"]) == ("submitted", 9)


def test_who_may_not_fill_reads_only(window: Any, filing: Any, make_person: Any, liaison: Any) -> None:
    from qingmiao.site.apps.returns import api

    api.save(liaison, filing.pk, api.Edits(filing.revision, {"01.1": "100"}))
    page = window(make_person("education", Role.LEADER)).new_page()
    page.goto(f"/returns/{filing.pk}")
    page.locator("table[role=grid][aria-readonly=true]").wait_for()
    page.locator('[data-cell="01.1"]').click()
    assert active(page) == "01.1"
    keys(page, "5 Delete")
    assert copied(page) == "100"


def test_on_a_phone_the_first_column_stays(window: Any, filing: Any, liaison: Any) -> None:
    page = window(liaison, width=390, touch=True).new_page()
    page.goto(f"/returns/{filing.pk}")
    page.locator("table[role=grid]").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    head = page.locator("table[role=grid] tbody th").first
    before = head.bounding_box()["x"]
    page.locator(".sheet-frame").evaluate("f => { f.scrollLeft = 150; }")
    assert abs(head.bounding_box()["x"] - before) < 1.5
    cell(page, "01.1").tap()
    assert page.locator('[data-cell="01.1"]').bounding_box()["height"] >= 44
    page.keyboard.type("88")
    cell(page, "02.1").tap()
    saved(page)
    assert figures(filing) == {"01.1": 88}


def test_a_screen_reader_is_told(sheet: Any) -> None:
    grid = sheet.locator("table[role=grid]")
    assert int(grid.get_attribute("aria-rowcount")) >= 11
    assert cell(sheet, "05.2").get_attribute("aria-label") == "小学适龄儿童入学，其中：女"
    assert grid.locator("[tabindex='0']").count() == 1  # one stop of Tab
    row = grid.locator("tr", has=sheet.locator('[data-cell="05.2"]'))
    assert int(row.get_attribute("aria-rowindex")) > 5
