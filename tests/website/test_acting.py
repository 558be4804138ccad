"""From a warning to the verified end of its task; plans, reports, checks, money; each write by the right person,
once."""

from __future__ import annotations

import re
import shutil
import threading
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api, money
from qingmiao.site.apps.acting.models import Activity, Aim, Fund, Project, Responsibility
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.inspections.models import Inspection
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.apps.tasks.models import Task
from website.acted import PDF, a_plan, a_task, some_evidence
from website.filed import held_anywhere
from website.measured import a_run
from website.role_ids import Role

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
CAUSE, MEASURE = "两个乡镇的冷链停用了三周，漏种没有补上", "九月底前逐户通知补种，每周通报一次进度"


@pytest.fixture
def office(make_person):
    return make_person("committee_office", Role.COMMITTEE_OFFICE)


@pytest.fixture
def liaison(make_person):
    return make_person("health", Role.LIAISON)


def fresh(task: Task) -> Task:
    return Task.objects.get(pk=task.pk)


def test_a_warning_becomes_a_task_is_answered_verified_and_its_effect_measured(office, liaison, browser_of):
    a_run()
    warning = next(w for w in monitoring.warnings() if w.indicator == "health.imr")
    there, here = browser_of(office), browser_of(liaison)
    page = there.get(f"/warnings/{warning.number}").content.decode()
    assert f"/tasks/new?warning={warning.number}" in page
    due = (timezone.localdate() + timedelta(days=14)).isoformat()
    where = there.post(
        "/tasks/new",
        {"warning": warning.number, "unit": "health", "title": "查明婴儿死亡率偏高的原因", "due": due},
    ).url
    task = Task.objects.get(pk=int(where.split("/")[-1]))
    aim = Aim.objects.get(task=task)
    assert (aim.value_before, aim.year_before) == (5.4, 2023)
    assert here.post(where, {"do": "evidence", "file": SimpleUploadedFile("核查.pdf", PDF)}).status_code == 302
    assert (
        here.post(where, {"do": "answer", "version": 1, "cause": CAUSE, "countermeasure": MEASURE}).status_code == 302
    )
    assert there.post(where, {"do": "close", "version": 2}).status_code == 302
    assert fresh(task).state == "closed"
    effect = api.effect(task.pk)
    assert effect is not None
    assert effect.after[0] == (2023, "5.4", "0.0")
    actions = list(
        Event.objects.filter(object_type="task", object_id=str(task.pk)).order_by("pk").values_list("action", flat=True)
    )
    assert actions == ["task.open", "task.evidence", "task.answer", "task.close"]


def test_one_warning_has_one_open_task(office, browser_of):
    a_run()
    warning = monitoring.warnings()[0]
    unit = Organisation.objects.get(pk="health")
    due = timezone.localdate() + timedelta(days=5)
    api.open_task(office, unit=unit, due_date=due, title="第一个任务", warning=warning.number)
    with pytest.raises(api.ConflictError):
        api.open_task(office, unit=unit, due_date=due, title="第二个任务", warning=warning.number)


@pytest.mark.parametrize(("cause", "measure"), [("", MEASURE), (CAUSE, ""), ("核实无误", MEASURE), (CAUSE, "马上改")])
def test_an_answer_says_why_and_what_is_done(make_person, liaison, cause, measure):
    task = a_task(make_person)
    with pytest.raises(UserError, match="写清楚"):
        tasks.answer(liaison, task, version=1, cause=cause, countermeasure=measure)
    assert fresh(task).state == "open"


def test_only_the_unit_itself_answers_and_only_the_office_verifies(make_person, liaison, browser_of):
    task = a_task(make_person)
    where = f"/tasks/{task.pk}"
    said = {"do": "answer", "version": 1, "cause": CAUSE, "countermeasure": MEASURE}
    assert browser_of(make_person("statistics", Role.STATISTICS)).post(where, said).status_code == 404
    assert browser_of(make_person("committee_office", Role.COMMITTEE_OFFICE)).post(where, said).status_code == 404
    assert browser_of(make_person("education", Role.LIAISON)).post(where, said).status_code == 404
    assert browser_of(liaison).post(where, said).status_code == 302
    assert browser_of(liaison).post(where, {"do": "close", "version": 2}).status_code == 404


