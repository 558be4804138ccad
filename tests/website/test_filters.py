"""One form above every list: words, unit and field narrow it, the year and the tab stay, what is not offered is
none."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.content.of_field import of_field
from qingmiao.content.pack import Pack
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.acting.models import Activity, Fund, Project
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.apps.returns.models import Filing
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.apps.tasks.models import Task
from qingmiao.site.narrowing import Narrowed
from website.inspected import an_inspection
from website.measured import a_run
from website.role_ids import Role
from website.surveyed import a_survey

pytestmark = pytest.mark.django_db
LISTS = (
    "/returns/", "/returns/calendar", "/tasks/", "/warnings/", "/indicators/", "/plan/", "/surveys/", "/inspections/",
    "/reports/", "/duties/work_plan/", "/duties/funds", "/duties/projects",
)  # fmt: skip


@pytest.fixture
def office(make_person: Callable[..., Any]) -> Any:
    return make_person("committee_office", Role.COMMITTEE_OFFICE)


def _a_task(office: Any, unit: str, title: str, element: str = "") -> Task:
    due = timezone.localdate() + timedelta(days=20)
    where = Organisation.objects.get(pk=unit)
    return Task.objects.get(pk=acting.open_task(Reach(office), unit=where, due_date=due, title=title, element=element))


def test_every_list_has_the_one_form_and_keeps_year_and_words(office: Any, browser_of: Any, directory: None) -> None:
    a_run()
    returns.open_collections(audit.SYSTEM, 2024, {"H101": date(2025, 1, 30)})
    browser = browser_of(office)
    for address in LISTS:
        page = browser.get(address, {"year": "2024", "q": "没有这样的东西"})
        text = page.content.decode()
        assert page.status_code == 200, address
        form = re.search(r'<form class="filters" method="get" role="search".*?</form>', text, re.DOTALL)
        assert form, address
        assert 'value="没有这样的东西"' in form[0], address
        assert 'name="year" value="2024"' in form[0], address
        assert "没有这样的东西" in re.findall(r'<form class="actions year".*?</form>', text, re.DOTALL)[0], address
    admin = browser_of(office)
    assert admin.get("/people/").status_code == 404


def test_words_unit_and_field_narrow_tasks(office: Any, browser_of: Any, pack: Pack) -> None:
    field = next(f for f in pack.fields if any(g.targets for g in f.goals))
    other = next(f for f in pack.fields if f.id != field.id)
    goal = next(g for g in field.goals)
    provable = set(acting.provable(pack))
    element = goal.id if goal.id in provable else ""
    one = _a_task(office, "health", "补查漏查的孕产妇", element)
    two = _a_task(office, "education", "补装教室的灯")

    def listed(**asked: str) -> list[int]:
        page = browser_of(office).get("/tasks/", asked)
        return sorted(r.id for r in page.context["rows"])

    assert listed() == sorted([one.pk, two.pk])
    assert listed(q="教室") == [two.pk]
    assert listed(q="教室 孕产妇") == []  # every word must be there
    assert listed(q=Organisation.objects.get(pk="health").label) == [one.pk]
    assert listed(unit="health") == [one.pk]
    assert listed(unit="no such unit") == sorted([one.pk, two.pk])
    assert listed(q="%") == []
    Task.objects.filter(pk=one.pk).update(element=goal.id)
    assert listed(field=field.id) == [one.pk]
    assert listed(field=other.id) == []
    text = browser_of(office).get("/tasks/", {"q": "教室", "queue": "unit", "state": "all"}).content.decode()
    form = re.search(r'<form class="filters".*?</form>', text, re.DOTALL)
    assert form
    assert 'name="queue" value="unit"' in form[0]
    assert 'name="state" value="all"' in form[0]


def test_a_field_holds_the_returns_that_its_indicators_read(pack: Pack) -> None:
    parts = {f.id: of_field(pack, f.id) for f in pack.fields}
    assert set().union(*(p.elements for p in parts.values())) >= set(pack.goals)
    reading = {r for p in parts.values() for r in p.returns}
    assert reading
    assert reading <= set(pack.returns)
    for p in parts.values():
        direct = {s.removeprefix("return:") for i in p.indicators for s in pack.indicators[i].sources if "return:" in s}
        assert direct <= p.returns
    assert of_field(pack, "no such field").elements == frozenset()


def test_returns_by_words_of_form_area_and_unit(office: Any, pack: Pack) -> None:
    returns.open_collections(audit.SYSTEM, 2024, {"H101": date(2025, 1, 30), "W301": date(2025, 1, 30)})
    area = Filing.objects.filter(return_id="W301").order_by("area")[0].area_id

    def listed(**asked: str) -> set[tuple[str, str]]:
        shown = returns.year_view(Reach(office), 2024, on=date(2025, 1, 1), narrowed=Narrowed(**asked))
        return {(f.return_id, f.area_id) for one in shown.returns for f in one.filings}

    assert len(listed()) == 11
    assert listed(text=pack.returns["H101"].label.zh) == {("H101", "141029")}
    assert listed(text=pack.areas[area].name) == {("W301", area)}
    assert {f for f, _ in listed(unit="civil_affairs")} == {"W301"}
    field = next(f.id for f in pack.fields if "H101" in of_field(pack, f.id).returns)
    assert ("H101", "141029") in listed(field=field)
    without = next(f.id for f in pack.fields if "H101" not in of_field(pack, f.id).returns)
    assert ("H101", "141029") not in listed(field=without)


def test_the_lists_of_money_documents_surveys_and_visits(office: Any, make_person: Any, browser_of: Any) -> None:
    health = Organisation.objects.get(pk="health")
    education = Organisation.objects.get(pk="education")
    for unit, item in ((health, "疫苗冷链"), (education, "校园照明")):
        Fund.objects.create(year=2024, unit=unit, item=item, source="budget", budget=3)
        Project.objects.create(year=2024, unit=unit, title=f"{item}改造", due_date=date(2024, 11, 30))
        Activity.objects.create(
            kind="work_plan", year=2024, on_date=date(2024, 1, 20), unit=unit, title=f"{item}计划", text="全年工作安排。",
            made_by=office, made_at=timezone.now(), state="draft",
        )  # fmt: skip
    visit = an_inspection(health, office)
    visit.save()
    survey = a_survey(make_person)
    browser = browser_of(office)

    def shown(address: str, name: str, **asked: str) -> int:
        context = browser.get(address, {"year": "2024", **asked}).context
        return len(context[name] if name in context else context["found"].rows)

    for address in ("/duties/funds", "/duties/projects", "/duties/work_plan/"):
        assert shown(address, "rows") == 2, address
        assert shown(address, "rows", q="冷链") == 1, address
        assert shown(address, "rows", unit="education") == 1, address
        assert shown(address, "rows", q="冷链", unit="education") == 0, address
    assert [len(browser.get("/inspections/", {"q": q}).context["rows"]) for q in (visit.place, "没有")] == [1, 0]
    assert [len(browser.get("/surveys/", {"q": q}).context["surveys"]) for q in (survey.title, "没有")] == [1, 0]


@pytest.mark.parametrize("address", ["/surveys/", "/inspections/", "/reports/", "/tasks/"])
def test_a_mark_that_no_page_gave_is_not_found(address: str, office: Any, browser_of: Any) -> None:
    assert browser_of(office).get(address, {"after": "x"}).status_code == 404


def test_the_wall_warnings_and_indicators(office: Any, browser_of: Any, pack: Pack) -> None:
    run = a_run()
    browser = browser_of(office)
    indicator = next(i for i in pack.indicators.values() if i.implements)
    found = browser.get("/indicators/", {"q": indicator.label.zh}).content.decode()
    assert indicator.label.zh in found
    field = next(f for f in pack.fields if indicator.id in of_field(pack, f.id).indicators)
    away = next(f for f in pack.fields if indicator.id not in of_field(pack, f.id).indicators)
    link = f'href="/indicators/{indicator.id}?'
    assert link in browser.get("/indicators/", {"field": field.id}).content.decode()
    assert link not in browser.get("/indicators/", {"field": away.id}).content.decode()
    goal = next(g for g in pack.goals.values())
    wall = browser.get("/plan/", {"q": goal.text[:8]}).content.decode()
    assert f'href="/plan/goals/{goal.id}?' in wall
    assert "没有符合条件的目标" in browser.get("/plan/", {"q": "没有这样的目标"}).content.decode()
    assert run is not None
    assert tasks.OFFICE
