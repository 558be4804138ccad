"""Many people by a schedule at once, over columns: the rules of `states.due`, whose answers it gives for each person.

Conditions (`only_if`, grades) are judged once for each different combination of what they read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingmiao.content.expressions import columns_of, parse
from qingmiao.content.intervals import LifeInterval
from qingmiao.content.person_words import person_text
from qingmiao.content.policy import Policy
from qingmiao.content.schedules import Schedule, ScheduleItem
from qingmiao.schedules.states import (
    DONE,
    DUE,
    MISSED,
    NOT_APPLICABLE,
    OVERDUE,
    UNKNOWN,
    UNSET,
    UPCOMING,
    applies,
    period_of,
)  # fmt: skip
from qingmiao.standards.screening.dates import NAT, Dates, add_months

Codes = NDArray[np.int8]
_FAR = np.datetime64("9999-12-31", "D")


@dataclass(frozen=True)
class People:
    """n people as columns of their words (`person_words`): days as datetime64[D] with NaT for missing, others as
    objects with None for missing."""

    words: Mapping[str, NDArray[Any]]
    size: int

    def day(self, word: str) -> Dates:
        """A column of days; all NaT where it is not there."""
        found = self.words.get(word)
        missing = np.full(self.size, NAT, dtype="datetime64[D]")
        return missing if found is None else found.astype("datetime64[D]")


@dataclass(frozen=True)
class Events:
    """m things done: position of the person, position of the kind in `kinds`, day."""

    person: NDArray[np.intp]
    kind: NDArray[np.intp]
    day: Dates
    kinds: tuple[str, ...]

    def of(self, names: Collection[str]) -> NDArray[np.bool_]:
        """Which are of one of these kinds."""
        return np.array([*(kind in names for kind in self.kinds), False])[self.kind]

    def only(self, which: NDArray[np.bool_]) -> Events:
        """These alone."""
        return Events(self.person[which], self.kind[which], self.day[which], self.kinds)


@dataclass(frozen=True)
class DueStates:
    """n people by the items of a schedule; every matrix is ``[n, items]``: code in `states.STATES`, first and last day
    of the window, day done, days as in `states.DueItem` (no meaning where there is no window)."""

    items: tuple[str, ...]
    state: Codes
    first: Dates
    last: Dates
    done_on: Dates
    days: NDArray[np.int32]


def states(schedule: Schedule, people: People, events: Events, on: date, policy: Policy | None = None) -> DueStates:
    """Every item of a schedule for n people on a day."""
    today, rules = np.datetime64(on, "D"), policy or Policy()
    shape = (people.size, len(schedule.items))
    state = np.full(shape, -1, dtype=np.int8)
    first, last, done = (np.full(shape, NAT, dtype="datetime64[D]") for _ in range(3))
    past = events.only(events.of(_read(schedule)))
    counts = past.day <= today
    if schedule.subject == "child":
        born = people.day("birth_date")[past.person]
        counts &= np.isnat(born) | (past.day >= born)
    past = past.only(counts)
    for n, item in enumerate(schedule.items):
        state[:, n] = _applied(item, people)
        known = state[:, n] < 0
        if item.each is not None:
            begins, ends = period_of(item.each, on)
            first[known, n], last[known, n] = np.datetime64(begins, "D"), np.datetime64(ends, "D")
        elif item.interval is not None:
            _after(schedule, n, item, people, past, rules, state, first)
            last[:, n] = first[:, n]
        else:
            _aged(n, item, people, today, state, first, last)
    end, over = _ends(schedule, state, first, shared=True), _ends(schedule, state, first, shared=False)
    _close(schedule, people, over)
    for n, item in enumerate(schedule.items):
        if item.interval is None:
            _done(n, item, past, first, end, done)
    open_ = state < 0
    late = np.where(today >= over, MISSED, OVERDUE)
    judged = np.select([~np.isnat(done), today < first, today <= last], [DONE, UPCOMING, DUE], default=late)
    state[open_] = judged[open_]
    return DueStates(
        tuple(i.id for i in schedule.items), state, first, last, done, _days(state, first, last, done, today)
    )


def _read(schedule: Schedule) -> set[str]:
    """Every kind of event that any of its items looks at."""
    return {k for i in schedule.items for k in (*i.kinds, *i.after, *i.until)}


def _applied(item: ScheduleItem, people: People) -> Codes:
    """-1 where the item is for the person, else the code of the state."""
    found = np.full(people.size, -1, dtype=np.int8)
    reads = [c.partition(".")[2] for c in columns_of(parse(person_text(item.only_if)))] if item.only_if else []
    if item.grades:
        reads = [*reads, "grade"]
    if not reads:
        return found
    names = list(dict.fromkeys(reads))
    columns = [people.words.get(r, np.full(people.size, None, dtype=object)) for r in names]
    codes = np.zeros(people.size, dtype=np.int64)
    for column in columns:
        different, place = np.unique(column.astype(str), return_inverse=True)
        codes = codes * len(different) + place
    _, where, group = np.unique(codes, return_index=True, return_inverse=True)
    answers = np.empty(len(where), dtype=np.int8)
    for n, row in enumerate(where):
        here = applies(item, {name: _one(column, row) for name, column in zip(names, columns, strict=True)})
        answers[n] = -1 if here else UNKNOWN if here is None else NOT_APPLICABLE
    return answers[group]


def _one(column: NDArray[Any], row: int) -> Any:
    value = column[row]
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else value.astype("datetime64[D]").astype(date)
    return value.item() if isinstance(value, np.generic) else value


def _aged(
    n: int, item: ScheduleItem, people: People, today: np.datetime64, state: Codes, first: Dates, last: Dates
) -> None:
    assert item.begins is not None
    assert item.before is not None
    start = people.day(item.since)
    if item.since == "discharged_on":
        start = np.where(np.isnat(start), people.day("birth_date"), start)
    open_ = state[:, n] < 0
    unknown = open_ & (np.isnat(start) | (start > today))
    state[unknown, n] = UNKNOWN
    some = open_ & ~unknown
    first[some, n] = _shift(start[some], item.begins)
    last[some, n] = _shift(start[some], item.before) - np.timedelta64(1, "D")


def _shift(days: Dates, by: LifeInterval) -> Dates:
    if by.unit == "days":
        return days + np.timedelta64(by.value, "D")
    return add_months(days, by.value * (12 if by.unit == "years" else 1))


def _after(
    schedule: Schedule, n: int, item: ScheduleItem, people: People, past: Events, policy: Policy, state: Codes,
    first: Dates,
) -> None:  # fmt: skip
    opened, closed = _latest(past, past.of(item.after), people.size), _latest(past, past.of(item.until), people.size)
    open_ = state[:, n] < 0
    none = np.isnat(opened) | (~np.isnat(closed) & (closed >= opened))
    state[open_ & none, n] = NOT_APPLICABLE
    interval = schedule.interval(item, policy)
    if interval is None:
        state[open_ & ~none, n] = UNSET
        return
    latest = _latest(past, past.of((*item.after, *item.kinds)), people.size)
    some = open_ & ~none
    first[some, n] = _shift(latest[some], interval)


def _latest(events: Events, which: NDArray[np.bool_], size: int) -> Dates:
    """The latest day of each person among some events; NaT where there is none."""
    found = np.full(size, np.iinfo(np.int64).min, dtype=np.int64)
    np.maximum.at(found, events.person[which], events.day[which].astype(np.int64))
    return found.astype("datetime64[D]")


def _ends(schedule: Schedule, state: Codes, first: Dates, *, shared: bool) -> Dates:
    """The day on which the next item by age begins (`shared`: of a kind that both have); far away where there is
    none."""
    end = np.full(first.shape, _FAR, dtype="datetime64[D]")
    aged = [(n, set(i.kinds)) for n, i in enumerate(schedule.items) if i.begins is not None]
    for n, kinds in aged:
        for m, others in aged:
            if m != n and (kinds & others or not shared):
                later = (state[:, m] < 0) & (first[:, m] > first[:, n]) & (first[:, m] < end[:, n])
                end[later, n] = first[later, m]
    return end


def _close(schedule: Schedule, people: People, over: Dates) -> None:
    """What was not done by age is over at the schedule's own age too."""
    if schedule.until is None:
        return
    born = people.day("birth_date")
    closed = np.where(np.isnat(born), _FAR, _shift(born, schedule.until))
    aged = [n for n, i in enumerate(schedule.items) if i.begins is not None]
    over[:, aged] = np.minimum(over[:, aged], closed[:, None])


def _done(n: int, item: ScheduleItem, past: Events, first: Dates, end: Dates, done: Dates) -> None:
    which = np.flatnonzero(past.of(item.kinds))
    who, day = past.person[which], past.day[which]
    inside = (day >= first[who, n]) & (day < end[who, n])
    earliest = np.full(len(done), np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(earliest, who[inside], day[inside].astype(np.int64))
    some = earliest < np.iinfo(np.int64).max
    done[some, n] = earliest[some].astype("datetime64[D]")


def _days(state: Codes, first: Dates, last: Dates, done: Dates, today: np.datetime64) -> NDArray[np.int32]:
    day = np.timedelta64(1, "D")
    days = np.zeros(state.shape, dtype=np.int32)
    for code, later, earlier in (
        (UPCOMING, first, today), (DUE, last, today), (DONE, done, last), (OVERDUE, today, last), (MISSED, today, last),
    ):  # fmt: skip
        here = state == code
        days[here] = (np.broadcast_to(later, state.shape)[here] - np.broadcast_to(earlier, state.shape)[here]) // day
    return days
