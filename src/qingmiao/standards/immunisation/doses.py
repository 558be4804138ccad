"""Which doses count: every record judged against the edition in force when its dose was due.

Records are taken in order of date within a child and a series. The loop goes over "the child's k-th record" and over
slots, never over children: each step treats every child at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes
from qingmiao.standards.immunisation import schedule
from qingmiao.standards.immunisation.circumstances import combined, label_day
from qingmiao.standards.immunisation.plan import Children, default_options, make_plan
from qingmiao.standards.immunisation.records import (
    REASON,
    Records,
    allowed,
    chosen_option,
    kth_records,
    slot_of_label,
)
from qingmiao.standards.immunisation.schedule import Option
from qingmiao.standards.immunisation.slots import SeriesResult, dose_before, finish, notes_of
from qingmiao.standards.screening.dates import NAT, Dates, add_months

LIVE_DAYS = 28
TWO_DOSE_MMR_FROM = np.datetime64("2019-10-01")


@dataclass(frozen=True, slots=True)
class Judgement:
    """All series, and for each record why it does not count (0: it counts) and its slot (-1 none)."""

    series: Mapping[str, SeriesResult]
    record_reason: Codes
    record_slot: NDArray[np.intp]


def judge(children: Children, records: Records) -> Judgement:
    """Judge every record and fill every series.

    A dose counts when the child had reached the least age of the edition in force on the day the dose was due, the least
    interval after the dose before was over, no other injected live vaccine had been given 1 to 27 days before, immunoglobulin
    was not too recent, and the vaccine may be given at that age, for that sex and in that place of the series. A record with a dose number is judged as
    that dose; without one, as the first dose still missing. A dose that does not count restarts nothing.
    """
    reason = np.zeros(records.child.shape[0], dtype=np.int8)
    slot = np.full(records.child.shape[0], -1, dtype=np.intp)
    reason[np.isnat(children.birth)[records.child]] = REASON["missing_birth_date"]
    reason[np.isnat(records.date)] = REASON["missing_date"]
    reason[records.vaccine < 0] = REASON["unknown_vaccine"]
    close = _live_too_close(records, reason == 0)
    results = {}
    for name, options in schedule.series().items():
        codes = [
            place for place, product in enumerate(schedule.products().values()) if product.series == name
        ]
        mine = np.flatnonzero(np.isin(records.vaccine, codes) & (reason == 0))
        order = mine[np.lexsort((records.dose[mine], records.date[mine], records.child[mine]))]
        results[name] = _fill(name, options, children, records, order, close, reason, slot)
    return Judgement(results, reason, slot)


def _live_too_close(records: Records, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Records of an injected live vaccine 1 to 27 days after one of another injected live vaccine."""
    live = np.array([product.injected_live for product in schedule.products().values()] + [False])
    flagged = np.zeros(usable.shape[0], dtype=bool)
    some = np.flatnonzero(usable & live[records.vaccine])
    order = some[np.lexsort((records.date[some], records.child[some]))]
    # A child rarely has more than a few live doses inside four weeks: look back as far as any child needs.
    for back in range(1, order.size):
        now, before = order[back:], order[:-back]
        days = (records.date[now] - records.date[before]).astype(np.int64)
        near = (records.child[now] == records.child[before]) & (days < LIVE_DAYS)
        if not near.any():
            break
        flagged[now[near & (days > 0) & (records.vaccine[now] != records.vaccine[before])]] = True
    return flagged


