"""One full year in a real browser on the real site (its own database, server and worker): the collection is opened,
filled by grid and by Excel, a rule is broken and explained, a return is sent back and accepted, the number moves on the
dashboard, a warning is tasked and closed, the report is published by two people."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyotp
import pytest

from qingmiao.site.config import postgres
from waiting import ENDS, until
from website import served
from website.small_county import ROOT, write

YEAR = 2024


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The site as `qingmiao serve --demo` starts it; stopped by SIGTERM, which must also stop its database and
    worker."""
    # not below pytest's own folder, which other test processes close to PostgreSQL's user
    folder = Path(tempfile.mkdtemp(prefix="qingmiao-year-"))
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    fonts = ROOT / "var" / "fonts"
    command = served.command(folder / "home", write(folder / "data"), port)
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        command, stdout=log, stderr=log, env=served.surroundings(QINGMIAO_FONTS=str(fonts)), cwd=ROOT
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until(
            lambda: _ready(url),
            told=lambda: (folder / "log").read_text("utf-8")[-3000:],
            over=lambda: process.poll() is not None,
        )
        yield url, json.loads((folder / "accounts.json").read_text("utf-8"))
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(ENDS) == 0
        log.close()
    assert not postgres.is_running(folder / "home" / "postgres")
    shutil.rmtree(folder)


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health/ready", timeout=ENDS) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture
def enter(site: Any, chromium: Any) -> Iterator[Callable[[str], Any]]:
    """enter("health-liaison") → a page of somebody who logged in with password and code; script errors fail the
    test."""
    url, accounts = site
    contexts, wrong = [], []

    def log_in(username: str) -> Any:
        account = next(a for a in accounts if a["username"] == username)
        context = chromium.new_context(
            base_url=url, viewport={"width": 1440, "height": 900}, locale="zh-CN", accept_downloads=True
        )
        context.set_default_timeout(90000)
        context.on("weberror", lambda e: wrong.append(str(e.error)))
        page = context.new_page()
        page.goto("/")
        page.fill("#username", account["username"])
        page.fill("#password", account["password"])
        page.click("main button")
        page.fill("#code", pyotp.TOTP(account["totp"]).now())
        page.click("main button")
        page.wait_for_selector(".person-menu")
        contexts.append(context)
        return page

    yield log_in
    for context in contexts:
        context.close()
    assert wrong == []


def _type(page: Any, figures: dict[str, str]) -> None:
    for code, text in figures.items():
        page.locator(f'[data-cell="{code}"] input').click()
        page.keyboard.press("Delete")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    page.locator(".sheet-saved[data-state=clean]").wait_for()


def _move(page: Any, words: str, reason: str = "") -> None:
    if reason:
        page.locator(f'details:has(summary:has-text("{words}")) summary').click()
        page.locator("details[open] textarea").fill(reason)
        page.locator("details[open] button").click()
    else:
        page.locator(f'.moves button:has-text("{words}")').click()
    page.wait_for_load_state()


