"""The one door for every step of a thing with states: permission, policy, compare-and-set, effects and audit in one transaction.

An app registers a `Door` for its model: the flow, whose the thing is, the guards and effects that the flow names. Views and other
doors call `perform` and check nothing themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from django.db import models, transaction
from django.http import Http404
from django.utils import timezone

from qingmiao.flow import Flow, Guard, Refusal, Step, Who, decide
from qingmiao.kernel.decisions import Decision
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import COUNTY_WIDE, WORKING

LEAST_WORDS = 5
"""Characters that a reason, an opinion or an answer has at least (local setting)."""

M = TypeVar("M", bound=models.Model)


class ConflictError(UserError):
    """Somebody else was first: `who`, `when` and what stands now."""

    def __init__(self, what: str, *, who: str, when: datetime) -> None:
        self.who, self.when = who, when
        at = timezone.localtime(when)
        super().__init__(f"{who} 已在 {at:%Y-%m-%d %H:%M:%S} 先办了：{what}。请刷新后再看。")


class NotAllowedError(UserError):
    """What was asked is not possible now; the message says why."""


class AbsentError(Http404):
    """Not this person's to do: a refusal looks like absence."""


@dataclass(frozen=True)
class Seen:
    """What the person saw when deciding. `revision` where also the contents must be the ones seen; an empty state: any."""

    state: str
    version: int
    revision: int | None = None


@dataclass(frozen=True)
class Doing:
    """A step that is being taken: by whom, with which texts, when."""

    actor: audit.Actor
    who: Who
    step: Step
    answers: Mapping[str, Any]
    at: datetime

    @property
    def person(self) -> Person | None:
        """The person, or None for a job."""
        return self.actor if isinstance(self.actor, Person) else None

    def said(self, name: str) -> str:
        """A text that came with the step, without the space around it."""
        return str(self.answers.get(name) or "").strip()


Effect = Callable[[Any, Doing], Mapping[str, Any] | None]
"""effect(thing, doing) → more for the audit event, or None. It runs after the thing stands in its new state."""


def next_version(thing: Any, doing: Doing) -> dict[str, Any]:
    """What most steps change beside the state: the version goes up by one."""
    return {"version": thing.version + 1}


@dataclass(frozen=True)
class Door(Generic[M]):
    """How the things of one model go through their flow."""

    model: type[M]
    flow: Flow | Callable[[M], Flow]
    noun: str
    """What one thing is called in a sentence: 这张表."""
    kind: str
    """The audit's object type."""
    action: str
    """The audit's action is `{action}.{step}`."""
    unit: Callable[[M], Organisation | None]
    """Whose the thing is; None: the county's own."""
    guards: Mapping[str, Guard] = field(default_factory=dict)
    effects: Mapping[str, Effect] = field(default_factory=dict)
    changes: Callable[[M, Doing], Mapping[str, Any]] = next_version
    """The columns that a step sets with the state."""

    def flow_of(self, thing: M) -> Flow:
        """The flow that the thing goes through."""
        return self.flow if isinstance(self.flow, Flow) else self.flow(thing)


DOORS: dict[type[models.Model], Door[Any]] = {}


def register(door: Door[M]) -> Door[M]:
    """Register a model's door, once. Raises ValueError where the flow names a guard that the door lacks."""
    if door.model in DOORS:
        raise ValueError(f"{door.model} has a door already")
    if isinstance(door.flow, Flow):
        missing = {g for s in door.flow.steps for g in s.guards} - set(door.guards)
        if missing:
            raise ValueError(f"{door.flow.name} names {sorted(missing)}, which its door lacks")
    DOORS[door.model] = door
    return door


def who_over(reach: Reach, unit: Organisation | None) -> Who:
    """The person with the roles held *over that unit*: a county-wide role over an area that holds it, any other at the very unit.

    `unit` None is the county's own: county-wide roles count. Relation `own_unit`: the person works in that unit.
    """
    roles = {
        str(a.role)
        for a in reach.assignments
        if (
            (unit is None or unit.area_id.startswith(a.area_id))
            if a.role in COUNTY_WIDE
            else unit is not None and a.organisation_id == unit.pk
        )
    }
    own = unit is not None and any(a.organisation_id == unit.pk and a.role in WORKING for a in reach.assignments)
    return Who(reach.person.username, frozenset(roles), frozenset({"own_unit"} if own else ()))


