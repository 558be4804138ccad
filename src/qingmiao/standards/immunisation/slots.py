"""One series of every child: the state of its slots once its records are judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes
from qingmiao.standards.immunisation import schedule
from qingmiao.standards.immunisation.circumstances import Globulin
from qingmiao.standards.immunisation.plan import Plan
from qingmiao.standards.immunisation.records import NOTE
from qingmiao.standards.screening.dates import Dates, add_months

_FAR = np.datetime64("9999-12-31", "D")


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """One series; matrices are ``[n, slots]`` (slots of the longest option)."""

    option: NDArray[np.intp]
    """``[n]``: position in the options of the series."""
    row: NDArray[np.intp]
    """Governing row: position in ``schedule.rows()``, -1 where the option has no such slot."""
    nominal: Dates
    """Day on which the age of the dose is reached under the edition in force."""
    due: Dates
    """``nominal``, or later where the interval after the dose before asks for it."""
    complete_before: Dates
    """The day itself is too late; NaT where the edition sets none."""
    given: Dates
    """Day of the dose that counts, NaT where none does."""
    note: Codes
    invalid: Codes
    """Reason of the last record that did not count for this slot, 0 where none."""
    previous_missing: NDArray[np.bool_]
    """The slot before is empty."""


def dose_before(given: Dates, slot: NDArray[np.intp]) -> tuple[Dates, NDArray[np.bool_]]:
    """Day of the latest counted dose in an earlier slot, and whether there is one."""
    earlier = np.arange(given.shape[1])[None, :] < slot[:, None]
    days = np.where(earlier & ~np.isnat(given), given.astype(np.int64), np.iinfo(np.int64).min)
    latest = days.max(axis=1, initial=np.iinfo(np.int64).min)
    found = latest != np.iinfo(np.int64).min
    return np.where(found, latest, 0).astype("datetime64[D]"), found


def notes_of(
    name: str,
    birth: Dates,
    day: Dates,
    nominal: Dates,
    own: NDArray[np.intp],
    product: NDArray[np.intp],
    first_seen: NDArray[np.bool_],
    *,
    combined: NDArray[np.bool_],
    by_label: NDArray[np.bool_],
) -> Codes:
    """What to look at in doses that count."""
    codes = list(schedule.products())
    return np.select(
        [
            combined,
            (day < nominal) & ~by_label,
            (name == "BCG") & (day >= add_months(birth, 3)),
            (product == codes.index("DT")) & (own != product),
            own != product,
            first_seen & (name != "MPSV"),
        ],
        [
            NOTE[word]
            for word in (
                "combined_vaccine",
                "transition",
                "ppd_needed",
                "catch_up_product",
                "other_product",
                "earlier_dose_not_recorded",
            )
        ],
        default=0,
    ).astype(np.int8)


def finish(
    name: str,
    option: NDArray[np.intp],
    plan: Plan,
    given: Dates,
    note: Codes,
    invalid: Codes,
    globulin: Globulin | None,
) -> SeriesResult:
    """The series' result once its records are judged: due dates moved by the dose before and by immunoglobulin.

    ``given``, ``note`` and ``invalid`` are ``[n, slots]`` as in :class:`SeriesResult`.
    """
    due = plan.nominal.copy()
    before = plan.complete_before
    missing = np.zeros(given.shape, dtype=bool)
    for slot in range(1, given.shape[1]):
        at = np.full(given.shape[0], slot)
        latest, has = dose_before(given, at)
        next_day = add_months(latest, plan.interval_months[:, slot]) + plan.interval_days[:, slot]
        due[:, slot] = np.where(has, np.maximum(due[:, slot], next_day), due[:, slot])
        missing[:, slot] = np.isnat(given[:, slot - 1]) & ~np.isnat(plan.nominal[:, slot])
    if globulin is not None:
        wait = np.array([product.after_globulin_months for product in schedule.products().values()] + [0])
        everyone = np.arange(given.shape[0])
        latest, had = globulin.before(everyone, np.full(everyone.shape, _FAR))
        for slot in range(given.shape[1]):
            months = wait[plan.own[:, slot]]
            later = had & (months > 0) & np.isnat(given[:, slot])
            due[:, slot] = np.where(later, np.maximum(due[:, slot], add_months(latest, months)), due[:, slot])
    if name == "HPV":
        # The second dose within 12 months of the first is the workable limit (SOURCES: note on HPV dose 2).
        first = given[:, 0]
        before = before.copy()
        before[:, 1] = np.where(np.isnat(first), before[:, 1], add_months(first, 12))
    return SeriesResult(
        option=option,
        row=plan.row,
        nominal=plan.nominal,
        due=due,
        complete_before=before,
        given=given,
        note=note,
        invalid=invalid,
        previous_missing=missing,
    )
