"""The next step of a case in one sentence: who does what until when. It stands at the top of every case's page."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from qingmiao.casework.case import CaseFile
from qingmiao.casework.clocks import duties, running, unset
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.base import Label
from qingmiao.content.clocks import ClockStanding
from qingmiao.content.programme_parts import ANY_OPEN, ProgrammeStep
from qingmiao.kernel.deadlines import DAY_ENDS, ClockState, days_overdue

HOURS_SAID = timedelta(hours=48)
"""Up to so much time left it is said in hours, beyond in days."""
NAMED = 4
"""So many steps are named when one of several has to be chosen."""


@dataclass(frozen=True)
class NextStep:
    """What has to be done next. `steps`: the names of the steps of which one is to be taken, in the programme's order;
    none where the case is at its end or waits for nothing.

    `who`: the roles that take them; `mine`: whoever reads it may take one; `clock`: the clock that ends first.
    """

    said: Label
    steps: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    mine: bool = False
    clock: ClockStanding | None = None

    @property
    def late(self) -> bool:
        """The clock that ends first is over."""
        return self.clock is not None and self.clock.late


def next_step(
    ready: ReadyProgramme,
    case: CaseFile,
    now: datetime,
    roles: Mapping[str, Label],
    offered: Collection[str] = (),
) -> NextStep:
    """The next step of a case at a moment (China's clock, no offset), in Chinese and English.

    `roles`: what each role is called. `offered`: the steps that whoever reads it may take now. Named are the steps that
    meet the clock that ends first, else those that lead the state's owners on.
    """
    state = ready.programme.states.get(case.state)
    if state is None or state.final:
        ended = state.label if state is not None else Label(zh="还没有开始", en="not begun")
        return NextStep(Label(zh=f"{ended.zh}，没有要办的事。", en=f"{ended.en or ended.zh}: nothing is left to do."))
    clock = min(duties(running(ready, case, now)), key=_end, default=None)
    steps = _steps(ready, case, clock)
    who = tuple(dict.fromkeys(r for s in steps for r in _takers(s, state.owners))) or state.owners
    mine = any(s.do in offered for s in steps)
    named = [s for s in steps if s.do in offered] if mine else steps
    return NextStep(
        _sentence(ready, case, now, [roles.get(r, Label(zh=r, en=r)) for r in who], named, clock, mine=mine),
        tuple(s.do for s in named), who, mine, clock,
    )  # fmt: skip


def role_word(label: str) -> str:
    """What a role is called in a sentence: without the remark in brackets at its end."""
    return re.sub(r"（[^（）]*）$", "", label)


def until(moment: datetime, now: datetime) -> Label:
    """When a clock ends, as people say it: 3月5日24时前; the year only where it is not this one."""
    year = f"{moment.year}年" if moment.year != now.year else ""
    whole = moment.time() == DAY_ENDS
    clock = "24时" if whole else f"{moment:%H:%M}"
    date = f"{moment.day} {moment:%B}" + (f" {moment.year}" if year else "")
    return Label(
        zh=f"{year}{moment.month}月{moment.day}日{clock}前", en=f"by the end of {date}" if whole else f"by {date} {clock}"
    )  # fmt: skip


def left(clock: ClockStanding, now: datetime) -> Label:
    """How much time a clock leaves, or by how much it is over."""
    return Label(zh="暂停计时", en="on hold") if clock.due is None else remaining(clock.due.at, now)


def remaining(end: datetime, now: datetime) -> Label:
    """How much time is left until a moment, or how long it is over: in hours where it is little, else in whole days
    (calendar days from the last one, as deadlines count what is overdue)."""
    if now > end:
        days = days_overdue(end.date(), now.date())
        if days < 1 or now - end < timedelta(days=1):
            hours = int((now - end) / timedelta(hours=1))
            if not hours:
                return Label(zh="已逾期不到1小时", en="overdue for less than an hour")
            return Label(zh=f"已逾期{hours}小时", en=f"{hours} h overdue")
        return Label(zh=f"已逾期{days}天", en=f"{days} days overdue")
    rest = end - now
    if rest > HOURS_SAID:
        return Label(zh=f"还有{rest.days}天", en=f"{rest.days} days left")
    hours = int(rest / timedelta(hours=1))
    return (
        Label(zh=f"还有{hours}小时", en=f"{hours} h left") if hours else Label(zh="不到1小时", en="under an hour left")
    )


def _end(clock: ClockStanding) -> datetime:
    return clock.due.at if clock.due is not None else datetime.max


def _steps(ready: ReadyProgramme, case: CaseFile, clock: ClockStanding | None) -> list[ProgrammeStep]:
    """The steps from here that meet the clock, else those made for this state that lead on, else what keeps it."""
    here = [s for s in ready.programme.steps if not s.opens and case.state in ready.programme.starts_from(s)]
    met_by = clock.deadline.met_by if clock is not None else ()
    owners = ready.programme.states[case.state].owners
    ours = [s for s in here if set(s.roles) & set(owners)] or [s for s in here if s.roles]
    own = [s for s in ours if s.from_ != ANY_OPEN]
    for found in (
        [s for s in ours if s.do in met_by],
        [s for s in own if s.to not in (None, case.state) and not _sideways(ready, s)],
        [s for s in own if s.to not in (None, case.state)],
        own,
    ):
        if found:
            return found[:NAMED]
    return ours[:NAMED]


def _takers(step: ProgrammeStep, owners: tuple[str, ...]) -> tuple[str, ...]:
    """Who takes a step: of its roles those that own the state, or all of them where none does."""
    return tuple(r for r in step.roles if r in owners) or step.roles


def _sideways(ready: ReadyProgramme, step: ProgrammeStep) -> bool:
    """It starts from more than half of the open states: a way that is always open, not the one that leads on."""
    open_states = [i for i, s in ready.programme.states.items() if not s.final]
    return len(ready.programme.starts_from(step)) * 2 > len(open_states)


def _sentence(
    ready: ReadyProgramme,
    case: CaseFile,
    now: datetime,
    who: Iterable[Label],
    steps: list[ProgrammeStep],
    clock: ClockStanding | None,
    *,
    mine: bool,
) -> Label:
    zh = "".join(f"「{s.label.zh}」" for s in steps) or "「办理」"
    en = " or ".join(s.label.en or s.do for s in steps) or "work on it"
    zh += "之一" if len(steps) > 1 else ""
    people = "、".join(role_word(w.zh) for w in who)
    people_en = ", ".join(w.en or w.zh for w in who)
    begin = f"请您办{zh}" if mine else f"等{people}办{zh}"
    begin_en = f"Please: {en}" if mine else f"Waiting for {people_en}: {en}"
    state = ready.programme.states[case.state]
    if state.rests and clock is None:
        doer, doer_en = ("您", "you") if mine else (people, people_en)
        return Label(
            zh=f"{state.label.zh}，现在没有要办的事；情况有变化时由{doer}办{zh}。",
            en=f"{state.label.en or case.state}: nothing is left to do now; when something changes, {doer_en}: {en}.",
        )
    if clock is None:
        if any(set(d.met_by) & {s.do for s in steps} for d in unset(ready, case)):
            return Label(zh=f"{begin}；办理时限本县未设置。", en=f"{begin_en}; the county has set no time limit.")
        return Label(zh=f"{begin}。", en=f"{begin_en}.")
    what, rest = clock.deadline.label, left(clock, now)
    if clock.due is None or clock.state is ClockState.PAUSED:
        return Label(zh=f"{begin}；「{what.zh}」暂停计时。", en=f"{begin_en}; {what.en or what.zh} is on hold.")
    direct = bool(set(clock.deadline.met_by) & {s.do for s in steps})
    if direct and clock.deadline.value == 0 and now - clock.due.at < timedelta(hours=1):
        begin = f"请您立即办{zh}" if mine else f"等{people}立即办{zh}"
        return Label(zh=f"{begin}。", en=f"{begin_en} at once.")
    if clock.late:
        return Label(
            zh=f"「{what.zh}」{rest.zh}，{begin}。", en=f"{what.en or what.zh}: {rest.en}. {begin_en}."
        )  # fmt: skip
    end = until(clock.due.at, now)
    if direct:
        begin = f"请您在{end.zh}办{zh}" if mine else f"等{people}在{end.zh}办{zh}"
        return Label(zh=f"{begin}，{rest.zh}。", en=f"{begin_en} {end.en}, {rest.en}.")
    return Label(
        zh=f"{begin}；「{what.zh}」要在{end.zh}办完，{rest.zh}。",
        en=f"{begin_en}; {what.en or what.zh} {end.en}, {rest.en}.",
    )
