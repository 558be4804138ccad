"""One full year in a real browser on the real site (its own database, server and worker), by clicks alone: the
collection is opened, filled by grid and by Excel, a rule is broken and explained, a return is sent back and accepted,
the number moves on the dashboard, a warning is tasked and closed, the report is published by two people. What was
clicked and seen is docs/reference/a-year-on-the-site.md (written by `python tools/year_docs.py`)."""

from __future__ import annotations

import json
import os
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
import pytest

from qingmiao.site.config import postgres
from waiting import ENDS, until
from website import served
from website.browser.walking import Walk, Walker, not_in_english
from website.small_county import ROOT, write

YEAR = 2024
PAGE = ROOT / "docs" / "reference" / "a-year-on-the-site.md"
WRITES = "YEAR_WRITES"
"""The variable with which the page is written instead of compared (tools/year_docs.py)."""
HEAD = """# 在站上走一年 A year on the site

本页由浏览器里真走的一遍打印（`python tools/year_docs.py`），不要手改：第一次使用的人从登录开始，只点页面上有的文字，
不需要知道任何地址。走法变了而本页没有变，测试就不通过。引号里是页面上的中文，斜体和英文引号里是英文页面上的说法。
报表只开两种、数字都是虚构的，其他报表走法相同。

This page is printed from a walk in a real browser: somebody who has never seen the site begins at the login page and
clicks nothing but words that stand on the pages.
"""
CHOSEN = ("H103", "H104")
"""The returns that are opened."""
COLD, TALKS = (
    ("预防接种管理", "Immunisation services"),
    ("儿童健康促进和早期发展", "Health promotion and early development"),
)


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
        yield url, json.loads((folder / "home-accounts.json").read_text("utf-8"))
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
def enter(site: Any, chromium: Any) -> Iterator[Callable[..., Walker]]:
    """enter(walk, "health-liaison", "卫健联络员", "…") → somebody who logged in with password and code; script errors
    fail the test."""
    url, accounts = site
    contexts, wrong = [], []

    def log_in(walk: Walk, username: str, zh: str, en: str) -> Walker:
        account = next(a for a in accounts if a["username"] == username)
        context = chromium.new_context(
            base_url=url, viewport={"width": 1440, "height": 900}, locale="zh-CN", accept_downloads=True
        )
        context.set_default_timeout(ENDS * 1000)
        context.on("weberror", lambda e: wrong.append(str(e.error)))
        contexts.append(context)
        return Walker(walk, context.new_page(), (zh, en)).log_in(account)

    yield log_in
    for context in contexts:
        context.close()
    assert wrong == []


