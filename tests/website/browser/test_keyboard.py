"""With the keyboard alone: a filter waits for its button, the drawer keeps the focus and gives it back."""

from __future__ import annotations

from typing import Any

import pytest

from website.measured import a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db(transaction=True)
FOCUS = "document.activeElement.closest('#drawer') !== null"


def test_filters_the_drawer_and_the_menu(window: Any, make_person: Any) -> None:
    a_run()
    page = window(make_person("committee_office", Role.COMMITTEE_OFFICE)).new_page()
    page.goto("/plan/")
    before = page.url
    field = page.locator("#filter-field")
    field.focus()
    first = field.input_value()
    page.keyboard.press("ArrowDown")
    assert field.input_value() != first, "the arrow changes the choice"
    page.evaluate("new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")
    assert page.url == before, "and sends nothing"
    with page.expect_navigation(url="**field=*"):
        page.locator(".filters button").press("Enter")
    assert page.locator(".main-nav [aria-current=page]").count() == 1

    page.goto("/plan/")
    opener = page.locator("button.value").first
    opener.focus()
    page.keyboard.press("Enter")
    page.locator("#drawer .lineage").wait_for()
    assert page.locator("#drawer").get_attribute("role") == "dialog"
    assert page.locator("#drawer").get_attribute("aria-label")
    stops = page.locator("#drawer").locator("a[href], button, summary").count()
    for key in ["Tab"] * (stops + 2) + ["Shift+Tab"] * (stops + 2):
        page.keyboard.press(key)
        assert page.evaluate(FOCUS), "the focus stays in the drawer"
    page.keyboard.press("Escape")
    assert page.locator("#drawer").is_hidden()
    assert opener.evaluate("(e) => e === document.activeElement"), "and goes back to what opened it"

    menu = page.locator("details.person-menu")
    menu.locator("summary").press("Enter")
    assert menu.get_attribute("open") is not None
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert menu.locator("summary").evaluate("(e) => e === document.activeElement")
    page.goto("/plan/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip", "the first stop skips to the content"
