"""Every flow of the site, tried in every way that its own table makes; and the door behind which each thing goes
through it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import pytest

from qingmiao.content import load_pack
from qingmiao.content.documents import DocumentKind
from qingmiao.flow import Flow, Refusal, Step, decide
from qingmiao.flow.house import INSPECTION
from qingmiao.flow.paths import Try, tries
from qingmiao.flow.words import DOCUMENTS
from qingmiao.kernel.decisions import YES
from qingmiao.site.apps.acting.documents import COLUMNS, GUARDS
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.workflow import FLOW as ACCOUNT
from qingmiao.site.apps.publishing.workflow import FLOW as EDITION
from qingmiao.site.apps.returns.workflow import FLOW as RETURNS
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.apps.tasks.api import TASK
from website.acted import a_task
from website.role_ids import Role

ROOT = Path(__file__).resolve().parents[2]
KINDS = load_pack(ROOT / "content" / "china").entries("documents", DocumentKind).values()
FLOWS = (RETURNS, TASK, EDITION, ACCOUNT, INSPECTION, *(kind.workflow for kind in KINDS))
LEAST = access.LEAST_WORDS
AT = datetime(2026, 3, 2, 9)


@dataclass
class Thing:
    state: str


def outcome(flow: Flow, one: Try) -> tuple[Refusal | None, str]:
    guards = {name: lambda *_: YES for step in flow.steps for name in step.guards}
    found = decide(flow, Thing(one.state), one.step, dict(one.answers), one.who, AT, guards=guards, least=LEAST)
    return found.refusal, found.step.target if found and found.step else ""


def without(flow: Flow, line: Step, permission: str) -> Flow:
    """The flow with one permission of a step taken away: a role, or a relation."""
    weaker = replace(line, roles=line.roles - {permission}, relations=line.relations - {permission}, jobs=line.by_job)
    return Flow(flow.name, flow.label, flow.states, tuple(weaker if s is line else s for s in flow.steps))


@pytest.mark.parametrize("flow", FLOWS, ids=lambda f: f.name)
def test_every_path(flow: Flow) -> None:
    made = list(tries(flow, map(str, Role), least=LEAST))
    assert {one.expected for one in made} >= {None, Refusal.ABSENT, Refusal.ELSEWHERE}
    wrong = [str(one) for one in made if outcome(flow, one) != (one.expected, one.target)]
    assert wrong == []


def test_every_word_that_flows_of_documents_may_name_is_carried_out() -> None:
    assert set(GUARDS) == set(DOCUMENTS.guards)
    done = set(COLUMNS) | {"settled", "packed", "drawn"}
    assert done == set(DOCUMENTS.effects)


def test_each_permission_taken_away_is_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    """Every role of every step, taken away in turn: a try made from the right table must come out otherwise."""
    taken = 0
    for flow in FLOWS:
        made = list(tries(flow, map(str, Role), least=LEAST))
        for line in flow.steps:
            for role in sorted(line.roles | line.relations):
                weaker = without(flow, line, role)
                assert any(outcome(weaker, one) != (one.expected, one.target) for one in made), (
                    line.name,
                    role,
                )
                taken += 1
    assert taken == sum(len(s.roles) + len(s.relations) for f in FLOWS for s in f.steps)
    with capsys.disabled():
        print(f"\n{taken} permissions taken away in turn, each noticed")


def test_the_printed_pages_are_not_stale() -> None:
    """docs/reference is printed from the flows: python tools/workflow_docs.py."""
    done = subprocess.run(
        [sys.executable, "tools/workflow_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:] or "python tools/workflow_docs.py"


@pytest.mark.django_db
class TestTheDoor:
    def test_a_role_counts_only_over_the_thing(self, make_person) -> None:
        """Office in one county and liaison in another: in the other what a liaison has, and nothing more."""
        task = a_task(make_person)
        both = make_person("health", Role.LIAISON, "both")
        foreign = make_person("other.committee_office", Role.COMMITTEE_OFFICE, "foreign-office")
        directory.grant(audit.SYSTEM, foreign, Role.LIAISON, on=date(2024, 1, 1))
        assert {s.name for s in access.steps(Reach(both), task)} == {"prove", "answer"}
        assert access.steps(Reach(foreign), task) == ()
        for who, step in ((foreign, "withdraw"), (foreign, "answer"), (both, "withdraw")):
            with pytest.raises(access.AbsentError):
                access.perform(who, task, step, access.Seen("", 1), {"reason": "重复下达了"})

    def test_a_disabled_account_does_nothing(self, make_person) -> None:
        task, who = a_task(make_person), make_person("health", Role.LIAISON, "gone")
        who.is_active = False
        with pytest.raises(access.AbsentError):
            access.perform(
                who,
                task,
                "answer",
                access.Seen("", 1),
                {"cause": "原因写清楚了", "countermeasure": "对策也写清楚"},
            )

    def test_a_job_does_nothing_that_is_a_persons(self, make_person) -> None:
        with pytest.raises(access.AbsentError):
            access.perform(audit.SYSTEM, a_task(make_person), "withdraw", access.Seen("", 1), {"reason": "重复下达了"})

    def test_what_was_overtaken_names_who_and_when_and_leaves_no_event(self, make_person) -> None:
        task, who = a_task(make_person), make_person("health", Role.LIAISON)
        tasks.answer(who, task, version=1, cause="原因写清楚了", countermeasure="对策也写清楚")
        events = Event.objects.count()
        office = make_person("committee_office", Role.COMMITTEE_OFFICE)
        with pytest.raises(access.ConflictError, match="待核实") as refused:
            access.perform(office, task, "withdraw", access.Seen("open", 1), {"reason": "重复下达了"})
        answered = Event.objects.get(action="task.answer")
        assert (refused.value.who, refused.value.when) == (who.name, answered.at)
        assert Event.objects.count() == events

    def test_a_step_and_its_event_stand_or_fall_together(self, make_person, monkeypatch: pytest.MonkeyPatch) -> None:
        task, office = a_task(make_person), make_person("committee_office", Role.COMMITTEE_OFFICE)

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("the audit is away")

        monkeypatch.setattr(audit, "append", broken)
        with pytest.raises(RuntimeError):
            access.perform(office, task, "withdraw", access.Seen("open", 1), {"reason": "重复下达了"})
        task.refresh_from_db()
        assert (task.state, task.version) == ("open", 1)
