"""The day of a year's numbers, and whether an entry was confirmed for the year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from qingmiao.content.registers import RegisterKind


class DatedVersion(Protocol):
    """A version of an entry: in force from a day."""

    valid_from: date


V = TypeVar("V", bound=DatedVersion)


def counting_day(kind: RegisterKind, year: int, today: date) -> date:
    """The day as of which a year's numbers are: 31 December, or 1 September of a school year's first year; today while
    that has not come."""
    day = date(year, 12, 31) if kind.counted_on == "year_end" else date(year, 9, 1)
    return min(day, today)


def year_of(kind: RegisterKind, day: date) -> int:
    """The year whose numbers a day belongs to: a school year is called by the year in which it begins."""
    return day.year if kind.counted_on == "year_end" or day.month >= 9 else day.year - 1


def as_of(versions: Iterable[V], day: date) -> V | None:
    """The version in force at the end of a day, of versions in their order: the last one that had begun."""
    return next((v for v in reversed(tuple(versions)) if v.valid_from <= day), None)


@dataclass(frozen=True)
class Occupancy:
    """Places, how many are used, and the share in per cent; None where nothing can be said."""

    places: int
    used: int

    @property
    def share(self) -> Decimal | None:
        """Used of places in per cent, to one decimal."""
        return None if not self.places else round(Decimal(100) * self.used / self.places, 1)

    @property
    def over(self) -> bool:
        """More are used than there are."""
        return self.used > self.places


def occupancy(kind: RegisterKind, values: Mapping[str, Any]) -> Occupancy | None:
    """How full an entry is; None for a register without capacity, or without both numbers."""
    if kind.capacity is None:
        return None
    places, used = values.get(kind.capacity.places), values.get(kind.capacity.used)
    return None if places is None or used is None else Occupancy(int(places), int(used))


def total(of: Iterable[Occupancy | None]) -> Occupancy:
    """All of them together."""
    known = [o for o in of if o is not None]
    return Occupancy(sum(o.places for o in known), sum(o.used for o in known))


def years_of(kind: RegisterKind, first: date, today: date) -> Iterator[int]:
    """The years of which an entry that was in force from a day may have numbers, up to the running one."""
    yield from range(year_of(kind, first), year_of(kind, today) + 1)
