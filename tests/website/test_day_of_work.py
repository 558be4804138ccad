"""What makes a day go fast: the next child after saving, forms that begin with what is known, slips by class."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from website.filed import KIND, a_child, a_kept_record, a_number, answers, born, doctor, held_anywhere
from website.growing import a_record, ago

pytestmark = pytest.mark.django_db


def also(who: Any, *roles: str) -> Any:
    """The same person with more roles over the own county."""
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api

    held_anywhere()
    for role in roles:
        api.grant(audit.SYSTEM, who, role, on=date(2024, 1, 1), area=who.organisation.area_id)
    return who


def field(page: str, name: str) -> str:
    """What stands in a field of the form."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page) or re.search(
        rf'value="([^"]*)"[^>]*name="{name}"', page
    )
    if found is None:
        chosen = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)
        found = re.search(r'value="([^"]*)"\s+selected', chosen[0]) if chosen else None
    return found[1] if found else ""


def test_after_saving_the_next_child_of_the_list_stands_on_the_same_form_and_at_the_end_the_list(
    make_person, browser_of
):
    who = doctor(make_person)
    children = [a_child(who, f"演示{n}", birth=born(560 + n), village="甲村") for n in range(3)]
    a_child(who, "演示远", village="乙村")
    browser = browser_of(who)
    page = browser.get(reverse("records.work"), {"list": "due", "village": "甲村"}).content.decode()
    links = re.findall(rf'href="(/records/\d+/add/{KIND}[^"]*)"', page)
    assert len(links) == 3
    at, order = links[0].replace("&amp;", "&"), []
    for n in range(3):
        form = browser.get(at).content.decode()
        assert "保存，下一名" in form
        order.append(int(at.split("/")[2]))
        answer = browser.post(at, answers() | {"operation": f"operation-number-{n}", "next": "1"})
        assert answer.status_code == 302
        at = answer.headers["Location"]
    assert sorted(order) == sorted(children)
    assert at.startswith(reverse("records.work"))
    assert "village=" in at
    alone = reverse("records.add", args=(a_child(who, "演示单", birth=born(561)), KIND))
    assert "保存，下一名" not in browser.get(alone).content.decode()
    assert browser.get(alone, {"list": "nothing"}).status_code == 200


def test_a_form_begins_with_the_recorders_own_last_one_and_the_dose_that_is_due(make_person, browser_of):
    who = also(doctor(make_person), "vaccinator")
    first, second = a_child(who, birth=born(40)), a_child(who, "演示乙", birth=born(41))
    said = {
        "kind": "1", "vaccine": "HepB", "dose": "1", "edition": "2021", "mode": "1", "batch": "B-1", "maker": "演示厂",
        "expires_on": (timezone.localdate() + timedelta(days=300)).isoformat(), "trace_code": "T-1", "amount": "0.5",
        "site": "1", "route": "1", "unit": "演示门诊", "vaccinator": "演示护士", "guardian": "演示母",
    }  # fmt: skip
    made = a_record("vaccination", ago(40), said, child=first)
    made.by = who
    made.save()
    browser = browser_of(who)
    page = browser.get(reverse("records.one", args=(second,))).content.decode()
    add = reverse("records.add", args=(second, "vaccination"))
    assert f'href="{add}?item=HepB-1"' in page
    form = browser.get(add, {"item": "HepB-1"}).content.decode()
    assert {n: field(form, n) for n in ("vaccine", "dose", "batch", "maker", "amount", "vaccinator")} == {
        "vaccine": "HepB", "dose": "1", "batch": "B-1", "maker": "演示厂", "amount": "0.5", "vaccinator": "演示护士",
    }  # fmt: skip
    assert (field(form, "trace_code"), field(form, "guardian")) == ("", ""), "what is of one child is not carried over"
    other = browser.get(add, {"item": "BCG-1"}).content.decode()
    assert (field(other, "vaccine"), field(other, "batch")) == ("BCG", ""), "of another vaccine nothing is"
    assert browser.get(add, {"item": "<b>-x"}).status_code == 200


