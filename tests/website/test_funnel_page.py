"""The page of what is lost at each step: counted from the cases that were opened, small counts kept from who does not
see the cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.site.apps.cases import api, self_opening
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import api as records
from website.filed import a_child, doctor, held_anywhere
from website.test_self_opening import seated

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(make_person: Callable[..., Any]) -> dict[str, Any]:
    """A station that screens, a leader who counts, a child who did not pass a hearing screen."""
    keeper = doctor(make_person)
    held_anywhere()
    station = seated("mch_hospital", "maternal_child_station", "station")
    leader = seated("health", "leader", "leader")
    return {"station": station, "leader": leader, "child": a_child(keeper)}


def hearing(world: dict[str, Any], operation: str) -> None:
    """A hearing screen that one ear did not pass."""
    today = timezone.localdate().isoformat()
    answers = {
        "tested_on": today, "stage": "1", "method": "1", "left": "2", "right": "1", "risks": ["1"], "tester": "演示",
    }  # fmt: skip
    made, filled = records.write(
        Reach(world["station"]), world["child"], "hearing_screening", operation=operation, answers=answers
    )
    assert made, filled.faults
    self_opening.open_heard()


def test_a_screen_that_was_not_passed_stands_at_its_link_and_a_second_record_counts_no_second_case(
    world: dict[str, Any],
) -> None:
    year = timezone.localdate().year
    assert api.funnels(Reach(world["station"]), year).funnels == ()
    hearing(world, "h-1")
    hearing(world, "h-2")
    found = api.funnels(Reach(world["station"]), year)
    assert [f.id for f in found.funnels] == ["newborn_hearing"]
    links = {link.label.zh: (link.reached, link.waiting) for link in found.funnels[0].links}
    assert links["应筛"] == (1, 0)
    assert links["未通过"] == (1, 1)
    assert links["召回"] == (0, 0)
    assert api.funnels(Reach(world["station"]), year - 1).funnels == ()


def test_who_does_not_see_the_case_is_told_no_small_number_and_others_have_no_such_page(world: dict[str, Any]) -> None:
    hearing(world, "h-1")
    year = timezone.localdate().year
    leader = api.funnels(Reach(world["leader"]), year)
    assert leader.fewest > 1
    links = {link.label.zh: (link.reached, link.waiting) for link in leader.funnels[0].links}
    assert links["未通过"] == (None, None)
    with pytest.raises(AbsentError):
        api.funnels(Reach(seated("education", "class_teacher", "teacher")), year)
