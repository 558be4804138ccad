"""What changes the plain schedule for a child: combined vaccines, immunoglobulin, a health state, a contraindication.

``combined.csv`` says which doses a combined vaccine stands for and at which ages its label gives it;
``health_states.csv`` which vaccines a child with such a state does not get, and whether another one takes their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards import norm_tables
from qingmiao.standards.columns import Codes
from qingmiao.standards.immunisation import schedule
from qingmiao.standards.screening.dates import Dates, add_months

BARS = ("", "contraindicated", "deferred")
"""How a vaccine is barred for a child, by code."""
CONTRAINDICATED, DEFERRED = 1, 2
BAR_MEANING = MappingProxyType(
    {
        **dict.fromkeys(("contraindicated", "禁忌"), CONTRAINDICATED),
        **dict.fromkeys(("deferred", "暂缓"), DEFERRED),
        **dict.fromkeys(("given", "已种", "已接种"), 3),
    }
)
_NO_AGE = 10_000


@dataclass(frozen=True, slots=True)
class Combined:
    """A vaccine given by its own label: the vaccines it stands for and the age in months of each dose."""

    code: str
    name: str
    components: tuple[str, ...]
    ages: tuple[int, ...]
    interval_days: int | None
    """Least distance by the label between doses that stand for the first component; ``None``: the schedule's."""
    second_from_month: int | None
    """Age from which it stands for the second component alone, before it for the first alone; ``None``: for all of
    them."""


@cache
def combined() -> tuple[Combined, ...]:
    """Combined vaccines, and IPV, whose label asks for a fourth dose earlier than the schedule does."""
    return tuple(
        Combined(
            row["vaccine_code"],
            row["vaccine_zh"],
            tuple(row["components"].split()),
            tuple(int(age) for age in row["label_ages_months"].split()),
            int(row["label_interval_days"]) if row["label_interval_days"] else None,
            int(row["second_from_month"]) if row["second_from_month"] else None,
        )
        for row in norm_tables.rows(schedule.SUBJECT, "combined.csv")
    )


@dataclass(frozen=True, slots=True)
class Bars:
    """Vaccines barred for n children: ``kind[child, product]`` by :data:`BARS`, ``until`` the day from which it no
    longer holds."""

    kind: Codes
    until: Dates
    """NaT: until further notice."""

    def on(self, day: np.datetime64) -> Codes:
        """What holds on a day."""
        return np.where(self.until <= day, 0, self.kind).astype(np.int8)


HEALTH_STATES: tuple[str, ...] = tuple(
    dict.fromkeys(row["health_state"] for row in norm_tables.rows(schedule.SUBJECT, "health_states.csv"))
)
HEALTH_MEANING = MappingProxyType(
    {
        name.lower(): HEALTH_STATES.index(row["health_state"]) + 1
        for row in norm_tables.rows(schedule.SUBJECT, "health_states.csv")
        for name in (row["health_state"], *row["names"].split())
    }
)


@cache
def health_answers() -> NDArray[np.object_]:
    """``[health state, product]``: ``""``, ``deferred``, ``not_given`` or ``other_vaccine``; row 0 is no state."""
    codes = list(schedule.products())
    answers = np.full((len(HEALTH_STATES) + 1, len(codes)), "", dtype=object)
    for row in norm_tables.rows(schedule.SUBJECT, "health_states.csv"):
        answers[HEALTH_STATES.index(row["health_state"]) + 1, codes.index(row["vaccine_code"])] = row["answer"]
    return answers


def label_day(birth: Dates, label: NDArray[np.intp], slot: NDArray[np.intp]) -> tuple[Dates, NDArray[np.bool_]]:
    """Day on which a vaccine's own label gives the dose of a slot, and whether it has such a dose; ``label`` -1: no
    label."""
    ages = np.full((len(combined()) + 1, 32), _NO_AGE)
    for place, vaccine in enumerate(combined()):
        ages[place, : len(vaccine.ages)] = vaccine.ages
    months = ages[label, np.clip(slot, 0, 31)]
    has = months < _NO_AGE
    return add_months(birth, np.where(has, months, 0)), has


@dataclass(frozen=True, slots=True)
class Globulin:
    """Immunoglobulin given, sorted by child and day."""

    child: NDArray[np.intp]
    day: Dates

    def before(self, child: NDArray[np.intp], day: Dates) -> tuple[Dates, NDArray[np.bool_]]:
        """The latest day on or before ``day`` on which the child had immunoglobulin, and whether there is one."""
        if not self.child.size:
            return day.copy(), np.zeros(day.shape, dtype=bool)
        span = np.int64(1) << 32
        shift = np.int64(1) << 24  # days since 1970 fit easily; keeps dates before 1970 above zero
        key = self.child.astype(np.int64) * span + self.day.astype(np.int64) + shift
        asked = child.astype(np.int64) * span + np.where(np.isnat(day), 0, day.astype(np.int64)) + shift
        place = np.searchsorted(key, asked, side="right") - 1
        at = np.maximum(place, 0)
        found = (place >= 0) & (self.child[at] == child) & ~np.isnat(day)
        return np.where(found, self.day[at], day), found
