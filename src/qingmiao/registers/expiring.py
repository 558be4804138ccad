"""What of an entry ends on a day: licences, certificates, filings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from qingmiao.content.registers import RegisterExpiry, RegisterKind


@dataclass(frozen=True)
class Expiring:
    """One date of an entry: it has passed (`over`: from the day after), is near (`soon`), or is far (`later`)."""

    expiry: RegisterExpiry
    on: date
    standing: Literal["over", "soon", "later"]
    days: int
    """Days left; negative: days past."""


def expiries(kind: RegisterKind, values: Mapping[str, Any], *, on: date) -> Iterator[Expiring]:
    """How each date of an entry stands on a day; the last day itself is still valid."""
    for one in kind.expires:
        end = _day(values.get(one.field))
        if end is not None:
            left = (end - on).days
            near = on >= end - timedelta(days=one.warn[0])
            yield Expiring(one, end, "over" if left < 0 else "soon" if near else "later", left)


def first_end(kind: RegisterKind, values: Mapping[str, Any]) -> date | None:
    """The earliest of its dates; None where it has none."""
    return min((d for one in kind.expires if (d := _day(values.get(one.field))) is not None), default=None)


def longest_warning(kind: RegisterKind) -> int:
    """Days before an end from which the first of its dates is told; 0 where nothing expires."""
    return max((one.warn[0] for one in kind.expires), default=0)


def told_before(kind: RegisterKind) -> tuple[int, ...]:
    """Days before the first end of an entry on which it is told, the most first."""
    return tuple(sorted({days for one in kind.expires for days in one.warn}, reverse=True))


def _day(value: Any) -> date | None:
    return value if type(value) is date else date.fromisoformat(value) if isinstance(value, str) and value else None
