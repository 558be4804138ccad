"""Who sees which tasks, and how: mine, my unit's, all in reach; one task with everything that its page shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from qingmiao.flow import State, Step, house
from qingmiao.kernel.deadlines import days_overdue
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.tasks import escalation, policies, sources
from qingmiao.site.apps.tasks.models import Evidence, Task
from qingmiao.site.apps.tasks.workflow import ANSWERING, TASK, Level, TaskState
from qingmiao.site.narrowing import EVERYTHING, Narrowed
from qingmiao.site.paging import page_of

LATE = "late"
ALL = "all"
QUEUES = ("reach", "unit", "mine")
"""All in reach; those of the units that the person acts for; those addressed to the person or a role that she holds
there."""


@dataclass(frozen=True)
class TaskRow:
    """One line of a list of tasks."""

    id: int
    title: str
    unit: str
    unit_id: str
    addressee: str
    """The person or role in the unit; empty: the unit as a whole."""
    due_date: date
    late: int
    """Days overdue, 1 from its end on; 0 until then and once it is done."""
    state: State
    level: Level
    went_up: tuple[str, ...]
    """The Chinese names of the roles that it went up to."""
    source: sources.TaskSource
    origin: sources.TaskOrigin | None
    opens: bool
    """Whether the person who looks may open its page."""


@dataclass(frozen=True)
class TaskPage:
    """One task with what may be done with it."""

    row: TaskRow
    version: int
    text: str
    note: str
    reopened: int
    went_up: str
    went_up_at: datetime | None
    cause: str
    countermeasure: str
    answered_by: str
    answered_at: datetime | None
    evidence: tuple[files.KeptProof, ...]
    may_answer: bool
    may_prove: bool
    may_redate: bool
    moves: tuple[Step, ...]
    """The steps that have a button of their own."""


@dataclass(frozen=True)
class Listed:
    """A page of a list, and the mark of the next one (empty: the last)."""

    rows: tuple[TaskRow, ...]
    following: str


@dataclass(frozen=True)
class WaitingTasks:
    """What waits in some units: tasks to do, overdue ones, answers to verify, and how many went up to each role."""

    open: int
    late: int
    answered: int
    to_leader: int
    to_office: int


def listed(
    reach: Reach,
    *,
    state: str,
    queue: str = "reach",
    year: int = 0,
    after: str = "",
    size: int = 100,
    narrowed: Narrowed = EVERYTHING,
    within: Q | None = None,
) -> Listed:
    """Tasks by deadline (of a year: due in it; narrowed), keyset pages. `within`: what else lies in the field that was
    asked for, beside what serves one of its goals or measures.

    Raises ValueError for an `after` that no page has given.
    """
    found = Task.objects.filter(_seen(reach, queue)).select_related("unit", "person")
    if state == LATE:
        found = found.filter(_late(timezone.now()))
    elif state != ALL:
        found = found.filter(state=state if state in list(TaskState) else TaskState.OPEN)
    if year:
        found = found.filter(due_at__year=year)
    if narrowed.parts is not None:
        found = found.filter(Q(element__in=narrowed.parts.elements) | (within or Q(pk__in=[])))
    found = narrowed.rows(found, texts=("title", "text", "unit__label", "unit__short"))
    rows, following = page_of(found, "due_at", after=after, size=size)
    return Listed(_rows(reach, rows), following)


def _seen(reach: Reach, queue: str) -> Q:
    """The tasks of a queue; none lies outside the reach."""
    where = Q(unit__in=reach.unit_ids)
    acting = [h for h in reach.held if h.grants & ANSWERING]
    if queue == "unit":
        return where & Q(unit__in={h.unit for h in acting})
    if queue == "mine":
        own = Q(person=reach.person)
        for h in acting:
            own |= Q(unit=h.unit, person=None, role__in=["", *h.grants])
        return where & own
    return where


def _rows(reach: Reach, found: Iterable[Task]) -> tuple[TaskRow, ...]:
    tasks = list(found)
    now, origins = timezone.now(), sources.origins(reach, ((t.source, t.source_id) for t in tasks))
    return tuple(_row(t, now, origins.get((t.source, t.source_id)), t.unit_id in reach.unit_ids) for t in tasks)


def _row(task: Task, now: datetime, origin: sources.TaskOrigin | None, opens: bool) -> TaskRow:
    return TaskRow(
        task.pk, task.title, task.unit.short or task.unit.label, task.unit.pk,
        task.person.name if task.person else escalation.role_label(task.role) if task.role else "",
        timezone.localdate(task.due_at), _days_late(task, now),
        TASK.state(task.state), Level(task.level), tuple(escalation.role_label(r) for r in task.went_up_to),
        sources.source(task.source), origin, opens,
    )  # fmt: skip


def _late(now: datetime) -> Q:
    """Tasks that are overdue at a moment: still to do, and their end is over."""
    return Q(state=TaskState.OPEN, due_at__lt=now)


def _days_late(task: Task, now: datetime) -> int:
    if task.state != TaskState.OPEN or task.due_at >= now:
        return 0
    return max(1, days_overdue(timezone.localdate(task.due_at), timezone.localdate(now)))


def found(reach: Reach, number: int) -> Task | None:
    """The task of that number as a row, for the app's own callers; None where this person sees none."""
    task = Task.objects.select_related("unit", "person", "answered_by").filter(pk=number).first()
    return task if task is not None and task.unit_id in reach.unit_ids else None


