"""One injury that a hospital and a village both report is one event: the second card comes to the case of the first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.site.apps.cases import api, self_opening
from qingmiao.site.apps.cases.models import CaseOpening, KeptCase
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import api as records
from website.filed import HOME, a_child, doctor, held_anywhere
from website.test_self_opening import seated

pytestmark = pytest.mark.django_db
PROGRAMME = "injury_event"


def day(back: int) -> str:
    """So many days before today."""
    return (timezone.localdate() - timedelta(days=back)).isoformat()


def card(on: str) -> dict[str, Any]:
    """A hospital's card of a fall at home."""
    return {
        "education": "1", "occupation": "1", "injured_on": on, "visited_on": on, "cause": "3", "place": "1",
        "activity": "1", "intent": "1", "nature": ["4"], "part": "1", "severity": "1", "diagnosis": "演示",
        "outcome": "1", "fall_kind": "3", "fall_reason": "1", "reporter": "演示人员", "reported_on": day(0),
    }  # fmt: skip


@pytest.fixture
def world(make_person: Callable[..., Any]) -> dict[str, Any]:
    """A hospital, the officer of disease control, a child."""
    keeper = doctor(make_person)
    held_anywhere()
    found = {"hospital": seated("mch_hospital", "hospital", "hospital"), "cdc": seated("cdc", "cdc_officer", "cdc")}
    return found | {"child": a_child(keeper)}


def recorded(world: dict[str, Any], operation: str, answers: dict[str, Any]) -> None:
    made, filled = records.write(
        Reach(world["hospital"]), world["child"], "injury_card", operation=operation, answers=answers
    )
    assert made, filled.faults
    self_opening.open_heard()


def by_hand(who: Any, on: str, **more: Any) -> int:
    """The number of an event that somebody registers without a file."""
    said = {
        "injured_on": on, "injured_place": HOME, "place_kind": "home", "cause": "fall", "intent": "unintentional",
        "severity": "mild", "outcome": "home", "channel": "community", "children_hurt": "1", "product_involved": False,
    } | more  # fmt: skip
    done = api.open_case(Reach(who), PROGRAMME, said, operation=f"hand-{on}-{more}"[:40])
    assert done.done, done
    return done.number


def test_a_second_card_of_the_same_event_comes_to_its_case_and_another_event_opens_another(
    world: dict[str, Any],
) -> None:
    recorded(world, "i-1", card(day(9)))
    recorded(world, "i-2", card(day(8)))
    assert KeptCase.objects.filter(programme=PROGRAMME).count() == 1
    recorded(world, "i-3", card(day(2)))
    assert KeptCase.objects.filter(programme=PROGRAMME).count() == 2
    assert list(CaseOpening.objects.order_by("pk").values_list("joined", flat=True)) == [False, True, False]


def test_a_card_that_comes_after_the_event_was_counted_makes_no_second_event(world: dict[str, Any]) -> None:
    recorded(world, "i-1", card(day(9)))
    case, officer = KeptCase.objects.get(), Reach(world["cdc"])
    said: dict[str, Any] = {"looked_for_same": True, "resident": True, "disability_likely": False}
    assert api.take_step(officer, case.pk, "checked", said, seen=1, operation="c-1").done
    assert api.take_step(officer, case.pk, "counted", {"coded_by": "演示"}, seen=2, operation="c-2").done
    recorded(world, "i-2", card(day(9)))
    assert KeptCase.objects.get().state == "ended"
    assert CaseOpening.objects.filter(joined=True, case=case).count() == 1


def test_events_without_a_file_that_look_the_same_are_named_on_the_page_and_others_are_not(
    world: dict[str, Any],
) -> None:
    officer = Reach(world["cdc"])
    one, same = by_hand(world["cdc"], day(5)), by_hand(world["cdc"], day(4))
    by_hand(world["cdc"], day(4), cause="burn")
    by_hand(world["cdc"], day(1))
    assert [a.number for a in api.alike(officer, api.case(officer, one))] == [same]
    assert [a.number for a in api.alike(officer, api.case(officer, same))] == [one]
    assert api.take_step(officer, same, "merged", {"same_as": str(one)}, seen=1, operation="m-1").done
    assert KeptCase.objects.get(pk=same).stage == "merged"
