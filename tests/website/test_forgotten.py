"""A forgotten password: the administrator is told, whoever asks is told nothing about accounts, guesses are slowed
down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import lockout
from qingmiao.site.apps.notices.models import Notification
from qingmiao.site.web.console.account import views
from website.role_ids import Role

pytestmark = pytest.mark.django_db
ADDRESS = "/login/forgotten"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "SAME", 0.0)


def _text(page: Any) -> str:
    """The page without what differs by chance."""
    return "".join(line for line in page.content.decode().splitlines() if "csrf" not in line.casefold())


def test_the_administrators_of_the_account_are_told_and_nobody_else(make_person: Callable[..., Any]) -> None:
    person = make_person("health", Role.LIAISON)
    admin = make_person("committee_office", Role.SYSTEM_ADMIN)
    make_person("committee_office", Role.SECURITY_ADMIN)
    make_person("other.health", Role.SYSTEM_ADMIN)
    assert Client().post(ADDRESS, {"username": person.username}).status_code == 200
    (notice,) = Notification.objects.all()
    assert notice.to == admin
    assert notice.address == f"/people/{person.username}"
    assert person.name in notice.subject
    Client().post(ADDRESS, {"username": person.username})
    assert Notification.objects.count() == 1  # once a day for an account
    assert Event.objects.filter(action="directory.password.forgotten", object_id=person.username).count() == 2


def test_the_answer_is_the_same_whoever_is_named(make_person: Callable[..., Any]) -> None:
    person = make_person("health", Role.LIAISON)
    gone = make_person("education", Role.LIAISON, active=False)
    make_person("committee_office", Role.SYSTEM_ADMIN)
    said = [Client().post(ADDRESS, {"username": n}) for n in (person.username, gone.username, "nobody", "", "\u2028x")]
    assert {page.status_code for page in said} == {200}
    assert len({_text(page) for page in said}) == 1
    assert Notification.objects.count() == 1


def test_too_many_requests_from_one_address_wait_whatever_they_name(make_person: Callable[..., Any]) -> None:
    make_person("committee_office", Role.SYSTEM_ADMIN)
    for n in range(lockout.FREE):
        assert Client().post(ADDRESS, {"username": f"nobody{n}"}).status_code == 200
    person = make_person("health", Role.LIAISON)
    refused = Client().post(ADDRESS, {"username": person.username})
    assert refused.status_code == 429
    assert "请" in refused.content.decode()
    assert not Notification.objects.exists()
    assert Client().post(ADDRESS, {"username": person.username}, REMOTE_ADDR="10.1.1.9").status_code == 200
    assert Notification.objects.count() == 1


def test_the_login_page_leads_there(directory: None) -> None:
    assert f'href="{ADDRESS}"' in Client().get("/login").content.decode()
    assert "系统管理员" in Client().get(ADDRESS).content.decode()
