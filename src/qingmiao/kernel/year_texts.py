"""Years as people write them: 2024, 2024年, ２０２４, 2023/24, 2023—2024学年, 2024年末, 2023年9月—2024年8月, 2024.0.

One reader for every file and command. What the text says is held against the kind of year that the figures are counted
in (`PeriodKind`): a school year's label on a calendar-year figure is refused, never turned into one of its two years.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal

from qingmiao.kernel.periods import Period, PeriodKind

FIRST, LAST = 1900, 2200
"""The years that a figure may have."""

_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_SAID = re.compile(r"[〇○零一二三四五六七八九]{4}")
_DASHES = re.compile(r"-{2,}|[‐‑‒–—―−－﹣~～〜∼至到]+|(?<=[\d年月])[一ー](?=\d)")
_PLAIN = re.compile(r"(\d{4})(?:年度?)?(?:\.0+)?")
_YEAR_END = re.compile(r"(\d{4})年(?:末|底)(?:数)?")
_ONE_SCHOOL = re.compile(r"(\d{4})学年度?")
_TWO = re.compile(r"(\d{4})年?[-/](\d{4}|\d{2})(年|年度)?(学年度?)?")
_MONTHS = re.compile(r"(\d{4})(?:年|[-./])(\d{1,2})月?-(\d{4})(?:年|[-./])(\d{1,2})月?")
_NAMED_MONTHS = re.compile(r"(.+?)\((.+)\)")
"""A year and its months behind it: 2024年度（2023年10月—2024年9月）."""
_MONTH = re.compile(r"(\d{4})(?:年|[-./])(0?[1-9]|1[0-2])月?")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")
_EXCEL_ZERO = date(1899, 12, 30)
"""Day 0 of Excel's serial numbers (1900 system, as every date after February 1900 is counted)."""


