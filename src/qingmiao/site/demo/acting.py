"""The demonstration's responsibilities and tasks, and with them its documents, meetings and projects: a modest set."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from qingmiao.content.pack import Pack
from qingmiao.flow import house
from qingmiao.site.apps.acting import api
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.api import Person, Reach
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.demo import accounts, documents, earlier, evaluation, inspections, money, papers
from qingmiao.site.demo.accounts import MARK

CAUSE = f"核对基层台账后确认数值属实，主要是两个乡镇的工作启动较晚、漏报较多{MARK}"
COUNTERMEASURE = f"一个月内完成补报和培训，此后按月通报各乡镇进度{MARK}"


@transaction.atomic
def stage(pack: Pack, *, on: date) -> None:
    """Once, at the first start: nothing when somebody has already opened a task."""
    office = accounts.first(house.COMMITTEE_OFFICE)
    liaisons, leaders = accounts.people(house.LIAISON), accounts.people(house.LEADER)
    if office is None or not liaisons or tasks.listed(Reach(office), state=tasks.ALL, size=1).rows:
        return
    units = _busiest(pack, [u for u in liaisons if u in leaders], on.year)
    for year in (on.year - 1, on.year):
        api.propose(audit.SYSTEM, pack, year=year)
        for unit in units[: 2 if year == on.year else None]:
            document = f"{year} 年目标责任书{MARK}"
            api.confirm(office, year=year, unit=unit, document=document)
    _tasks(pack, office, liaisons, on)
    documents.stage(office, [(liaisons[u], leaders[u]) for u in units[:8]], on)
    documents.hold_meetings(office, [liaisons[u] for u in units], on)
    evaluation.stage(office, [(liaisons[u], leaders[u]) for u in units[:8]], on)
    money.stage(pack, office, [liaisons[u] for u in units], on)
    inspections.stage(pack, accounts.inspectors())
    tasks.escalate(now=timezone.now())


def _busiest(pack: Pack, units: list[str], year: int) -> list[str]:
    """The units in the order of how many goals they lead."""
    led = [lead.lead for g in pack.goals if (lead := pack.lead_of(g, year)) is not None]
    return sorted(units, key=lambda u: (-led.count(u), u))


def _tasks(pack: Pack, office: Person, liaisons: dict[str, Person], on: date) -> None:
    """The gravest warnings become tasks: to do, overdue, answered, and closed a year ago with its effect."""
    rank = {"高": 0, "中": 1, "提示": 2}
    listed = sorted(
        (w for w in monitoring.warnings() if w.lead in liaisons and w.indicator in pack.indicators),
        key=lambda w: (rank.get(w.severity, 9), w.number),
    )
    past = next(((w, before) for w in listed if (before := _value_a_year_before(w)) is not None), None)
    chosen = [w for w in listed if past is None or w is not past[0]][:3]
    for i, warning in enumerate(chosen):
        task = _open(pack, office, liaisons[warning.lead], warning, on)
        if i == 1:
            earlier.was_due(task, on - timedelta(days=3))
        if i == 2:
            _answer(liaisons[warning.lead], task)
    if past is not None:
        warning, before = past
        task = _open(pack, office, liaisons[warning.lead], warning, on)
        _answer(liaisons[warning.lead], task)
        answered = tasks.found(Reach(office), task)
        assert answered is not None  # the office opened it
        tasks.close(office, answered, version=answered.version)
        earlier.a_year_ago(task, before)


def _open(pack: Pack, office: Person, who: Person, warning: monitoring.KeptWarning, on: date) -> int:
    """A task from a warning to somebody's unit; its number."""
    title = f"{warning.kind}：{pack.indicators[warning.indicator].label.zh}{MARK}"
    due = on + timedelta(days=21)
    return api.open_task(office, unit=who.organisation, due_date=due, title=title, warning=warning.number)


def _answer(who: Person, number: int) -> None:
    task = tasks.found(Reach(who), number)
    assert task is not None  # it was opened to the very unit
    tasks.add_evidence(who, SimpleUploadedFile(f"核查情况{MARK}.pdf", papers.one_line()), task=task)
    tasks.answer(who, task, version=task.version, cause=CAUSE, countermeasure=COUNTERMEASURE)


def _value_a_year_before(warning: monitoring.KeptWarning) -> tuple[int, float] | None:
    """The value of the year before the newest one, where both are known and differ."""
    state = monitoring.current()
    if state is None:
        return None
    known = state.series(warning.indicator, warning.area or state.root).until(state.run.year).known
    if len(known) < 2 or known[-2].value is None or known[-2].value == known[-1].value:
        return None
    return known[-2].year, known[-2].value
