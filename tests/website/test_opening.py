"""Opening a year: what would be late at once is said first; it is taken back while nobody has begun."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.returns import api
from qingmiao.site.apps.returns.models import Collection, Dunning, Filing, Reminder, Upload, Version
from website import returns_world as world
from website.role_ids import Role

pytestmark = pytest.mark.django_db
TODAY = date(2025, 3, 1)


def unit() -> str:
    return Organisation.objects.get(pk="health").label


def test_what_is_late_at_once_is_told_by_form_unit_and_day(directory) -> None:
    due = {"H101": date(2025, 2, 27), "W301": date(2025, 3, 1), "H103": date(2025, 3, 2)}
    late, today, later = api.opening(2024, due, on=TODAY)
    assert (late.return_.id, late.late, late.made, late.late_returns) == ("H101", 2, 1, 1)
    assert late.units == (unit(),)
    assert (today.late, today.late_returns, today.made) == (0, 0, 10)  # on its last day a return is not late
    assert later.late == 0
    assert not Collection.objects.exists()


def test_a_form_that_is_open_is_late_by_its_new_day_where_nothing_was_submitted(make_person) -> None:
    api.open_collections(audit.SYSTEM, 2024, {"W301": date(2025, 3, 30)})
    first = Filing.objects.order_by("area")[0]
    Filing.objects.filter(pk=first.pk).update(submitted_at=timezone.now(), state="submitted")
    (found,) = api.opening(2024, {"W301": date(2025, 2, 1)}, on=TODAY)
    assert (found.made, found.late_returns, found.due_before) == (0, 9, date(2025, 3, 30))


def test_the_page_asks_says_what_is_late_and_only_then_opens(make_person, browser_of) -> None:
    office = browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE))
    yesterday = timezone.localdate() - timedelta(days=1)
    chosen = {"year": "2024", "return": ["H103"], "due:H103": yesterday.isoformat()}
    asked = office.post("/returns/open", chosen | {"do": "ask"}).content.decode()
    assert "一开启就已逾期" in asked
    assert f"截止 {yesterday}，已逾期 1 天" in re.sub("<!--.*?-->", "", asked, flags=re.DOTALL)
    assert unit() in asked
    assert not Collection.objects.exists()
    changed = office.post("/returns/open", chosen | {"do": "change"}).content.decode()
    assert f'value="{yesterday}"' in changed  # what was typed is there again
    assert (
        "一开启就已逾期"
        not in office.post(
            "/returns/open", chosen | {"do": "ask", "due:H103": timezone.localdate().isoformat()}
        ).content.decode()
    )
    assert office.post("/returns/open", chosen | {"do": "open"}).status_code == 302
    assert Filing.objects.get().due_date == yesterday


def test_opening_is_taken_back_and_can_be_done_anew(make_person, browser_of) -> None:
    filing = world.opened()
    api.remind(audit.SYSTEM, on=filing.due_date)
    person = make_person("statistics", Role.STATISTICS)
    chosen = {"year": str(filing.year), "return": [filing.return_id]}
    browser = browser_of(person)
    assert "确认撤回" in browser.post("/returns/open", chosen | {"do": "ask_back"}).content.decode()
    assert Filing.objects.exists()
    assert browser.post("/returns/open", chosen | {"do": "take_back"}).status_code == 302
    for model in (Collection, Filing, Version, Reminder):
        assert not model.objects.exists()
    event = Event.objects.get(action="returns.take_back")
    assert (event.actor, event.object_id) == (person.username, str(filing.year))
    assert event.detail["return"] == filing.return_id
    assert event.detail["filings"] == 1
    assert event.detail["to"] == "taken_back"
    assert "撤回开启" in browser_of(make_person("committee_office", Role.AUDITOR)).get("/audit/").content.decode()
    assert world.opened().return_id == filing.return_id


def _figures(filing, liaison) -> None:
    api.save(liaison, filing.pk, api.Edits(filing.revision, cells={"01.1": "1"}))


def _dunned(filing, liaison) -> None:
    Dunning.objects.create(filing=filing, on_date=TODAY, at=timezone.now())


def _uploaded(filing, liaison) -> None:
    Upload.objects.create(
        filing=filing, version=1, revision=0, name="演示.xlsx", size=1, state="refused", sha256="0" * 64,
        uploaded_at=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize("begin", [_figures, _dunned, _uploaded])
def test_nothing_is_taken_back_once_somebody_has_begun(make_person, browser_of, begin) -> None:
    """Not the form that was begun, and not the others that were chosen with it: all or nothing."""
    filing, liaison = world.opened(), world.people(make_person)[0]
    world.opened("H103")
    begin(filing, liaison)
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    chosen = {"year": str(filing.year), "return": ["H103", filing.return_id]}
    asked = browser_of(office).post("/returns/open", chosen | {"do": "ask_back"}).content.decode()
    assert f"已经开始填报或催报：{unit()}" in asked
    assert "确认撤回" not in asked
    refused = browser_of(office).post("/returns/open", chosen | {"do": "take_back"})
    assert refused.status_code == 409
    assert "不能撤回" in refused.content.decode()
    assert Filing.objects.count() == 2
    assert not Event.objects.filter(action="returns.take_back").exists()
    assert api.take_back(Reach(office), filing.year, ["H103"]) == 1


def test_what_was_never_opened_is_not_taken_back(make_person) -> None:
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    with pytest.raises(Exception, match="没有开启"):
        api.take_back(Reach(office), 2024, ["H103"])
    with pytest.raises(api.AbsentError):
        api.take_back(Reach(make_person("health", Role.LIAISON)), world.opened().year, ["H101"])
