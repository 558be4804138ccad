"""Who needs a second factor, how a lost one is reset by two, what a changed key of the site does to it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from qingmiao.content.roles import ADMINISTRATORS
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import accounts, api, beginning, second_factor, sessions
from qingmiao.site.apps.directory.access import AbsentError, NotAllowedError
from qingmiao.site.apps.directory.models import Person, RoleKept, Session
from qingmiao.site.web.ui.sessions import COOKIE, DEVICE_COOKIE
from website.filed import held_anywhere
from website.role_ids import Role

PASSWORD = "made-up river 4711"
OTHER_KEY = "q7Jq-2vXw9_ZpL4mNc8RtYb3HfGd6SaQeUiOx5W1yTzVlKjB0n"
pytestmark = pytest.mark.django_db


@pytest.fixture
def three(make_person) -> dict[str, Person]:
    return {role: make_person("government_service", Role(role)) for role in ADMINISTRATORS}


@pytest.fixture
def liaison(make_person) -> Person:
    made = make_person("health", Role.LIAISON)
    made.totp = api.set_codes(made, made, second_factor.new_secret()).totp
    return made


def code(person: Person) -> str:
    return pyotp.TOTP(second_factor.decrypt(person.totp)).at(time.time())


def log_in(client: Client, person: Person) -> str:
    got = client.post("/login", {"username": person.username, "password": PASSWORD, "next": "/account/sessions"})
    return got.url if got.status_code == 302 else str(got.status_code)


class TestWhoNeedsIt:
    def test_a_role_that_asks_for_it_opens_nothing_before_it_is_set_up(self, make_person) -> None:
        client, person = Client(), make_person("education", Role.SCHOOL)
        assert log_in(client, person) == "/login/enrol"
        assert client.get("/account/sessions").url.startswith("/login")

    def test_a_role_that_asks_for_none_lets_the_password_do(self, make_person) -> None:
        RoleKept.objects.filter(pk="school").update(second_factor=False)
        client, person = Client(), make_person("education", Role.SCHOOL)
        assert log_in(client, person) == "/account/sessions"
        assert client.get("/account/sessions").status_code == 200
        assert client.cookies[DEVICE_COOKIE].value
        assert api.stage(Session.objects.get(person=person)) == "whole"

    def test_whoever_gets_a_role_that_asks_for_it_sets_it_up_before_anything_else(self, make_person) -> None:
        RoleKept.objects.filter(pk="school").update(second_factor=False)
        client, person = Client(), make_person("education", Role.SCHOOL)
        log_in(client, person)
        api.grant(audit.SYSTEM, person, Role.LIAISON, on=date(2024, 1, 1))
        assert client.get("/account/sessions").url.startswith("/login")
        assert client.post("/account/password", {"present": PASSWORD}).url.startswith("/login")
        page = client.get("/login/enrol")
        sent = {"sealed": page.context["sealed"], "code": pyotp.TOTP(page.context["secret"]).now()}
        assert client.post("/login/enrol", sent).status_code == 302
        assert client.get("/account/sessions").status_code == 200

    def test_whoever_has_set_it_up_gives_it_whatever_the_role_asks(self, liaison) -> None:
        RoleKept.objects.update(second_factor=False)
        assert log_in(Client(), liaison) == "/login/code"

    def test_whoever_holds_no_role_yet_needs_it(self, liaison) -> None:
        RoleKept.objects.update(second_factor=False)
        liaison.assignments.all().delete()
        Person.objects.update(totp=None)
        assert log_in(Client(), liaison) == "/login/enrol"


class TestResetByTwo:
    @pytest.mark.parametrize("asker", ADMINISTRATORS)
    @pytest.mark.parametrize("second", ADMINISTRATORS)
    def test_one_asks_and_another_agrees(self, three, liaison, browser_of, asker, second) -> None:
        where, there = f"/people/{liaison.username}", browser_of(liaison)
        first, other = browser_of(three[asker]), browser_of(three[second])
        assert first.post(where, {"do": "ask_codes_reset"}).status_code == 302
        assert three[asker].name in other.get(where).content.decode()
        got = other.post(where, {"do": "reset_codes"})
        assert got.status_code == (400 if asker == second else 302)
        liaison.refresh_from_db()
        assert (liaison.totp is None) is (asker != second)
        assert there.get("/account/sessions").status_code == (200 if asker == second else 302)

    def test_nobody_agrees_to_what_nobody_asked_or_a_day_after_or_twice(self, three, liaison) -> None:
        one, two = three[ADMINISTRATORS[1]], three[ADMINISTRATORS[2]]
        with pytest.raises(NotAllowedError, match="先由一人提出"):
            api.reset_codes(two, liaison)
        api.ask_codes_reset(one, liaison)
        late = timezone.now() - accounts.ASKED_FOR - timedelta(seconds=1)
        Person.objects.filter(pk=liaison.pk).update(codes_asked_at=late)
        with pytest.raises(NotAllowedError, match="24 小时内"):
            api.reset_codes(two, liaison)
        api.ask_codes_reset(one, liaison)
        api.reset_codes(two, liaison)
        with pytest.raises(NotAllowedError, match="没有设置动态口令"):
            api.ask_codes_reset(one, liaison)
        told = Event.objects.filter(object_id=liaison.username, action__contains="codes").order_by("pk")
        assert [(e.action.split(".")[-1], e.actor) for e in told][-2:] == [
            ("ask_codes_reset", one.username), ("reset_codes", two.username),
        ]  # fmt: skip

    def test_an_administrators_own_is_reset_by_the_other_two_and_never_by_herself(self, three) -> None:
        system, security, auditing = three.values()
        api.set_codes(security, security, second_factor.new_secret())
        with pytest.raises(NotAllowedError, match="自己的账号"):
            api.ask_codes_reset(security, security)
        api.ask_codes_reset(system, security)
        with pytest.raises(NotAllowedError, match="自己的账号"):
            api.reset_codes(security, security)
        api.reset_codes(auditing, security)
        assert Person.objects.get(pk=security.pk).totp is None

    def test_nobody_else_asks_or_agrees(self, three, liaison, make_person) -> None:
        api.ask_codes_reset(three[ADMINISTRATORS[0]], liaison)
        for who in (make_person("committee_office", Role.COMMITTEE_OFFICE), make_person("health", Role.LEADER)):
            with pytest.raises(AbsentError):
                api.reset_codes(who, liaison)
            with pytest.raises(AbsentError):
                api.ask_codes_reset(who, liaison)

    def test_a_new_password_from_the_administrator_ends_the_sessions(self, three, liaison, browser_of) -> None:
        there = browser_of(liaison)
        assert there.get("/account/sessions").status_code == 200
        browser_of(three[ADMINISTRATORS[0]]).post(f"/people/{liaison.username}", {"do": "reset_password"})
        assert there.get("/account/sessions").status_code == 302


class TestAChangedKey:
    def test_a_former_key_still_opens_and_the_secret_is_kept_by_the_new_one(self, liaison, settings) -> None:
        number, before = code(liaison), settings.SECRET_KEY
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OTHER_KEY, [before]
        client = Client()
        log_in(client, liaison)
        assert client.post("/login/code", {"code": number}).url == "/account/sessions"
        settings.SECRET_KEY_FALLBACKS = []
        assert second_factor.decrypt(Person.objects.get(pk=liaison.pk).totp)

    def test_a_lost_key_is_said_in_words_and_renewed_by_the_command_alone(self, liaison, three, settings) -> None:
        number = code(liaison)
        settings.SECRET_KEY = OTHER_KEY
        kept = three[ADMINISTRATORS[0]]
        api.set_codes(kept, kept, second_factor.new_secret())
        client = Client()
        assert log_in(client, liaison) == "/login/code"
        got = client.post("/login/code", {"code": number})
        assert (got.status_code, "密钥改过" in got.context["problem"]) == (403, True)
        with pytest.raises(AbsentError):
            accounts.lose_codes(kept, liaison)
        assert beginning.renew_codes() == (liaison.username,)
        assert beginning.renew_codes() == ()
        assert Person.objects.get(pk=kept.pk).totp is not None
        assert log_in(Client(), liaison) == "/login/enrol"
        assert Event.objects.filter(action="directory.person.lose_codes", actor="system").count() == 1


class TestTheOnlySystemAdministratorForgot:
    def test_the_command_gives_one_password_to_be_changed_ends_sessions_and_keeps_the_codes(
        self, three, browser_of
    ) -> None:
        who = three[ADMINISTRATORS[0]]
        api.set_codes(who, who, second_factor.new_secret())
        old = browser_of(who)
        made = beginning.reset_administrator()
        assert (made.username, old.get("/account/sessions").status_code) == (who.username, 302)
        assert log_in(Client(), who) != "/login/code", "the old password is gone"
        client = Client()
        given = {"username": who.username, "password": made.password}
        assert client.post("/login", given).url.startswith("/login/code")
        kept = Person.objects.get(pk=who.pk)
        assert client.post("/login/code", {"code": code(kept)}).status_code == 302
        assert client.get("/people/").url == "/account/password"
        event = Event.objects.get(action="directory.person.renew_password")
        assert (event.actor, event.object_id, made.password in str(event.detail)) == ("system", who.username, False)

    def test_it_is_refused_in_words_wherever_somebody_on_the_site_can_do_it(self, three, make_person, liaison) -> None:
        first = three[ADMINISTRATORS[0]]
        with pytest.raises(UserError, match="不是在用的系统管理员；在用的是"):
            beginning.reset_administrator(liaison.username)
        second = make_person("committee_office", Role.SYSTEM_ADMIN, "second-system-admin")
        before = Person.objects.get(pk=first.pk).password
        with pytest.raises(NotAllowedError, match="还有别的系统管理员（second-system-admin）"):
            beginning.reset_administrator(first.username)
        for person in (first, second, three[ADMINISTRATORS[1]]):
            with pytest.raises(AbsentError):  # no person takes this step, whatever the role
                accounts.renew_password(person, first, "quiet orchard 8052")
        assert Person.objects.get(pk=first.pk).password == before
        Person.objects.filter(pk=second.pk).update(is_active=False)
        assert beginning.reset_administrator().username == first.username
        Person.objects.filter(pk=first.pk).update(is_active=False)
        with pytest.raises(UserError, match="没有在用的系统管理员"):
            beginning.reset_administrator()


class TestGuesses:
    def test_wrong_present_passwords_wait_and_are_audited(self, liaison, browser_of) -> None:
        new = {"new": "quiet orchard 8052", "again": "quiet orchard 8052"}
        here, there = browser_of(liaison), browser_of(liaison)
        answers = [here.post("/account/password", {"present": f"wrong {n}", **new}).status_code for n in range(6)]
        assert answers == [400] * 5 + [429]
        assert (
            there.post("/account/password", {"present": PASSWORD, **new}).status_code == 429
        )  # the right one waits too
        told = Event.objects.filter(action="directory.password.fail", object_id=liaison.username)
        assert (told.count(), {e.actor for e in told}) == (5, {liaison.username})
        assert log_in(Client(), liaison) == "/login/code"  # the login is no part of it

    def test_the_right_one_forgets_the_wrong_ones(self, liaison, browser_of) -> None:
        here, new = browser_of(liaison), "quiet orchard 8052"
        for _ in range(4):
            here.post("/account/password", {"present": "wrong", "new": new, "again": new})
        assert here.post("/account/password", {"present": PASSWORD, "new": new, "again": new}).status_code == 302
        again = {"present": "wrong", "new": "another orchard 8052", "again": "another orchard 8052"}
        assert [here.post("/account/password", again).status_code for _ in range(5)] == [400] * 5


@pytest.mark.parametrize("business", [Role.LIAISON, Role.LEADER, Role.STATISTICS, Role.COMMITTEE_OFFICE, Role.AUDITOR])
def test_no_administrator_does_business_and_nobody_in_business_administers(three, make_person, business) -> None:
    security = three["security_admin"]
    unit = make_person("statistics", Role.LEADER).organisation
    held_anywhere()
    with pytest.raises(NotAllowedError, match="不兼办业务"):
        api.grant(security, three["system_admin"], business, on=date(2024, 1, 1), unit=unit)
    other = make_person("statistics", Role.STATISTICS, "busy")
    with pytest.raises(NotAllowedError, match="不兼办业务"):
        api.grant(security, other, Role.AUDIT_ADMIN, on=date(2024, 1, 1))


def test_every_cookie_is_secure_behind_https(make_person, settings) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, https=True)
    client, person = Client(), make_person("education", Role.SCHOOL)
    given = {}
    for got in (
        client.get("/login"),
        client.post("/language", {"language": "en", "next": "/login"}),
        client.post("/login", {"username": person.username, "password": PASSWORD, "next": "/"}),
    ):
        given |= got.cookies
    page = client.get("/login/enrol")
    sent = {"sealed": page.context["sealed"], "code": pyotp.TOTP(page.context["secret"]).now()}
    given |= {k: v for k, v in client.post("/login/enrol", sent).cookies.items() if v.value}
    assert {COOKIE, DEVICE_COOKIE, "qm-next"} <= set(given)
    assert len(given) >= 4
    # The token against forged posts has its own setting, read once from the same place.
    wanted = {n for n in given if n != settings.CSRF_COOKIE_NAME}
    assert {n for n in wanted if not (given[n]["secure"] and given[n]["httponly"] and given[n]["samesite"])} == set()


def test_a_session_says_how_it_became_whole(liaison) -> None:
    for given, whole in (({"second_factor": True}, True), ({"second_factor": False}, False)):
        token = sessions.begin(liaison, address="127.0.0.1", agent="test", now=timezone.now(), **given)
        assert sessions.is_whole(sessions.find(token, now=timezone.now())) is whole
