"""Reading a day as people write it: ``2025-09-10``, ``2025/9/10``, ``2025.9.10``, ``2025年9月10日``, ``20250910``, full
width, a moment (``2025-09-10 08:30``, ``2025-09-09T16:00:00Z``), or an Excel serial (``45910``).

Never guessed: years of two digits, day or month first, a month without a day, years outside 1900–2100.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta, timezone

from qingmiao.kernel.days import CHINA, FIRST_YEAR, LAST_YEAR, china_day
from qingmiao.kernel.misread import BLANK, MisreadError, half_width

SERIAL_FIRST, SERIAL_LAST = 25569, 73415
"""Excel serials that are read: 1970-01-01 to 2100-12-31. Smaller numbers may be anything (a year and a month, a
count)."""
_EXCEL_ZERO = date(1899, 12, 30)

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣", "-"))
_CLOCK = (
    r"(?P<hour>\d{1,2})(?::|时|点)"
    r"(?:(?P<minute>\d{1,2})分?(?::?(?P<second>\d{1,2})(?:\.(?P<part>\d{1,9}))?秒?)?)?"
    r"(?:\s*(?P<offset>[Zz]|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2}))?"
)
_FORMS = tuple(
    re.compile(rf"(?P<year>\d{{4}}){day}(?:{gap}{_CLOCK})?\s*$", re.ASCII)
    for day, gap in (
        (r"\s*-\s*(?P<month>\d{1,2})\s*-\s*(?P<day>\d{1,2})", r"(?:T|\s+)"),
        (r"\s*/\s*(?P<month>\d{1,2})\s*/\s*(?P<day>\d{1,2})", r"(?:T|\s+)"),
        (r"\s*\.\s*(?P<month>\d{1,2})\s*\.\s*(?P<day>\d{1,2})", r"(?:T|\s+)"),
        (r"\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]", r"\s*"),
        (r"(?P<month>\d{2})(?P<day>\d{2})", r"(?:T|\s+)"),
    )
)
_COMPACT = re.compile(r"(\d{8})T?(\d{2})(\d{2})(\d{2})$", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?$", re.ASCII)
_MONTH_ONLY = re.compile(r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})\s*月?|(\d{2}))$", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})(?!\d)", re.ASCII)
_SHORT_YEAR = re.compile(r"(\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?!\d)", re.ASCII)


def read_day(text: str | None) -> date | None:
    """The day in China that a cell names; ``None`` for a blank cell. Raises `MisreadError` with the nearest right day.

    A time after the day is checked and left out; with an offset the moment is put on China's clock first
    (``2025-08-31T16:00:00Z`` is 1 September). A number from 25569 to 73415 is an Excel serial.
    """
    read = _read(text)
    return None if read is None else china_day(read)


def read_moment(text: str | None) -> datetime | None:
    """The moment that a cell names, on China's clock and without an offset; ``None`` for a blank cell.

    A day without a time is misread (``MisreadError``): nobody knows when on that day.
    """
    read = _read(text)
    if read is None:
        return None
    if not isinstance(read, datetime):
        raise MisreadError("no_time", f"「{text}」没有钟点", f"{read.isoformat()}T08:30")
    return read if read.tzinfo is None else read.astimezone(CHINA).replace(tzinfo=None)


def _read(text: str | None) -> date | datetime | None:
    if text is None:
        return None
    plain = half_width(text)
    if plain in BLANK:
        return None
    plain = plain.translate(_DASHES)
    if compact := _COMPACT.match(plain):
        plain = f"{compact[1]} {compact[2]}:{compact[3]}:{compact[4]}"
    for form in _FORMS:
        if found := form.match(plain):
            return _moment(text, found)
    if _SERIAL.match(plain):
        return _serial(text, float(plain))
    raise _not_a_day(text, plain)


def read_day_number(number: float) -> date | None:
    """The day of a number in a date column: an Excel serial, or ``20250910`` as a number; ``None`` for NaN. Raises
    `MisreadError`."""
    if number != number:
        return None
    return read_day(str(int(number)) if float(number).is_integer() else repr(float(number)))


def _moment(text: str, found: re.Match[str]) -> date | datetime:
    year, month, number = (int(found[name]) for name in ("year", "month", "day"))
    day = _day(text, year, month, number)
    if found["hour"] is None:
        return day
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        raise MisreadError("no_such_time", f"「{text}」里的钟点不存在", day.isoformat())
    moment = datetime(day.year, day.month, day.day, hour, minute, second, int((found["part"] or "0")[:6].ljust(6, "0")))
    offset = _offset(found["offset"])
    if offset is None:
        return moment
    try:
        there = moment.replace(tzinfo=timezone(offset))
        china_day(there)
        return there
    except (ValueError, OverflowError):
        raise MisreadError("no_such_time", f"「{text}」里的时差不存在", day.isoformat()) from None


def _offset(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if text in ("Z", "z", "UTC"):
        return timedelta(0)
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if text[0] == "-" else size


def _day(text: str, year: int, month: int, number: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise MisreadError("year_out_of_range", f"「{text}」的年份不在 {FIRST_YEAR}–{LAST_YEAR} 年之间")
    if 1 <= month <= 12 and 1 <= number <= calendar.monthrange(year, month)[1]:
        return date(year, month, number)
    raise MisreadError("no_such_day", f"没有「{text}」这一天", _nearest(year, month, number))


def _nearest(year: int, month: int, number: int) -> str:
    """A day near one that does not exist: month and day changed about where that is a day, else the month's last or
    first."""
    if month > 12 and 1 <= number <= 12 and month <= calendar.monthrange(year, number)[1]:
        return date(year, number, month).isoformat()
    if not 1 <= month <= 12:
        return ""
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(max(number, 1), last)).isoformat()


def _serial(text: str, number: float) -> date:
    if not SERIAL_FIRST <= number < SERIAL_LAST + 1:
        raise MisreadError("not_a_day", f"「{text}」不是日期", "2025-09-10 这样的写法")
    return _EXCEL_ZERO + timedelta(days=int(number))


def _not_a_day(text: str, plain: str) -> MisreadError:
    if found := _MONTH_ONLY.match(plain):
        return MisreadError(
            "month_only", f"「{text}」只有年月，没有日", f"{found[1]}-{int(found[2] or found[3]):02}-日"
        )
    if found := _YEAR_LAST.match(plain):
        first, second, year = (int(part) for part in found.groups())
        days = [_iso(year, first, second), _iso(year, second, first)]
        return MisreadError(
            "year_last", f"「{text}」分不清哪个是月、哪个是日", " 或 ".join(dict.fromkeys(filter(None, days)))
        )
    if found := _SHORT_YEAR.match(plain):
        year, month, number = (int(part) for part in found.groups())
        return MisreadError("short_year", f"「{text}」的年份只有两位", _iso(2000 + year, month, number))
    return MisreadError("not_a_day", f"「{text}」不是日期", "2025-09-10 这样的写法")


def _iso(year: int, month: int, number: int) -> str:
    try:
        return date(year, month, number).isoformat()
    except ValueError:
        return ""
