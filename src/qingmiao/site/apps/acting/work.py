"""Tasks that acting asks for: from a warning, from a decision of a meeting or check, or by hand; and what they aim
at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.db import transaction

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting.apart import open_to
from qingmiao.site.apps.acting.measured import value_now
from qingmiao.site.apps.acting.models import Activity, Aim
from qingmiao.site.apps.acting.permissions import may_see
from qingmiao.site.apps.acting.proofs import element_of, provable
from qingmiao.site.apps.acting.wanted import PLAN, WantedThing
from qingmiao.site.apps.directory.access import AbsentError, who_over
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.apps.tasks.api import Level, TaskRow
from qingmiao.site.pack import pack

WARNING, DOCUMENT = "warning", "document"
"""The kinds of sources that acting registers."""
LEVELS = {"高": Level.URGENT, "中": Level.IMPORTANT}
"""How much a task from a warning weighs."""


def _warnings(reach: Reach, ids: Iterable[str]) -> Mapping[str, tasks.TaskOrigin]:
    numbers = [int(i) for i in ids]
    return {
        str(w.number): tasks.TaskOrigin(f"{w.kind}：{w.told}", "monitoring.warning", (w.number,))
        for w in monitoring.warnings_of(numbers)
    }


def _documents(reach: Reach, ids: Iterable[str]) -> Mapping[str, tasks.TaskOrigin]:
    rows = Activity.objects.filter(pk__in=[int(i) for i in ids])
    pages = {a.pk: ("acting.activity" if may_see(reach, a.unit_id) else "", (a.kind, a.pk)) for a in rows}
    return {str(a.pk): tasks.TaskOrigin(a.title, *pages[a.pk]) for a in rows}


tasks.register_source(tasks.TaskSource(WARNING, "预警", "Warning", _warnings))
tasks.register_source(tasks.TaskSource(DOCUMENT, "会议或督导", "Meeting or check", _documents))


@transaction.atomic
def open_task(
    by: Reach | Person,
    *,
    unit: Organisation,
    due_date: date,
    title: str,
    warning: int | None = None,
    activity: int | None = None,
    decision: int | None = None,
    wanted: WantedThing | None = None,
    element: str = "",
) -> int:
    """The office opens a task to a unit: from a warning, from a document (`decision`: the number of its line), for
    something of the plan (`wanted`), or by hand.

    A warning has at most one open task, a decision at most one that was not withdrawn. The indicator's value now is
    kept: the effect is measured against it. `element`: what of the plan the task will be evidence for (`provable`);
    where none is given, a warning's own. Returns the task's number; UserError for another element, AbsentError for
    whoever is not the office over that unit.
    """
    reach = by if isinstance(by, Reach) else Reach(by)
    if not reach.person.is_active or not who_over(reach, unit).roles & tasks.OFFICE:
        raise AbsentError("由妇儿工委办下达任务")
    if element and element not in provable(pack()):
        raise UserError(f"{element} 不是以证据材料反映的目标、措施或制度，办结的任务不能作它的证据")
    due_at = tasks.end_of(due_date)
    if warning is not None:
        found = monitoring.warning(warning)
        if found is None:
            raise UserError(f"没有 {warning} 号预警")
        level = LEVELS.get(found.severity, Level.ORDINARY)
        made = tasks.open_task(
            reach.person, unit=unit, due_at=due_at, title=title, source=WARNING, source_id=warning, part="",
            level=level,
            element=element or found.target or element_of(pack(), found.indicator), area=found.area,
        )  # fmt: skip
        _aim(int(made.pk), found.indicator, found.area)
        return int(made.pk)
    if wanted is not None:
        made = tasks.open_task(
            reach.person, unit=unit, due_at=due_at, title=title, source=PLAN, source_id=wanted.id,
            element=element or wanted.element, area=wanted.area,
        )  # fmt: skip
        _aim(int(made.pk), wanted.indicator, wanted.area)
        return int(made.pk)
    if activity is not None:
        document = Activity.objects.filter(open_to(reach), pk=activity, unit__in=reach.unit_ids).first()
        if document is None or (decision is not None and not 1 <= decision <= len(document.decided)):
            raise UserError("没有这一项议定事项")
        part = None if decision is None else str(decision)
        made = tasks.open_task(
            reach.person, unit=unit, due_at=due_at, title=title, source=DOCUMENT, source_id=activity, part=part,
            again=False,
            element=element,
        )  # fmt: skip
        return int(made.pk)
    return int(tasks.open_task(reach.person, unit=unit, due_at=due_at, title=title, element=element).pk)


def _aim(task: int, indicator: str, area: str) -> None:
    """What the task is to change, and its value now; nothing where it aims at no indicator."""
    if indicator:
        value, year = value_now(indicator, area)
        Aim.objects.create(task_id=task, indicator=indicator, area=area, value_before=value, year_before=year)


def tasks_of_warning(reach: Reach, number: int) -> tuple[TaskRow, ...]:
    """The tasks of a warning that were not withdrawn, oldest first."""
    return tasks.of_source(reach, WARNING, number)


def tasks_of_document(reach: Reach, number: int) -> tuple[TaskRow, ...]:
    """The tasks of a document that were not withdrawn, oldest first."""
    return tasks.of_source(reach, DOCUMENT, number)


def carried(number: int) -> dict[int, int]:
    """Which decision of a document is carried out by which task."""
    return {int(part): task for part, task in tasks.parts_of(DOCUMENT, number).items()}