def _fill(
    name: str,
    options: tuple[Option, ...],
    children: Children,
    records: Records,
    order: NDArray[np.intp],
    close: NDArray[np.bool_],
    reason: Codes,
    record_slot: NDArray[np.intp],
) -> SeriesResult:
    """Take one series' records (``order``: by child and date) into the slots; writes ``reason`` and ``record_slot``."""
    count = children.birth.shape[0]
    width = max(len(option.slots) for option in options)
    option = chosen_option(options, records, order, default_options(options, children))
    plan = make_plan(name, options, option, children, width)
    may_fill = allowed(options)
    catalogue = list(schedule.products().values())
    given = np.full((count, width), NAT)
    note = np.zeros((count, width), dtype=np.int8)
    invalid = np.zeros((count, width), dtype=np.int8)
    filled_by = np.full((count, width), -1, dtype=np.intp)
    labels = np.full(records.child.shape, -1, dtype=np.intp) if records.label is None else records.label
    wait = np.array([product.after_globulin_months for product in catalogue])
    own_vaccine = np.array([vaccine.code in schedule.products() for vaccine in combined()] + [False])
    four = children.hepb_four_doses if name == "HepB" else np.zeros(count, dtype=bool)

    for now in kth_records(records, order, reason):
        child, day, product = records.child[now], records.date[now], records.vaccine[now]
        label = slot_of_label(options, option[child], product, records.dose[now]) - four[child]
        numbered = records.dose[now] > 0
        may = may_fill[option[child], product, :width]
        empty = np.isnat(given[child])
        free = may & empty
        place = np.where(numbered, label, np.where(free.any(axis=1), free.argmax(axis=1), -1))
        inside = (place >= 0) & (place < width)
        at = np.where(inside, place, 0)
        row = np.arange(now.size)
        before, has_before = dose_before(given[child], at)
        stand_in = np.array([p.catch_up_months for p in catalogue])[product]
        own_label, has_label = label_day(children.birth[child], labels[now], at)
        mixed = has_label & (own_label < plan.lenient[child, at]) & (at >= 3)
        mixed &= (filled_by[child, :3] != product[:, None]).any(
            axis=1
        )  # a fourth dose by label ends a series of its own
        least = plan.lenient[child, at]
        plain = own_vaccine[labels[now]]
        least = np.where(has_label & ~mixed, np.where(plain, np.minimum(least, own_label), own_label), least)
        young = day < least
        young |= (plan.own[child, at] != product) & (day < add_months(children.birth[child], stand_in))
        next_day = add_months(before, plan.interval_months[child, at]) + plan.interval_days[child, at]
        limit = np.array([999 if p.too_old_months is None else p.too_old_months for p in catalogue])[product]
        too_old = day >= add_months(children.birth[child], limit)
        wrong_sex = np.array([_girls_only(p.code) for p in catalogue])[product] & (children.sex[child] == 1)
        why = np.select(
            [
                day < children.birth[child],
                wrong_sex,
                four[child] & ((numbered & (records.dose[now] == 1)) | (~numbered & young & empty.all(axis=1))),
                ~may.any(axis=1),
                ~inside | ~empty[row, at] | ~may[row, at],
                young,
                has_before & (day < next_day),
                close[now],
                _globulin_too_recent(records, child, day, wait[product]),
                too_old,
            ],
            [
                REASON[word]
                for word in (
                    "before_birth", "not_for_sex", "first_dose_not_counted", "other_product", "extra_dose", "too_young",
                    "interval_too_short", "live_vaccines_too_close", "immunoglobulin_too_recent", "too_old",
                )
            ],
            default=0,
        ).astype(np.int8)  # fmt: skip
        reason[now] = why
        record_slot[now] = np.where(inside, place, -1)
        counts = why == 0
        given[child[counts], at[counts]] = day[counts]
        filled_by[child[counts], at[counts]] = product[counts]
        note[child[counts], at[counts]] = notes_of(
            name,
            children.birth[child],
            day,
            plan.nominal[child, at],
            plan.own[child, at],
            product,
            (at > 0) & ~has_before,
            combined=has_label & ~plain,
            by_label=has_label & (day < plan.nominal[child, at]),
        )[counts]
        spoilt = ~counts & inside & empty[row, at] & (why != REASON["first_dose_not_counted"])
        invalid[child[spoilt], at[spoilt]] = why[spoilt]

    return finish(name, option, plan, given, note, invalid, records.globulin)


def _globulin_too_recent(
    records: Records, child: NDArray[np.intp], day: Dates, months: NDArray[np.int64]
) -> NDArray[np.bool_]:
    if records.globulin is None:
        return np.zeros(day.shape, dtype=bool)
    last, had = records.globulin.before(child, day)
    return had & (months > 0) & (day < add_months(last, months))


def _girls_only(vaccine: str) -> bool:
    return any(row.sex == "F" for row in schedule.rows() if row.vaccine == vaccine)
