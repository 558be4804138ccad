"""A case on the site: opened, worked on, seen by those who stand to it and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from qingmiao.site.apps.cases import api, clocks, doors
from qingmiao.site.apps.cases.models import CALM, CaseParty, CaseStep, KeptCase
from qingmiao.site.apps.directory.api import exposure
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.notices.models import Notification
from website import cased
from website.filed import HOME
from website.role_ids import Role

pytestmark = pytest.mark.django_db
SERIAL = count(1)
TOWN = f"township.{HOME}"


def op() -> str:
    """An operation id that no other step has."""
    return f"op-{next(SERIAL)}"


@pytest.fixture
def world(make_person: Callable[..., Any]) -> dict[str, Reach]:
    """Who has to do with a report of a school: each with a role at a unit."""
    seats = {
        "teacher": ("education", Role.CLASS_TEACHER), "police": ("public_security", Role.POLICE_OFFICER),
        "office": ("civil_affairs", Role.CHILD_PROTECTION_OFFICER),
        "office2": ("civil_affairs", Role.CHILD_PROTECTION_OFFICER),
        "township": (TOWN, Role.SUPERVISOR), "health": ("health", Role.LIAISON),
        "prosecutor": ("procuratorate", Role.JUVENILE_PROSECUTOR), "other_teacher": ("education", Role.CLASS_TEACHER),
    }  # fmt: skip
    return {name: Reach(make_person(unit, role, name)) for name, (unit, role) in seats.items()}


SEEN = cased.SEEN | {"found_at": "2026-03-06 08:40"}


def reported(world: dict[str, Reach], **more: Any) -> int:
    """The number of a report that stands with the police."""
    made = api.open_case(world["teacher"], "mandatory_report", cased.PLAIN | more, operation=op())
    assert made.done, made
    done = api.take_step(world["teacher"], made.number, "reported", SEEN, seen=1, operation=op())
    assert done.done, done
    return made.number


def sees(reach: Reach, number: int) -> bool:
    """Whether somebody sees a case, alone and in the list of all."""
    listed = {r.number for r in api.list_cases(reach, api.QueueFilters("all", state="all")).rows}
    try:
        api.case(reach, number)
    except api.AbsentError:
        assert number not in listed
        return False
    assert number in listed
    return True


def test_a_report_goes_from_the_teacher_to_the_police_and_is_seen_by_those_who_have_to_do_with_it(
    world: dict[str, Reach],
) -> None:
    number = reported(world)
    seen = {name for name, reach in world.items() if sees(reach, number)}
    assert seen == {"teacher", "police", "office", "office2", "township", "prosecutor"}
    page = api.case(world["police"], number)
    assert (page.stage, page.version) == ("reported", 2)
    assert [s.name for s in page.steps][:1] == ["received"]
    assert {g.id: g.may_read for g in page.groups} == {"reporter": True}
    assert "演示乙" not in repr(page)
    opened = api.reveal(world["police"], number, "reporter", purpose="联系报告人核实")
    assert [f.text for f in opened] == ["演示乙", "15400000001"]


def test_what_is_sensitive_is_sealed(world: dict[str, Reach]) -> None:
    number = reported(world)
    rows = CaseStep.objects.filter(case=number).values()
    assert "瘀伤" not in repr(list(rows))
    assert "演示" not in repr([r["values"] for r in rows])
    assert "手臂多处瘀伤" in repr(api.case(world["police"], number).fields)


def test_a_core_case_is_there_for_its_relations_alone(world: dict[str, Reach]) -> None:
    number = reported(world, situations=["R1"])
    assert KeptCase.objects.get(pk=number).secrecy == "核心"
    seen = {name for name, reach in world.items() if sees(reach, number)}
    assert seen == {"teacher", "police"}


@pytest.mark.parametrize(
    ("conduct", "told"),
    [
        ({"grade_of_conduct": "serious", "serious_conduct": ["S3"]}, True),
        ({"grade_of_conduct": "bad", "bad_conduct": ["B1"]}, False),
    ],
)
def test_the_police_learn_of_serious_conduct_that_a_school_records_and_of_no_bad_conduct(
    world: dict[str, Reach], make_person: Callable[..., Any], conduct: dict[str, Any], told: bool
) -> None:
    """Serious conduct is the police's to deal with (预防未成年人犯罪法 41), bad conduct the school's (31): the case is 核心 and
    there for whoever has a turn in it."""
    school = Reach(make_person("education", Role.SCHOOL, "school"))
    child = {k: v for k, v in cased.PLAIN.items() if k.startswith("child_")}
    said = child | {"seen_on": "2024-03-01", "channel": "school", "times": "1"} | conduct
    made = api.open_case(school, "graded_intervention", said, step="seen", operation=op())
    assert made.done, made
    assert sees(school, made.number)
    assert sees(world["police"], made.number) is told
    if told:
        assert "grade2_police" in {s.name for s in api.case(world["police"], made.number).steps}


def test_a_step_arriving_twice_is_taken_once_and_an_overtaken_one_is_refused(world: dict[str, Reach]) -> None:
    number, again = reported(world), op()
    said = {"receipt_number": "J1", "record_made": True}
    first = api.take_step(world["police"], number, "received", said, seen=2, operation=again)
    second = api.take_step(world["police"], number, "received", said, seen=2, operation=again)
    assert (first.done, first.again, second.done, second.again) == (True, False, True, True)
    with pytest.raises(api.ConflictError):
        api.take_step(world["police"], number, "sec_case", {}, seen=2, operation=op())
    assert CaseStep.objects.filter(case=number).count() == 3


def test_closing_at_high_risk_waits_for_a_second_person(world: dict[str, Reach]) -> None:
    number = reported(world)
    for step, said, who in (
        ("received", {"receipt_number": "J1", "record_made": True}, "police"), ("sec_case", {}, "police"),
        ("protecting", {"measures": ["medical"]}, "office"),
        ("fed_back", {"feedback_text": "已受案", "feedback_to": "学校"}, "police"),
    ):  # fmt: skip
        version = KeptCase.objects.get(pk=number).version
        assert api.take_step(world[who], number, step, said, seen=version, operation=op()).done
    closing = {"close_reason": "goal_met"}
    waits = api.take_step(world["office"], number, "closed", closing, seen=6, operation=op())
    assert (waits.done, [r.zh for r in waits.waits_for][:1]) == (False, ["民政未成年人保护工作人员"])
    assert KeptCase.objects.get(pk=number).version == 6
    with pytest.raises(api.AbsentError):
        api.confirm_step(world["office"], number, seen=6)
    assert api.case(world["office2"], number).proposal.may_confirm
    assert api.confirm_step(world["office2"], number, seen=6).done
    page = api.case(world["police"], number)
    assert (page.stage, page.state, page.timeline[0].confirmed_by) == ("closed", "ended", world["office2"].person.name)


def test_a_referral_shows_only_what_was_handed_over_until_it_ends_and_opens_a_case_of_its_own(
    world: dict[str, Reach],
) -> None:
    number = reported(world, situations=["R2"])
    said = {"receipt_number": "J1", "record_made": True}
    assert api.take_step(world["police"], number, "received", said, seen=2, operation=op()).done
    assert api.take_step(world["police"], number, "protecting", {"measures": ["medical"]}, seen=3, operation=op()).done
    page = api.case(world["police"], number)
    assert next((r.programme, r.state) for r in page.referrals) == ("child_case", "sent")
    receiver = next(n for n in ("office", "township") if world[n].person.organisation.label == page.referrals[0].unit)
    handed = api.case(world[receiver], number)
    if handed.sight == "handed":
        assert (handed.fields, handed.timeline, handed.linked, handed.file.values) == ((), (), (), {})
        assert "瘀伤" not in repr(handed)
    assert api.answer_referral(world[receiver], number, 1, "accept_referral", operation=op()).done
    form = api.opening(world[receiver], "child_case", referral=(number, 1))
    assert form.given["child_name"] == "演示甲"


def test_a_case_moves_to_another_unit_once_that_one_accepts_it(
    world: dict[str, Reach], make_person: Callable[..., Any]
) -> None:
    """The child moved to another township: the county agrees, the township there takes the case over."""
    there, here = "township.141029101", world["township"]
    taker = Reach(make_person(there, Role.SUPERVISOR, "taker"))
    child = {k: v for k, v in cased.PLAIN.items() if k.startswith("child_")}
    said = child | {"channel": "school", "danger_now": False, "risk": "yellow"}
    number = api.open_case(here, "child_case", said, step="open_reported", operation=op()).number
    assert not sees(taker, number)
    moved = {"transfer_to": there, "transfer_reason": "随父母迁居"}
    asked = api.take_step(here, number, "transfer", moved, seen=1, operation=op())
    assert asked.waits_for, asked
    assert api.confirm_step(world["office"], number, seen=1).done
    assert KeptCase.objects.get(pk=number).owner_id == TOWN, "not before it is accepted"
    handed = api.case(taker, number)
    assert [s.name for s in handed.steps] == []
    assert api.answer_referral(taker, number, 1, "accept_referral", operation=op()).done
    case = KeptCase.objects.get(pk=number)
    assert (case.owner_id, case.version, case.stage) == (there, 3, "reported")
    sight = dict(CaseParty.objects.filter(case=number).values_list("unit", "sight"))
    assert (sight[there], sight[TOWN]) == ("full", "past")
    assert "emergency" in {s.name for s in api.case(taker, number).steps}
    said = {"danger_now": False, "risk": "yellow"}
    done = api.take_step(taker, number, "emergency", said, seen=3, operation=op())
    assert done.done, done


def test_what_is_to_be_done_at_once_is_late_an_hour_after(world: dict[str, Reach]) -> None:
    row = KeptCase.objects.get(pk=reported(world))
    assert (row.due_clock, row.late_at) == ("receive_at_once", row.due_at + timedelta(hours=1))
    assert api.counts(world["police"])["unit"].late == 0
    KeptCase.objects.filter(pk=row.pk).update(late_at=row.due_at - timedelta(seconds=1))
    assert api.counts(world["police"])["unit"].late == 1


def test_a_clock_that_is_over_is_told_once_and_goes_up_without_a_word_of_the_case(world: dict[str, Reach]) -> None:
    number = reported(world)
    said = {"receipt_number": "J1", "record_made": True}
    assert api.take_step(world["police"], number, "received", said, seen=2, operation=op()).done
    assert api.take_step(world["police"], number, "sec_case", {}, seen=3, operation=op()).done
    row = KeptCase.objects.get(pk=number)
    assert (row.due_clock, row.look_at) == ("feedback", row.soon_at)
    told = Notification.objects.filter(kind__startswith="cases.").count()
    late = row.due_at + timedelta(minutes=1)
    assert [clocks.look(late), clocks.look(late)] == [1, 0]
    new = Notification.objects.filter(kind__startswith="cases.").order_by("pk")[told:]
    assert {(n.kind, n.to.username) for n in new} == {
        ("cases.late.feedback", "police"), ("cases.up.feedback", "office"), ("cases.up.feedback", "office2"),
    }  # fmt: skip
    assert all("演示" not in n.subject and "瘀伤" not in n.subject for n in Notification.objects.all())


def test_a_sealed_case_is_there_for_nobody_but_for_two_people_with_a_ground(
    world: dict[str, Reach], make_person: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = reported(world)
    monkeypatch.setattr(doors, "standing_after", lambda ready, stage: "sealed" if stage == "received" else "open")
    said = {"receipt_number": "J1", "record_made": True}
    assert api.take_step(world["police"], number, "received", said, seen=2, operation=op()).done
    assert KeptCase.objects.get(pk=number).state == "sealed"
    assert {name for name, reach in world.items() if sees(reach, number)} == set()
    reporting = Reach(make_person("education", Role.SCHOOL, "head"))
    with pytest.raises(api.AbsentError):
        api.ask_unsealing(reporting, number, "刑事诉讼法第二百八十六条，办案机关")
    second = Reach(make_person("public_security", Role.POLICE_OFFICER, "deputy"))
    asked = api.ask_unsealing(world["police"], number, "刑事诉讼法第二百八十六条，办案机关")
    with pytest.raises(api.AbsentError):
        api.agree_unsealing(world["police"], asked)
    api.agree_unsealing(second, asked)
    for reach in (world["police"], second):
        page = api.case(reach, number)
        assert (page.steps, page.groups[0].may_read) == ((), False)


def test_who_leads_sees_counts_and_no_small_ones_of_cases_that_she_does_not_see(
    world: dict[str, Reach], make_person: Callable[..., Any]
) -> None:
    reported(world)
    leader = Reach(make_person("health", Role.LEADER))
    page = api.overview(leader, timezone.localdate().year)
    assert [(r.programme, r.open) for r in page.rows] == [("mandatory_report", None)]
    assert (page.open, page.fewest) == (None, 5)
    seen = api.overview(world["office"], timezone.localdate().year)
    assert [(r.programme, r.open) for r in seen.rows] == [("mandatory_report", 1)]
    links = {link.id: link.open for chain in seen.chains if chain.id == "five_links" for link in chain.links}
    assert {k for k, n in links.items() if n} == {"reporting"}, "each case stands in one link of a chain"
    with pytest.raises(api.AbsentError):
        api.overview(world["teacher"], 2026)


def test_numbers_of_the_overview_lead_to_lists_of_as_many_cases(world: dict[str, Reach]) -> None:
    late, _ = reported(world), reported(world)
    row = KeptCase.objects.get(pk=late)
    urgent = {"urgency": F("urgency") - CALM}
    KeptCase.objects.filter(pk=late).update(late_at=row.opened_at - timedelta(seconds=1), danger=True, **urgent)
    CaseParty.objects.filter(case=late).update(**urgent)
    office, year = world["office"], timezone.localdate().year
    page = api.overview(office, year)
    (programme,), (unit,), (place,) = page.rows, page.units, page.places
    assert (programme.opened, programme.open, programme.late, programme.danger, programme.closed) == (2, 2, 1, 1, 0)
    assert (unit.open, unit.late, place.open, place.late, place.danger) == (2, 1, 2, 1, 1)
    assert [programme.listed, unit.listed, place.listed, page.listed] == [True] * 4

    def listed(**asked: Any) -> int:
        return len(api.list_cases(office, api.QueueFilters("all", **asked)).rows)

    assert listed(programme=programme.programme) == 2
    assert listed(programme=programme.programme, state="all", opened=year) == 2
    assert listed(programme=programme.programme, state="all", opened=year - 1) == 0
    assert listed(unit=unit.unit, state="late") == listed(township=place.place, state="danger") == 1
    assert listed(unit="health") == listed(township="141029200") == listed(unit="health", state="all") == 0
    stage = row.stage
    assert listed(stands=((row.programme, stage),)) == listed(stands=((row.programme, stage),), state="all") == 2
    assert listed(stands=((row.programme, "no_such"), ("no_such", stage))) == 0
    there = api.overview(office, year, place.place)
    assert (there.place, there.open, there.late) == (place.place, 2, 1)
    with pytest.raises(api.AbsentError):
        api.overview(office, year, "141029200")


def test_who_does_not_see_the_cases_finds_no_way_to_a_small_count(
    world: dict[str, Reach], make_person: Callable[..., Any]
) -> None:
    for _ in range(6):
        reported(world)
    leader = Reach(make_person("health", Role.LEADER))
    page = api.overview(leader, timezone.localdate().year)
    (place,) = page.places
    assert (page.open, place.open, place.listed, page.rows[0].listed) == (6, 6, False, False)
    KeptCase.objects.filter(pk__in=KeptCase.objects.order_by("pk").values("pk")[:1]).update(township="141029200")
    page = api.overview(leader, timezone.localdate().year)
    assert [p.open for p in page.places] == [None, None], "the one and what would tell it"
    with pytest.raises(api.AbsentError):
        api.overview(leader, timezone.localdate().year, page.places[0].place)


@pytest.mark.parametrize(
    ("counts", "total", "shown"),
    [
        ({"a": 9, "b": 7}, 16, {"a": 9, "b": 7}),
        ({"a": 9, "b": 7, "c": 2}, 18, {"a": 9, "b": None, "c": None}),
        ({"a": 9, "b": 1, "c": 2}, 12, {"a": 9, "b": None, "c": None}),
        ({"a": 9, "b": 7}, None, {"a": None, "b": None}),
        ({"a": 0, "b": 2}, None, {"a": 0, "b": None}),
    ],
)
def test_parts_tell_neither_a_small_one_nor_a_sum_that_is_not_shown(
    counts: dict[str, int], total: int | None, shown: dict[str, int | None]
) -> None:
    assert exposure.parts(counts, total, 5, set()) == shown
    assert exposure.parts(counts, total, 5, set(counts)) == exposure.parts(counts, total, 0, set()) == counts
    assert exposure.total({"a": 9, "b": 2}, set(), 5) is None
    assert exposure.total({"a": 9, "b": 2, "c": 3}, set(), 5) == 14
    assert exposure.total({"a": 9, "b": 2}, {"b"}, 5) == 11