def test_whoever_answered_does_not_verify(make_person, liaison):
    task = a_task(make_person)
    tasks.answer(liaison, task, version=1, cause=CAUSE, countermeasure=MEASURE)
    with pytest.raises(AbsentError):  # a liaison verifies nothing
        tasks.close(liaison, fresh(task), version=2)
    held_anywhere()
    directory.grant(audit.SYSTEM, liaison, Role.COMMITTEE_OFFICE, on=date(2024, 1, 1))
    with pytest.raises(UserError, match="核实自己"):
        tasks.close(liaison, fresh(task), version=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(closed_by=liaison)


def test_sent_back_and_reopened_with_a_reason(make_person, office, liaison):
    task = a_task(make_person)
    tasks.answer(liaison, task, version=1, cause=CAUSE, countermeasure=MEASURE)
    with pytest.raises(UserError):
        tasks.give_back(office, fresh(task), "return", version=2, reason="不行")
    tasks.give_back(office, fresh(task), "return", version=2, reason="没有写哪两个乡镇")
    assert (fresh(task).state, fresh(task).note) == ("open", "没有写哪两个乡镇")
    tasks.answer(liaison, fresh(task), version=3, cause=CAUSE, countermeasure=MEASURE)
    tasks.close(office, fresh(task), version=4)
    tasks.give_back(office, fresh(task), "reopen", version=5, reason="次年数值又下降了")
    assert (fresh(task).state, fresh(task).reopened, fresh(task).closed_by) == ("open", 1, None)


def test_overdue_tasks_go_up_step_by_step(make_person):
    task = a_task(make_person)
    zone = ZoneInfo("Asia/Shanghai")

    def at(days: int) -> datetime:
        day = timezone.localdate(task.due_at) + timedelta(days=days)
        return datetime(day.year, day.month, day.day, 8, 0, tzinfo=zone)

    assert tasks.escalate(now=at(0)) == 0
    assert (tasks.escalate(now=at(1)), fresh(task).went_up_to) == (1, ["leader"])
    assert (tasks.escalate(now=at(7)), fresh(task).went_up_to) == (0, ["leader"])
    assert (tasks.escalate(now=at(8)), fresh(task).went_up_to) == (1, ["leader", "committee_office"])
    assert tasks.escalate(now=at(30)) == 0
    assert Event.objects.filter(action="task.escalate").count() == 2


def test_what_waits_is_on_the_first_page_of_those_it_went_up_to(make_person, office, liaison, browser_of):
    task = a_task(make_person)
    leader, other = make_person("health", Role.LEADER), make_person("education", Role.LEADER)
    Task.objects.filter(pk=task.pk).update(due_at=timezone.now() - timedelta(days=9))
    tasks.escalate(now=timezone.now())
    first = {
        p: " ".join(browser_of(p).get("/returns/").content.decode().split()) for p in (office, liaison, leader, other)
    }  # fmt: skip
    assert all("/tasks/?state=late" in first[p] for p in (office, liaison, leader))
    assert "已升级给分管领导 1" in first[leader]
    assert "已升级到妇儿工委办 1" in first[office]
    assert "/tasks/?state=late" not in first[other]


@pytest.mark.django_db(transaction=True)
def test_of_many_answers_at_once_one_counts(make_person):
    task, liaison = a_task(make_person), make_person("health", Role.LIAISON)
    results: list[str] = []

    def work() -> None:
        try:
            tasks.answer(liaison, task, version=1, cause=CAUSE, countermeasure=MEASURE)
            results.append("won")
        except api.ConflictError as e:
            results.append(str(e))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results.count("won") == 1
    assert all("待核实" in r and liaison.name in r for r in results if r != "won")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.exe", b"MZ"),
        ("x.pdf", b"MZ not a pdf"),
        ("x", b"MZ"),
        ("x.html", b"<script>"),
        ("x.pdf", PDF + bytes(files.EVIDENCE.most)),
    ],
)
def test_evidence_of_other_kinds_or_too_large_is_refused(make_person, liaison, name, content):
    task = a_task(make_person)
    with pytest.raises(UserError):
        tasks.add_evidence(liaison, SimpleUploadedFile(name, content), task=task)
    assert task.evidence.count() == 0


def test_evidence_is_given_out_as_it_was_and_its_sight_is_audited(make_person, office, browser_of):
    found = some_evidence(make_person, a_task(make_person))
    got = browser_of(office).get(f"/evidence/{found.pk}")
    assert b"".join(got.streaming_content) == PDF
    assert "attachment" in got["Content-Disposition"]
    assert Event.objects.filter(action="task.evidence.see").count() == 1


def test_a_units_plan_is_signed_by_its_leader_and_reviewed_by_the_office(make_person, office, browser_of):
    plan = a_plan(make_person)
    where = f"/duties/work_plan/{plan.pk}"
    leader = make_person("health", Role.LEADER)
    assert browser_of(make_person("health", Role.LIAISON)).post(where, {"do": "sign", "version": 1}).status_code == 404
    assert browser_of(office).post(where, {"do": "review", "version": 1}).status_code == 400
    assert browser_of(leader).post(where, {"do": "sign", "version": 1}).status_code == 302
    assert browser_of(office).post(where, {"do": "review", "version": 2, "opinion": "按计划落实"}).status_code == 302
    plan.refresh_from_db()
    assert (plan.state, plan.signed_by, plan.reviewed_by) == ("reviewed", leader, office)


