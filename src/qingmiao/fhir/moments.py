"""Dates and moments of a search: a partial one is the span that it covers, by China's clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from qingmiao.fhir.issues import Issue, NotTakenError
from qingmiao.fhir.primitives import fits
from qingmiao.kernel.days import CHINA_ZONE

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
"""What may stand before a date or a number of a search."""


@dataclass(frozen=True)
class TimeSpan:
    """From a moment up to, not including, another (both UTC), and how what is searched must lie to it."""

    prefix: str
    since: datetime
    until: datetime

    @property
    def days(self) -> tuple[date, date]:
        """The first day and the day after the last, in China."""
        zone = ZoneInfo(CHINA_ZONE)
        first, after = self.since.astimezone(zone), self.until.astimezone(zone)
        return first.date(), after.date() + timedelta(days=after.time() != time())


def span(text: str, where: str) -> TimeSpan:
    """`ge2024-03` as a span. Raises NotTakenError where it is no date of FHIR."""
    found = re.fullmatch(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.+)", text.strip(), re.S)
    prefix, said = (found[1] or "eq", found[2]) if found else ("eq", "")
    whole = re.sub(r"(T\d\d:\d\d)(?=Z|[+-]|$)", r"\1:00", said)
    if "T" in whole and not re.search(r"(Z|[+-]\d\d:\d\d)$", whole):
        whole += "+08:00"
    if not fits("dateTime", whole):
        raise NotTakenError(
            Issue("value", f"“{said[:40]}”不是日期，请写成 2024、2024-03、2024-03-01 或带时区的时刻", where)
        )
    zone = ZoneInfo(CHINA_ZONE)
    if "T" in whole:
        since = datetime.fromisoformat(whole.replace("Z", "+00:00").replace(":60", ":59")).astimezone(UTC)
        length = timedelta(microseconds=1) if "." in said else timedelta(seconds=1)
        length = timedelta(minutes=1) if len(said) > 10 and re.search(r"T\d\d:\d\d(?!:)", said) else length
        return TimeSpan(prefix, since, since + length)
    first = date.fromisoformat(whole + "0001-01-01"[len(whole) :])
    if len(whole) == 4:
        after = date(first.year + 1, 1, 1) if first.year < 9999 else date.max
    elif len(whole) == 7:
        after = (first + timedelta(days=31)).replace(day=1) if first < date(9999, 12, 1) else date.max
    else:
        after = first + timedelta(days=1) if first < date.max else date.max
    begin, end = (datetime.combine(d, time(), zone).astimezone(UTC) for d in (first, after))
    return TimeSpan(prefix, begin, end)
