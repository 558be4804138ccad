"""Days of casework in a real browser with a test clock: the pack's own scripts, each step by somebody of its role, and
the table in the docs with what was clicked and typed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone

from website.browser.test_days import Walk
from website.browser.test_every_page import AXE, BEYOND, DRAWN, FOUND, PHONE, WIDE
from website.filed import HOME
from website.role_ids import CaseRole, Role

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "reference" / "days-of-casework.md"
SCRIPTS = ROOT / "content" / "china" / "tests" / "programmes"
HEAD = """# 个案的几件工作要点几下

由 `python tools/days_docs.py` 在浏览器里按服务项目的脚本走一遍以后写出，每一步由那个岗位的人员在自己的页面上办，时间走到脚本写的那一天。
点击是按钮、链接和选项，填写是输入的栏目；秒数是程序走的时间，只说明系统不拖慢人，不是人的用时。

| 工作 | 点击 | 填写 | 秒（2 核测试机，同时有别的任务） |
|---|---:|---:|---:|
"""
ROW = re.compile(r"^\| (.+?) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
UNITS = {
    "class_teacher": "education", "police_officer": "public_security", "child_protection_officer": "civil_affairs",
    "juvenile_judge": "court", "juvenile_prosecutor": "procuratorate",
    "village_director": f"township.{HOME}", "supervisor": f"township.{HOME}",
    "leader": "civil_affairs", "hotline_seat": "government_service", "education_officer": "education",
    "committee_office": "committee_office", "justice_officer": "justice",
    "womens_federation_officer": "womens_federation",
}  # fmt: skip
STAND_IN = {
    ("protection_order", "child_protection_officer"): "police_officer",
    ("protection_order", "village_director"): "police_officer", ("dv_warning", "village_director"): "police_officer",
    ("family_edu_order", "village_director"): "womens_federation_officer",
    ("hotline_child", "committee_office"): "child_protection_officer",
}  # fmt: skip
"""Whoever else may take the step, where the script's own has no part in the case: a made-up case has no village."""
LAST = {"protection_order": "visit", "defacto_unattended": "paying"}
"""Where a day ends before its script does."""
MORE: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("defacto_unattended", "paying"): {
        "account_holder": "演示祖母", "account_number": "0000123456", "account_bank": "演示银行",
    },
}  # fmt: skip
"""What a day fills in beside its script."""
CODES = {"女": "F", "男": "M"}


class Day:
    """The people of a day, each with a browser of their own, and a clock that goes to where the script is."""

    def __init__(self, window: Any, make_person: Any, browser_of: Any, monkeypatch: Any, **units: str) -> None:
        """`units`: role → unit, beside `UNITS`."""
        self.units = UNITS | units
        self.window, self.make_person, self.browser_of, self.monkeypatch = window, make_person, browser_of, monkeypatch
        self.pages: dict[tuple[str, int], Any] = {}
        for role in self.units:  # a case goes to units where somebody has the role
            self.person(role)

    def person(self, role: str, second: str = "") -> Any:
        """Somebody of a role; `second`: another one."""
        named = next(r for r in (*Role, *CaseRole) if r == role)
        return self.make_person(self.units[role], named, f"day{second}-{role.replace('_', '-')}")

    def at(self, moment: datetime) -> None:
        """It is so late now, on China's clock."""
        now = timezone.make_aware(moment).astimezone(UTC)
        self.monkeypatch.setattr(timezone, "now", lambda: now)

    def page(self, role: str, width: int, second: str = "") -> Any:
        """The page of somebody of a role (`second`: of another one of it), with a session of this very day."""
        from qingmiao.site.apps.directory import api
        from qingmiao.site.web.ui.sessions import COOKIE

        who = self.person(role, second)
        api.guided(who)
        key = (role + second, width)
        if key not in self.pages:
            self.pages[key] = self.window(who, width=width).new_page()
            self.pages[key].add_init_script(path=AXE)
        page = self.pages[key]
        old = next(c for c in page.context.cookies() if c["name"] == COOKIE)
        page.context.add_cookies([old | {"value": self.browser_of(who).cookies[COOKIE].value}])
        return page


def lines(programme: str) -> Iterator[dict[str, Any]]:
    """The steps of a script that people take, in their order."""
    for line in yaml.safe_load((SCRIPTS / f"{programme}.yaml").read_text("utf-8")):
        if "refused" not in line.get("expect", {}) and line["by"] != "job":
            yield line
            if line["do"] == LAST.get(programme):
                return


