"""The state of every dose of every child on a day: given, due, overdue, not yet due, or not applicable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes
from qingmiao.standards.immunisation import doses, schedule
from qingmiao.standards.immunisation.circumstances import HEALTH_STATES, Globulin, health_answers
from qingmiao.standards.immunisation.closing import beyond_schedule, closed, early_meningococcal
from qingmiao.standards.immunisation.plan import ScheduledChildren
from qingmiao.standards.immunisation.records import NOTE, REASON, Records
from qingmiao.standards.immunisation.slots import SeriesResult
from qingmiao.standards.screening.dates import NAT, Dates, add_months

STATES = (
    "not_yet_due", "due", "overdue", "given_valid", "given_invalid", "not_applicable", "missing", "contraindicated",
    "deferred",
)  # fmt: skip
"""State of one dose of one child, by code."""
NOT_YET_DUE, DUE, OVERDUE, GIVEN_VALID, GIVEN_INVALID, NOT_APPLICABLE, MISSING, CONTRAINDICATED, DEFERRED = range(9)


@dataclass(frozen=True, slots=True)
class DoseStates:
    """n children by the d doses of :func:`schedule.doses`; every matrix is ``[n, d]``."""

    on: np.datetime64
    state: Codes
    reason: Codes
    """Position in ``records.REASONS``: why the state is not simply given or (not) due."""
    note: Codes
    due: Dates
    complete_before: Dates
    given: Dates
    timely: np.ma.MaskedArray[Any, np.dtype[np.bool_]]
    """A counted dose before ``complete_before``; masked where none counted, the edition sets no limit, or days cannot
    tell (birth dose on the day after birth: 24 hours may or may not be over)."""
    row: NDArray[np.intp]
    """Governing row of ``schedule.rows()``, -1 where not applicable."""
    written: NDArray[np.int16]
    """The dose number written in the record that counts as this dose, 0 where none is."""
    written_differs: NDArray[np.bool_]
    """That number is another one than the place in which the dose counts."""
    beyond: NDArray[np.bool_]
    """``[n]``: past the age of the schedule on the day."""
    slot_key: NDArray[np.intp]
    """``[series, n, slots]``: place in :func:`schedule.doses` of each slot of a child's series, -1 none."""
    record_reason: Codes
    """For each record handed in, why it does not count (0: it counts)."""
    record_key: NDArray[np.intp]
    """For each record its place in :func:`schedule.doses`, -1 none; of one that does not count, the place it would have
    taken."""
    record_differs: NDArray[np.bool_]
    """For each record, whether its number differs from the place in which it counts."""


