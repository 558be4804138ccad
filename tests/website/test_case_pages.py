"""The pages of casework: the queue, opening a case, its page with the next step on top, printed forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import docx
import pytest
from django.urls import reverse
from django.utils import timezone

from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.permissions import Reach
from website.cased import PLAIN, SEEN, drafted, people, reported, taken

pytestmark = pytest.mark.django_db
Browsing = Callable[..., Any]


def next_said(page: str) -> str:
    """The sentence at the top of a case."""
    found = re.search(r'class="next-step[^>]*>\s*<p>(.*?)</p>', page, re.S)
    assert found is not None, page
    return " ".join(found.group(1).split())


def test_a_teacher_reports_and_is_told_what_happens_next(make_person: Browsing, browser_of: Browsing) -> None:
    who = people(make_person, "teacher", "police")
    browser = browser_of(who["teacher"])
    offered = browser.get(reverse("cases.choose")).content.decode()
    assert reverse("cases.open", args=("mandatory_report",)) in offered
    assert reverse("cases.open", args=("dv_warning",)) not in offered, "the police's"
    begun = browser.post(reverse("cases.open", args=("mandatory_report",)), PLAIN | {"danger_now": "no"})
    assert begun.status_code == 302, begun.content.decode()[:3000]
    form = begun["Location"]
    assert "/steps/reported" in form, "what was begun goes on at once to the report"
    shown = browser.get(form).content.decode()
    assert "还没有报案" in shown
    number = int(re.findall(r"/cases/(\d+)/", form)[0])
    version = re.search(r'name="version" value="(\d+)"', shown)
    assert version is not None
    sent = browser.post(form, SEEN | {"danger_now": "no", "version": version.group(1)})
    assert sent.status_code == 302, sent.content.decode()[:3000]
    page = browser.get(sent["Location"]).content.decode()
    assert "已经报案" in page
    assert "您的姓名和电话保密" in page
    assert "演示乙" not in page, "who reported is a group of its own"
    assert next_said(page) == "等公安民警立即办「接报」。"
    police = browser_of(who["police"]).get(reverse("cases.one", args=(number,))).content.decode()
    assert next_said(police) == "请您立即办「接报」。"
    assert reverse("cases.step", args=(number, "received")) in police
    assert "已经报案" not in police


def test_what_is_missing_is_told_beside_its_field_and_nothing_is_begun(
    make_person: Browsing, browser_of: Browsing
) -> None:
    who = people(make_person, "teacher")
    where = reverse("cases.open", args=("mandatory_report",))
    answer = browser_of(who["teacher"]).post(where, {k: v for k, v in PLAIN.items() if k != "situations"})
    assert answer.status_code == 400
    assert "情形" in answer.content.decode()
    assert api.counts(Reach(who["teacher"]))["all"].open == 0


def test_the_queue_has_danger_first_and_names_what_is_late(make_person: Browsing, browser_of: Browsing) -> None:
    who = people(make_person, "teacher", "police")
    plain, red = reported(who["teacher"]), reported(who["teacher"], danger_now=True, risk="red")
    page = browser_of(who["police"]).get(reverse("cases.list")).content.decode()
    assert 0 < page.index(reverse("cases.one", args=(red,))) < page.index(reverse("cases.one", args=(plain,)))
    assert "有危险" in page
    only = browser_of(who["police"]).get(reverse("cases.list") + "?state=danger").content.decode()
    assert reverse("cases.one", args=(red,)) in only
    assert reverse("cases.one", args=(plain,)) not in only
    assert browser_of(who["police"]).get(reverse("cases.list") + "?after=x").status_code == 404


def test_a_step_is_taken_by_its_form_and_a_case_that_moved_is_told(make_person: Browsing, browser_of: Browsing) -> None:
    who = people(make_person, "teacher", "police")
    number = reported(who["teacher"])
    browser, where = browser_of(who["police"]), reverse("cases.step", args=(number, "received"))
    said = {"receipt_number": "J1", "record_made": "yes", "version": "2"}
    refused = browser.post(where, said | {"record_made": "no"})
    assert refused.status_code == 400
    assert "接到报告应当场制作记录" in refused.content.decode()
    assert browser.post(where, said).status_code == 302
    page = browser.get(reverse("cases.one", args=(number,))).content.decode()
    assert "「治安受案」「刑事立案」「移送管辖」「不予受理（立案）」之一，还有23小时。" in next_said(page)
    assert browser.get(where).status_code == 404, "no such step from here"
    late = browser.post(reverse("cases.step", args=(number, "sec_case")), {"version": "2"})
    assert late.status_code == 409


def test_who_has_nothing_to_do_with_it_finds_nothing(make_person: Browsing, browser_of: Browsing) -> None:
    who = people(make_person, "teacher", "liaison")
    number = drafted(who["teacher"])
    browser = browser_of(who["liaison"])
    for name, args in (("cases.one", ()), ("cases.step", ("reported",)), ("cases.print", ("report_form", "pdf"))):
        there, nowhere = (browser.get(reverse(name, args=(n, *args))) for n in (number, 987654))
        assert (there.status_code, nowhere.status_code) == (404, 404)
    assert (
        "演示" not in browser.get(reverse("cases.list") + "?queue=all&state=all").content.decode().partition("<main")[2]
    )


def test_who_reported_is_read_for_a_purpose_and_written_down(make_person: Browsing, browser_of: Browsing) -> None:
    who = people(make_person, "teacher", "police", "supervisor")
    number = reported(who["teacher"])
    where = reverse("cases.one", args=(number,))
    browser = browser_of(who["police"])
    assert browser.post(where, {"group": "reporter", "purpose": ""}).status_code == 400
    shown = browser.post(where, {"group": "reporter", "purpose": "联系报告人核实情况"}).content.decode()
    assert "15400000001" in shown
    assert "15400000001" not in browser.get(where).content.decode()
    event = Event.objects.get(action="cases.reveal")
    assert (event.object_id, event.detail["purpose"]) == (str(number), "联系报告人核实情况")
    assert browser_of(who["supervisor"]).post(
        where, {"group": "reporter", "purpose": "想知道是谁报的"}
    ).status_code == 404  # fmt: skip


def test_a_second_person_confirms_on_the_case_itself(make_person: Browsing, browser_of: Browsing) -> None:
    who = people(make_person, "teacher", "police", "office", "office2")
    number = reported(who["teacher"])
    taken(who["police"], number, "received", {"receipt_number": "J1", "record_made": True})
    taken(who["police"], number, "sec_case")
    taken(who["office"], number, "protecting", {"measures": ["medical"]})
    taken(who["police"], number, "fed_back", {"feedback_text": "已受案", "feedback_to": "学校"})
    where = reverse("cases.step", args=(number, "closed"))
    sent = browser_of(who["office"]).post(where, {"close_reason": "goal_met", "version": "6"})
    assert sent.status_code == 302
    one = reverse("cases.one", args=(number,))
    waiting = browser_of(who["office"]).get(one).content.decode()
    assert "等另一人确认" in waiting
    assert 'value="confirm"' not in waiting, "not by the same person"
    other = browser_of(who["office2"])
    assert 'value="confirm"' in other.get(one).content.decode()
    assert other.post(one, {"do": "confirm", "version": "6"}).status_code == 302
    assert next_said(other.get(one).content.decode()) == "结案，没有要办的事。"


def test_a_past_day_is_shown_as_it_was_and_nothing_can_be_done_there(
    make_person: Browsing, browser_of: Browsing
) -> None:
    who = people(make_person, "teacher", "police")
    number = reported(who["teacher"])
    browser, one = browser_of(who["police"]), reverse("cases.one", args=(number,))
    opened = timezone.localtime(api.case(Reach(who["police"]), number).opened_at)
    page = browser.get(f"{one}?as_of={opened:%Y-%m-%d}").content.decode()
    assert "这是过去的样子" in page
    assert "/steps/" not in page
    assert browser.get(f"{one}?as_of=2001-01-01").status_code == 404
    assert browser.get(f"{one}?as_of=yesterday").status_code == 400


def test_a_form_is_printed_without_who_reported_and_printing_is_written_down(
    make_person: Browsing, browser_of: Browsing
) -> None:
    who = people(make_person, "teacher", "police")
    number = reported(who["teacher"])
    browser = browser_of(who["police"])
    made = browser.get(reverse("cases.print", args=(number, "report_form", "docx")))
    assert made.status_code == 200
    found = docx.Document(BytesIO(b"".join(made) if made.streaming else made.content))
    text = "\n".join(c.text for t in found.tables for r in t.rows for c in r.cells)
    assert "手臂多处瘀伤" in text
    assert "演示乙" not in text
    assert browser.get(reverse("cases.print", args=(number, "report_form", "pdf"))).content.startswith(b"%PDF")
    assert browser.get(reverse("cases.print", args=(number, "no_such", "pdf"))).status_code == 404
    events = Event.objects.filter(action="cases.print", object_id=str(number))
    assert sorted(e.detail["format"] for e in events) == ["docx", "pdf"]
