"""What pages of casework say beside what the app gives: the next step in a sentence, how much time is left, choices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from qingmiao.casework.chains import AlarmState, alarm_of
from qingmiao.casework.printing import shown_value
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.casework.telling import NextStep, next_step, remaining
from qingmiao.content.base import Label
from qingmiao.content.programme_changes import programmes_of
from qingmiao.content.programme_parts import PrintedForm
from qingmiao.content.roles import all_roles
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import api
from qingmiao.site.web.ui.filters import Option
from qingmiao.site.web.ui.language import said

RISK_TONES = {"red": "bad", "orange": "bad", "yellow": "warn"}
CLOCK_TONES = {"overdue": "bad", "met_late": "bad", "soon": "warn", "met": "good"}
CLOCK_WORDS = {
    "running": Label(zh="计时中", en="running"), "soon": Label(zh="将到期", en="due soon"),
    "overdue": Label(zh="已逾期", en="overdue"), "paused": Label(zh="暂停计时", en="on hold"),
    "met": Label(zh="按时办结", en="met in time"), "met_late": Label(zh="逾期办结", en="met late"),
    "unset": Label(zh="本县未设置", en="not set by the county"),
}  # fmt: skip

AT_ONCE = Label(zh="应立即办", en="at once")


@dataclass(frozen=True)
class ClockLine:
    """A clock as the page shows it; `left` is empty where nothing is to be met any more."""

    clock: api.ClockShown
    words: Label
    tone: str
    left: Label | None


@dataclass(frozen=True)
class CaseView:
    """What the page of a case says beside the case. `first`: the steps of the sentence that this person may take;
    `others`: what else this person may do here."""

    next_step: NextStep
    first: tuple[api.StepOffered, ...]
    others: tuple[api.StepOffered, ...]
    clocks: tuple[ClockLine, ...]
    risk: Label | None
    risk_tone: str
    prints: tuple[PrintedForm, ...]
    told: Label | None = None
    alarm: bool = False
    """In danger, and the police have not been told: whoever opens it calls 110 first."""


@dataclass(frozen=True)
class QueueLine:
    """A row of a queue with how much time it has left."""

    row: api.QueueRow
    left: Label | None
    tone: str
    risk: Label | None
    risk_tone: str


def case_view(found: api.CasePage, told: str = "") -> CaseView:
    """What the page of a case says. `told`: the step that was just taken; its words are said once more."""
    now = timezone.make_naive(found.as_of or timezone.now())
    names = {s.name for s in found.steps}
    roles = {id_: role.label for id_, role in all_roles(site_pack.pack()).items()}
    onward = next_step(found.ready, found.file, now, roles, names)
    first = tuple(s for s in found.steps if s.name in onward.steps)
    others = tuple(s for s in found.steps if s.name not in onward.steps)
    clocks = tuple(_clock(c, now) for c in found.clocks)
    prints = tuple(p for p in found.programme.prints if p.id in found.prints)
    said = next((s.told for s in found.programme.steps if s.do == told), None) if told else None
    risk = risk_label(found.ready, found.risk)
    alarm = found.sight == "full" and alarm_of(found.ready, found.file) is AlarmState.UNTOLD
    return CaseView(onward, first, others, clocks, risk, RISK_TONES.get(found.risk, ""), prints, said, alarm)


def queue_rows(rows: Iterable[api.QueueRow]) -> list[QueueLine]:
    """The rows of a queue with how much time each has left."""
    now = timezone.make_naive(timezone.now())
    tones = {"red": "bad", "yellow": "warn"}
    return [
        QueueLine(
            r, _left_of(r, now) if r.state == "open" else None, tones.get(r.colour, ""),
            risk_label(api.ready(r.programme), r.risk), RISK_TONES.get(r.risk, ""),
        )
        for r in rows
    ]  # fmt: skip


def risk_label(ready: ReadyProgramme, risk: str) -> Label | None:
    """A grade of risk as the programme's own field says it; None where nothing is graded."""
    field = ready.shown.get(ready.programme.risk or "")
    if not risk:
        return None
    if field is None:
        return Label(zh="紧急", en="urgent") if risk == "red" else Label(zh=risk)
    return Label(zh=shown_value(field, risk), en=risk)


def programme_options() -> tuple[Option, ...]:
    """Every programme to choose among, by the number of its card."""
    every = sorted(programmes_of(site_pack.pack()).values(), key=lambda p: (p.card or "Z", p.id))
    return tuple((p.id, said(p.label)) for p in every)


def stage_options(programme: str) -> tuple[Option, ...]:
    """The states of a programme to choose among."""
    one = programmes_of(site_pack.pack()).get(programme)
    return tuple((id_, said(s.label)) for id_, s in one.states.items()) if one is not None else ()


def _clock(clock: api.ClockShown, now: datetime) -> ClockLine:
    left = _left(clock.due, now) if _runs(clock) else None
    if not clock.at_once:
        return ClockLine(clock, CLOCK_WORDS[clock.state], CLOCK_TONES.get(clock.state, ""), left)
    if left is not None:
        return ClockLine(clock, AT_ONCE, "bad", left)
    return ClockLine(clock, Label(zh="已办", en="done"), "good", None)


def _runs(clock: api.ClockShown) -> bool:
    return clock.state in ("running", "soon", "overdue")


def _left_of(row: api.QueueRow, now: datetime) -> Label | None:
    return AT_ONCE if row.at_once else _left(row.due, now)


def _left(due: datetime | None, now: datetime) -> Label | None:
    return remaining(timezone.make_naive(due), now) if due is not None else None
