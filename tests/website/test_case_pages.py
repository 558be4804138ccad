"""The pages of casework: the queue, opening a case, its page with the next step on top, printed forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import given
from qingmiao.site.apps.records.api import about
from website.cased import PLAIN, SEEN, drafted, people, reported, taken
from website.filed import a_child, a_clinic, a_number, born, doctor, mother
from website.role_ids import Role

pytestmark = pytest.mark.django_db
Browsing = Callable[..., Any]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(4) + b"IENDcrc4"


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
    assert re.search(r'href="(/cases/new/[^"]*)"', offered)[1].endswith("mandatory_report"), "danger comes first"
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


def test_notes_documents_and_what_is_to_be_done_stand_on_the_case(make_person: Browsing, browser_of: Browsing) -> None:
    who = people(make_person, "teacher", "police")
    number = reported(who["teacher"])
    browser, one = browser_of(who["police"]), reverse("cases.one", args=(number,))
    assert browser.post(one, {"note": "x"}).status_code == 400
    assert browser.post(one, {"note": "已与学校联系"}).status_code == 302
    assert browser.post(one, {"label": "伤情照片", "document": SimpleUploadedFile("a.png", PNG)}).status_code == 302
    page = browser.get(one).content.decode()
    assert "已与学校联系" in page
    assert "伤情照片" in page
    look = re.findall(r'href="(/cases/\d+/documents/[^"]+/look)"', page)
    shown = browser.get(look[0]).content.decode()
    assert shown.count(f"<span>{who['police'].name}　") == 12, "who looks and when stands across the picture"
    assert browser.get(look[0].removesuffix("/look") + "?look=1")["Content-Type"] == "image/png"
    assert Event.objects.filter(action="cases.document.see", object_id=str(number)).count() == 1


def test_a_danger_without_a_call_to_the_police_is_said_before_all_else(
    make_person: Browsing, browser_of: Browsing
) -> None:
    who = people(make_person, "teacher")
    plain, red = drafted(who["teacher"]), drafted(who["teacher"], danger_now=True, risk="red")
    browser = browser_of(who["teacher"])
    told = [browser.get(reverse("cases.one", args=(n,))).content.decode() for n in (plain, red)]
    assert ["请先拨打110，再办下面的事" in page for page in told] == [False, True]
    taken(who["teacher"], red, "reported", SEEN | {"danger_now": True, "called_110_at": "2024-03-01 08:45"})
    assert "请先拨打110，再办下面的事" not in browser.get(reverse("cases.one", args=(red,))).content.decode()


def test_a_referral_is_accepted_and_a_case_opened_for_it(make_person: Browsing, browser_of: Browsing) -> None:
    who = people(make_person, "teacher", "police", "office")
    number = reported(who["teacher"])
    taken(who["police"], number, "received", {"receipt_number": "J1", "record_made": True})
    taken(who["police"], number, "protecting", {"measures": ["medical"]})
    browser, one = browser_of(who["office"]), reverse("cases.one", args=(number,))
    page = browser.get(one).content.decode()
    assert 'value="accept_referral"' in page
    version = str(api.case(Reach(who["office"]), number).version)
    assert browser.post(one, {"do": "accept_referral", "referral": "1", "version": version}).status_code == 302
    page = browser.get(one).content.decode()
    begin = re.findall(r'href="(/cases/new/child_case[?]referral=[^"]+)"', page)
    if begin:  # the office may open one itself
        assert 'value="演示甲"' in browser.get(begin[0]).content.decode(), "what was handed over is filled in"


def test_the_leader_sees_counts_alone_and_small_ones_not_at_all(make_person: Browsing, browser_of: Browsing) -> None:
    who = people(make_person, "teacher", "police")
    for _ in range(2):
        reported(who["teacher"])
    leader = make_person("health", Role.LEADER)
    browser = browser_of(leader)
    assert browser.get(reverse("cases.list"))["Location"] == reverse("cases.overview")
    page = browser.get(reverse("cases.overview")).content.decode()
    assert "强制报告" in page
    assert "五位一体" in page
    assert "不显示" in page
    assert "演示甲" not in page
    listed = re.findall(r"queue=all&(?:amp;)?([^\"]*)", page.partition("<main")[2])
    assert not [to for to in listed if not to.startswith("programme=") or "mandatory_report" in to], "nothing unseen"


def test_a_child_s_page_leads_to_its_cases_and_to_a_new_one(make_person: Browsing, browser_of: Browsing) -> None:
    who = doctor(make_person)
    child, browser = a_child(who), browser_of(who)
    page = browser.get(reverse("records.one", args=(child,))).content.decode()
    assert f"{reverse('cases.choose')}?child={child}" in page
    offered = browser.get(f"{reverse('cases.choose')}?child={child}").content.decode()
    begin = reverse("cases.open", args=("mandatory_report",)) + f"?child={child}"
    assert begin in offered, re.findall(r'href="(/cases/new/[^"]*)"', offered)
    form = browser.get(begin).content.decode()
    assert 'name="child_name"' in form
    sent = browser.post(begin, PLAIN | {"danger_now": "no"})
    assert sent.status_code == 302, sent.content.decode()[:2000]
    number = int(re.findall(r"/cases/(\d+)", sent["Location"])[0])
    assert reverse("cases.one", args=(number,)) in browser.get(reverse("records.one", args=(child,))).content.decode()


def test_a_case_without_a_file_is_linked_to_one_that_its_doer_sees(make_person: Browsing, browser_of: Browsing) -> None:
    who = doctor(make_person)
    child, browser = a_child(who), browser_of(who)
    known = about.seen_brief(Reach(who), child)
    said = PLAIN | {
        "danger_now": "no", "child_name": known.name, "child_sex": known.sex,
        "child_birth_date": known.birth_date.isoformat(),
    }  # fmt: skip
    sent = browser.post(reverse("cases.open", args=("mandatory_report",)), said)
    address = reverse("cases.one", args=(int(re.findall(r"/cases/(\d+)", sent["Location"])[0]),))
    page = browser.get(address).content.decode()
    assert f'name="child" value="{child}"' in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    done = browser.post(address, {"do": "link", "child": str(child), "version": version.group(1)})
    assert done.status_code == 302, done.content.decode()[:2000]
    linked = browser.get(address).content.decode()
    assert reverse("records.one", args=(child,)) in linked
    assert 'value="link"' not in linked


def test_the_family_is_drawn_for_whoever_sees_the_child_s_file(make_person: Browsing, browser_of: Browsing) -> None:
    who, other = doctor(make_person), people(make_person, "police")["police"]
    both = mother("演示母", number=a_number(born(9000), "F"))
    hidden = given.relative(
        name="演示隐", kind="father", number="", phone="", guardian=False, carer=False, sealed=True,
        from_date=born().isoformat(),
    )  # fmt: skip
    child = a_child(who, "演示大", relatives=(both, hidden))
    sibling = a_child(who, "演示小", birth=born(100), relatives=(both,))
    stranger = a_child(who, "演示外", birth=born(200), relatives=(mother("演示别"),))
    browser = browser_of(who)
    begin = reverse("cases.open", args=("mandatory_report",)) + f"?child={child}"
    sent = browser.post(begin, PLAIN | {"danger_now": "no"})
    number = int(re.findall(r"/cases/(\d+)", sent["Location"])[0])
    address = reverse("cases.one", args=(number,))
    page = browser.get(address).content.decode()
    drawn = re.search(r'<svg class="family".*?</svg>', page, re.S)
    assert drawn is not None
    assert [name in drawn.group() for name in ("演示大", "演示小", "演示母", "演示外")] == [True, True, True, False]
    assert drawn.group().count("<path") == 3, (
        "the mother, and the protected father, to the child; the mother to the other"
    )
    assert f"{reverse('cases.choose')}?child={sibling}" in page, "a brother or sister is offered"
    assert str(stranger) not in re.findall(r"child=(\d+)", page)
    assert api.family(Reach(other), api.case(Reach(who), number)) is None, "not for who does not see the file"
    seen = about.family_of(Reach(doctor(make_person, a_clinic())), child)
    assert seen is None or [r.name for r in seen.relatives] == ["演示母"], "a protected relation: its unit's alone"


def test_the_list_of_cases_is_no_workbook_for_anybody(make_person: Browsing, browser_of: Browsing) -> None:
    who = people(make_person, "teacher")
    reported(who["teacher"])
    answer = browser_of(who["teacher"]).get(reverse("cases.list") + "?export=xlsx&purpose=工作需要核对")
    assert answer["Content-Type"].startswith("text/html")
    assert "导出本页表格" not in answer.content.decode()
    assert not Event.objects.filter(action="site.export").exists()
