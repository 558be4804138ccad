"""The yearly round of checks by unit: who was checked and who is due, never what a check found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from website import cased
from website.filed import HOME
from website.role_ids import Role

pytestmark = pytest.mark.django_db
PROGRAMME = "employment_check"
YEAR = timedelta(days=366)


@pytest.fixture
def world(make_person: Callable[..., Any]) -> dict[str, Reach]:
    """Two schools of a township, and who else has to do with their checks."""
    home = Organisation.objects.get(pk=f"township.{HOME}").area
    for name in ("first", "second"):
        Organisation.objects.create(
            id=f"school.{name}", label=f"演示学校{name}", short=name, kind="school", area=home, path=f"/school.{name}/"
        )
    seats = {
        "first": ("school.first", Role.SCHOOL), "second": ("school.second", Role.SCHOOL),
        "police": ("public_security", Role.POLICE_OFFICER), "leader": ("education", Role.LEADER),
        "teacher": ("school.first", Role.CLASS_TEACHER),
    }  # fmt: skip
    return {name: Reach(make_person(unit, role, f"round-{name}")) for name, (unit, role) in seats.items()}


def listed(
    world: dict[str, Reach], name: str, *, school: str = "first", upto: str = "hired", found: str = "clear"
) -> int:
    """Somebody on a school's list, as far as a step."""
    said = {"person_name": name, "post": "演示岗位", "unit_kind": "school", "serving": True, "consented": True}
    made = api.open_case(world[school], PROGRAMME, said, operation=cased.op())
    assert made.done, made
    today = timezone.localdate().isoformat()
    steps = {
        "asked": (school, {"asked_on": today}),
        f"answered_{found}": ("police", {"answer": found, "answered_on": today}),
        "hired": (school, {}),
    }  # fmt: skip
    for step, (who, answers) in steps.items():
        if upto == "consent":
            break
        cased.taken(world[who].person, made.number, step, answers)
        if step == upto:
            break
    return made.number


def of(page: api.RoundPage, unit: str) -> api.RoundUnit:
    return next(u for u in page.units if u.unit == unit)


def test_a_unit_is_done_when_everybody_whom_it_states_was_checked_in_time(
    world: dict[str, Reach], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world["first"]
    listed(world, "演示甲")
    long_ago = timezone.now() - YEAR - timedelta(days=60)
    with monkeypatch.context() as then:
        then.setattr(timezone, "now", lambda: long_ago)
        listed(world, "演示乙")
    listed(world, "演示丙", upto="consent")
    mine = of(api.round_page(first, PROGRAMME), "school.first")
    count = mine.count
    assert (count.staff, count.listed, count.valid, count.overdue, count.never, count.done) == (None, 3, 1, 1, 1, False)
    with pytest.raises(UserError):
        api.state_staff(first, PROGRAMME, "school.first", staff=4, source="")
    api.state_staff(first, PROGRAMME, "school.first", staff=4, source="2026年9月花名册")
    mine = of(api.round_page(first, PROGRAMME), "school.first")
    assert (mine.count.staff, mine.count.unlisted, mine.staff_source[:10]) == (4, 1, "2026年9月花名册")
    people = api.round_list(first, PROGRAMME, "school.first").people
    assert [(p.said[0], p.standing) for p in people] == [
        ("演示乙", "overdue"), ("演示丙", "never"), ("演示甲", "valid"),
    ]  # fmt: skip
    listed(world, "演示丁", school="second")
    api.state_staff(world["second"], PROGRAMME, "school.second", staff=1, source="2026年9月花名册")
    led = api.round_page(world["leader"], PROGRAMME)
    assert of(led, "school.second").count.done
    assert (led.total.done, led.total.covered) == (1, 2)


def test_nothing_tells_what_a_check_found(world: dict[str, Reach], browser_of: Callable[..., Any]) -> None:
    for name, found in (("演示甲", "clear"), ("演示乙", "hit")):
        listed(world, name, upto=f"answered_{found}", found=found)
    people = api.round_list(world["first"], PROGRAMME, "school.first").people
    assert {p.standing for p in people} == {"under_way"}, "both look the same"
    for name in ("first", "leader"):
        page = browser_of(world[name].person).get(reverse("cases.round", args=(PROGRAMME,))).content.decode()
        assert "演示学校first" in page
        assert "演示乙" not in page
        assert "有记录" not in page
    listing = reverse("cases.round_unit", args=(PROGRAMME, "school.first"))
    page = browser_of(world["first"].person).get(listing).content.decode()
    assert "演示乙" in page
    assert "有记录" not in page
    assert "export=xlsx" not in page, "names leave the site on no list"


def test_the_list_of_a_unit_is_there_for_its_own_people_alone(
    world: dict[str, Reach], browser_of: Callable[..., Any]
) -> None:
    listed(world, "演示甲")
    for name in ("second", "leader", "teacher"):
        with pytest.raises(api.AbsentError):
            api.round_list(world[name], PROGRAMME, "school.first")
        with pytest.raises(api.AbsentError):
            api.state_staff(world[name], PROGRAMME, "school.first", staff=9, source="2026年9月花名册")
    assert [u.unit for u in api.round_page(world["second"], PROGRAMME).units] == ["school.second"]
    with pytest.raises(api.AbsentError):
        api.round_page(world["first"], "mandatory_report")
    listing = reverse("cases.round_unit", args=(PROGRAMME, "school.first"))
    browser = browser_of(world["first"].person)
    assert browser.post(listing, {"staff": "0", "source": "花名册"}).status_code == 400
    assert browser.post(listing, {"staff": "30", "source": "2026年9月花名册"}).status_code == 302
    assert Event.objects.filter(action="cases.round.staff", object_id="school.first").count() == 1
    assert "2026年9月花名册" in browser.get(listing).content.decode()
    assert reverse("cases.round", args=(PROGRAMME,)) in browser.get(reverse("cases.list")).content.decode()
