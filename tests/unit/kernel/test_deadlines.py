"""Deadlines by the Civil Code (art. 201–203), on the published working days."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingmiao.kernel.days import add_months
from qingmiao.kernel.deadlines import (
    Clock,
    ClockState,
    Extension,
    Limit,
    LimitError,
    LimitUnit,
    Pause,
    Terms,
    WorkCalendar,
    due,
    limit_of,
    warned_from,
)
from qingmiao.standards.working_days import china, notices

ORACLE = Path(__file__).parents[2] / "data/calendar/chinesecalendar_exceptions.csv"
MOMENTS = st.datetimes(datetime(2019, 12, 1), datetime(2027, 2, 1))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def ends(start: str, value: str | int, unit: str) -> str:
    return due(at(start), limit_of(value, unit), china()).at.isoformat(timespec="minutes")


# Each line: what happened when, the limit, the end, and the rule that decides.
CASES = [
    ("2026-03-02T09:00", 3, "calendar_days", "2026-03-05T23:59", "art. 201: the day of the event is not counted"),
    ("2026-03-02T00:00", 3, "calendar_days", "2026-03-05T23:59", "art. 201: nor is a day that has only begun"),
    ("2026-03-02T23:59", 3, "calendar_days", "2026-03-05T23:59", "art. 201: nor its last minute"),
    ("2026-03-03T09:00", 4, "calendar_days", "2026-03-09T23:59", "art. 203: Saturday 7 March moves to Monday"),
    ("2026-03-06T09:00", 2, "calendar_days", "2026-03-09T23:59", "art. 203: Sunday 8 March moves to Monday"),
    ("2026-02-10T09:00", 5, "calendar_days", "2026-02-24T23:59", "art. 203: 15 February is in the Spring Festival"),
    ("2026-02-10T09:00", 4, "calendar_days", "2026-02-14T23:59", "Saturday 14 February is worked"),
    ("2026-09-28T09:00", 3, "calendar_days", "2026-10-08T23:59", "art. 203: National Day ends on 7 October"),
    ("2026-09-13T09:00", 7, "calendar_days", "2026-09-20T23:59", "Sunday 20 September is worked"),
    ("2025-12-30T09:00", 2, "calendar_days", "2026-01-04T23:59", "1 to 3 January rest, Sunday 4 January is worked"),
    ("2022-12-29T09:00", 2, "calendar_days", "2023-01-03T23:59", "31 December 2022 rests by the notice of 2023"),
    ("2020-01-21T09:00", 10, "calendar_days", "2020-02-03T23:59",
        "the Spring Festival of 2020 was prolonged to 2 February"),
    ("2026-02-13T16:30", 3, "working_days", "2026-02-25T23:59", "14, 24 and 25 February are worked"),
    ("2026-09-30T09:00", 1, "working_days", "2026-10-08T23:59", "the first worked day after the holiday"),
    ("2026-05-08T09:00", 1, "working_days", "2026-05-09T23:59", "Saturday 9 May is worked"),
    ("2026-03-07T09:00", 1, "working_days", "2026-03-09T23:59", "an event on Saturday: Monday is the first"),
    ("2026-03-02T09:00", 5, "working_days", "2026-03-09T23:59", "five worked days over one weekend"),
    ("2026-01-31T09:00", 1, "months", "2026-02-28T23:59", "art. 202: no 31 February; the 28th, a Saturday, is worked"),
    ("2024-01-31T09:00", 1, "months", "2024-02-29T23:59", "art. 202: the month's last day of a leap year"),
    ("2026-03-31T09:00", 1, "months", "2026-04-30T23:59", "art. 202: April has 30 days"),
    ("2026-04-30T09:00", 1, "months", "2026-06-01T23:59", "the 30th, not the month's end; Saturday moves to Monday"),
    ("2026-02-28T09:00", 1, "months", "2026-03-30T23:59", "28 March is a Saturday"),
    ("2026-07-01T09:00", 3, "months", "2026-10-08T23:59", "1 October is a holiday"),
    ("2024-02-29T09:00", 1, "years", "2025-02-28T23:59", "art. 202: no 29 February in 2025"),
    ("2020-02-29T09:00", 4, "years", "2024-02-29T23:59", "there is one in 2024"),
    ("2025-10-01T09:00", 1, "years", "2026-10-08T23:59", "art. 203 moves a year's end too"),
    ("2026-09-30T23:59", 24, "hours", "2026-10-01T23:59", "art. 201: hours count at once and never move"),
    ("2026-02-13T16:30", 72, "hours", "2026-02-16T16:30", "hours run through the festival"),
    ("2026-03-02T09:07", "1.5", "hours", "2026-03-02T10:37", "half an hour is thirty minutes"),
    ("2026-03-02T09:00", 0, "hours", "2026-03-02T09:00", "at once"),
    ("2026-03-07T09:00", 0, "calendar_days", "2026-03-09T23:59", "on the day, which is a Saturday"),
    ("2026-03-02T09:00", 0, "working_days", "2026-03-02T23:59", "on the day"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "value", "unit", "end", "rule"), CASES, ids=[c[4] for c in CASES])
def test_a_period_ends_as_the_civil_code_says(start: str, value: str | int, unit: str, end: str, rule: str) -> None:
    assert ends(start, value, unit) == end, rule


def test_the_working_days_are_those_of_another_reading_of_the_notices() -> None:
    lines = [line for line in ORACLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    exceptions = {date.fromisoformat(r["date"]): r["kind"] == "work" for r in csv.DictReader(lines)}
    assert len(exceptions) > 100
    calendar, day = china(), date(2020, 1, 1)
    while day < date(2027, 1, 1):
        assert calendar.is_working_day(day) is exceptions.get(day, day.weekday() < 5), day
        day += timedelta(days=1)


def test_every_published_year_has_its_notice() -> None:
    assert set(notices()) == china().published
    assert set(range(2020, 2027)) <= china().published


@given(MOMENTS, st.integers(0, 40))
def test_days_count_like_fingers(start: datetime, value: int) -> None:
    """A naive count, day by day, agrees."""
    calendar = china()
    day, left = start.date(), value
    while left:
        day += timedelta(days=1)
        left -= 1
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    assert due(start, Limit(Decimal(value), LimitUnit.CALENDAR_DAYS), calendar).at.date() == day
    worked, day = value, start.date()
    while worked or not calendar.is_working_day(day):
        day += timedelta(days=1)
        worked -= calendar.is_working_day(day) and worked > 0
    assert due(start, Limit(Decimal(value), LimitUnit.WORKING_DAYS), calendar).at.date() == day


@given(MOMENTS, st.integers(0, 40), st.sampled_from([u for u in LimitUnit if u is not LimitUnit.TERMS]))
def test_a_longer_limit_never_ends_earlier_and_a_last_day_is_worked(
    start: datetime, value: int, unit: LimitUnit
) -> None:
    calendar = china()
    one, more = (due(start, Limit(Decimal(n), unit), calendar).at for n in (value, value + 1))
    assert one <= more
    if unit is not LimitUnit.HOURS:
        assert calendar.is_working_day(one.date())


def test_a_year_without_a_notice_is_provisional() -> None:
    calendar = china()
    last = max(calendar.published)
    known = due(datetime(last, 12, 1, 9), limit_of(20, "calendar_days"), calendar)
    beyond = due(datetime(last, 12, 20, 9), limit_of(20, "calendar_days"), calendar)
    assert (known.provisional, beyond.provisional) == (False, True)
    # What the law fixes by solar date holds all the same; a festival by the moon is not invented.
    assert not calendar.is_working_day(date(2030, 10, 1))
    assert calendar.is_working_day(date(2030, 2, 4))  # a Monday of the Spring Festival of 2030
    assert due(datetime(last, 12, 31, 9), limit_of(40, "hours"), calendar).provisional is False


def test_terms_are_a_local_setting() -> None:
    with pytest.raises(LimitError, match="本地设定"):
        due(at("2026-03-02T09:00"), limit_of(1, "terms"), china())
    terms = Terms(((date(2026, 2, 25), date(2026, 7, 10)), (date(2026, 9, 1), date(2027, 1, 22))))
    local = WorkCalendar(published=frozenset({2026, 2027}), terms=terms)
    assert due(at("2026-03-02T09:00"), limit_of(1, "terms"), local).at == at("2026-07-10T23:59")
    assert due(at("2026-08-01T09:00"), limit_of(1, "terms"), local).at == at("2027-01-22T23:59")
    with pytest.raises(LimitError, match="先后"):
        Terms(((date(2026, 9, 1), date(2027, 1, 22)), (date(2026, 2, 25), date(2026, 7, 10))))


@pytest.mark.parametrize(
    ("value", "unit"),
    [("1.5", "calendar_days"), ("-1", "hours"), ("", "hours"), ("1e3", "hours"), ("inf", "hours"), ("nan", "days"),
     ("1", "days"), ("0.001", "hours"), ("100001", "years"), ("１", "hours"), ("9" * 20, "years")],
)  # fmt: skip
def test_what_is_no_limit_is_refused(value: str, unit: str) -> None:
    with pytest.raises(LimitError):
        limit_of(value, unit)


def test_an_end_outside_the_calendar_is_refused() -> None:
    with pytest.raises(LimitError, match="超出了日历"):
        due(at("2026-03-02T09:00"), limit_of(9000, "years"), china())


def test_a_pause_prolongs_and_nobody_knows_the_end_while_it_lasts() -> None:
    calendar = china()
    limit, start = limit_of(10, "working_days"), at("2026-03-02T09:00")
    assert Clock(start, limit).due(calendar) == due(start, limit, calendar)  # 16 March
    open_ = Clock(start, limit, (Pause("等鉴定结果", at("2026-03-04T15:00")),))
    assert open_.due(calendar) is None
    assert open_.state(at("2027-01-01T00:00"), calendar) is ClockState.PAUSED
    # Paused on Wednesday, taken up on Monday: Thursday, Friday and Monday are not counted.
    shut = Clock(start, limit, (Pause("等鉴定结果", at("2026-03-04T15:00"), at("2026-03-09T09:00")),))
    ended = shut.due(calendar)
    assert ended is not None
    assert ended.at == at("2026-03-19T23:59")
    days = Clock(start, limit_of(10, "calendar_days"), shut.pauses).due(calendar)  # 12 March + 5 days
    assert days is not None
    assert days.at == at("2026-03-17T23:59")
    hours = Clock(start, limit_of(24, "hours"), (Pause("停电", at("2026-03-02T10:00"), at("2026-03-02T12:30")),))
    assert hours.due(calendar).at == at("2026-03-03T11:30")  # type: ignore[union-attr]


def test_an_extension_counts_from_the_end_that_stood() -> None:
    calendar = china()
    clock = Clock(
        at("2026-03-03T09:00"),
        limit_of(4, "calendar_days"),  # Saturday 7 March, moved to Monday 9 March
        extensions=(Extension(limit_of(5, "calendar_days"), "案情复杂", "负责人", at("2026-03-09T10:00")),),
    )
    ended = clock.due(calendar)
    assert ended is not None
    assert ended.at == at("2026-03-16T23:59")  # 14 March is a Saturday


@pytest.mark.parametrize(
    ("pauses", "word"),
    [
        ((Pause(" ", at("2026-03-04T15:00")),), "理由"),
        ((Pause("因", at("2026-03-01T15:00")),), "早于"),
        ((Pause("因", at("2026-03-04T15:00"), at("2026-03-03T15:00")),), "结束早于"),
        ((Pause("因", at("2026-03-04T15:00")), Pause("因", at("2026-03-05T15:00"))), "没有结束"),
        ((Pause("因", at("2026-03-04T15:00"), at("2026-03-06T15:00")), Pause("因", at("2026-03-05T15:00"))), "早于"),
    ],
)  # fmt: skip
def test_a_pause_that_cannot_be_is_refused(pauses: tuple[Pause, ...], word: str) -> None:
    with pytest.raises(LimitError, match=word):
        Clock(at("2026-03-02T09:00"), limit_of(10, "working_days"), pauses)


def test_an_extension_needs_reason_and_approver() -> None:
    for reason, approver in (("", "负责人"), ("案情复杂", " ")):
        with pytest.raises(LimitError, match="批准人"):
            Clock(
                at("2026-03-02T09:00"),
                limit_of(1, "months"),
                extensions=(Extension(limit_of(1, "months"), reason, approver, at("2026-03-03T09:00")),),
            )


def test_a_clock_tells_how_it_stands() -> None:
    calendar = china()
    clock = Clock(at("2026-03-02T09:00"), limit_of(5, "working_days"))  # ends Monday 9 March 23:59
    soon = limit_of(2, "working_days")  # from Thursday 5 March 00:00
    told = {
        "2026-03-04T23:59": ClockState.RUNNING,
        "2026-03-05T00:00": ClockState.SOON,
        "2026-03-09T23:59": ClockState.SOON,
        "2026-03-10T00:00": ClockState.OVERDUE,
    }
    assert {now: clock.state(at(now), calendar, soon=soon) for now in told} == told
    assert [clock.days_overdue(at(f"2026-03-{d:02}T08:00"), calendar) for d in (9, 10, 12)] == [0, 1, 3]
    met = [Clock(clock.start, clock.limit, met_at=at(f"2026-03-{d:02}T08:00")) for d in (9, 10)]
    assert [c.state(at("2026-04-01T00:00"), calendar) for c in met] == [ClockState.MET, ClockState.MET_LATE]
    assert warned_from(at("2026-03-09T23:59"), limit_of(3, "calendar_days"), calendar) == at("2026-03-06T00:00")
    assert warned_from(at("2026-03-09T23:59"), limit_of(6, "hours"), calendar) == at("2026-03-09T17:59")


@given(MOMENTS, st.integers(1, 24))
def test_months_end_on_the_corresponding_day_or_the_last(start: datetime, months: int) -> None:
    calendar = WorkCalendar(work=frozenset())
    end = due(start, Limit(Decimal(months), LimitUnit.MONTHS), calendar).at.date()
    assert end == calendar.next_working_day(add_months(start.date(), months))
