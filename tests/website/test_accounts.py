"""Accounts, roles and sessions are written through the account's door alone: who may, what fits, what is told."""

from __future__ import annotations

from datetime import date

import pyotp
import pytest
from django.utils import timezone

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import accounts, api, login, second_factor, sessions
from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError
from qingmiao.site.apps.directory.models import Assignment, Organisation, Person, Post, Session
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.narrowing import Narrowed
from website.role_ids import Role

PASSWORD = "made-up river 4711"
ON = date(2024, 1, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def system(make_person) -> Person:
    return make_person("government_service", Role.SYSTEM_ADMIN)


@pytest.fixture
def security(make_person) -> Person:
    return make_person("government_service", Role.SECURITY_ADMIN)


@pytest.fixture
def liaison(make_person) -> Person:
    return make_person("health", Role.LIAISON)


def made(by: object, username: str, unit: str = "health", name: str = "演示·新人", **more: str) -> Person:
    place = Organisation.objects.get(pk=unit)
    return api.make_person(by, username=username, name=name, unit=place, password=PASSWORD, **more)


BAD = {
    "one letter": ("a", "2—40 个字符（现在 1 个）"),
    "nothing": ("", "现在 0 个"),
    "too long": ("a" * 41, "现在 41 个"),
    "Chinese": ("张三丰", "只能用英文字母"),
    "a blank": ("li si", "只能用英文字母"),
    "full width": ("ｌｉｓｉ", "只能用英文字母"),
    "another alphabet's digits": ("li٣٤", "只能用英文字母"),
    "a slash": ("li/si", "只能用英文字母"),
    "two dots": ("..", "以字母或数字开头"),
    "a line's end": ("lisi\n", r"lisi\n"),
    "NUL": ("li\0si", r"li\x00si"),
    "markup": ("<b>li", "只能用英文字母"),
    "the jobs' own": ("System", "系统自己要用"),
    "a visitor's": ("anonymous", "系统自己要用"),
    "an address's": ("new", "系统自己要用"),
}


class TestMaking:
    @pytest.mark.parametrize("username", ["li", "a" * 40, "Li.Si_2-b", "0471"])
    def test_a_name_that_fits_is_stored_as_it_is(self, system, username) -> None:
        assert Person.objects.get(pk=made(system, username).pk).username == username
        told = Event.objects.get(action="directory.person.make", object_id=username)
        assert (told.actor, told.detail["to"]) == (system.username, "active")
        assert PASSWORD not in str(told.detail)

    @pytest.mark.parametrize(("username", "why"), BAD.values(), ids=BAD)
    def test_a_user_name_that_does_not_fit_is_refused_by_the_api_and_by_the_page(
        self, system, browser_of, username, why
    ) -> None:
        people, events = Person.objects.count(), Event.objects.count()
        with pytest.raises(NotAllowedError) as refused:
            made(system, username)
        assert why in str(refused.value)
        assert (Person.objects.count(), Event.objects.count()) == (people, events)
        browser = browser_of(system)
        if username.strip() == username and "\0" not in username:
            got = browser.post("/people/new", {"username": username, "name": "演示", "unit": "health"})
            assert (got.status_code, why in got.context["problem"]) == (400, True)
        assert Person.objects.count() == people

    @pytest.mark.parametrize(
        ("name", "post", "why"),
        [
            ("", "", "请填写姓名"),
            ("长" * 41, "", "姓名最多 40 个字（现在 41 个）"),
            ("甲\0", "", "控制字符"),
            ("甲", "职" * 61, "职务最多 60"),
        ],
    )
    def test_names_and_posts_that_no_column_holds_are_refused(self, system, name, post, why) -> None:
        with pytest.raises(NotAllowedError, match=why):
            made(system, "lisi", name=name, post=post)
        assert not Person.objects.filter(username="lisi").exists()
        assert not Post.objects.filter(title=post).exists()

    def test_a_name_that_is_taken_is_told_with_who_made_it_and_when_and_changes_nothing(
        self, system, browser_of
    ) -> None:
        first = made(system, "lisi")
        event = Event.objects.get(action="directory.person.make", object_id="lisi")
        events, posts = Event.objects.count(), Post.objects.count()
        with pytest.raises(ConflictError, match="用户名 lisi 已经有人用") as refused:
            made(system, "lisi", "education", name="演示·另一人", post="联络员")
        assert (refused.value.who, refused.value.when) == (system.name, event.at)
        assert Person.objects.get(username="lisi").name == first.name
        assert (Event.objects.count(), Post.objects.count()) == (events, posts)
        got = browser_of(system).post("/people/new", {"username": "lisi", "name": "演示", "unit": "health"})
        assert (got.status_code, "已经有人用" in got.context["problem"]) == (409, True)

    @pytest.mark.parametrize("unit", ["", "nowhere", "other.health", "a\u2028b"])
    def test_a_unit_that_is_not_administered_is_none(self, system, browser_of, unit) -> None:
        got = browser_of(system).post("/people/new", {"username": "lisi", "name": "演示", "unit": unit})
        assert (got.status_code, "没有这个单位" in got.context["problem"]) == (400, True)
        with pytest.raises(AbsentError):
            made(system, "lisi", "other.health")
        assert not Person.objects.filter(username="lisi").exists()


class TestWhoMay:
    STEPS = {
        "disable": lambda by, who: api.set_active(by, who, False),
        "reset_password": lambda by, who: accounts.reset_password(by, who, "quite another 4711"),
        "ask_codes_reset": lambda by, who: api.ask_codes_reset(by, who),
        "grant": lambda by, who: api.grant(by, who, Role.LEADER, on=ON),
        "revoke": lambda by, who: api.revoke(by, who, who.assignments.get().pk, on=ON),
    }
    ALLOWED = {
        Role.SYSTEM_ADMIN: {"disable", "reset_password", "ask_codes_reset"},
        Role.SECURITY_ADMIN: {"ask_codes_reset", "grant", "revoke"},
        Role.AUDIT_ADMIN: {"ask_codes_reset"},
    }

    @pytest.mark.parametrize("step", sorted(STEPS))
    @pytest.mark.parametrize("role", [*ALLOWED, Role.COMMITTEE_OFFICE])
    def test_each_step_is_one_administrators(self, make_person, liaison, role, step) -> None:
        who = make_person("committee_office" if role == Role.COMMITTEE_OFFICE else "government_service", role)
        foreign = make_person("other.health", Role.LIAISON)
        Person.objects.filter(pk=liaison.pk).update(totp=b"x")
        with pytest.raises(AbsentError):
            self.STEPS[step](who, foreign)
        if step in self.ALLOWED.get(role, ()):
            self.STEPS[step](who, liaison)
            event = Event.objects.get(action=f"directory.person.{step}", actor=who.username)
            assert (event.actor, event.object_id) == (who.username, liaison.username)
        else:
            with pytest.raises(AbsentError):
                self.STEPS[step](who, liaison)
            assert not Event.objects.filter(action=f"directory.person.{step}", actor=who.username).exists()

    def test_nobody_changes_their_own_account_and_no_role_is_given_over_a_unit_elsewhere(
        self, system, security, liaison
    ) -> None:
        with pytest.raises(NotAllowedError, match="自己的账号"):
            api.set_active(system, system, False)
        with pytest.raises(NotAllowedError, match="自己的账号"):
            api.grant(security, security, Role.LEADER, on=ON)
        with pytest.raises(AbsentError):
            api.grant(security, liaison, Role.LEADER, on=ON, unit=Organisation.objects.get(pk="other.health"))
        elsewhere = api.grant(
            audit.SYSTEM, liaison, Role.LEADER, on=ON, unit=Organisation.objects.get(pk="other.health")
        ).assignments.get(role=Role.LEADER)
        with pytest.raises(AbsentError):
            api.revoke(security, liaison, elsewhere.pk, on=ON)


class TestWhatFollows:
    def test_disabling_ends_sessions_and_whoever_comes_second_is_told_who_was_first(
        self, system, make_person, liaison, browser_of
    ) -> None:
        browser = browser_of(liaison)
        api.set_active(system, liaison, False)
        assert browser.get("/account/sessions").status_code == 302
        assert not Session.objects.filter(person=liaison, ended_at=None).exists()
        second = make_person("government_service", Role.SYSTEM_ADMIN, "second-admin")
        with pytest.raises(ConflictError, match="停用") as refused:
            api.set_active(second, liaison, False)
        assert refused.value.who == system.name
        got = browser_of(second).post(f"/people/{liaison.username}", {"do": "disable"})
        assert got.status_code == 409
        api.set_active(second, liaison, True)
        assert Person.objects.get(pk=liaison.pk).is_active

    def test_a_role_is_given_once_and_taken_once_each_with_its_event(self, security, liaison) -> None:
        api.grant(security, liaison, Role.LEADER, on=ON)
        with pytest.raises(NotAllowedError, match="已经是"):
            api.grant(security, liaison, Role.LEADER, on=ON)
        held = liaison.assignments.get(role=Role.LEADER)
        api.revoke(security, liaison, held.pk, on=date(2024, 2, 1))
        held.refresh_from_db()
        assert held.to_date == date(2024, 2, 1)
        with pytest.raises(NotAllowedError, match="已经收回"):
            api.revoke(security, liaison, held.pk, on=date(2024, 2, 1))
        told = Event.objects.filter(object_id=liaison.username, actor=security.username).order_by("id")
        assert [(e.action, e.detail["role"], e.detail["unit"]) for e in told] == [
            ("directory.person.grant", "leader", "health"),
            ("directory.person.revoke", "leader", "health"),
        ]

    def test_a_role_of_somebody_else_is_not_taken(self, security, liaison, make_person) -> None:
        other = make_person("education", Role.LIAISON).assignments.get()
        with pytest.raises(NotAllowedError, match="已经收回"):
            api.revoke(security, liaison, other.pk, on=ON)
        assert Assignment.objects.filter(pk=other.pk, to_date=None).exists()

    @pytest.mark.parametrize("role", ["", "no_such_role", "a\0b"])
    def test_an_id_that_is_no_role_is_refused_in_words(self, security, liaison, role) -> None:
        with pytest.raises(NotAllowedError, match="没有角色"):
            api.grant(security, liaison, role, on=ON)

    def test_a_grant_and_its_event_stand_or_fall_together(self, security, liaison, monkeypatch) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("the audit is away")

        monkeypatch.setattr(audit, "append", broken)
        with pytest.raises(RuntimeError):
            api.grant(security, liaison, Role.LEADER, on=ON)
        assert not liaison.assignments.filter(role=Role.LEADER).exists()

    def test_an_old_password_is_kept_as_a_hash_and_the_new_one_is_temporary_or_not(self, system, liaison) -> None:
        before = liaison.password
        reset = accounts.reset_password(system, liaison, "quite another 4711")
        assert (reset.must_change_password, reset.former_passwords[0]) == (True, before)
        own = api.change_password(reset, reset, "my very own 4711")
        assert (own.must_change_password, own.check_password("my very own 4711")) == (False, True)
        with pytest.raises(NotAllowedError, match="至少 12 个字符"):
            api.change_password(own, own, "short")
        with pytest.raises(AbsentError):
            api.change_password(system, liaison, "quite another 4712")


class TestOneDoor:
    def test_everything_that_is_written_for_a_login_an_account_or_a_role_goes_through_the_door(
        self, system, security, liaison, monkeypatch
    ) -> None:
        """Each event of these is appended while the account's door is open; only a failed login has nobody's door."""
        beside = []
        append = audit.append

        def watched(actor, action, **more):
            if not audit.current():
                beside.append(action)
            return append(actor, action, **more)

        monkeypatch.setattr(audit, "append", watched)
        now = timezone.now()
        first = {"address": "127.0.0.1", "agent": "test", "device": "", "now": now}
        begun = login.check_login(username=liaison.username, password=PASSWORD, **first)
        half = sessions.find(begun.token, now=now)
        secret = second_factor.new_secret()
        assert begun.outcome == "enrol"
        whole = login.enrol(half, secret, pyotp.TOTP(secret).at(now), now=now)
        session = sessions.find(whole, now=now)
        api.change_own_password(session, PASSWORD, "my very own 4711")
        assert login.end_sessions(session, {session.pk}) is True
        fresh = made(system, "lisi")
        api.grant(security, fresh, Role.LIAISON, on=ON)
        api.set_active(system, fresh, False)
        assert beside == []
        login.check_login(username=liaison.username, password="wrong", **first)
        assert beside == ["directory.login.fail"]

    def test_the_buttons_of_a_page_are_the_steps_of_the_flow(self, system, security, liaison) -> None:
        for who, steps in (
            (system, {"disable", "reset_password", "ask_codes_reset", "reset_codes"}),
            (security, {"ask_codes_reset", "reset_codes", "grant", "revoke"}),
        ):
            assert api.showing.account(Reach(who), liaison.username).steps == steps
        api.set_active(system, liaison, False)
        assert api.showing.account(Reach(system), liaison.username).steps == {
            "enable",
            "reset_password",
            "ask_codes_reset",
            "reset_codes",
        }
        assert api.showing.account(Reach(security), liaison.username).steps == {
            "ask_codes_reset",
            "reset_codes",
            "revoke",
        }

    def test_accounts_of_another_county_are_not_listed(self, system, liaison, make_person) -> None:
        foreign = make_person("other.health", Role.LIAISON)
        listed = {a.username for a in api.showing.accounts(Reach(system))}
        assert liaison.username in listed
        assert foreign.username not in listed
        assert {a.username for a in api.showing.accounts(Reach(system), narrowed=Narrowed("HEALTH-li"))} == {
            liaison.username
        }
        assert api.showing.accounts(Reach(system), narrowed=Narrowed("\0")) == ()


def test_the_audit_trail_answers_its_filters(make_person, browser_of, system, security, liaison) -> None:
    api.grant(security, liaison, Role.LEADER, on=ON)
    api.set_active(system, liaison, False)
    browser = browser_of(make_person("government_service", Role.AUDIT_ADMIN))

    def found(**asked: object) -> list[str]:
        return [e.action for e in browser.get("/audit/", asked).context["events"]]

    assert found(actor=security.username, action="directory.person") == ["directory.person.grant"]
    assert found(action="directory.person.dis") == ["directory.person.disable"]
    mine = found(object=liaison.username)
    assert mine[:2] == ["directory.person.disable", "directory.person.grant"]
    last = browser.get("/audit/", {"object": liaison.username}).context["events"][0]
    assert found(object=liaison.username, before=last.id) == mine[1:]
    for nonsense in ("²", "-1", "x", "9" * 30):
        assert found(object=liaison.username, before=nonsense) == mine
    assert found(actor="nobody") == []
