"""Immunisation results as derived columns of a fact table with one row per dose of a child."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Column
from qingmiao.standards.derivation import Derivation
from qingmiao.standards.immunisation import reading, schedule, status
from qingmiao.standards.immunisation.records import REASON, named_slot
from qingmiao.standards.screening.dates import iso_texts

_NEVER = np.datetime64("9999-12-31")


def dose(columns: Mapping[str, Column]) -> dict[str, Column]:
    """For each row (a child, a vaccine, a dose number): when the dose is due, and whether the one given counts.

    The table is a list of doses: a row names one by its number, and ``valid`` says whether that dose has been given so
    that it counts, by the days of all the child's rows (a number proves nothing: where the second row does not count
    the third one is the second dose, and the third is not given). Doses before the first that the list names of a
    series count as done before it begins. A row without ``dose_date`` is a dose not given: it gets its due date,
    ``valid`` and ``timely`` are missing. All rows of a child must be in the same call. There is no clock: every date
    counts. ``waiting`` says that the dose before is still missing: such a row is not in the denominator of coverage
    (see :mod:`qingmiao.standards.immunisation.coverage`). ``valid`` is missing too where the child, birth date, vaccine
    or dose date cannot be read.
    """
    table = {name: columns[name] for name in columns}
    table["id"], table["date"] = table.pop("child_id"), table.pop("dose_date")
    read = reading.read_table(table, blank_date_is_no_dose=True, credit=True)
    states = status.states_on(read.children, read.records, _NEVER, ageless=True)
    rows = read.row_child.shape[0]
    row, series, slot = _named_doses(read)
    key = states.slot_key[series, read.row_child[row], np.minimum(slot, states.slot_key.shape[2] - 1)]
    key[slot >= states.slot_key.shape[2]] = -1
    row, key = row[key >= 0], key[key >= 0]
    child = read.row_child[row]
    state = states.state[child, key]
    given = np.zeros(rows, dtype=bool)
    given[read.record_row[~np.isnat(read.records.date)]] = True

    valid = np.ma.MaskedArray(np.ones(rows, dtype=bool), mask=np.ones(rows, dtype=bool))
    known = given[row] & (state != status.MISSING)
    counts = np.ones(rows, dtype=bool)  # a combined vaccine names a dose of each vaccine in it: all must count
    np.logical_and.at(counts, row[known], state[known] == status.GIVEN_VALID)
    told = np.zeros(rows, dtype=bool)
    told[row[known]] = True
    valid[told] = counts[told]
    _by_record(read, states, valid, told)

    due = np.full(rows, np.datetime64("NaT", "D"))
    due[row] = states.due[child, key]
    timely = np.ma.MaskedArray(np.zeros(rows, dtype=bool), mask=np.ones(rows, dtype=bool))
    timely[row[known]] = states.timely[child[known], key[known]]
    waiting = np.ma.MaskedArray(np.zeros(rows, dtype=bool), mask=np.isnat(due))
    waiting[row] = np.ma.MaskedArray(
        states.reason[child, key] == REASON["previous_dose_missing"], mask=np.isnat(states.due[child, key])
    )
    return {"due_date": iso_texts(due), "valid": valid, "timely": timely, "waiting": waiting}


def _named_doses(read: reading.Read) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """The doses that the rows name: table row, series (position) and slot; a combined vaccine names one of each
    series."""
    series = list(schedule.series())
    of_product = np.array(
        [series.index(p.series) if p.series in series else -1 for p in schedule.products().values()] + [-1]
    )
    slots = np.stack([named_slot(name) for name in series])
    vaccine = read.row_vaccine.ravel()
    row = np.repeat(np.arange(read.row_child.size), 2)
    which = of_product[vaccine]
    slot = slots[which, vaccine, np.minimum(read.row_number[row], 20)]
    some = (vaccine >= 0) & (which >= 0) & (slot >= 0) & (read.row_child[row] >= 0)
    return row[some], which[some], slot[some]


def _by_record(
    read: reading.Read,
    states: status.DoseStates,
    valid: np.ma.MaskedArray[Any, np.dtype[np.bool_]],
    told: NDArray[np.bool_],
) -> None:
    """Rows that name no dose of the schedule are valid as their own records are."""
    records = read.records
    known = ~np.isnat(records.date) & ~np.isnat(read.children.birth)[records.child] & (records.vaccine >= 0)
    known &= ~told[read.record_row]
    spoilt = np.zeros(told.shape, dtype=bool)
    np.logical_or.at(spoilt, read.record_row[known], states.record_reason[known] != 0)
    valid[read.record_row[known]] = ~spoilt[read.record_row[known]]


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
