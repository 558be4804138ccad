"""Counts of a year for many people at once: records of some kinds, items of a schedule that ended and were done."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
from numpy.typing import NDArray

from qingmiao.content.policy import Policy
from qingmiao.content.schedules import Schedule
from qingmiao.schedules.columns import Events, People, states
from qingmiao.schedules.states import DONE

Counts = NDArray[np.int64]


def recorded(people: People, events: Events, kinds: Collection[str], first: date, on: date) -> Counts:
    """How many events of some kinds each person has from a day to another, both counted."""
    day = events.day
    which = events.of(kinds) & (day >= np.datetime64(first, "D")) & (day <= np.datetime64(on, "D"))
    return np.bincount(events.person[which], minlength=people.size).astype(np.int64)


def items_of_year(
    schedule: Schedule, people: People, events: Events, first: date, on: date, policy: Policy, kinds: Collection[str]
) -> tuple[Counts, Counts]:
    """(ended, done): of the items by age whose last day lies from a day to another, how many there were for each
    person, and how many were done by the latter. `kinds`: only items that one of these satisfies; all where empty."""
    found = states(schedule, people, events, on, policy)
    mine = np.array([i.begins is not None and (not kinds or bool(set(kinds) & set(i.kinds))) for i in schedule.items])
    ended = (found.last >= np.datetime64(first, "D")) & (found.last <= np.datetime64(on, "D")) & mine
    return ended.sum(axis=1, dtype=np.int64), (ended & (found.state == DONE)).sum(axis=1, dtype=np.int64)
