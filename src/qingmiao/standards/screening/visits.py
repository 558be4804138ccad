"""The thirteen health visits from birth to 6 years: windows, and which are done, due and overdue on a date.

Windows: ``visits.csv`` (国家基本公共卫生服务规范 第三版, 2017, as quoted by a public file). The first home visit is due within
7 days of discharge, the full-month visit from day 28 to day 30 (many places do it at 42 days), the others in the
calendar months given, "from" inclusive and "to" exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards import norm_tables
from qingmiao.standards.columns import Codes
from qingmiao.standards.screening.dates import Dates, add_months

STATES = ("not_yet_due", "due", "done", "done_late", "overdue", "missing")
"""State of one visit of one child, by code; ``missing`` where the birth date is missing or after ``on``."""
NOT_YET_DUE, DUE, DONE, DONE_LATE, OVERDUE, MISSING = range(6)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of the calendar and what is done at it (``haemoglobin`` and others: names of ``visits.csv``)."""

    code: str
    label_zh: str
    start: int
    stop: int
    unit: str
    contents: tuple[str, ...]

    @property
    def in_months(self) -> bool:
        return self.unit == "month_excl"


_CONTENTS = ("haemoglobin", "hearing", "warning_signs_autism_first_screen", "tcm", "refraction")


@cache
def calendar() -> tuple[Visit, ...]:
    """The thirteen visits in order of age."""
    return tuple(
        Visit(
            code=row["visit"],
            label_zh=row["label_zh"],
            start=int(row["from_age"]),
            stop=int(row["to_age"]),
            unit=row["unit"],
            contents=tuple(name for name in _CONTENTS if row[name] == "1"),
        )
        for row in norm_tables.rows("child_health", "visits.csv")
    )


def windows(birth: Dates, discharge: Dates | None = None) -> tuple[Dates, Dates]:
    """First day and last day (both inclusive) of each visit's window; shape ``[n, 13]``.

    Without a discharge date (``None`` or NaT) the home visit's window runs from the day of birth.
    """
    home = birth if discharge is None else np.where(np.isnat(discharge), birth, discharge)
    first = np.empty((birth.shape[0], len(calendar())), dtype="datetime64[D]")
    last = first.copy()
    day = np.timedelta64(1, "D")
    for place, visit in enumerate(calendar()):
        if visit.in_months:
            first[:, place] = add_months(birth, visit.start)
            last[:, place] = add_months(birth, visit.stop) - day
        else:
            origin = home if place == 0 else birth
            first[:, place] = origin + visit.start * day
            last[:, place] = origin + visit.stop * day
    return first, last


def visit_states(
    birth: Dates,
    *,
    visit_child: NDArray[np.intp],
    visit_date: Dates,
    on: np.datetime64,
    discharge: Dates | None = None,
) -> tuple[Codes, Dates]:
    """State of each of the thirteen visits of n children on a date, and the day of the first attendance; ``[n, 13]``.

    ``visit_child`` gives each of m attendances its child's position, ``visit_date`` its day. An attendance belongs to
    the latest visit that had begun by then, so one at 10 months is a late 8-month visit (``done_late``): the sources do
    not say for how long a visit can be made up, this is our rule. Attendances without a date, before birth or after
    ``on`` are left out. A visit not attended is ``due`` inside its window and ``overdue`` after it.
    """
    first, last = windows(birth, discharge)
    known = ~np.isnat(birth) & (birth <= on)
    attended = np.full(first.shape, np.datetime64("NaT", "D"))
    usable = ~np.isnat(visit_date) & (visit_date <= on) & known[visit_child]
    child, day = visit_child[usable], visit_date[usable]
    slot = (first[child] <= day[:, None]).sum(axis=1) - 1
    inside = slot >= 0
    child, slot, day = child[inside], slot[inside], day[inside]
    order = np.argsort(day, kind="stable")[::-1]  # latest first, so that the earliest of a visit is written last
    attended[child[order], slot[order]] = day[order]

    done = ~np.isnat(attended)
    state = np.select(
        [done & (attended > last), done, on < first, on > last],
        [DONE_LATE, DONE, NOT_YET_DUE, OVERDUE],
        default=DUE,
    ).astype(np.int8)
    state[~known] = MISSING
    return state, attended