def perform(
    by: Reach | Person | audit.Named,
    thing: M,
    step: str,
    seen: Seen,
    answers: Mapping[str, Any] | None = None,
) -> M:
    """Take one step with a thing: the only way that its state changes. Returns the thing as it now stands.

    Raises AbsentError for what is not this person's to do, ConflictError when somebody was first, NotAllowedError when it is not
    possible now. The row is locked first, so that of many who ask at once one goes on and each other one is told who that was.
    """
    door, given = DOORS[type(thing)], dict(answers or {})
    with transaction.atomic():
        now = timezone.now()
        # No join here: after waiting for the lock, PostgreSQL reads this row anew, but not the joined ones.
        found = door.model._default_manager.select_for_update().get(pk=thing.pk)
        flow = door.flow_of(found)
        actor, who = _acting(by, door, found)
        if not any(who.may(line) for line in flow.named(step)):
            raise AbsentError("没有这一步")
        if stale(found, seen):
            raise overtaken(found)
        verdict = decide(flow, found, step, given, who, now, guards=door.guards, least=LEAST_WORDS)
        if verdict.refusal is Refusal.ABSENT:
            raise AbsentError(verdict.reason)
        if not verdict:
            raise NotAllowedError(verdict.reason)
        assert verdict.step is not None
        doing = Doing(actor, who, verdict.step, given, now)
        detail = _take(door, found, doing)
        audit.append(actor, f"{door.action}.{step}", object_type=door.kind, object_id=found.pk, detail=detail)
    return cast(M, found)


def require(by: Reach | Person | audit.Named, thing: M, step: str) -> None:
    """For work that goes with a step of the flow and has a compare-and-set of its own (saving cells, adding a file).

    Raises AbsentError unless this one may take a step of that name, whatever the thing's state.
    """
    door = DOORS[type(thing)]
    _, who = _acting(by, door, thing)
    if not any(who.may(line) for line in door.flow_of(thing).named(step)):
        raise AbsentError("没有这一步")


def allow(decision: Decision) -> None:
    """Raises NotAllowedError with the decision's reason where it is a refusal."""
    if not decision:
        raise NotAllowedError(decision.reason)


def steps(reach: Reach, thing: M) -> tuple[Step, ...]:
    """What this person may do with a thing as it stands (guards are asked when it is done): the buttons of its page."""
    door = DOORS[type(thing)]
    roles = who_over(reach, door.unit(thing)).roles
    return door.flow_of(thing).steps_from(cast(Any, thing).state, roles)


def _acting(by: Reach | Person | audit.Named, door: Door[M], thing: M) -> tuple[audit.Actor, Who]:
    if isinstance(by, audit.Named):
        return by, Who(by.username, job=True)
    reach = by if isinstance(by, Reach) else Reach(by)
    if not reach.person.is_active:
        raise AbsentError("账号已停用")
    return reach.person, who_over(reach, door.unit(thing))


def _take(door: Door[M], thing: Any, doing: Doing) -> dict[str, Any]:
    """Set state and columns, run the effects; what the audit event tells."""
    line, before = doing.step, thing.state
    changes = {"state": line.target, **door.changes(thing, doing)}
    stands = door.model._default_manager.filter(pk=thing.pk, state=line.source, version=thing.version)
    if stands.update(**changes) != 1:
        raise overtaken(thing)
    for name, value in changes.items():
        setattr(thing, name, value)
    detail: dict[str, Any] = {}
    for name in line.effects:
        if name in door.effects:  # others only set columns
            detail |= door.effects[name](thing, doing) or {}
    said = {ask.name: doing.said(ask.name) for ask in line.asks if doing.said(ask.name)}
    return {"from": before, "to": thing.state, "version": thing.version, **said, **detail}


def stale(thing: Any, seen: Seen) -> bool:
    """Whether a thing is no longer what was seen."""
    return (
        thing.version != seen.version
        or (seen.state not in ("", thing.state))
        or (seen.revision is not None and thing.revision != seen.revision)
    )


def overtaken(thing: models.Model) -> ConflictError:
    """The error that names who was first with a thing, when, and how it stands now: from the audit trail."""
    door = DOORS[type(thing)]
    current: Any = door.model._default_manager.get(pk=thing.pk)
    label = door.flow_of(current).state(current.state).label
    return conflict(door.kind, current.pk, f"{door.noun}现在是“{label}”（第 {current.version} 版）")


def conflict(kind: str, number: int | str, what: str) -> ConflictError:
    """The error for a thing that somebody changed meanwhile: the last event about it names who and when."""
    last = next(iter(audit.of_object(kind, number, limit=1)), None)
    if last is None:
        return ConflictError(what, who="别人", when=timezone.now())
    person = Person.objects.filter(username=last.actor).first()
    return ConflictError(what, who=person.name if person else "系统", when=last.at)
