"""Coverage by vaccine and dose, and the lowest coverage of a township.

Denominator rule (working definition of the sources, unverified): children of the area **due** for the dose in the
period. A child is due when it has reached the dose's least age and the interval after the dose before is over, so a
child that still misses the dose before is not counted for the next one (``denominator="interval_over"``, the default;
``"age_reached"`` counts it). A dose that does not count (too early, too close) makes nobody due: on the day on which
the child is due it is due and not covered. A child that passed the age of a vaccine without it (MPSV-A at 24 months)
stays due and not covered; nobody past the age of the schedule is counted. Children whose dose is not known because
something could not be read are counted apart (``unknown``), neither due nor covered. Contraindicated and deferred
children stay in, unless the county says otherwise (``contraindicated="left_out"``). Who belongs to an area (registered,
or resident for three months and more) is decided by who hands the children in. The official wording asks for at least
90 % "by township", for every vaccine: so a township's figure is the lowest of its doses, and the county's the lowest of
its townships, never a mean.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qingmiao.standards.columns import Texts
from qingmiao.standards.immunisation import schedule, status
from qingmiao.standards.immunisation.records import REASON
from qingmiao.standards.immunisation.status import DoseStates

Denominator = Literal["interval_over", "age_reached"]
Contraindicated = Literal["kept", "left_out"]


@dataclass(frozen=True, slots=True)
class DoseCoverage:
    """Coverage of one dose in one area; ``percent`` is ``None`` where no child was due (never 0)."""

    area: str
    vaccine: str
    dose: int
    due: int
    given: int
    timely: int
    """Of ``given``, before the age of the schedule; counts only doses whose timeliness is known."""
    unknown: int = 0
    """Children of whom it is not known: a record, a birth date or a sex could not be read. Not in ``due``."""

    @property
    def percent(self) -> float | None:
        return 100 * self.given / self.due if self.due else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Per cent if none, and if all, of the ``unknown`` were due and covered or not; ``None`` where nobody may be
        due."""
        most = self.due + self.unknown
        return (100 * self.given / most, 100 * (self.given + self.unknown) / most) if most else None


@dataclass(frozen=True, slots=True)
class LowestCoverage:
    """The lowest dose of an area (or of all areas); ``None`` figures where no child was due for any dose."""

    area: str
    percent: float | None
    lowest: DoseCoverage | None
    doses_counted: int


def coverage(
    states: DoseStates,
    area: Texts,
    *,
    period: tuple[datetime.date, datetime.date] | None = None,
    denominator: Denominator = "interval_over",
    contraindicated: Contraindicated = "kept",
) -> tuple[DoseCoverage, ...]:
    """Coverage by area, vaccine and dose, areas in order of their names.

    ``states`` are of the last day of the period (doses given later are then not known); ``area`` is ``[n]`` text, and
    children without an area are left out. ``period``: first and last day between which the dose fell due (both
    inclusive); without it every child due by the day of ``states`` counts.
    """
    due = is_due(states, denominator=denominator, contraindicated=contraindicated)
    unknown = is_unknown(states)
    if period is not None:
        first, last = (np.datetime64(day, "D") for day in period)
        due &= (states.due >= first) & (states.due <= last)
        unknown &= np.isnat(states.due) | ((states.due >= first) & (states.due <= last))
    given = due & (states.state == status.GIVEN_VALID)
    timely = given & states.timely.filled(False)
    encoded = pa.array(area, type=pa.string()).dictionary_encode()
    spelled = encoded.dictionary.to_pylist()
    names = sorted(spelled)
    rank = np.array([*(names.index(name) for name in spelled), len(names)], dtype=np.intp)
    where = rank[encoded.indices.fill_null(len(spelled)).to_numpy(zero_copy_only=False)]
    counts = []
    for truth in (due, given, timely, unknown):
        table = np.zeros((len(names) + 1, truth.shape[1]), dtype=np.int64)
        np.add.at(table, where, truth)
        counts.append(table)
    return tuple(
        DoseCoverage(name, vaccine, dose, *(int(table[number, key]) for table in counts))
        for number, name in enumerate(names)
        for key, (vaccine, dose) in enumerate(schedule.doses())
    )


def is_due(
    states: DoseStates,
    *,
    denominator: Denominator = "interval_over",
    contraindicated: Contraindicated = "kept",
) -> NDArray[np.bool_]:
    """Who counts in the denominator of each dose, ``[n, d]``: due by the day of ``states``, whatever was given (see the
    module)."""
    past = (states.state == status.NOT_APPLICABLE) & (states.reason == REASON["too_old"])
    due = past | np.isin(
        states.state, (status.GIVEN_VALID, status.GIVEN_INVALID, status.DUE, status.OVERDUE, status.DEFERRED)
    )
    if contraindicated == "kept":
        due |= states.state == status.CONTRAINDICATED
    else:
        due &= states.state != status.DEFERRED
    waiting = states.reason == REASON["previous_dose_missing"]
    due = due & ~waiting if denominator == "interval_over" else due | waiting
    return np.asarray(due & (states.due <= states.on) & ~states.beyond[:, None])


def is_unknown(states: DoseStates) -> NDArray[np.bool_]:
    """Of whom it is not known whether a dose is due or given, ``[n, d]``: the state is ``missing`` and no day says "not
    yet"."""
    open_ = (states.state == status.MISSING) & (states.reason != REASON["born_after_on"])
    return np.asarray(open_ & ~(states.due > states.on) & ~states.beyond[:, None])


def lowest(rows: tuple[DoseCoverage, ...]) -> tuple[LowestCoverage, ...]:
    """The lowest coverage over the doses of each area; of doses alike, the first of the schedule."""
    areas = dict.fromkeys(row.area for row in rows)
    return tuple(_lowest(area, [row for row in rows if row.area == area]) for area in areas)


def lowest_of_all(rows: tuple[DoseCoverage, ...]) -> LowestCoverage:
    """The lowest coverage over all doses and areas: what a target "by township" is compared with."""
    found = _lowest("", list(rows))
    return LowestCoverage(found.lowest.area if found.lowest else "", found.percent, found.lowest, found.doses_counted)


def _lowest(area: str, rows: list[DoseCoverage]) -> LowestCoverage:
    counted = [row for row in rows if row.due]
    if not counted:
        return LowestCoverage(area, None, None, 0)
    worst = min(counted, key=lambda row: row.given / row.due)
    return LowestCoverage(area, worst.percent, worst, len(counted))