def test_a_check_has_a_score_and_its_demands_become_a_task(make_person, office, browser_of):
    client = browser_of(office)
    made = client.post(
        "/duties/supervision/",
        {
            "year": 2024,
            "title": "上半年督导",
            "on_date": "2024-06-12",
            "unit": "health",
            "text": "台账不全，一个月内补齐。",
            "score": "91.5",
        },
    )
    check = Activity.objects.get(pk=int(made.url.split("/")[-1]))
    assert (check.score, check.state) == (Decimal("91.5"), "reviewed")
    due = (timezone.localdate() + timedelta(days=30)).isoformat()
    client.post("/tasks/new", {"activity": check.pk, "unit": "health", "title": "补齐接种台账", "due": due})
    assert len(api.tasks_of_document(Reach(office), check.pk)) == 1


@pytest.mark.parametrize(
    "bad", [{"score": "101"}, {"score": "x"}, {"on_date": "12/06/2024"}, {"unit": "nobody"}, {"text": "短"}]
)
def test_bad_input_says_what_is_wrong_and_keeps_what_was_typed(office, browser_of, bad):
    given = {
        "year": 2024,
        "title": "上半年督导",
        "on_date": "2024-06-12",
        "unit": "health",
        "text": "台账不全，一个月内补齐。",
        "score": "90",
    } | bad
    got = browser_of(office).post("/duties/supervision/", given)
    assert got.status_code == 400
    assert "上半年督导" in got.content.decode()
    assert Activity.objects.count() == 0


def test_departments_record_only_for_themselves(liaison, browser_of):
    given = {
        "year": 2024,
        "title": "培训",
        "on_date": "2024-06-12",
        "unit": "education",
        "text": "监测指标口径培训一天。",
        "training": "monitoring",
    }
    assert browser_of(liaison).post("/duties/training/", given).status_code == 400
    assert browser_of(liaison).post("/duties/training/", given | {"unit": "health"}).status_code == 302
    assert browser_of(liaison).post("/duties/meeting/", given | {"unit": "health"}).status_code == 404


def test_goals_and_measures_get_their_units_and_the_office_confirms(office, browser_of):
    pack = monitoring.pack()
    client = browser_of(office)
    client.post("/duties/responsibility", {"year": 2024, "do": "propose"})
    proposed = Responsibility.objects.filter(year=2024, leads=True).count()
    assert proposed == len([x for x in (*pack.goals, *pack.measures) if pack.lead_of(x, 2024)]) > 60
    (before,) = Responsibility.objects.filter(of="health.g6", year=2024, leads=True)
    page = client.get("/duties/responsibility?year=2024&edit=health.g6").content.decode()
    assert f'name="lead" value="{before.pk}"' in page
    seen = {"lead": before.pk, "version": before.version}
    said = {"year": 2024, "of": "health.g6", "unit": "education", "document": "乡妇儿工委〔2024〕1号"}
    assert client.post("/duties/responsibility", said | seen).status_code == 302
    (lead,) = Responsibility.objects.filter(of="health.g6", year=2024, leads=True)
    assert (lead.unit_id, lead.confirmed_by, lead.document) == ("education", office, "乡妇儿工委〔2024〕1号")
    assert not Responsibility.objects.filter(pk=before.pk).exists()
    told = Event.objects.filter(object_id="health.g6/2024").order_by("pk").values_list("action", flat=True)
    assert list(told) == ["acting.responsibility.hand_over", "acting.responsibility.assign"]
    for stale in (seen, {}, {"lead": lead.pk, "version": lead.version + 1}):  # decided on what is no more
        got = client.post("/duties/responsibility", said | stale | {"unit": "statistics"})
        assert (got.status_code, office.name in got.content.decode()) == (409, True)
    assert Responsibility.objects.get(of="health.g6", year=2024, leads=True).unit_id == "education"


