"""The trail in words: every action has some, filters by day and name, a file, and histories that name people."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.doors import DOORS
from qingmiao.site.web.console import deeds
from website import returns_world as world
from website.acted import a_plan, a_task, some_evidence
from website.role_ids import Role

pytestmark = pytest.mark.django_db
SOURCE = Path(__file__).resolve().parents[2] / "src" / "qingmiao" / "site"
WRITES = r"(?:audit\.append|audit\.seen|access\.beside)"
APPENDED = re.compile(WRITES + r"\(\s*[^,()\"]+(?:\([^)]*\))?[^,\"]*,\s*\"([a-z_.]+)\"")


def in_source() -> set[str]:
    """The actions that the code appends by name."""
    texts = (p.read_text("utf-8") for p in SOURCE.rglob("*.py"))
    return {action for text in texts for action in APPENDED.findall(text)}


def test_every_action_of_the_code_has_words(directory) -> None:
    known, named = deeds.words(), in_source()
    assert {"returns.save", "task.escalate", "directory.login.fail", "audit.export"} <= named, "the search finds none"
    assert sorted(named - set(known)) == []
    for door in DOORS.values():
        assert any(a.startswith(f"{door.action}.") for a in known), door.action
        steps = {f"{door.action}.{s.name}" for flow in door.flows() for s in flow.steps}
        assert steps, door.action
        assert steps <= set(known), door.action
        assert deeds.thing(door.kind)[0] != door.kind, door.kind
    for zh, en in known.values():
        assert re.search("[\u4e00-\u9fff]", zh)
        assert en


def test_everything_that_happens_has_words(make_person) -> None:
    filing = world.brought_to(world.opened(), "locked", make_person)
    task = a_task(make_person)
    some_evidence(make_person, task)
    a_plan(make_person)
    happened = set(Event.objects.order_by("id").values_list("action", flat=True))
    assert {"returns.save", "returns.accept", "task.open", "acting.activity.record"} <= happened, sorted(happened)
    assert sorted(happened - set(deeds.words())) == []
    assert filing.pk


def test_the_page_names_people_and_filters_by_day_and_name(make_person, browser_of) -> None:
    task = a_task(make_person)
    who = make_person("committee_office", Role.COMMITTEE_OFFICE)
    browser = browser_of(make_person("government_service", Role.AUDIT_ADMIN))
    today = timezone.localdate()

    def found(**asked: object) -> list[tuple[str, str, str]]:
        return [(d.who, d.what, d.thing) for d in browser.get("/audit/", asked).context["deeds"]]

    assert found(action="task.open") == [(who.name, "下达任务", f"任务 {task.pk}")]
    assert found(actor=who.name, action="task.") == found(actor=who.username, action="task.")
    assert found(actor=who.name, action="task.", since=today, until=today)
    assert found(action="task.", since=today + timedelta(days=1)) == []
    assert found(action="task.", until=today - timedelta(days=1)) == []
    refused = browser.get("/audit/", {"since": "昨天"})
    assert refused.status_code == 400
    assert "2024-05-31" in refused.content.decode()


def test_the_file_holds_what_the_page_shows_and_is_itself_audited(make_person, browser_of) -> None:
    task = a_task(make_person)
    auditor = make_person("government_service", Role.AUDIT_ADMIN)
    answer = browser_of(auditor).get("/audit/", {"action": "task.", "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(r["操作"], r["对象"]) for r in rows] == [("下达任务", f"任务 {task.pk}")]
    event = Event.objects.get(action="audit.export")
    assert (event.actor, event.detail["rows"]) == (auditor.username, 1)


def test_the_history_of_a_return_is_told_with_names(make_person, browser_of) -> None:
    filing = world.brought_to(world.opened(), "signed", make_person)
    liaison, leader, _ = world.people(make_person)
    page = browser_of(leader).get(f"/returns/{filing.pk}/history").content.decode()
    assert "上报" in page
    assert liaison.name in page
    assert "returns.submit" not in page
    assert liaison.username not in page
