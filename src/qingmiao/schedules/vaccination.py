"""The schedule whose items are the doses of the national immunisation programme (`norm: immunisation`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from qingmiao.schedules.columns import DueStates, Events, People
from qingmiao.schedules.states import DONE, DUE, NOT_APPLICABLE, OVERDUE, UNKNOWN, UPCOMING
from qingmiao.standards import immunisation
from qingmiao.standards.immunisation import DoseStates, Records, ScheduledChildren, schedule
from qingmiao.standards.immunisation.circumstances import CONTRAINDICATED, DEFERRED, Bars
from qingmiao.standards.immunisation.reading import LIGHT_G
from qingmiao.standards.immunisation.records import REASON
from qingmiao.standards.screening.dates import NAT, Dates

_STATE = {
    "not_yet_due": UPCOMING, "due": DUE, "overdue": OVERDUE, "given_valid": DONE, "given_invalid": DUE,
    "not_applicable": NOT_APPLICABLE, "missing": UNKNOWN, "contraindicated": NOT_APPLICABLE, "deferred": UPCOMING,
}  # fmt: skip
"""The norm's state of a dose → that of an item. A dose that does not count is due again; a barred one is not due."""
_SEX = {"M": 1, "F": 2}


@dataclass(frozen=True)
class Barred:
    """m vaccines that a person must not have, or not yet: position of the person, code of the vaccine, contraindicated
    (else deferred), since when, until when (NaT: until further notice); later rows of one vaccine hold.

    ``mother_hbsag``: of n people, whose mother is HBsAg positive or not known to be negative. A dose given later than a
    bar lifts it.
    """

    person: NDArray[np.intp]
    vaccine: tuple[str, ...]
    contraindicated: NDArray[np.bool_]
    since: Dates
    until: Dates
    mother_hbsag: NDArray[np.bool_]


def _bars(barred: Barred, given: Records, size: int, codes: list[str]) -> Bars:
    kind, until = np.zeros((size, len(codes)), dtype=np.int8), np.full((size, len(codes)), NAT)
    known = np.array([v in codes for v in barred.vaccine], dtype=bool)
    vaccine = np.array([codes.index(v) for v in barred.vaccine if v in codes], dtype=np.intp)
    person, since = barred.person[known], barred.since[known]
    kind[person, vaccine] = np.where(barred.contraindicated[known], CONTRAINDICATED, DEFERRED)
    until[person, vaccine] = barred.until[known]
    begun = np.full(kind.shape, np.datetime64("0001-01-01", "D"))
    begun[person, vaccine] = since
    lifted = given.date > begun[given.child, given.vaccine]
    kind[given.child[lifted], given.vaccine[lifted]] = 0
    return Bars(kind, until)


@dataclass(frozen=True)
class DosesDue:
    """m doses that were due: position of the person, vaccine and number of the dose in the programme, series and place
    in it from 1, the day from which it was due, the day of the dose that counts (NaT where none does), whether it
    must not be given, or not yet."""

    person: NDArray[np.intp]
    vaccine: NDArray[np.object_]
    number: NDArray[np.int64]
    series: NDArray[np.object_]
    place: NDArray[np.int64]
    due: Dates
    given: Dates
    barred: NDArray[np.bool_]


def doses_due(people: People, doses: Events, first: date, on: date, *, barred: Barred | None = None) -> DosesDue:
    """Every dose of the programme that became due for n children from a day (``first``) to another (``on``), given or
    not, as coverage counts them (`standards.immunisation.coverage`); what was given after ``on`` is not known yet."""
    today = np.datetime64(on, "D")
    found = _judged(people, doses, today, barred)
    due = immunisation.is_due(found) & (found.due >= np.datetime64(first, "D")) & (found.row >= 0)
    who, key = np.nonzero(due)
    names, products, rows = list(schedule.doses()), schedule.products(), schedule.rows()
    series = np.array([products[vaccine].series for vaccine, _ in names], dtype=object)
    slot = np.array([row.slot for row in rows], dtype=np.int64)[found.row[who, key]]
    counted = found.state[who, key] == immunisation.STATES.index("given_valid")
    return DosesDue(
        who,
        np.array([vaccine for vaccine, _ in names], dtype=object)[key],
        np.array([number for _, number in names], dtype=np.int64)[key],
        series[key],
        slot + 1,
        found.due[who, key],
        np.where(counted, found.given[who, key], NAT),
        np.isin(found.state[who, key], [immunisation.STATES.index(s) for s in ("contraindicated", "deferred")]),
    )


def _judged(people: People, doses: Events, today: np.datetime64, barred: Barred | None) -> DoseStates:
    """The norm's judgement of the doses given up to a day, and of those that are barred."""
    sex = np.array(
        [_SEX.get(s, 0) for s in people.words.get("sex", np.full(people.size, None, dtype=object))], dtype=np.int8
    )
    codes = list(schedule.products())
    place = np.array([codes.index(k) if k in codes else -1 for k in doses.kinds], dtype=np.intp)
    vaccine = place[doses.kind] if len(doses.kinds) else np.zeros(0, dtype=np.intp)
    known = (vaccine >= 0) & (doses.day <= today)
    given = Records(doses.person[known], vaccine[known], np.zeros(int(known.sum()), dtype=np.intp), doses.day[known])
    four, bars = np.zeros(people.size, dtype=bool), None
    if barred is not None:
        weight = people.words.get("birth_weight_g", np.full(people.size, None, dtype=object)).astype(np.float64)
        with np.errstate(invalid="ignore"):
            four = (weight < LIGHT_G) & barred.mother_hbsag
        bars = _bars(barred, given, people.size, codes)
    children = ScheduledChildren(people.day("birth_date"), sex, four, bars=bars)
    return immunisation.states_on(children, given, today)


def vaccination_states(
    people: People, doses: Events, on: date, *, barred: Barred | None = None, to_give: bool = False
) -> DueStates:
    """Every dose of the programme for n children on a day; items are "VACCINE-DOSE" in the norm's order.

    ``doses``: events whose kinds are vaccine codes of the norm; others are passed over. The first day is the due date,
    the last the day before it must be complete (the due date where the programme sets none). ``barred``: what is not
    given; a barred vaccine is neither due nor overdue. With it the word ``birth_weight_g`` (g) is read too.
    ``to_give``: a dose that
    waits for the one before, which the norm may call overdue, is upcoming, however old the child.
    """
    today = np.datetime64(on, "D")
    found = _judged(people, doses, today, barred)
    state = np.array([_STATE[s] for s in immunisation.STATES], dtype=np.int8)[found.state]
    first = found.due
    waits = (found.reason == REASON["previous_dose_missing"]) & to_give
    state[(state == DUE) & (first > today) | ((state == DUE) | (state == OVERDUE)) & waits] = UPCOMING
    limit = found.complete_before - np.timedelta64(1, "D")
    last = np.where(np.isnat(found.complete_before) | (limit < first), first, limit)
    counted = found.state == immunisation.STATES.index("given_valid")
    done = np.where(counted, found.given, NAT)
    late = np.full(state.shape, 0, dtype=np.int32)
    for code, days in (
        (UPCOMING, np.maximum(first - today, np.timedelta64(0, "D"))),
        (DUE, last - today),
        (OVERDUE, today - last),
        (DONE, done - last),
    ):
        here = (state == code) & ~np.isnat(days)
        late[here] = (days[here] // np.timedelta64(1, "D")).astype(np.int32)
    items = tuple(f"{vaccine}-{dose}" for vaccine, dose in schedule.doses())
    return DueStates(items, state, first, last, done, late)
