"""Moments put back: every door takes the present time and no day that is past, so rows of tasks are set here alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from qingmiao.site.apps.acting.models import Aim
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.apps.tasks.models import Task


def was_due(number: int, day: date) -> None:
    """An open task was due on a day that is past."""
    Task.objects.filter(pk=number).update(due_at=tasks.end_of(day))


def a_year_ago(number: int, before: tuple[int, float]) -> None:
    """A closed task with all its moments goes back a year; `before`: year and value of its indicator then."""
    task, year = Task.objects.get(pk=number), timedelta(days=365)

    def earlier(at: datetime | None) -> datetime | None:
        return at - year if at else None

    Task.objects.filter(pk=task.pk).update(
        due_at=task.due_at - year, opened_at=task.opened_at - year,
        answered_at=earlier(task.answered_at), closed_at=earlier(task.closed_at),
    )  # fmt: skip
    Aim.objects.filter(task=task).update(year_before=before[0], value_before=before[1])
