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
from qingmiao.standards.immunisation import catch_up, places, schedule
from qingmiao.standards.immunisation.circumstances import combined, label_day
from qingmiao.standards.immunisation.options import choose
from qingmiao.standards.immunisation.places import Now, SeriesTaken
from qingmiao.standards.immunisation.plan import ScheduledChildren, make_plan
from qingmiao.standards.immunisation.records import REASON, Records, allowed, kth_records
from qingmiao.standards.immunisation.slots import FilledSlots, SeriesResult, finish, latest_of, notes_of
from qingmiao.standards.screening.dates import NAT, Dates, add_months


@dataclass(frozen=True, slots=True)
class DoseJudgement:
    """All series, and for each record why it does not count (0: it counts), its slot (-1 none), whether its number
    differs."""

    series: Mapping[str, SeriesResult]
    record_reason: Codes
    record_slot: NDArray[np.intp]
    record_differs: NDArray[np.bool_]


def judge(children: ScheduledChildren, records: Records) -> DoseJudgement:
    """Judge every record and fill every series.

    A dose counts when the child had reached the least age of the edition in force on the day the dose was due, the
    least interval after the dose before was over, no other injected live vaccine had been given 1 to 27 days before,
    immunoglobulin was not too recent, and the vaccine may be given at that age, for that sex and in that place of the
    series. Doses are counted from their days alone: each takes the first place still empty, so one after a dose that
    does not count takes that one's place, and nothing starts again. The number written in a record is compared with the
    place (``record_differs``).
    """
    reason = np.zeros(records.child.shape[0], dtype=np.int8)
    reason[np.isnat(children.birth)[records.child]] = REASON["missing_birth_date"]
    reason[np.isnat(records.date)] = REASON["missing_date"]
    if records.unreadable is not None:
        reason[records.unreadable] = REASON["unreadable_date"]
    reason[records.vaccine < 0] = REASON["unknown_vaccine"]
    close = _live_too_close(records, reason == 0)
    found = DoseJudgement({}, reason, np.full(reason.shape, -1, dtype=np.intp), np.zeros(reason.shape, dtype=bool))
    results = {}
    catalogue = schedule.products()
    for number, name in enumerate(schedule.series()):
        codes = [place for place, product in enumerate(catalogue.values()) if product.series == name]
        mine = np.flatnonzero(np.isin(records.vaccine, codes) & (reason == 0))
        # on one day the order of the products decides, never the number written or the order of the rows
        order = mine[np.lexsort((records.vaccine[mine], records.date[mine], records.child[mine]))]
        credit = (
            np.zeros(children.birth.shape, dtype=np.intp) if children.credited is None else children.credited[:, number]
        )
        ways = [
            _fill(name, option, children, records, order, close, credit)
            for option in range(len(schedule.series()[name]))
        ]
        if name == "polio":  # four doses of whichever vaccine are a whole series
            ways.append(_fill(name, 0, children, records, order, close, credit, any_four=True))
        way = choose(name, ways, children, records, order)
        filled = _merge(ways, way, records, order, found)
        results[name] = finish(name, np.where(name == "polio", 0, way), filled, records.globulin)
    return DoseJudgement(results, reason, found.record_slot, found.record_differs)


def _merge(
    ways: list[FilledSlots], way: NDArray[np.intp], records: Records, order: NDArray[np.intp], found: DoseJudgement
) -> FilledSlots:
    """Each child's own way out of several; writes what is said of the records."""
    result = ways[0]
    found.record_reason[order] = result.reason[order]
    found.record_slot[order], found.record_differs[order] = result.slot[order], result.differs[order]
    for number, other in enumerate(ways[1:], start=1):
        who = way == number
        mine = order[who[records.child[order]]]
        found.record_reason[mine] = other.reason[mine]
        found.record_slot[mine], found.record_differs[mine] = other.slot[mine], other.differs[mine]
        result = result.where(who, other)
    return result


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
        near = (records.child[now] == records.child[before]) & (days < catch_up.days("live_apart"))
        if not near.any():
            break
        flagged[now[near & (days > 0) & (records.vaccine[now] != records.vaccine[before])]] = True
    return flagged


