"""Who is to take a step comes to stand before the case: whoever is assigned sees it at the own unit, and a unit that is
told answers; before that it is there for neither."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from qingmiao.site.apps.cases import api
from qingmiao.site.apps.cases.models import CaseParty
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from website import cased
from website.filed import HOME
from website.role_ids import CaseRole, Role

pytestmark = pytest.mark.django_db
SCRIPTS = Path(__file__).resolve().parents[2] / "content" / "china" / "tests" / "programmes"


def allowed(programme: str) -> list[tuple[str, dict[str, Any]]]:
    """The steps of a programme's script that are allowed, with their answers."""
    lines = yaml.safe_load((SCRIPTS / f"{programme}.yaml").read_text("utf-8"))
    return [(x["do"], x.get("answers") or {}) for x in lines if "do" in x and "refused" not in (x.get("expect") or {})]


def opened(who: Any, programme: str, answers: dict[str, Any]) -> int:
    made = api.open_case(Reach(who), programme, {**answers, "child_place": HOME}, operation=cased.op())
    assert made.done, made
    return made.number


def steps_of(who: Any, number: int) -> set[str]:
    return {s.name for s in api.case(Reach(who), number).steps}


def test_whoever_is_assigned_sees_the_case_and_visits(make_person: Callable[..., Any]) -> None:
    supervisor = make_person(f"township.{HOME}", Role.SUPERVISOR, "supervisor")
    worker = make_person("civil_affairs", CaseRole.CASE_WORKER, "worker")
    other = make_person("civil_affairs", CaseRole.CASE_WORKER, "other-worker")
    (_, first), (step, said), *_ = allowed("migrant_child")
    number = opened(supervisor, "migrant_child", first)
    cased.taken(supervisor, number, step, said)
    with pytest.raises(AbsentError):
        api.case(Reach(worker), number)
    cased.taken(supervisor, number, "assigned", {"worker": worker.username})
    assert CaseParty.objects.filter(case=number, unit="civil_affairs", sight="full").exists()
    assert "visit" in steps_of(worker, number)
    visit = next(said for step, said in allowed("migrant_child") if step == "visit")
    cased.taken(worker, number, "visit", visit)
    with pytest.raises(AbsentError):
        api.case(Reach(other), number)


def test_the_police_that_were_asked_see_a_left_behind_childs_case_and_answer(make_person: Callable[..., Any]) -> None:
    supervisor = make_person(f"township.{HOME}", Role.SUPERVISOR, "supervisor")
    police = make_person("public_security", CaseRole.POLICE_OFFICER, "police")
    first = allowed("left_behind")[0][1] | {"lives_alone": False, "danger_now": False}
    number = opened(supervisor, "left_behind", first)
    with pytest.raises(AbsentError):
        api.case(Reach(police), number)
    asked = {"police_station": "public_security", "police_asked_on": "2026-03-07"}
    cased.taken(supervisor, number, "police_asked", asked)
    assert steps_of(police, number) == {"police_ordered"}
    cased.taken(police, number, "police_ordered", {"police_order": "责令父亲返回"})