def test_an_office_of_another_county_divides_nothing_here(office, make_person, browser_of):
    """Of a city's two counties each office confirms its own units' goals, and gives them to no unit of the other."""
    there = make_person("other.committee_office", Role.COMMITTEE_OFFICE)
    api.propose(office, monitoring.pack(), year=2024)
    goal = Responsibility.objects.filter(year=2024, unit="health", leads=True).order_by("of")[0].of
    for unit in ("health", "education", "other.health"):
        with pytest.raises(AbsentError):
            api.assign(there, of=goal, year=2024, unit=unit, document="")
    with pytest.raises(AbsentError):
        api.assign(office, of=goal, year=2024, unit="other.health", document="")
    with pytest.raises(AbsentError):
        api.confirm(there, year=2024, unit="health", document="")
    with pytest.raises(AbsentError):
        api.propose(there, monitoring.pack(), year=2025)
    post = {"year": 2024, "of": goal, "unit": "other.health", "lead": 0, "version": 0}
    assert browser_of(there).post("/duties/responsibility", post).status_code == 404
    assert not Responsibility.objects.filter(year=2024, state="confirmed").exists()


def test_money_is_compared_before_it_is_set_and_never_spent_beyond_what_was_allocated(office, liaison):
    said = {"year": 2024, "unit": "health", "item": "监测评估经费", "source": "budget"}
    number = api.add_fund(liaison, **said, budget=Decimal(12))
    with pytest.raises(UserError, match="支出"):
        api.put_fund(office, number, version=1, budget=Decimal(12), allocated=Decimal(5), spent=Decimal(6))
    with pytest.raises(UserError, match="负数"):
        api.put_fund(office, number, version=1, budget=Decimal(-1), allocated=Decimal(5), spent=Decimal(4))
    api.put_fund(office, number, version=1, budget=Decimal(12), allocated=Decimal(5), spent=Decimal(4))
    with pytest.raises(api.ConflictError, match=office.name):
        api.put_fund(liaison, number, version=1, budget=Decimal(12), allocated=Decimal(5), spent=Decimal(4))
    with pytest.raises(api.ConflictError, match="这项经费"):
        api.add_fund(office, **said, budget=Decimal(1))
    (row,), _ = api.funds(Reach(office), 2024)
    assert (row.budget, row.allocated, row.spent, row.version) == (12, 5, 4, 2)
    told = Event.objects.filter(object_type="fund", object_id=str(number)).order_by("pk")
    assert [e.action for e in told] == ["acting.fund.add", "acting.fund.put"]


@pytest.mark.parametrize(("where", "mark", "unknown"), [("funds", "from", 200), ("projects", "after", 404)])
def test_funds_and_projects_come_page_by_page(where, mark, unknown, office, liaison, browser_of, monkeypatch):
    for n in range(5):
        api.add_fund(liaison, year=2024, unit="health", item=f"第{n}件实事", source="budget", budget=Decimal(n + 1))
        due = date(2024, 12, 1 + n % 2)
        api.add_project(office, year=2024, unit="health", title=f"第{n}件实事", goal="", due=due)
    monkeypatch.setitem(getattr(money, where).__kwdefaults__, "size", 2)
    browser, seen, query = browser_of(office), [], "?year=2024"
    while query:
        page = browser.get(f"/duties/{where}{query}").content.decode()
        seen += re.findall(r"<td[^>]*>(第\d件实事)</td>", page)
        assert where == "projects" or "15.00" in page, "the total is of all pages"
        found = re.search(rf'class="button" href="(\?[^"]*{mark}=[^"]+)"', page)
        query = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 5
    assert browser.get(f"/duties/{where}", {"year": 2024, mark: "x"}).status_code == unknown


def test_a_project_is_finished_at_a_hundred_per_cent(office, liaison):
    number = api.add_project(
        office, year=2024, unit="health", title="新生儿疾病免费筛查", goal="", due=timezone.localdate()
    )
    api.put_project(liaison, number, version=1, percent=100, progress="")
    assert Project.objects.get().finished_date == timezone.localdate()
    with pytest.raises(UserError):
        api.put_project(office, number, version=2, percent=101, progress="")


def test_money_of_others_is_not_to_be_written_and_only_the_office_promises(make_person, office, liaison, browser_of):
    number = api.add_fund(liaison, year=2024, unit="health", item="监测评估经费", source="budget", budget=Decimal(1))
    amounts = {"budget": "1", "allocated": "1", "spent": "1"}
    due = timezone.localdate().isoformat()
    project = {"year": 2024, "unit": "health", "title": "新生儿疾病免费筛查", "due": due}
    for who in (make_person("education", Role.LIAISON), make_person("statistics", Role.STATISTICS)):
        browser = browser_of(who)
        assert browser.post("/duties/funds", amounts | {"fund": number, "version": 1}).status_code == 404
        new = amounts | {"unit": "health", "item": "别的经费", "source": "budget"}
        assert browser.post("/duties/funds", new).status_code == 404
    own = browser_of(liaison)
    assert own.post("/duties/projects", project).status_code == 404
    assert browser_of(office).post("/duties/projects", project).status_code == 302
    assert own.post("/duties/funds", amounts | {"fund": number, "version": 1}).status_code == 302
    assert own.post("/duties/funds", amounts | {"fund": number, "version": 1}).status_code == 409
    assert own.post("/duties/funds", amounts | {"fund": 10**8, "version": 1}).status_code == 404
    page = own.get("/duties/funds?year=2024").content.decode()
    assert "监测评估经费" in page
    assert "新生儿疾病免费筛查" in own.get("/duties/projects?year=2024").content.decode()


