"""Immunisation results as derived columns of a fact table with one row per dose of a child."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qingmiao.standards.columns import Column
from qingmiao.standards.derivation import Derivation
from qingmiao.standards.immunisation import reading, schedule, status
from qingmiao.standards.immunisation.records import REASON
from qingmiao.standards.screening.dates import iso_texts

_NEVER = np.datetime64("9999-12-31")


def dose(columns: Mapping[str, Column]) -> dict[str, Column]:
    """For each row (a child, a vaccine, a dose number): when the dose is due, and whether the one given counts.

    A row without ``dose_date`` is a dose not given: it gets its due date, ``valid`` and ``timely`` are missing. All rows of
    a child must be in the same call, because validity depends on the doses before. There is no clock: every date counts.
    ``waiting`` says that the dose before is still missing: such a row is not in the denominator of coverage (see
    :mod:`qingmiao.standards.immunisation.coverage`). ``valid`` is missing too where the child, birth date, vaccine or dose date cannot be read.
    """
    table = {name: columns[name] for name in columns}
    table["id"], table["date"] = table.pop("child_id"), table.pop("dose_date")
    read = reading.read_table(table)
    states = status.states_on(read.children, read.records, _NEVER)
    rows = read.row_child.shape[0]
    valid = np.ma.MaskedArray(np.zeros(rows, dtype=bool), mask=np.ones(rows, dtype=bool))
    known = ~np.isnat(read.records.date) & ~np.isnat(read.children.birth)[read.records.child]
    known &= read.records.vaccine >= 0
    spoilt = np.zeros(
        rows, dtype=bool
    )  # a combined vaccine has a record for each vaccine in it: all must count
    np.logical_or.at(spoilt, read.record_row[known], states.record_reason[known] != 0)
    valid[read.record_row[known]] = ~spoilt[read.record_row[known]]

    place = _dose_place(read)
    due = np.full(rows, np.datetime64("NaT", "D"))
    timely = np.ma.MaskedArray(np.zeros(rows, dtype=bool), mask=np.ones(rows, dtype=bool))
    found = place >= 0
    at_row, child, key = read.record_row[found], read.records.child[found], place[found]
    due[at_row] = states.due[child, key]
    counted = (states.record_reason == 0)[found] & (states.given[child, key] == read.records.date[found])
    timely[at_row[counted]] = states.timely[child[counted], key[counted]]
    waiting = np.ma.MaskedArray(np.zeros(rows, dtype=bool), mask=np.isnat(due))
    waiting[at_row] = np.ma.MaskedArray(
        states.reason[child, key] == REASON["previous_dose_missing"], mask=np.isnat(states.due[child, key])
    )
    return {"due_date": iso_texts(due), "valid": valid, "timely": timely, "waiting": waiting}


def _dose_place(read: reading.Read) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """For each record the place of its (vaccine, dose number) among ``schedule.doses()``, -1 where it has none."""
    codes = list(schedule.products())
    table = np.full((len(codes) + 1, 22), -1, dtype=np.intp)
    for place, (vaccine, number) in enumerate(schedule.doses()):
        table[codes.index(vaccine), number] = place
    found: np.ndarray[tuple[int], np.dtype[np.intp]] = table[read.records.vaccine, read.records.dose]
    return found


DERIVATIONS = {
    "immunisation.dose": Derivation(
        name="immunisation.dose",
        inputs=("child_id", "birth_date", "vaccine", "dose", "dose_date"),
        optional=("sex", "mother_hbsag", "birth_weight_g", "health_state"),
        outputs={"due_date": "text", "valid": "boolean", "timely": "boolean", "waiting": "boolean"},
        function=dose,
        standard="国家免疫规划疫苗儿童免疫程序（2021年版、2026年版，按应种日期）",
        description="One row per dose: due date, valid by least age and interval, given before its age limit.",
    )
}
