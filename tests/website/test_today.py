"""The page of what waits today: each person's own work, what is late, what is new; nothing of anybody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from qingmiao.site.apps.notices import api as notices
from qingmiao.site.apps.tasks.models import Task
from website.acted import a_task
from website.filed import a_child, doctor
from website.measured import a_run
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


def test_it_is_a_page_of_few_questions_to_the_database(make_person, browser_of):
    browser = browser_of(doctor(make_person))
    browser.get(reverse("today"))
    with CaptureQueriesContext(connection) as asked:
        browser.get(reverse("today"))
    assert len(asked) <= MOST_QUERIES
