"""Time windows of newborn screening: heel blood and hearing (``newborn_screening.csv``).

Blood: from 48 hours to 7 days after birth; for premature, ill or early discharged children not later than 20 days.
Hearing: first screen from 48 hours to discharge, second within 42 days for who failed or missed the first, diagnosis
before 3 months for who failed twice. Sources are secondary pages; the first hearing screen and the diagnosis limit are
unverified.
"""

from __future__ import annotations

import datetime

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes
from qingmiao.standards.screening.dates import Dates, add_months

FIRST_HOURS = 48
BLOOD_LAST_DAY = 7
BLOOD_LATE_LAST_DAY = 20
HEARING_RESCREEN_LAST_DAY = 42
HEARING_DIAGNOSIS_BEFORE_MONTHS = 3

BLOOD_STATES = (
    "not_yet_due", "due", "done", "done_early", "done_late", "overdue", "missing", "too_late",
)  # fmt: skip
"""State of the blood sample by code. ``done_early``: before 48 hours, to be repeated; ``done_late``: after the last
day; ``too_late``: no sample and the late limit of 20 days is over."""
NOT_YET_DUE, DUE, DONE, DONE_EARLY, DONE_LATE, OVERDUE, MISSING, TOO_LATE = range(8)

HEARING_RESULTS = ("", "pass", "refer", "not_done")
HEARING_STEPS = ("", "first_screen", "rescreen", "diagnosis", "done", "missing")
"""Next step by code; 0 is "not yet"."""


def blood_states(birth: Dates, sample: Dates, *, delayed: NDArray[np.bool_], on: np.datetime64) -> Codes:
    """State of n children's blood samples on a day (:data:`BLOOD_STATES`).

    ``birth`` and ``sample`` are moments (``datetime64[m]``) or days; NaT is missing, for ``sample`` not taken. With
    days only, 48 hours are taken as two calendar days later. ``delayed`` marks premature, ill or early discharged
    children, whose last day is the 20th, not the 7th. A sample after ``on`` is not known yet.
    """
    missing = np.isnat(birth) | (birth > on)
    taken = ~np.isnat(sample) & (sample <= on)
    start = birth + np.timedelta64(FIRST_HOURS, "h")
    if np.datetime_data(birth.dtype)[0] == "D":
        start = birth + np.timedelta64(FIRST_HOURS // 24, "D")
    born_day = birth.astype("datetime64[D]")
    last = born_day + np.where(delayed, BLOOD_LATE_LAST_DAY, BLOOD_LAST_DAY).astype("timedelta64[D]")
    never = born_day + np.timedelta64(BLOOD_LATE_LAST_DAY, "D")
    day, today = sample.astype("datetime64[D]"), on.astype("datetime64[D]")
    return np.select(
        [
            missing,
            taken & (sample < start),
            taken & (day > last),
            taken,
            on < start,
            today > never,
            today > last,
        ],
        [MISSING, DONE_EARLY, DONE_LATE, DONE, NOT_YET_DUE, TOO_LATE, OVERDUE],
        default=DUE,
    ).astype(np.int8)


def hearing_step(first: Codes, second: Codes) -> Codes:
    """What comes next after the hearing screens (:data:`HEARING_STEPS`).

    ``first`` and ``second`` are positions in :data:`HEARING_RESULTS` (0 no record yet). Passing either ends the
    screening. A first screen that failed or was missed (``not_done``) asks for the second; two failures for a
    diagnosis.
    """
    return np.select(
        [(first == 1) | (second == 1), (first < 0) | (second < 0), second == 2, first == 0, first > 1],
        [4, 5, 3, 1, 2],
        default=0,
    ).astype(np.int8)


def hearing_limits(birth: Dates) -> tuple[Dates, Dates]:
    """Last day of the second screen (42 days) and the day before which a diagnosis is due (3 months)."""
    born = birth.astype("datetime64[D]")
    rescreen: Dates = born + np.array(HEARING_RESCREEN_LAST_DAY, dtype="timedelta64[D]")
    return rescreen, add_months(born, HEARING_DIAGNOSIS_BEFORE_MONTHS)


def blood_state(
    birth: datetime.date | datetime.datetime | None,
    sample: datetime.date | datetime.datetime | None,
    *,
    delayed: bool = False,
    on: datetime.date | datetime.datetime,
) -> str:
    """One child's blood sample; the same code as :func:`blood_states`. Give moments or days, not both."""
    unit = "datetime64[m]" if isinstance(birth, datetime.datetime) else "datetime64[D]"
    found = blood_states(
        np.array([birth], dtype=unit),
        np.array([sample], dtype=unit),
        delayed=np.array([delayed]),
        on=np.array([on], dtype=unit)[0],
    )
    return BLOOD_STATES[found[0]]
