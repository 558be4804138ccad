"""Days of work with children's files that must go well, each walked in a real browser, its clicks and fields counted.

`python tools/days_docs.py` writes what was counted to docs/reference/days-of-records.md; here it is compared.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from website.browser import list_days
from website.filed import KIND, a_child, answers, born, doctor, held_anywhere, keeper
from website.growing import a_pupil
from website.measured import a_run

pytestmark = pytest.mark.django_db(transaction=True)
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "reference" / "days-of-records.md"
SCREENED = f"校医上传视力筛查名单、核对 {list_days.UNSURE} 行拿不准的、导入、按班级打印转诊单"
PAGE = re.compile(rb"/Type\s*/Page\b")
HEAD = """# 儿童档案的几件日常工作要点几下

由 `python tools/days_docs.py` 在浏览器里走一遍以后写出。点击是按钮、链接和选项，填写是输入的栏目；秒数是程序走的时间，只说明系统不拖慢人，不是人的用时。

| 工作 | 点击 | 填写 | 秒（2 核测试机，同时有别的任务） |
|---|---:|---:|---:|
"""


@dataclass
class Walk:
    """One person's way through pages: what was clicked and what was typed is counted."""

    name: str
    page: Any
    clicks: int = 0
    typed: int = 0
    begun: float = field(default_factory=time.monotonic)
    seconds: float = 0

    def click(self, role: str, name: str) -> None:
        """Click what is called so, and wait for the page that it leads to."""
        self.clicks += 1
        self.page.get_by_role(role, name=name).first.click()
        self.page.wait_for_load_state()

    def fill(self, **fields: Any) -> None:
        """Give fields their value: choices are clicks, the rest is typed."""
        for name, given in fields.items():
            value = {True: "是", False: "否", "yes": "是", "no": "否"}.get(given, str(given))
            inputs = self.page.locator(f'main [name="{name}"]:not([type=hidden])')
            as_it_is = f'main [name="{name}"][value="{given}"], main [name="{name}"] option[value="{given}"]'
            if isinstance(given, str) and self.page.locator(as_it_is).count():
                value = given  # a code that is called yes or no
            kind = inputs.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
            if kind == "select":
                self.clicks += 1
                inputs.first.select_option(value)
            elif kind in ("radio", "checkbox"):
                self.clicks += 1
                self.page.locator(f'main [name="{name}"][value="{value}"]').first.check()
            else:
                self.typed += 1
                inputs.first.fill(value)

    def done(self) -> Walk:
        """The walk is over."""
        self.seconds = time.monotonic() - self.begun
        self.page.context.close()
        return self


def vaccinates(who: Any, window: Callable[..., Any]) -> Walk:
    """A newborn is found by nothing, registered from its birth certificate, given two doses, its card printed."""
    walk = Walk("接种人员按出生医学证明编号给新生儿建档、登记首剂、打印接种卡", window(who).new_page())
    page, today = walk.page, timezone.localdate()
    page.goto("/records/")
    walk.fill(q="S123456789")
    walk.click("button", "查找")
    walk.click("button", "用这个号码建档")
    assert page.locator("#certificate").input_value() == "S123456789"
    walk.fill(name="新母亲之女", sex="F", birth_date=today.isoformat(), area="141029100", village="演示村")
    walk.fill(relative_name="新母亲", relative_kind="mother", phone="13900000009")
    walk.click("button", "建档")
    assert page.locator("h1").inner_text() == "新母亲之女", page.locator("main").inner_text()[:900]
    expires = (today + timedelta(days=300)).isoformat()
    dose = {
        "given_on": today.isoformat(), "kind": "1", "edition": "2021", "mode": "1", "batch": "B-1", "maker": "演示厂",
        "expires_on": expires, "trace_code": "T-1", "amount": "0.5", "site": "1", "route": "1", "informed": "yes",
        "asked": "yes", "contraindication": "no", "guardian": "演示母", "observed": "yes", "unit": "演示门诊",
        "vaccinator": "演示护士",
    }  # fmt: skip
    for vaccine, route in (("乙肝疫苗第 1 剂", "1"), ("卡介苗第 1 剂", "3")):
        walk.clicks += 1
        page.locator(".timeline li").filter(has_text=vaccine).get_by_role("link", name="登记").click()
        page.wait_for_load_state()
        assert page.locator('main [name="vaccine"]').first.input_value() in ("HepB", "BCG")
        walk.fill(**dose | {"route": route, "trace_code": f"T-{route}"})
        walk.click("button", "保存")
        assert page.locator("h1").inner_text() == "新母亲之女", page.locator("main").inner_text()[:600]
    walk.click("link", "预防接种卡")
    assert page.get_by_text((today + timedelta(days=1)).isoformat()[:4]).first.is_visible()
    assert len(PAGE.findall(page.pdf(prefer_css_page_size=True))) == 1, "the card is one sheet"
    return walk.done()


