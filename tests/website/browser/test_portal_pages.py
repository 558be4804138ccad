"""The portal in a real browser without script, wide and on a phone: axe finds nothing, nothing stands beyond the
edge, and the keyboard reaches the content first."""

from __future__ import annotations

from typing import Any

import pytest

from qingmiao.site.web.portal import keeping
from qingmiao.site.web.portal.publication import publications
from qingmiao.site.web.portal.site_map import files
from website.browser.test_every_page import AXE, FOUND, PHONE, WIDE
from website.public_editions import put_edition

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_page_of_the_portal_is_clean(chromium: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "KEPT", keeping.PortalMemory())
    put_edition()
    wrong, seen = [], 0
    context = chromium.new_context(base_url=live_server.url, bypass_csp=True)
    page = context.new_page()
    for path in (p for p in files(publications()) if p.endswith(".html")):
        for width in (WIDE, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            answer = page.goto(f"/portal/{path}")
            assert answer.status == 200
            page.add_script_tag(path=AXE)
            wrong += [f"{path} at {width}: {x}" for x in page.evaluate(FOUND)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            wrong += [f"{path} scrolls to {wide}"] if wide > width else []
        seen += 1
    page.goto("/portal/zh/index.html")
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.getAttribute('href')")
    context.close()
    assert not wrong, "\n".join(wrong)
    assert first == "#content"
    assert seen > 10


def test_the_portal_shows_without_script(chromium: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "KEPT", keeping.PortalMemory())
    put_edition()
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/portal/zh/index.html")
    page.get_by_role("link", name="指标", exact=True).click()
    page.get_by_role("link", name="演示指标").click()
    assert page.locator("svg.chart").is_visible()
    assert page.get_by_role("row", name="2023 3.4").count() == 1
    page.get_by_role("link", name="English").click()
    assert page.url.endswith("/portal/en/indicators/health.demo.html")
    context.close()
