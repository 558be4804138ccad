"""A round: everybody on a unit's list is checked again within the time of one clock. Who has to be by when, and how far
each unit is. Only days are known here, never what a check found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from qingmiao.casework.case import CaseFile
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.organisations import fits
from qingmiao.content.programme_parts import ProgrammeDeadline
from qingmiao.kernel.deadlines import Due

Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class RoundPeople:
    """People on the lists of units, as columns of one length: the unit that checks them, the day of their last check
    (datetime64[D], NaT where there is none), and whether a new check is under way."""

    units: NDArray[np.str_]
    checked_on: Days
    under_way: NDArray[np.bool_]


@dataclass(frozen=True)
class UnitRound:
    """How far a unit is on a day. `staff`: how many work there (None: not known); `listed`: how many of them are on the
    list. Of these `valid` were checked in time and are cleared, `soon` of them are due again soon, of `under_way` a new
    check is not settled yet, `overdue` should have been checked again, `never` were not checked at all. `next_due`: the
    next day on which somebody has to be checked again.
    """

    unit: str
    staff: int | None
    listed: int
    valid: int
    soon: int
    under_way: int
    overdue: int
    never: int
    next_due: date | None

    @property
    def unlisted(self) -> int | None:
        """Those who work there and are on no list; None where the staff is not known."""
        return None if self.staff is None else max(0, self.staff - self.listed)

    @property
    def done(self) -> bool:
        """Everybody who works there was checked in time. A unit whose staff is not known is never done."""
        return self.staff is not None and self.valid == self.listed and self.listed >= self.staff


@dataclass(frozen=True)
class RoundTotal:
    """All units together. `covered`: people checked in time; `people`: staff where known, else those listed."""

    units: int
    done: int
    covered: int
    people: int

    @property
    def share(self) -> float | None:
        """Units that are done of all that must (0–1); None where no unit must."""
        return self.done / self.units if self.units else None


def round_clock(ready: ReadyProgramme) -> ProgrammeDeadline:
    """The clock of a programme's round, with the county's setting. Raises KeyError for a programme without one."""
    rule = ready.programme.round
    if rule is None:
        raise KeyError(ready.programme.id)
    return ready.deadlines[rule.clock]


def people_of(ready: ReadyProgramme, cases: Iterable[CaseFile]) -> RoundPeople:
    """The people whose cases are open, from the cases themselves: checked on the day on which the clock started last;
    under way where it was met since."""
    clock = round_clock(ready)
    found = [c for c in cases if c.history and not ready.programme.states[c.state].final]
    starts = [max((t.at for t in c.history if t.target in clock.starts), default=None) for c in found]
    last = [max((t.at for t in c.history if t.step in clock.met_by), default=None) for c in found]
    return RoundPeople(
        np.array([c.owner for c in found], dtype=np.str_),
        np.array([s.date() if s is not None else None for s in starts], dtype="datetime64[D]"),
        np.array([m is not None and (s is None or m > s) for s, m in zip(starts, last, strict=True)], dtype=np.bool_),
    )


def due_days(clock: ProgrammeDeadline, checked_on: Days) -> Days:
    """The day by which each one has to be checked again; NaT where there was no check or the clock has no value."""
    known, back = np.unique(checked_on, return_inverse=True)
    ends = [_due(clock, day) for day in known]
    return np.array([None if e is None else e.at.date() for e in ends], dtype="datetime64[D]")[back]


def round_by_unit(
    ready: ReadyProgramme, people: RoundPeople, units: Mapping[str, str], staff: Mapping[str, int], on: date
) -> tuple[UnitRound, ...]:
    """How far each unit is on a day, in the order of `units`: unit → its kind; those of other kinds need no round.

    `staff`: unit → how many work there, where that is known. A unit without anybody on its list stands with zeros. On
    the last day a check is still valid; while a new one is under way nobody counts as checked, whatever it will find.
    """
    clock, rule = round_clock(ready), ready.programme.round
    assert rule is not None
    due = due_days(clock, people.checked_on)
    today = np.datetime64(on, "D")
    known, settled = ~np.isnat(due), ~people.under_way
    valid = settled & known & (due >= today)
    soon = valid & (due <= today + np.timedelta64(round_soon(clock), "D"))
    found = []
    for unit, kind in units.items():
        if not fits(kind, rule.units):
            continue
        here = people.units == unit
        ahead = due[here & valid]
        found.append(
            UnitRound(
                unit, staff.get(unit), int(here.sum()), int((here & valid).sum()), int((here & soon).sum()),
                int((here & ~settled).sum()), int((here & settled & known & ~valid).sum()),
                int((here & settled & ~known).sum()),
                ahead.min().astype(object) if len(ahead) else None,
            )
        )  # fmt: skip
    return tuple(found)


def round_total(units: Iterable[UnitRound]) -> RoundTotal:
    """All units together."""
    every = tuple(units)
    people = sum(u.listed if u.staff is None else max(u.staff, u.listed) for u in every)
    return RoundTotal(len(every), sum(u.done for u in every), sum(u.valid for u in every), people)


def _due(clock: ProgrammeDeadline, day: np.datetime64) -> Due | None:
    return None if np.isnat(day) else clock.due(datetime.combine(day.astype(object), time()))


def round_soon(clock: ProgrammeDeadline) -> int:
    """Days before the end at which a clock is shown yellow; the longest of its warnings."""
    start = datetime(2026, 1, 1)
    return max(((w.after(start) - start) // timedelta(days=1) for w in clock.warn), default=0)
