"""What the schedule asks of each child: for every slot of a series the governing row and its dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes
from qingmiao.standards.immunisation import catch_up, schedule
from qingmiao.standards.immunisation.circumstances import Bars, health_answers
from qingmiao.standards.immunisation.schedule import Age, ScheduleRow, SeriesOption
from qingmiao.standards.screening.dates import NAT, Dates, add_months


@dataclass(frozen=True, slots=True)
class ScheduledChildren:
    """n children. ``birth`` NaT where missing; ``sex`` 1 M, 2 F, 0 missing, -1 unknown.

    ``hepb_four_doses`` marks a child with a birth weight under 2000 g whose mother is HBsAg positive or unknown: the
    dose at birth does not count and three more follow at 1, 2 and 7 months.
    """

    birth: Dates
    sex: Codes
    hepb_four_doses: NDArray[np.bool_]
    health: Codes | None = None
    """Position in ``circumstances.HEALTH_STATES`` from 1, 0 none; ``None``: none at all."""
    bars: Bars | None = None
    """Vaccines that a child must not have, or not yet."""
    unclear: NDArray[np.bool_] | None = None
    """``[n, series]`` (order of ``schedule.series()``): something recorded of the series could not be read; ``None``:
    nowhere."""
    credited: NDArray[np.intp] | None = None
    """``[n, series]``: doses done before the records begin (a list of doses due that starts later); ``None``: none."""


def default_options(options: tuple[SeriesOption, ...], children: ScheduledChildren) -> NDArray[np.intp]:
    """The option of each child without a record: the schedule's own, or the first without a vaccine its health bars."""
    found = np.zeros(children.birth.shape[0], dtype=np.intp)
    if children.health is None or len(options) == 1:
        return found
    codes = list(schedule.products())
    answers = health_answers()[children.health] == "other_vaccine"
    barred = np.stack([answers[:, codes.index(way.code)] for way in options], axis=1)
    return np.where(barred.all(axis=1), found, barred.argmin(axis=1))


def shift(dates: Dates, age: Age) -> Dates:
    """``dates`` later by an age."""
    return add_months(dates, age.months) + np.timedelta64(age.days, "D")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the governing rows ask of each child and slot; matrices ``[n, slots]``."""

    row: NDArray[np.intp]
    nominal: Dates
    lenient: Dates
    """Day from which a dose of a child in transition between editions is not too young; else ``nominal``."""
    complete_before: Dates
    interval_months: NDArray[np.int64]
    interval_days: NDArray[np.int64]
    own: NDArray[np.intp]
    """Position of the governing row's vaccine in ``products()``."""


def make_plan(
    name: str, options: tuple[SeriesOption, ...], option: NDArray[np.intp], children: ScheduledChildren, width: int
) -> Plan:
    count = option.shape[0]
    codes = list(schedule.products())
    places = {id(row): place for place, row in enumerate(schedule.rows())}
    nominal = np.full((count, width), NAT)
    plan = Plan(
        row=np.full((count, width), -1, dtype=np.intp),
        nominal=nominal,
        lenient=nominal.copy(),
        complete_before=nominal.copy(),
        interval_months=np.zeros((count, width), dtype=np.int64),
        interval_days=np.zeros((count, width), dtype=np.int64),
        own=np.full((count, width), -1, dtype=np.intp),
    )
    for number, way in enumerate(options):
        who = np.flatnonzero(option == number)
        birth = children.birth[who]
        began_old = np.zeros(who.size, dtype=bool)
        for slot, rows in enumerate(way.slots):
            for row, governs in _governing(rows, birth):
                some = who[governs]
                start = shift(birth[governs], row.min_age)
                own_start = start if row.first_day is None else np.maximum(start, row.first_day)
                plan.row[some, slot] = places[id(row)]
                plan.own[some, slot] = codes.index(row.vaccine)
                plan.nominal[some, slot] = own_start
                plan.lenient[some, slot] = own_start
                if row.complete_before is not None:
                    plan.complete_before[some, slot] = shift(birth[governs], row.complete_before)
                if row.interval is not None:
                    plan.interval_months[some, slot] = row.interval.months
                    plan.interval_days[some, slot] = row.interval.days
                if slot == 0 and row is rows[0] and len(rows) > 1:
                    began_old |= governs
                if row is not rows[0] and rows[0].min_age.months < row.min_age.months:
                    crossing = governs & began_old
                    plan.lenient[who[crossing], slot] = shift(birth[crossing], rows[0].min_age)
    if name == "polio":
        plan.interval_days[:, 0] = catch_up.days("polio_apart")
    if name == "MMR":
        older = children.birth < catch_up.day("mmr_two_doses_from")
        plan.complete_before[older] = NAT  # the text sets no age for those who catch up
    if name == "HepB" and children.hepb_four_doses.any():
        some = np.flatnonzero(children.hepb_four_doses)
        for slot, months in enumerate((1, 2, 7)):
            plan.nominal[some, slot] = plan.lenient[some, slot] = add_months(children.birth[some], months)
        plan.complete_before[some, 0] = NAT
    return plan


def _governing(rows: tuple[ScheduleRow, ...], birth: Dates) -> Iterator[tuple[ScheduleRow, NDArray[np.bool_]]]:
    """Each row of a slot with the children it governs: the edition in force on the day the dose was due.

    The older row governs while the day on which the child reaches its age lies in its time; otherwise the newer one,
    whose dose is then due at its own age or on its first day, whichever is later.
    """
    left = ~np.isnat(birth)
    for row in rows:
        governs = left.copy()
        if row is not rows[-1]:
            assert row.last_day is not None, "an edition that another one follows has a last day"
            governs &= shift(birth, row.min_age) <= row.last_day
        elif row.last_day is not None:
            governs &= shift(birth, row.min_age) <= row.last_day
        yield row, governs
        left &= ~governs
