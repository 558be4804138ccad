"""A birth as a register wrote it, and the days that could have been meant: month and day changed about, or lunar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from qingmiao.identity.lunar import LunarDay, read_lunar_day, solar_day
from qingmiao.kernel.day_texts import read_day
from qingmiao.kernel.misread import BLANK, MisreadError, half_width

_UNKNOWN = BLANK | {"不详", "未知", "无", "-", "--", "/", "0", "0000-00-00", "00000000", "1900-01-01", "9999-12-31"}
_NUMBERS = re.compile(r"(\d{4})\D+(\d{1,2})(?:\D+(\d{1,2})\D*)?$|(\d{4})(\d{2})(\d{2})?$", re.ASCII)
_LUNAR_WORDS = re.compile("农历|阴历|旧历|[正冬腊臘闰初廿]")


@dataclass(frozen=True, slots=True)
class Birth:
    """A written birth: the civil `day` where there is one, its year, month and day as written (0: not said), the day
    with month and day changed about, and the civil day if what is written is lunar; `lunar` when it says so itself,
    and then `day` is the civil one."""

    day: date | None = None
    year: int = 0
    month: int = 0
    number: int = 0
    swapped: date | None = None
    solar: date | None = None
    lunar: bool = False


NO_BIRTH = Birth()


@lru_cache(maxsize=1 << 16)
def read_birth(text: str | None) -> Birth:
    """The birth that a cell states; `NO_BIRTH` for a blank cell and 不详.

    A day that the civil calendar lacks (2019-02-30, 2019-25-03) is kept for what it may have meant. Raises
    `MisreadError` for a cell that is neither a civil nor a lunar day, nor a month.
    """
    plain = half_width(text or "")
    if plain in _UNKNOWN:
        return NO_BIRTH
    if _LUNAR_WORDS.search(plain):
        lunar = read_lunar_day(plain)
        assert lunar is not None
        return of_day(solar_day(lunar), lunar=True)
    try:
        day = read_day(plain)
    except MisreadError:
        found = _NUMBERS.match(plain)
        if not found:
            raise
        year, month, number = (int(part or 0) for part in (found.groups()[:3] if found[1] else found.groups()[3:]))
        if not 1900 <= year <= 2100 or not (1 <= month <= 12 or 1 <= number <= 12) or max(month, number) > 31:
            raise
        return Birth(None, year, month, number, _day(year, number, month), _solar(year, month, number))
    return of_day(day) if day else NO_BIRTH


def of_day(day: date, *, lunar: bool = False) -> Birth:
    """The birth on a civil day."""
    swapped = _day(day.year, day.day, day.month)
    solar = None if lunar else _solar(day.year, day.month, day.day)
    return Birth(day, day.year, day.month, day.day, swapped, solar, lunar)


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _solar(year: int, month: int, number: int) -> date | None:
    try:
        return solar_day(LunarDay(year, month, number))
    except MisreadError:
        return None
