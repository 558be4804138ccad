"""A programme in plain JSON: states, steps, fields with their codes, clocks, referrals; enough to write a script."""

from __future__ import annotations

from typing import Any

from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.citing import cited
from qingmiao.content.programme_parts import CaseTask, ProgrammeDeadline, ProgrammeStep
from qingmiao.forms.kinds import KINDS
from qingmiao.forms.ready import ReadyField


def described(ready: ReadyProgramme) -> dict[str, Any]:
    """The whole programme as JSON."""
    one = ready.programme
    return {
        "id": one.id, "card": one.card, "label": one.label.model_dump(), "subject": one.subject,
        "secrecy": one.secrecy, "secrecy_if": [r.model_dump() for r in one.secrecy_if],
        "eligible": one.eligible, "risk": one.risk, "red_if": one.red_if,
        "alarm": one.alarm.model_dump() if one.alarm is not None else None,
        "round": one.round.clock if one.round is not None else None, "serves": list(one.serves),
        "same": one.same.model_dump() if one.same is not None else None,
        "opened_by": [r.model_dump(exclude={"ground"}) for r in one.opened_by],
        "source": cited(one.source), "more_sources": [cited(s) for s in one.more_sources],
        "states": {
            id_: {"label": s.label.model_dump(), "owners": list(s.owners), "final": s.final, "seals": s.seals}
            for id_, s in one.states.items()
        },
        "steps": [_step(ready, n, s) for n, s in enumerate(one.steps)],
        "clocks": [_clock(d) for d in ready.deadlines.values()],
        "counts": {id_: c.model_dump() for id_, c in one.counts.items()},
        "prints": [{"id": p.id, "label": p.label.zh, "fields": list(p.fields)} for p in one.prints],
    }  # fmt: skip


def _step(ready: ReadyProgramme, number: int, step: ProgrammeStep) -> dict[str, Any]:
    form = ready.forms.get(number)
    return {
        "do": step.do, "label": step.label.model_dump(),
        "from": [] if step.opens else list(ready.programme.starts_from(step)), "opens": step.opens, "to": step.to,
        "roles": list(step.roles), "relations": list(step.relations), "job": step.job,
        "needs": list(step.needs), "fields": [_field(f) for f in form.fields] if form is not None else [],
        "guards": [{"check": g.check, "message": g.message.zh} for g in step.guards],
        "second": step.second.model_dump() if step.second is not None else None,
        "refers": [
            {"to": r.to, "fields": list(r.fields), "called": dict(r.called), "when": r.when, "consent": r.consent}
            for r in step.refers
        ],
        "tasks": [_task(ready, t) for t in step.tasks],
        "mark": step.mark, "owner": step.owner, "led_by": step.led_by or ("owners" if step.opens else None),
        "informs": list(step.informs), "assigns": step.assigns,
        "extends": {k: {"value": f"{s.value:f}", "unit": str(s.unit)} for k, s in step.extends.items()},
        "itself": step.itself.model_dump() if step.itself is not None else None,
    }  # fmt: skip


def _task(ready: ReadyProgramme, task: CaseTask) -> dict[str, Any]:
    within = ready.within[task.id]
    words = within.words if within is not None else None
    return {"id": task.id, "by": task.by, "label": task.label.zh, "when": task.when, "within": words}


def _field(one: ReadyField) -> dict[str, Any]:
    said: dict[str, Any] = {"id": one.id, "label": one.field.words, "type": one.type}
    said["required"] = one.field.required_if or one.field.always_required
    if one.field.show_if is not None:
        said["show_if"] = one.field.show_if
    if one.choices:
        said["codes"] = dict(one.choices)
    if one.field.multiple:
        said["multiple"] = True
    if one.fields:
        said |= {"repeat": one.field.repeat, "fields": [_field(f) for f in one.fields]}
    if KINDS[one.type].answered and (one.field.min is not None or one.field.max is not None):
        said |= {"min": one.field.min, "max": one.field.max}
    return said


def _clock(deadline: ProgrammeDeadline) -> dict[str, Any]:
    return {
        "id": deadline.id, "label": deadline.label.zh, "starts": list(deadline.starts),
        "met_by": list(deadline.met_by), "paused_in": list(deadline.paused_in), "ends_in": list(deadline.ends_in),
        "value": None if deadline.value is None else f"{deadline.value:f}",
        "unit": None if deadline.due_on is not None else str(deadline.unit), "due_on": deadline.due_on,
        "only_if": deadline.only_if, "met_if": deadline.met_if, "local": deadline.local, "right": deadline.right,
        "source": deadline.origin,
    }  # fmt: skip
