"""The clocks of a case: which run, until when, which are over, which were met."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from qingmiao.casework.case import CaseFile
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.clocks import ClockStanding, Moment, clock, standing
from qingmiao.content.deadlines import Deadline
from qingmiao.content.programme_parts import ProgrammeDeadline
from qingmiao.kernel.deadlines import DAY_ENDS, ClockState, Due, Extension, days_overdue

GOES_ON = (ClockState.RUNNING, ClockState.SOON, ClockState.PAUSED, ClockState.OVERDUE)
"""Clocks that somebody still has to meet."""


AT_ONCE_FOR = timedelta(hours=1)
"""For so long what is to be done at once is not called late: our own words for people, no limit of the law."""


def at_once(deadline: Deadline) -> bool:
    """Whether a clock has no time at all: what is to be done at once."""
    return deadline.span is not None and deadline.span.limit.count == 0


def late_from(standing: ClockStanding) -> datetime | None:
    """From when whatever a clock asks for is called late: its end, or an hour after where it had no time at all."""
    if standing.due is None:
        return None
    return standing.due.at + (AT_ONCE_FOR if at_once(standing.deadline) else timedelta())


def clocks(ready: ReadyProgramme, case: CaseFile, now: datetime) -> tuple[ClockStanding, ...]:
    """Every clock of a case that has started, in the programme's order, as it stands at a moment.

    A clock without a value (a local setting that the county has not made) has no end and is left out; `unset` names it.
    """
    found = (_standing(ready, case, d, now) for d in ready.deadlines.values() if d.holds(now.date()))
    return tuple(s for s in found if s is not None)


def running(ready: ReadyProgramme, case: CaseFile, now: datetime) -> tuple[ClockStanding, ...]:
    """The clocks that still have to be met: not met, and not ended with the case or by a state of `ends_in`."""
    return tuple(s for s in clocks(ready, case, now) if s.state in GOES_ON and not _over(ready, case, s))


def duties(standings: Iterable[ClockStanding]) -> tuple[ClockStanding, ...]:
    """Of these clocks those by which something must be done, without those within which somebody may."""
    return tuple(s for s in standings if not (isinstance(s.deadline, ProgrammeDeadline) and s.deadline.right))


def unset(ready: ReadyProgramme, case: CaseFile) -> tuple[ProgrammeDeadline, ...]:
    """The clocks that would run now if the county had set how long they are: shown as not set, never made up."""
    return tuple(
        d
        for d in ready.deadlines.values()
        if d.span is None and d.due_on is None and _waits(d, moments(ready, case, d)) and not _ended(ready, case)
    )


def moments(ready: ReadyProgramme, case: CaseFile, deadline: ProgrammeDeadline) -> list[Moment]:
    """What happened, as the clock of a deadline sees it: a step at which its condition was not true does not start
    it, one after which `met_if` was not true does not meet it, and one that is counted from a field starts it then."""
    found = []
    known: Any = None
    for n, taken in enumerate(case.history):
        known = taken.values.get(deadline.counts_from or "", known)
        step = ready.programme.step(taken.step, taken.source)
        moment = Moment(taken.step, taken.source, taken.target, taken.at, step.label.zh if step is not None else "")
        starts = taken.step in deadline.starts or (moment.moves and taken.target in deadline.starts)
        meets = taken.step in deadline.met_by and (n, deadline.id) not in case.unmet
        if taken.step in deadline.met_by and not meets:
            moment = replace(moment, step="")
        if starts and (n, deadline.id) in case.unstarted:
            moment = replace(
                moment, step=taken.step if meets and taken.step not in deadline.starts else "", source=taken.target
            )
        found.append(replace(moment, since=_moment(known)) if starts else moment)
    return found


def _moment(known: Any) -> datetime | None:
    """The moment that a field says, a time as it is kept ("2026-03-02T08:30"); a day begins at midnight; None where it
    is empty."""
    if isinstance(known, str):
        return datetime.fromisoformat(known)
    return datetime.combine(known, time.min) if isinstance(known, date) else None


def _standing(
    ready: ReadyProgramme, case: CaseFile, deadline: ProgrammeDeadline, now: datetime
) -> ClockStanding | None:
    if deadline.due_on is not None:
        return _on_a_day(ready, case, deadline, now)
    extensions = [
        Extension(step.extends[deadline.id].limit, step.label.zh, taken.by or taken.role or "系统", taken.at)
        for taken in case.history
        if (step := ready.programme.step(taken.step, taken.source)) is not None and deadline.id in step.extends
    ]
    return standing(deadline, moments(ready, case, deadline), now, extensions)


def _on_a_day(
    ready: ReadyProgramme, case: CaseFile, deadline: ProgrammeDeadline, now: datetime
) -> ClockStanding | None:
    """A clock whose end a field says."""
    day = case.values.get(deadline.due_on or "")
    started = _last_start(deadline, moments(ready, case, deadline))
    if not isinstance(day, date) or started is None:
        return None
    end = Due(datetime.combine(day, DAY_ENDS))
    meets = (
        t.at for n, t in enumerate(case.history) if t.step in deadline.met_by and (n, deadline.id) not in case.unmet
    )
    met = next((at for at in meets if at > started), None)
    if met is not None:
        state = ClockState.MET if met <= end.at else ClockState.MET_LATE
        return ClockStanding(deadline, state, end, 0)
    if now > end.at:
        return ClockStanding(deadline, ClockState.OVERDUE, end, days_overdue(day, now.date()))
    state = ClockState.SOON if deadline.warned(end.at, now) else ClockState.RUNNING
    return ClockStanding(deadline, state, end, 0)


def _last_start(deadline: ProgrammeDeadline, seen: list[Moment]) -> datetime | None:
    starts = [m.at for m in seen if m.step in deadline.starts or (m.moves and m.target in deadline.starts)]
    return max(starts, default=None)


def _waits(deadline: ProgrammeDeadline, seen: list[Moment]) -> bool:
    """Whether a deadline started and was not met since."""
    began = _last_start(deadline, seen)
    return began is not None and not any(m.step in deadline.met_by and m.at > began for m in seen)


def _over(ready: ReadyProgramme, case: CaseFile, standing: ClockStanding) -> bool:
    deadline = standing.deadline
    assert isinstance(deadline, ProgrammeDeadline)
    if case.state in deadline.ends_in:
        return True
    if not _ended(ready, case):
        return False
    entered = max((t.at for t in case.history if t.source != t.target), default=datetime.min)
    found = clock(deadline, moments(ready, case, deadline))
    began = found.start if found is not None else _last_start(deadline, moments(ready, case, deadline))
    return began is None or began < entered


def _ended(ready: ReadyProgramme, case: CaseFile) -> bool:
    state = ready.programme.states.get(case.state)
    return state is not None and state.final
