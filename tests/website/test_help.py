"""The help page by role, whose pages may all be opened; the guide of the first login, which is put away once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import resolve, reverse

from qingmiao.content.help import HelpTopic
from qingmiao.content.pack import Pack
from qingmiao.content.roles import BUILT_IN, HOUSE
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.web.console.help.topics import topics
from website.measured import a_run
from website.role_ids import Role
from website.worlds import UNIT_OF

pytestmark = pytest.mark.django_db


def test_each_role_reads_its_own_topics_and_may_open_every_page_named(
    make_person: Callable[..., Any], browser_of: Any, pack: Pack
) -> None:
    a_run()
    told = {r for t in pack.entries("help", HelpTopic).values() for r in t.roles}
    assert told >= (HOUSE | set(BUILT_IN)) & {str(r) for r in Role}
    for role in Role:
        unit = UNIT_OF[role]
        if role.value not in told:
            continue
        browser = browser_of(make_person(unit, role))
        page = browser.get("/help/")
        assert page.status_code == 200
        shown = page.context["topics"]
        assert [t for t in shown if t.mine], role
        for topic in shown:
            for step in topic.steps:
                if step.address:
                    assert resolve(step.address)
                    assert browser.get(step.address).status_code in (200, 302), f"{role}: {step.address}"


def test_nobody_reads_the_topics_of_other_roles(pack: Pack) -> None:
    mine = {t.id for t in topics(["liaison"])}
    assert "liaison" in mine
    assert "office" not in mine
    assert {t.id for t in topics([])} == {"everybody"}


def test_the_guide_is_shown_until_it_is_put_away_for_good(make_person: Callable[..., Any], browser_of: Any) -> None:
    person = make_person("health", Role.LIAISON)
    Person.objects.filter(pk=person.pk).update(guided_at=None)
    browser = browser_of(person)
    for address in ("/returns/", "/plan/", "/tasks/"):
        assert "初次使用" in browser.get(address).content.decode(), address
    assert browser.post("/help/", {"do": "dismiss"}).url == reverse("home")
    first = Person.objects.get(pk=person.pk).guided_at
    assert first is not None
    assert "初次使用" not in browser.get("/returns/").content.decode()
    browser.post("/help/", {"do": "dismiss"})
    assert Person.objects.get(pk=person.pk).guided_at == first
