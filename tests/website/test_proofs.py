"""What was done counts: a verified task is a fact of evidence until it is opened again, and the indicator follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.acting import proofs
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.facts.models import Publication
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.apps.tasks.models import Task
from website.acted import a_task
from website.measured import a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db
ANSWER = {"do": "answer", "cause": "原因写清楚了", "countermeasure": "对策也写清楚"}
TABLE, ELEMENT, INDICATOR = "evidence_items", "education.m2", "education.priority_evidence"


@pytest.fixture
def office(make_person, browser_of):
    return browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))


@pytest.fixture
def unit(make_person, browser_of):
    return browser_of(make_person("education", Role.LIAISON))


def rows(pack) -> list[dict]:
    return facts.current(pack, TABLE).to_pylist()


def answered(office, unit, **more: str) -> str:
    """The page of a task that the office gave by hand, and that the unit has answered."""
    due = (timezone.localdate() + timedelta(days=5)).isoformat()
    sent = {"unit": "education", "title": "出台教育优先发展的办法", "due": due, "element": ELEMENT} | more
    where = office.post("/tasks/new", sent).url
    assert unit.post(where, ANSWER | {"version": 1}).status_code == 302
    return str(where)


def value(pack) -> float | None:
    state, year = monitoring.current(), timezone.localdate().year
    assert state is not None
    return next((p.value for p in state.series(INDICATOR, state.root).known if p.year == year), None)


def test_a_closed_task_is_evidence_moves_its_indicator_and_is_gone_when_opened_again(office, unit, pack):
    a_run()
    before = value(pack) or 0
    where = answered(office, unit)
    number = where.rsplit("/", 1)[-1]
    assert rows(pack) == []
    assert office.post(where, {"do": "close", "version": 2}).status_code == 302
    (row,) = rows(pack)
    assert (row["evidence_id"], row["element"], row["state"]) == (f"task-{number}", ELEMENT, "verified")
    assert (row["title"], row["area_code"]) == ("出台教育优先发展的办法", "141029")
    assert row["organisation"] == Organisation.objects.get(pk="education").label
    origin = facts.origin(row["_file"])
    assert (origin.label, origin.address) == (f"办结的任务 {number}（第 3 版）", where)
    assert office.get(origin.address).status_code == 200
    assert origin.unit == "education"
    assert origin.who.endswith("核实办结")
    assert Task.objects.get(pk=number).answered_by.name in origin.who
    assert monitoring.refresh(audit.SYSTEM) is not None
    assert value(pack) == before + 1
    year = timezone.localdate().year
    drawer = office.get(f"/lineage?indicator={INDICATOR}&area=141029&year={year}").content.decode()
    assert f'href="{where}?year={year}"' in drawer  # the record, in the year that is looked at, and who entered it
    assert origin.who in drawer
    assert office.post(where, {"do": "reopen", "version": 3, "reason": "材料还不齐全"}).status_code == 302
    assert rows(pack) == []
    assert monitoring.refresh(audit.SYSTEM) is not None
    assert (value(pack) or 0) == before


def test_closing_twice_makes_one_row_also_after_it_was_opened_again(office, unit, pack):
    where = answered(office, unit)
    assert office.post(where, {"do": "close", "version": 2}).status_code == 302
    assert office.post(where, {"do": "close", "version": 2}).status_code == 409
    assert Publication.objects.filter(table=TABLE).count() == 1
    office.post(where, {"do": "reopen", "version": 3, "reason": "材料还不齐全"})
    assert unit.post(where, ANSWER | {"version": 4}).status_code == 302
    assert office.post(where, {"do": "close", "version": 5}).status_code == 302
    assert [r["_file"].rpartition("@")[2] for r in rows(pack)] == ["6"]


@pytest.mark.parametrize("element", ["", "T02", "health.g2", "gone"])
def test_a_task_for_what_no_evidence_counts_for_proves_nothing(make_person, office, unit, pack, element):
    task = a_task(make_person, "education", element=element)
    where = f"/tasks/{task.pk}"
    unit.post(where, ANSWER | {"version": 1})
    assert office.post(where, {"do": "close", "version": 2}).status_code == 302
    assert rows(pack) == []


def test_what_its_source_closes_nobody_verified(make_person, pack):
    task = a_task(make_person, "education", element=ELEMENT)
    assert tasks.settle(audit.SYSTEM, task.source, task.source_id, reason="来源已经办结") == 1
    assert rows(pack) == []


def test_a_refused_fact_leaves_the_task_as_it_was(make_person, office, unit, pack):
    task = a_task(make_person, "education", element=ELEMENT, area="999999")
    where = f"/tasks/{task.pk}"
    unit.post(where, ANSWER | {"version": 1})
    page = office.post(where, {"do": "close", "version": 2})
    assert page.status_code == 400
    assert "没有发布" in page.content.decode()
    assert Task.objects.get(pk=task.pk).state == "answered"
    assert not Event.objects.filter(action="task.close").exists()


def test_a_task_is_given_only_for_what_evidence_counts_for(make_person, office, pack):
    who, unit = make_person("committee_office", Role.COMMITTEE_OFFICE), make_person("health", Role.LIAISON).organisation
    for wrong in ("T02", "health.g2", "gone"):
        with pytest.raises(UserError, match="证据"):
            acting.open_task(
                who, unit=unit, due_date=timezone.localdate() + timedelta(days=5), title="写清楚的任务", element=wrong
            )
    page = office.get("/tasks/new").content.decode()
    assert [e for e in proofs.provable(pack) if f'value="{e}"' not in page] == []
    assert ELEMENT in proofs.provable(pack)


def test_a_warning_on_an_indicator_of_evidence_names_the_element(pack):
    assert proofs.element_of(pack, INDICATOR) == ELEMENT
    assert proofs.element_of(pack, "health.imr") == ""
    assert proofs.element_of(pack, "gone") == ""


def test_nothing_follows_from_an_effect_twice_or_from_one_that_no_step_has():
    for wrong in ("closed", "nothing"):
        with pytest.raises(ValueError, match=wrong):
            tasks.register_effect(wrong, lambda task: None)
