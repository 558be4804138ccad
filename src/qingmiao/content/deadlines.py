"""Deadlines (时限) as content: on which flow, what starts and meets them, how long, warned when, told to whom once over.

Counting is `kernel.deadlines` over China's working days; what a clock of one thing says follows from its moments in
`content.clocks`. A local setting (`local: true`) ships empty; a pack fills it in its policy (`deadlines: {ID: …}`).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Dated, EvidenceMark, Id, Label, Name, Source
from qingmiao.content.citing import cited
from qingmiao.kernel import deadlines as kernel
from qingmiao.kernel.deadlines import Limit, LimitError, LimitUnit
from qingmiao.standards import working_days

SET_BY_HAND = "given"
"""The start of a deadline whose day a person names; its value only proposes one."""
STARTS_OF_RETURNS = frozenset({"period_begins", "period_ends"})
"""What starts the deadline of a return beside states and steps: its reporting period."""
SOON, OVERDUE = "soon", "overdue"
_DAYS = frozenset({LimitUnit.HOURS, LimitUnit.CALENDAR_DAYS, LimitUnit.WORKING_DAYS})
_ENGLISH = {
    "hours": "hours", "calendar_days": "days", "working_days": "working days", "months": "months", "years": "years",
    "terms": "school terms",
}  # fmt: skip


def _no_terms(unit: LimitUnit | None) -> None:
    """Raises ValueError for a length in school terms: no pack can say when the terms of its place begin and end."""
    if unit is LimitUnit.TERMS:
        raise ValueError("学期的起止日期还没有地方设置，不能按学期写；改按月写，或把期末日期作为字段、写 due_on")


class Span(Content):
    """A length of time: `{value: 3, unit: working_days}`; `moves: false`: a last day that is a rest day stays."""

    value: Annotated[Decimal, Field(ge=0, le=100_000)]
    unit: LimitUnit = LimitUnit.CALENDAR_DAYS
    moves: bool = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _no_terms(self.unit)
        self.limit  # noqa: B018  LimitError is a ValueError: a fault with its words
        return self

    @property
    def limit(self) -> Limit:
        """As the engine counts it."""
        return Limit(self.value, self.unit, self.moves)

    def after(self, moment: datetime) -> datetime:
        """So long after a moment; days keep its time of day and do not move."""
        if self.unit is LimitUnit.HOURS:
            return moment + timedelta(minutes=self.limit.count)
        if self.unit is LimitUnit.WORKING_DAYS:
            day = working_days.china().working_days_after(moment.date(), self.limit.count)
            return datetime.combine(day, moment.time())
        return moment + timedelta(days=self.limit.count)


class Escalation(Content):
    """Who is told once it is over: `after` the end (0: at once), and `every` so long again."""

    after: Span = Span(value=Decimal(0))
    to: Name
    every: Span | None = None

    @model_validator(mode="after")
    def _in_days(self) -> Self:
        for span in (self.after, self.every):
            if span is not None and span.unit not in _DAYS:
                raise ValueError("升级按小时、日或工作日写")
        if self.every is not None and self.every.value == 0:
            raise ValueError("every 应大于 0")
        return self


class DeadlineSetting(Content):
    """What a county sets of a local deadline, in its policy: only what is written replaces what the deadline says."""

    value: Annotated[Decimal, Field(ge=0, le=100_000)] | None = None
    unit: LimitUnit | None = None
    warn: tuple[Span, ...] | None = None
    escalate: tuple[Escalation, ...] | None = None
    note: str = ""

    @model_validator(mode="after")
    def _countable(self) -> Self:
        _no_terms(self.unit)
        return self


class Deadline(Dated):
    """How long something may take.

    `of` is the flow; `starts` the states entered or steps taken that start it (of returns also `period_begins`,
    `period_ends`; `given`: a person names the day), `met_by` the steps that meet it, `paused_in` the states that do not
    count. `warn` are the times before the end at which it is shown yellow and reminded of. A value has a source, or the
    deadline is `local`, a setting of the county, and ships empty.
    """

    id: Id
    label: Label
    of: Annotated[str, Field(pattern=r"^(flow|document):[A-Za-z0-9_\-.]+$")]
    starts: Annotated[tuple[Name, ...], Field(min_length=1)]
    met_by: Annotated[tuple[Name, ...], Field(min_length=1)]
    paused_in: tuple[Name, ...] = ()
    value: Annotated[Decimal, Field(ge=0, le=100_000)] | None = None
    unit: LimitUnit = LimitUnit.CALENDAR_DAYS
    moves: bool = True
    """False: a last day that is a rest day stays the last day, because medicine or an age sets it and no law."""
    source: Source | None = None
    local: bool = False
    warn: tuple[Span, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    note: str = ""
    serves: tuple[Id, ...] = ()
    version: Annotated[int, Field(ge=1)] = 1
    set_by: Literal["", "policy"] = ""
    """"policy" where the county's setting was taken in; never written in a file."""

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        if self.value is not None:
            self.span  # noqa: B018
        if self.value is not None and not self.set_by and (self.local or self.source is None):
            raise ValueError("没有来源的时限是本县设置：写 local: true，value 空着，数写在 policy.yaml 的 deadlines 里")
        if self.value is None and not self.without_value:
            raise ValueError("没有 value：写上并注明 source，或写 local: true（由县里设置）")
        if any(span.unit not in _DAYS for span in self.warn):
            raise ValueError("提前提醒按小时、日或工作日写")
        return self

    @property
    def without_value(self) -> bool:
        """Whether it may stand without a value: the county sets it."""
        return self.local

    @property
    def span(self) -> Span | None:
        """How long; None where the county has not set it."""
        return None if self.value is None else Span(value=self.value, unit=self.unit, moves=self.moves)

    @property
    def evidence(self) -> EvidenceMark:
        """How well the value is sourced."""
        return EvidenceMark.LOCAL if self.local or self.source is None else self.source.evidence

    def set_to(self, setting: DeadlineSetting | None) -> Self:
        """With a county's setting taken in."""
        if setting is None:
            return self
        written = {k: v for k, v in setting.model_dump().items() if v is not None and k != "note"}
        return type(self).model_validate(self.model_dump() | written | {"set_by": "policy"})

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

    def due(self, start: datetime) -> kernel.Due | None:
        """The end of a time that starts at a moment (China's clock, no offset); None where no value is set."""
        span = self.span
        return None if span is None else kernel.due(start, span.limit, working_days.china())

    def proposed(self, on: date) -> date | None:
        """The last day, counted from a day on; None where no value is set."""
        found = self.due(datetime.combine(on, time.min))
        return None if found is None else found.at.date()

    def words(self, *, english: bool = False) -> str:
        """The value as a page says it: 3 个工作日; or that the county has not set it."""
        if self.span is None:
            return "not set by the county" if english else "本县未设置"
        return f"{self.value:f} {_ENGLISH[self.unit]}" if english else str(self.span.limit)

    @property
    def origin(self) -> str:
        """Where the value comes from, for people: the document and article as cited, or 本县设置."""
        if self.local or self.source is None:
            return "本县设置" if self.value is not None else "本县设置，未填"
        return cited(self.source)

    def warned(self, end: datetime, now: datetime) -> bool:
        """Whether an end is near enough to be shown yellow: within the longest time of `warn`, and not over."""
        calendar = working_days.china()
        return now <= end and any(now >= kernel.warned_from(end, s.limit, calendar) for s in self.warn)

    def told(self, end: datetime, now: datetime) -> tuple[Escalation, ...]:
        """The escalations that have come at a moment, in their order: those whose time after the end is over."""
        return tuple(e for e in self.escalate if now > e.after.after(end))

    def reminder(self, end: date, on: date) -> str:
        """What a day says about a last day: "soon", "overdue", or "" where it is no day of a reminder."""
        calendar, closes = working_days.china(), datetime.combine(end, kernel.DAY_ENDS)
        if on <= end:
            days = {kernel.warned_from(closes, s.limit, calendar).date() for s in self.warn}
            return SOON if on in days else ""
        return OVERDUE if any(on in _days_told(e, closes, on) for e in self.escalate) else ""


def _days_told(escalation: Escalation, end: datetime, until: date) -> set[date]:
    """The days up to `until` on which an escalation says something: the first after its time, and every so long
    again."""
    moment = escalation.after.after(end)
    days = {moment.date() + timedelta(days=1)}
    while escalation.every is not None and moment.date() < until:
        later = escalation.every.after(moment)
        if later == moment:
            break
        moment = later
        days.add(moment.date() + timedelta(days=1))
    return days


def of_period(days: int, event: date) -> kernel.Due:
    """The end of so many calendar days after a period begins or ends on a day. Raises LimitError for less than none."""
    limit = Limit(Decimal(days), LimitUnit.CALENDAR_DAYS)
    return kernel.due(datetime.combine(event, time.min), limit, working_days.china())


__all__ = [
    "OVERDUE", "SET_BY_HAND", "SOON", "STARTS_OF_RETURNS", "Deadline", "DeadlineSetting", "Escalation", "LimitError",
    "Span", "of_period",
]  # fmt: skip
