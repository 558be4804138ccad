"""Deadlines (时限): when a period that the law or the county sets comes to its end.

Counted as the Civil Code of the People's Republic of China (中华人民共和国民法典) does in part one, chapter ten:

- art. 201: in days, months and years the day of the event is not counted; hours count from the moment itself.
- art. 202: months and years end on the corresponding day, or on the month's last day where there is none.
- art. 203: a last day that is a rest day (法定休假日) moves to the next working day; the day ends at 24:00. Hours never
  move.

A day that begins before the calendar's first published year or after its last has only weekends and the holidays
that the law fixes by solar date: what hangs on such a day is *provisional* and is counted again when the notice of
that year is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from qingmiao.kernel.days import add_months

DAY_ENDS = time(23, 59)
"""The last minute of a day that counts whole (24:00 of art. 203)."""


class LimitUnit(StrEnum):
    """What a limit is counted in."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    YEARS = "years"
    TERMS = "terms"

    @property
    def label(self) -> str:
        """Chinese word behind the number: 3 个工作日."""
        return {
            "hours": "小时",
            "calendar_days": "日",
            "working_days": "个工作日",
            "months": "个月",
            "years": "年",
            "terms": "个学期",
        }[self.value]


class LimitError(ValueError):
    """A limit, a pause or an extension that cannot be; the message is Chinese."""


@dataclass(frozen=True)
class Limit:
    """How long something may take: 3 working days. At least 0; only hours may have a fraction, whole minutes.

    `moves`: false where the last day stays though it is a rest day: a child's age waits for no holiday."""

    value: Decimal
    unit: LimitUnit
    moves: bool = True

    def __post_init__(self) -> None:
        if not self.value.is_finite() or self.value < 0 or self.value > 100_000:
            raise LimitError(f"时限的数 {self.value} 不在 0–100000 之间")
        if not self.moves and self.unit is LimitUnit.WORKING_DAYS:
            raise LimitError("工作日本来就在上班的日子结束，不写不顺延")
        whole = self.value * 60 if self.unit is LimitUnit.HOURS else self.value
        if whole != whole.to_integral_value():
            raise LimitError(f"时限的数 {self.value} 不是整{'分钟' if self.unit is LimitUnit.HOURS else '数'}")

    @property
    def count(self) -> int:
        """The number in whole units; minutes for hours."""
        return int(self.value * 60) if self.unit is LimitUnit.HOURS else int(self.value)

    def __str__(self) -> str:
        return f"{self.value:f} {self.unit.label}"


