"""The life of a return: the table, its diagram, every step by whom, and that of many at once one wins."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.models import RoleKept
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.returns import api, workflow
from qingmiao.site.apps.returns.models import Filing, SendBack, Version
from qingmiao.site.apps.returns.workflow import ReturnState
from website import returns_world as world
from website.role_ids import Role


@pytest.mark.django_db
def test_a_return_walks_from_draft_to_locked(make_person):
    liaison, leader, statistician = world.people(make_person)
    filing = world.brought_to(world.opened(), "locked", make_person)
    version = Version.objects.get(filing=filing)
    assert (version.submitted_by, version.signed_by, version.accepted_by, version.locked_by) == (
        liaison, leader, statistician, statistician,
    )  # fmt: skip
    assert filing.accepted_version == 1
    actions = list(Event.objects.filter(object_type="filing").order_by("pk").values_list("action", flat=True))
    assert actions == ["returns.save", "returns.submit", "returns.sign", "returns.accept", "returns.lock"]


@pytest.mark.django_db
def test_every_action_outside_the_table_is_refused(make_person):
    """All states × all actions: what the table does not have leaves the return as it was."""
    _, _, statistician = world.people(make_person)
    refused = 0
    for number, state in enumerate(ReturnState):
        filing = world.brought_to(world.opened(year=2010 + number), state, make_person)
        for action in {s.name for s in workflow.FLOW.steps}:
            line = workflow.FLOW.step(action, state)
            if line is None or Role.STATISTICS not in line.roles:
                before = world.seen(filing)
                own = any(Role.STATISTICS in s.roles for s in workflow.FLOW.named(action))
                with pytest.raises(api.NotAllowedError if own else access.AbsentError):
                    api.move(statistician, filing.pk, action, seen=before, reason="说得过去的原因")
                assert world.seen(filing) == before
                refused += 1
    allowed = [s for s in workflow.FLOW.steps if Role.STATISTICS in s.roles]
    assert refused == len(ReturnState) * len({s.name for s in workflow.FLOW.steps}) - len(allowed)


@pytest.mark.django_db
def test_sending_back_wants_a_reason_and_is_taken_up_by_typing(make_person, browser_of):
    liaison, leader, _ = world.people(make_person)
    filing = world.brought_to(world.opened(), "submitted", make_person)
    with pytest.raises(api.NotAllowedError, match="原因"):
        api.move(leader, filing.pk, "send_back", seen=world.seen(filing), reason=" 错 ")
    api.move(leader, filing.pk, "send_back", seen=world.seen(filing), reason="第二行免费人数不对")
    filing.refresh_from_db()
    assert filing.state == "sent_back"
    assert SendBack.objects.get(filing=filing).reason == "第二行免费人数不对"
    page = browser_of(liaison).get(f"/returns/{filing.pk}").content.decode()
    assert 'value="submit"' not in page
    assert "请按退回原因修改" in page, "whoever may not submit yet is told what is wanted first"
    api.save(liaison, filing.pk, api.Edits(filing.revision, cells={"02.3": "700"}))
    filing.refresh_from_db()
    assert filing.state == "draft"
    page = browser_of(liaison).get(f"/returns/{filing.pk}").content.decode()
    assert 'value="submit"' in page
    assert "请按退回原因修改" not in page
    world.brought_to(filing, "accepted", make_person)


@pytest.mark.django_db
def test_what_was_not_seen_is_not_signed(make_person):
    """The same state and version, but other figures: sent back, changed and submitted again while the leader's page
    stood open."""
    liaison, leader, _ = world.people(make_person)
    filing = world.brought_to(world.opened(), "submitted", make_person)
    old = world.seen(filing)
    api.move(leader, filing.pk, "send_back", seen=old, reason="请再核对一次")
    api.save(liaison, filing.pk, api.Edits(world.seen(filing).revision, cells={"01.3": "1"}))
    api.move(liaison, filing.pk, "submit", seen=world.seen(filing))
    with pytest.raises(api.ConflictError) as conflict:
        api.move(leader, filing.pk, "sign", seen=old)
    assert conflict.value.who == liaison.name


@pytest.mark.django_db
def test_two_people_submit_and_sign(make_person):
    """Somebody who is liaison and leader at once does not sign what they submitted."""
    from datetime import date

    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api as directory

    liaison, _, _ = world.people(make_person)
    directory.grant(audit.SYSTEM, liaison, Role.LEADER, on=date(2024, 1, 1))
    filing = world.brought_to(world.opened(), "submitted", make_person)
    with pytest.raises(api.NotAllowedError, match="不能自己签发"):
        api.move(liaison, filing.pk, "sign", seen=world.seen(filing))


@pytest.mark.django_db
def test_who_may_take_each_step(make_person):
    """The roles at the unit itself (statistics, the office: of the county); the same roles elsewhere may not."""
    filing = world.opened()
    RoleKept.objects.update(held_by=[])  # also where a role stands at a unit that should not have it
    units = {Role.STATISTICS: "statistics"}
    of_the_county = (Role.STATISTICS, Role.COMMITTEE_OFFICE)
    for line in workflow.FLOW.steps:
        filing.state = line.source
        for role in Role:
            own = make_person(units.get(role, "health"), role)
            elsewhere = "other.statistics" if role in of_the_county else "education"
            foreign = make_person(elsewhere, role)
            below = make_person("mch_hospital", role)
            assert (line in access.steps(Reach(own), filing)) == (role in line.roles), (line.name, role)
            assert access.steps(Reach(foreign), filing) == (), (line.name, role)
            if role not in of_the_county:
                assert access.steps(Reach(below), filing) == (), (line.name, role)


@pytest.mark.django_db
def test_acceptance_defers_the_refresh_in_its_own_transaction(make_person):
    from procrastinate.contrib.django.models import ProcrastinateJob

    before = set(ProcrastinateJob.objects.values_list("pk", flat=True))  # tests that commit leave theirs
    world.brought_to(world.opened(), "accepted", make_person)
    job = ProcrastinateJob.objects.exclude(pk__in=before).get(task_name="monitoring.refresh")
    assert job.queue_name == "measure"


@pytest.mark.django_db(transaction=True)
def test_of_80_people_who_submit_one_return_at_once_one_wins(make_person):
    """80 threads with their own connections: one goes on, 79 are told who and when; the trail has one submission."""
    liaison, *_ = world.people(make_person)
    filing = world.filled(world.opened(), liaison)
    what = world.seen(filing)
    people = [make_person("health", Role.LIAISON, f"liaison-{i}") for i in range(80)]
    start, outcomes, lock = threading.Barrier(80), [], threading.Lock()

    def submit(person) -> None:
        start.wait()
        try:
            api.move(person, filing.pk, "submit", seen=what)
            outcome = ("won", person.name, None)
        except api.ConflictError as e:
            outcome = ("conflict", e.who, e.when)
        except Exception as e:
            outcome = ("error", repr(e), None)
        finally:
            connections.close_all()
        with lock:
            outcomes.append((person.username, *outcome))

    threads = [threading.Thread(target=submit, args=(p,)) for p in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [o for o in outcomes if o[1] == "won"]
    told = [o for o in outcomes if o[1] == "conflict"]
    assert (len(won), len(told)) == (1, 79), [o for o in outcomes if o[1] == "error"]
    now = Filing.objects.select_related("moved_by").get(pk=filing.pk)
    assert now.moved_by.username == won[0][0]
    submitted = Event.objects.get(action="returns.submit")
    assert {(who, when) for _, _, who, when in told} == {(now.moved_by.name, submitted.at)}
    assert Version.objects.get(filing=filing).submitted_by.username == won[0][0]
