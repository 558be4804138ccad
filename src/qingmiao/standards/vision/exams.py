"""The thirteen eye exams from birth to 6 years (国卫办妇幼发〔2021〕11号): done, due and overdue.

Ages and contents: ``eye_exam_schedule.csv``. The exams go with the thirteen health visits, so their windows are those
of the visit calendar (``child_health/visits.csv``); that the windows are the same is our reading, not seen in a text.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards import norm_tables
from qingmiao.standards.columns import Codes
from qingmiao.standards.screening import visits
from qingmiao.standards.screening.dates import NAT, Dates

STATES = visits.STATES


@dataclass(frozen=True, slots=True)
class EyeExam:
    """One exam of one child: ``first_day`` to ``last_day`` is when it should be done."""

    number: int
    label_zh: str
    state: str
    first_day: datetime.date | None
    last_day: datetime.date | None
    done_date: datetime.date | None
    items_zh: str
    county_items_zh: str


def exam_states(
    birth: Dates,
    *,
    exam_child: NDArray[np.intp],
    exam_date: Dates,
    on: np.datetime64,
    discharge: Dates | None = None,
) -> tuple[Codes, Dates]:
    """State of each of the thirteen exams of n children on a date and the day it was done; both ``[n, 13]``.

    The rules for late and missing dates are those of :func:`qingmiao.standards.screening.visits.visit_states`.
    """
    return visits.visit_states(birth, visit_child=exam_child, visit_date=exam_date, on=on, discharge=discharge)


def child_exams(
    birth_date: datetime.date | None,
    *,
    exam_dates: Sequence[datetime.date],
    on: datetime.date,
    discharge_date: datetime.date | None = None,
) -> tuple[EyeExam, ...]:
    """The thirteen exams of one child; the same code as :func:`exam_states`."""
    birth = np.array([birth_date], dtype="datetime64[D]")
    discharge = np.array([discharge_date], dtype="datetime64[D]")
    state, done = exam_states(
        birth,
        exam_child=np.zeros(len(exam_dates), dtype=np.intp),
        exam_date=np.array(list(exam_dates), dtype="datetime64[D]"),
        on=np.datetime64(on, "D"),
        discharge=discharge,
    )
    first, last = visits.windows(birth, discharge)
    return tuple(
        EyeExam(
            number=int(row["n"]),
            label_zh=row["age_label"],
            state=STATES[state[0, place]],
            first_day=_date(first[0, place]),
            last_day=_date(last[0, place]),
            done_date=_date(done[0, place]),
            items_zh=row["exam_items_zh"],
            county_items_zh=row["county_level_items_zh"],
        )
        for place, row in enumerate(norm_tables.rows("vision", "eye_exam_schedule.csv"))
    )


def _date(day: np.datetime64) -> datetime.date | None:
    return None if day is NAT or np.isnat(day) else day.astype("datetime64[D]").astype(datetime.date)