@dataclass(frozen=True)
class Terms:
    """The school terms of a place, in order of time: first and last day of each. A local setting."""

    days: tuple[tuple[date, date], ...] = ()

    def __post_init__(self) -> None:
        marks = [day for term in self.days for day in term]
        if marks != sorted(marks):
            raise LimitError("学期要按时间先后排列，彼此不重叠")


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked: Monday to Friday, but for `rest`, and the weekend days of `work`.

    `published` are the years whose notice is known; in others only `fixed` are rest days beside weekends: the holidays
    that the law sets by solar date, as (first year, month, day).
    """

    rest: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    published: frozenset[int] = frozenset()
    fixed: tuple[tuple[int, int, int], ...] = ()
    terms: Terms = field(default_factory=Terms)

    def __post_init__(self) -> None:
        both = sorted(self.rest & self.work)
        if both:
            raise LimitError(f"{both[0]} 既是休息日又是上班日")

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is worked."""
        if day in self.work:
            return True
        if day in self.rest or day.weekday() >= 5:
            return False
        return day.year in self.published or not any(
            day.year >= since and (day.month, day.day) == (month, number) for since, month, number in self.fixed
        )

    def next_working_day(self, day: date) -> date:
        """`day` itself where it is worked, else the first working day after it."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def working_days_after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; for 0 the day itself, or the next working day."""
        if count == 0:
            return self.next_working_day(day)
        while count:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie after `first` up to and with `last`; 0 when `last` is not after `first`."""
        return sum(self.is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


@dataclass(frozen=True)
class Due:
    """When a period ends, and whether that hangs on a year whose holidays are not published."""

    at: datetime
    provisional: bool = False


def due(start: datetime, limit: Limit, calendar: WorkCalendar) -> Due:
    """The end of a period that begins with an event at `start` (China's clock, no offset): Civil Code art. 201–203.

    Hours end at the minute and never move. Days, months and years end at 23:59 of their last day, which moves to the
    next working day where it is none; working days end on one. Raises LimitError where a term is asked for that the
    calendar does not know, or the end lies outside the years 1–9999.
    """
    try:
        if limit.unit is LimitUnit.HOURS:
            return Due(start + timedelta(minutes=limit.count))
        return _ended(start.date(), _last_day(start.date(), limit, calendar), limit, calendar)
    except OverflowError:
        raise LimitError(f"{limit}之后超出了日历") from None


def _last_day(event: date, limit: Limit, calendar: WorkCalendar) -> date:
    """The last day of a period before art. 203 moves it."""
    last: dict[LimitUnit, Callable[[], date]] = {
        LimitUnit.CALENDAR_DAYS: lambda: event + timedelta(days=limit.count),
        LimitUnit.WORKING_DAYS: lambda: calendar.working_days_after(event, limit.count),
        LimitUnit.MONTHS: lambda: add_months(event, limit.count),
        LimitUnit.YEARS: lambda: add_months(event, 12 * limit.count),
        LimitUnit.TERMS: lambda: _term_end(event, limit.count, calendar.terms),
    }
    return last[limit.unit]()


def _term_end(event: date, count: int, terms: Terms) -> date:
    """The last day of the `count`-th term, the one that runs (or comes next) being the first; 0 as 1."""
    ahead = [last for _, last in terms.days if last >= event]
    if len(ahead) < max(count, 1):
        raise LimitError("学期的起止日期没有填：这是本地设定，在 calendars/ 里补上")
    return ahead[max(count, 1) - 1]


def _ended(event: date, last: date, limit: Limit, calendar: WorkCalendar) -> Due:
    """The end after art. 203; working days hang on the whole way, other periods on their last day only."""
    if not limit.moves:
        return Due(datetime.combine(last, DAY_ENDS))
    moved = calendar.next_working_day(last)
    first = event + timedelta(days=1) if limit.unit is LimitUnit.WORKING_DAYS else last
    years = range(min(first, moved).year, moved.year + 1)
    return Due(datetime.combine(moved, DAY_ENDS), any(year not in calendar.published for year in years))


@dataclass(frozen=True)
class Pause:
    """A time that does not count (中止): why, from when, until when (None: it still lasts)."""

    reason: str
    begun: datetime
    ended: datetime | None = None


@dataclass(frozen=True)
class Extension:
    """A longer time that somebody allowed (延长): counted from the end that stood before."""

    by: Limit
    reason: str
    approver: str
    at: datetime


class ClockState(StrEnum):
    """How a running clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    SOON = "soon"
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met_late"


@dataclass(frozen=True)
class Clock:
    """One running deadline: the event that started it, its limit, its pauses and extensions, and when it was met.

    A pause needs a reason and cannot begin before the start or while another lasts; an extension needs reason and
    approver. Days of a pause are those after the day it began up to the day it ended; working days of it only prolong a
    limit in working days; a limit in hours is prolonged by the pause's own length. After an extension the time counts
    from the end that stood before (moved as art. 203 says).
    """

    start: datetime
    limit: Limit
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()
    met_at: datetime | None = None

    def __post_init__(self) -> None:
        since = self.start
        for n, pause in enumerate(self.pauses):
            if not pause.reason.strip():
                raise LimitError("中止计时要说明理由")
            if pause.begun < since:
                raise LimitError("中止不能早于开始，也不能在上一次中止之内")
            if pause.ended is None and n + 1 < len(self.pauses):
                raise LimitError("上一次中止还没有结束")
            if pause.ended is not None and pause.ended < pause.begun:
                raise LimitError("中止结束早于中止开始")
            since = pause.ended or pause.begun
        for extension in self.extensions:
            if not extension.reason.strip() or not extension.approver.strip():
                raise LimitError("延长时限要说明理由和批准人")

    def due(self, calendar: WorkCalendar) -> Due | None:
        """When it ends; None while it is paused, for then nobody can say."""
        if any(p.ended is None for p in self.pauses):
            return None
        ends = self._prolonged(self.start, self.limit, calendar)
        for extension in self.extensions:
            later = due(ends.at, extension.by, calendar)
            ends = Due(later.at, later.provisional or ends.provisional)
        return ends

    def _prolonged(self, start: datetime, limit: Limit, calendar: WorkCalendar) -> Due:
        done = [(p.begun, p.ended) for p in self.pauses if p.ended is not None]
        if limit.unit is LimitUnit.HOURS:
            lost = sum((end - begun for begun, end in done), timedelta())
            return Due(start + timedelta(minutes=limit.count) + lost)
        if limit.unit is LimitUnit.WORKING_DAYS:
            days = sum(calendar.working_days_between(b.date(), e.date()) for b, e in done)
            return due(start, Limit(limit.value + days, limit.unit), calendar)
        last = _last_day(start.date(), limit, calendar) + sum((e.date() - b.date() for b, e in done), timedelta())
        return _ended(start.date(), last, limit, calendar)

    def state(self, now: datetime, calendar: WorkCalendar, *, soon: Limit | None = None) -> ClockState:
        """How it stands at `now`; SOON from `soon` before its end on (hours, calendar days or working days)."""
        ends = self.due(calendar)
        if self.met_at is not None:
            return ClockState.MET if ends is None or self.met_at <= ends.at else ClockState.MET_LATE
        if ends is None:
            return ClockState.PAUSED
        if now > ends.at:
            return ClockState.OVERDUE
        if soon is not None and now >= warned_from(ends.at, soon, calendar):
            return ClockState.SOON
        return ClockState.RUNNING

    def days_overdue(self, now: datetime, calendar: WorkCalendar) -> int:
        """Whole calendar days after the last day (1 on the day after it); 0 while it is not overdue."""
        ends = self.due(calendar)
        if ends is None or now <= ends.at:
            return 0
        return max(days_overdue(ends.at.date(), now.date()), 1 if self.limit.unit is LimitUnit.HOURS else 0)


def days_overdue(last: date, on: date) -> int:
    """Calendar days after the last day of a deadline: 1 on the day after it, 0 until then.

    `last` is the day that counting gave (moved to a working day, Civil Code art. 203) or that somebody set; both are
    days of China's clock. Everything that says how many days late something is counts with this.
    """
    return max(0, (on - last).days)


def warned_from(end: datetime, before: Limit, calendar: WorkCalendar) -> datetime:
    """The moment from which an end is near: so many hours, or the beginning of the day so many days before it."""
    if before.unit is LimitUnit.HOURS:
        return end - timedelta(minutes=before.count)
    if before.unit is LimitUnit.CALENDAR_DAYS:
        return datetime.combine(end.date() - timedelta(days=before.count), time.min)
    if before.unit is LimitUnit.WORKING_DAYS:
        day, left = end.date(), before.count
        while left:
            day -= timedelta(days=1)
            left -= calendar.is_working_day(day)
        return datetime.combine(day, time.min)
    raise LimitError("提前提醒只能按小时、日或工作日")


def limit_of(value: str | int | Decimal, unit: str) -> Limit:
    """A limit as content or a file names it: ``limit_of("3", "working_days")``. Raises LimitError in Chinese."""
    try:
        kind = LimitUnit(unit)
    except ValueError:
        raise LimitError(f"不认识的时限单位「{unit}」；有：{'、'.join(LimitUnit)}") from None
    text = str(value).strip()
    if not text.isascii() or not text.replace(".", "", 1).isdigit() or len(text) > 12:
        raise LimitError(f"「{value}」不是时限的数")
    return Limit(Decimal(text), kind)
