"""Login in two steps, lockout that cannot lock out a unit, limits of sessions, password profiles."""

from __future__ import annotations

import time
from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import api, lockout, passwords, second_factor, sessions
from qingmiao.site.apps.directory.models import Person, Session
from qingmiao.site.web.ui.agents import in_words
from qingmiao.site.web.ui.sessions import COOKIE, DEVICE_COOKIE
from website.role_ids import Role

PASSWORD = "made-up river 4711"
pytestmark = pytest.mark.django_db


@pytest.fixture
def liaison(make_person) -> Person:
    return make_person("health", Role.LIAISON)


def code(person: Person, *, steps: int = 0) -> str:
    return pyotp.TOTP(second_factor.decrypt(person.totp)).at(time.time() + 30 * steps)


def with_totp(person: Person) -> Person:
    made = api.set_codes(person, person, second_factor.new_secret())
    person.totp = made.totp
    return made


def first_step(client: Client, person: Person, password: str = PASSWORD, **extra):
    return client.post("/login", {"username": person.username, "password": password}, **extra)


def test_password_then_code_opens_the_site(liaison):
    with_totp(liaison)
    client = Client()
    assert first_step(client, liaison).url == "/login/code"
    assert client.get("/account/sessions").status_code == 302  # half a login opens nothing
    done = client.post("/login/code", {"code": code(liaison)})
    assert done.url == "/"
    assert client.get("/account/sessions").status_code == 200


def test_a_code_counts_once(liaison):
    with_totp(liaison)
    number = code(liaison)
    for expected in (302, 403):
        client = Client()
        first_step(client, liaison)
        assert client.post("/login/code", {"code": number}).status_code == expected


def test_a_person_without_codes_sets_them_up_and_proves_it(liaison):
    client = Client()
    assert first_step(client, liaison).url == "/login/enrol"
    page = client.get("/login/enrol")
    secret = page.context["secret"]
    assert client.post("/login/enrol", {"sealed": page.context["sealed"], "code": "000000"}).status_code == 403
    assert client.post("/login/enrol", {"sealed": page.context["sealed"], "code": pyotp.TOTP(secret).now()}).url == "/"
    liaison.refresh_from_db()
    assert second_factor.decrypt(liaison.totp) == secret
    assert secret.encode() not in bytes(liaison.totp)


def test_the_login_gives_a_new_token(liaison):
    with_totp(liaison)
    client = Client()
    first_step(client, liaison)
    half = client.cookies[COOKIE].value
    client.post("/login/code", {"code": code(liaison)})
    assert client.cookies[COOKIE].value != half
    assert sessions.find(half, now=timezone.now()) is None


def test_an_unknown_name_and_a_wrong_password_look_the_same(liaison):
    known = Client().post("/login", {"username": liaison.username, "password": "wrong"})
    unknown = Client().post("/login", {"username": "nobody", "password": "wrong"})
    assert known.status_code == unknown.status_code == 403
    assert known.context["problem"] == unknown.context["problem"]


def test_a_disabled_person_cannot_log_in_and_loses_open_sessions(liaison, make_person, browser_of):
    client = browser_of(liaison)
    assert client.get("/account/sessions").status_code == 200
    api.set_active(make_person("government_service", Role.SYSTEM_ADMIN), liaison, False)
    assert client.get("/account/sessions").status_code == 302
    assert first_step(Client(), liaison).status_code == 403


def test_guessing_waits_after_five_failures_and_the_right_password_waits_too(liaison):
    client = Client()
    for _ in range(lockout.FREE):
        assert first_step(client, liaison, "wrong").status_code == 403
    assert first_step(client, liaison).status_code == 429
    later = timezone.now() + lockout.FIRST_WAIT + timedelta(seconds=1)
    assert lockout.wait(lockout.Attempt(liaison.username, "127.0.0.1"), now=later) == timedelta(0)


def test_each_further_failure_doubles_the_wait_up_to_the_longest(liaison):
    now = timezone.now()
    attempt = lockout.Attempt("somebody", "10.0.0.1")
    waits = []
    for _ in range(lockout.FREE + 6):
        lockout.failed(attempt, now=now)
        waits.append(lockout.wait(attempt, now=now))
    assert waits[lockout.FREE - 2] == timedelta(0)
    assert waits[lockout.FREE - 1 :] == [min(lockout.FIRST_WAIT * 2**n, lockout.LONGEST_WAIT) for n in range(7)]


def test_guessing_at_all_names_from_the_units_own_address_locks_out_nobody_who_worked_there_before(
    make_person,
):
    """The attack: every name of a unit, from the unit's address, many times. The known device still gets in."""
    people = [with_totp(make_person("health", Role.LIAISON, f"health-{n}")) for n in range(6)]
    victim = Client()
    first_step(victim, people[0])
    victim.post("/login/code", {"code": code(people[0])})
    assert DEVICE_COOKIE in victim.cookies
    attacker = Client()
    for person in people:
        for _ in range(lockout.FREE * 3):
            first_step(attacker, person, "wrong")
    assert first_step(attacker, people[0]).status_code == 429
    victim.cookies.pop(COOKIE)
    assert first_step(victim, people[0]).url == "/login/code"
    # And a colleague on an unknown device at another address is not touched either.
    assert first_step(Client(), people[1], REMOTE_ADDR="10.9.9.9").url == "/login/code"


def test_a_device_cookie_of_another_name_or_a_forged_one_is_not_known(liaison):
    assert lockout.known_device(lockout.device_cookie("somebody", "d1"), liaison.username) == ""
    assert lockout.known_device("forged", liaison.username) == ""
    assert lockout.known_device(lockout.device_cookie(liaison.username, "d1"), liaison.username) == "d1"


