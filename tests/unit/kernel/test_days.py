"""One rule of months, China's day whatever the zone, and days as people write them."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from qingmiao.kernel.day_texts import read_day, read_day_number
from qingmiao.kernel.days import (
    CHINA,
    SUMMER_TIME,
    add_months,
    china_day,
    china_now,
    china_today,
    completed_months,
    completed_years,
)
from qingmiao.kernel.misread import MisreadError


@pytest.mark.parametrize(
    ("birth", "day", "months"),
    [
        (date(2024, 3, 31), date(2024, 11, 30), 8),
        (date(2024, 3, 31), date(2024, 11, 29), 7),
        (date(2020, 2, 29), date(2026, 2, 28), 72),
        (date(2020, 2, 29), date(2026, 2, 27), 71),
        (date(2020, 2, 29), date(2024, 2, 28), 47),
        (date(2020, 2, 29), date(2024, 2, 29), 48),
        (date(2023, 8, 31), date(2024, 2, 29), 6),
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(2024, 2, 29), date(2024, 3, 31), 1),
        (date(2024, 2, 1), date(2024, 2, 1), 0),
        (date(2024, 2, 2), date(2024, 2, 1), -1),
        (date(2024, 3, 31), date(2024, 2, 29), -1),
    ],
)
def test_a_month_is_completed_on_its_day_or_the_months_last(birth: date, day: date, months: int) -> None:
    assert completed_months(birth, day) == months
    assert completed_years(birth, day) == months // 12


def test_completed_months_is_the_greatest_number_that_does_not_pass_the_day() -> None:
    for birth in (date(2019, 12, 1) + timedelta(days=n) for n in range(500)):
        for ahead in range(-70, 800):
            day = birth + timedelta(days=ahead)
            months = completed_months(birth, day)
            assert add_months(birth, months) <= day < add_months(birth, months + 1)


def test_the_same_day_or_the_last() -> None:
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2023, 1, 31), 1) == date(2023, 2, 28)
    assert add_months(date(2024, 3, 31), -1) == date(2024, 2, 29)
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    with pytest.raises(OverflowError):
        add_months(date(9999, 12, 1), 1)


def test_a_moment_is_put_on_chinas_clock() -> None:
    assert china_day(datetime(2025, 8, 31, 16, tzinfo=UTC)) == date(2025, 9, 1)
    assert china_day(datetime(2025, 8, 31, 15, 59, 59, tzinfo=UTC)) == date(2025, 8, 31)
    assert china_day(datetime(2025, 8, 31, 23, 59)) == date(2025, 8, 31)
    assert china_day(date(2025, 8, 31)) == date(2025, 8, 31)
    assert china_day(datetime(2025, 8, 31, 9, tzinfo=ZoneInfo("America/Los_Angeles"))) == date(2025, 9, 1)


def test_no_midnight_of_any_year_moves_whichever_clock_wrote_it() -> None:
    """Exports write a date as midnight by the zone's history (summer time 1986–1991) or by eight hours: both give the
    day."""
    shanghai = ZoneInfo("Asia/Shanghai")
    day = date(1955, 1, 1)
    while day < date(2030, 1, 1):
        for zone in (shanghai, CHINA):
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
            assert china_day(midnight) == day, (day, zone)
        day += timedelta(days=1)


def test_the_summers_are_those_of_the_time_zone_database() -> None:
    shanghai, summer = ZoneInfo("Asia/Shanghai"), set()
    day = date(1980, 1, 1)
    while day < date(2000, 1, 1):
        if datetime(day.year, day.month, day.day, tzinfo=shanghai).utcoffset() == timedelta(hours=9):
            summer.add(day)
        day += timedelta(days=1)
    ours = {f + timedelta(days=n) for f, last in SUMMER_TIME for n in range(1, (last - f).days + 1)}
    assert summer == ours


def test_today_is_chinas() -> None:
    before = datetime.now(UTC)
    now, today = china_now(), china_today()
    after = datetime.now(UTC)
    assert before <= now <= after
    assert now.utcoffset() == timedelta(hours=8)
    assert (before + timedelta(hours=8)).date() <= today <= (after + timedelta(hours=8)).date()


@pytest.mark.parametrize(
    "text",
    [
        "2025-09-10", "2025-9-10", "2025/9/10", "2025/09/10", "2025.9.10", "2025年9月10日", "2025年09月10号", "20250910",
        "２０２５年９月１０日", "２０２５－０９－１０", "２０２５／９／１０", " 2025-09-10 ", "\u30002025-09-10\u00a0", "\ufeff2025-09-10",
        "2025 年 9 月 10 日", "2025–09–10", "2025-09-10 08:30", "2025-09-10 08:30:15", "2025-09-10T23:59:59.123456789",
        "2025/9/10 0:00:00", "2025年9月10日 8时30分", "2025年9月10日8:30", "20250910083015", "20250910T083015", "45910",
        "45910.75",
        "45910.0", "2025-09-10T00:00:00+08:00", "2025-09-09T16:00:00Z", "2025-09-09 16:00:00+00:00",
        "2025-09-10 23:59:59.999+0800",
        "2025-09-09 09:00:00-07:00", "2025-09-10 01:00+09:00",
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert read_day(text) == date(2025, 9, 10)


@pytest.mark.parametrize("text", [None, "", " ", "\u3000", "NA", "NaT", "null"])
def test_blank_is_no_day_and_no_fault(text: str | None) -> None:
    assert read_day(text) is None


@pytest.mark.parametrize(
    ("text", "code", "nearest"),
    [
        ("2025-09-31", "no_such_day", "2025-09-30"),
        ("2025-02-29", "no_such_day", "2025-02-28"),
        ("2025-13-05", "no_such_day", "2025-05-13"),
        ("2025-00-05", "no_such_day", ""),
        ("2025-09-00", "no_such_day", "2025-09-01"),
        ("1825-09-10", "year_out_of_range", ""),
        ("1899-12-31", "year_out_of_range", ""),
        ("2101-01-01", "year_out_of_range", ""),
        ("9999-12-31", "year_out_of_range", ""),
        ("25-09-10", "short_year", "2025-09-10"),
        ("25/9/10", "short_year", "2025-09-10"),
        ("25年9月10日", "short_year", "2025-09-10"),
        ("9/10/2025", "year_last", "2025-09-10 或 2025-10-09"),
        ("31/12/2024", "year_last", "2024-12-31"),
        ("2025-09", "month_only", "2025-09-日"),
        ("2025年9月", "month_only", "2025-09-日"),
        ("202509", "month_only", "2025-09-日"),
        ("2025-09-10 25:00", "no_such_time", "2025-09-10"),
        ("2025-09-10 08:61", "no_such_time", "2025-09-10"),
        ("2025-09-10 08:30+99:00", "no_such_time", "2025-09-10"),
        ("2025-9/10", "not_a_day", "2025-09-10 这样的写法"),
        ("2025-09-10x", "not_a_day", "2025-09-10 这样的写法"),
        ("20259", "not_a_day", "2025-09-10 这样的写法"),
        ("4591", "not_a_day", "2025-09-10 这样的写法"),
        ("99999", "not_a_day", "2025-09-10 这样的写法"),
        ("1757433600", "not_a_day", "2025-09-10 这样的写法"),
        ("-45910", "not_a_day", "2025-09-10 这样的写法"),
        ("昨天", "not_a_day", "2025-09-10 这样的写法"),
        ("2025091012:30", "not_a_day", "2025-09-10 这样的写法"),
        ("٢٠٢٥-٠٩-١٠", "not_a_day", "2025-09-10 这样的写法"),
    ],
)
def test_what_is_no_day_is_misread_with_the_nearest(text: str, code: str, nearest: str) -> None:
    with pytest.raises(MisreadError) as found:
        read_day(text)
    assert (found.value.code, found.value.nearest) == (code, nearest)
    assert text in found.value.message


def test_every_day_is_read_back_in_every_form() -> None:
    for year in (1900, 1969, 1970, 1988, 2000, 2024, 2100):
        for month in range(1, 13):
            for number in range(1, calendar.monthrange(year, month)[1] + 1):
                day = date(year, month, number)
                for text in (
                    day.isoformat(), f"{year}/{month}/{number}", f"{year}.{month}.{number}",
                    f"{year}年{month}月{number}日",
                    f"{day:%Y%m%d}",
                ):  # fmt: skip
                    assert read_day(text) == day
                if year >= 1970:
                    assert read_day(str((day - date(1899, 12, 30)).days)) == day


def test_a_number_in_a_date_column() -> None:
    assert read_day_number(45910.0) == date(2025, 9, 10)
    assert read_day_number(45910.5) == date(2025, 9, 10)
    assert read_day_number(20250910.0) == date(2025, 9, 10)
    assert read_day_number(float("nan")) is None
    for wrong in (float("inf"), 12.0, 1e300, -5.0):
        with pytest.raises(MisreadError):
            read_day_number(wrong)
