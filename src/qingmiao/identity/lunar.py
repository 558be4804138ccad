"""Days of the Chinese calendar (农历) as days of the civil one, for births that a family remembers by it.

The months of 1989–2030 stand in ``lunar_years.csv`` (one row a year: the civil day of its first day, the leap month,
and each month long, ``L`` of 30 days, or short, ``S`` of 29). They follow the rules of GB/T 33661-2017《农历的编算和颁行》;
the table was computed with the library borax and is compared with it in the tests.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

from qingmiao.kernel.misread import MisreadError, half_width

FIRST_YEAR, LAST_YEAR = 1989, 2030
_TENS = {"初": 0, "十": 1, "廿": 2, "卅": 3}
_DIGITS = {digit: number for number, digit in enumerate("〇一二三四五六七八九十")} | {"零": 0, "○": 0, "两": 2}
_MONTHS = {"正": 1, "元": 1, "冬": 11, "腊": 12, "臘": 12, "十一": 11, "十二": 12}
_FORM = re.compile(
    r"(?:农历|阴历|旧历)?(?P<year>[\d〇○零一二三四五六七八九]{4})年?(?P<leap>闰)?"
    r"(?P<month>正|元|冬|腊|臘|十[一二]?|[一二三四五六七八九]|\d{1,2})月"
    r"(?P<day>初[一二三四五六七八九十]|十[一二三四五六七八九]?|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|三十|卅|\d{1,2})[日号]?$"
)


@dataclass(frozen=True, slots=True, order=True)
class LunarDay:
    """A day of the Chinese calendar: year 1989–2030, month 1–12 (in `leap` the second month of that number), day
    1–30."""

    year: int
    month: int
    day: int
    leap: bool = False

    def __str__(self) -> str:
        return f"农历{self.year}年{'闰' if self.leap else ''}{self.month}月{self.day}日"


@dataclass(frozen=True, slots=True)
class _Year:
    first: date
    leap: int
    lengths: tuple[int, ...]


@cache
def _years() -> dict[int, _Year]:
    text = (resources.files("qingmiao.identity") / "lunar_years.csv").read_text("utf-8")
    return {
        int(row["year"]): _Year(
            date.fromisoformat(row["new_year"]),
            int(row["leap_month"] or 0),
            tuple(30 if mark == "L" else 29 for mark in row["months"]),
        )
        for row in csv.DictReader(text.splitlines())
    }


def solar_day(lunar: LunarDay) -> date:
    """The civil day of a day of the Chinese calendar. Raises `MisreadError` where there is no such day, month or leap
    month, and outside 1989–2030."""
    year = _years().get(lunar.year)
    if year is None:
        raise MisreadError("year_out_of_range", f"{lunar}：只能换算农历 {FIRST_YEAR}–{LAST_YEAR} 年")
    if not 1 <= lunar.month <= 12 or (lunar.leap and lunar.month != year.leap):
        had = f"，这一年闰{year.leap}月" if year.leap else "，这一年没有闰月"
        raise MisreadError("no_such_month", f"没有「{lunar}」这个月{had if lunar.leap else ''}")
    place = lunar.month - 1 + int(lunar.leap or 0 < year.leap < lunar.month)
    if not 1 <= lunar.day <= year.lengths[place]:
        raise MisreadError("no_such_day", f"没有「{lunar}」这一天，这个月只有 {year.lengths[place]} 天")
    return year.first + timedelta(days=sum(year.lengths[:place]) + lunar.day - 1)


def lunar_day(day: date) -> LunarDay:
    """The day of the Chinese calendar of a civil day. Raises `MisreadError` outside the table."""
    for number in (day.year, day.year - 1):
        year = _years().get(number)
        if year is None or day < year.first:
            continue
        left = (day - year.first).days
        for place, length in enumerate(year.lengths):
            if left < length:
                after = bool(year.leap) and place >= year.leap
                return LunarDay(number, place + 1 - after, left + 1, bool(year.leap) and place == year.leap)
            left -= length
    raise MisreadError("year_out_of_range", f"{day}：只能换算农历 {FIRST_YEAR}–{LAST_YEAR} 年")


def read_lunar_day(text: str | None) -> LunarDay | None:
    """The day of the Chinese calendar that a cell names (``2019年腊月廿三``, ``农历二〇二〇年闰四月初一``, ``2019年3月5日``);
    ``None`` for a blank cell.

    Only for cells that are known to be lunar: ``2019年3月5日`` says nothing of its calendar. Raises `MisreadError` for
    what is no such text, and for a day that the calendar does not have.
    """
    plain = re.sub(r"\s", "", half_width(text or ""))
    if not plain:
        return None
    found = _FORM.match(plain)
    if found is None:
        raise MisreadError("not_a_lunar_day", f"「{text}」不是农历日期", "2019年腊月廿三 这样的写法")
    year = int("".join(mark if mark.isascii() else str(_DIGITS[mark]) for mark in found["year"]))
    month = _MONTHS.get(found["month"]) or _number(found["month"])
    lunar = LunarDay(year, month, _number(found["day"]), bool(found["leap"]))
    solar_day(lunar)
    return lunar


def _number(text: str) -> int:
    if text.isascii():
        return int(text)
    if text in ("三十", "卅"):
        return 30
    text = text.replace("二十", "廿")
    if text in ("十", "初十"):
        return 10
    if text[0] in _TENS:
        return _TENS[text[0]] * 10 + (_DIGITS[text[1]] if len(text) > 1 else 0)
    return _DIGITS[text]