def test_a_year(enter: Callable[[str], Any], tmp_path: Path) -> None:
    # The statistics bureau opens the year's collection.
    statistics = enter("statistics")
    statistics.goto(f"/returns/open?year={YEAR}")
    statistics.locator('input[name=return]:not([value="H103"]):not([value="H104"])').evaluate_all(
        "boxes => boxes.forEach(b => { b.checked = false; })"
    )
    statistics.get_by_role("button", name="下一步：核对").click()
    statistics.get_by_role("button", name="确认开启").click()
    statistics.wait_for_load_state()

    # The department's first page is its to-do; it fills by grid and breaks a rule.
    liaison = enter("health-liaison")
    assert liaison.url.endswith("/returns/")
    liaison.get_by_role("link", name="预防接种管理").first.click()
    liaison.locator("table[role=grid]").wait_for()
    cold = liaison.url
    _type(liaison, {"01.1": "20", "02.1": "25", "03.1": "4", "04.1": "2", "05.1": "1"})
    liaison.locator("#sheet-marks, .sheet-panel").get_by_text("合格单位不能多于接种单位").first.wait_for()
    liaison.reload()
    _move(liaison, "上报")
    assert "还不能上报" in liaison.content()
    liaison.goto(cold)
    _type(liaison, {"02.1": "15"})
    liaison.goto(cold)
    _move(liaison, "上报")
    assert liaison.locator(".steps [aria-current]").inner_text() == "待签发"

    # The other return by Excel: a query rule wants a real explanation.
    liaison.goto("/returns/")
    liaison.get_by_role("link", name="儿童健康促进和早期发展").first.click()
    liaison.wait_for_load_state()
    talks = liaison.url
    with liaison.expect_download() as waiting:
        liaison.get_by_role("link", name="下载 Excel 模板").click()
    waiting.value.save_as(tmp_path / "template.xlsx")
    book = openpyxl.load_workbook(tmp_path / "template.xlsx")
    sheet = book.worksheets[0]
    places = {str(row[2].value): row[3] for row in sheet.iter_rows() if row[2].value}
    for n in range(1, 10):
        places[f"{n:02}"].value = 10 * n if n != 3 else 95
    book.save(tmp_path / "filled.xlsx")
    liaison.goto(f"{talks}/upload")
    liaison.set_input_files("#file", tmp_path / "filled.xlsx")
    liaison.get_by_role("button", name="上传并核对").click()
    liaison.wait_for_load_state()
    liaison.locator("main form[method=post] button.primary").click()
    liaison.wait_for_load_state()
    liaison.goto(talks)
    liaison.locator("table[role=grid]").wait_for()
    assert liaison.locator('[data-cell="03.1"] input').input_value() == "95"
    said = liaison.locator("textarea[data-explain], .sheet-panel textarea").first
    said.fill("核实无误")
    said.blur()
    liaison.locator(".sheet-saved[data-state=clean]").wait_for()
    liaison.reload()
    _move(liaison, "上报")
    assert "还不能上报" in liaison.content()
    liaison.goto(talks)
    said = liaison.locator("textarea[data-explain], .sheet-panel textarea").first
    said.fill("今年新增六十五场进村健康讲座，由县妇幼保健院组织，有签到册可查")
    said.blur()
    liaison.locator(".sheet-saved[data-state=clean]").wait_for()
    liaison.reload()
    _move(liaison, "上报")
    assert liaison.locator(".steps [aria-current]").inner_text() == "待签发"

    # The unit's leader signs; statistics sends one back with a reason; it is mended and accepted.
    leader = enter("health-leader")
    for where in (cold, talks):
        leader.goto(where)
        _move(leader, "签发")
    statistics.goto(cold)
    _move(statistics, "退回", "02.1 合格单位比上年少了三个，请核对冷链检查记录")
    liaison.goto(cold)
    assert "请核对冷链检查记录" in liaison.content()
    liaison.locator("table[role=grid]").wait_for()
    _type(liaison, {"02.1": "17"})
    liaison.reload()
    _move(liaison, "上报")
    leader.goto(cold)
    _move(leader, "签发")
    office = enter("committee_office")
    shown = f"/indicators/health.cold_chain?year={YEAR}"
    office.goto(shown)
    assert "85.0" not in office.inner_text("main")
    statistics.goto(cold)
    _move(statistics, "验收")

    # Without anybody's doing the number is on the dashboard, and its lineage names the people.
    def moved() -> bool:
        office.goto(shown)
        return f"{100 * 17 / 20:.1f}" in office.inner_text("main")

    until(moved, told=lambda: office.inner_text("main")[:500])
    office.locator("main .figures .value").first.click()
    drawer = office.locator("#drawer")
    drawer.get_by_text("演示·卫健联络员").first.wait_for()
    assert "演示·统计部门" in drawer.inner_text()
    drawer.get_by_role("button", name="重新计算").click()
    drawer.get_by_text("逐位相同").wait_for()

    # A warning becomes a task, is answered by the unit, verified and closed.
    office.goto("/warnings/")
    office.locator("table a[href^='/warnings/']").first.click()
    office.get_by_role("link", name="下达任务").click()
    office.select_option("#unit", "health")
    office.get_by_role("button", name="下达").click()
    office.wait_for_url(re.compile(r"/tasks/\d+$"))
    task = office.url
    liaison.goto(task)
    liaison.fill("#cause", "两个乡镇助产机构转诊不及时，高危孕产妇管理有缺口")
    liaison.fill("#countermeasure", "九月起每周例会过一遍高危名单，落实一对一随访")
    liaison.get_by_role("button", name="报送办理情况").click()
    liaison.wait_for_load_state()
    office.goto(task)
    office.get_by_role("button", name="核实办结").click()
    office.wait_for_load_state()
    assert "已办结" in office.inner_text("main")

    # The annual report: made as a job, submitted by one person, approved by another, downloaded.
    office.goto("/reports/")
    office.select_option("#year", "2023")
    office.get_by_role("button", name="生成新的一版").click()
    office.wait_for_url(re.compile(r"/reports/\d+$"))
    report = office.url
    office.get_by_role("button", name="送审").wait_for()
    office.get_by_role("button", name="送审").click()
    office.wait_for_load_state()
    assert office.get_by_role("button", name="批准").count() == 0
    statistics.goto(report)
    statistics.get_by_role("button", name="批准").click()  # when the final files are written
    until(lambda: "已发布" in _text(statistics, report), told=lambda: statistics.inner_text("main")[:800])
    liaison.goto(report)
    for name in ("报告 PDF", "附件：数字索引 PDF"):
        with liaison.expect_download() as waiting:
            liaison.get_by_role("link", name=name, exact=True).click()
        assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF-")


def _text(page: Any, url: str) -> str:
    page.goto(url)
    return str(page.locator(".steps [aria-current]").inner_text())
