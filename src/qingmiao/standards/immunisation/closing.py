"""Doses that are no longer to be given: past the schedule's age, past the vaccine's age, or made needless by others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes
from qingmiao.standards.immunisation import catch_up, schedule
from qingmiao.standards.immunisation.plan import ScheduledChildren
from qingmiao.standards.immunisation.records import REASON
from qingmiao.standards.immunisation.slots import SeriesResult
from qingmiao.standards.screening.dates import Dates, add_months

_NO_LIMIT = 200_000


def beyond_schedule(children: ScheduledChildren, on: np.datetime64) -> NDArray[np.bool_]:
    """``[n]``: those who have reached the age at which the schedule ends (18 years): nothing is due or overdue any
    more."""
    return np.asarray(on >= add_months(children.birth, catch_up.months("catch_up_until")))


def closed(
    name: str, result: SeriesResult, children: ScheduledChildren, on: np.datetime64, *, ageless: bool = False
) -> Codes:
    """``[n, slots]``: why a dose that was not given is no longer to be given (code of ``REASONS``), 0 where it still
    is.

    From the age at which DT takes the place of DTaP, a child is asked for one DT after three or four doses, or for
    three doses in all; DTaP and DT end where DT ends (12 years). ``ageless``: there is no day, nobody is past the
    schedule's age.
    """
    birth = children.birth
    limits = np.array([schedule.products()[row.vaccine].too_old_months or _NO_LIMIT for row in schedule.rows()])
    found = np.zeros(result.row.shape, dtype=np.int8)
    for slot in range(result.row.shape[1]):
        aged = on >= add_months(birth, limits[result.row[:, slot]])
        found[aged, slot] = REASON["too_old"]
    if name == "DTaP":
        if not ageless:
            _close_dtap(found, result, birth, on)
        found[result.dt_completes] = REASON["series_complete"]
    if not ageless:
        found[beyond_schedule(children, on)] = REASON["too_old"]
    found[result.taken] = 0
    return found


def _close_dtap(found: Codes, result: SeriesResult, birth: Dates, on: np.datetime64) -> None:
    codes = list(schedule.products())
    own_last = np.array([codes.index(row.vaccine) for row in schedule.rows()])[result.row[:, -1]]
    at_six = (own_last == codes.index("DT")) & (on < catch_up.day("dt_from"))
    begins = np.where(at_six, catch_up.months("dt_from_before_2025"), catch_up.months("dt_from"))
    instead = on >= add_months(birth, begins)
    done = result.taken.sum(axis=1)
    found[instead & (done == 3), 3] = REASON["dt_instead"]
    found[instead & (done < 3), 3:] = REASON["dt_instead"]
    ended = schedule.products()["DT"].too_old_months
    assert ended is not None
    found[on >= add_months(birth, ended)] = REASON["too_old"]


def early_meningococcal(result: SeriesResult, children: ScheduledChildren, on: np.datetime64) -> Dates:
    """``[n, slots]``: days due of the meningococcal series once a child has fewer than two MPSV-A at 24 months.

    From then on MPSV-AC 1 is due as soon as it may be given: at 24 months, three months after the one MPSV-A.
    """
    due = result.due.copy()
    start = add_months(children.birth, catch_up.months("mpsv_ac_early_from"))
    early = (result.taken[:, :2].sum(axis=1) < 2) & ((on >= start) | (result.given[:, 2] < result.nominal[:, 2]))
    waited = add_months(np.fmax(result.given[:, 0], result.given[:, 1]), catch_up.months("mpsv_ac_after_one_a"))
    due[:, 2] = np.where(early, np.fmax(start, waited), due[:, 2])
    return due
