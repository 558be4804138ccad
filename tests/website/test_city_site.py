"""A site that serves a city with two counties: whoever is office in one and liaison in the other is each only there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import api as directory_api
from qingmiao.site.apps.directory.models import Area, Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import COUNTY_WIDE
from qingmiao.site.apps.publishing.permissions import may_see, may_write
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.apps.returns.models import Collection, Filing, Version
from qingmiao.site.apps.tasks.models import Task
from website.acted import a_plan, a_task
from website.role_ids import Role

CITY, HERE, THERE = "141000", "141029", "141030"
BUTTON = re.compile(r"""name="(?:do|action)"[^>]*value="([a-z_]+)"|value="([a-z_]+)"[^>]*name="(?:do|action)""")
pytestmark = pytest.mark.django_db


@pytest.fixture
def city(directory: None) -> None:
    """The site serves the city."""
    Area.objects.filter(is_site=True).update(is_site=False)
    assert Area.objects.filter(pk=CITY).update(is_site=True) == 1


@pytest.fixture
def both(city: None, make_person: Callable[..., Any]) -> Person:
    """Office of one county, liaison of health in the other."""
    who = make_person("other.health", Role.LIAISON, "both")
    office = Organisation.objects.get(pk="committee_office")
    directory_api.grant(audit.SYSTEM, who, Role.COMMITTEE_OFFICE, on=date(2024, 1, 1), unit=office, area=HERE)
    return who


def a_filing(unit_id: str) -> int:
    """A return of a unit, open for filling in."""
    unit, now, due = Organisation.objects.get(pk=unit_id), timezone.now(), date(2024, 10, 25)
    opened, _ = Collection.objects.get_or_create(
        return_id="H101", year=2024, defaults={"due_date": due, "opened_at": now}
    )
    made = Filing.objects.create(
        collection=opened, return_id="H101", year=2024, unit=unit, area_id=unit.area_id, return_version=1, due_date=due,
        moved_at=now,
    )  # fmt: skip
    Version.objects.create(filing=made, number=1, begun_at=now)
    return made.pk


def buttons(client: Client, url: str) -> list[str]:
    """The steps that a page offers."""
    got = client.get(url)
    assert got.status_code == 200, url
    return sorted({a or b for a, b in BUTTON.findall(got.content.decode())})


def test_the_office_of_the_city_reaches_both_counties_and_a_county_only_its_own(city: None, make_person: Any) -> None:
    chief = make_person("committee_office", Role.AUDITOR, "chief")
    unit = chief.organisation
    directory_api.grant(audit.SYSTEM, chief, Role.COMMITTEE_OFFICE, on=date(2024, 1, 1), unit=unit, area=CITY)
    can = Reach(chief)
    assert can.has({Role.COMMITTEE_OFFICE})
    for unit_id in ("health", "other.health", "township.141029100"):
        assert can.holds({Role.COMMITTEE_OFFICE}, over=Organisation.objects.get(pk=unit_id))
        assert unit_id in can.unit_ids
    assert can.holds(COUNTY_WIDE, over=None)
    assert not can.holds({Role.AUDITOR}, over=Organisation.objects.get(pk="other.health"))
    assert not can.holds({Role.AUDITOR}, over=None)


def test_each_role_counts_in_its_own_county(both: Person) -> None:
    can = Reach(both)
    here, there = Organisation.objects.get(pk="health"), Organisation.objects.get(pk="other.health")
    assert can.has({Role.COMMITTEE_OFFICE})
    assert can.holds({Role.COMMITTEE_OFFICE}, over=here)
    assert not can.holds({Role.COMMITTEE_OFFICE}, over=there)
    assert not can.holds({Role.LIAISON}, over=here)
    assert can.holds({Role.LIAISON}, over=there)
    assert can.holds(COUNTY_WIDE, over=HERE)
    assert not can.holds(COUNTY_WIDE, over=THERE)
    assert {"health", "education", "other.health"} <= can.unit_ids
    assert "other.education" not in can.unit_ids
    # What is the whole site's is nobody's of one county.
    assert not may_write(can)
    assert not may_see(can, "draft")
    assert not returns.may_open(can)


def test_pages_of_the_other_county_are_a_liaisons(both: Person, make_person: Any, browser_of: Any) -> None:
    """Every page of a thing there offers what a plain liaison is offered; what is not the unit's own is not there."""
    plain = make_person("other.health", Role.LIAISON, "plain")
    task, plan, filing = a_task(make_person, "other.health").pk, a_plan(make_person, "other.health").pk, "other.health"
    urls = [
        reverse("acting.task", kwargs={"number": task}),
        reverse("acting.activity", kwargs={"kind": "work_plan", "number": plan}),
        reverse("returns.filing", kwargs={"number": a_filing(filing)}),
    ]
    mine, theirs = browser_of(both), browser_of(plain)
    for url in urls:
        assert buttons(mine, url) == buttons(theirs, url)
        assert "/tasks/new?" not in mine.get(url).content.decode()
    plan_here = a_plan(make_person, "health").pk
    document = mine.get(reverse("acting.activity", kwargs={"kind": "work_plan", "number": plan_here}))
    assert "/tasks/new?" in document.content.decode()
    at_home = reverse("acting.task", kwargs={"number": a_task(make_person, "health").pk})
    assert "withdraw" in buttons(mine, at_home)
    assert "withdraw" not in buttons(mine, urls[0])
    for url in (
        reverse("acting.task", kwargs={"number": a_task(make_person, "other.education").pk}),
        reverse("returns.filing", kwargs={"number": a_filing("other.education")}),
    ):
        assert mine.get(url).status_code == 404


def test_lists_offer_the_units_of_the_county_of_the_office_alone(both: Person, browser_of: Any) -> None:
    client = browser_of(both)
    page = client.get("/tasks/new")
    offered = {u.pk for u in page.context["units"]}
    assert {"health", "education"} <= offered
    assert not {u for u in offered if u.startswith("other.")}
    given = {"unit": "other.health", "title": "查明原因", "due": "2030-01-20"}
    assert client.post("/tasks/new", given).status_code == 400
    assert not Task.objects.exists()
    assert client.post("/tasks/new", {**given, "unit": "health"}).status_code == 302
    plans = {unit for unit, _ in client.get("/duties/work_plan/").context["found"].units}
    assert "other.health" in plans, "the liaison's own"
    assert "other.education" not in plans