def states_on(children: ScheduledChildren, records: Records, on: np.datetime64, *, ageless: bool = False) -> DoseStates:
    """State of every dose on the day ``on``; records after it are left out (``after_on``). ``ageless``: nobody is past
    any age.

    * ``due``: the age is reached and the interval after the dose before is over. While the dose before is missing a
      dose is ``not_yet_due`` with reason ``previous_dose_missing``.
    * ``overdue``: not given and ``complete_before`` reached. A dose without a limit of its own becomes overdue when a
      later dose of its series does.
    * ``not_applicable``: another option of the series was begun, another edition governs (HPV: the child was past its
      age when the row came into force), the other sex, an age at which the vaccine is no longer given or the schedule
      ends (``too_old``, its due date is kept), or other doses made it needless (``series_complete``, ``dt_instead``).
    * ``contraindicated``: barred for the child (``ScheduledChildren.bars``) or by its health state, and not given;
      ``deferred``: barred for now, and due. Neither is ever ``due`` or ``overdue``; coverage keeps both in its
      denominator.
    * ``missing``: no (or an impossible) birth date, a dose for girls and the sex is not known, or something recorded
      that may have been this dose could not be read (``unreadable_record``): whether it was given is not known, so it
      is not overdue.
    """
    later = records.date > on
    globulin = records.globulin
    if globulin is not None:
        globulin = Globulin(globulin.child[globulin.day <= on], globulin.day[globulin.day <= on])
    judged = doses.judge(children, replace(records, date=np.where(later, NAT, records.date), globulin=globulin))
    record_reason = np.where(later, REASON["after_on"], judged.record_reason).astype(np.int8)
    keys = schedule.doses()
    shape = (children.birth.shape[0], len(keys))
    found = DoseStates(
        on=on,
        state=np.full(shape, NOT_APPLICABLE, dtype=np.int8),
        reason=np.full(shape, REASON["other_edition"], dtype=np.int8),
        note=np.zeros(shape, dtype=np.int8),
        due=np.full(shape, NAT),
        complete_before=np.full(shape, NAT),
        given=np.full(shape, NAT),
        timely=np.ma.MaskedArray(np.zeros(shape, dtype=bool), mask=np.ones(shape, dtype=bool)),
        row=np.full(shape, -1, dtype=np.intp),
        written=np.zeros(shape, dtype=np.int16),
        written_differs=np.zeros(shape, dtype=bool),
        beyond=beyond_schedule(children, on),
        slot_key=np.full((len(schedule.series()), shape[0], 5), -1, dtype=np.intp),
        record_reason=record_reason,
        record_key=np.full(record_reason.shape, -1, dtype=np.intp),
        record_differs=judged.record_differs & ~later,
    )
    all_rows = schedule.rows()
    key_of_row = np.array([keys.index((row.vaccine, row.dose)) for row in all_rows])
    in_hours = np.array([row.in_hours for row in all_rows])
    for number_, (name, options) in enumerate(schedule.series().items()):
        result = judged.series[name]
        if name == "MPSV":
            result = replace(result, due=early_meningococcal(result, children, on))
        state, reason = _slot_states(name, result, children, on, ageless=ageless)
        for slot in range(result.row.shape[1]):
            who = np.flatnonzero(result.row[:, slot] >= 0)
            row = result.row[who, slot]
            key = key_of_row[row]
            found.state[who, key], found.reason[who, key] = state[who, slot], reason[who, slot]
            found.note[who, key], found.row[who, key] = result.note[who, slot], row
            found.written[who, key] = result.written[who, slot]
            found.written_differs[who, key] = result.written_differs[who, slot]
            used = (state[who, slot] != NOT_APPLICABLE) | (reason[who, slot] == REASON["too_old"])
            for target, source in (
                (found.due, result.due), (found.complete_before, result.complete_before), (found.given, result.given)
            ):  # fmt: skip
                target[who[used], key[used]] = source[who[used], slot]
            given, limit = result.given[who, slot], result.complete_before[who, slot]
            unsure = np.isnat(given) | np.isnat(limit) | (in_hours[row] & (given == limit))
            found.timely[who, key] = np.ma.MaskedArray(given < limit, mask=unsure)
        width = result.row.shape[1]
        found.slot_key[number_, :, :width] = np.where(result.row >= 0, key_of_row[result.row], -1)
        _place_records(found, records, judged.record_slot, number_)
        for number, option in enumerate(options):
            others = np.flatnonzero(result.option != number)
            for rows in option.slots:
                for row_ in rows:
                    place = keys.index((row_.vaccine, row_.dose))
                    unset = others[found.row[others, place] < 0]
                    found.reason[unset, place] = REASON["other_option"]

    _apply_bars(found, children, on)
    _leave_open(found, children)
    _blank(found, np.isnat(children.birth), "missing_birth_date")
    _blank(found, children.birth > on, "born_after_on")
    return found


def _place_records(found: DoseStates, records: Records, slots: NDArray[np.intp], number: int) -> None:
    name = list(schedule.series())[number]
    mine = np.array([*(product.series == name for product in schedule.products().values()), False])
    some = np.flatnonzero(mine[records.vaccine] & (slots >= 0))
    found.record_key[some] = found.slot_key[number, records.child[some], slots[some]]


def _leave_open(found: DoseStates, children: ScheduledChildren) -> None:
    """Doses that a record which could not be read may have been: not known, whether due, late or given wrongly."""
    if children.unclear is None:
        return
    series = list(schedule.series())
    of_key = [series.index(schedule.products()[vaccine].series) for vaccine, _ in schedule.doses()]
    waiting = (found.state == NOT_YET_DUE) & (found.reason == REASON["previous_dose_missing"])
    past = (found.state == NOT_APPLICABLE) & (found.reason == REASON["too_old"]) & ~found.beyond[:, None]
    open_ = children.unclear[:, of_key] & (
        np.isin(found.state, (DUE, OVERDUE, GIVEN_INVALID, DEFERRED)) | waiting | past
    )
    found.state[open_], found.reason[open_] = MISSING, REASON["unreadable_record"]


def _apply_bars(found: DoseStates, children: ScheduledChildren, on: np.datetime64) -> None:
    """Doses not given that the child's health or a contraindication bars."""
    if children.health is None and children.bars is None:
        return
    codes = list(schedule.products())
    of_key = [codes.index(vaccine) for vaccine, _ in schedule.doses()]
    open_ = np.isin(found.state, (NOT_YET_DUE, DUE, OVERDUE, GIVEN_INVALID))
    reached = np.isin(found.state, (DUE, OVERDUE, GIVEN_INVALID))
    waiting = found.reason == REASON["previous_dose_missing"]
    if children.health is not None:
        answer = health_answers()[children.health][:, of_key]
        why = np.array([0, *(REASON[name] for name in HEALTH_STATES)], dtype=np.int8)[children.health][:, None]
        polio = np.array([schedule.products()[vaccine].series == "polio" for vaccine, _ in schedule.doses()])
        found.note[open_ & polio & (answer == "other_vaccine")] = NOTE["ipv_instead"]
        never = open_ & ((answer == "not_given") | ((answer == "other_vaccine") & ~polio))
        later = reached & (answer == "deferred")
        for state, where in ((CONTRAINDICATED, never), (DEFERRED, later)):
            found.state[where] = state
            where &= ~waiting  # coverage needs to know that the dose before is missing
            found.reason[where] = np.broadcast_to(why, where.shape)[where]
    if children.bars is not None:
        bar = children.bars.on(on)[:, of_key]
        for state, where in ((CONTRAINDICATED, open_ & (bar == 1)), (DEFERRED, reached & (bar == 2))):
            found.state[where], found.reason[where & ~waiting] = state, 0


