"""What an app says of the things of one model, so that `access` can take their steps: their flow, whose they are, what
follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import models

from qingmiao.flow import Flow, Guard, Step, Who
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Organisation, Person

M = TypeVar("M", bound=models.Model)


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
    """What most steps change beside the state: the version goes up by one; a new thing has the version it is given."""
    return {} if doing.step.makes else {"version": thing.version + 1}


def nothing_more(thing: Any, doing: Doing) -> dict[str, Any]:
    """Only the state changes."""
    return {}


def in_state(state: str) -> dict[str, Any]:
    """How most models keep where a thing stands: the column `state`."""
    return {"state": state}


def nobody(thing: Any, person: Person) -> Iterable[str]:
    """No relation but that of the unit."""
    return ()


@dataclass(frozen=True)
class Door(Generic[M]):
    """How the things of one model come to be and go through their flow."""

    model: type[M]
    flow: Flow | Callable[[M], Flow]
    noun: str
    """What one thing is called in a sentence: 这张表."""
    kind: str
    """The audit's object type."""
    action: str
    """The audit's action is `{action}.{step}`."""
    unit: Callable[[M], Organisation | None]
    """Whose the thing is (or will be); None: the county's own."""
    guards: Mapping[str, Guard] = field(default_factory=dict)
    effects: Mapping[str, Effect] = field(default_factory=dict)
    changes: Callable[[M, Doing], Mapping[str, Any]] = next_version
    """The columns that a step sets with the state."""
    stored: Callable[[str], Mapping[str, Any]] = in_state
    """The columns that say that a thing stands in a state; the model's `state` says it back. Empty for things with one
    state."""
    versioned: bool = True
    """Whether the model has a `version` that every step must name as it was seen."""
    name: Callable[[M], int | str] = lambda thing: thing.pk
    """What the audit calls the thing."""
    relations: Callable[[M, Person], Iterable[str]] = nobody
    """How a person stands to the thing, beside `own_unit`."""
    several: Callable[[], Iterable[Flow]] | None = None
    """Where each thing has a flow of its own: all that there are, for the words of their steps."""

    def flows(self) -> Iterable[Flow]:
        """Every flow that some thing goes through."""
        if isinstance(self.flow, Flow):
            return (self.flow,)
        return self.several() if self.several is not None else ()

    def flow_of(self, thing: M) -> Flow:
        """The flow that the thing goes through."""
        return self.flow if isinstance(self.flow, Flow) else self.flow(thing)


DOORS: dict[type[models.Model], Door[Any]] = {}


def register(door: Door[M]) -> Door[M]:
    """Register a model's door, once. Raises ValueError where the flow names a guard that the door lacks, or
    where things have flows of their own and the door does not say which there are.
    """
    if door.model in DOORS:
        raise ValueError(f"{door.model} has a door already")
    if isinstance(door.flow, Flow):
        missing = {g for s in door.flow.steps for g in s.guards} - set(door.guards)
        if missing:
            raise ValueError(f"{door.flow.name} names {sorted(missing)}, which its door lacks")
    elif door.several is None:
        raise ValueError(f"the door of {door.model} does not name the flows of its things")
    DOORS[door.model] = door
    return door
