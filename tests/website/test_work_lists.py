"""Work lists: what is counted by columns is what a file says, only of children and kinds that the person reads."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from qingmiao.content.organisations import narrowed
from qingmiao.content.roles import first_page
from qingmiao.site.apps.directory.models import Organisation
from website.filed import KIND, a_child, a_kept_record, answers, born, doctor, keeper

pytestmark = pytest.mark.django_db


def kept(child: int) -> set[tuple[str, bool]]:
    """What is kept as due of a child: (words, overdue)."""
    from qingmiao.content.schedules import Schedule
    from qingmiao.site import pack
    from qingmiao.site.apps.records.dueness import what
    from qingmiao.site.apps.records.event_models import OpenDue

    known = pack.pack().entries("schedules", Schedule)
    return {(what(known[d.schedule], d.item)[0].zh, d.overdue) for d in OpenDue.objects.filter(child=child)}


def said(child: int) -> set[tuple[str, bool]]:
    """The same as the file's page counts it."""
    return {(d.label.zh, d.overdue) for d in lines(child)}


def lines(child: int):
    """What is due of a child as its page tells it to somebody who reads and writes everything."""
    from qingmiao.site.apps.records import dueness, kinds
    from qingmiao.site.apps.records.models import Child

    every = set(kinds.kinds())
    return dueness.due_now(Child.objects.get(pk=child), timezone.localdate(), reading=every, writing=every)


def test_what_is_counted_for_all_children_is_what_each_file_says(make_person):
    from qingmiao.site.apps.records.due_counting import count_all
    from qingmiao.site.apps.records.event_models import OpenDue

    who = doctor(make_person)
    children = [a_child(who, f"演示{n}", birth=born(days)) for n, days in enumerate((0, 9, 70, 250, 560, 1500, 2600))]
    a_kept_record(children[4])
    for child in children:
        assert kept(child) == said(child)
    before = {c: kept(c) for c in children}
    OpenDue.objects.all().delete()
    worked_out = {c: lines(c) for c in children}
    assert [d for d in worked_out[children[2]] if d.item]
    count_all()
    assert {c: kept(c) for c in children} == before
    assert {c: lines(c) for c in children} == worked_out, "a file shows what is kept once all were counted today"
    OpenDue.objects.filter(child=children[0]).delete()
    assert lines(children[0]) == ()
    assert sum(len(v) for v in before.values()) > 40


def test_what_is_due_is_called_by_its_schedule_too_and_counts_have_separators(make_person, browser_of):
    from qingmiao.site.apps.records.due_counting import count_all
    from qingmiao.site.apps.records.worklists import WorkPage

    who = doctor(make_person)
    child = a_child(who, birth=born(200))
    count_all()
    page = browser_of(who).get(reverse("records.work"), {"list": "due"}).content.decode()
    assert "血红蛋白检查：6～8月龄一次" in page
    assert "乙肝疫苗第 1 剂" in browser_of(who).get(reverse("records.one", args=(child,))).content.decode()
    assert {d.words.zh for d in lines(child) if d.item} == {d.label.zh for d in lines(child) if d.item}
    day = timezone.localdate()
    assert WorkPage((), {"due": 1001, "found": 1000}, "", None, day).tallies == {"due": "1,000+", "found": "1,000"}


def test_a_record_takes_its_line_off_the_list_and_each_line_leads_to_the_form(make_person, browser_of):
    from qingmiao.site.apps.records.due_counting import count_all

    who = doctor(make_person)
    child, browser = a_child(who), browser_of(who)
    where, add = reverse("records.work"), reverse("records.add", args=(child, KIND))
    page = browser.get(where, {"list": "due"}).content.decode()
    assert "还没有算过" in page
    assert page.count(f'href="{add}?list=due&amp;after=') == 1
    count_all()
    assert "还没有算过" not in browser.get(where).content.decode()
    assert browser.post(add, answers() | {"operation": "operation-of-this-form"}).status_code == 302
    assert f'"{add}?' not in browser.get(where, {"list": "due"}).content.decode()


def test_a_count_of_yesterday_is_told_and_children_who_left_are_on_no_list(make_person, browser_of):
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.records import api
    from qingmiao.site.apps.records.due_counting import count_all
    from qingmiao.site.apps.records.event_models import OpenDue

    who = doctor(make_person)
    child = a_child(who)
    yesterday = timezone.localdate() - timedelta(days=1)
    count_all(yesterday)
    assert f"算到 {yesterday.isoformat()}" in re.sub(
        r"\s+", " ", browser_of(who).get(reverse("records.work")).content.decode()
    )
    assert OpenDue.objects.filter(child=child).exists()
    api.move(
        Reach(who),
        child,
        "move_out",
        version=1,
        said={"on": timezone.localdate(), "to": "外县的演示乡", "reason": "随父母迁出"},
    )
    assert not OpenDue.objects.filter(child=child).exists()


def test_lists_are_narrowed_and_go_on_where_the_page_before_ended(make_person):
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.records import worklists

    who = doctor(make_person)
    here, there = a_child(who, "演示近", village="甲村"), a_child(who, "演示远", village="乙村", birth=born(561))
    reach = Reach(who)
    whole = worklists.work_page(reach, "overdue")
    ids, after = [], ""
    while True:
        part = worklists.work_page(reach, "overdue", after=after, size=3)
        ids += [r.id for r in part.rows]
        after = part.following
        if not after:
            break
    assert ids == [r.id for r in whole.rows]
    assert len(ids) == whole.counts["overdue"] > 6
    one = worklists.work_page(reach, "overdue", village="甲村")
    assert {r.child.id for r in one.rows} == {here}
    assert {r.child.id for r in whole.rows} == {here, there}
    assert worklists.work_page(reach, "overdue", after="x.y").counts == whole.counts


