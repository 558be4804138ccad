"""A long table of doses in, one row per child and dose out; and one child, through the same code."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from qingmiao.standards.columns import Column, Columns, Table, arrow_like
from qingmiao.standards.immunisation import records, schedule, status
from qingmiao.standards.immunisation.reading import INPUT_COLUMNS, Read, read_table
from qingmiao.standards.immunisation.records import REASON
from qingmiao.standards.screening.dates import iso_texts

__all__ = [
    "INPUT_COLUMNS",
    "OUTPUT_COLUMNS",
    "DoseStatus",
    "child_schedule",
    "judged",
    "score_columns",
    "score_table",
]

OUTPUT_COLUMNS = (
    "id", "vaccine", "dose", "edition", "state", "reason", "note", "due_date", "complete_before", "given_date",
    "timely",
    "recorded_dose", "number_differs",
)  # fmt: skip

_STATE = np.array(status.STATES, dtype=object)
_REASON = np.array([None, *records.REASONS[1:]], dtype=object)
_NOTE = np.array([None, *records.NOTES[1:]], dtype=object)
_EDITION = np.array([*(row.edition for row in schedule.rows()), None], dtype=object)


@dataclass(frozen=True, slots=True)
class DoseStatus:
    """One dose of one child on a day; names as in :data:`OUTPUT_COLUMNS`."""

    vaccine: str
    dose: int
    edition: str | None
    state: str
    reason: str | None
    note: str | None
    due_date: datetime.date | None
    complete_before: datetime.date | None
    given_date: datetime.date | None
    timely: bool | None
    recorded_dose: int | None
    number_differs: bool | None


def score_columns(table: Table, *, on: datetime.date) -> dict[str, Column]:
    """State of every dose of every child on a day, one row per child and dose (see :func:`schedule.doses`).

    Gives the columns :data:`OUTPUT_COLUMNS` of length children x doses, children in order of first appearance. Dates
    are ISO text. Meaning of the states: :func:`qingmiao.standards.immunisation.status.states_on`.
    """
    return as_columns(*judged(table, on=on))


def judged(table: Table, *, on: datetime.date) -> tuple[Read, status.DoseStates]:
    """The table as arrays and the states of its children's doses, for further counting."""
    read = read_table(table)
    states = status.states_on(read.children, read.records, np.datetime64(on, "D"))
    states.reason[read.conflicting] = REASON["conflicting_birth_date"]
    return read, states


def score_table(table: Table, *, on: datetime.date) -> Table:
    """:func:`score_columns` as a table of the kind that was given (Arrow, Polars, pandas or a dict of arrays)."""
    found = score_columns(table, on=on)
    native = table._native if isinstance(table, Columns) else table
    if isinstance(native, Mapping):
        return found
    arrow = arrow_table(found)
    if isinstance(native, pa.Table | pa.RecordBatch):
        return arrow_like(native, arrow)
    import narwhals as nw

    backend = nw.get_native_namespace(nw.from_native(native, eager_only=True))
    return arrow.to_pandas() if backend.__name__ == "pandas" else backend.from_arrow(arrow)


def arrow_table(found: Mapping[str, Column]) -> pa.Table:
    """Result columns as an Arrow table with fixed types (text, but for whole numbers and true/false)."""
    types = {
        "dose": pa.int16(),
        "timely": pa.bool_(),
        "recorded_dose": pa.int16(),
        "number_differs": pa.bool_(),
    }
    columns = {}
    for name, values in found.items():
        mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
        columns[name] = pa.array(np.ma.getdata(values), type=types.get(name, pa.string()), mask=mask)
    return pa.table(columns)


def child_schedule(
    birth_date: datetime.date | None,
    *,
    given: Sequence[tuple[str, datetime.date] | tuple[str, datetime.date, int]],
    on: datetime.date,
    sex: str = "",
    mother_hbsag: str = "",
    birth_weight_g: float | None = None,
    health_state: str = "",
    barred: Mapping[str, Literal["contraindicated", "deferred"]] | None = None,
) -> tuple[DoseStatus, ...]:
    """Every dose of one child on a day; the same code as :func:`score_table`, so the same answer.

    ``given`` lists (vaccine code, day) or (vaccine code, day, dose number); ``barred`` vaccines that the child must not
    have, or not yet.
    """
    rows = [*given, *((vaccine, None) for vaccine in barred or {}), ("", None)]
    said = [*([""] * len(given)), *(barred or {}).values(), ""]
    count = len(rows)

    def same(value: object) -> Column:
        return np.array([value] * count, dtype=object)

    found = score_columns(
        {
            "id": same("1"),
            "birth_date": same(None if birth_date is None else birth_date.isoformat()),
            "sex": same(sex),
            "vaccine": np.array([row[0] for row in rows], dtype=object),
            "date": np.array([None if row[1] is None else row[1].isoformat() for row in rows], dtype=object),
            "dose": np.array([row[2] if len(row) > 2 else np.nan for row in rows], dtype=np.float64),
            "mother_hbsag": same(mother_hbsag),
            "health_state": same(health_state),
            "status": np.array(said, dtype=object),
            "birth_weight_g": np.array([np.nan if birth_weight_g is None else birth_weight_g] * count),
        },
        on=on,
    )
    lists: dict[str, list[Any]] = {name: values.tolist() for name, values in found.items() if name != "id"}
    for name in ("due_date", "complete_before", "given_date"):
        lists[name] = [None if text is None else datetime.date.fromisoformat(text) for text in lists[name]]
    return tuple(DoseStatus(**dict(zip(lists, cells, strict=True))) for cells in zip(*lists.values(), strict=True))


def as_columns(read: Read, states: status.DoseStates) -> dict[str, Column]:
    keys = schedule.doses()
    count = read.ids.shape[0]
    unnumbered = states.written.ravel() == 0
    return {
        "id": np.repeat(read.ids, len(keys)),
        "vaccine": np.tile(np.array([vaccine for vaccine, _ in keys], dtype=object), count),
        "dose": np.tile(np.array([dose for _, dose in keys], dtype=np.int16), count),
        "edition": _EDITION.take(states.row.ravel(), mode="wrap"),
        "state": _STATE.take(states.state.ravel()),
        "reason": _REASON.take(states.reason.ravel()),
        "note": _NOTE.take(states.note.ravel()),
        "due_date": iso_texts(states.due.ravel()),
        "complete_before": iso_texts(states.complete_before.ravel()),
        "given_date": iso_texts(states.given.ravel()),
        "timely": states.timely.ravel(),
        "recorded_dose": np.ma.MaskedArray(states.written.ravel(), mask=unnumbered),
        "number_differs": np.ma.MaskedArray(states.written_differs.ravel(), mask=unnumbered),
    }
