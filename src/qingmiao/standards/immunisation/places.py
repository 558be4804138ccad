"""Which slot of its series a dose takes, and the least age and interval that the catch-up rules ask of it.

The number written in a record has no part in it: a dose takes the first place that is still empty. The rules that
differ from "the next place, at the age and after the interval of the schedule" stand here by series; their figures are
in ``catch_up.csv``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes
from qingmiao.standards.immunisation import catch_up, schedule
from qingmiao.standards.immunisation.circumstances import combined
from qingmiao.standards.immunisation.plan import Plan, ScheduledChildren
from qingmiao.standards.immunisation.records import Records
from qingmiao.standards.screening.dates import Dates, add_months


@dataclass(frozen=True, slots=True)
class SeriesTaken:
    """One series of every child while its records are taken one after another; matrices are ``[n, slots]``."""

    name: str
    plan: Plan
    given: Dates
    credited: NDArray[np.bool_]
    filled_by: NDArray[np.intp]
    """Product that filled the slot, -1 none."""
    ipv_needed: NDArray[np.intp]
    """``[n]``: of the polio series, how many of the first doses must be IPV."""
    antigens: NDArray[np.int8]
    """``[n]``: of the measles series, what the doses so far hold (bits of :data:`ANTIGENS`)."""

    @property
    def taken(self) -> NDArray[np.bool_]:
        """Slots with a dose that counts, or one before the records begin."""
        taken: NDArray[np.bool_] = ~np.isnat(self.given) | self.credited
        return taken


@dataclass(frozen=True, slots=True)
class Now:
    """Records judged at once, at most one a child."""

    child: NDArray[np.intp]
    day: Dates
    product: NDArray[np.intp]
    label: NDArray[np.intp]
    """Position in ``circumstances.combined()``, -1 none."""


ANTIGENS = ("measles", "mumps", "rubella")


def antigen_bits() -> NDArray[np.int8]:
    """``[product]``: bits of :data:`ANTIGENS` that a product holds."""
    return np.array(
        [
            sum(1 << bit for bit, antigen in enumerate(ANTIGENS) if antigen in product.antigens)
            for product in schedule.products().values()
        ],
        dtype=np.int8,
    )


def ipv_needed(children: ScheduledChildren, records: Records, usable: NDArray[np.bool_]) -> NDArray[np.intp]:
    """How many IPV doses a child's polio series must hold: 2 for those born from October 2019, before that 1, none with
    tOPV.

    An oral dose of the days of the trivalent vaccine (until 30 April 2016) was one of it.
    """
    oral = usable & (records.vaccine == list(schedule.products()).index("bOPV"))
    trivalent = oral & (records.date <= catch_up.day("topv_until"))
    needed = np.where(children.birth < catch_up.day("polio_two_ipv_from"), 1, 2)
    needed[records.child[trivalent]] = 0
    return needed


def slot_of(series: SeriesTaken, now: Now, may: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The slot that each dose would take, -1 where none is left for it; ``may`` is ``[records, slots]``."""
    taken = series.taken[now.child]
    free = may & ~taken
    codes = list(schedule.products())
    if series.name == "polio":
        oral = now.product == codes.index("bOPV")
        free &= ~oral[:, None] | (np.arange(free.shape[1]) >= series.ipv_needed[now.child][:, None])
    if series.name == "HepA":  # the live dose completes an inactivated one
        follows = now.product == codes.index("HepA-L")
        free[:, 1] &= ~follows | taken[:, 0]
    if series.name == "DTaP":
        done = taken.sum(axis=1)
        last = (now.product == codes.index("DT")) & (done >= 3)
        free[last, :-1] = False
        free[dt_completes(series)[now.child]] = False
    if series.name == "MMR":
        bits = antigen_bits()[now.product]
        free &= ((bits & 1) > 0)[:, None]
        free &= (two_dose_mmr(series.plan, now.child) <= (bits == 7))[:, None]
    return np.where(free.any(axis=1), free.argmax(axis=1), -1)


