"""Many returns in one go, dunning, and the notices that follow; what goes outside is whole and comes at least once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.notices import api as notices
from qingmiao.site.apps.notices import gateway
from qingmiao.site.apps.notices.models import Notification
from qingmiao.site.apps.returns import api
from qingmiao.site.apps.returns.models import Filing
from website import returns_world as world
from website.role_ids import Role

pytestmark = pytest.mark.django_db
BULK = "/returns/bulk"


@pytest.fixture
def liaison(make_person):
    return make_person("health", Role.LIAISON)


@pytest.fixture
def leader(make_person):
    return make_person("health", Role.LEADER)


@pytest.fixture
def office(make_person):
    return make_person("committee_office", Role.COMMITTEE_OFFICE)


def pick(filing: Filing) -> str:
    filing.refresh_from_db()
    return f"{filing.pk} {filing.state} {filing.version} {filing.revision}"


def three(state: str, make_person) -> list[Filing]:
    """Three years of one form, brought to a state."""
    days = {year: date(year, 10, 25) for year in (2022, 2023, 2024)}
    return [world.brought_to(world.opened(year=y, due=day), state, make_person) for y, day in days.items()]


def test_each_of_many_goes_through_by_itself_and_the_others_are_told_why(make_person, leader, browser_of):
    """One that changed since, one that another signed already, one that is nobody's: the rest is signed."""
    first, second, third = three("submitted", make_person)
    stale = pick(second).rpartition(" ")[0] + " 99"
    body = {"do": "sign", "pick": [pick(first), stale, pick(third), "999999 submitted 1 1"]}
    answer = browser_of(leader).post(BULK, body)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert ("3" in page, "不归您办理" in page, page.count("没有办理</span>")) == (True, True, 2)
    assert [f.state for f in Filing.objects.order_by("year")] == ["signed", "submitted", "signed"]
    again = browser_of(leader).post(BULK, {"do": "sign", "pick": [pick(first)]})
    assert (again.status_code, "待审核" in again.content.decode()) == (422, True)


def test_all_of_a_page_are_those_that_it_showed(make_person, browser_of):
    filings = three("signed", make_person)
    statistics = browser_of(make_person("statistics", Role.STATISTICS))
    assert 'name="shown"' in statistics.get("/returns/").content.decode()
    body = {"do": "accept", "all": "1", "shown": [pick(f) for f in filings[:2]], "pick": [pick(filings[2])]}
    assert statistics.post(BULK, body).status_code == 200
    assert [f.state for f in Filing.objects.order_by("year")] == ["accepted", "accepted", "signed"]


def test_sending_back_many_wants_a_reason_and_tells_the_unit(make_person, liaison, browser_of):
    filings = three("signed", make_person)
    statistics = browser_of(make_person("statistics", Role.STATISTICS))
    body = {"do": "send_back", "pick": [pick(f) for f in filings]}
    assert statistics.post(BULK, body).status_code == 422
    assert statistics.post(BULK, body | {"reason": "与上年相差太大"}).status_code == 200
    assert Filing.objects.filter(state="sent_back").count() == 3
    assert [n.subject.count("退回") > 0 for n in notices.inbox(liaison)] == [True] * 3


@pytest.mark.parametrize("body", [{"do": "sign"}, {"do": "accept", "pick": ["x"] * 2}, {"do": "dun", "pick": ["²"]}])
def test_what_is_nothing_chosen_changes_nothing(make_person, body, browser_of):
    """Nothing chosen is told; what cannot be a return is none."""
    world.brought_to(world.opened(), "submitted", make_person)
    person = make_person("health", Role.LEADER)
    assert browser_of(person).post(BULK, body).status_code in (404, 422)
    assert Filing.objects.get().state == "submitted"


def test_a_unit_is_dunned_once_a_day_and_its_people_are_told(liaison, leader, office, browser_of):
    """The figures that are being filled in stay as they are; the office's own people hear nothing."""
    filing = world.opened(due=date(2024, 10, 25))
    before = pick(filing)
    browser = browser_of(office)
    page = browser.get(f"/returns/{filing.pk}").content.decode()
    assert "催报" in page
    assert browser.post(BULK, {"do": "dun", "pick": before}).status_code == 200
    assert pick(filing) == before
    second = browser.post(BULK, {"do": "dun", "pick": before})
    assert (second.status_code, "今天已由" in second.content.decode()) == (422, True)
    (event,) = [e for e in audit.of_object("filing", filing.pk) if e.action == "returns.dun"]
    assert (event.detail["times"], event.detail["told"]) == (1, 2)
    assert [notices.unread(p) for p in (liaison, leader, office)] == [1, 1, 0]
    assert "已逾期" in notices.inbox(liaison)[0].subject
    assert "催报" in browser.get(f"/returns/{filing.pk}/history").content.decode()


def test_only_what_is_late_and_was_never_submitted_is_dunned(make_person, office):
    soon = world.opened(year=2029, due=timezone.localdate())
    done = world.brought_to(world.opened(), "submitted", make_person)
    with pytest.raises(api.NotAllowedError, match="没有到期"):
        api.move(office, soon.pk, "dun", seen=world.seen(soon))
    with pytest.raises(api.NotAllowedError):
        api.move(office, done.pk, "dun", seen=world.seen(done))
    recalled = world.people(make_person)[0]
    api.move(recalled, done.pk, "recall", seen=world.seen(done))
    api.move(office, done.pk, "dun", seen=world.seen(done))


def test_the_frame_counts_what_is_unread_and_the_inbox_leads_there(liaison, leader, office, browser_of):
    filing = world.opened()
    api.move(office, filing.pk, "dun", seen=world.seen(filing))
    mine, other = browser_of(liaison), browser_of(leader)
    number = notices.inbox(liaison)[0].number
    assert 'class="count"' in mine.get("/returns/").content.decode()
    assert other.post("/notices/", {"number": str(number)})["Location"] == "/notices/"  # not that one's own
    assert notices.unread(liaison) == 1
    assert mine.post("/notices/", {"number": str(number)})["Location"] == f"/returns/{filing.pk}"
    assert 'class="count"' not in mine.get("/notices/").content.decode()
    assert other.post("/notices/", {"all": "1"}).status_code == 302
    assert (notices.unread(leader), notices.unread(liaison)) == (0, 0)


def test_the_gateway_gets_each_whole_and_again_where_it_failed(liaison, leader, office, monkeypatch):
    """Nothing personal beyond whom it is for; a part of a file is never at its place."""
    filing = world.opened()
    api.move(office, filing.pk, "dun", seen=world.seen(filing))
    taken = []

    class Failing:
        def take(self, number, to, subject, address):
            if taken:
                raise OSError("盘满了")
            taken.append(number)

    monkeypatch.setattr(gateway, "Failing", Failing, raising=False)
    monkeypatch.setattr(settings, "NOTICE_GATEWAY", "qingmiao.site.apps.notices.gateway.Failing")
    assert notices.send_waiting() == 1
    assert Notification.objects.filter(sent_at=None).count() == 1
    monkeypatch.setattr(settings, "NOTICE_GATEWAY", "qingmiao.site.apps.notices.gateway.FileGateway")
    assert (notices.send_waiting(), notices.send_waiting()) == (1, 0)
    left = Notification.objects.exclude(pk__in=taken).get()
    folder = Path(settings.HOME) / "notices"
    said = json.loads((folder / f"{left.pk}.json").read_text("utf-8"))
    assert said == {
        "number": left.pk,
        "to": left.to.username,
        "subject": left.subject,
        "address": f"/returns/{filing.pk}",
    }
    assert not list(folder.glob(".*"))
