"""Days have a country, and months one rule.

Country: a date, and a moment without an offset, is China's. A moment with an offset is put on China's clock, which
is eight hours ahead of UTC all year round. In the summers of 1986 to 1991 clocks in China stood one hour further; a
date that was written as a midnight of such a summer stays that date (`china_day`).

Months: n months after a day is the same day of the month, and the month's last day where there is no such day
(Civil Code of the People's Republic of China, art. 202: 没有对应日的，月末日为期间的最后一日). So one month after 31
January is 28 or 29 February, and a child born on 29 February 2020 is six years old on 28 February 2026. Ages in the
norms, in the packs' expressions, in SQL and in the naive oracle all follow `completed_months`.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China's clock: eight hours ahead of UTC, all year round."""
CHINA_ZONE = "Asia/Shanghai"
"""The name of that zone for database sessions."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Years outside are faults: nobody whose record is kept was born before, no record is dated after."""

SUMMER_TIME: tuple[tuple[date, date], ...] = (
    (date(1986, 5, 4), date(1986, 9, 14)),
    (date(1987, 4, 12), date(1987, 9, 13)),
    (date(1988, 4, 17), date(1988, 9, 11)),
    (date(1989, 4, 16), date(1989, 9, 17)),
    (date(1990, 4, 15), date(1990, 9, 16)),
    (date(1991, 4, 14), date(1991, 9, 15)),
)
"""First and last day of China's summer time (clocks changed at 02:00), as in the IANA time zone database, rule PRC."""


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later (earlier, when negative); that month's last day where it has no such
    day.

    Raises OverflowError outside the years 1–9999.
    """
    place = day.year * 12 + day.month - 1 + months
    year, month = place // 12, place % 12 + 1
    if not 1 <= year <= 9999:
        raise OverflowError(f"{months} months from {day} is outside the calendar")
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def completed_months(birth: date, day: date) -> int:
    """Whole months from `birth` to `day`: the greatest n for which `add_months(birth, n)` is not after `day`; negative
    before birth."""
    months = (day.year - birth.year) * 12 + day.month - birth.month
    return months - 1 if day.day < birth.day and not is_month_end(day) else months


def completed_years(birth: date, day: date) -> int:
    """Whole years (周岁) from `birth` to `day`: completed months by twelve, rounded down."""
    return completed_months(birth, day) // 12


def is_month_end(day: date) -> bool:
    """Whether `day` is the last of its month."""
    return day.day == calendar.monthrange(day.year, day.month)[1]


def china_day(moment: date | datetime) -> date:
    """The day in China of a date or moment, whatever the machine's time zone.

    A date, and a moment without an offset, is China's as it stands. A moment with an offset is put on China's clock;
    exactly 23:00 there on the eve of a day of summer time (`SUMMER_TIME`) is that day's midnight as exports wrote it.
    """
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None or moment.utcoffset() is None:
        return moment.date()
    there = moment.astimezone(CHINA)
    following = there.date() + timedelta(days=1) if there.date() < date.max else date.max
    if (there.hour, there.minute, there.second, there.microsecond) == (23, 0, 0, 0) and _summer_midnight(following):
        return following
    return there.date()


def _summer_midnight(day: date) -> bool:
    return any(first < day <= last for first, last in SUMMER_TIME)


def china_now() -> datetime:
    """The moment now, on China's clock. Only commands and the site ask; rules are given a day."""
    return datetime.now(CHINA)


def china_today() -> date:
    """Today in China, whatever the machine's time zone. Only commands and the site ask; rules are given a day."""
    return china_now().date()
