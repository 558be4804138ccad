"""The Chinese calendar: against the library borax day by day, leap months, and the ways in which people write."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from borax.calendars.lunardate import LunarDate

from qingmiao.identity.lunar import LunarDay, lunar_day, read_lunar_day, solar_day
from qingmiao.kernel.misread import MisreadError


def test_every_day_is_as_a_second_calendar_has_it_and_comes_back():
    day, last = date(1990, 1, 1), date(2030, 12, 31)
    while day <= last:
        other = LunarDate.from_solar_date(day.year, day.month, day.day)
        mine = lunar_day(day)
        assert (mine.year, mine.month, mine.day, mine.leap) == (other.year, other.month, other.day, bool(other.leap))
        assert solar_day(mine) == day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "civil"),
    [
        ("2019年腊月廿三", date(2020, 1, 17)),  # the small new year before 25 January 2020
        ("二〇二〇年正月初一", date(2020, 1, 25)),
        ("农历2020年闰四月初一", date(2020, 5, 23)),
        ("2020年四月初一", date(2020, 4, 23)),
        ("2023 年 闰二月 十五", date(2023, 4, 5)),
        ("２０２１年８月１５日", date(2021, 9, 21)),  # the mid-autumn festival
        ("2024年八月十五", date(2024, 9, 17)),
        ("2017年闰六月三十", date(2017, 8, 21)),
        ("2018年冬月二十", date(2018, 12, 26)),
        ("2022年十二月三十", date(2023, 1, 21)),
    ],
)
def test_the_ways_in_which_a_lunar_day_is_written(text, civil):
    read = read_lunar_day(text)
    assert read is not None
    assert solar_day(read) == civil


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("2019年闰四月初一", "no_such_month", "这一年没有闰月"),
        ("2020年闰五月初一", "no_such_month", "这一年闰4月"),
        ("2021年腊月三十", "no_such_day", "只有 29 天"),
        ("1980年正月初一", "year_out_of_range", "1989–2030"),
        ("2020年13月1日", "no_such_month", "没有"),
        ("去年冬天", "not_a_lunar_day", "不是农历日期"),
    ],
)
def test_what_the_calendar_does_not_have_is_said(text, code, says):
    with pytest.raises(MisreadError, match=says) as wrong:
        read_lunar_day(text)
    assert wrong.value.code == code


def test_blank_is_nothing():
    assert read_lunar_day(None) is None
    assert read_lunar_day("　") is None


def test_a_day_says_itself():
    assert str(LunarDay(2020, 4, 1, leap=True)) == "农历2020年闰4月1日"