def test_a_task_leaves_its_mark_on_the_series_of_its_indicator(office, browser_of):
    a_run()
    warning = next(w for w in monitoring.warnings() if w.indicator == "health.imr")
    client = browser_of(office)
    assert not re.search(r"/tasks/\d", client.get("/indicators/health.imr").content.decode())
    unit, due = Organisation.objects.get(pk="health"), timezone.localdate() + timedelta(days=5)
    task = Task.objects.get(pk=api.open_task(office, unit=unit, due_date=due, title="查明原因", warning=warning.number))
    (mark,) = api.marks("health.imr", monitoring.current().root)
    assert (mark.task, mark.year, mark.before, mark.opened) == (task.pk, 2023, "5.4", timezone.localdate())
    page = client.get("/indicators/health.imr").content.decode()
    assert f"/tasks/{task.pk}" in page
    assert '"marks": [{"year": 2023' in page
    tasks.give_back(office, task, "withdraw", version=1, reason="重复下达了")
    assert api.marks("health.imr", monitoring.current().root) == ()


def test_the_effect_is_what_came_after_and_says_whether_it_is_better(make_person, office):
    a_run()
    task = a_task(make_person)
    known = monitoring.current().series("health.imr", monitoring.current().root).known
    before, last = known[-2], known[-1]
    Aim.objects.create(task=task, indicator="health.imr", year_before=before.year, value_before=before.value)
    effect = api.effect(task.pk)
    assert [y for y, _, _ in effect.after] == [before.year, last.year]
    assert effect.after[0][2] == "0.0"
    assert effect.better == (last.value < before.value)  # an infant mortality that falls is better


def test_each_decision_of_a_meeting_becomes_one_task(office, browser_of):
    client = browser_of(office)
    given = {
        "year": 2024,
        "title": "全体会议",
        "on_date": "2024-03-18",
        "unit": "committee_office",
        "text": "听取监测情况，研究短板。",
    }
    made = client.post(
        "/duties/meeting/",
        given | {"meeting": "plenary", "attended": "36", "decisions": "报送整改措施\n\n按季度通报报送情况"},
    )
    meeting = Activity.objects.get(pk=int(made.url.split("/")[-1]))
    assert meeting.decided == ("报送整改措施", "按季度通报报送情况")
    where = f"/tasks/new?activity={meeting.pk}&decision=2"
    assert where.replace("&", "&amp;") in client.get(made.url).content.decode()
    assert 'value="按季度通报报送情况"' in client.get(where).content.decode()
    due = (timezone.localdate() + timedelta(days=30)).isoformat()
    task = {
        "activity": meeting.pk,
        "decision": 2,
        "unit": "health",
        "title": "按季度通报报送情况",
        "due": due,
    }
    assert client.post("/tasks/new", task).status_code == 302
    again = client.post("/tasks/new", task)
    assert (again.status_code, "已经转为任务" in again.content.decode()) == (409, True)
    assert client.post("/tasks/new", task | {"decision": 3}).status_code == 400
    assert list(api.carried(meeting.pk)) == [2]
    assert where.replace("&", "&amp;") not in client.get(made.url).content.decode()


def test_a_document_that_came_back_is_rewritten_by_its_unit_only(make_person, office, liaison, browser_of):
    plan = a_plan(make_person)
    where, leader = f"/duties/work_plan/{plan.pk}", make_person("health", Role.LEADER)
    api.move_activity(leader, plan, "sign", version=1)
    new = {"do": "rewrite", "title": "年度计划", "text": "增加三项措施，写明责任科室和时间。"}
    assert browser_of(liaison).post(where, new | {"version": 2}).status_code == 400  # signed: not any more
    api.move_activity(office, plan, "return", version=2, opinion="没有写责任科室")
    assert browser_of(office).post(where, new | {"version": 3}).status_code == 404
    assert browser_of(liaison).post(where, new | {"version": 2}).status_code == 409
    assert browser_of(liaison).post(where, new | {"version": 3}).status_code == 302
    plan.refresh_from_db()
    assert (plan.text, plan.version, plan.state) == (new["text"], 4, "draft")


