"""Who leads a case that was opened: whoever owns the state in which it stands, not whoever opened it; and who
supervises one without handling it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils import timezone

from qingmiao.casework.case import CaseFile
from qingmiao.casework.deciding import Doer, take
from qingmiao.casework.playing import WAIT
from qingmiao.content.organisations import narrowed
from qingmiao.flow import NOTHING
from qingmiao.kernel.areas import stem
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import api, doors, parties, programmes
from qingmiao.site.apps.cases.models import CaseParty, CaseReferralKept, KeptCase
from qingmiao.site.apps.directory.models import Assignment, Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.notices import api as notices
from website import cased
from website.filed import HOME
from website.role_ids import CaseRole, Role

pytestmark = pytest.mark.django_db
SCRIPTS = Path(__file__).resolve().parents[2] / "content" / "china" / "tests" / "programmes"
CALL = {
    "ticket_number": "D1", "call_at": "2026-03-02 09:00", "topic": "violence", "child_flag": True, "elsewhere": False,
    "ticket_text": "邻居家孩子哭喊", "child_name": "演示甲", "child_place": HOME,
}  # fmt: skip
TRIAGE = {"ticket_class": "report", "child_flag": True, "danger_now": True}


def seat_everybody() -> dict[str, str]:
    """One person for each role of the pack, at a unit that may hold it; role → unit."""
    units = list(Organisation.objects.filter(is_active=True).select_related("area").order_by("pk"))
    seats = {}
    for id_, role in site_pack.pack().roles.items():
        kinds = narrowed(role.held_by) if role.held_by else frozenset({u.kind for u in units})
        at = next((u for u in units if u.kind in kinds and HOME.startswith(stem(u.area_id))), None)
        if at is not None:
            person = Person.objects.create(username=f"lead-{id_}"[:40], name="演示", organisation=at)
            Assignment.objects.create(
                person=person, role=id_, organisation=at, area=at.area, from_date=timezone.localdate()
            )  # fmt: skip
            seats[id_] = str(at.pk)
    return seats


def openings() -> list[tuple[str, str, dict[str, Any], Any]]:
    """Programme, opening step, its answers and its moment, as the packs' scripts have each."""
    found: dict[tuple[str, str], tuple[dict[str, Any], Any]] = {}
    for path in sorted(SCRIPTS.glob("*.yaml")):
        id_ = path.name.partition(".")[0]
        lines = yaml.safe_load(path.read_text("utf-8"))
        first = next((one for one in lines if "refused" not in (one.get("expect") or {})), None)
        if first is None or first.get("record") or first.get("case") or first["do"] == WAIT:
            continue
        step = programmes.ready(id_).programme.step(first["do"], NOTHING)
        if step is not None:
            found.setdefault((id_, step.do), (first.get("answers") or {}, first["at"]))
    return [(p, s, a, at) for (p, s), (a, at) in found.items()]


def test_a_case_is_led_by_whoever_owns_its_first_state_in_every_programme(directory: None) -> None:
    """Whoever opens it: the lead is a unit where somebody holds a role that owns the state, where there is one. Only a
    step that says so leaves it with the opener."""
    seats, tried, moved = seat_everybody(), 0, 0
    assert len(seats) >= 30, seats
    for id_, name, answers, at in openings():
        ready = programmes.ready(id_)
        step = ready.programme.step(name, NOTHING)
        assert step is not None
        owners = ready.programme.states[str(step.to)].owners
        held = any(o in seats for o in owners)
        said = {k: str(v) if not isinstance(v, bool | int | list) else v for k, v in answers.items()}
        for role in (r for r in step.roles if r in seats):
            doer = Doer("opener", frozenset({role}), seats[role])
            done = take(
                ready, CaseFile(id_), name, doer, timezone.datetime.fromisoformat(str(at)), said,
                leading=lambda roles, known, r=ready, u=doer.unit: parties.leading(r, roles, known, HOME, u),
            )  # fmt: skip
            assert done.allowed, (id_, name, done.reason)
            tried += 1
            if step.led_by == "opener" or step.owner is not None or not held:
                continue
            there = list(notices.of_unit(done.case.owner, frozenset(owners)))
            reachable = there or not any(parties.nearest(o, HOME) for o in owners)
            assert reachable, f"{id_}.{name} opened by {role}: led by {done.case.owner}, owned by {owners}"
            moved += done.case.owner != doer.unit
    assert tried >= 250
    assert moved >= 40


def test_legal_aid_that_the_police_ask_for_is_led_by_the_justice_bureau(make_person: Callable[..., Any]) -> None:
    police = make_person("public_security", CaseRole.POLICE_OFFICER, "police")
    officer = make_person("justice", CaseRole.JUSTICE_OFFICER, "officer")
    asked = {"applicant_name": "演示甲", "applicant_birth_date": "2012-05-01", "matter": "victim", "detained": False}
    made = api.open_case(Reach(police), "legal_aid", asked, operation=cased.op())
    assert made.done, made
    assert KeptCase.objects.get(pk=made.number).owner_id == "justice"
    assert api.case(Reach(officer), made.number).relations == ("owner",)
    assert api.case(Reach(police), made.number).relations == ()
    listed = api.list_cases(Reach(officer), api.QueueFilters("unit")).rows
    assert [r.number for r in listed] == [made.number]