def shown(reach: Reach, number: int) -> TaskPage | None:
    """One task as its page shows it; None where this person sees none of that number."""
    task = found(reach, number)
    if task is None:
        return None
    steps = {s.name: s for s in access.steps(reach, task)}
    addressed = bool(policies.addressed(task, {}, access.who_over(reach, task.unit), timezone.now()))
    proofs = Evidence.objects.filter(task=task).select_related("added_by").order_by("pk")
    by = task.answered_by
    return TaskPage(
        row=_rows(reach, [task])[0],
        version=task.version,
        text=task.text,
        note=task.note,
        reopened=task.reopened,
        went_up=escalation.said(task.went_up_to[-1], escalation.deadline_of(task.deadline)) if task.went_up_to else "",
        went_up_at=task.went_up_at,
        cause=task.cause,
        countermeasure=task.countermeasure,
        answered_by=by.name if by else "",
        answered_at=task.answered_at,
        evidence=proofs_of(proofs),
        may_answer="answer" in steps and addressed,
        may_prove="prove" in steps and addressed and bool(policies.can_prove(task)),
        may_redate="redate" in steps,
        moves=tuple(s for name, s in steps.items() if name not in ("answer", "prove", "redate")),
    )


def of_source(reach: Reach, source: str, source_id: str | int) -> tuple[TaskRow, ...]:
    """The tasks that a thing has asked for and that were not withdrawn, oldest first; also those of other units,
    which the person cannot open.
    """
    rows = Task.objects.filter(source=source, source_id=str(source_id)).exclude(state=TaskState.WITHDRAWN)
    return _rows(reach, rows.select_related("unit", "person").order_by("pk"))


@dataclass(frozen=True)
class Serving:
    """A task that serves something of the plan, with what its unit answered."""

    row: TaskRow
    element: str
    cause: str
    countermeasure: str
    answered_at: datetime | None


def serving(reach: Reach, elements: Iterable[str], *, most: int = 50) -> tuple[Serving, ...]:
    """The tasks in reach that serve some elements of the plan, without withdrawn ones; the newest first."""
    found = Task.objects.filter(unit__in=reach.unit_ids, element__in=list(elements)).exclude(state=TaskState.WITHDRAWN)
    tasks = list(found.select_related("unit", "person").order_by("-opened_at", "-pk")[:most])
    return tuple(
        Serving(row, task.element, task.cause, task.countermeasure, task.answered_at)
        for row, task in zip(_rows(reach, tasks), tasks, strict=True)
    )


