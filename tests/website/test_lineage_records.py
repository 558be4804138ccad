"""The rows behind a number: page by page, each with its record and who entered it, a link for whom it is to see."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.inspections.models import Inspection
from qingmiao.site.apps.returns.models import Filing
from qingmiao.site.web.console.monitoring import drawer
from website import returns_world as world
from website.inspected import an_inspection
from website.measured import a_run
from website.role_ids import Role
from website.surveyed import a_survey

pytestmark = pytest.mark.django_db


def test_every_kind_of_record_leads_to_its_page_and_names_who_entered_it(
    make_person: Callable[..., Any], browser_of: Any
) -> None:
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    filing = world.brought_to(world.opened(), "accepted", make_person)
    liaison, _, statistician = world.people(make_person)
    visit: Inspection = an_inspection(filing.unit, office)
    visit.concluded_by, visit.visited_at = liaison, timezone.now()
    visit.save()
    survey = a_survey(make_person)
    found = {
        f"filing:{filing.pk}@1": (liaison.name, statistician.name),
        f"inspection:{visit.pk}@1": (liaison.name,),
        f"survey:{survey.pk}@1": (survey.made_by.name,),
    }
    browser = browser_of(office)
    for source, people in found.items():
        origin = facts.origin(source)
        assert browser.get(origin.address).status_code == 200, source
        for name in people:
            assert name in origin.who, source
    stranger = Reach(make_person("education", Role.LIAISON))
    shown = {o.file: o for o in drawer.origins(found, stranger)}
    assert shown[f"filing:{filing.pk}@1"].address == ""
    assert shown[f"filing:{filing.pk}@1"].label
    assert all(o.address for o in drawer.origins(found, Reach(office)))


@pytest.mark.parametrize(
    "source", ["filing:999999@1", "filing:x@1", "survey:x", "task:0@2", "inspection:9", "file.csv"]
)
def test_a_record_that_is_gone_is_named_and_leads_nowhere(source: str, make_person: Callable[..., Any]) -> None:
    (found,) = drawer.origins([source], Reach(make_person("committee_office", Role.COMMITTEE_OFFICE)))
    assert found.label
    assert (found.address, found.who) == ("", "")


def test_rows_come_page_by_page_each_once(
    make_person: Callable[..., Any], browser_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five cells of the cold-chain return, two a page: what the pages hold together is what one page holds."""
    a_run()
    browser = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    address = "/rows?indicator=health.imr&area=141029&year=2023"
    whole = browser.get(address).context["sides"]
    total = max(s["side"].total for s in whole)
    monkeypatch.setattr(drawer, "LISTED", 1)
    seen: list[list[Any]] = [[] for _ in whole]
    where, pages = address, 0
    while where:
        page = browser.get(where)
        pages += 1
        for side, rows in zip(page.context["sides"], seen, strict=True):
            rows += side["rows"]
        following = page.context["following"]
        where = f"/rows?{following}" if following else ""
    assert pages == total
    assert seen == [s["rows"] for s in whole]
    assert re.search("从第", browser.get(f"{address}&from=1").content.decode())
    assert Filing.objects.count() == 0


def test_the_drawer_turns_its_pages_both_ways_for_everybody(
    make_person: Callable[..., Any], browser_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may not see the rows turns them here: thirty of them, twelve a page."""
    a_run()
    told = drawer.explained
    asked: list[int] = []

    def many(*given: Any, limit: int, offset: int = 0, **more: Any) -> Any:
        asked.append(offset)
        found = told(*given, limit=limit, **more)
        return replace(found, sides=tuple(replace(s, total=30) for s in found.sides))

    monkeypatch.setattr(drawer, "explained", many)
    browser = browser_of(make_person("education", Role.LIAISON))
    address = "/lineage?indicator=health.imr&area=141029&year=2023"
    turned = [
        re.findall(r'hx-get="(/lineage[^"]+)"', _plain(browser.get(f"{address}{x}")))
        for x in ("", "&from=12", "&from=24")
    ]
    assert turned == [[f"{address}&from=12"], [address, f"{address}&from=24"], [f"{address}&from=12"]]
    assert asked == [0, 12, 24]


def _plain(page: Any) -> str:
    return str(page.content.decode()).replace("&amp;", "&")
