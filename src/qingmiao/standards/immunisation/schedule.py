"""The national immunisation schedule of children, 2021 and 2026 editions, as rows and series.

``schedule.csv`` holds the rows, ``editions.csv`` when an edition is in force, ``products.csv`` the series a vaccine
belongs to. A *series* is what protects against one group of diseases (polio: IPV and bOPV); its *slots* are the doses
in order. A series may be done in one of several *options* (Japanese encephalitis: live or inactivated vaccine).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from qingmiao.standards import norm_tables

SUBJECT = "immunisation"
_INTERVAL = re.compile(r"(\d+)(?:-\d+)? (d|mo|y)\b")


@dataclass(frozen=True, slots=True)
class Age:
    """An age or a distance of time: calendar months and then days."""

    months: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One dose of one edition. Dates are the first and the last day on which the row is in force; ``None`` is open."""

    edition: str
    vaccine: str
    vaccine_zh: str
    dose: int
    slot: int
    """Place in its series, from 0."""
    sex: str
    min_age: Age
    complete_before: Age | None
    """To be completed before this age; 24 hours is given as one day (dates have no hours)."""
    in_hours: bool
    interval: Age | None
    """Least distance from the dose before in the series."""
    option: str
    default: bool
    first_day: np.datetime64 | None
    last_day: np.datetime64 | None
    note: str
    check: str


@dataclass(frozen=True, slots=True)
class Product:
    """A vaccine by its code: its series, whether it is an injected live vaccine, the age from which it is not given."""

    code: str
    series: str
    injected_live: bool
    too_old_months: int | None
    after_globulin_months: int = 0
    """Months it waits after immunoglobulin."""
    antigens: frozenset[str] = frozenset()
    """What a vaccine of the measles series protects against."""


@dataclass(frozen=True, slots=True)
class SeriesOption:
    """One way to complete a series: for each slot its rows, oldest edition first."""

    code: str
    slots: tuple[tuple[ScheduleRow, ...], ...]


@cache
def products() -> MappingProxyType[str, Product]:
    """Vaccines by code."""
    return MappingProxyType(
        {
            row["vaccine_code"]: Product(
                code=row["vaccine_code"],
                series=row["series"],
                injected_live=row["injected_live"] == "1",
                too_old_months=int(row["too_old_from_month"]) if row["too_old_from_month"] else None,
                after_globulin_months=int(row["after_globulin_months"] or 0),
                antigens=frozenset(row["antigens"].split()),
            )
            for row in norm_tables.rows(SUBJECT, "products.csv")
        }
    )


@cache
def rows() -> tuple[ScheduleRow, ...]:
    """Every row of the schedule, in the order of the data file."""
    editions = {row["edition"]: row for row in norm_tables.rows(SUBJECT, "editions.csv")}
    found = []
    for row in norm_tables.rows(SUBJECT, "schedule.csv"):
        edition = editions[row["edition"]]
        before, hours = row["complete_before_value"], row["complete_before_unit"] == "hour"
        found.append(
            ScheduleRow(
                edition=row["edition"],
                vaccine=row["vaccine_code"],
                vaccine_zh=row["vaccine_zh"],
                dose=int(row["dose"]),
                slot=int(row["series_dose"]) - 1,
                sex=row["sex"],
                min_age=Age(months=int(row["min_age_value"])),
                complete_before=None if not before else Age(days=1) if hours else Age(months=int(before)),
                in_hours=hours,
                interval=parse_interval(row["min_interval_from_previous"]),
                option=row["vaccine_code"] if row["option_group"] else "",
                default=row["default_option"] == "1",
                first_day=_day(row["valid_from"] or edition["in_force_from"]),
                last_day=_day(row["valid_to"] or edition["in_force_to"]),
                note=row["note"],
                check=row["check"],
            )
        )
    return tuple(found)


@cache
def series() -> MappingProxyType[str, tuple[SeriesOption, ...]]:
    """Options of every series, the default one first."""
    found: dict[str, dict[str, dict[int, list[ScheduleRow]]]] = {}
    for row in sorted(rows(), key=lambda row: not row.default):
        slots = found.setdefault(products()[row.vaccine].series, {}).setdefault(row.option, {})
        slots.setdefault(row.slot, []).append(row)
    return MappingProxyType(
        {
            name: tuple(
                SeriesOption(code, tuple(tuple(slots[place]) for place in range(len(slots))))
                for code, slots in options.items()
            )
            for name, options in found.items()
        }
    )


@cache
def doses() -> tuple[tuple[str, int], ...]:
    """Every (vaccine, dose) of both editions, in the order of the schedule: the rows of a child's result."""
    return tuple(dict.fromkeys((row.vaccine, row.dose) for row in rows()))


def parse_interval(text: str) -> Age | None:
    """``"28 d"``, ``"6 mo; within ..."``, ``"3 y"``, ``"7-10 d"``: the least distance; ``None`` for empty text."""
    if not text:
        return None
    found = _INTERVAL.match(text)
    if found is None:
        raise ValueError(f"interval not understood: {text!r}")
    amount = int(found[1])
    return {"d": Age(days=amount), "mo": Age(months=amount), "y": Age(months=12 * amount)}[found[2]]


def _day(text: str) -> np.datetime64 | None:
    return np.datetime64(text, "D") if text else None
