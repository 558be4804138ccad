"""Years as people write them, held against the kind of year the figures are counted in."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingmiao.kernel.periods import Period, PeriodKind
from qingmiao.kernel.year_texts import YearTextError, read_year

CALENDAR, SCHOOL, MCH, END = (
    PeriodKind.CALENDAR_YEAR,
    PeriodKind.SCHOOL_YEAR,
    PeriodKind.MCH_YEAR,
    PeriodKind.YEAR_END,
)

READ: list[tuple[object, PeriodKind | None, int]] = [
    *[(x, k, 2024) for x in ("2024", "2024年", "2024年度", "２０２４", "２０２４年", " 2024 ", "2024 年", "2024.0", "二〇二四年",
                             "二○二四", "二零二四年", 2024, 2024.0, Decimal("2024")) for k in (CALENDAR, MCH, END, SCHOOL,
                             None)],
    ("2024年末", END, 2024),
    ("2024年底", END, 2024),
    ("2024年末", CALENDAR, 2024),
    *[(x, SCHOOL, 2023) for x in ("2023/24", "2023-24", "2023/2024", "2023-2024", "2023—2024学年", "2023—2024学年度",
        "2023-24学年",
                                  "2023–2024 学年", "２０２３－２０２４学年", "2023至2024学年", "2023~2024学年", "2023一2024学年",
                                  "2023--2024", "2023——2024学年", "2023年—2024年", "2023-2024年度", "2023-2024（学年）", "2023学年",
                                  "2023学年度",
                                  "2023（学年）", "二〇二三—二〇二四学年", "2023年9月—2024年8月", "2023.9-2024.8", "2023-09—2024-08",
                                  "2023", "2023年", "2023-09-01", "2024-08-31", date(2023, 9, 1))],
    ("1999/00", SCHOOL, 1999),
    ("1999-2000学年", SCHOOL, 1999),
    ("2009-10", SCHOOL, 2009),
    ("2023年10月—2024年9月", MCH, 2024),
    ("2023-10—2024-09", MCH, 2024),
    ("2023-10-01", MCH, 2024),
    ("2024年1月—2024年12月", CALENDAR, 2024),
    ("2024年1月至2024年12月", None, 2024),
    ("2024-01-01", CALENDAR, 2024),
    ("2024/12/31", CALENDAR, 2024),
    ("2024-06-30 00:00:00", CALENDAR, 2024),
    (datetime(2024, 12, 31), END, 2024),
    (date(1905, 7, 16), CALENDAR, 2024),  # the number 2024 in a cell formatted as a date
    ("1905-07-16", SCHOOL, 2024),
]  # fmt: skip

REFUSED: list[tuple[object, PeriodKind | None, str]] = [
    ("2023/24", CALENDAR, "是学年，这里按日历年度统计"),
    ("2023—2024学年", MCH, "是学年，这里按妇幼卫生年度统计"),
    ("2023-2024", END, "是学年，这里按年末统计"),
    ("2023学年", CALENDAR, "是学年，这里按日历年度统计"),
    ("2023（学年）", CALENDAR, "是学年"),
    ("2023—2024学年", None, "是学年，这里要一个年份"),
    ("2024年末", SCHOOL, "是年末，这里按学年统计"),
    ("2024年末", MCH, "是年末，这里按妇幼卫生年度统计"),
    ("2023-2025学年", SCHOOL, "不相连"),
    ("2024-2023", SCHOOL, "不相连"),
    ("2023-2023学年", SCHOOL, "不相连"),
    ("2023/25", SCHOOL, "不相连"),
    ("2021-2023", CALENDAR, "不相连"),
    ("2023年9月—2024年8月", CALENDAR, "不是一个日历年度的起止月份"),
    ("2023年9月—2024年8月", MCH, "不是一个妇幼卫生年度的起止月份"),
    ("2023年10月—2024年9月", SCHOOL, "不是一个学年的起止月份"),
    ("2023年9月—2025年8月", SCHOOL, "不是一个学年的起止月份"),
    ("2024年1月—2024年6月", CALENDAR, "不是一个日历年度的起止月份"),
    ("2023—2024学年第一学期", SCHOOL, "不是年份"),
    ("2024-05", CALENDAR, "是月份"),
    ("2024年5月", SCHOOL, "是月份"),
    ("2024/5", None, "是月份"),
    ("2024-05-01", SCHOOL, "是日期，不是学年"),
    ("2024-01-01", MCH, "是日期，不是妇幼卫生年度"),
    ("2024-02-30", CALENDAR, "不是年份"),
    ("24", CALENDAR, "只有两位"),
    ("24年", CALENDAR, "只有两位"),
    ("二四年", CALENDAR, "不是年份"),
    ("2024.5", None, "是月份"),
    (2024.5, None, "不是年份"),
    ("2.024e3", CALENDAR, "不是年份"),
    ("-2024", CALENDAR, "不是年份"),
    ("20244", CALENDAR, "不是年份"),
    ("1899", CALENDAR, "不在 1900—2200"),
    ("2201", CALENDAR, "不在 1900—2200"),
    ("0000", CALENDAR, "不在 1900—2200"),
    ("五", CALENDAR, "不是年份"),
    ("合计", None, "不是年份"),
    ("", CALENDAR, "没有写年份"),
    (None, CALENDAR, "没有写年份"),
    (True, CALENDAR, "不是年份"),
    (float("inf"), CALENDAR, "不是年份"),
    (float("nan"), CALENDAR, "不是年份"),
    (1e300, CALENDAR, "不是年份"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "year"), READ)
def test_a_year_is_read(text: object, kind: PeriodKind | None, year: int) -> None:
    assert read_year(text, kind) == year


@pytest.mark.parametrize(("text", "kind", "said"), REFUSED)
def test_what_is_no_year_of_this_kind_is_refused_and_says_how_to_write_it(
    text: object, kind: PeriodKind | None, said: str
) -> None:
    with pytest.raises(YearTextError) as error:
        read_year(text, kind)
    assert said in error.value.message
    assert len(error.value.message) < 90
    assert error.value.hint


@given(st.sampled_from(list(PeriodKind)), st.integers(1900, 2199))
def test_a_label_that_we_write_is_read_back(kind: PeriodKind, year: int) -> None:
    assert read_year(str(Period(kind, year)), kind) == year


@given(st.integers(1900, 2199))
def test_a_school_years_label_never_becomes_a_calendar_year(year: int) -> None:
    for text in (
        str(Period(SCHOOL, year)),
        f"{year}/{(year + 1) % 100:02d}",
        f"{year}-{year + 1}",
        f"{year}学年",
    ):
        for kind in (CALENDAR, MCH, END, None):
            with pytest.raises(YearTextError):
                read_year(text, kind)


@given(st.text(max_size=20), st.sampled_from([None, *PeriodKind]))
def test_any_text_is_a_year_or_a_said_fault(text: str, kind: PeriodKind | None) -> None:
    try:
        year = read_year(text, kind)
    except YearTextError as e:
        said = (e.message, e.hint)
    else:
        said = ("", "")
        assert 1900 <= year <= 2200
    assert all(said) or not any(said)
