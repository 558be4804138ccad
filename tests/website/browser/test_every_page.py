"""Every page of the permission matrix in a real browser, by a person who may open it, wide and on a phone: axe finds
nothing, nothing stands beyond the edge of the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from qingmiao.site.apps.directory import sessions
from qingmiao.site.web.ui.sessions import COOKIE
from website.visiting import visited

pytestmark = pytest.mark.django_db(transaction=True)
WIDE, PHONE = 1440, 390
AXE = Path(__file__).parents[3] / "var" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
FOUND = """async () => (await axe.run({resultTypes: ["violations"], rules: {"target-size": {enabled: true}}}))
  .violations
  .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}`))"""
BEYOND = """(width) => {
  const clipped = (e) => { for (let x = e.parentElement; x && x !== document.body; x = x.parentElement)
    if (x.matches(".sheet-frame, .day-frame, .tabs, .ways, .main-nav, .visually-hidden")) return true; return false; };
  const off = [...document.querySelectorAll("body *")].filter((e) => e.getClientRects().length
    && e.getBoundingClientRect().right > width + 1 && !e.closest(".visually-hidden, .skip") && !clipped(e));
  const nav = document.querySelector(".main-nav");
  return [document.documentElement.scrollWidth > width ? `scrolls to ${document.documentElement.scrollWidth}` : "",
    nav && width > 760 && nav.scrollWidth > nav.clientWidth + 1 ? "entries of the navigation are hidden" : "",
    ...off.slice(0, 3).map((e) => `beyond the edge: ${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 30)}`)]
    .filter(Boolean); }"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
HALF = frozenset({"account.code", "account.enrol"})
"""Pages between the password and the one-time code."""


def test_axe_is_clean_and_nothing_is_off_the_screen(chromium: Any, live_server: Any, make_person: Any) -> None:
    assert AXE.is_file(), "先运行 tools/setup-frontend（axe-core 在它的锁文件里）"
    assert settings.STATICFILES_DIRS
    wrong, seen = [], 0
    context = chromium.new_context(
        viewport={"width": WIDE, "height": 900}, base_url=live_server.url, locale="zh-CN", accept_downloads=False
    )
    context.add_init_script(path=AXE)
    page = context.new_page()
    for name, address, person in visited(make_person):
        context.clear_cookies()
        if person is not None:
            context.add_cookies([{"name": COOKIE, "value": _token(person, name), "url": live_server.url}])
        told = context.request.head(address, max_redirects=0).headers
        if not told.get("content-type", "").startswith("text/html") or "content-disposition" in told:
            continue
        page.set_viewport_size({"width": WIDE, "height": 900})
        answer = page.goto(address)
        assert answer.status == 200, (name, answer.status)
        for width in (WIDE, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(DRAWN)  # charts follow their place in the next frame
            wrong += [f"{name} at {width}: {x}" for x in page.evaluate(BEYOND, width) + page.evaluate(FOUND)]
        seen += 1
    context.close()
    assert not wrong, "\n".join(wrong)
    assert seen > 40


def _token(person: Any, name: str) -> str:
    with transaction.atomic():
        return sessions.begin(
            person, second_factor=name not in HALF, address="127.0.0.1", agent="test", now=timezone.now()
        )
