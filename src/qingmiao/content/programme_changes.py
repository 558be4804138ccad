"""What a county changes of a country's programme, line by line (`programme_changes/`): all else stays as it is.

A state, field, clock, printed form, outcome or count of the same id is replaced, a new one is added behind the others;
of steps one is replaced by the same name from the same states. A changed programme is checked as every other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from pydantic import Field, ValidationError

from qingmiao.content.base import Content, Id, Label, Name, Source
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.forms import LEVELS, Sensitivity
from qingmiao.content.outcomes import CaseOutcome
from qingmiao.content.pack import Pack
from qingmiao.content.programme_openings import OpeningRule
from qingmiao.content.programme_parts import (
    CaseCount,
    CaseField,
    PrintedForm,
    ProgrammeDeadline,
    ProgrammeState,
    ProgrammeStep,
)
from qingmiao.content.programmes import Programme
from qingmiao.content.records import PublishedRow
from qingmiao.kernel.errors import Fault


class ProgrammeChange(Content):
    """What a county changes of the programme of that id. `without_steps`: names of steps that it does not have.

    The secrecy may be raised, never lowered; a clock with a source stays the country's: a county's own value needs a
    source of its own.
    """

    id: Name
    label: Label | None = None
    secrecy: Sensitivity | None = None
    fields: tuple[CaseField, ...] = ()
    states: Mapping[Name, ProgrammeState] = Field(default_factory=dict)
    steps: tuple[ProgrammeStep, ...] = ()
    without_steps: tuple[Name, ...] = ()
    deadlines: tuple[ProgrammeDeadline, ...] = ()
    counts: Mapping[Name, CaseCount] = Field(default_factory=dict)
    publishes: tuple[PublishedRow, ...] = ()
    outcomes: tuple[CaseOutcome, ...] = ()
    opened_by: tuple[OpeningRule, ...] | None = None
    """In place of the country's; an empty list: nothing opens a case by itself here."""
    prints: tuple[PrintedForm, ...] = ()
    serves: tuple[Id, ...] = ()
    source: Source
    note: str = ""


def programmes_of(pack: Pack) -> dict[str, Programme]:
    """The programmes of a checked pack by id, with its changes taken in.

    Raises ValueError for a change that makes a programme that cannot work (`check` names it).
    """
    changes = pack.entries("programme_changes", ProgrammeChange)
    every = pack.entries("programmes", Programme)
    return {id_: changed(one, changes[id_]) if id_ in changes else one for id_, one in every.items()}


def taken_in(programmes: Mapping[str, Programme], changes: Mapping[str, ProgrammeChange]) -> dict[str, Programme]:
    """The programmes with the changes that can be taken in; `check` names those that cannot."""
    found = dict(programmes)
    for id_, change in changes.items():
        if id_ in found:
            with suppress(ValueError):
                found[id_] = changed(found[id_], change)
    return found


def changed(one: Programme, change: ProgrammeChange) -> Programme:
    """A programme with a change taken in. Raises ValueError where it cannot work then."""
    taken: dict[str, Any] = {
        "label": change.label or one.label,
        "secrecy": change.secrecy or one.secrecy,
        "fields": _by_id(one.fields, change.fields),
        "states": {**one.states, **change.states},
        "steps": _steps(one, change),
        "deadlines": _by_id(one.deadlines, change.deadlines),
        "counts": {**one.counts, **change.counts},
        "publishes": (*one.publishes, *change.publishes),
        "outcomes": _by_id(one.outcomes, change.outcomes),
        "opened_by": one.opened_by if change.opened_by is None else change.opened_by,
        "prints": _by_id(one.prints, change.prints),
        "serves": tuple(dict.fromkeys((*one.serves, *change.serves))),
        "more_sources": (*one.more_sources, change.source),
    }
    return Programme.model_validate({name: getattr(one, name) for name in type(one).model_fields} | taken)


def check_changes(pack: Pack) -> Iterator[Fault]:
    """Every change is of a programme that there is, makes one that works, and lowers no secrecy."""
    every = pack.entries("programmes", Programme)
    for id_, change in pack.entries("programme_changes", ProgrammeChange).items():
        one = every.get(id_)
        if one is None:
            if unknown(pack, every, id_):
                message = f"没有服务项目「{id_}」可以改"
                yield fault_at(pack, "programme_changes", id_, "dangling_id", message, near(id_, every), at=("id",))
            continue
        if change.secrecy is not None and LEVELS.index(change.secrecy) < LEVELS.index(one.secrecy):
            message = f"密级只能提高：「{one.label}」是{one.secrecy}"
            yield fault_at(pack, "programme_changes", id_, "wrong_value", message, "删去 secrecy", at=("secrecy",))
        here = {s.do for s in one.steps}
        for n, name in enumerate(change.without_steps):
            if name not in here:
                message = f"without_steps 提到没有的环节「{name}」"
                at = ("without_steps", n)
                yield fault_at(pack, "programme_changes", id_, "dangling_id", message, near(name, here), at=at)
        try:
            changed(one, change)
        except ValidationError as e:
            message = f"改了以后「{one.label}」不能用：{e.errors()[0]['msg'].removeprefix('Value error, ')}"
            yield fault_at(pack, "programme_changes", id_, "wrong_value", message, "检查改的状态和环节", at=("id",))


def _by_id(old: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple({one.id: one for one in (*old, *new)}.values())


def _steps(one: Programme, change: ProgrammeChange) -> tuple[ProgrammeStep, ...]:
    found = {(s.do, str(s.from_)): s for s in one.steps if s.do not in change.without_steps}
    return tuple((found | {(s.do, str(s.from_)): s for s in change.steps}).values())
