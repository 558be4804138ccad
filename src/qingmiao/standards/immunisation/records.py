"""Records of doses given, the codes said about them, and which vaccine may fill which slot of a series."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes
from qingmiao.standards.immunisation import schedule
from qingmiao.standards.immunisation.circumstances import Globulin
from qingmiao.standards.immunisation.schedule import SeriesOption
from qingmiao.standards.screening.dates import Dates

REASONS = (
    "", "too_young", "interval_too_short", "live_vaccines_too_close", "too_old", "before_birth", "not_for_sex",
    "other_product", "first_dose_not_counted", "extra_dose", "missing_date", "after_on", "unknown_vaccine",
    "missing_birth_date", "previous_dose_missing", "other_option", "other_edition", "missing_sex",
    "conflicting_birth_date", "born_after_on", "missing_id", "immunoglobulin_too_recent", "hiv_exposed",
    "immunodeficient",
    "same_day", "antigen_missing", "series_complete", "dt_instead", "unreadable_record", "unreadable_date",
)  # fmt: skip
"""Why a record does not count, or why a dose has its state, by code; 0 is "no reason needed"."""
REASON = {name: code for code, name in enumerate(REASONS)}

NOTES = ("", "transition", "ppd_needed", "other_product", "earlier_dose_not_recorded", "catch_up_product",
         "combined_vaccine", "ipv_instead", "catch_up_early")  # fmt: skip
"""What to look at in a dose that counts, by code."""
NOTE = {name: code for code, name in enumerate(NOTES)}

MOST_RECORDS = 40
"""Records of one child in one series that are judged; later ones are extra doses."""


@dataclass(frozen=True, slots=True)
class Records:
    """m records of doses given: position of the child, position of the vaccine in ``products()`` (-1 unknown), the dose
    number written in the record (0 none) and the day (NaT missing)."""

    child: NDArray[np.intp]
    vaccine: NDArray[np.intp]
    dose: NDArray[np.intp]
    date: Dates
    label: NDArray[np.intp] | None = None
    """Position in ``circumstances.combined()`` of the vaccine whose label it was given by, -1 none; ``None``: none at
    all."""
    globulin: Globulin | None = None
    """Immunoglobulin that the children had."""
    unreadable: NDArray[np.bool_] | None = None
    """The cell of the date holds something that is no date; ``None``: nowhere."""


def chosen_option(
    options: tuple[SeriesOption, ...], records: Records, order: NDArray[np.intp], default: NDArray[np.intp]
) -> NDArray[np.intp]:
    """The option of the child's first record in the series; ``default`` (n,) where there is none."""
    option = default.copy()
    if len(options) > 1:
        codes = list(schedule.products())
        by_product = np.zeros(len(codes), dtype=np.intp)
        for number, way in enumerate(options):
            by_product[codes.index(way.code)] = number
        backwards = order[::-1]
        option[records.child[backwards]] = by_product[records.vaccine[backwards]]
    return option


def allowed(options: tuple[SeriesOption, ...]) -> NDArray[np.bool_]:
    """``[option, product, slot]``: products that may fill a slot.

    Besides the schedule's own: both polio vaccines in every polio slot (how many must be IPV: ``places.ipv_needed``),
    HepA-L to complete HepA-I, DTaP and DT in every slot of their series (which ones: ``places``), measles vaccines in
    every slot of MMR.
    """
    catalogue = schedule.products()
    codes = list(catalogue)
    width = max(len(option.slots) for option in options)
    may = np.zeros((len(options), len(codes), width), dtype=bool)
    series = catalogue[options[0].slots[0][0].vaccine].series
    for number, option in enumerate(options):
        for slot, rows in enumerate(option.slots):
            for row in rows:
                may[number, codes.index(row.vaccine), slot] = True
        if option.code == "HepA-I":
            may[number, codes.index("HepA-L"), 1] = True
        if series in ("polio", "DTaP", "MMR"):
            may[number, [place for place, code in enumerate(codes) if catalogue[code].series == series]] = True
    return may


def named_slot(series: str) -> NDArray[np.intp]:
    """``[product, number]``: slot of "dose n of this vaccine"; a number it has no row for is read as the number in the
    series."""
    codes = list(schedule.products())
    table = np.tile(np.arange(-1, 20), (len(codes), 1))
    for option in reversed(schedule.series()[series]):
        for slot, rows in enumerate(option.slots):
            for row in rows:
                table[codes.index(row.vaccine), row.dose] = slot
    return table


def kth_records(records: Records, order: NDArray[np.intp], reason: Codes) -> Iterator[NDArray[np.intp]]:
    """All children's first records, then all second ones, and so on; records beyond the limit are marked extra."""
    if order.size == 0:
        return
    child = records.child[order]
    starts = np.flatnonzero(np.r_[True, child[1:] != child[:-1]])
    rank = np.arange(order.size) - np.repeat(starts, np.diff(np.r_[starts, order.size]))
    reason[order[rank >= MOST_RECORDS]] = REASON["extra_dose"]
    by_rank = np.argsort(rank, kind="stable")
    edges = np.searchsorted(rank[by_rank], np.arange(min(rank.max() + 1, MOST_RECORDS) + 1))
    for start, stop in itertools.pairwise(edges.tolist()):
        yield order[by_rank[start:stop]]
