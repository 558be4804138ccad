"""One person by a schedule: every item with its state, its first and last day, and the day it was done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from qingmiao.content.person_words import value_of
from qingmiao.content.policy import Policy
from qingmiao.content.schedules import Period, Schedule, ScheduleItem

STATES = ("upcoming", "due", "done", "overdue", "missed", "not_applicable", "unset", "unknown")
"""State of an item. `unset`: its interval is the county's, and not set; `unknown`: a day that it counts from, or what
its condition reads, is missing."""
UPCOMING, DUE, DONE, OVERDUE, MISSED, NOT_APPLICABLE, UNSET, UNKNOWN = range(len(STATES))
Window = tuple[date, date]
Event = tuple[str, date]
"""(kind, day) of something done."""


@dataclass(frozen=True)
class DueItem:
    """One item on a day. `days`: until its first day (upcoming), its last day (due), since its last day (overdue,
    missed, and done: over nought means late); None where there is no window."""

    item: str
    state: str
    first: date | None = None
    last: date | None = None
    done_on: date | None = None
    days: int | None = None


def due(
    schedule: Schedule, person: Mapping[str, Any], events: Sequence[Event], on: date, policy: Policy | None = None
) -> tuple[DueItem, ...]:
    """Every item of a schedule for one person on a day, in its order. Events after it or before the birth do not count.

    `person`: word → value (`person_words`); of mothers the words of mothers. A calendar item is that of the period in
    which the day lies. Without a day of discharge the birth stands for it.
    """
    begun = person.get("birth_date") if schedule.subject == "child" else None
    past = [e for e in events if e[1] <= on and (begun is None or e[1] >= begun)]
    windows = [_window(schedule, item, person, past, on, policy or Policy()) for item in schedule.items]
    born = person.get("birth_date")
    closed = schedule.until.after(born) if schedule.until is not None and born is not None else None
    return tuple(_state(schedule, n, windows, past, on, closed) for n in range(len(schedule.items)))


def applies(item: ScheduleItem, person: Mapping[str, Any]) -> bool | None:
    """Whether an item is for a person at all; None where that cannot be told."""
    if item.grades:
        grade = person.get("grade")
        if grade not in item.grades:
            return False
    if item.only_if is None:
        return True
    answer = value_of(item.only_if, {f"child.{k}": v for k, v in person.items()})
    return answer if answer is None else answer is True


def period_of(each: Period, on: date) -> Window:
    """First and last day of the year, school year (from 1 September) or term (from 1 September, from 1 February) of a
    day."""
    year = on.year if on.month >= 9 else on.year - 1
    if each == "year":
        return date(on.year, 1, 1), date(on.year, 12, 31)
    first, spring, end = date(year, 9, 1), date(year + 1, 2, 1), date(year + 1, 8, 31)
    if each == "school_year":
        return first, end
    return (first, spring - timedelta(days=1)) if on < spring else (spring, end)


def _window(
    schedule: Schedule, item: ScheduleItem, person: Mapping[str, Any], past: Sequence[Event], on: date, policy: Policy
) -> Window | int:
    """First and last day of an item; the code of its state where it has none."""
    here = applies(item, person)
    if here is not True:
        return UNKNOWN if here is None else NOT_APPLICABLE
    if item.each is not None:
        return period_of(item.each, on)
    if item.interval is not None:
        return _next(schedule, item, past, policy)
    start = person.get(item.since)
    if start is None and item.since == "discharged_on":
        start = person.get("birth_date")
    if start is None or start > on or item.begins is None or item.before is None:
        return UNKNOWN
    return item.begins.after(start), item.before.after(start) - timedelta(days=1)


def _next(schedule: Schedule, item: ScheduleItem, past: Sequence[Event], policy: Policy) -> Window | int:
    """The day after the interval since the latest event, as a window of one day; none once it was closed."""
    opened = max((d for k, d in past if k in item.after), default=None)
    closed = max((d for k, d in past if k in item.until), default=None)
    if opened is None or (closed is not None and closed >= opened):
        return NOT_APPLICABLE
    interval = schedule.interval(item, policy)
    if interval is None:
        return UNSET
    latest = max(d for k, d in past if (k in item.after or k in item.kinds) and d >= opened)
    day = interval.after(latest)
    return day, day


def _state(
    schedule: Schedule, n: int, windows: Sequence[Window | int], past: Sequence[Event], on: date, closed: date | None
) -> DueItem:
    item, window = schedule.items[n], windows[n]
    if isinstance(window, int):
        return DueItem(item.id, STATES[window])
    first, last = window
    end, done = _end(schedule, n, windows), None
    if item.interval is None:
        within = [d for k, d in past if k in item.kinds and d >= first and (end is None or d < end)]
        done = min(within, default=None)
    if done is not None:
        return DueItem(item.id, "done", first, last, done, (done - last).days)
    if on < first:
        return DueItem(item.id, "upcoming", first, last, None, (first - on).days)
    if on <= last:
        return DueItem(item.id, "due", first, last, None, (last - on).days)
    over = min((d for d in (_next_begins(schedule, n, windows), closed) if d is not None), default=None)
    late = "missed" if item.begins is not None and over is not None and on >= over else "overdue"
    return DueItem(item.id, late, first, last, None, (on - last).days)


def _end(schedule: Schedule, n: int, windows: Sequence[Window | int]) -> date | None:
    """The day on which the next item begins that the same kinds satisfy; None where there is none."""
    return _next_begins(schedule, n, windows, set(schedule.items[n].kinds))


def _next_begins(
    schedule: Schedule, n: int, windows: Sequence[Window | int], kinds: Collection[str] | None = None
) -> date | None:
    """The day on which the next item by age begins (of `kinds`: that one of them satisfies); None where there is
    none."""
    window = windows[n]
    if schedule.items[n].begins is None or isinstance(window, int):
        return None
    later = [
        w[0]
        for other, w in zip(schedule.items, windows, strict=True)
        if not isinstance(w, int)
        and other.begins is not None
        and (kinds is None or set(other.kinds) & set(kinds))
        and w[0] > window[0]
    ]
    return min(later, default=None)


__all__ = ["STATES", "DueItem", "applies", "due", "period_of"]
