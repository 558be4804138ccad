"""May this step of a case be taken now, by this one, with these answers? Yes with the case that follows, or no and why.

The door of the site and `qingmiao play` both ask here. Nothing is changed: what follows is a new `CaseFile`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from qingmiao.casework.case import ANSWERED_FROM, ANSWERS, CaseFile, CaseReferral, Taken, after, row
from qingmiao.casework.ready import ReadyProgramme, held
from qingmiao.content.forms import Sensitivity
from qingmiao.content.intervals import LifeInterval
from qingmiao.content.programme_parts import CaseTask, ProgrammeStep, Relation
from qingmiao.flow import NOTHING, Refusal, Who, decide
from qingmiao.forms.fill import FieldFault, fill
from qingmiao.kernel.decisions import YES, Decision, no

STANDS = {"sent": "还没有接收", "accepted": "已经接收", "refused": "已经退回", "ended": "已经办结"}
"""A referral's state in words."""
FURTHEST = 20
"""Years ahead in which a clock may end at most; facts take none beyond (`collect.plausible`)."""
LEAST = 1
"""Characters of a text at least; programmes ask by forms, not by texts of a step."""


@dataclass(frozen=True)
class Doer:
    """Whoever acts: an id, the roles held over the case's place, the unit; `job` is no person.

    `any_relation`: stands in whatever relation a step asks for (a script that names a role only).
    """

    id: str = ""
    roles: frozenset[str] = frozenset()
    unit: str = ""
    supervises: frozenset[str] = frozenset()
    """Units whose cases this one supervises."""
    job: bool = False
    any_relation: bool = False


@dataclass(frozen=True)
class OpenedTask:
    """A task that a step opens. `within`: None where no document sets it and the county has not."""

    task: CaseTask
    within: LifeInterval | None


@dataclass(frozen=True)
class StepOutcome:
    """What came of a step. `case`: as it stands after it, or as before where it was refused.

    `reason` in Chinese; `faults` field by field; `waits_for`: the roles of which another person has to confirm it
    first (nothing has changed until then); `again`: the operation had arrived before, and changed nothing now.
    """

    allowed: bool
    case: CaseFile
    reason: str = ""
    refusal: Refusal | None = None
    faults: tuple[FieldFault, ...] = ()
    queries: tuple[FieldFault, ...] = ()
    tasks: tuple[OpenedTask, ...] = ()
    referrals: tuple[CaseReferral, ...] = ()
    waits_for: tuple[str, ...] = ()
    again: bool = False


