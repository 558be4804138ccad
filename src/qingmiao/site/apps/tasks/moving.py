"""A task goes through its flow: by the unit, by the office, or with the thing that asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.access import Doing, Door, Effect, Seen, allow, perform, register, work
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.tasks import policies
from qingmiao.site.apps.tasks.models import Evidence, Task
from qingmiao.site.apps.tasks.workflow import TASK, TaskState

STANDING = (TaskState.OPEN, TaskState.ANSWERED)
"""What still has to be done or verified."""


def answer(by: Reach | Person, task: Task, *, version: int, cause: str, countermeasure: str) -> None:
    """The unit answers: why, and what it does about it."""
    perform(by, task, "answer", Seen("", version), {"cause": cause, "countermeasure": countermeasure})


def close(by: Reach | Person, task: Task, *, version: int) -> None:
    """The office has verified the answer; somebody else than who answered."""
    perform(by, task, "close", Seen("", version))


def give_back(by: Reach | Person, task: Task, name: str, *, version: int, reason: str) -> None:
    """Send back, reopen or withdraw, with a reason. Reopening counts."""
    perform(by, task, name, Seen("", version), {"reason": reason})


def redate(by: Reach | Person, task: Task, *, version: int, due_at: datetime, reason: str) -> None:
    """The office sets another deadline; it has to go up anew."""
    perform(by, task, "redate", Seen("", version), {"reason": reason, "due_at": due_at})


def follow(by: audit.Actor, source: str, source_id: str | int, *, due_at: datetime, reason: str) -> int:
    """The open tasks of a source get its new deadline, in the caller's transaction. Returns how many."""
    return _with_source(by, source, source_id, "follow", (TaskState.OPEN,), {"reason": reason, "due_at": due_at})


def settle(by: audit.Actor, source: str, source_id: str | int, *, reason: str) -> int:
    """What a source asked for is done: its standing tasks are closed with it. Returns how many."""
    return _with_source(by, source, source_id, "settle", STANDING, {"reason": reason})


def drop(by: audit.Actor, source: str, source_id: str | int, *, reason: str) -> int:
    """A source needs nothing any more: its standing tasks are withdrawn with it. Returns how many."""
    return _with_source(by, source, source_id, "drop", STANDING, {"reason": reason})


@transaction.atomic
def _with_source(
    by: audit.Actor, source: str, source_id: str | int, step: str, states: tuple[TaskState, ...], said: dict[str, Any]
) -> int:
    """One step of a source's own tasks; each event names who moved the source."""
    listed = Task.objects.select_for_update().filter(source=source, source_id=str(source_id), state__in=states)
    found = list(listed.order_by("pk"))
    for task in found:
        perform(audit.NamedActor(by.username, by.unit_id), task, step, Seen("", task.version), said)
    return len(found)


def _changes(task: Task, doing: Doing) -> dict[str, Any]:
    """The columns of each step; the version goes up by one."""
    columns: dict[str, dict[str, Any]] = {
        "answered": {
            "cause": doing.said("cause"),
            "countermeasure": doing.said("countermeasure"),
            "answered_by": doing.person,
            "answered_at": doing.at,
        },
        "recalled": {"answered_by": None, "answered_at": None},
        "closed": {"closed_by": doing.person, "closed_at": doing.at, "note": ""},
        "settled": {"closed_at": doing.at, "note": doing.said("reason")},
        "noted": {"note": doing.said("reason")},
        "redated": {"due_at": doing.answers.get("due_at"), "went_up_to": [], "went_up_at": None},
        "reopened": {"closed_by": None, "closed_at": None, "reopened": task.reopened + 1},
    }
    found: dict[str, Any] = {"version": task.version + 1}
    for name in doing.step.effects:
        found |= columns[name]
    return found


def _redated(task: Task, doing: Doing) -> Mapping[str, Any]:
    return {"due": task.due_at}


@dataclass(frozen=True)
class Moved:
    """A task as it stands after a step: for what another app lets follow. `version` grows with every step."""

    id: int
    version: int
    title: str
    element: str
    area: str
    unit_label: str
    answered_at: datetime | None
    at: datetime
    """When the step was taken."""


_EFFECTS: dict[str, Effect] = {"redated": _redated}


def register_effect(name: str, follow: Callable[[Moved], Mapping[str, Any] | None]) -> None:
    """Let something follow, in the step's transaction, when a step of a task has this effect (`closed`, `reopened`).

    `follow` returns more for the audit event, or None; what it raises undoes the step. ValueError: an effect that
    no step has, or that has something following already.
    """
    if name in _EFFECTS or not any(name in step.effects for step in TASK.steps):
        raise ValueError(f"no step of a task has the effect {name}, or something follows from it already")

    def told(task: Task, doing: Doing) -> Mapping[str, Any] | None:
        return follow(
            Moved(
                task.pk, task.version, task.title, task.element, task.area, task.unit.label, task.answered_at, doing.at
            )
        )

    _EFFECTS[name] = told


register(
    Door(
        Task,
        TASK,
        noun="任务",
        kind="task",
        action="task",
        unit=lambda task: task.unit,
        guards={
            "another_verifies": policies.another_verifies,
            "addressed": policies.addressed,
            "later": policies.later,
        },
        effects=_EFFECTS,
        changes=_changes,
    )
)


def add_evidence(actor: Person, upload: UploadedFile[bytes], *, task: Task) -> Evidence:
    """Add a file to a task that is open, by whoever may answer it."""
    with work(actor, task, "prove") as doing:
        found = Task.objects.select_for_update().get(pk=task.pk)
        allow(policies.can_prove(found))
        allow(policies.addressed_to(found, actor))
        kept = files.keep(files.EVIDENCE, upload)
        policies.new_file(Evidence.objects.filter(task=found, sha256=kept.sha256))
        made = Evidence.objects.create(
            task=found, name=kept.name, sha256=kept.sha256, bytes=kept.size, added_by=actor, added_at=doing.at
        )
        detail = {"name": kept.name, "sha256": kept.sha256}
        audit.append(actor, "task.evidence", object_type="task", object_id=task.pk, detail=detail)
    return made
