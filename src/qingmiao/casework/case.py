"""A case: what it holds follows from the steps that were taken, one after the other; so it is known as of any day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.forms import FILLED_ON, LEVELS, Sensitivity
from qingmiao.content.programme_parts import ProgrammeStep, ReferralRule
from qingmiao.flow import NOTHING

ReferralState = Literal["sent", "accepted", "refused", "ended"]
ANSWERS: Mapping[str, ReferralState] = {
    "accept_referral": "accepted", "refuse_referral": "refused", "end_referral": "ended",
}  # fmt: skip
"""What whoever received a referral may answer → what it becomes."""
ANSWERED_FROM: Mapping[str, ReferralState] = {
    "accept_referral": "sent", "refuse_referral": "sent", "end_referral": "accepted",
}  # fmt: skip
"""The state in which each answer can be given."""
RED = "red"
"""The highest grade of risk."""


@dataclass(frozen=True)
class Taken:
    """A step that was taken: which, from and to which state, when (China's clock, no offset), by whom, what was filled
    in. `confirmed_by`: the second person; `operation`: the id by which a second arrival is known.

    `receivers`: number of a referral → the unit that got it where no field names one. `referral`: the number of the
    referral that was answered, where this is the receiver's answer (`ANSWERS`) and no step of the programme. `secrecy`:
    of the step that opened the case, the secrecy of the case or record from which it came: it never falls on the way.
    `lead`: the unit that has the case from then on, where it is not whoever took the step.
    """

    step: str
    source: str
    target: str
    at: datetime
    by: str = ""
    role: str = ""
    unit: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    confirmed_by: str = ""
    operation: str = ""
    receivers: Mapping[int, str] = field(default_factory=dict)
    referral: int = 0
    secrecy: Sensitivity | None = None
    lead: str = ""


@dataclass(frozen=True)
class CaseReferral:
    """What was handed to another programme: the named fields as they were, as that programme calls them, for a purpose,
    on a ground."""

    number: int
    to: str
    unit: str
    sent: Mapping[str, Any]
    purpose: str
    ground: str
    transfers: bool
    at: datetime
    state: ReferralState = "sent"
    by: str = ""
    """The role whose nearest unit receives it, where the programme says one."""


@dataclass(frozen=True)
class CaseFile:
    """A case as it stands. `values`: every field as it was answered last; `risk` "red" once a hard trigger was true.

    `owner`: the unit that has it; `informed`: units that see it; `left`: the unit that handed it over; `unstarted`,
    `unmet`: the clocks (step number in `history`, id) whose condition to start, or to be met, was not true at that
    step. `revision` counts the steps.
    """

    programme: str
    state: str = NOTHING
    history: tuple[Taken, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    owner: str = ""
    informed: frozenset[str] = frozenset()
    left: str = ""
    assigned: str = ""
    marks: frozenset[str] = frozenset()
    referrals: tuple[CaseReferral, ...] = ()
    secrecy: Sensitivity = "内部"
    risk: str = ""
    unstarted: frozenset[tuple[int, str]] = frozenset()
    unmet: frozenset[tuple[int, str]] = frozenset()

    @property
    def revision(self) -> int:
        """How many steps were taken: what compare-and-set compares."""
        return len(self.history)

    def taken_by_operation(self, operation: str) -> bool:
        """Whether a step with this operation id has arrived before."""
        return bool(operation) and any(t.operation == operation for t in self.history)


def row(
    ready: ReadyProgramme, case: CaseFile, at: datetime, answers: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What the programme's expressions read of a case at a moment, with the answers of the step that is being taken."""
    found = ready.empty(at.date()) | dict(case.values) | dict(answers or {}) | {FILLED_ON: at.date()}
    for name in ready.programme.counts:
        found[f"count.{name}"] = counted(ready, case, name)
    found |= {f"on.{t.target}": t.at.date() for t in case.history if t.source != t.target}
    found |= {k: k.partition(".")[2] in case.marks for k in ready.types if k.startswith("mark.")}
    there = {r.to for r in case.referrals if r.state != "refused"}
    return found | {k: k.partition(".")[2] in there for k in ready.types if k.startswith("referred.")}


def counted(ready: ReadyProgramme, case: CaseFile, name: str) -> int:
    """How often the step of a count was taken, as the programme counts it."""
    count = ready.programme.counts[name]
    found = 0
    for taken in case.history:
        if taken.source != taken.target and taken.target in count.since:
            found = 0
        if taken.step != count.step:
            continue
        fits = ready.true(count.when, ready.empty(taken.at.date()) | dict(taken.values) | {FILLED_ON: taken.at.date()})
        found = found + 1 if fits else 0 if count.in_a_row else found
    return found


def after(ready: ReadyProgramme, case: CaseFile, taken: Taken) -> CaseFile:
    """The case after a step that was allowed. Everything that it holds follows from its history by this alone."""
    if taken.referral:
        moved = answered(case, taken.referral, ANSWERS[taken.step], taken.unit)
        return replace(moved, history=(*case.history, taken))
    values = dict(case.values) | dict(taken.values)
    step = ready.programme.step(taken.step, taken.source)
    moved = replace(case, state=taken.target, history=(*case.history, taken), values=values)
    if step is None:
        return moved
    now = row(ready, moved, taken.at)
    level = max(
        [case.secrecy if case.history else ready.programme.secrecy, *([taken.secrecy] if taken.secrecy else ()),
         *(r.level for r in ready.programme.secrecy_if if ready.true(r.when, now))],
        key=LEVELS.index,
    )  # fmt: skip
    graded = str(values.get(ready.programme.risk) or "") if ready.programme.risk is not None else case.risk
    red = ready.programme.red_if is not None and ready.true(ready.programme.red_if, now)
    at, deadlines = len(case.history), ready.programme.deadlines
    unstarted = {(at, d.id) for d in deadlines if not ready.true(d.only_if, now)}
    unmet = {(at, d.id) for d in deadlines if taken.step in d.met_by and not ready.true(d.met_if, now)}
    return replace(
        moved,
        owner=str(values[step.owner])
        if step.owner is not None and values.get(step.owner)
        else taken.lead or case.owner or taken.unit,
        informed=case.informed | {str(values[f]) for f in step.informs if values.get(f)},
        assigned=str(values[step.assigns]) if step.assigns is not None and values.get(step.assigns) else case.assigned,
        left=case.owner if step.owner is not None and case.owner else case.left,
        marks=case.marks | ({step.mark} if step.mark is not None else frozenset()),
        referrals=(*case.referrals, *referred(ready, case, step, taken, now)),
        secrecy=level,
        risk=RED if red else graded,
        unstarted=case.unstarted | unstarted,
        unmet=case.unmet | unmet,
    )


def referred(
    ready: ReadyProgramme, case: CaseFile, step: ProgrammeStep, taken: Taken, now: Mapping[str, Any]
) -> Iterable[CaseReferral]:
    """What a step hands over: one referral a rule whose condition is true."""
    number = len(case.referrals)
    for rule in step.refers:
        if not ready.true(rule.when, now) or (rule.consent is not None and now.get(rule.consent) is not True):
            continue
        number += 1
        sent = {theirs: now[ours] for ours, theirs in rule.pairs if now.get(ours) is not None}
        named = str(now.get(rule.unit) or "") if rule.unit is not None else ""
        unit = named or taken.receivers.get(number, "")
        yield CaseReferral(
            number, rule.to, unit, sent, rule.purpose.zh, _ground(rule), rule.transfers, taken.at,
            by=rule.by or "",
        )  # fmt: skip


def _ground(rule: ReferralRule) -> str:
    if rule.consent is not None or rule.ground is None:
        return "同意"
    return f"{rule.ground.document}{rule.ground.place}"


def answered(case: CaseFile, number: int, state: ReferralState, unit: str = "") -> CaseFile:
    """The case after the receiving unit accepted, refused or ended a referral; a transfer moves it when accepted.

    Raises KeyError where there is no such referral.
    """
    found = next((r for r in case.referrals if r.number == number), None)
    if found is None:
        raise KeyError(number)
    others = tuple(replace(r, state=state) if r.number == number else r for r in case.referrals)
    moves = found.transfers and state == "accepted"
    return replace(
        case, referrals=others,
        owner=(unit or found.unit) if moves else case.owner, left=case.owner if moves else case.left,
    )  # fmt: skip


def replay(ready: ReadyProgramme, history: Iterable[Taken], until: datetime | None = None) -> CaseFile:
    """The case as of a moment (all of it where none is given)."""
    case = CaseFile(ready.programme.id)
    for taken in sorted(history, key=lambda t: t.at):
        if until is not None and taken.at > until:
            break
        case = after(ready, case, taken)
    return case