@pytest.mark.parametrize(
    ("idle", "age", "lives"),
    [(29, 60, True), (31, 60, False), (1, 12 * 60 + 1, False), (1, 12 * 60 - 1, True)],
)
def test_sessions_end_after_idling_and_after_their_longest_life(liaison, browser_of, idle, age, lives):
    client = browser_of(liaison)
    now = timezone.now()
    Session.objects.update(seen_at=now - timedelta(minutes=idle), created_at=now - timedelta(minutes=age))
    assert (client.get("/account/sessions").status_code == 200) is lives


def test_own_sessions_are_shown_and_can_be_ended(liaison, browser_of):
    here, there = browser_of(liaison), browser_of(liaison)
    page = here.get("/account/sessions")
    assert len(page.context["sessions"]) == 2
    here.post("/account/sessions", {"session": "others"})
    assert there.get("/account/sessions").status_code == 302
    assert here.get("/account/sessions").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(liaison, make_person, browser_of):
    other = browser_of(make_person("education", Role.LIAISON))
    foreign = Session.objects.get(person__username="education-liaison")
    browser_of(liaison).post("/account/sessions", {"session": str(foreign.pk)})
    assert other.get("/account/sessions").status_code == 200


def test_a_new_password_ends_the_other_sessions_and_is_audited(liaison, browser_of):
    here, there = browser_of(liaison), browser_of(liaison)
    new = "quiet orchard 8052"
    assert here.post("/account/password", {"present": PASSWORD, "new": new, "again": new}).status_code == 302
    assert there.get("/account/sessions").status_code == 302
    assert Event.objects.filter(action="directory.person.change_password", actor=liaison.username).exists()


def test_whoever_must_change_the_password_sees_nothing_else_before(liaison, browser_of):
    Person.objects.update(must_change_password=True)
    assert browser_of(liaison).get("/account/sessions").url == "/account/password"


def test_after_login_only_addresses_of_this_site_are_followed(liaison):
    with_totp(liaison)
    client = Client()
    client.post("/login", {"username": liaison.username, "password": PASSWORD, "next": "//evil.example/"})
    assert client.post("/login/code", {"code": code(liaison)}).url == "/"


@pytest.mark.parametrize(
    ("profile", "password", "fine"),
    [
        ("asvs", "a" * 4 + "bcdefgh", False),  # 11 characters
        ("asvs", "wharfbenchkite", True),  # one class is enough
        ("asvs", "北京的秋天很长很长我们慢慢走", True),
        ("asvs", "a" * 129, False),
        ("djbh3", "Xkbvet1", False),  # 7
        ("djbh3", "xkbvetg1", False),  # two classes
        ("djbh3", "Xkbvetg1", True),
    ],
)
def test_password_profiles(profile, password, fine):
    assert (passwords.faults(password, passwords.PROFILES[profile]) == []) is fine


def test_djbh3_wants_a_new_password_after_ninety_days_and_none_of_the_last_five():
    from django.contrib.auth.hashers import make_password

    rules, now = passwords.PROFILES["djbh3"], timezone.now()
    assert not passwords.expired(now - timedelta(days=90), rules, now=now)
    assert passwords.expired(now - timedelta(days=90, seconds=1), rules, now=now)
    former = [make_password(f"Xkbvetg{n}") for n in range(6)]
    assert passwords.faults("Xkbvetg4", rules, former=former) != []
    assert passwords.faults("Xkbvetg5", rules, former=former) == []


def test_the_three_administrators_are_three_people(make_person):
    one = make_person("government_service", Role.SYSTEM_ADMIN)
    with pytest.raises(UserError, match="三个人"):
        api.grant(audit.SYSTEM, one, Role.AUDIT_ADMIN, on=timezone.localdate())


def test_administrators_cannot_change_their_own_account(make_person, browser_of):
    one = make_person("government_service", Role.SECURITY_ADMIN)
    got = browser_of(one).post(f"/people/{one.username}", {"do": "grant", "role": "statistics", "unit": "statistics"})
    assert got.status_code == 400
    assert not one.assignments.filter(role="statistics").exists()


def test_the_system_administrator_gives_no_roles_and_the_security_administrator_makes_no_accounts(
    make_person, browser_of, liaison
):
    system, security = (
        make_person("government_service", Role.SYSTEM_ADMIN),
        make_person("government_service", Role.SECURITY_ADMIN),
    )
    where = f"/people/{liaison.username}"
    assert browser_of(system).post(where, {"do": "grant", "role": "statistics", "unit": "health"}).status_code == 404
    assert browser_of(security).post(where, {"do": "disable"}).status_code == 404
    assert browser_of(security).post(where, {"do": "grant", "role": "leader", "unit": "health"}).status_code == 302
    assert browser_of(system).post(where, {"do": "disable"}).status_code == 302
    liaison.refresh_from_db()
    assert not liaison.is_active
    assert liaison.assignments.filter(role="leader").exists()


def test_a_new_account_gets_a_password_to_be_changed(make_person, browser_of):
    system = make_person("government_service", Role.SYSTEM_ADMIN)
    got = browser_of(system).post("/people/new", {"username": "new-one", "name": "演示新人", "unit": "education"})
    made = Person.objects.get(username="new-one")
    assert made.must_change_password
    assert made.check_password(got.context["made"].password)


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
            "Chrome 浏览器，Windows 电脑",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge 浏览器，Windows 电脑",
        ),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/1 MicroMessenger/8.0", "微信，安卓手机或平板"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Safari/604.1",
            "Safari 浏览器，苹果手机",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0", "火狐浏览器，Linux 电脑"),
        ("curl/8.0", "其他程序"),
        ("", "其他程序"),
    ],
)
def test_a_session_names_the_browser_and_the_machine_in_words(agent: str, told: str) -> None:
    assert in_words(agent) == told