def _fill(
    name: str,
    option: int,
    children: ScheduledChildren,
    records: Records,
    order: NDArray[np.intp],
    close: NDArray[np.bool_],
    credit: NDArray[np.intp],
    *,
    any_four: bool = False,
) -> FilledSlots:
    """Take one series' records (``order``: by child and date) into the slots of one option."""
    options = schedule.series()[name]
    count = children.birth.shape[0]
    width = max(len(way.slots) for way in options)
    plan = make_plan(name, options, np.full(count, option), children, width)
    may_fill = allowed(options)[option]
    catalogue = list(schedule.products().values())
    needed = places.ipv_needed(children, records, ~np.isnat(records.date))
    series = SeriesTaken(
        name=name,
        plan=plan,
        given=np.full((count, width), NAT),
        credited=np.arange(width)[None, :] < credit[:, None],
        filled_by=np.full((count, width), -1, dtype=np.intp),
        ipv_needed=np.zeros_like(needed) if any_four else needed,
        antigens=np.zeros(count, dtype=np.int8),
    )
    filled = FilledSlots.empty(series, records.child.shape[0])
    labels = np.full(records.child.shape, -1, dtype=np.intp) if records.label is None else records.label
    wait = np.array([product.after_globulin_months for product in catalogue])
    limits = np.array([999 if p.too_old_months is None else p.too_old_months for p in catalogue])
    for_girls = np.array([_girls_only(p.code) for p in catalogue])
    own_vaccine = np.array([vaccine.code in schedule.products() for vaccine in combined()] + [False])
    own_dose = np.array([row.dose for row in schedule.rows()] + [0])
    four = children.hepb_four_doses if name == "HepB" else np.zeros(count, dtype=bool)

    for rank, mine in enumerate(kth_records(records, order, filled.reason)):
        now = Now(records.child[mine], records.date[mine], records.vaccine[mine], labels[mine])
        child, day = now.child, now.day
        birth = children.birth[child]
        may = may_fill[now.product, :width] & (plan.row[child] >= 0)
        place = places.slot_of(series, now, may)
        inside = place >= 0
        at = np.where(inside, place, 0)
        before = latest_of(series.given[child])
        plain = own_vaccine[now.label]
        least, by_label = _least_by_label(series, now, at, birth, plain)
        young = day < places.least_day(series, children, now, at, least)
        following = places.next_day(series, child, at, before)
        following = places.dt_interval(series, now, at, before, following)
        following = places.label_interval(now, birth, before, following)
        why = np.select(
            [
                day < birth,
                for_girls[now.product] & (children.sex[child] == 1),
                four[child] & (rank == 0) & young & ~series.taken[child].any(axis=1),
                ~may.any(axis=1),
                day == before,
                ~inside,
                young,
                ~np.isnat(following) & (day < following),
                close[mine],
                _globulin_too_recent(records, child, day, wait[now.product]),
                day >= add_months(birth, limits[now.product]),
                places.antigens_missing(series, children, now, at),
            ],
            [
                REASON[word]
                for word in (
                    "before_birth", "not_for_sex", "first_dose_not_counted", "other_product", "same_day", "extra_dose",
                    "too_young", "interval_too_short", "live_vaccines_too_close", "immunoglobulin_too_recent",
                    "too_old",
                    "antigen_missing",
                )
            ],
            default=0,
        ).astype(np.int8)  # fmt: skip
        filled.reason[mine] = why
        filled.slot[mine] = place
        counts = why == 0
        written = records.dose[mine]
        same = np.where(now.product == plan.own[child, at], own_dose[plan.row[child, at]], 0)
        nth = (series.filled_by[child] == now.product[:, None]).sum(axis=1) + 1
        differs = (written > 0) & (written != at + 1 + four[child]) & (written != same) & (written != nth)
        filled.differs[mine] = differs & counts
        who, where = child[counts], at[counts]
        series.given[who, where] = day[counts]
        series.filled_by[who, where] = now.product[counts]
        filled.written[who, where], filled.written_differs[who, where] = written[counts], differs[counts]
        old_enough = (why == 0) | (why == REASON["antigen_missing"]) | (why == REASON["extra_dose"])
        if name == "MMR":
            some = old_enough & (day >= plan.lenient[child, 0])
            series.antigens[child[some]] |= places.antigen_bits()[now.product[some]]
        filled.note[who, where] = notes_of(
            name,
            birth,
            day,
            plan.nominal[child, at],
            plan.own[child, at],
            now.product,
            written > rank + 1 + credit[child],
            combined=by_label & ~plain,
            by_label=by_label & (day < plan.nominal[child, at]),
        )[counts]
        quiet = np.isin(why, [REASON["first_dose_not_counted"], REASON["same_day"]])
        spoilt = ~counts & inside & ~quiet
        filled.invalid[child[spoilt], at[spoilt]] = why[spoilt]
    return filled


def _least_by_label(
    series: SeriesTaken, now: Now, at: NDArray[np.intp], birth: Dates, plain: NDArray[np.bool_]
) -> tuple[Dates, NDArray[np.bool_]]:
    """Day from which a dose is not too young by the plan, or by the label it was given by; and which have such a
    label."""
    lenient = series.plan.lenient[now.child, at]
    own_label, has_label = label_day(birth, now.label, at)
    # a fourth dose by label ends a series of its own
    mixed = has_label & (own_label < lenient) & (at >= 3)
    mixed &= (series.filled_by[now.child, :3] != now.product[:, None]).any(axis=1)
    by_label = np.where(plain, np.minimum(lenient, own_label), own_label)
    return np.where(has_label & ~mixed, by_label, lenient), has_label


def _globulin_too_recent(
    records: Records, child: NDArray[np.intp], day: Dates, months: NDArray[np.int64]
) -> NDArray[np.bool_]:
    if records.globulin is None:
        return np.zeros(day.shape, dtype=bool)
    last, had = records.globulin.before(child, day)
    return had & (months > 0) & (day < add_months(last, months))


def _girls_only(vaccine: str) -> bool:
    return any(row.sex == "F" for row in schedule.rows() if row.vaccine == vaccine)