def test_a_units_proposals_are_confirmed_at_once_and_lead_what_they_lead(office, browser_of):
    pack, client = monitoring.pack(), browser_of(office)
    api.propose(office, pack, year=2024)
    waiting = Responsibility.objects.filter(year=2024, unit="health", leads=True).count()
    goal = Responsibility.objects.filter(year=2024, unit="health", leads=True).first().of
    assert (waiting > 1, api.lead_of(goal, 2024)) == (True, "")
    sent = {"year": 2024, "do": "confirm", "unit": "health", "asked": "health", "document": "演示文号"}
    assert client.post("/duties/responsibility", sent).status_code == 302
    assert Responsibility.objects.filter(year=2024, document="演示文号").count() == waiting
    assert api.lead_of(goal, 2024) == "health"
    assert client.post("/duties/responsibility", sent).status_code == 400


def test_the_unit_that_the_office_confirmed_is_proposed_for_a_task(office, browser_of):
    a_run()
    warning = next(w for w in monitoring.warnings() if w.target)
    goal, year = monitoring.pack().goal_of(warning.target).id, timezone.localdate().year
    api.assign(office, of=goal, year=year, unit="education", document="")
    page = browser_of(office).get(f"/tasks/new?warning={warning.number}").content.decode()
    assert '<option value="education" selected>' in page


def test_at_most_so_many_files_prove_one_answer(make_person, liaison, monkeypatch):
    from qingmiao.site.apps.tasks import policies

    monkeypatch.setattr(policies, "MAX_FILES", 2)
    task = a_task(make_person)
    for i in range(2):
        tasks.add_evidence(liaison, SimpleUploadedFile(f"{i}.pdf", PDF + bytes([i])), task=task)
    with pytest.raises(UserError, match="最多 2 个"):
        tasks.add_evidence(liaison, SimpleUploadedFile("3.pdf", PDF), task=task)


def test_the_history_is_told_in_words_with_names(make_person, office, liaison, browser_of):
    task = a_task(make_person)
    tasks.answer(liaison, task, version=1, cause=CAUSE, countermeasure=MEASURE)
    tasks.give_back(office, fresh(task), "return", version=2, reason="没有写哪两个乡镇")
    page = browser_of(liaison).get(f"/tasks/{task.pk}").content.decode().split("经过", 1)[1]
    assert "acting." not in page
    assert all(x in page for x in ("下达", "报送办理情况", "退回重办", "没有写哪两个乡镇", liaison.name, MEASURE))


def test_the_demonstration_has_something_on_every_page(make_person):
    from qingmiao.site.apps.acting.kinds import kinds
    from qingmiao.site.demo import acting as demo

    a_run()
    pack, on = monitoring.pack(), timezone.localdate()
    make_person("committee_office", Role.COMMITTEE_OFFICE)
    for unit in ("health", "education", "civil_affairs"):
        make_person(unit, Role.LIAISON), make_person(unit, Role.LEADER)
    make_person("education", Role.LIAISON, "second-inspector")
    make_person("committee_office", Role.COMMITTEE_OFFICE, "second-of-the-office")
    for name in ("member-one", "member-two"):
        make_person("committee_office", Role.EVALUATION_MEMBER, name)
    make_person("third_party", Role.THIRD_PARTY_EVALUATOR)
    demo.stage(pack, on=on)
    before = (Task.objects.count(), Activity.objects.count())
    demo.stage(pack, on=on)
    assert (Task.objects.count(), Activity.objects.count()) == before
    assert set(Activity.objects.values_list("kind", flat=True)) == set(kinds())
    assert Fund.objects.count() == 4
    assert Project.objects.count() == 3
    by_checklist: dict[str, set[str]] = {}
    for name, state in Inspection.objects.order_by("pk").values_list("checklist", "state"):
        by_checklist.setdefault(name, set()).add(state)
    assert {"school.classroom_light", "school.meals", "family.school_work"} <= set(by_checklist)
    assert all("planned" in states and len(states) == 2 for states in by_checklist.values())
    assert set().union(*by_checklist.values()) == {"planned", "ordered", "closed"}
    shown = [(Task, "title"), (Activity, "title"), (Fund, "item"), (Project, "title"), (Inspection, "place")]
    named = {text for model, name in shown for text in model.objects.values_list(name, flat=True)}
    assert {text for text in named if "演示" not in text} == set()


