"""The demonstration's tasks, documents, meetings and projects: a modest, made-up set that gives every page something to show."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from qingmiao.content.pack import Pack
from qingmiao.site.apps.acting import api
from qingmiao.site.apps.acting.models import Activity, Aim, Fund, Project
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.roles import Role
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.monitoring.models import Warning
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.apps.tasks.models import Task
from qingmiao.site.demo import accounts

MARK = "（演示）"
CAUSE = f"核对基层台账后确认数值属实，主要是两个乡镇的工作启动较晚、漏报较多{MARK}"
COUNTERMEASURE = f"一个月内完成补报和培训，此后按月通报各乡镇进度{MARK}"


@transaction.atomic
def stage(pack: Pack, *, on: date) -> None:
    """Once, at the first start: nothing when somebody has already opened a task."""
    office = accounts.first(Role.COMMITTEE_OFFICE)
    liaisons, leaders = accounts.people(Role.LIAISON), accounts.people(Role.LEADER)
    if office is None or not liaisons or Task.objects.exists():
        return
    units = _busiest(pack, [u for u in liaisons if u in leaders], on.year)
    for year in (on.year - 1, on.year):
        api.propose(audit.SYSTEM, pack, year=year)
        for unit in units[: 2 if year == on.year else None]:
            document = f"{year} 年目标责任书{MARK}"
            api.confirm(office, year=year, unit=liaisons[unit].organisation, document=document)
    _tasks(pack, office, liaisons, on)
    _documents(office, [(liaisons[u], leaders[u]) for u in units[:8]], on)
    _meetings(office, [liaisons[u] for u in units], on)
    _money(pack, office, [liaisons[u] for u in units], on)
    tasks.escalate(now=timezone.now())


def _busiest(pack: Pack, units: list[str], year: int) -> list[str]:
    """The units in the order of how many goals they lead."""
    led = [lead.lead for g in pack.goals if (lead := pack.lead_of(g, year)) is not None]
    return sorted(units, key=lambda u: (-led.count(u), u))


def _tasks(pack: Pack, office: Person, liaisons: dict[str, Person], on: date) -> None:
    """The gravest warnings become tasks: one to do, one overdue, one answered, one closed a year ago with its effect."""
    rank = {"高": 0, "中": 1, "提示": 2}
    listed = sorted(
        (w for w in monitoring.warnings() if w.lead in liaisons and w.indicator in pack.indicators),
        key=lambda w: (rank.get(w.severity, 9), w.pk),
    )
    past = next((w for w in listed if _value_a_year_before(w) is not None), None)
    chosen = [w for w in listed if w is not past][:3]
    for i, warning in enumerate(chosen):
        task, who = _open(pack, office, liaisons, warning, on)
        if i == 1:
            Task.objects.filter(pk=task.pk).update(due_at=tasks.end_of(on - timedelta(days=3)))
        if i == 2:
            _answer(who, task)
    if past is not None:
        task, who = _open(pack, office, liaisons, past, on)
        _answer(who, task)
        task.refresh_from_db()
        tasks.close(office, task, version=task.version)
        _a_year_ago(task, past)


def _open(pack: Pack, office: Person, liaisons: dict[str, Person], warning: Warning, on: date) -> tuple[Task, Person]:
    who = liaisons[warning.lead]
    title = f"{warning.kind}：{pack.indicators[warning.indicator].label.zh}{MARK}"
    due = on + timedelta(days=21)
    made = api.open_task(office, unit=who.organisation, due_date=due, title=title, warning=warning.pk)
    return Task.objects.get(pk=made), who


def _answer(who: Person, task: Task) -> None:
    tasks.add_evidence(who, SimpleUploadedFile("核查情况（演示）.pdf", _pdf()), task=task)
    tasks.answer(who, task, version=task.version, cause=CAUSE, countermeasure=COUNTERMEASURE)


def _value_a_year_before(warning: Warning) -> tuple[int, float] | None:
    """The value of the year before the newest one, where both are known and differ."""
    state = monitoring.current()
    if state is None:
        return None
    known = state.series(warning.indicator, warning.area or state.root).until(state.run.year).known
    if len(known) < 2 or known[-2].value is None or known[-2].value == known[-1].value:
        return None
    return known[-2].year, known[-2].value


def _a_year_ago(task: Task, warning: Warning) -> None:
    """The closed task was opened a year earlier, so that its effect shows."""
    before = _value_a_year_before(warning)
    assert before is not None
    year = timedelta(days=365)

    def earlier(at: datetime | None) -> datetime | None:
        return at - year if at else None

    task.refresh_from_db()
    Task.objects.filter(pk=task.pk).update(
        due_at=task.due_at - year, opened_at=task.opened_at - year,
        answered_at=earlier(task.answered_at), closed_at=earlier(task.closed_at),
    )  # fmt: skip
    Aim.objects.filter(task=task).update(year_before=before[0], value_before=before[1])


def _record(
    who: Person,
    kind: str,
    on_date: date,
    title: str,
    text: str,
    *,
    year: int | None = None,
    people: int | None = None,
) -> Activity:
    return api.record(
        who, kind=kind, year=year or on_date.year, on_date=on_date, unit=who.organisation, title=f"{title}{MARK}", text=text, people=people
    )  # fmt: skip


def _documents(office: Person, people: list[tuple[Person, Person]], on: date) -> None:
    """Plans and reports at every stage: the last units have drafts, the first are reviewed and scored."""
    year = on.year
    for i, (who, leader) in enumerate(people):
        short = who.organisation.short
        plan = _record(
            who,
            "work_plan",
            date(year, 1, 20),
            f"{short}{year}年儿童工作计划",
            "围绕承担的目标安排全年工作，明确责任科室和完成时间。",
        )
        if i < 6:
            api.move_activity(leader, plan, "sign", version=1)
        if i < 4:
            api.move_activity(office, plan, "review", version=2, opinion="已阅，按计划落实。")
        if i < 5:
            report = _record(
                who,
                "self_report",
                date(year, 1, 10),
                f"{short}{year - 1}年自查报告",
                "全年任务总体完成；短板和下一年安排见附件。",
            )
            api.move_activity(leader, report, "sign", version=1)
        if i < 3:
            score = Decimal(88 + 2 * i)
            api.move_activity(office, report, "review", version=2, opinion="情况属实。", score=score)
        if i < 2:
            _record(
                who,
                "implementation_plan",
                date(year, 2, 15),
                f"{short}落实儿童发展规划实施方案",
                "按任务分工逐项列出措施、进度和责任人。",
            )
    if people:
        first = people[0][0]
        short = first.organisation.short
        _record(
            first,
            "evaluation",
            date(year, 9, 20),
            f"{short}规划终期自我评估",
            "目标逐项对照，列出未完成的原因。",
        )
        _record(
            first,
            "study",
            date(year, 5, 16),
            "基层儿童服务能力专项调查",
            "走访十个乡镇，人员培训不足是主要短板。",
        )
        _record(
            first,
            "practice",
            date(year, 8, 3),
            "“一户一档”跟踪做法",
            "由村级逐户建档、乡镇按月核对，漏报明显减少，可以推广。",
        )


def _meetings(office: Person, people: list[Person], on: date) -> None:
    """A meeting with decisions of which one is already a task, a check with demands, a training, publicity, a delivery."""
    year = on.year
    meeting = api.record(
        office,
        kind="meeting",
        year=year,
        on_date=date(year, 3, 18),
        unit=office.organisation,
        title=f"妇儿工委全体会议{MARK}",
        text="听取上年度监测情况，研究短板指标。",
        people=36,
        decisions="各牵头单位一个月内报送短板指标整改措施\n统计部门按季度通报报表报送情况\n年底前完成责任单位督导检查",
    )
    if people:
        api.open_task(
            office,
            unit=people[0].organisation,
            due_date=on + timedelta(days=30),
            title=f"报送短板指标整改措施{MARK}",
            activity=meeting.pk,
            decision=1,
        )
        api.record(
            office,
            kind="supervision",
            year=year,
            on_date=date(year, 6, 12),
            unit=people[0].organisation,
            title=f"上半年督导检查{MARK}",
            text="台账完整；两个乡镇的数据报送偏迟。",
            score=Decimal(91),
            decisions="一个月内补齐迟报的数据\n建立按月核对的办法",
        )
    _record(
        office,
        "training",
        date(year, 4, 9),
        "监测统计业务培训",
        "指标口径、报表填报、数据质量核查。",
        people=58,
    )
    _record(
        office,
        "publicity",
        date(year, 6, 1),
        "儿童节规划宣传",
        "县城和十个乡镇同步开展规划宣传。",
        people=2600,
    )
    _record(
        office,
        "delivery",
        date(year, 3, 30),
        "向市妇儿工委办报送年度监测情况",
        "报送年度监测报告和预警清单。",
    )


def _money(pack: Pack, office: Person, people: list[Person], on: date) -> None:
    """Four funds and three projects, each with the unit that leads a fitting goal."""
    by_unit = {str(p.organisation_id): p for p in people}
    funds = [
        ("妇儿工委工作经费", "budget", "", 30, 30, 21),
        ("监测评估经费", "budget", "", 12, 12, 8),
        ("儿童健康服务补助", "higher", "健康", 86, 80, 64),
        ("困境儿童关爱", "social", "困境", 20, 15, 9),
    ]
    for item, source, word, budget, allocated, spent in funds:
        who = _of_goal(pack, by_unit, word, on.year)[0] or office
        fund = Fund(
            year=on.year, unit=who.organisation, item=f"{item}{MARK}", source=source,
            budget=Decimal(budget), allocated=Decimal(allocated), spent=Decimal(spent),
        )  # fmt: skip
        api.put_fund(office, fund, version=None)
    projects = [
        ("乡镇儿童之家提升改造", "儿童之家", 100, "十个乡镇全部验收"),
        ("中小学教室照明改造", "近视", 65, "完成二十所，其余寒假施工"),
        ("出生缺陷免费筛查", "出生缺陷", 40, "已签订服务协议，按月结算"),
    ]
    for title, word, percent, progress in projects:
        lead, goal = _of_goal(pack, by_unit, word, on.year)
        project = Project(
            year=on.year, unit=(lead or office).organisation, title=f"{title}{MARK}", goal=goal, due_date=date(on.year, 12, 20),
            percent=percent, progress=progress,
        )  # fmt: skip
        api.put_project(office, project, version=None)


def _of_goal(pack: Pack, by_unit: dict[str, Person], word: str, year: int) -> tuple[Person | None, str]:
    """The liaison of the unit that leads the first goal with a word in its text, and the goal."""
    for id_, goal in pack.goals.items():
        lead = pack.lead_of(id_, year)
        if word and word in goal.text and lead is not None and lead.lead in by_unit:
            return by_unit[lead.lead], id_
    return None, ""


def _pdf() -> bytes:
    """A page that says in one line what it is."""
    line = b"BT /F1 18 Tf 60 760 Td (Demonstration, made up) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(line), line),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(out),
    )