def fills(walk: Walk, answers: dict[str, Any]) -> None:
    """The answers of a line into the form that is open; what is not asked stays as it is."""
    for name, given in answers.items():
        field = walk.page.locator(f'main [name="{name}"]:not([type=hidden])').first
        if not field.count() or not field.is_visible():
            continue
        local = field.get_attribute("type") == "datetime-local"
        for one in given if isinstance(given, list) else [given]:
            walk.fill(**{name: str(one).replace(" ", "T") if local else CODES.get(one, one)})


def goes(day: Day, walk: Walk, line: dict[str, Any], case: str, width: int) -> str:
    """One line of a script on the pages: the address of the case."""
    from qingmiao.site.apps.cases import api
    from qingmiao.site.apps.cases.models import KeptCase

    role = line["by"] if isinstance(line["by"], str) else line["by"]["role"]
    role = STAND_IN.get((walk.name, role), role)
    day.at(datetime.fromisoformat(line["at"]))
    walk.page = page = day.page(role, width)
    programme = walk.name
    ready = api.ready(programme)
    stage = KeptCase.objects.get(pk=int(case.rpartition("/")[2])).stage if case else ""
    named = (s for s in ready.programme.steps if s.do == line["do"])
    step = ready.programme.step(line["do"], stage) or next(named)
    form = re.compile(r"/steps/" + step.do)
    if not case:
        page.goto("/cases/")
        walk.click("link", "办一件事")
        walk.clicks += 1
        page.get_by_role("main").get_by_role("link", name=ready.programme.label.zh).first.click()
    elif not form.search(page.url):
        page.goto(case)
        walk.clicks += 2  # the list, and the case in it
        page.get_by_role("main").get_by_role("link", name=step.label.zh, exact=True).first.click()
    page.wait_for_load_state()
    fills(walk, {**line.get("answers", {}), **MORE.get((programme, step.do), {})})
    walk.clicks += 1
    page.get_by_role("main").get_by_role("button", name=step.label.zh, exact=True).click()
    page.wait_for_load_state()
    reached = re.search(r"/cases/\d+", page.url)
    assert reached is not None, page.get_by_role("main").inner_text()[:1500]
    if line.get("second"):
        may = step.second.roles if step.second is not None else ()
        other = role if role in may else next((r for r in may if r in day.units), role)
        walk.page = page = day.page(other, width, "two")
        page.goto(reached.group())
        walk.click("button", "确认")
    if step.told is not None:
        assert step.told.zh[:12] in page.get_by_role("main").inner_text(), "told what happens next"
    wrong = page.locator("main .message.bad").all_inner_texts()
    assert form.search(page.url) is None, (wrong, page.get_by_role("main").inner_text()[:1500])
    return reached.group()


def accessible(page: Any, name: str) -> list[str]:
    """What axe finds on the page that is open, and what stands beyond the edge, wide and on a phone."""
    wrong = []
    for width in (WIDE, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(DRAWN)
        wrong += [f"{name} at {width}: {x}" for x in page.evaluate(BEYOND, width) + page.evaluate(FOUND)]
    page.set_viewport_size({"width": WIDE, "height": 900})
    return wrong


def shot(page: Any, name: str) -> None:
    """A picture of the page for who asks for them (QINGMIAO_SHOTS: a folder)."""
    if folder := os.environ.get("QINGMIAO_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def written(walks: list[Walk]) -> None:
    """The walks' rows in the document: compared, or put in their place where the documents are written."""
    text = DOCUMENT.read_text("utf-8") if DOCUMENT.exists() else HEAD
    rows = {m[1]: m.groups() for m in ROW.finditer(text)}
    if os.environ.get("QINGMIAO_WRITE_DAYS"):
        rows |= {w.name: (w.name, str(w.clicks), str(w.typed), f"{w.seconds:.0f}") for w in walks}
        DOCUMENT.write_text(HEAD + "".join(f"| {' | '.join(r)} |\n" for r in rows.values()), "utf-8")
    assert {w.name: (w.clicks, w.typed) for w in walks} == {
        w.name: (int(rows[w.name][1]), int(rows[w.name][2])) for w in walks if w.name in rows
    }


def finished(walk: Walk, name: str) -> Walk:
    """The walk is over and is called so."""
    walk.name, walk.seconds = name, time.monotonic() - walk.begun
    return walk
