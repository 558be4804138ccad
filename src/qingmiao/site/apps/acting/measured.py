"""What became of the indicator after a task: its value when the task was opened, the values since, the task's mark on
the series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q
from django.utils import timezone

from qingmiao.kernel.rounding import half_up
from qingmiao.site.apps.acting.models import Aim
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.tasks.api import TaskState
from qingmiao.site.changes import Memory
from qingmiao.site.narrowing import Narrowed


def value_now(indicator: str, area: str) -> tuple[float | None, int | None]:
    """The newest known value of an indicator in an area and its year; (None, None) where there is none."""
    state = monitoring.current()
    if state is None or indicator not in state.pack.indicators:
        return None, None
    known = state.series(indicator, area or state.root).until(state.run.year).known
    return (known[-1].value, known[-1].year) if known else (None, None)


def _published(value: float, decimals: int) -> Decimal:
    return half_up(Fraction(Decimal(repr(value))), decimals)


def _signed(change: Decimal) -> str:
    return f"+{change}" if change > 0 else str(change)


@dataclass(frozen=True)
class MeasuredEffect:
    """What has become of the indicator since the task was opened: the later values (year, text, change).

    The change is that of the published values, so that a reader's subtraction agrees.
    """

    indicator: str
    area: str
    before: str
    year: int
    after: tuple[tuple[int, str, str], ...]
    better: bool | None
    """None: nothing changed yet, or the indicator has no good direction."""


def effect(task: int) -> MeasuredEffect | None:
    """The measured effect of a task on its indicator; None where it has none."""
    state, aim = monitoring.current(), Aim.objects.filter(task=task).first()
    if (
        state is None
        or aim is None
        or aim.value_before is None
        or aim.year_before is None
        or aim.indicator not in state.pack.indicators
    ):
        return None
    found, area, before = state.pack.indicators[aim.indicator], aim.area or state.root, aim.value_before
    later = [p for p in state.series(aim.indicator, area).known if p.year >= aim.year_before]
    changes = [(p.value or 0.0) - before for p in later]
    changed = [c for c in changes if c != 0.0]
    better = None
    if changed and found.better != "none":
        better = (changed[-1] < 0) == (found.better == "lower")
    after = tuple(
        (
            p.year,
            state.text(aim.indicator, area, p.year),
            _signed(_published(p.value or 0.0, found.decimals) - _published(before, found.decimals)),
        )
        for p in later
    )
    return MeasuredEffect(
        aim.indicator, aim.area, str(_published(before, found.decimals)), aim.year_before, after, better
    )


@dataclass(frozen=True)
class TaskMark:
    """A task's mark on the series of its indicator: which task, when it was opened, what the value was before it."""

    task: int
    title: str
    unit: str
    unit_id: str
    state: TaskState
    opened: date
    year: int
    before: str


_marks: Memory[tuple[TaskMark, ...]] = Memory(4000)


def marks(indicator: str, area: str) -> tuple[TaskMark, ...]:
    """The tasks on an indicator in an area, oldest first; withdrawn ones leave no mark."""
    return _marks.get((indicator, area), lambda: _marks_of(indicator, area))


def _marks_of(indicator: str, area: str) -> tuple[TaskMark, ...]:
    state = monitoring.current()
    if state is None or indicator not in state.pack.indicators:
        return ()
    where = Q(area=area) | Q(area="") if area == state.root else Q(area=area)
    decimals = state.pack.indicators[indicator].decimals
    aims = (
        Aim.objects.filter(where, indicator=indicator, year_before__isnull=False, value_before__isnull=False)
        .exclude(task__state=TaskState.WITHDRAWN)
        .select_related("task__unit")
        .order_by("task")
    )
    return tuple(
        TaskMark(
            a.task.pk, a.task.title, a.task.unit.short or a.task.unit.label, a.task.unit_id, TaskState(a.task.state),
            timezone.localdate(a.task.opened_at), a.year_before, str(_published(a.value_before, decimals)),
        )
        for a in aims
        if a.year_before is not None and a.value_before is not None
    )  # fmt: skip


def aimed_within(narrowed: Narrowed) -> Q | None:
    """The tasks whose measured indicator lies in the field that was asked for; None where none was."""
    parts = narrowed.parts
    return None if parts is None else Q(pk__in=Aim.objects.filter(indicator__in=parts.indicators).values("task"))
