"""The leader's first page in a real browser: one sheet of A4, no column off a phone's screen."""

from __future__ import annotations

import re
from typing import Any

import pytest

from website.acted import a_task
from website.measured import a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = re.compile(rb"/Type\s*/Page\b")
"""A page in a PDF as Chromium writes it (its objects are not compressed)."""
SIZE = re.compile(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]")


def test_it_prints_on_one_sheet_of_a4_and_fits_a_phone(window: Any, make_person: Any) -> None:
    a_run()
    for unit in ("health", "education", "civil_affairs"):
        a_task(make_person, unit)
    leader = make_person("committee_office", Role.LEADER)
    page = window(leader).new_page()
    page.goto("/overview/")
    assert page.get_by_role("heading", name="两地比较").is_visible()
    made = page.pdf(prefer_css_page_size=True)
    assert len(PAGE.findall(made)) == 1
    (size,) = SIZE.findall(made)
    assert [round(float(x) * 25.4 / 72) for x in size] == [210, 297]
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation").first.is_visible()
    phone = window(leader, width=390).new_page()
    phone.goto("/overview/")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    off = "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > 391).length"
    assert phone.evaluate(off) == 0
    phone.locator("button.value").first.click()
    phone.locator("#drawer dl").first.wait_for()
