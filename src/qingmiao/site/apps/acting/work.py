"""Tasks: opened to a unit, answered by it, verified by the office; overdue ones go up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from qingmiao.flow import Who
from qingmiao.kernel.decisions import Decision
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import files, policies
from qingmiao.site.apps.acting.effects import value_now
from qingmiao.site.apps.acting.errors import said
from qingmiao.site.apps.acting.models import Activity, Evidence, Task
from qingmiao.site.apps.acting.workflow import TASK, TaskState
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.access import Doing, Door, Seen, allow, conflict, perform, register, require
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.monitoring.models import Warning

TO_OFFICE = timedelta(days=7)
"""This long after the deadline a task goes up to the office (local setting, docs/reference/task-workflow.md)."""


@transaction.atomic
def open_task(
    actor: Person,
    *,
    unit: Organisation,
    due_date: date,
    title: str,
    warning: Warning | None = None,
    activity: Activity | None = None,
    decision: int | None = None,
) -> Task:
    """Open a task to a unit, from a warning, from a meeting or check (`decision`: the number of its decision), or directly.

    A warning has at most one open task, a decision at most one that was not withdrawn. The indicator's value now is kept: the effect
    is measured against it.
    """
    if due_date <= timezone.localdate():
        raise UserError("期限要在今天以后")
    title = said(title, "任务", 4)
    if decision is not None and not (activity and 1 <= decision <= len(activity.decided)):
        raise UserError("没有这一项议定事项")
    before = value_now(warning.indicator, warning.area) if warning and warning.indicator else (None, None)
    try:
        with transaction.atomic():
            made = Task.objects.create(
                warning=warning, activity=activity, decision=decision, title=title[:200], indicator=warning.indicator if warning else "",
                area=(warning.area if warning else ""), value_before=before[0], year_before=before[1], unit=unit, due_date=due_date,
                opened_by=actor, opened_at=timezone.now(),
            )  # fmt: skip
    except IntegrityError:
        there = Task.objects.filter(warning=warning, activity=activity, decision=decision).latest("pk")
        what = "这条预警已经有一个在办的任务" if warning else "这项议定事项已经转为任务"
        raise conflict("task", there.pk, what) from None
    audit.append(
        actor,
        "acting.task.open",
        object_type="task",
        object_id=made.pk,
        detail={
            "unit": unit.pk,
            "due": due_date,
            "warning": warning.pk if warning else None,
            "activity": activity.pk if activity else None,
            "decision": decision,
        },
    )
    return made


def answer(by: Reach | Person, task: Task, *, version: int, cause: str, countermeasure: str) -> None:
    """The unit answers: why, and what it does about it."""
    perform(by, task, "answer", Seen("", version), {"cause": cause, "countermeasure": countermeasure})


def close(by: Reach | Person, task: Task, *, version: int) -> None:
    """The office has verified the answer; somebody else than who answered."""
    perform(by, task, "close", Seen("", version))


def give_back(by: Reach | Person, task: Task, name: str, *, version: int, reason: str) -> None:
    """Send back, reopen or withdraw, with a reason. Reopening counts."""
    perform(by, task, name, Seen("", version), {"reason": reason})


def _another_verifies(task: Task, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return policies.can_close(task, who.id)


def _changes(task: Task, doing: Doing) -> dict[str, Any]:
    """The columns of each step; the version goes up by one."""
    columns: dict[str, dict[str, Any]] = {
        "answered": {
            "cause": doing.said("cause"),
            "countermeasure": doing.said("countermeasure"),
            "answered_by": doing.person,
            "answered_at": doing.at,
        },
        "closed": {"closed_by": doing.person, "closed_at": doing.at, "note": ""},
        "noted": {"note": doing.said("reason")},
        "reopened": {"closed_by": None, "closed_at": None, "reopened": task.reopened + 1},
    }
    found: dict[str, Any] = {"version": task.version + 1}
    for name in doing.step.effects:
        found |= columns[name]
    return found


register(
    Door(
        Task,
        TASK,
        noun="任务",
        kind="task",
        action="acting.task",
        unit=lambda task: task.unit,
        guards={"another_verifies": _another_verifies},
        changes=_changes,
    )
)


@transaction.atomic
def add_evidence(
    actor: Person, upload: UploadedFile[bytes], *, task: Task | None = None, activity: Activity | None = None
) -> Evidence:
    """Add a file to a task that is open or to a document that is a draft."""
    if task is not None:
        require(actor, task, "prove")
        allow(policies.can_prove_task(Task.objects.select_for_update().get(pk=task.pk)))
    if activity is not None:
        allow(policies.can_prove_activity(Activity.objects.select_for_update().get(pk=activity.pk)))
    name, digest, size = files.keep(upload)
    made = Evidence.objects.create(
        task=task,
        activity=activity,
        name=name,
        sha256=digest,
        bytes=size,
        added_by=actor,
        added_at=timezone.now(),
    )
    about = ("task", task.pk) if task else ("activity", activity.pk if activity else 0)
    audit.append(
        actor,
        "acting.evidence.add",
        object_type=about[0],
        object_id=about[1],
        detail={"name": name, "sha256": digest},
    )
    return made


@transaction.atomic
def escalate(*, now: datetime) -> int:
    """Overdue tasks go up: to the unit's leader the day after the deadline, to the office a week later. Returns how many moved."""
    today, moved = timezone.localdate(now), 0
    for task in Task.objects.select_for_update(skip_locked=True).filter(
        state=TaskState.OPEN, due_date__lt=today, escalated__lt=2
    ):
        level = 2 if today > task.due_date + TO_OFFICE else 1
        if level <= task.escalated:
            continue
        task.escalated, task.escalated_at = level, now
        task.save(update_fields=["escalated", "escalated_at"])
        audit.append(
            audit.SYSTEM,
            "acting.task.escalate",
            object_type="task",
            object_id=task.pk,
            detail={"level": level, "due": task.due_date},
        )
        moved += 1
    return moved


@dataclass(frozen=True)
class Waiting:
    """What waits in some units: tasks to do, overdue ones, those that went up to the leader or the office, answers to verify."""

    open: int
    late: int
    to_leader: int
    to_office: int
    answered: int


def waiting(units: Iterable[str] | QuerySet[Organisation], *, on: date) -> Waiting:
    """What waits in these units, in one query."""
    open_ = Q(state=TaskState.OPEN)
    found = Task.objects.filter(unit__in=units).aggregate(
        open=Count("pk", filter=open_),
        late=Count("pk", filter=open_ & Q(due_date__lt=on)),
        to_leader=Count("pk", filter=open_ & Q(escalated__gte=1)),
        to_office=Count("pk", filter=open_ & Q(escalated=2)),
        answered=Count("pk", filter=Q(state=TaskState.ANSWERED)),
    )
    return Waiting(**found)


def of_units(units: Iterable[str]) -> QuerySet[Task]:
    """The tasks of these units by deadline."""
    return Task.objects.filter(unit__in=list(units)).select_related("unit", "warning").order_by("due_date", "pk")
