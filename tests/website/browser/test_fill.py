"""A questionnaire behind a link in a real browser: a phone, with and without script, in a tab that is opened again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from unit.forms.test_browser_agrees import EVERYTHING
from waiting import ENDS
from website.surveyed import FORM, a_link, a_survey

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 390, "height": 800}
SHOTS = os.environ.get("QINGMIAO_SHOTS", "")


@pytest.fixture
def survey(make_person: Any) -> Any:
    """A survey with the form that has every kind of field."""
    found = a_survey(make_person)
    found.frozen = {
        "form": EVERYTHING.model_dump(mode="json", exclude_defaults=True) | {"open": True},
        "facts": {},
        "codes": {},
    }
    found.save()
    return found


@pytest.fixture
def phone(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """phone(token) → the page of a link, without any session; a script error or a CSP report fails the test."""
    contexts, wrong = [], []

    def opened(token: str, *, script: bool = True, viewport: dict[str, int] = PHONE) -> Any:
        context = chromium.new_context(viewport=viewport, base_url=live_server.url, java_script_enabled=script)
        context.set_default_timeout(ENDS * 1000)
        context.on("weberror", lambda e: wrong.append(str(e.error)))
        context.on("console", lambda m: wrong.append(m.text) if "Content Security" in m.text else None)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"/s/{token}")
        return page

    yield opened
    for context in contexts:
        assert context.cookies() == []
        context.close()
    assert wrong == []


def shot(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_conditions_and_computed_values_follow_what_is_typed_on_a_phone(phone: Any, survey: Any) -> None:
    from qingmiao.site.apps.surveys.models import Answer

    page = phone(a_link(survey, area="141029100"))
    weight, share = page.locator('[data-field="weight"]'), page.locator("#share")
    assert not weight.is_visible()
    page.fill("#name", "甲")
    two_years = timezone.localdate() - timedelta(days=731)
    page.fill("#born", two_years.isoformat())
    assert page.locator("#age").inner_text() in ("24", "23")
    assert weight.is_visible()
    page.fill("#weight", "10.5")
    page.fill("#count", "4")
    assert share.inner_text() == "2.63"  # 2.625, half up, as the server stores it
    page.fill("#weight", "200")
    page.locator("#weight").blur()
    assert "大于允许的 150" in page.locator("#weight-fault").inner_text()
    page.fill("#weight", "10.5")
    assert page.locator("#weight-fault").inner_text() == ""
    page.locator('[data-field="well"] label', has_text="是").click()
    assert not page.locator('[data-field="signs"]').is_visible()
    page.locator("#why_light").wait_for()  # the server's z of the weight is below 0
    page.fill("#why_light", "断奶早")
    page.fill("#story", "经过")
    page.fill("#at", "08:30")
    shot(page, "fill-390-first")
    page.get_by_role("button", name="下一页").click()
    page.fill("#rooms", "3")
    assert page.locator("#half").inner_text() == "1.5"
    page.get_by_role("button", name="下一页").click()
    page.get_by_role("button", name="增加一行").click()
    assert page.locator("[data-rows=visits] > .form-row").count() == 2
    page.locator("[data-rows=visits] input[type=date]").first.fill(two_years.isoformat())
    page.get_by_role("button", name="提交").click()
    page.locator(".form-summary a").first.wait_for()  # the days of a visit in the past are missing
    assert "天数" in page.locator(".form-summary").inner_text()
    shot(page, "fill-390-refused")
    page.locator(".form-summary a").first.click()
    page.keyboard.type("3")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("答卷已收到").wait_for()
    shot(page, "fill-390-thanks")
    kept = Answer.objects.get().document["answers"]
    assert kept["share"] == "2.63"
    assert kept["visits"] == [{"came": two_years.isoformat(), "days": 3}]


def test_what_is_typed_survives_closing_the_page_until_it_is_sent(phone: Any, survey: Any) -> None:
    page = phone(a_link(survey, area="141029100"))
    page.fill("#name", "写了一半")
    page.reload()
    assert page.input_value("#name") == "写了一半"


def test_without_script_the_server_decides_and_keeps_what_was_typed(phone: Any, make_person: Any) -> None:
    from qingmiao.site.apps.surveys.models import Answer

    page = phone(a_link(a_survey(make_person, form=FORM), area="141029100"), script=False)
    page.fill("#age", "12")
    page.get_by_role("button", name="提交").click()
    assert page.input_value("#age") == "12"
    assert page.locator(".form-summary a").count() == 11
    page.get_by_label("男", exact=True).check()
    for question in page.locator("fieldset.form-field").all()[1:]:
        question.locator("input").first.check()
    shot(page, "fill-390-plain")
    page.get_by_role("button", name="提交").click()
    assert "答卷已收到" in page.content()
    assert Answer.objects.count() == 1


def test_a_link_that_ended_says_so(phone: Any, survey: Any) -> None:
    ended = a_link(survey, days=-1)
    assert "链接已经过期" in phone(ended).content()


def test_the_wide_page(phone: Any, survey: Any) -> None:
    page = phone(a_link(survey), viewport={"width": 1440, "height": 900})
    assert page.locator(".form-steps").count() == 0
    shot(page, "fill-1440")
