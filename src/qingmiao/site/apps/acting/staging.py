"""The demonstration's tasks, plans, meetings and projects: a modest, made-up set that gives every page something to show."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from qingmiao.content.pack import Pack
from qingmiao.site.apps.acting import api
from qingmiao.site.apps.acting.models import Fund, Project, Task
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.roles import Role
from qingmiao.site.apps.monitoring import api as monitoring

MARK = "（演示）"
TASKS = 4


def _people(role: Role) -> dict[str, Person]:
    """The demonstration's first person of a role in each unit."""
    found = (
        Person.objects.filter(is_demo=True, assignments__role=role.value)
        .select_related("organisation")
        .order_by("pk")
    )
    out: dict[str, Person] = {}
    for p in found:
        out.setdefault(str(p.organisation_id), p)
    return out


@transaction.atomic
def stage(pack: Pack, *, on: date) -> None:
    """Once, at the first start: nothing when somebody has already opened a task."""
    office = next(iter(_people(Role.COMMITTEE_OFFICE).values()), None)
    if office is None or Task.objects.exists():
        return
    liaisons, leaders = _people(Role.LIAISON), _people(Role.LEADER)
    for year in (on.year - 1, on.year):
        api.propose(audit.SYSTEM, pack, year=year)
    _tasks(office, liaisons, on)
    _documents(office, liaisons, leaders, on)
    _money(pack, office, liaisons, on)


def _tasks(office: Person, liaisons: dict[str, Person], on: date) -> None:
    """The gravest warnings become tasks: one to do, one overdue, one answered, one closed."""
    rank = {"高": 0, "中": 1, "提示": 2}
    listed = sorted(
        (w for w in monitoring.warnings() if w.lead in liaisons and w.indicator),
        key=lambda w: (rank.get(w.severity, 9), w.pk),
    )
    pack = monitoring.pack()
    for i, warning in enumerate(listed[:TASKS]):
        who = liaisons[warning.lead]
        title = f"{warning.kind}：{pack.indicators[warning.indicator].label.zh}{MARK}"
        task = api.open_task(
            office, unit=who.organisation, due_date=on + timedelta(days=21), title=title, warning=warning
        )
        if i == 0:
            continue
        if i == 1:
            Task.objects.filter(pk=task.pk).update(due_date=on - timedelta(days=3))
            continue
        api.answer(
            who,
            task,
            version=1,
            cause=f"基层数据核对后确认数值属实，主要是秋季学期工作启动较晚{MARK}",
            countermeasure=f"下学期开学前完成培训，按月通报各乡镇进度{MARK}",
        )
        if i == 3:
            task.refresh_from_db()
            api.close(office, task, version=task.version)


def _documents(office: Person, liaisons: dict[str, Person], leaders: dict[str, Person], on: date) -> None:
    year = on.year
    units = [u for u in liaisons if u in leaders][:8]
    for i, unit in enumerate(units):
        who, leader = liaisons[unit], leaders[unit]
        short = who.organisation.short
        plan = api.record(
            who,
            kind="work_plan",
            year=year,
            on_date=date(year, 1, 20),
            unit=who.organisation,
            title=f"{short}{year}年儿童工作计划{MARK}",
            text="围绕承担的目标安排全年工作，明确责任科室和时间。",
        )
        if i < 6:
            api.move_activity(leader, plan, "sign", version=1)
        if i < 4:
            api.move_activity(office, plan, "review", version=2, opinion="已阅，按计划落实。")
        if i < 3:
            report = api.record(
                who,
                kind="self_report",
                year=year - 1,
                on_date=date(year, 1, 10),
                unit=who.organisation,
                title=f"{short}{year - 1}年自查报告{MARK}",
                text="全年任务总体完成，短板和下一年安排见附件。",
            )
            api.move_activity(leader, report, "sign", version=1)
            api.move_activity(
                office, report, "review", version=2, opinion="情况属实。", score=Decimal(88 + 2 * i)
            )
    meeting = api.record(
        office,
        kind="meeting",
        year=year,
        on_date=date(year, 3, 18),
        unit=office.organisation,
        title=f"妇儿工委全体会议{MARK}",
        text="听取上年度监测情况；议定近视防控和接种短板由牵头单位限期整改。",
        people=36,
    )
    first = next(iter(liaisons.values()), None)
    if first is not None:
        api.open_task(
            office,
            unit=first.organisation,
            due_date=on + timedelta(days=30),
            title=f"落实会议议定事项：补齐年度监测短板{MARK}",
            activity=meeting,
        )
        api.record(
            office,
            kind="supervision",
            year=year,
            on_date=date(year, 6, 12),
            unit=first.organisation,
            title=f"上半年督导检查{MARK}",
            text="台账完整；两个乡镇的数据报送偏迟，要求一个月内整改。",
            score=Decimal(91),
        )
    api.record(
        office,
        kind="training",
        year=year,
        on_date=date(year, 4, 9),
        unit=office.organisation,
        title=f"监测统计业务培训{MARK}",
        text="指标口径、报表填报、数据质量核查。",
        people=58,
    )
    api.record(
        office,
        kind="publicity",
        year=year,
        on_date=date(year, 6, 1),
        unit=office.organisation,
        title=f"儿童节规划宣传{MARK}",
        text="县城和十个乡镇同步开展规划宣传。",
        people=2600,
    )
    api.record(
        office,
        kind="delivery",
        year=year,
        on_date=date(year, 3, 30),
        unit=office.organisation,
        title=f"向市妇儿工委办报送年度监测情况{MARK}",
        text="报送年度监测报告和预警清单。",
    )


def _money(pack: Pack, office: Person, liaisons: dict[str, Person], on: date) -> None:
    items = [
        ("妇儿工委工作经费", "budget", 30, 30, 21),
        ("监测评估经费", "budget", 12, 12, 8),
        ("儿童健康筛查补助", "higher", 86, 80, 64),
        ("困境儿童关爱", "social", 20, 15, 9),
    ]
    units = [office.organisation, office.organisation, *(p.organisation for p in list(liaisons.values())[:2])]
    for unit, (item, source, budget, allocated, spent) in zip(units, items, strict=False):
        api.put_fund(
            office,
            Fund(
                year=on.year,
                unit=unit,
                item=f"{item}{MARK}",
                source=source,
                budget=Decimal(budget),
                allocated=Decimal(allocated),
                spent=Decimal(spent),
            ),
            version=None,
        )
    goals = list(pack.goals)
    titles = [("乡镇儿童之家提升改造", 100), ("中小学教室照明改造", 65), ("新生儿疾病免费筛查", 40)]
    for i, ((title, percent), who) in enumerate(zip(titles, liaisons.values(), strict=False)):
        api.put_project(
            office,
            Project(
                year=on.year,
                unit=who.organisation,
                title=f"{title}{MARK}",
                goal=goals[i * 7 % len(goals)],
                due_date=date(on.year, 12, 20),
                percent=percent,
                progress="按计划推进",
            ),
            version=None,
        )
