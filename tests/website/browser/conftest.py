"""A real Chromium on the real site: the machine's own browser, a live server, and pages with somebody's session."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings

from waiting import ENDS

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests of a process; skips where there is none."""
    if CHROMIUM is None:
        pytest.skip("没有 Chromium（tools/setup-browser 说明怎么装）")
    if not settings.STATICFILES_DIRS:
        pytest.skip("没有打包网页前端（先运行 tools/setup-frontend）")
    playwright = pytest.importorskip("playwright.sync_api", reason="没有 Playwright（requirements/dev.txt）")
    # Playwright keeps an event loop in this thread; the ORM is called between its calls, never inside them.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def window(chromium: Any, live_server: Any, browser_of: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """window(person, width=1440) → a browser context with the person's session; a script error or CSP report in it
    fails the test."""
    from qingmiao.site.web.ui.sessions import COOKIE

    contexts, wrong = [], []

    def make(person: Any, *, width: int = 1440, touch: bool = False) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            base_url=live_server.url,
            has_touch=touch,
            locale="zh-CN",
        )
        context.set_default_timeout(ENDS * 1000)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        token = browser_of(person).cookies[COOKIE].value
        context.add_cookies([{"name": COOKIE, "value": token, "url": live_server.url}])
        context.on("weberror", lambda e: wrong.append(str(e.error)))
        context.on(
            "console",
            lambda m: wrong.append(m.text) if m.type == "error" and "Content Security" in m.text else None,
        )
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert wrong == []
