"""A task is opened: to a unit (or one role or person in it), by somebody or a job, in the transaction of whatever asks
for it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from qingmiao.kernel.deadlines import DAY_ENDS
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.access import allow, conflict
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.tasks import policies, sources
from qingmiao.site.apps.tasks.models import Task
from qingmiao.site.apps.tasks.workflow import Level

LEAST_TITLE = 4
"""Characters that a task's title has at least."""


def end_of(day: date) -> datetime:
    """The moment at which a day that somebody set as a deadline ends (23:59, China's clock)."""
    return timezone.make_aware(datetime.combine(day, DAY_ENDS))


@transaction.atomic
def open_task(
    by: audit.Actor,
    *,
    unit: Organisation,
    due_at: datetime,
    title: str,
    source: str = sources.DIRECT,
    source_id: str | int = "",
    part: str | None = None,
    again: bool = True,
    text: str = "",
    level: Level = Level.ORDINARY,
    element: str = "",
    area: str = "",
    role: str = "",
    person: Person | None = None,
    deadline: str = "",
) -> Task:
    """Open a task; whoever calls has asked whether this one may (a hand-given task: `acting`; an app's own: its own
    step).

    `part` not None: its source asks for it once at a time, with `again=False` once for all (withdrawn ones do not
    count). Raises ConflictError where it was asked for already, UserError for a deadline that is not ahead or a title
    that says too little, KeyError for a source that no app has registered.
    """
    kind = sources.source(source)
    now = timezone.localtime()
    allow(policies.to_come(due_at, now) if deadline else policies.ahead(due_at, now))
    title = title.strip()
    if len(title) < LEAST_TITLE:
        raise UserError(f"任务要写清楚（至少 {LEAST_TITLE} 个字，现在 {len(title)} 个）")
    if person is not None and person.organisation_id != unit.pk:
        raise UserError(f"{person.name} 不在{unit.label}，任务不能交给本人")
    try:
        with transaction.atomic():
            made = Task.objects.create(
                source=source, source_id=str(source_id), part=part, again=again, title=title[:200], text=text.strip(),
                level=level, element=element, area=area, unit=unit, role=role, person=person, due_at=due_at,
                deadline=deadline, opened_by=by if isinstance(by, Person) else None, opened_at=now,
            )  # fmt: skip
    except IntegrityError:
        there = Task.objects.filter(source=source, source_id=str(source_id), part=part).order_by("-pk").first()
        if there is None:
            raise
        raise conflict("task", there.pk, f"这项{kind.label}已经转为任务（{there.pk} 号）") from None
    asked = {"source": source, "source_id": str(source_id), "part": part}
    audit.append(
        by, "task.open", object_type="task", object_id=made.pk,
        detail={"unit": unit.pk, "due": due_at, "title": title, **asked}
    )  # fmt: skip
    return made