def next_due(states: DoseStates) -> tuple[Dates, NDArray[np.intp]]:
    """For each child the earliest due day among doses still to be given, and its place in :func:`schedule.doses`.

    NaT and -1 where no dose is left. A dose waiting for the one before is not taken; an invalid one is due again.
    """
    waiting = states.reason == REASON["previous_dose_missing"]
    open_ = np.isin(states.state, (NOT_YET_DUE, DUE, OVERDUE, GIVEN_INVALID)) & ~waiting & ~np.isnat(states.due)
    far = np.iinfo(np.int64).max
    days = np.where(open_, states.due.astype(np.int64), far)
    place = days.argmin(axis=1)
    some = open_.any(axis=1)
    day = np.where(some, days.min(axis=1), 0).astype("datetime64[D]")
    day[~some] = NAT
    return day, np.where(some, place, -1)


def _slot_states(
    name: str, result: SeriesResult, children: ScheduledChildren, on: np.datetime64, *, ageless: bool
) -> tuple[Codes, Codes]:
    all_rows = schedule.rows()
    for_girls = np.array([row.sex == "F" for row in all_rows])
    hours = np.array([row.in_hours for row in all_rows])
    state = np.full(result.row.shape, NOT_APPLICABLE, dtype=np.int8)
    reason = np.zeros(result.row.shape, dtype=np.int8)
    overdue_from = result.complete_before + hours[result.row].astype(np.int64).astype("timedelta64[D]")
    for slot in range(result.row.shape[1] - 2, -1, -1):
        overdue_from[:, slot] = np.fmin(overdue_from[:, slot], overdue_from[:, slot + 1])
    beyond = beyond_schedule(children, on) & (not ageless)
    no_more = closed(name, result, children, on, ageless=ageless)
    previous_missing = result.previous_missing
    closed_before = np.ones(result.row.shape[0], dtype=bool)
    for slot in range(result.row.shape[1]):
        row = result.row[:, slot]
        has = row >= 0
        given = ~np.isnat(result.given[:, slot])
        invalid = result.invalid[:, slot]
        never = np.zeros(has.shape, dtype=bool)
        if name == "HPV":
            never = result.nominal[:, slot] >= add_months(children.birth, _last_month(name))
        waiting = previous_missing[:, slot] & ~closed_before
        late = on >= overdue_from[:, slot]
        girls = for_girls[row]
        needless = (no_more[:, slot] > 0) & (no_more[:, slot] != REASON["too_old"])
        choices = [
            (~has, NOT_APPLICABLE, "other_edition"),
            (girls & (children.sex == 1), NOT_APPLICABLE, "not_for_sex"),
            (given, GIVEN_VALID, ""),
            (result.taken[:, slot], NOT_APPLICABLE, "other_edition"),
            (needless, NOT_APPLICABLE, ""),
            (beyond, NOT_APPLICABLE, "too_old"),
            (girls & (children.sex != 2), MISSING, "missing_sex"),
            (invalid > 0, GIVEN_INVALID, ""),
            (never, NOT_APPLICABLE, "other_edition"),
            (no_more[:, slot] > 0, NOT_APPLICABLE, "too_old"),
            (on < result.due[:, slot], NOT_YET_DUE, ""),
            (waiting & late, OVERDUE, "previous_dose_missing"),
            (waiting, NOT_YET_DUE, "previous_dose_missing"),
            (late, OVERDUE, ""),
        ]
        tests = [test for test, _, _ in choices]
        state[:, slot] = np.select(tests, [code for _, code, _ in choices], default=DUE)
        reason[:, slot] = np.select(tests, [REASON[word] for _, _, word in choices], default=0)
        reason[:, slot] = np.where(state[:, slot] == GIVEN_INVALID, invalid, reason[:, slot])
        untaken = (state[:, slot] == NOT_APPLICABLE) & (reason[:, slot] == 0)
        reason[untaken, slot] = no_more[untaken, slot]
        closed_before = (no_more[:, slot] > 0) | (invalid == REASON["too_old"])
    return state, reason


def _last_month(name: str) -> int:
    """Age in months before which the first dose of a series is to be completed."""
    limit = schedule.series()[name][0].slots[0][-1].complete_before
    assert limit is not None
    return limit.months


def _blank(found: DoseStates, who: NDArray[np.bool_], reason: str) -> None:
    found.state[who], found.reason[who], found.note[who], found.row[who] = MISSING, REASON[reason], 0, -1
    for dates in (found.due, found.complete_before, found.given):
        dates[who] = NAT
    found.timely[who] = np.ma.masked
    found.written[who], found.written_differs[who] = 0, False
