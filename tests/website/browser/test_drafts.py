"""What is typed into a long form is there again: after a reload, after a refusal, after the session ended; not after it
was sent, and not for the next person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from website.role_ids import Role

pytestmark = pytest.mark.django_db(transaction=True)
CAUSE = "产检时间不固定，漏查两人"
COUNTER = "与产科门诊逐月核对名单，已补查"
KEPT = "Object.keys(sessionStorage).filter((k) => k.startsWith('qm-draft-')).length"


@pytest.fixture
def task(make_person: Callable[..., Any]) -> int:
    from qingmiao.site.apps.acting import api as acting
    from qingmiao.site.apps.directory.models import Organisation
    from qingmiao.site.apps.directory.permissions import Reach

    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    due = timezone.localdate() + timedelta(days=20)
    health = Organisation.objects.get(pk="health")
    return acting.open_task(Reach(office), unit=health, due_date=due, title="补查漏查的孕产妇")


def _typed(page: Any) -> list[str]:
    return [page.input_value("#cause"), page.input_value("#countermeasure")]


def _end_sessions() -> None:
    from qingmiao.site.apps.directory.models import Session

    Session.objects.update(ended_at=timezone.now())


@pytest.fixture
def enter(live_server: Any, browser_of: Callable[..., Any]) -> Callable[[Any, Any], None]:
    """enter(page, person): the tab goes on with a new session of the person, where the login leads back to."""
    from qingmiao.site.web.ui.sessions import COOKIE

    def enter(page: Any, person: Any) -> None:
        back = parse_qs(urlsplit(page.url).query)["next"][0]
        token = browser_of(person).cookies[COOKIE].value
        page.context.add_cookies([{"name": COOKIE, "value": token, "url": live_server.url}])
        page.goto(back)
        page.locator("body[data-person]").wait_for()

    return enter


def test_what_was_typed_is_there_again_until_it_is_sent(window: Any, make_person: Any, enter: Any, task: int) -> None:
    liaison = make_person("health", Role.LIAISON)
    page = window(liaison).new_page()
    page.goto(f"/tasks/{task}")
    page.fill("#cause", CAUSE)
    page.fill("#countermeasure", COUNTER)
    page.reload()
    assert _typed(page) == [CAUSE, COUNTER]
    assert "已恢复您没有提交的草稿" in page.locator("#answer .draft-told").inner_text()

    _end_sessions()  # sent, and led to the login page: back to the same page, with what was typed
    page.get_by_role("button", name="报送办理情况").click()
    page.wait_for_url("**/login**")
    enter(page, liaison)
    assert page.url.endswith(f"/tasks/{task}")
    assert _typed(page) == [CAUSE, COUNTER]

    page.fill("#cause", "少")  # refused: too short; it is shown as it was typed
    page.get_by_role("button", name="报送办理情况").click()
    page.locator("main [role=alert]").wait_for()
    assert _typed(page) == ["少", COUNTER]
    page.goto("/tasks/")  # away without having sent it, and back
    page.goto(f"/tasks/{task}")
    page.locator("#cause").wait_for()
    page.fill("#cause", CAUSE)
    page.fill("#countermeasure", COUNTER)
    page.get_by_role("button", name="报送办理情况").click()
    page.locator("#answer").wait_for(state="detached")
    assert page.evaluate(KEPT) == 0, "what was sent is thrown away"


def test_the_next_person_and_whoever_logs_out_find_nothing(
    window: Any, make_person: Any, enter: Any, task: int
) -> None:
    liaison, other = make_person("health", Role.LIAISON), make_person("health", Role.LEADER)
    page = window(liaison).new_page()
    page.goto(f"/tasks/{task}")
    page.fill("#cause", CAUSE)
    assert page.evaluate(KEPT) == 1
    _end_sessions()
    page.goto(f"/tasks/{task}")
    assert page.evaluate(KEPT) == 1, "the session ended by itself"
    enter(page, other)
    assert page.evaluate(KEPT) == 0, "the next person's browser keeps nothing of the first"

    page = window(liaison).new_page()
    page.goto(f"/tasks/{task}")
    page.fill("#cause", CAUSE)
    page.locator("details.person-menu summary").click()
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login**")
    assert page.evaluate(KEPT) == 0
