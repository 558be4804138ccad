"""What a server remembers is as good as the database: every change that a page's right or number hangs on is heard."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from qingmiao.site import changes
from qingmiao.site.apps.directory import sessions
from qingmiao.site.apps.directory.models import Assignment, Organisation, Person, Session
from qingmiao.site.apps.monitoring.models import Run
from qingmiao.site.apps.notices import api as notices
from qingmiao.site.apps.tasks.models import Task
from qingmiao.site.changes import CHANGES, Memory
from waiting import ENDS, until
from website.role_ids import Role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listening(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process's own listener, on the test database."""
    monkeypatch.setattr(changes, "CHECK", 0.1)
    monkeypatch.setattr(changes, "AGAIN", 0.1)
    stop = threading.Event()
    thread = threading.Thread(target=CHANGES.hear, args=(stop,))
    thread.start()
    until(lambda: CHANGES.number is not None)
    yield
    stop.set()
    thread.join(ENDS)
    assert CHANGES.number is None


@pytest.fixture
def liaison(make_person) -> Person:
    return make_person("health", Role.LIAISON)


@pytest.fixture
def client(liaison: Person, browser_of) -> Client:
    return browser_of(liaison)


def _task(person: Person) -> None:
    now = timezone.now()
    Task.objects.create(
        source="direct",
        title="演示任务",
        unit_id="health",
        opened_by=person,
        opened_at=now,
        due_at=datetime(2030, 1, 1, tzinfo=UTC),
    )


CHANGED = {
    "a session ended": lambda p: Session.objects.update(ended_at=timezone.now()),
    "a session's second factor": lambda p: Session.objects.update(second_factor=False),
    "a person disabled": lambda p: Person.objects.filter(pk=p.pk).update(is_active=False),
    "a role given": lambda p: Assignment.objects.create(
        person=p, role=Role.LEADER, organisation_id="health", area_id="141029", from_date=date(2024, 1, 1)
    ),
    "a role ended": lambda p: Assignment.objects.update(to_date=date(2025, 1, 1)),
    "a unit renamed": lambda p: Organisation.objects.filter(pk="health").update(short="卫健"),
    "a new run": lambda p: Run.objects.create(
        made_at=timezone.now(), reason="", year=2025, pack_digest="", snapshot="", tables={}, values=""
    ),
    "a task": _task,
    "a notice": lambda p: notices.tell([p], notices.NoticeText("dun", "请及时报送报表", "/returns/", "returns:1")),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_committed_change_is_heard(what, liaison, client, listening):
    before = CHANGES.number
    with transaction.atomic():
        CHANGED[what](liaison)
        time.sleep(0.1)
        assert CHANGES.number == before  # nothing before the commit
    until(lambda: CHANGES.number != before)


def test_a_remembered_visitor_costs_no_query_and_ends_with_the_account(
    liaison, client, listening, django_assert_num_queries
):
    assert client.get("/plan/").status_code == 200
    with django_assert_num_queries(0):
        assert client.get("/plan/").status_code == 200
    Person.objects.filter(pk=liaison.pk).update(is_active=False)
    until(lambda: client.get("/plan/").status_code == 302)


def test_a_role_that_is_taken_closes_its_pages(liaison, client, listening):
    assert client.get("/plan/").status_code == 200
    Assignment.objects.update(to_date=date(2025, 1, 1))
    until(lambda: client.get("/plan/").status_code == 404)


def test_logging_out_is_seen_by_the_next_request(liaison, client, listening):
    for _ in range(20):
        assert client.get("/plan/").status_code == 200
        token = client.cookies["qm"].value
        assert client.post(reverse("account.logout")).status_code == 302
        client.cookies["qm"] = token
        assert client.get("/plan/").status_code == 302
        with transaction.atomic():
            client.cookies["qm"] = sessions.begin(liaison, second_factor=True, address="", agent="", now=timezone.now())


def test_a_remembered_session_grows_old_all_the_same(client, listening, monkeypatch):
    assert client.get("/plan/").status_code == 200
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr("qingmiao.site.web.ui.sessions.timezone.now", lambda: later)
    assert client.get("/plan/").status_code == 302


def test_without_a_listener_nothing_is_remembered(client, django_assert_num_queries):
    assert CHANGES.number is None
    Memory(1).get("x", lambda: 1)
    assert Memory(1).get("x", lambda: 2) == 2
    client.get("/plan/")
    with django_assert_num_queries(4):
        client.get("/plan/")


def test_a_lost_connection_forgets_and_comes_back(listening):
    memory: Memory[int] = Memory(10)
    assert memory.get("x", lambda: 1) == 1
    assert memory.get("x", lambda: 2) == 1
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query IN ('LISTEN qingmiao_changes', 'SELECT "
            "1')"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
    until(lambda: memory.get("x", lambda: 3) == 3)
    until(lambda: CHANGES.number is not None)


def test_a_change_during_the_reading_is_not_missed(listening):
    memory: Memory[int] = Memory(10)

    def make() -> int:
        CHANGES.happened()
        return 1

    memory.get("x", make)
    assert memory.get("x", lambda: 2) == 2


def test_the_oldest_is_forgotten_first(listening):
    memory: Memory[int] = Memory(2)
    for n in range(3):
        memory.get(n, lambda: 1)
    assert [memory.get(n, lambda: 2) for n in (1, 2, 0)] == [1, 1, 2]


def test_a_listener_that_hangs_lets_nobody_in_for_longer_than_the_lease(
    listening: None, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    """The connection neither breaks nor tells: what was remembered runs out by itself."""
    assert client.get("/account/sessions").status_code == 200
    frozen, go_on = threading.Event(), threading.Event()

    def hang(self: object, own: object, question: object) -> None:
        frozen.set()
        go_on.wait(ENDS)

    monkeypatch.setattr(changes.Changes, "_prove", hang)
    assert frozen.wait(ENDS)
    monkeypatch.setattr(changes, "LEASE", 0.2)
    try:
        Session.objects.update(ended_at=timezone.now())
        until(lambda: CHANGES.number is None)
        assert client.get("/account/sessions").status_code == 302
    finally:
        go_on.set()


def test_the_lease_is_five_seconds_and_a_quiet_connection_is_asked_more_often() -> None:
    assert changes.LEASE == 5.0
    assert changes.CHECK <= changes.LEASE / 2