def parts_of(source: str, source_id: str | int) -> dict[str, int]:
    """Which parts of a source are carried out by which task (withdrawn ones do not count)."""
    rows = Task.objects.filter(source=source, source_id=str(source_id), part__isnull=False)
    kept = rows.exclude(state=TaskState.WITHDRAWN).order_by("pk")
    return {part: pk for part, pk in kept.values_list("part", "pk") if part is not None}


def waiting(units: Iterable[str] | QuerySet[Organisation]) -> WaitingTasks:
    """What waits in these units now, in one query."""
    open_ = Q(state=TaskState.OPEN)
    counted = Task.objects.filter(unit__in=units).aggregate(
        open=Count("pk", filter=open_),
        late=Count("pk", filter=_late(timezone.now())),
        answered=Count("pk", filter=Q(state=TaskState.ANSWERED)),
        to_leader=Count("pk", filter=open_ & Q(went_up_to__contains=[house.LEADER])),
        to_office=Count("pk", filter=open_ & Q(went_up_to__contains=[house.COMMITTEE_OFFICE])),
    )
    return WaitingTasks(**counted)


@dataclass(frozen=True)
class OverdueTasks:
    """A unit with overdue tasks: how many, and the day on which the oldest of them was due."""

    unit: str
    tasks: int
    oldest: date


def overdue(reach: Reach) -> tuple[OverdueTasks, ...]:
    """The overdue tasks in a person's reach, a row a unit."""
    rows = (
        Task.objects.filter(_late(timezone.now()), unit__in=reach.unit_ids)
        .values_list("unit__short", "unit__label")
        .annotate(tasks=Count("pk"), oldest=Min("due_at"))
        .order_by("oldest", "unit__label")
    )
    return tuple(OverdueTasks(short or label, n, timezone.localdate(oldest)) for short, label, n, oldest in rows)


@dataclass(frozen=True)
class ClosedTasks:
    """The tasks closed in a year: how many, and the latest of them."""

    count: int
    rows: tuple[TaskRow, ...]


def closed_in(reach: Reach, year: int, *, most: int = 3) -> ClosedTasks:
    """What was closed in a calendar year in a person's reach; the latest `most` as rows, newest first."""
    found = Task.objects.filter(unit__in=reach.unit_ids, state=TaskState.CLOSED, closed_at__year=year)
    latest = found.select_related("unit", "person").order_by("-closed_at", "-pk")[:most]
    return ClosedTasks(found.count(), _rows(reach, latest))


def opened_in(year: int) -> int:
    """How many tasks were opened in a year."""
    return Task.objects.filter(opened_at__year=year).count()


def proofs_of(rows: Iterable[Any]) -> tuple[files.KeptProof, ...]:
    """The files of a task or document as its page lists them."""
    found = ((e, files.hand(files.EVIDENCE, e.sha256, e.name)) for e in rows)
    return tuple(
        files.KeptProof(e.pk, e.name, e.bytes, e.added_by.name, e.added_at, file is not None and file.looked_at)
        for e, file in found
    )


def evidence(reach: Reach, number: int) -> files.Handed | None:
    """A file of a task, for those who may see the task; the sight is audited."""
    proof = Evidence.objects.select_related("task").filter(pk=number).first()
    if proof is None or proof.task.unit_id not in reach.unit_ids:
        return None
    handed = files.hand(files.EVIDENCE, proof.sha256, proof.name)
    if handed is not None:
        audit.seen(reach.person, "task.evidence.see", object_type="evidence", object_id=number)
    return handed


def people_of(number: int) -> tuple[str, str, str]:
    """Of a task: its unit's id, and the names of who answered and who verified it ("" for nobody)."""
    task = Task.objects.select_related("answered_by", "closed_by").filter(pk=number).first()
    if task is None:
        return "", "", ""
    by = [p.name if p is not None else "" for p in (task.answered_by, task.closed_by)]
    return task.unit_id, by[0], by[1]