def test_what_is_due_is_narrowed_to_one_schedule_and_stays_so_from_child_to_child(make_person, browser_of):
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.records import api
    from qingmiao.site.apps.records.event_models import OpenDue

    who = doctor(make_person)
    a_child(who)
    every = api.work_page(Reach(who), "overdue", size=200)
    rows = OpenDue.objects.filter(schedule__in=dict(every.about)).order_by("pk").values_list("schedule", "overdue")
    counted = Counter(rows)
    assert {schedule for schedule, _ in counted} > {"immunisation"}, "or nothing is narrowed"
    for about in {schedule for schedule, _ in counted}:
        found = api.work_page(Reach(who), "overdue", about=about, size=200)
        assert found.counts["overdue"] == len(found.rows) == counted[about, True]
        assert found.counts["due"] == counted[about, False]
    about = "immunisation"
    assert api.work_page(Reach(who), "overdue", about="no such", size=200).counts == every.counts
    told = browser_of(who).get(f"/records/work?list=overdue&about={about}").content.decode()
    assert f"about={about}&amp;list=overdue" in told
    village = api.work_page(Reach(keeper(make_person)), "overdue").about
    assert set(dict(village)) < set(dict(every.about))


def test_nobody_sees_lines_of_kinds_or_children_beyond_the_role(make_person, browser_of):
    from qingmiao.site.apps.records.event_models import Charge
    from website.role_ids import Role

    child = a_child(doctor(make_person), village="甲村")
    a_child(doctor(make_person), "演示远", village="乙村", birth=born(561))
    director = keeper(make_person)
    Charge.objects.create(person=director, area="141029100", village="甲村", from_date=date(2024, 1, 1))
    browser = browser_of(director)
    page = browser.get(reverse("records.work")).content.decode()
    assert "演示远" not in page
    assert "卡介苗" in page, "that it is overdue is told, so that the family is sent for"
    assert "眼保健" not in page, "of other schedules nothing is told"
    assert "child/add" not in page.replace(str(child), "child")
    file = browser.get(reverse("records.one", args=(child,))).content.decode()
    assert "卡介苗第 1 剂" in file
    assert reverse("records.vaccines", args=(child,)) not in file
    young = browser.get(reverse("records.work"), {"age": "under_3"}).content.decode()
    assert "卡介苗" in young
    assert "卡介苗" not in browser.get(reverse("records.work"), {"age": "3"}).content.decode()
    assert browser_of(make_person("statistics", Role.STATISTICS)).get(reverse("records.work")).status_code == 404


def test_everybody_who_works_with_children_begins_on_the_own_work(make_person, browser_of):
    from qingmiao.site import pack
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api

    def begins(person) -> str:
        return browser_of(person).get("/").headers["Location"]

    first = {
        "work": reverse("records.work"), "lists": reverse("records.lists"), "files": reverse("records.list"),
    }  # fmt: skip
    doctor(make_person)
    wanted = {r.id: r.start for r in pack.pack().roles.values() if r.start is not None}
    assert {"vaccinator", "village_doctor", "school_doctor", "midwife", "maternal_child_station"} <= set(wanted)
    for role, start in wanted.items():
        kinds_of_role = narrowed(pack.pack().roles[role].held_by)
        unit = Organisation.objects.filter(kind__in=kinds_of_role).exclude(pk__startswith="other.").order_by("pk")[0]
        one = api.make_person(
            audit.SYSTEM, username=f"begins-{role.replace('_', '-')}", name="演示", unit=unit, demo=True,
            password="made-up river 4711", must_change=False,
        )  # fmt: skip
        api.grant(audit.SYSTEM, one, role, on=date(2024, 1, 1), area=unit.area_id)
        assert begins(one) == first[start], role
        assert browser_of(one).get(first[start]).status_code == 200, role
    roles = pack.pack().roles
    assert first_page(roles, frozenset({"hospital", "vaccinator"})) == "work"
    assert first_page(roles, frozenset({"vaccinator", "liaison"})) == "", "who reports too begins with what waits today"
    assert first_page(roles, frozenset()) == ""


def test_what_was_found_is_listed_until_a_record_closes_it(make_person):
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.records import worklists
    from qingmiao.site.apps.records.event_models import RecordFollowUp

    who = doctor(make_person)
    record = a_kept_record(a_child(who))
    found = RecordFollowUp.objects.create(
        record=record, name="anaemia", unit=record.unit, due_date=timezone.localdate()
    )
    (row,) = worklists.work_page(Reach(who), "found").rows
    assert (row.what.zh, row.record) == ("贫血复查", record.pk)
    assert row.kind in ("haemoglobin_check", "nutrition_visit", KIND)
    found.closed_by = record
    found.save()
    page = worklists.work_page(Reach(who), "found")
    assert (page.rows, page.counts["found"]) == ((), 0)


def test_a_list_is_counted_only_so_far(make_person, browser_of, monkeypatch):
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.records import worklists

    who = doctor(make_person)
    a_child(who)
    every = worklists.work_page(Reach(who), "overdue")
    assert (every.counts["overdue"], every.tallies["overdue"]) == (len(every.rows), str(len(every.rows)))
    monkeypatch.setattr(worklists, "COUNTED", 2)
    page = worklists.work_page(Reach(who), "overdue")
    assert (page.counts["overdue"], page.tallies["overdue"], page.rows) == (3, "2+", every.rows)
    assert '<b class="bad">2+</b>' in browser_of(who).get(reverse("records.work")).content.decode()
