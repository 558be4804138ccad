"""The page of what waits today: each person's own work, what is late, what is new; nothing of anybody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections.models import Inspection, InspectionFinding
from qingmiao.site.apps.notices import api as notices
from qingmiao.site.apps.notices.models import Notification
from qingmiao.site.apps.registers import api as registers
from qingmiao.site.apps.registers import telling
from qingmiao.site.apps.registers.models import RegisterEntry
from qingmiao.site.apps.tasks.models import Task
from qingmiao.site.web.console.today import parts
from website.acted import a_task
from website.filed import a_child, doctor
from website.inspected import an_inspection, two_inspectors
from website.measured import a_run
from website.registered import GOOD, a_nursery
from website.role_ids import Role

pytestmark = pytest.mark.django_db
MOST_QUERIES = 58


def words(browser) -> str:
    return " ".join(browser.get(reverse("today")).content.decode().split())


def test_a_liaison_begins_with_her_tasks_and_returns_and_what_is_late_says_how_long(make_person, browser_of):
    task, liaison = a_task(make_person), make_person("health", Role.LIAISON)
    Task.objects.filter(pk=task.pk).update(due_at=timezone.now() - timedelta(days=9))
    browser = browser_of(liaison)
    assert browser.get("/").headers["Location"] == reverse("today")
    page = words(browser)
    assert task.title in page
    assert "逾期 9 天" in page
    assert f'href="{reverse("acting.task", args=[task.pk])}"' in page
    other = words(browser_of(make_person("education", Role.LIAISON)))
    assert task.title not in other


def test_where_nothing_waits_the_page_says_so_and_names_the_work(make_person, browser_of):
    page = words(browser_of(make_person("education", Role.LIAISON)))
    assert "没有等您办理的事" in page
    assert "没有待办：" in page


def test_notices_stand_there_until_they_are_read(make_person, browser_of):
    one = make_person("health", Role.LIAISON)
    notices.tell([one], notices.NoticeText("reminder", "请补报一张表", "", "/returns/"))
    browser = browser_of(one)
    assert "请补报一张表" in words(browser)
    notices.mark_read(one)
    assert "请补报一张表" not in words(browser)


def test_a_doctor_finds_the_children_and_no_figures_and_a_clerk_of_figures_no_child(make_person, browser_of):
    who = doctor(make_person)
    a_child(who)
    page = words(browser_of(who))
    assert "儿童保健和随访" in page
    assert "数据和预警" not in page
    a_run()
    clerk = words(browser_of(make_person("statistics", Role.STATISTICS)))
    assert "儿童保健和随访" not in clerk
    assert "数据和预警" in clerk
    assert "按最新数据重新计算" in clerk


def test_whoever_works_with_children_finds_no_pages_of_figures_in_the_navigation(make_person, browser_of):
    page = words(browser_of(doctor(make_person)))
    navigation = page[page.index('class="main-nav"') : page.index("</nav>")]
    assert "儿童档案" in navigation
    assert "全县概览" in navigation
    assert "目标责任" not in navigation
    assert "统计报表" in words(browser_of(make_person("health", Role.LIAISON)))


def part_of(who, label: str) -> parts.WaitingPart | None:
    return next((p for p in parts.waiting(Reach(who)) if p.label == label), None)


def test_a_keeper_finds_what_expires_what_is_not_confirmed_and_which_minimums_are_not_met(make_person, browser_of):
    number, keeper = a_nursery(make_person), make_person("health", Role.LIAISON)
    part = part_of(keeper, "登记册")
    assert part is not None
    assert part.idle
    today = timezone.localdate()
    given = {
        "name": "演示社区托育点",
        "kind": "community",
        "credit_code": "",
        "infants": 3,
        "toddlers": 0,
        "seniors": 0,
    }
    other = registers.enter(Reach(keeper), "nurseries", registers.EntryGiven(GOOD | given))
    rows = RegisterEntry.objects.order_by("pk")
    rows.filter(pk=number).update(expires_date=today - timedelta(days=4), confirmed_year=today.year - 1)
    rows.filter(pk=other).update(expires_date=today + timedelta(days=60))
    registers.work_out_minimums()
    part = part_of(keeper, "登记册")
    assert part is not None
    hers = [r.kind.id for r in registers.registers(Reach(keeper)) if r.mine]
    missing = {id_: sum(v.verdict.short > 0 for v in registers.register_missing(Reach(keeper), id_)) for id_ in hers}
    short = missing["nurseries"]
    assert short >= 2
    assert (part.waits, part.late) == (str(2 + sum(missing.values())), "1")
    first, second, *rest = part.lines
    third = next(x for x in rest if "托育" in x.text)
    assert (first.text, first.due, first.tone) == ("演示托育园", "证照过期 4 天", "bad")
    assert (second.text, second.due) == ("演示社区托育点", "证照还有 60 天到期")
    assert third.more == f"最低要求 {short} 处没有达到，今年没有确认 1 条"
    browser = browser_of(keeper)
    page = words(browser)
    for line in part.lines:
        assert f'href="{line.address}"' in page
        assert browser.get(line.address).status_code == 200
    rows.filter(pk=other).update(expires_date=today + timedelta(days=61))
    assert "演示社区托育点" not in words(browser)


def test_who_keeps_a_register_is_told_on_the_days_before_a_licence_ends_and_the_day_after(make_person):
    number, keeper = a_nursery(make_person), make_person("health", Role.LIAISON)
    other, today = make_person("education", Role.LIAISON), timezone.localdate()
    told = {}
    for left in (61, 60, 59, 31, 30, 29, 1, 0, -1, -2):
        RegisterEntry.objects.filter(pk=number).update(expires_date=today + timedelta(days=left))
        telling.tell_expiring(today)
        assert telling.tell_expiring(today) == 0, "once"
        told[left] = sorted(n.subject for n in notices.inbox(keeper))
        Notification.objects.all().delete()
    assert {left for left, said in told.items() if said} == {60, 30, -1}
    assert told[30] == ["托育机构和社区站点登记册：演示托育园的证照或有效期还有 30 天到期"]
    assert told[-1] == ["托育机构和社区站点登记册：演示托育园的证照或有效期已经到期"]
    RegisterEntry.objects.filter(pk=number).update(expires_date=today + timedelta(days=30))
    telling.tell_expiring(today)
    assert notices.inbox(other) == []
    RegisterEntry.objects.filter(pk=number).update(state="closed")
    Notification.objects.all().delete()
    assert telling.tell_expiring(today) == 0, "what was cancelled is not told"


def test_what_waits_in_registers_is_told_to_who_keeps_them_and_to_nobody_else(make_person, browser_of):
    number = a_nursery(make_person)
    RegisterEntry.objects.filter(pk=number).update(expires_date=timezone.localdate())
    assert "演示托育园" in words(browser_of(make_person("health", Role.LIAISON)))
    for unit, role in (("education", Role.LIAISON), ("statistics", Role.STATISTICS)):
        assert "演示托育园" not in words(browser_of(make_person(unit, role))), unit
    assert part_of(make_person("statistics", Role.STATISTICS), "登记册") is None


def test_an_inspector_finds_her_visits_and_what_her_unit_ordered_and_nobody_put_right(make_person, browser_of):
    one, two = two_inspectors(make_person)
    unit, today = Organisation.objects.get(pk="education"), timezone.localdate()
    visit = an_inspection(unit, one)
    visit.planned_date = today - timedelta(days=2)
    visit.save()
    visit.inspectors.create(person=one)
    ordered = an_inspection(unit, one, state="ordered")
    ordered.place = "演示第二学校"
    ordered.save()
    finding = InspectionFinding.objects.create(
        inspection=ordered, key="blocked", label="堵塞的出口", severity="immediate",
        due_at=timezone.now() - timedelta(days=3),
    )  # fmt: skip
    hers, other = part_of(one, "督导检查"), part_of(two, "督导检查")
    assert hers is not None
    assert other is not None
    assert (hers.waits, hers.late) == ("2", "2")
    assert [(x.text, x.due) for x in hers.lines] == [
        ("演示第二学校 堵塞的出口", "逾期 3 天"),
        ("演示学校", "逾期 2 天"),
    ]
    assert [x.text for x in other.lines] == ["演示第二学校 堵塞的出口"]
    browser = browser_of(one)
    assert "演示第二学校" in words(browser)
    assert browser.get(hers.lines[0].address).status_code == 200
    InspectionFinding.objects.filter(pk=finding.pk).update(due_at=timezone.now() + timedelta(days=1))
    Inspection.objects.filter(pk=visit.pk).update(state="cancelled")
    hers = part_of(one, "督导检查")
    assert hers is not None
    assert hers.idle


def test_a_record_that_was_handed_in_waits_for_the_other_inspector(make_person):
    one, two = two_inspectors(make_person)
    visit = an_inspection(Organisation.objects.get(pk="education"), one, state="recorded")
    visit.concluded_by, visit.concluded_at = one, timezone.now()
    visit.save()
    for person in (one, two):
        visit.inspectors.create(person=person)
    found = [p.waits if (p := part_of(who, "督导检查")) is not None else None for who in (one, two)]
    assert found == ["0", "1"]
    assert part_of(doctor(make_person), "督导检查") is None


def test_it_is_a_page_of_few_questions_to_the_database(make_person, browser_of):
    browser = browser_of(doctor(make_person))
    browser.get(reverse("today"))
    with CaptureQueriesContext(connection) as asked:
        browser.get(reverse("today"))
    assert len(asked) <= MOST_QUERIES
