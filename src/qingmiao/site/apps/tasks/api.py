"""The tasks' door: who must do what by when, whoever asked. Every write is audited in its transaction and compares
before it sets.

A source app registers itself (`register_source`), opens tasks, and moves its own with it (`follow`, `settle`, `drop`),
each in its own transaction; people take the steps of the flow. Pages get dataclasses.
"""

from __future__ import annotations

from qingmiao.site.apps.directory.access import ConflictError
from qingmiao.site.apps.tasks.escalation import escalate, proposed_day
from qingmiao.site.apps.tasks.moving import (
    Moved,
    add_evidence,
    answer,
    close,
    drop,
    follow,
    give_back,
    redate,
    register_effect,
    settle,
)
from qingmiao.site.apps.tasks.opening import end_of, open_task
from qingmiao.site.apps.tasks.policies import new_file, room
from qingmiao.site.apps.tasks.queue import (
    ALL,
    LATE,
    QUEUES,
    Listed,
    TaskPage,
    TaskRow,
    WaitingTasks,
    closed_in,
    evidence,
    found,
    listed,
    of_source,
    opened_in,
    overdue,
    parts_of,
    people_of,
    proofs_of,
    serving,
    shown,
    waiting,
)
from qingmiao.site.apps.tasks.sources import DIRECT, TaskOrigin, TaskSource
from qingmiao.site.apps.tasks.sources import register as register_source
from qingmiao.site.apps.tasks.workflow import ANSWERING, OFFICE, TASK, Level, TaskState

__all__ = [
    "ALL",
    "ANSWERING",
    "DIRECT",
    "LATE",
    "OFFICE",
    "QUEUES",
    "TASK",
    "ConflictError",
    "Level",
    "Listed",
    "Moved",
    "TaskOrigin",
    "TaskPage",
    "TaskRow",
    "TaskSource",
    "TaskState",
    "WaitingTasks",
    "add_evidence",
    "answer",
    "close",
    "closed_in",
    "drop",
    "end_of",
    "escalate",
    "evidence",
    "follow",
    "found",
    "give_back",
    "listed",
    "new_file",
    "of_source",
    "open_task",
    "opened_in",
    "overdue",
    "parts_of",
    "people_of",
    "proofs_of",
    "proposed_day",
    "redate",
    "register_effect",
    "register_source",
    "room",
    "serving",
    "settle",
    "shown",
    "waiting",
]