def test_a_report_is_led_by_the_police_once_it_is_sent_in(make_person: Callable[..., Any]) -> None:
    who = cased.people(make_person, "teacher", "police")
    number = cased.drafted(who["teacher"])
    assert KeptCase.objects.get(pk=number).owner_id == "education"
    cased.taken(who["teacher"], number, "reported", cased.SEEN)
    assert KeptCase.objects.get(pk=number).owner_id == "public_security"
    assert api.case(Reach(who["teacher"]), number).sight == "full", "the reporting unit is told how it goes on"


def ticket(seat: Person) -> int:
    """A call in which a child is in danger, passed on to 110 and dispatched."""
    number = api.open_case(Reach(seat), "hotline_child", CALL, operation=cased.op()).number
    cased.taken(seat, number, "triaged", TRIAGE)
    cased.taken(seat, number, "danger", {"passed_on_at": "2026-03-02 09:05"})
    cased.taken(
        seat,
        number,
        "dispatched",
        {"lead_unit": "civil_affairs", "due_on": f"{timezone.localdate() + timedelta(days=9)}"},
    )
    return number


def test_a_call_in_danger_is_referred_to_the_police(make_person: Callable[..., Any]) -> None:
    seat = make_person("government_service", CaseRole.HOTLINE_SEAT, "seat")
    police = make_person("public_security", CaseRole.POLICE_OFFICER, "police")
    number = ticket(seat)
    sent = CaseReferralKept.objects.get(case=number)
    assert (sent.programme, sent.unit_id) == ("mandatory_report", "public_security")
    assert doors.receiving("mandatory_report", HOME, by="police_officer") == "public_security"
    answered = api.answer_referral(Reach(police), number, 1, "accept_referral", operation=cased.op())
    assert answered.done
    first = api.opening(Reach(police), "mandatory_report", "open_received", referral=(number, 1))
    assert first.given["child_name"] == "演示甲"


def test_who_supervises_sees_where_a_case_stands_and_no_child(make_person: Callable[..., Any]) -> None:
    """The committee's office urges a late ticket: it finds it, sees no name, no text, no handling, and its note
    counts."""
    seat = make_person("government_service", CaseRole.HOTLINE_SEAT, "seat")
    office = make_person("committee_office", Role.COMMITTEE_OFFICE, "office")
    handler = make_person("civil_affairs", CaseRole.CHILD_PROTECTION_OFFICER, "handler")
    other = make_person("health", Role.LIAISON, "other")
    number = ticket(seat)
    cased.taken(handler, number, "handling", {"handling_note": "已入户"})
    rows = {q: api.list_cases(Reach(office), api.QueueFilters(q)).rows for q in ("supervised", "all", "place", "unit")}
    assert [r.number for r in rows["supervised"]] == [number]
    ended = api.list_cases(Reach(office), api.QueueFilters("supervised", state="all")).rows
    assert [r.number for r in ended] == [number]
    assert [rows[q] for q in ("all", "place", "unit")] == [(), (), ()]
    page = api.case(Reach(office), number)
    assert (page.sight, page.relations, page.stage) == ("supervised", ("supervising",), "handling")
    assert {"ticket_number", "lead_unit", "due_on"} <= {f.id for f in page.fields}
    assert {"handle"} <= {c.id for c in page.clocks}
    told = repr(page) + repr(rows["supervised"])
    for word in ("演示甲", "哭喊", "入户"):
        assert word not in told
    assert (page.child, page.linked, page.groups, page.referrals) == (None, (), (), ())
    assert [s.name for s in page.steps] == ["supervised"]
    cased.taken(office, number, "supervised", {"supervision_number": "督1"})
    assert "supervised" in api.case(Reach(handler), number).file.marks
    assert api.case(Reach(office), number).sight == "supervised", "who has urged sees no more than before"
    for refused in (api.notes, api.documents):
        with pytest.raises(api.AbsentError):
            refused(Reach(office), number)
    there = CaseParty.objects.filter(case=number).order_by("unit").values_list("unit", "sight")
    assert dict(there) == {"civil_affairs": "full", "government_service": "past"}
    with pytest.raises(api.AbsentError):
        api.case(Reach(other), number)


def test_a_core_case_is_supervised_by_nobody(make_person: Callable[..., Any]) -> None:
    seat = make_person("government_service", CaseRole.HOTLINE_SEAT, "seat")
    office = make_person("committee_office", Role.COMMITTEE_OFFICE, "office")
    number = ticket(seat)
    KeptCase.objects.filter(pk=number).update(secrecy="核心")
    with pytest.raises(api.AbsentError):
        api.case(Reach(office), number)
    assert api.list_cases(Reach(office), api.QueueFilters("supervised")).rows == ()