def checks(who: Any, window: Callable[..., Any], children: list[int]) -> Walk:
    """Two children of the due list are checked, the second form follows the first; scores stand while she types."""
    walk = Walk("乡镇医生从工作清单连着做两次 12～30 月龄健康检查", window(who).new_page())
    page = walk.page
    page.goto("/records/work?list=due&village=甲村")
    at = page.locator(f'a[href*="/add/{KIND}"]').first
    walk.clicks += 1
    at.click()
    page.wait_for_load_state()
    for n in range(2):
        for name, value in answers().items():
            asked = page.locator(f'main [name="{name}"]:not([type=hidden])').first
            for one in (value if isinstance(value, list) else [value]) if asked.count() and asked.is_visible() else ():
                walk.fill(**{name: one})
        if n == 0:
            page.wait_for_function("() => /[-−]?\\d\\.\\d\\d/.test(document.querySelector('main').innerText)")
            walk.click("button", "保存，下一名")
            assert f"/add/{KIND}" in page.url, page.locator("main").inner_text()[:900]
        else:
            walk.click("button", "保存，下一名")
            assert "/records/work" in page.url, page.locator("main").inner_text()[:900]
    return walk.done()


def visits(director: Any, window: Callable[..., Any]) -> Walk:
    """Whose under-threes are overdue is found; a child that moved in without papers is registered."""
    walk = Walk("村儿童主任查不满 3 岁逾期的儿童，登记一名没有证件的迁入儿童", window(director).new_page())
    page = walk.page
    page.goto("/records/work")
    walk.fill(age="under_3")
    walk.click("button", "查询")
    assert page.get_by_text("乙肝疫苗第 1 剂").first.is_visible()
    assert not page.get_by_role("link", name="登记", exact=True).count()
    walk.click("link", "儿童档案")
    walk.click("link", "新建档案")
    walk.fill(name="演示迁入", sex="M", birth_date=born(700).isoformat(), certainty="estimated", area="141029100")
    walk.fill(village="甲村", relative_name="演示外婆", relative_kind="grandmother")
    walk.click("button", "建档")
    assert page.locator("h1").inner_text() == "演示迁入", page.locator("main").inner_text()[:600]
    return walk.done()


def tells_who_looked(who: Any, window: Callable[..., Any], child: int) -> Walk:
    """A mother asks who looked at her child's file: it is printed; so is the sheet with what comes next."""
    walk = Walk("给来问的母亲打印档案摘要和谁查阅过", window(who).new_page())
    page = walk.page
    page.goto(f"/records/{child}")
    walk.click("link", "打印给监护人")
    assert len(PAGE.findall(page.pdf(prefer_css_page_size=True))) == 1, "the file is one sheet"
    page.go_back()
    walk.click("link", "查阅记录")
    assert page.get_by_role("button", name="打印").is_visible()
    assert page.get_by_text(who.name).first.is_visible()
    return walk.done()


def test_the_days_take_as_many_clicks_as_written_down(window: Any, make_person: Any) -> None:
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api
    from qingmiao.site.apps.monitoring import api as monitoring
    from qingmiao.site.apps.records.due_counting import count_all
    from qingmiao.site.apps.records.event_models import Charge

    who = doctor(make_person)
    api.guided(who)
    held_anywhere()
    for role in ("vaccinator", "school_doctor", "midwife"):
        api.grant(audit.SYSTEM, who, role, on=date(2024, 1, 1), area=who.organisation.area_id)
    children = [a_child(who, f"演示{n}", birth=born(560 + n), village="甲村") for n in range(2)]
    pupil = a_pupil(who)
    director = keeper(make_person)
    Charge.objects.create(person=director, area="141029100", village="甲村", from_date=date(2024, 1, 1))
    count_all()
    school_doctor, data = list_days.a_school(who)
    dying = born(20)
    a_child(who, "演示早", sex="M", birth=dying)

    def walk(person: Any, name: str) -> Walk:
        return Walk(name, window(person).new_page())

    walks = [
        vaccinates(who, window), checks(who, window, children), visits(director, window),
        tells_who_looked(who, window, pupil),
        list_days.screens(school_doctor, data, walk(school_doctor, SCREENED)),
    ]  # fmt: skip
    list_days.sees_two(who)
    walks += [
        list_days.asks_who_was_seen(walk(school_doctor, "校医三个月后查转诊的学生谁看了眼科")),
        list_days.reports_the_month(walk(who, "助产机构上传上月的出生名单和死亡名单"), "演示早", dying),
        list_days.answers_a_guardian(walk(who, "受理监护人复制档案的申请，核实、同意、生成副本、办结"), pupil),
    ]
    a_run()
    monitoring.refresh(audit.SYSTEM)
    walks.append(list_days.prepares_the_year(walk(who, "妇幼保健机构准备年度表，从一个数字找到每名儿童")))
    rows = {w.name: (w.clicks, w.typed) for w in walks}
    if os.environ.get("QINGMIAO_WRITE_DAYS"):
        lines = [f"| {w.name} | {w.clicks} | {w.typed} | {w.seconds:.0f} |" for w in walks]
        DOCUMENT.write_text(HEAD + "\n".join(lines) + "\n", "utf-8")
    written = re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \| \d+ \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert rows == {name: (int(clicks), int(typed)) for name, clicks, typed in written}
