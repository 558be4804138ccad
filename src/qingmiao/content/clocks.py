"""The clock of one thing under a deadline, from the moments of its life: when it started, paused and was met."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from qingmiao.content.deadlines import Deadline
from qingmiao.kernel.deadlines import Clock, ClockState, Due, Extension, Pause
from qingmiao.standards import working_days


@dataclass(frozen=True)
class Moment:
    """A step that was taken: its name, from which state to which, when (China's clock, no offset), and why.

    `since`: what a clock that it starts counts from, where that is another moment (a birth, a discharge)."""

    step: str
    source: str
    target: str
    at: datetime
    reason: str = ""
    since: datetime | None = None

    @property
    def moves(self) -> bool:
        """The thing came to another state."""
        return self.source != self.target


@dataclass(frozen=True)
class ClockStanding:
    """How a thing stands under a deadline now. `due` is None while it is paused."""

    deadline: Deadline
    state: ClockState
    due: Due | None
    days_overdue: int

    @property
    def late(self) -> bool:
        """The end is over and it was not met."""
        return self.state is ClockState.OVERDUE


def clock(deadline: Deadline, moments: Iterable[Moment]) -> Clock | None:
    """The clock that runs (or was met) last; None where the deadline never started or has no value.

    A moment starts it by its step or by the state that it brings the thing to; starting again before it was met changes
    nothing, after it was met begins anew. A pause is a stay in one of `paused_in`.
    """
    span = deadline.span
    if span is None:
        return None
    start: datetime | None = None
    met: datetime | None = None
    pauses: list[Pause] = []
    for moment in sorted(moments, key=lambda m: m.at):
        running = start is not None and met is None
        if running and moment.step in deadline.met_by:
            met, pauses = moment.at, _ended(pauses, moment.at)
        elif running and moment.moves and moment.target in deadline.paused_in:
            pauses = [*_ended(pauses, moment.at), Pause(moment.reason or moment.step, moment.at)]
        elif running and moment.moves:
            pauses = _ended(pauses, moment.at)
        if (start is None or met is not None) and _starts(deadline, moment):
            start, met, pauses = moment.since or moment.at, None, []
    return None if start is None else Clock(start, span.limit, tuple(pauses), met_at=met)


def standing(
    deadline: Deadline, moments: Iterable[Moment], now: datetime, extensions: Iterable[Extension] = ()
) -> ClockStanding | None:
    """How a thing with these moments stands at `now`; None where the deadline never started or has no value.

    Of the `extensions` those count that were allowed after the clock started.
    """
    found, calendar = clock(deadline, moments), working_days.china()
    if found is None:
        return None
    found = replace(found, extensions=tuple(e for e in extensions if e.at >= found.start))
    state, due = found.state(now, calendar), found.due(calendar)
    if state is ClockState.RUNNING and due is not None and deadline.warned(due.at, now):
        state = ClockState.SOON
    late = found.days_overdue(now, calendar) if state is ClockState.OVERDUE else 0
    return ClockStanding(deadline, state, due, late)


def _starts(deadline: Deadline, moment: Moment) -> bool:
    return moment.step in deadline.starts or (moment.moves and moment.target in deadline.starts)


def _ended(pauses: list[Pause], at: datetime) -> list[Pause]:
    return [p if p.ended is not None else Pause(p.reason, p.begun, at) for p in pauses]