@dataclass
class _Judged:
    """What the guard of a step found out on the way."""

    faults: tuple[FieldFault, ...] = ()
    queries: tuple[FieldFault, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


def relations(case: CaseFile, actor: Doer) -> frozenset[Relation]:
    """How an actor stands to a case: what follows from its units, its referrals and whom it is assigned to."""
    found: set[Relation] = set()
    if actor.unit and actor.unit == case.owner:
        found.add("owner")
    if actor.id and actor.id == case.assigned:
        found.add("assigned")
    if case.owner and case.owner in actor.supervises:
        found.add("supervising")
    here = {r.unit for r in case.referrals if r.state in ("sent", "accepted")} | case.informed
    if actor.unit and actor.unit in here:
        found.add("referred_to")
    if actor.unit and actor.unit == case.left:
        found.add("transferred_from")
    return frozenset(found)


def take(
    ready: ReadyProgramme,
    case: CaseFile,
    step: str,
    actor: Doer,
    at: datetime,
    answers: Mapping[str, Any],
    *,
    confirmed_by: Doer | None = None,
    seen: int | None = None,
    operation: str = "",
    receiver: Callable[[str, str], str] | None = None,
    leading: Callable[[tuple[str, ...], Mapping[str, Any]], str] | None = None,
    secrecy: Sensitivity | None = None,
) -> StepOutcome:
    """Take a step of a case at a moment (China's clock, no offset). `step`: its name, or the state that it leads to.

    `answers`: field → answer, as people type or as stored. `confirmed_by`: the second person, where the step needs one.
    `seen`: the revision that was seen (another one now: refused, nothing lost). `receiver`: programme and role ("":
    any) → the unit that gets what is referred there where no field names one. `leading`: roles and what the case knows
    → the unit that leads where the programme gives the lead to whoever owns the new state ("": nobody is found, the
    lead stays). `secrecy`: of whatever the case comes from, where this opens one. In this order: a second arrival
    changes nothing; overtaken; is there such a step for
    this one at all; does it start here; is everything answered, known and allowed; does a second person agree.
    """
    if (early := _early(ready, case, at, seen, operation)) is not None:
        return early
    found = ready.programme.step(step, case.state)
    name = found.do if found is not None else _named(ready, step)
    judged = _Judged()
    guards = {str(n): _guard(ready, case, s, judged) for n, s in enumerate(ready.programme.steps)}
    who = Who(actor.id, _standing_roles(ready, case, actor), job=actor.job)
    decision = decide(ready.table, case, name, answers, who, at, guards=guards, least=LEAST)
    if not decision or found is None:
        return StepOutcome(False, case, decision.reason, decision.refusal, judged.faults, judged.queries)
    now = row(ready, case, at, judged.values)
    if found.second is not None and ready.true(found.second.when, now):
        why = _second(found, actor, confirmed_by)
        if confirmed_by is None:
            return StepOutcome(False, case, why, Refusal.GUARDED, waits_for=found.second.roles)
        if why:
            return StepOutcome(False, case, why, Refusal.GUARDED)
    role = next(iter(sorted(actor.roles & set(found.roles))), "")
    taken = Taken(
        found.do, case.state, found.to or case.state, at, actor.id, role, actor.unit, judged.values,
        confirmed_by.id or "、".join(sorted(confirmed_by.roles)) if confirmed_by is not None else "", operation,
        secrecy=secrecy,
    )  # fmt: skip
    if leading is not None and not actor.job and (owners := ready.programme.leading(found, role)):
        taken = replace(taken, lead=leading(owners, now))
    following = after(ready, case, taken)
    new = following.referrals[len(case.referrals) :]
    if receiver is not None and any(not r.unit for r in new):
        taken = replace(taken, receivers={r.number: receiver(r.to, r.by) for r in new if not r.unit})
        following = after(ready, case, taken)
        new = following.referrals[len(case.referrals) :]
    then = row(ready, following, at)
    tasks = tuple(OpenedTask(t, ready.within[t.id]) for t in found.tasks if ready.true(t.when, then))
    return StepOutcome(True, following, queries=judged.queries, tasks=tasks, referrals=new)


def answer_referral(
    ready: ReadyProgramme,
    case: CaseFile,
    number: int,
    answer: str,
    actor: Doer,
    at: datetime,
    *,
    seen: int | None = None,
    operation: str = "",
) -> StepOutcome:
    """Whoever received a referral accepts, refuses or ends it (`answer`: one of `ANSWERS`); nobody else can, and for
    others it is not there. A transfer moves the case when it is accepted."""
    if (early := _early(ready, case, at, seen, operation)) is not None:
        return early
    found = next(
        (r for r in case.referrals if r.number == number and (actor.any_relation or r.unit == actor.unit)), None
    )
    if found is None or answer not in ANSWERS or not (actor.unit or actor.any_relation):
        return StepOutcome(False, case, f"没有第 {number} 个转介", Refusal.ABSENT)
    if found.state != ANSWERED_FROM[answer]:
        return StepOutcome(False, case, f"第 {number} 个转介现在不能这样办：{STANDS[found.state]}", Refusal.ELSEWHERE)
    role = next(iter(sorted(actor.roles)), "")
    taken = Taken(
        answer, case.state, case.state, at, actor.id, role, actor.unit, operation=operation, referral=number
    )  # fmt: skip
    return StepOutcome(True, after(ready, case, taken))


def _early(ready: ReadyProgramme, case: CaseFile, at: datetime, seen: int | None, operation: str) -> StepOutcome | None:
    """What is said before anything is looked at: it arrived before, it is older than the case, it was overtaken."""
    if case.taken_by_operation(operation):
        return StepOutcome(True, case, again=True)
    if case.history and at < case.history[-1].at:
        return StepOutcome(False, case, f"早于上一步的时间（{case.history[-1].at:%Y-%m-%d %H:%M}）", Refusal.GUARDED)
    if seen is not None and seen != case.revision:
        last = case.history[-1] if case.history else None
        told = f"，{last.by or last.role} 在 {last.at:%Y-%m-%d %H:%M}办过「{_label(ready, last)}」" if last else ""
        return StepOutcome(False, case, f"个案已经变了{told}；请看过现在的内容再办", Refusal.ELSEWHERE)
    return None


def _named(ready: ReadyProgramme, step: str) -> str:
    """The name of a step that is called by the state that it leads to."""
    steps = ready.programme.steps
    if any(s.do == step for s in steps):
        return step
    return next((s.do for s in steps if s.to == step), step)


def _label(ready: ReadyProgramme, taken: Taken) -> str:
    step = ready.programme.step(taken.step, taken.source)
    return step.label.zh if step is not None else taken.step


def _standing_roles(ready: ReadyProgramme, case: CaseFile, actor: Doer) -> frozenset[str]:
    """The roles as the table for deciding names them: each alone, and in each relation in which it is held."""
    if actor.any_relation:
        named = {r for line in ready.table.steps for r in line.roles}
        return actor.roles | {x for x in named if x.partition("@")[0] in actor.roles}
    return actor.roles | {held(role, x) for role in actor.roles for x in relations(case, actor)}


def _guard(ready: ReadyProgramme, case: CaseFile, step: ProgrammeStep, judged: _Judged) -> Any:
    """The guard of a step: fills its form, asks for what must be known, then the programme's own guards."""

    def guard(thing: CaseFile, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
        form = ready.forms.get(ready.number(step))
        known = row(ready, case, at)
        if form is not None:
            own = {f.id for f in form.every()}
            filled = fill(form, answers, on=at.date(), known={k: v for k, v in known.items() if k not in own})
            judged.faults, judged.queries, judged.values = filled.faults, filled.queries, dict(filled.values)
        else:
            judged.faults = tuple(FieldFault(str(x), f"这一步没有字段「{x}」") for x in answers)
        judged.faults += tuple(_too_far(ready, judged.values, at))
        if judged.faults:
            told = "；".join(dict.fromkeys(f.message for f in judged.faults))
            return no(f"「{step.label}」还不能办：{told}")
        now = row(ready, case, at, judged.values)
        if missing := [ready.fields[f].words for f in step.needs if now.get(f) is None]:
            return no(f"「{step.label}」还不能办：前面没有填「{'」「'.join(missing)}」")
        programme = ready.programme
        if thing.state == NOTHING and programme.eligible is not None and not ready.true(programme.eligible, now):
            return no(programme.eligible_words.zh if programme.eligible_words is not None else "不符合条件")
        refused = next((g for g in step.guards if not ready.true(g.check, now)), None)
        if refused is not None:
            return no(refused.message.zh)
        return YES

    return guard


def _too_far(ready: ReadyProgramme, values: Mapping[str, Any], at: datetime) -> Iterator[FieldFault]:
    """An end that somebody typed and that lies so far ahead that its year is a slip (2099 for 2029)."""
    for id_ in dict.fromkeys(d.due_on for d in ready.programme.deadlines if d.due_on is not None):
        end = values.get(id_)
        if isinstance(end, date) and end.year > at.year + FURTHEST:
            yield FieldFault(id_, f"「{ready.fields[id_].words}」晚于 {at.year + FURTHEST} 年，请检查年份")


def _second(step: ProgrammeStep, actor: Doer, other: Doer | None) -> str:
    """Why the second person does not do; empty where one confirms it."""
    assert step.second is not None
    if other is None:
        return f"「{step.label}」要第二人确认"
    if not other.roles & set(step.second.roles):
        return f"第二人没有确认「{step.label}」的角色"
    if actor.id and other.id == actor.id:
        return f"「{step.label}」要由另一个人确认，不能是自己"
    return ""