def test_every_duty_of_the_plan_stands_on_the_page_with_its_place(office, browser_of):
    pack = monitoring.pack()
    page = " ".join(browser_of(office).get("/duties/?year=2024").content.decode().split())
    assert len(pack.duties) == 41
    assert all(d.quote in page for d in pack.duties.values())
    placed = [d for d in pack.duties.values() if d.kept_in]
    assert page.count('<span class="state plain">不在本系统办理') == len(pack.duties) - len(placed)
    assert all(d.not_yet in page for d in pack.duties.values() if d.not_yet)
    assert all(d.not_yet for d in pack.duties.values() if not d.kept_in)
    from qingmiao.site.apps.acting.kinds import kinds
    from qingmiao.site.web.console.acting.duties import PLACES

    assert {x for d in placed for x in d.kept_in} <= set(kinds()) | set(PLACES)


def test_lists_ask_the_database_few_questions(make_person, office, browser_of, django_assert_max_num_queries):
    for _ in range(12):
        a_task(make_person)
    a_plan(make_person)
    client = browser_of(office)
    for where in ("/tasks/", "/duties/work_plan/?year=2024", "/duties/funds", "/duties/projects"):
        client.get(where)
        with django_assert_max_num_queries(10):
            assert client.get(where).status_code == 200


def test_the_printed_pages_are_not_stale():
    from qingmiao.site.web.console.acting import duties

    folder = Path(__file__).resolve().parents[2] / "docs" / "reference"
    assert (folder / "duties.md").read_text("utf-8") == duties.reference()


def test_a_new_kind_of_document_is_one_file(make_person, browser_of, monkeypatch, tmp_path):
    """Without Python and without a migration: recorded by its roles only, shown with its own words, its lines become
    tasks."""
    from qingmiao.content import load_pack
    from qingmiao.site import pack as the_pack

    folder = tmp_path / "china"
    shutil.copytree(ROOT / "content" / "china", folder)
    (folder / "documents" / "bell_check.yaml").write_text(
        "id: bell_check\nlabel: {zh: 铃声检查, en: Bell checks}\norder: 5\nrecorded_by: [statistics]\n"
        "text: {zh: 听到什么, en: what was heard}\nabout_unit: true\ndecides: true\n",
        "utf-8",
    )
    shutil.copytree(ROOT / "content" / "xiangning", tmp_path / "xiangning")
    own = load_pack(tmp_path / "xiangning")
    monkeypatch.setattr(the_pack, "_loaded", lambda _: own)
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    client = browser_of(make_person("statistics", Role.STATISTICS))
    given = {
        "year": 2024, "title": "第一次检查", "on_date": "2024-06-12", "unit": "health", "text": "铃声很轻，听不清楚。",
        "decisions": "换一个响的铃",
    }  # fmt: skip
    assert "铃声检查" in client.get("/duties/").content.decode()
    assert browser_of(office).post("/duties/bell_check/", given).status_code == 404
    made = client.post("/duties/bell_check/", given)
    page = browser_of(office).get(made.url).content.decode()
    assert all(word in page for word in ("听到什么", "铃声很轻", "换一个响的铃", "转为任务"))
    assert client.post("/duties/no_such_kind/", given).status_code == 404


BELL = """\
id: bell
label: {zh: 铃声检查, en: Bell checks}
recorded_by: [leader]
about_unit: true
scored: true
text: {zh: 听到什么, en: what was heard}
flow:
  states:
    heard: {label: {zh: 已听, en: heard}, tone: warn}
    mended: {label: {zh: 已修, en: mended}, tone: good}
    shelved: {label: {zh: 不修了, en: shelved}, final: true}
  steps:
    - {do: rewrite, label: {zh: 改写}, from: heard, to: heard, relations: [self]}
    - {do: prove, label: {zh: 上传材料}, from: heard, to: heard, roles: [hospital]}
    - {do: mend, label: {zh: 修好}, from: heard, to: mended, roles: [hospital], asks: [{id: how, label: {zh: 怎样修的}}],
       guards: [has_evidence]}
    - {do: listen, label: {zh: 再听}, from: mended, to: heard, roles: [committee_office], guards: [score_in_range],
       effects: [reviewed]}
    - {do: shelve, label: {zh: 搁置}, from: mended, to: shelved, roles: [committee_office]}
"""


@pytest.fixture
def with_bell(monkeypatch, tmp_path):
    """A county whose pack has a kind of document with a flow of its own, and a deadline on it."""
    from qingmiao.content import load_pack
    from qingmiao.site import pack as the_pack

    shutil.copytree(ROOT / "content" / "china", tmp_path / "china")
    shutil.copytree(ROOT / "content" / "xiangning", tmp_path / "xiangning")
    (tmp_path / "china" / "documents" / "bell.yaml").write_text(BELL, "utf-8")
    (tmp_path / "china" / "deadlines" / "bell.yaml").write_text(
        "id: bell.mend\nlabel: {zh: 修铃时限}\nof: document:bell\nstarts: [record]\nmet_by: [mend]\nvalue: 3\n"
        "unit: working_days\nsource: {document: 测试用例, place: 第一条}\n",
        "utf-8",
    )
    own = load_pack(tmp_path / "xiangning")
    monkeypatch.setattr(the_pack, "_loaded", lambda _: own)