class YearTextError(ValueError):
    """A text that is no year of the kind asked for: `message` and `hint` in Chinese."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}（建议：{hint}）")
        self.message, self.hint = message, hint


def read_year(given: object, kind: PeriodKind | None = None) -> int:
    """The year (1900–2200) that a text, number or date means, counted as `kind` counts it.

    `kind` None: the kind is not known, and only one plain year will do. A plain year on a school-year figure is the
    year in which the school year begins (2023 = 2023—2024学年); on a maternal-and-child-health year the one in which it
    ends. Raises YearTextError with what is wrong and how to write it.
    """
    text = _text(given, kind)
    shown = (given if isinstance(given, str) else text)[:40]
    if found := _PLAIN.fullmatch(text):
        return _ranged(int(found[1]), shown)
    if found := _YEAR_END.fullmatch(text):
        return _year_end(int(found[1]), shown, kind)
    if found := _ONE_SCHOOL.fullmatch(text):
        return _school(int(found[1]), int(found[1]) + 1, shown, kind)
    if found := _DAY.fullmatch(text):
        return _day(found, shown, kind)
    if found := _MONTHS.fullmatch(text):
        return _months(*(int(x) for x in found.groups()), shown=shown, kind=kind)
    if (found := _NAMED_MONTHS.fullmatch(text)) and _MONTHS.fullmatch(found[2]):
        year, months = read_year(found[1], kind), read_year(found[2], kind)
        if year != months:
            raise YearTextError(f"「{shown}」前后说的不是同一年", _how(kind))
        return year
    if _MONTH.fullmatch(text) and not _follows(text):
        raise YearTextError(f"「{shown}」是月份，不是年份", _how(kind))
    if found := _TWO.fullmatch(text):
        first = int(found[1])
        last = int(found[2]) if len(found[2]) == 4 else _last_of(first, int(found[2]))
        return _school(first, last, shown, kind)
    if re.fullmatch(r"\d{2}(年度?)?", text):
        raise YearTextError(f"年份「{shown}」只有两位", "年份写四位，如 2024")
    raise YearTextError(f"「{shown}」不是年份", _how(kind))


def _text(given: object, kind: PeriodKind | None) -> str:
    """The given value as a text without blanks, full-width forms, Chinese digits and odd dashes."""
    if given is None or (isinstance(given, str) and not given.strip()):
        raise YearTextError("没有写年份", _how(kind))
    if isinstance(given, bool):
        raise YearTextError(f"「{given}」不是年份", _how(kind))
    if isinstance(given, datetime):
        given = given.date()
    if isinstance(given, date):
        return given.isoformat()
    if isinstance(given, float | Decimal):
        if not math.isfinite(given) or given != int(given):
            raise YearTextError(f"「{given}」不是年份", _how(kind))
        return str(int(given))
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", str(given)).strip())
    if not _DAY.fullmatch(text):
        text = text.replace(" ", "")
    text = _SAID.sub(lambda m: m[0].translate(_DIGITS), text)
    return _DASHES.sub("-", text).replace("(学年)", "学年")


def _ranged(year: int, shown: object) -> int:
    if not FIRST <= year <= LAST:
        raise YearTextError(f"年份「{shown}」不在 {FIRST}—{LAST} 之间", "检查年份")
    return year


def _follows(text: str) -> bool:
    """2009-10 may be a month or two years: two years that follow one another are a school year."""
    found = _TWO.fullmatch(text)
    return found is not None and _last_of(int(found[1]), int(found[2])) == int(found[1]) + 1


def _last_of(first: int, short: int) -> int:
    """The four-digit year behind 24 in 2023/24, 00 in 1999/00."""
    return first // 100 * 100 + short + (100 if short == 0 and first % 100 == 99 else 0)


def _school(first: int, last: int, shown: object, kind: PeriodKind | None) -> int:
    if last != first + 1:
        raise YearTextError(f"「{shown}」的两个年份不相连", "一行只写一年；学年写成 2023—2024学年")
    if kind is PeriodKind.SCHOOL_YEAR:
        return _ranged(first, shown)
    if kind is None:
        raise YearTextError(f"「{shown}」是学年，这里要一个年份", _how(None))
    raise YearTextError(f"「{shown}」是学年，这里按{kind.label}统计", _how(kind))


def _year_end(year: int, shown: object, kind: PeriodKind | None) -> int:
    if kind in (PeriodKind.SCHOOL_YEAR, PeriodKind.MCH_YEAR):
        raise YearTextError(f"「{shown}」是年末，这里按{kind.label}统计", _how(kind))
    return _ranged(year, shown)


def _months(first: int, begins: int, last: int, ends: int, *, shown: object, kind: PeriodKind | None) -> int:
    """2023年9月—2024年8月: the one kind of year that has just these months."""
    kinds = [kind] if kind is not None else [PeriodKind.CALENDAR_YEAR]
    for wanted in kinds:
        for year in {first, last}:
            if not FIRST <= year <= LAST:
                continue
            period = Period(wanted, year)
            span = (period.start.year, period.start.month, period.end.year, period.end.month)
            if span == (first, begins, last, ends):
                return year
    said = kind.label if kind is not None else "日历年度"
    raise YearTextError(f"「{shown}」不是一个{said}的起止月份", _how(kind))


def _day(found: re.Match[str], shown: object, kind: PeriodKind | None) -> int:
    """A date that stands for a year: its first or last day (any day of a calendar year), or a number shown as a date.

    A cell formatted as a date shows the number 2024 as 1905-07-16 (Excel's serial day); that number is meant.
    """
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise YearTextError(f"「{shown}」不是年份", _how(kind)) from None
    serial = (day - _EXCEL_ZERO).days
    if FIRST <= serial <= LAST:
        return serial
    counted = kind or PeriodKind.CALENDAR_YEAR
    if not FIRST <= counted.year_of(day) <= LAST:
        raise YearTextError(f"年份「{shown}」不在 {FIRST}—{LAST} 之间", "检查年份")
    year = counted.year_of(day)
    if counted.first_month == 1 or day in (Period(counted, year).start, Period(counted, year).end):
        return year
    raise YearTextError(f"「{shown}」是日期，不是{counted.label}", _how(kind))


def _how(kind: PeriodKind | None) -> str:
    """How a year of this kind is to be written."""
    return {
        None: "写成 2024",
        PeriodKind.CALENDAR_YEAR: "写成 2024",
        PeriodKind.YEAR_END: "写成 2024 或 2024年末",
        PeriodKind.SCHOOL_YEAR: "写成 2023—2024学年，或只写学年开始的那一年 2023",
        PeriodKind.MCH_YEAR: "写成 2024（2023年10月—2024年9月）",
    }[kind]