def test_a_number_that_no_file_has_begins_a_new_one(make_person, browser_of):
    who = doctor(make_person)
    browser = browser_of(who)
    found = browser.post(reverse("records.list"), {"q": "S123456789"}).content.decode()
    assert "用这个号码建档" in found
    form = browser.post(reverse("records.new"), {"begin": "S123456789"}).content.decode()
    assert field(form, "certificate") == "S123456789"
    number = a_number(born(30), "M")
    form = browser.post(reverse("records.new"), {"begin": number}).content.decode()
    assert (field(form, "number"), field(form, "birth_date"), field(form, "sex")) == (number, born(30).isoformat(), "M")
    a_child(who, certificate="S123456789")
    known = browser.post(reverse("records.list"), {"q": "S123456789"}).content.decode()
    assert "演示娃" in known
    assert "用这个号码建档" not in known
    assert "用这个号码建档" not in browser.post(reverse("records.list"), {"q": "没有这人"}).content.decode()


def test_slips_by_class_are_of_what_others_look_into_and_only_the_hospital_closes_poor_sight(make_person, browser_of):
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.records import api, kinds, recording, versions
    from qingmiao.site.apps.records.event_models import RecordFollowUp
    from qingmiao.site.apps.records.models import Child

    who = also(doctor(make_person), "school_doctor")
    pupils = [a_child(who, f"演示{n}", birth=born(3000)) for n in range(3)]
    Child.objects.filter(pk__in=pupils).update(school_unit="mch_hospital", grade="P2")
    Child.objects.filter(pk__in=pupils[:2]).update(school_class="二（1）班")
    Child.objects.filter(pk=pupils[2]).update(school_class="二（2）班")
    poor = {
        "done": "1", "wears": "0", "where": "1", "acuity_right": "4.6", "acuity_left": "4.9",
        "birth_date": born(3000).isoformat(),
    }  # fmt: skip

    def checked(child: int, days: int, **more: str) -> Any:
        record = a_record("vision_record", ago(days), poor | more, child=child)
        filled = versions.filled(versions.newest(record))
        recording.follow(record, kinds.kinds()["vision_record"], filled)
        recording._close(record, kinds.kinds()["vision_record"], filled)
        return record

    for pupil in pupils:
        checked(pupil, 90)
    page = browser_of(who).get(reverse("records.slips")).content.decode()
    assert page.count('<article class="slip">') == 3
    assert page.count('<section class="slip-class">') == 2
    assert "右眼裸眼视力（五分记录） 4.6" in " ".join(page.split())
    assert "医疗卫生机构" in page
    one = browser_of(who).get(reverse("records.slips"), {"school_class": "二（2）班"}).content.decode()
    assert one.count('<article class="slip">') == 1
    checked(pupils[0], 10)
    assert RecordFollowUp.objects.filter(closed_by=None).count() == 4, "the school again closes nothing"
    seen = checked(pupils[0], 5, where="2", acuity_right="5.0", acuity_left="5.0")
    assert set(RecordFollowUp.objects.filter(closed_by=seen).values_list("record__child", flat=True)) == {pupils[0]}
    work = api.work_page(Reach(who), "followed")
    assert (work.counts["found"], work.counts["followed"]) == (2, 2)
    assert {(r.child.id, r.closing[0]) for r in work.rows} == {(pupils[0], seen.pk)}
    again = browser_of(who).get(reverse("records.slips")).content.decode()
    assert again.count('<article class="slip">') == 2
    own = a_kept_record(a_child(who))
    mine = next(r.id for r in kinds.kinds()[KIND].follow_up if r.by == "recorder")
    RecordFollowUp.objects.create(record=own, name=mine, unit=own.unit)
    again = browser_of(who).get(reverse("records.slips")).content.decode()
    assert again.count('<article class="slip">') == 2, "what the recorder follows up needs no slip"
