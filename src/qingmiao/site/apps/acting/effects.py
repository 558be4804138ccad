"""What became of the indicator after a task: its value when the task was opened, the values since, the task's mark on the series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q
from django.utils import timezone

from qingmiao.kernel.rounding import half_up
from qingmiao.site.apps.acting.models import Task
from qingmiao.site.apps.acting.workflow import TaskState
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.changes import Memory


def value_now(indicator: str, area: str) -> tuple[float | None, int | None]:
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
class Effect:
    """What has become of the indicator since the task was opened: the later values (year, text, change).

    The change is that of the published values, so that a reader's subtraction agrees.
    """

    before: str
    year: int
    after: tuple[tuple[int, str, str], ...]
    better: bool | None
    """None: nothing changed yet, or the indicator has no good direction."""


def effect(task: Task) -> Effect | None:
    """The measured effect of a task on its indicator; None where it has none."""
    state = monitoring.current()
    if (
        state is None
        or task.value_before is None
        or task.year_before is None
        or task.indicator not in state.pack.indicators
    ):
        return None
    found, area, before = state.pack.indicators[task.indicator], task.area or state.root, task.value_before
    later = [p for p in state.series(task.indicator, area).known if p.year >= task.year_before]
    changes = [(p.value or 0.0) - before for p in later]
    changed = [c for c in changes if c != 0.0]
    better = None
    if changed and found.better != "none":
        better = (changed[-1] < 0) == (found.better == "lower")
    after = tuple(
        (
            p.year,
            state.text(task.indicator, area, p.year),
            _signed(_published(p.value or 0.0, found.decimals) - _published(before, found.decimals)),
        )
        for p in later
    )
    return Effect(str(_published(before, found.decimals)), task.year_before, after, better)


@dataclass(frozen=True)
class Mark:
    """A task's mark on the series of its indicator: which task, when it was opened, what the value was before it."""

    task: int
    title: str
    unit: str
    state: TaskState
    opened: date
    year: int
    before: str


_marks: Memory[tuple[Mark, ...]] = Memory(4000)


def marks(indicator: str, area: str) -> tuple[Mark, ...]:
    """The tasks on an indicator in an area, oldest first; withdrawn ones leave no mark."""
    return _marks.get((indicator, area), lambda: _marks_of(indicator, area))


def _marks_of(indicator: str, area: str) -> tuple[Mark, ...]:
    state = monitoring.current()
    if state is None or indicator not in state.pack.indicators:
        return ()
    where = Q(area=area) | Q(area="") if area == state.root else Q(area=area)
    decimals = state.pack.indicators[indicator].decimals
    found = (
        Task.objects.filter(where, indicator=indicator, year_before__isnull=False, value_before__isnull=False)
        .exclude(state=TaskState.WITHDRAWN)
        .select_related("unit")
        .order_by("pk")
    )
    return tuple(
        Mark(
            t.pk, t.title, t.unit.short or t.unit.label, TaskState(t.state), timezone.localdate(t.opened_at), t.year_before,
            str(_published(t.value_before, decimals)),
        )
        for t in found
        if t.year_before is not None and t.value_before is not None
    )  # fmt: skip