def two_dose_mmr(plan: Plan, child: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Children whose measles series is two doses of MMR and of nothing else: those with an age limit in the plan."""
    found: NDArray[np.bool_] = ~np.isnat(plan.complete_before[child, 0])
    return found


def dt_completes(series: SeriesTaken) -> NDArray[np.bool_]:
    """``[n]``: three doses of DTaP and DT with at least one DT: nothing more is asked for."""
    by_dt = (series.filled_by == list(schedule.products()).index("DT")).any(axis=1)
    return np.asarray(by_dt & (series.taken.sum(axis=1) >= 3))


def least_day(series: SeriesTaken, children: ScheduledChildren, now: Now, at: NDArray[np.intp], plain: Dates) -> Dates:
    """Day from which a dose is not too young: ``plain`` but for MPSV-AC after fewer than two MPSV-A, and DT in place of
    DTaP."""
    birth = children.birth[now.child]
    if series.name == "MPSV":
        early = (at == 2) & (series.taken[now.child, :2].sum(axis=1) < 2)
        earlier = add_months(birth, catch_up.months("mpsv_ac_early_from"))
        return np.where(early, np.minimum(plain, earlier), plain)
    if series.name == "DTaP":
        dt = list(schedule.products()).index("DT")
        stands_in = (now.product == dt) & (series.plan.own[now.child, at] != dt)
        changed = now.day >= catch_up.day("dt_from")
        age = np.where(changed, catch_up.months("dt_from"), catch_up.months("dt_from_before_2025"))
        return np.where(stands_in, np.maximum(plain, add_months(birth, age)), plain)
    return plain


def next_day(series: SeriesTaken, child: NDArray[np.intp], at: NDArray[np.intp], latest: Dates) -> Dates:
    """First day on which the interval after the doses before is over, where ``latest`` is the last of them (NaT: none).

    The catch-up rules by series: HepB 3 also four months after HepB 1; MPSV-AC 1 three months after one MPSV-A and
    twelve after two; the last DT six months after a third dose and twelve after a fourth.
    """
    plan = series.plan
    months, days = plan.interval_months[child, at], plan.interval_days[child, at]
    done = series.taken[child].sum(axis=1)
    if series.name == "MPSV":
        after = np.where(
            series.taken[child, :2].sum(axis=1) < 2,
            catch_up.months("mpsv_ac_after_one_a"),
            catch_up.months("mpsv_ac_after_two_a"),
        )
        months = np.where(at == 2, after, months)
    if series.name == "DTaP":
        last = at == series.given.shape[1] - 1
        fourth = series.taken[child, -2]
        after = np.where(fourth, catch_up.months("dt_after_four"), catch_up.months("dt_after_three"))
        months = np.where(last & (done >= 3), after, months)
    day = add_months(latest, months) + days
    if series.name == "HepB":
        whole = add_months(series.given[child, 0], catch_up.months("hepb_third_after_first"))
        day = np.where((at == 2) & ~np.isnat(whole), np.fmax(day, whole), day)
    return day


def dt_interval(series: SeriesTaken, now: Now, at: NDArray[np.intp], latest: Dates, plain: Dates) -> Dates:
    """:func:`next_day` where DT fills one of the first three places: a month after the first dose, six after the
    second."""
    if series.name != "DTaP":
        return plain
    dt = now.product == list(schedule.products()).index("DT")
    second, third = catch_up.months("dt_second_after_first"), catch_up.months("dt_third_after_second")
    return np.where(
        dt & (at == 1), add_months(latest, second), np.where(dt & (at == 2), add_months(latest, third), plain)
    )


def label_interval(now: Now, birth: Dates, latest: Dates, plain: Dates) -> Dates:
    """:func:`next_day` where a vaccine's own label sets the interval of the doses that stand for its first
    component."""
    days = np.array([-1 if v.interval_days is None else v.interval_days for v in combined()] + [-1])[now.label]
    until = np.array([v.second_from_month or 0 for v in combined()] + [0])[now.label]
    by_label = (days >= 0) & (now.day < add_months(birth, until))
    return np.where(by_label, latest + np.maximum(days, 0), plain)


def antigens_missing(
    series: SeriesTaken, children: ScheduledChildren, now: Now, at: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Second measles doses after which rubella or mumps is still missing, of children born before the two-dose rule."""
    if series.name != "MMR":
        return np.zeros(now.child.shape, dtype=bool)
    held: Codes = series.antigens[now.child] | antigen_bits()[now.product]
    birth = children.birth[now.child]
    measles_alone = birth < catch_up.day("mmr_measles_only_before")
    return np.asarray((at == 1) & (held != 7) & ~measles_alone & ~two_dose_mmr(series.plan, now.child))
