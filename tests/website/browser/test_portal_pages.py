"""The portal in a real browser without script, wide and on a phone: axe finds nothing, nothing stands beyond the
edge, and the keyboard reaches the content first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qingmiao.site.web.portal import keeping
from qingmiao.site.web.portal.exporting import export
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


def test_the_nearest_place_is_found_on_the_device_alone(
    chromium: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By position typed, by the device's, with free places only; nothing is sent and nothing kept."""
    monkeypatch.setattr(keeping, "KEPT", keeping.PortalMemory())
    put_edition()
    context = chromium.new_context(
        base_url=live_server.url, geolocation={"latitude": 35.96, "longitude": 110.80}, permissions=["geolocation"]
    )
    page = context.new_page()
    page.goto("/portal/zh/services/nurseries.html")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("位置（纬度").fill("35.90，110.80")
    page.get_by_role("button", name="查找", exact=True).click()
    found = page.locator("#near-list li")
    assert found.all_inner_texts() == [
        "演示一园 演示一镇 · 0.0 千米 · 空余 没有空余 · 登记日期 2026-10-01",
        "演示二园 演示二镇 · 5.6 千米 · 空余 至少 20 · 登记日期 2026-10-01",
    ]
    page.get_by_label("只看有空余的").check()
    assert [text[:4] for text in found.all_inner_texts()] == ["演示二园"]
    page.get_by_label("只看有空余的").uncheck()
    page.get_by_role("button", name="用我的位置").click()
    page.locator("#near-list li:first-child", has_text="演示二园").wait_for()
    page.get_by_label("位置（纬度").fill("乡政府")
    page.get_by_role("button", name="查找", exact=True).click()
    assert "请填纬度和经度" in page.get_by_role("status").inner_text()
    assert found.count() == 0
    assert asked == []
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    context.close()


def test_the_finder_works_in_the_static_export_and_without_script(
    chromium: Any, live_server: Any, tmp_path: Path
) -> None:
    """Opened from a folder, without any server."""
    put_edition()
    export(tmp_path / "site")
    address = (tmp_path / "site" / "zh" / "services" / "nurseries.html").as_uri()
    for script in (True, False):
        context = chromium.new_context(java_script_enabled=script)
        page = context.new_page()
        page.goto(address)
        assert page.get_by_role("heading", name="演示二园").is_visible()
        assert page.locator("#near").is_visible() == script
        if script:
            page.get_by_label("位置（纬度").fill("35.96, 110.80")
            page.get_by_role("button", name="查找", exact=True).click()
            assert page.locator("#near-list a").all_inner_texts() == ["演示二园", "演示一园"]
        context.close()
