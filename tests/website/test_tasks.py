"""Tasks of any source: opened, re-dated, settled, dropped; whose they are; what was before is carried over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from qingmiao.content.deadlines import Deadline
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.acting.models import Activity, Aim
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.tasks import api, escalation, sources
from qingmiao.site.apps.tasks.models import Task
from website.acted import PDF, a_task
from website.role_ids import Role

pytestmark = pytest.mark.django_db
ANSWER = {"cause": "原因写清楚了", "countermeasure": "对策也写清楚"}


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> str:
    """A source that no app of the house knows: bells that ask for things."""
    monkeypatch.setattr(sources, "_SOURCES", dict(sources._SOURCES))
    api.register_source(
        api.TaskSource(
            "bell",
            "铃声",
            "Bell",
            lambda reach, ids: {i: api.TaskOrigin(f"第 {i} 次铃声", "returns.home") for i in ids},
        )
    )
    return "bell"


def in_days(days: int) -> datetime:
    return api.end_of(timezone.localdate() + timedelta(days=days))


def test_a_source_opens_moves_and_ends_its_own_tasks_and_no_others(bell: str, make_person) -> None:
    who = make_person("health", Role.LIAISON)
    unit = Organisation.objects.get(pk="health")
    mine = [
        api.open_task(who, unit=unit, due_at=in_days(5), title="听到铃声", source=bell, source_id=n) for n in (1, 2)
    ]
    other = a_task(make_person)
    assert api.follow(who, bell, 1, due_at=in_days(9), reason="铃声推迟了") == 1
    assert api.settle(who, bell, 1, reason="铃声已经停了") == 1
    assert api.drop(audit.SYSTEM, bell, 2, reason="铃声不再响了") == 1
    assert api.settle(who, bell, 1, reason="铃声已经停了") == 0
    for task in (*mine, other):
        task.refresh_from_db()
    assert [t.state for t in (*mine, other)] == ["closed", "withdrawn", "open"]
    assert (mine[0].due_at, mine[0].note, mine[0].closed_by) == (in_days(9), "铃声已经停了", None)
    told = Event.objects.filter(object_type="task", object_id=str(mine[0].pk)).order_by("pk")
    assert [(e.action, e.actor) for e in told] == [
        ("task.open", who.username), ("task.follow", who.username), ("task.settle", who.username),
    ]  # fmt: skip


def test_what_a_source_does_with_its_task_falls_with_the_sources_transaction(bell: str, make_person) -> None:
    unit = a_task(make_person).unit
    made = api.open_task(audit.SYSTEM, unit=unit, due_at=in_days(5), title="听到铃声", source=bell, source_id=1)
    with transaction.atomic():
        assert api.settle(audit.SYSTEM, bell, 1, reason="铃声已经停了") == 1
        transaction.set_rollback(True)
    made.refresh_from_db()
    assert (made.state, Event.objects.filter(action="task.settle").count()) == ("open", 0)


def test_nobody_takes_by_hand_what_only_a_source_does(make_person) -> None:
    task = a_task(make_person)
    for who in (make_person("health", Role.LIAISON), make_person("committee_office", Role.COMMITTEE_OFFICE)):
        for step in ("settle", "drop", "follow"):
            with pytest.raises(access.AbsentError):
                access.perform(who, task, step, access.Seen("", 1), {"reason": "来源已经办结", "due_at": in_days(9)})


@pytest.mark.parametrize("again", [True, False])
def test_a_part_is_asked_for_once_at_a_time_or_once_for_all(bell: str, make_person, again: bool) -> None:
    unit = a_task(make_person).unit

    def ask() -> Task:
        return api.open_task(
            audit.SYSTEM, unit=unit, due_at=in_days(5), title="听到铃声", source=bell, source_id=1, part="1", again=again
        )  # fmt: skip

    ask()
    with pytest.raises(api.ConflictError, match="铃声已经转为任务"):
        ask()
    api.settle(audit.SYSTEM, bell, 1, reason="铃声已经停了")
    if again:
        assert ask().state == "open"
    else:
        with pytest.raises(api.ConflictError):
            ask()
    api.drop(audit.SYSTEM, bell, 1, reason="铃声不再响了")
    assert api.parts_of(bell, 1).keys() == {"1"}  # the settled one still carries it


def test_no_task_without_words_a_day_ahead_and_a_known_source(make_person) -> None:
    unit = a_task(make_person).unit
    for wrong in ({"title": "短"}, {"due_at": timezone.now()}, {"due_at": in_days(0)}):
        with pytest.raises(UserError):
            api.open_task(audit.SYSTEM, **{"unit": unit, "due_at": in_days(3), "title": "写清楚的任务", **wrong})
    with pytest.raises(KeyError):
        api.open_task(audit.SYSTEM, unit=unit, due_at=in_days(3), title="写清楚的任务", source="nobody")
    elsewhere = make_person("education", Role.LIAISON)
    with pytest.raises(UserError, match="不在"):
        api.open_task(audit.SYSTEM, unit=unit, due_at=in_days(3), title="写清楚的任务", person=elsewhere)
    assert Task.objects.count() == 1


def test_a_task_to_a_role_or_a_person_is_that_ones(make_person, browser_of) -> None:
    liaison, leader = make_person("health", Role.LIAISON), make_person("health", Role.LEADER)
    second = make_person("health", Role.LIAISON, "second-liaison")
    to_leader = a_task(make_person, role="leader")
    to_one = a_task(make_person, person=second)
    for task, wrong, right in ((to_leader, liaison, leader), (to_one, liaison, second)):
        with pytest.raises(UserError, match="交给"):
            api.answer(wrong, task, version=1, **ANSWER)
        with pytest.raises(UserError, match="交给"):
            api.add_evidence(wrong, SimpleUploadedFile("核查表.pdf", PDF), task=task)
        assert "报送办理情况" not in browser_of(wrong).get(f"/tasks/{task.pk}").content.decode()
        assert "报送办理情况" in browser_of(right).get(f"/tasks/{task.pk}").content.decode()
        api.answer(right, task, version=1, **ANSWER)


def test_three_queues(make_person, browser_of) -> None:
    liaison, leader = make_person("health", Role.LIAISON), make_person("health", Role.LEADER)
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    to_unit, to_leader = a_task(make_person), a_task(make_person, role="leader")
    elsewhere = a_task(make_person, "education")

    def queue(who, name: str) -> list[int]:
        return [r.id for r in api.listed(Reach(who), state="open", queue=name).rows]

    assert queue(liaison, "mine") == [to_unit.pk]
    assert queue(leader, "mine") == queue(leader, "unit") == queue(liaison, "unit") == [to_unit.pk, to_leader.pk]
    assert queue(office, "reach") == [to_unit.pk, to_leader.pk, elsewhere.pk]
    assert queue(office, "mine") == queue(office, "unit") == []
    page = browser_of(liaison).get("/tasks/?queue=mine").content.decode()
    assert (f"/tasks/{to_unit.pk}" in page, f"/tasks/{to_leader.pk}" in page) == (True, False)


def test_pages_of_the_list_follow_each_other_and_leave_nothing_out(make_person) -> None:
    made = [a_task(make_person).pk for _ in range(5)]
    reach, seen, after = Reach(make_person("health", Role.LIAISON)), [], ""
    while True:
        page = api.listed(reach, state="all", after=after, size=2)
        seen += [r.id for r in page.rows]
        after = page.following
        if not after:
            break
    assert seen == made
    for wrong in ("x", "1_", "_1", "１_１x", "9" * 40 + "_1"):
        with pytest.raises(ValueError, match=wrong):
            api.listed(reach, state="all", after=wrong)


def test_the_office_sets_another_day_and_it_goes_up_anew(make_person, browser_of) -> None:
    task, office = a_task(make_person), make_person("committee_office", Role.COMMITTEE_OFFICE)
    Task.objects.filter(pk=task.pk).update(due_at=timezone.now() - timedelta(days=3))
    api.escalate(now=timezone.now())
    where, day = f"/tasks/{task.pk}", timezone.localdate() + timedelta(days=20)
    sent = {"do": "redate", "version": 1, "reason": "等市里的数据", "due": day.isoformat()}
    client = browser_of(office)
    assert "已升级到" in client.get(where).content.decode()
    assert client.post(where, sent | {"due": timezone.localdate().isoformat()}).status_code == 400
    assert client.post(where, sent | {"due": "下周"}).status_code == 400
    assert browser_of(make_person("health", Role.LIAISON)).post(where, sent).status_code == 404
    assert client.post(where, sent).status_code == 302
    task.refresh_from_db()
    assert (task.due_at, task.went_up_to, task.note) == (api.end_of(day), [], "等市里的数据")


def test_only_the_office_over_a_unit_gives_it_a_task(make_person) -> None:
    """Office in one county and liaison in another: she gives tasks in the first only."""
    a_task(make_person)
    foreign = make_person("other.committee_office", Role.COMMITTEE_OFFICE, "foreign-office")
    directory.grant(audit.SYSTEM, foreign, Role.LIAISON, on=date(2024, 1, 1))
    liaison, gone = make_person("health", Role.LIAISON), make_person("committee_office", Role.COMMITTEE_OFFICE, "gone")
    gone.is_active = False
    unit, due = Organisation.objects.get(pk="health"), timezone.localdate() + timedelta(days=9)
    for who in (foreign, liaison, gone):
        with pytest.raises(access.AbsentError):
            acting.open_task(who, unit=unit, due_date=due, title="写清楚的任务")
    assert Task.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_tasks_that_were_there_keep_number_state_files_and_aim(make_person) -> None:
    """Up to acting 0003 a task stood in acting, up to 0008 a count of people beside a document; both are kept."""
    who, office = make_person("health", Role.LIAISON), make_person("committee_office", Role.COMMITTEE_OFFICE)
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    try:
        executor.migrate([("acting", "0003_changed")])
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO acting_task (id, title, indicator, area, value_before, year_before, unit_id, due_date, "
                "state,"
                " version, opened_by_id, opened_at, cause, countermeasure, answered_by_id, answered_at, note, reopened,"
                " escalated) VALUES (41, '查明原因', 'health.imr', '', 5.4, 2023, 'health', '2024-05-31', 'answered', 3,"
                " %s, '2024-05-01T08:00+08', '原因', '对策', %s, '2024-05-20T08:00+08', '', 1, 2)",
                [office.pk, who.pk],
            )
            cursor.execute(
                "INSERT INTO acting_evidence (id, task_id, name, sha256, bytes, added_by_id, added_at)"
                " VALUES (7, 41, '核查.pdf', 'ab', 2, %s, '2024-05-20T08:00+08')",
                [who.pk],
            )
            cursor.execute(
                "INSERT INTO acting_activity (id, kind, year, on_date, unit_id, title, text, people, opinion,"
                " decisions, state, version, made_by_id, made_at)"
                " VALUES (3, 'meeting', 2024, '2024-03-18', 'health', '会议', '纪要', 36, '',"
                " '', 'reviewed', 1, %s, '2024-03-18T08:00+08')",
                [who.pk],
            )
        executor = MigrationExecutor(connection)
        executor.migrate(leaves)
        task = Task.objects.get(pk=41)
        zone = ZoneInfo("Asia/Shanghai")
        assert (task.state, task.version, task.source, task.source_id, task.part) == ("answered", 3, "direct", "", None)
        assert task.due_at == datetime(2024, 5, 31, 23, 59, tzinfo=zone)
        assert (task.went_up_to, task.reopened, task.answered_by) == (["leader", "committee_office"], 1, who)
        assert [(e.pk, e.name) for e in task.evidence.all()] == [(7, "核查.pdf")]
        aim = Aim.objects.get(task=task)
        assert (aim.indicator, aim.value_before, aim.year_before) == ("health.imr", 5.4, 2023)
        assert a_task(make_person).pk == 42
        meeting = Activity.objects.get(pk=3)
        assert (acting.lines_of(meeting), meeting.filled_date) == ([("人数", "36")], date(2024, 3, 18))
    finally:
        MigrationExecutor(connection).migrate(leaves)


def test_the_packs_deadline_says_to_whom_a_task_goes_up_and_which_day_is_proposed(
    make_person, browser_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = escalation.pack()
    given = pack.deadlines["task.answer"].model_dump() | {
        "value": 4, "escalate": [{"to": "statistics", "after": {"value": 2}}],
    }  # fmt: skip
    own = replace(pack, deadlines={"task.answer": Deadline.model_validate(given)})
    monkeypatch.setattr(escalation, "pack", lambda: own)
    task, office = a_task(make_person), make_person("committee_office", Role.COMMITTEE_OFFICE)
    assert api.proposed_day(date(2026, 3, 2)) == date(2026, 3, 6)
    assert [api.escalate(now=task.due_at + timedelta(days=n, minutes=1)) for n in (0, 1, 2, 9)] == [0, 0, 1, 0]
    task.refresh_from_db()
    assert task.went_up_to == ["statistics"]
    assert "逾期超过 2 日，已升级到统计部门" in browser_of(office).get(f"/tasks/{task.pk}").content.decode()
