"""Tasks: opened to a unit, answered by it, verified by the office; overdue ones go up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from qingmiao.kernel.decisions import Decision
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import files, policies
from qingmiao.site.apps.acting.effects import value_now
from qingmiao.site.apps.acting.errors import ConflictError, said
from qingmiao.site.apps.acting.models import Activity, Evidence, Task
from qingmiao.site.apps.acting.workflow import TASK_BY_NAME, TaskState
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Organisation, Person
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
        what = "这条预警已经有一个在办的任务" if warning else "这项议定事项已经转为任务"
        raise ConflictError(what) from None
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


def _move(
    actor: audit.Actor,
    task: Task,
    name: str,
    *,
    version: int,
    detail: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    t = TASK_BY_NAME[name]
    with transaction.atomic():
        moved = Task.objects.filter(pk=task.pk, state=t.source, version=version).update(
            state=t.target, version=version + 1, **fields
        )
        if not moved:
            now = Task.objects.get(pk=task.pk)
            last = audit.of_object("task", task.pk, limit=1)
            who = f"，{last[0].actor} 在 {timezone.localtime(last[0].at):%H:%M:%S} 办的" if last else ""
            raise ConflictError(f"没有成功：任务现在是“{TaskState(now.state).label}”{who}；请刷新再看")
        audit.append(actor, f"acting.task.{name}", object_type="task", object_id=task.pk, detail=detail or {})


def answer(actor: Person, task: Task, *, version: int, cause: str, countermeasure: str) -> None:
    """The unit answers: why, and what it does about it."""
    cause, countermeasure = said(cause, "原因"), said(countermeasure, "对策")
    _move(
        actor,
        task,
        "answer",
        version=version,
        cause=cause,
        countermeasure=countermeasure,
        answered_by=actor,
        answered_at=timezone.now(),
        detail={"cause": cause, "countermeasure": countermeasure},
    )


def close(actor: Person, task: Task, *, version: int) -> None:
    """The office has verified the answer; somebody else than who answered."""
    _allow(policies.can_close(task, actor))
    _move(actor, task, "close", version=version, closed_by=actor, closed_at=timezone.now(), note="")


def give_back(actor: Person, task: Task, name: str, *, version: int, reason: str) -> None:
    """Send back, reopen or withdraw, with a reason. Reopening counts."""
    reason = said(reason, "理由", 5)
    fields: dict[str, Any] = {"note": reason}
    if name == "reopen":
        fields |= {"closed_by": None, "closed_at": None, "reopened": task.reopened + 1}
    _move(actor, task, name, version=version, detail={"reason": reason}, **fields)


@transaction.atomic
def add_evidence(
    actor: Person, upload: UploadedFile[bytes], *, task: Task | None = None, activity: Activity | None = None
) -> Evidence:
    """Add a file to a task that is open or to a document that is a draft."""
    if task is not None:
        _allow(policies.can_prove_task(Task.objects.select_for_update().get(pk=task.pk)))
    if activity is not None:
        _allow(policies.can_prove_activity(Activity.objects.select_for_update().get(pk=activity.pk)))
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


def _allow(decision: Decision) -> None:
    if not decision:
        raise UserError(decision.reason)


def of_units(units: Iterable[str]) -> QuerySet[Task]:
    """The tasks of these units by deadline."""
    return (
        Task.objects.filter(unit__in=list(units)).select_related("unit", "warning").order_by("due_date", "pk")
    )
