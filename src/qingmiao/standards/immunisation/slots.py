"""One series of every child: the records in its slots, and what the slots ask for once the records are judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes
from qingmiao.standards.immunisation import catch_up, places, schedule
from qingmiao.standards.immunisation.circumstances import Globulin
from qingmiao.standards.immunisation.places import SeriesTaken
from qingmiao.standards.immunisation.records import NOTE
from qingmiao.standards.screening.dates import NAT, Dates, add_months

_FAR = np.datetime64("9999-12-31", "D")


@dataclass(frozen=True, slots=True)
class FilledSlots:
    """One series taken one way: matrices ``[n, slots]``, and for each of all records what was found (0 and -1: not of
    the series)."""

    series: SeriesTaken
    note: Codes
    invalid: Codes
    written: NDArray[np.int16]
    """The number written in the record that fills the slot, 0 none."""
    written_differs: NDArray[np.bool_]
    reason: Codes
    slot: NDArray[np.intp]
    differs: NDArray[np.bool_]

    @classmethod
    def empty(cls, series: SeriesTaken, records: int) -> Self:
        """Before the first record."""
        shape = series.given.shape
        return cls(
            series=series,
            note=np.zeros(shape, dtype=np.int8),
            invalid=np.zeros(shape, dtype=np.int8),
            written=np.zeros(shape, dtype=np.int16),
            written_differs=np.zeros(shape, dtype=bool),
            reason=np.zeros(records, dtype=np.int8),
            slot=np.full(records, -1, dtype=np.intp),
            differs=np.zeros(records, dtype=bool),
        )

    @property
    def complete(self) -> NDArray[np.bool_]:
        """``[n]``: every slot that the option has is taken."""
        return np.asarray((self.series.taken | (self.series.plan.row < 0)).all(axis=1))

    def where(self, who: NDArray[np.bool_], other: FilledSlots) -> FilledSlots:
        """``other`` for the children ``who``, this for the rest (of the matrices; records stay)."""
        plan, theirs = self.series.plan, other.series.plan
        merged_plan = type(plan)(
            *(
                _rows(who, getattr(theirs, name), getattr(plan, name))
                for name in (
                    "row", "nominal", "lenient", "complete_before", "interval_months", "interval_days", "own",
                )
            )
        )  # fmt: skip
        series = SeriesTaken(
            name=self.series.name,
            plan=merged_plan,
            given=_rows(who, other.series.given, self.series.given),
            credited=self.series.credited,
            filled_by=_rows(who, other.series.filled_by, self.series.filled_by),
            ipv_needed=self.series.ipv_needed,
            antigens=self.series.antigens,
        )
        return FilledSlots(
            series=series,
            note=_rows(who, other.note, self.note),
            invalid=_rows(who, other.invalid, self.invalid),
            written=_rows(who, other.written, self.written),
            written_differs=_rows(who, other.written_differs, self.written_differs),
            reason=self.reason,
            slot=self.slot,
            differs=self.differs,
        )


def _rows(who: NDArray[np.bool_], one: NDArray[Any], two: NDArray[Any]) -> NDArray[Any]:
    return np.where(who[:, None], one, two)


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
    taken: NDArray[np.bool_]
    """A dose counts for the slot, or one before the records begin."""
    written: NDArray[np.int16]
    written_differs: NDArray[np.bool_]
    dt_completes: NDArray[np.bool_]
    """``[n]``: of the DTaP series, a dose of DT has completed it."""

    @property
    def previous_missing(self) -> NDArray[np.bool_]:
        """The slot before is empty."""
        empty = ~self.taken
        return np.concatenate([np.zeros_like(empty[:, :1]), empty[:, :-1]], axis=1)


def latest_of(given: Dates) -> Dates:
    """``[n]``: the latest day of each row, NaT where there is none."""
    latest: Dates = np.fmax.reduce(given, axis=1)
    return latest


def notes_of(
    name: str,
    birth: Dates,
    day: Dates,
    nominal: Dates,
    own: NDArray[np.intp],
    product: NDArray[np.intp],
    more_written: NDArray[np.bool_],
    *,
    combined: NDArray[np.bool_],
    by_label: NDArray[np.bool_],
) -> Codes:
    """What to look at in doses that count."""
    codes = list(schedule.products())
    return np.select(
        [
            combined,
            (name == "MPSV") & (day < nominal) & ~by_label,
            (day < nominal) & ~by_label,
            (name == "BCG") & (day >= add_months(birth, catch_up.months("bcg_ppd_from"))),
            (product == codes.index("DT")) & (own != product),
            own != product,
            more_written,
        ],
        [
            NOTE[word]
            for word in (
                "combined_vaccine",
                "catch_up_early",
                "transition",
                "ppd_needed",
                "catch_up_product",
                "other_product",
                "earlier_dose_not_recorded",
            )
        ],
        default=0,
    ).astype(np.int8)


def finish(name: str, option: NDArray[np.intp], filled: FilledSlots, globulin: Globulin | None) -> SeriesResult:
    """The series' result once its records are judged: due dates moved by the dose before and by immunoglobulin."""
    series, plan = filled.series, filled.series.plan
    given, due = series.given, plan.nominal.copy()
    before = plan.complete_before
    everyone = np.arange(given.shape[0])
    for slot in range(given.shape[1]):
        at = np.full(given.shape[0], slot)
        # a dose still to come waits for every dose so far, one that was given for those of the days before it
        own = given[:, slot][:, None]
        so_far = np.where(np.isnat(own) | (given < own), given, NAT)
        following = places.next_day(series, everyone, at, latest_of(so_far))
        due[:, slot] = np.where(np.isnat(following), due[:, slot], np.fmax(due[:, slot], following))
    if globulin is not None:
        wait = np.array([product.after_globulin_months for product in schedule.products().values()] + [0])
        latest, had = globulin.before(everyone, np.full(everyone.shape, _FAR))
        for slot in range(given.shape[1]):
            months = wait[plan.own[:, slot]]
            later = had & (months > 0) & np.isnat(given[:, slot])
            due[:, slot] = np.where(later, np.maximum(due[:, slot], add_months(latest, months)), due[:, slot])
    if name == "HPV":
        # The second dose within 12 months of the first is the workable limit (SOURCES: note on HPV dose 2).
        first = given[:, 0]
        before = before.copy()
        within = add_months(first, catch_up.months("hpv_second_within"))
        before[:, 1] = np.where(np.isnat(first), before[:, 1], within)
    return SeriesResult(
        option=option,
        row=plan.row,
        nominal=plan.nominal,
        due=due,
        complete_before=before,
        given=given,
        note=filled.note,
        invalid=np.where(series.taken, 0, filled.invalid).astype(np.int8),
        taken=series.taken,
        written=filled.written,
        written_differs=filled.written_differs,
        dt_completes=places.dt_completes(series) if name == "DTaP" else np.zeros(everyone.shape, dtype=bool),
    )