def test_a_year(enter: Callable[..., Walker], tmp_path: Path) -> None:
    walk = Walk()
    walk.chapter("一、开启全年的填报", "Opening the year")
    statistics = enter(walk, "statistics", "统计部门", "statistics bureau")
    statistics.nav("统计报表", "Returns").click("开启填报", "Open a year")
    statistics.fill("年份", "Year", str(YEAR)).click("查看", "Show", role="button")
    statistics.page.locator("input[name=return]").evaluate_all(
        "(boxes, chosen) => boxes.forEach(b => { b.checked = chosen.includes(b.value); })", list(CHOSEN)
    )
    statistics.did((f"只勾选《{COLD[0]}》和《{TALKS[0]}》", "choose two returns"))
    statistics.click("下一步：核对", "Next: look it over", role="button").sees("将开启", "To open:")
    statistics.click("确认开启", "Open them", role="button")

    walk.chapter("二、在网页上填报", "Filling in the grid")
    liaison = enter(walk, "health-liaison", "卫健部门联络员", "health liaison officer")
    liaison.click(*COLD).types({"01.1": "20", "02.1": "25", "03.1": "4", "04.1": "2", "05.1": "1"})
    liaison.sees("合格单位不能多于接种单位", within="#sheet-marks, .sheet-panel")
    liaison.click("上报", "Submit", role="button").sees("还不能上报", "It cannot be sent yet")
    liaison.types({"02.1": "15"}).click("上报", "Submit", role="button").stands("待签发", "To sign")

    walk.chapter("三、用 Excel 填报", "Filling in by Excel")
    liaison.nav("统计报表", "Returns").click(*TALKS)
    with liaison.page.expect_download() as waiting:
        liaison.press("下载 Excel 模板", "Excel template", role="link")
    _fill(waiting.value, tmp_path / "filled.xlsx")
    liaison.did(("在 Excel 里填好各格，存盘", "fill in the workbook and save it"))
    liaison.click("上传 Excel", "Upload Excel")
    liaison.page.set_input_files("#file", tmp_path / "filled.xlsx")
    liaison.did(("选择填好的工作簿", "choose the filled workbook"))
    liaison.click("上传并核对", "Upload and check", role="button").sees("请核实说明", "Query")
    liaison.click("确认写入", "Write", role="button")
    liaison.page.locator("table[role=grid]").wait_for()
    assert liaison.page.locator('[data-cell="03.1"] input').input_value() == "95"
    liaison.explains("核实无误").click("上报", "Submit", role="button").sees("还不能上报", "It cannot be sent yet")
    liaison.explains("今年新增六十五场进村健康讲座，由县妇幼保健院组织，有签到册可查")
    liaison.click("上报", "Submit", role="button").stands("待签发", "To sign")

    walk.chapter("四、签发、审核、退回、验收", "Signing, auditing, sending back, accepting")
    leader = enter(walk, "health-leader", "卫健部门分管领导", "health leader")
    leader.nav("统计报表", "Returns").sees("待您签发", "Waiting for your signature")
    leader.click(*COLD).click("签发", "Sign", role="button", exact=True)
    leader.nav("统计报表", "Returns").page.locator("main").get_by_label("以上全部").check()
    leader.did(("勾选“以上全部”", "tick “All of these”"), [("以上全部", "All of these")])
    leader.click("签发所选", "Sign the chosen", role="button").sees("已办理", "Done:")
    statistics.nav("统计报表", "Returns").sees("待您审核", "Waiting for your audit").click(*COLD)
    statistics.page.locator('details summary:has-text("退回…")').click()
    statistics.did(("点“退回…”", "click “Send back…”"), [("退回", "Send back")])
    why = "02.1 合格单位比上年少了三个，请核对冷链检查记录"
    statistics.fill("退回原因（写明哪一格、什么问题）", "Why it is sent back (which cell, what is wrong)", why)
    statistics.page.locator("details[open] button").click()
    statistics.page.locator(".steps [aria-current]", has_text="退回待改").wait_for()
    statistics.did(("点“退回”", "click “Send back”"), [("退回", "Send back")]).stands("退回待改", "Sent back")
    liaison.click("消息", "Notices", within=".top").click("查看", "Open", role="button").sees("请核对冷链检查记录")
    liaison.types({"02.1": "17"}).click("上报", "Submit", role="button").stands("待签发", "To sign")
    leader.nav("统计报表", "Returns").click(*COLD).click("签发", "Sign", role="button", exact=True)
    statistics.nav("统计报表", "Returns").click(*COLD).click("验收", "Accept", role="button").stands(
        "已验收", "Accepted"
    )

    walk.chapter("五、数字上墙，查来历", "The number and where it comes from")
    office = enter(walk, "committee_office", "妇儿工委办公室", "committee office")
    shown = f"/indicators/health.cold_chain?year={YEAR}"

    def moved() -> bool:
        office.page.goto(shown)
        return f"{100 * 17 / 20:.1f}" in office.page.inner_text("main")

    until(moved, told=lambda: office.page.inner_text("main")[:500])  # without anybody's doing
    office.nav("指标", "Indicators").fill("关键词", "Words", "lenglian").click("筛选", "Filter", role="button")
    office.page.locator("main table a[href^='/indicators/health.cold_chain']").first.click()
    office.page.locator("main .figures .value").first.wait_for()
    office.did(("点表中的指标名称", "click the indicator's name")).sees("85.0")
    office.page.locator("main .figures .value").first.click()
    office.did(("点数值", "click the number"))
    for name in ("演示·卫健联络员", "演示·统计部门"):
        office.sees(name, within="#drawer")
    office.press("重新计算", "Recompute", within="#drawer").sees("逐位相同", within="#drawer")
    office.press("关闭", "Close", within="#drawer")

    walk.chapter("六、预警下达任务，报送办理情况，办结", "A warning becomes a task and is closed")
    office.nav("预警", "Warnings").choose("年份", "Year", "2023").click("查看", "Show", role="button")
    office.page.locator("table a[href^='/warnings/']").first.click()
    office.page.get_by_role("link", name="下达任务").wait_for()
    office.did(("点第一条预警", "click the first warning"))
    office.click("下达任务", "Assign a task").choose("责任单位", "Unit", "县卫生健康部门")
    office.click("下达", "Assign", role="button", exact=True)
    task = office.page.inner_text("h1")
    liaison.nav("任务", "Tasks").click(task, "")
    liaison.fill("原因", "Cause", "两个乡镇助产机构转诊不及时，高危孕产妇管理有缺口")
    liaison.fill("对策和进展", "Countermeasure", "九月起每周例会过一遍高危名单，落实一对一随访")
    liaison.click("报送办理情况", "Answer", role="button")
    office.nav("任务", "Tasks").click("查看全部年份", "Show all years").click("待核实", "to be verified", exact=True)
    office.click(task, "")
    office.click("核实办结", "close", role="button").sees("已办结", "closed")

    walk.chapter("七、年度监测报告", "The annual report")
    office.nav("监测报告", "Reports").choose("年份", "Year", "2023", within="main form[method=post]").click(
        "生成新的一版", "Make a new edition", role="button"
    )
    office.click("送审", "submit", role="button")
    assert office.page.get_by_role("button", name="批准").count() == 0
    statistics.nav("监测报告", "Reports").click("2023 年", "")
    statistics.page.get_by_role("button", name="批准发布").wait_for()  # when the final files are written
    statistics.click("批准发布", "approve", role="button")
    until(lambda: "已发布" in _now(statistics), told=lambda: statistics.page.inner_text("main")[:800])
    liaison.nav("监测报告", "Reports").click("2023 年", "").stands("已发布", "released")
    for name in ("PDF", "附件：数字索引 PDF"):
        with liaison.page.expect_download() as waiting:
            liaison.page.get_by_role("link", name=name, exact=True).click()
        liaison.did((f"点“{name}”，下载", "download"))
        assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF-")

    written = "\n".join([HEAD.rstrip(), *walk.lines, ""])
    if os.environ.get(WRITES):
        PAGE.write_text(written, "utf-8")
    assert not_in_english(walk.said) == []
    assert PAGE.read_text("utf-8") == written


def _now(walker: Walker) -> str:
    walker.page.reload()
    return str(walker.page.locator(".steps [aria-current]").inner_text())


def _fill(template: Any, to: Path) -> None:
    """The downloaded workbook with every cell filled; one is far from last year's."""
    template.save_as(to)
    book = openpyxl.load_workbook(to)
    places = {str(row[2].value): row[3] for row in book.worksheets[0].iter_rows() if row[2].value}
    for n in range(1, 10):
        places[f"{n:02}"].value = 10 * n if n != 3 else 95
    book.save(to)