def test_a_kind_goes_through_the_flow_that_its_file_says(with_bell, make_person, office, browser_of):
    """Recorded from above the unit; guards, asks, effects, deadline, states as the file says; other ways are closed."""
    above = make_person("health", Role.LEADER)
    beside = make_person("education", Role.LEADER)
    given = {
        "year": 2024,
        "title": "第一次检查",
        "on_date": "2024-06-12",
        "unit": "mch_hospital",
        "text": "铃声很轻，听不清楚。",
    }
    assert browser_of(beside).post("/duties/bell/", given).status_code == 400  # not among its units
    unit = Organisation.objects.get(pk="mch_hospital")
    with pytest.raises(AbsentError):
        api.record(
            beside, kind="bell", year=2024, on_date=date(2024, 6, 12), unit=unit, title="检查", text=given["text"]
        )
    with pytest.raises(AbsentError):
        api.record(
            office, kind="bell", year=2024, on_date=date(2024, 6, 12), unit=unit, title="检查", text=given["text"]
        )
    where = browser_of(above).post("/duties/bell/", given).url
    bell = Activity.objects.get()
    assert (bell.state, bell.unit_id, bell.score) == ("heard", "mch_hospital", None)
    here, there = browser_of(make_person("mch_hospital", Role.HOSPITAL)), browser_of(office)
    page = here.get(where).content.decode()
    assert all(w in page for w in ("已听", "修铃时限", "3 个工作日", "测试用例第一条", "怎样修的"))
    assert 'value="listen"' not in there.get(where).content.decode()
    new = {"do": "rewrite", "version": 1, "title": "第一次检查", "text": "铃声很轻，三米以外听不清楚。"}
    assert here.post(where, new).status_code == 404  # its maker's only
    assert browser_of(above).post(where, new).status_code == 302
    mend = {"do": "mend", "version": 2, "how": "换了新的电铃"}
    refused = here.post(where, mend)
    assert (refused.status_code, "先上传佐证材料" in refused.content.decode()) == (400, True)
    assert here.post(where, {"do": "evidence", "file": SimpleUploadedFile("电铃.pdf", PDF)}).status_code == 302
    assert here.post(where, mend | {"how": "换了"}).status_code == 400
    assert here.post(where, mend).status_code == 302
    page = there.get(where).content.decode()
    assert all(w in page for w in ("已修", "换了新的电铃", 'value="listen"', 'value="shelve"', 'name="score"'))
    assert "修铃时限" not in page  # met
    assert there.post(where, {"do": "listen", "version": 3, "score": "101"}).status_code == 400
    assert there.post(where, {"do": "listen", "version": 3, "score": "88"}).status_code == 302
    bell.refresh_from_db()
    assert (bell.state, bell.score, bell.reviewed_by) == ("heard", Decimal(88), office)
    assert "已听" in there.get("/duties/bell/?year=2024").content.decode()


def test_a_document_whose_kind_or_state_is_gone_is_still_shown(make_person, office, browser_of):
    plan = a_plan(make_person)
    Activity.objects.filter(pk=plan.pk).update(state="no_such_state")
    page = browser_of(office).get(f"/duties/work_plan/{plan.pk}")
    assert (page.status_code, "no_such_state" in page.content.decode()) == (200, True)
    leader = make_person("health", Role.LEADER)
    refused = browser_of(leader).post(f"/duties/work_plan/{plan.pk}", {"do": "sign", "version": 1})
    assert (refused.status_code, "no_such_state" in refused.content.decode()) == (400, True)


def test_whoever_recorded_or_signed_may_be_kept_from_the_next_step(make_person):
    from datetime import UTC

    from qingmiao.flow import Who
    from qingmiao.site.apps.acting.documents import GUARDS

    plan, at = a_plan(make_person), datetime(2024, 3, 1, tzinfo=UTC)
    maker, other = Who(plan.made_by.username), Who("another")
    assert [bool(GUARDS["another_signs"](plan, {}, who, at)) for who in (maker, other)] == [False, True]
    assert bool(GUARDS["another_reviews"](plan, {}, maker, at))
    plan.signed_by = plan.made_by
    assert [bool(GUARDS["another_reviews"](plan, {}, who, at)) for who in (maker, other)] == [False, True]
