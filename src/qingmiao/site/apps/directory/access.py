"""The one door for every write: permission, policy, compare-and-set, effects and audit in one transaction.

An app registers a `Door` for its model: the flow, whose the thing is, the guards and effects that the flow names. Views
and other doors call `create` for a new thing, `perform` for a step of one, `work` around what goes with a step and
compares versions of its own, `beside` for what is no step of a thing; they check nothing themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from qingmiao.flow import NOTHING, Refusal, Step, Who, decide
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.beside import beside as beside
from qingmiao.site.apps.directory.doors import DOORS, Doing, Effect, next_version, nothing_more, register
from qingmiao.site.apps.directory.doors import Door as Door
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.refusals import AbsentError, ConflictError, NotAllowedError, allow, conflict
from qingmiao.site.apps.directory.roles import WORKING

__all__ = [
    "DOORS", "LEAST_WORDS", "AbsentError", "ConflictError", "Doing", "Door", "Effect", "NotAllowedError", "Seen",
    "allow", "beside",
    "conflict", "create", "next_version", "nothing_more", "overtaken", "perform", "register", "require", "stale",
    "steps",
    "who_over", "work",
]  # fmt: skip

LEAST_WORDS = 5
"""Characters that a reason, an opinion or an answer has at least (local setting)."""

M = TypeVar("M", bound=models.Model)
By = Reach | Person | audit.NamedActor
"""Whoever acts: a person (with the reach that a page has read already) or a job."""


@dataclass(frozen=True)
class Seen:
    """What the person saw when deciding. `revision` where also the contents must be the ones seen.

    An empty state: any; no version: any (only for things without one).
    """

    state: str = ""
    version: int | None = None
    revision: int | None = None


def who_over(reach: Reach, unit: Organisation | None) -> Who:
    """The person with the roles held *over that unit*: a county-wide role over an area that holds it, any other at the
    unit.

    `unit` None is the county's own: wide roles over all that the site serves. Relation `own_unit`: the person works
    there.
    """
    own = unit is not None and unit.pk in reach.own(WORKING)
    return Who(reach.person.username, reach.roles_over(unit), frozenset({"own_unit"} if own else ()))


def create(by: By, thing: M, step: str, answers: Mapping[str, Any] | None = None) -> M:
    """Make a new thing by a step from `NOTHING`; `thing` is its row, filled in and not yet saved. Returns it as it now
    stands.

    The same checks as `perform`: the role over the unit whose it will be, what must be said, the guards; then the row,
    the effects, the audit event, in one transaction. Raises AbsentError, NotAllowedError, and ConflictError where one
    that may be there only once is there already (naming who made it, and when).
    """
    door = DOORS[type(thing)]
    with transaction.atomic():
        doing = _decide(door, _acting(by, door, thing), thing, NOTHING, step, dict(answers or {}))
        for name, value in {**door.stored(doing.step.target), **door.changes(thing, doing)}.items():
            setattr(thing, name, value)
        with audit.through(door.action):
            try:
                with transaction.atomic():
                    thing.save(force_insert=True)
            except IntegrityError as e:
                there = _twin(thing)
                if there is None:
                    raise
                raise overtaken(there) from e
            _follow(door, thing, doing, {})
    return thing


def perform(by: By, thing: M, step: str, seen: Seen, answers: Mapping[str, Any] | None = None) -> M:
    """Take one step with a thing: the only way that its state changes. Returns the thing as it now stands.

    Raises AbsentError for what is not this person's to do, ConflictError when somebody was first, NotAllowedError when
    it is not possible now. The row is locked first, so that of many who ask at once one goes on and each other one is
    told who that was.
    """
    door = DOORS[type(thing)]
    with transaction.atomic():
        # No join here: after waiting for the lock, PostgreSQL reads this row anew, but not the joined ones.
        found = door.model._default_manager.select_for_update().get(pk=thing.pk)
        acting = _acting(by, door, found)
        _, who = acting
        if not any(who.may(line) for line in door.flow_of(found).named(step)):
            raise AbsentError("没有这一步")
        if stale(found, seen):
            raise overtaken(found)
        doing = _decide(door, acting, found, cast(Any, found).state, step, dict(answers or {}))
        with audit.through(door.action):
            before = cast(Any, found).state
            _set(door, found, doing)
            _follow(door, found, doing, {"from": before})
    return cast(M, found)


@contextmanager
def work(by: By, thing: M, step: str) -> Iterator[Doing]:
    """For what goes with a step of the flow and compares versions of its own (saving cells, adding a file): one
    transaction.

    Raises AbsentError unless this one may take a step of that name, whatever the thing's state. What is written and
    appended to the audit inside goes through the thing's door.
    """
    door, actor, who, line = _permitted(by, thing, step)
    with transaction.atomic(), audit.through(door.action):
        yield Doing(actor, who, line, {}, timezone.now())


def require(by: By, thing: M, step: str) -> None:
    """Raises AbsentError unless this one may take a step of that name with the thing, whatever its state."""
    _permitted(by, thing, step)


def steps(reach: Reach, thing: M) -> tuple[Step, ...]:
    """What this person may do with a thing as it stands (guards are asked when it is done): the buttons of its page.

    For a row that is not saved yet: the steps that would make it.
    """
    door = DOORS[type(thing)]
    _, who = _acting(reach, door, thing)
    state = NOTHING if thing._state.adding else cast(Any, thing).state
    return tuple(s for s in door.flow_of(thing).steps_from(state) if who.may(s))


def _acting(by: By, door: Door[M], thing: M) -> tuple[audit.Actor, Who]:
    if isinstance(by, audit.NamedActor):
        return by, Who(by.username, job=True)
    reach = by if isinstance(by, Reach) else Reach(by)
    if not reach.person.is_active:
        raise AbsentError("账号已停用")
    who = who_over(reach, door.unit(thing))
    more = frozenset(door.relations(thing, reach.person))
    return reach.person, Who(who.id, who.roles, who.relations | more)


def _permitted(by: By, thing: M, step: str) -> tuple[Door[M], audit.Actor, Who, Step]:
    door = DOORS[type(thing)]
    actor, who = _acting(by, door, thing)
    line = next((line for line in door.flow_of(thing).named(step) if who.may(line)), None)
    if line is None:
        raise AbsentError("没有这一步")
    return door, actor, who, line


def _decide(
    door: Door[M], acting: tuple[audit.Actor, Who], thing: M, state: str, step: str, answers: dict[str, Any]
) -> Doing:
    """The step that the table allows; raises AbsentError or NotAllowedError where it does not."""
    now = timezone.now()
    actor, who = acting
    flow = door.flow_of(thing)
    verdict = decide(flow, thing, step, answers, who, now, guards=door.guards, least=LEAST_WORDS, state=state)
    if verdict.refusal is Refusal.ABSENT:
        raise AbsentError(verdict.reason)
    if not verdict:
        raise NotAllowedError(verdict.reason)
    assert verdict.step is not None
    return Doing(actor, who, verdict.step, answers, now)


def _set(door: Door[M], thing: Any, doing: Doing) -> None:
    """Set state and columns, if the thing still stands as it was read."""
    changes = {**door.stored(doing.step.target), **door.changes(thing, doing)}
    stands = {
        "pk": thing.pk,
        **door.stored(doing.step.source),
        **({"version": thing.version} if door.versioned else {}),
    }
    rows = door.model._default_manager.filter(**stands)
    if (rows.update(**changes) if changes else rows.count()) != 1:
        raise overtaken(thing)
    for name, value in changes.items():
        setattr(thing, name, value)


def _follow(door: Door[M], thing: Any, doing: Doing, detail: dict[str, Any]) -> None:
    """Run the effects and append the audit event."""
    more: dict[str, Any] = {}
    for name in doing.step.effects:
        if name in door.effects:  # others only set columns
            more |= door.effects[name](thing, doing) or {}
    said = {ask.name: doing.said(ask.name) for ask in doing.step.asks if doing.said(ask.name)}
    version = {"version": thing.version} if door.versioned else {}
    audit.append(
        doing.actor,
        f"{door.action}.{doing.step.name}",
        object_type=door.kind,
        object_id=door.name(thing),
        detail={**detail, "to": thing.state, **version, **said, **more},
    )


def stale(thing: Any, seen: Seen) -> bool:
    """Whether a thing is no longer what was seen."""
    versioned = DOORS[type(thing)].versioned
    return (
        (versioned and thing.version != seen.version)
        or (seen.state not in ("", thing.state))
        or (seen.revision is not None and thing.revision != seen.revision)
    )


def overtaken(thing: models.Model) -> ConflictError:
    """The error that names who was first with a thing, when, and how it stands now: from the audit trail."""
    door = DOORS[type(thing)]
    current: Any = door.model._default_manager.get(pk=thing.pk)
    label = door.flow_of(current).state(current.state).label
    version = f"（第 {current.version} 版）" if door.versioned else ""
    return conflict(door.kind, door.name(current), f"{door.noun}现在是“{label}”{version}")


def _twin(thing: models.Model) -> models.Model | None:
    """The row that is there already where this one may be there only once."""
    meta, rows = type(thing)._meta, type(thing)._default_manager
    unique: list[tuple[dict[str, Any], models.Q | None]] = [
        ({f.attname: getattr(thing, f.attname)}, None) for f in meta.concrete_fields if f.unique
    ]
    for constraint in meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
            columns = {
                name: getattr(thing, cast("models.Field[Any, Any]", meta.get_field(name)).attname)
                for name in constraint.fields
            }
            unique.append((columns, constraint.condition))
    for columns, condition in unique:
        if all(value is not None for value in columns.values()):
            where = rows.filter(**columns)
            found = (where.filter(condition) if condition is not None else where).first()
            if found is not None:
                return found
    return None
