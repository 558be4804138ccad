"""A record opens a case by itself: once, for the unit that answers, told without a name; taken back, the case
says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.cases import api, hearing, self_opening
from qingmiao.site.apps.cases.models import CaseHeard, CaseOpening, CaseStep, CaseToDo, KeptCase
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.notices.models import Notification
from qingmiao.site.apps.records import api as records
from website.filed import HOME, a_child, doctor, held_anywhere

pytestmark = pytest.mark.django_db
KIND, PROGRAMME = "screen_diagnosis", "disability_share"


def confirmed(**more: Any) -> dict[str, Any]:
    """A diagnosis, as a browser sends it."""
    return {
        "diagnosed_on": timezone.localdate().isoformat(), "institution": "演示妇幼保健院", "confirmed": "1",
        "kinds": ["5"], "diagnosis": "演示诊断", "severity": "2", "advice": "早期干预", "doctor": "演示医生",
    } | more  # fmt: skip


def seated(unit: str, role: str, name: str) -> Person:
    """Somebody with a role of the pack at a unit."""
    at = Organisation.objects.get(pk=unit)
    made = directory.make_person(
        audit.SYSTEM, username=name, name=f"演示{name}", unit=at, password="made-up river 4711", demo=True,
        must_change=False,
    )  # fmt: skip
    directory.grant(audit.SYSTEM, made, role, on=date(2024, 1, 1), area=at.area_id)
    return made


@pytest.fixture
def world(make_person: Callable[..., Any]) -> dict[str, Any]:
    """A station that diagnoses, the health bureau that shares, a child."""
    keeper = doctor(make_person)
    held_anywhere()
    station = seated("mch_hospital", "maternal_child_station", "station")
    officer = seated("health", "health_officer", "officer")
    return {"station": station, "officer": officer, "child": a_child(keeper)}


def diagnosed(world: dict[str, Any], operation: str = "d-1", **more: Any) -> int:
    """The number of a diagnosis that was recorded."""
    made, filled = records.write(
        Reach(world["station"]), world["child"], KIND, operation=operation, answers=confirmed(**more)
    )
    assert made, filled.faults
    return made


def the_case() -> KeptCase:
    """The one case that there is."""
    return KeptCase.objects.get(programme=PROGRAMME)


def test_a_record_opens_a_case_once_at_the_unit_that_answers_and_as_secret_as_it_is(world: dict[str, Any]) -> None:
    number = diagnosed(world)
    assert CaseHeard.objects.count() == 1
    assert not KeptCase.objects.exists()
    self_opening.open_heard()
    case = the_case()
    assert (case.stage, case.owner_id, case.child_id) == ("reported", "health", world["child"])
    assert (case.secrecy, case.area) == ("核心", HOME)
    step = CaseStep.objects.get(case=case)
    assert (step.by, step.secrecy) == (None, "核心")
    assert "演示" not in repr(step.values)
    page = api.case(Reach(world["officer"]), case.pk)
    assert [f.text for f in page.fields if f.id in ("suspected_by", "sure")] == ["演示妇幼保健院", "确诊"]
    assert [(o.label.zh, o.record, o.joined) for o in page.origins] == [("发育、残疾和孤独症诊断", 0, False)]
    records.correct(
        Reach(world["station"]), number, version=1, answers=confirmed(severity="3"), reason="更正程度填写错误"
    )
    hearing._put("record", [number])
    assert self_opening.open_heard() == 2
    assert CaseHeard.objects.count() == 0
    assert CaseStep.objects.count() == 1


def test_who_answers_is_told_without_a_name_and_has_it_to_do_until_somebody_acts(world: dict[str, Any]) -> None:
    diagnosed(world)
    self_opening.open_heard()
    told = list(Notification.objects.filter(to=world["officer"]).order_by("pk").values_list("subject", flat=True))
    assert len(told) >= 1
    assert not any("演示" in text for text in told)
    officer = Reach(world["officer"])
    assert [t.label.zh for t in api.to_dos_of(officer)] == ["核实系统自动受理的个案"]
    said = {"duplicate_checked": True, "kind": "autism", "report_number": "演示1"}
    assert api.take_step(officer, the_case().pk, "de_duplicated", said, seen=1, operation="dd-1").done
    assert api.to_dos_of(officer) == ()
    assert CaseToDo.objects.get(name="_opened").done_by == world["officer"]


def test_what_no_rule_names_opens_nothing_and_a_correction_may_open_it_later(world: dict[str, Any]) -> None:
    number = diagnosed(world, confirmed="3", kinds=[], diagnosis="", severity="")
    assert CaseHeard.objects.count() == 0
    records.correct(Reach(world["station"]), number, version=1, answers=confirmed(), reason="复查以后确诊")
    assert self_opening.open_heard() == 1
    assert the_case().version == 1


def test_a_record_taken_back_is_said_on_the_case_and_told(world: dict[str, Any]) -> None:
    number = diagnosed(world)
    self_opening.open_heard()
    Notification.objects.all().delete()
    records.withdraw(Reach(world["station"]), number, version=1, reason="登记到别的儿童名下了")
    self_opening.open_heard()
    page = api.case(Reach(world["officer"]), the_case().pk)
    assert page.origins[0].undone_at is not None
    assert Notification.objects.filter(to=world["officer"], kind="cases.undone").count() == 1
    assert the_case().state == "open"


def test_a_record_withdrawn_before_it_was_looked_at_opens_nothing(world: dict[str, Any]) -> None:
    number = diagnosed(world)
    records.withdraw(Reach(world["station"]), number, version=1, reason="登记到别的儿童名下了")
    self_opening.open_heard()
    assert not KeptCase.objects.exists()


def test_a_second_record_of_the_child_comes_to_the_open_case(world: dict[str, Any]) -> None:
    diagnosed(world)
    self_opening.open_heard()
    diagnosed(world, "d-2", kinds=["1"])
    self_opening.open_heard()
    assert list(CaseOpening.objects.order_by("pk").values_list("joined", flat=True)) == [False, True]
    assert [o.joined for o in api.case(Reach(world["officer"]), the_case().pk).origins] == [False, True]


def test_where_nobody_answers_people_are_told_to_open_it_by_hand(world: dict[str, Any]) -> None:
    world["officer"].is_active = False
    world["officer"].save()
    diagnosed(world)
    self_opening.open_heard()
    assert not KeptCase.objects.exists()
    assert CaseOpening.objects.get().why == "没有找到负责的单位"
    assert Notification.objects.filter(to=world["station"], kind="cases.unopened").count() == 1


def test_a_record_that_is_rolled_back_is_not_heard(world: dict[str, Any]) -> None:
    from django.db import transaction

    with transaction.atomic():
        diagnosed(world)
        transaction.set_rollback(True)
    assert CaseHeard.objects.count() == 0
