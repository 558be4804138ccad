"""What a first start still has to load: a plan and the stages that are done, told by events of the trail.

The event that a stage is done is written in the transaction of what it loaded: a stage is never done by half, and a
start that was killed in one finds it undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from qingmiao.site.apps.audit.appending import SYSTEM, append
from qingmiao.site.apps.audit.models import Event

PLAN, DONE = "start.plan", "start.stage"
ABOUT = "start"
LOCK = 7_301_014
"""The advisory lock that whoever loads holds as long as he lives."""


@dataclass(frozen=True)
class LoadingStage:
    """One stage of a first start: its id, and what is loaded in it, in both languages."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True)
class Loading:
    """A first start that is not over: its stages in their order, which are done, whether anybody works at the rest."""

    stages: tuple[LoadingStage, ...]
    done: frozenset[str]
    running: bool

    @property
    def waiting(self) -> tuple[LoadingStage, ...]:
        """The stages that are not done, the one that is being loaded first."""
        return tuple(s for s in self.stages if s.id not in self.done)

    @property
    def place(self) -> int:
        """Which stage is being loaded, counted from 1."""
        return self.stages.index(self.waiting[0]) + 1


@transaction.atomic
def plan(stages: Sequence[LoadingStage]) -> None:
    """What this site's first start loads; said once, before anything of it."""
    if not Event.objects.filter(object_type=ABOUT).exists():
        told = [[s.id, s.zh, s.en] for s in stages]
        append(SYSTEM, PLAN, object_type=ABOUT, object_id="plan", detail={"stages": told})


def is_done(stage: str) -> bool:
    """Whether a stage was loaded whole, at this start or an earlier one."""
    return _done(stage).exists()


def what(stage: str) -> Mapping[str, Any]:
    """What a stage that is done told of itself."""
    told: Mapping[str, Any] = _done(stage).values_list("detail", flat=True)[0]
    return told


def _done(stage: str) -> QuerySet[Event]:
    return Event.objects.filter(object_type=ABOUT, object_id=stage, action=DONE).order_by("id")


def load(stage: str, work: Callable[[], Mapping[str, Any] | None]) -> None:
    """Do a stage in one transaction with the event that it is done and what it tells; nothing where it is done."""
    if is_done(stage):
        return
    with transaction.atomic():
        told = work()
        append(SYSTEM, DONE, object_type=ABOUT, object_id=stage, detail=told)


def loading() -> Loading | None:
    """What is still to be loaded; None where nothing is (nor ever was: a site that no first start filled)."""
    rows = list(Event.objects.filter(object_type=ABOUT).order_by("id").values_list("action", "object_id", "detail"))
    told: list[list[str]] = next((detail["stages"] for action, _, detail in rows if action == PLAN), [])
    done = frozenset(stage for action, stage, _ in rows if action == DONE)
    found = Loading(tuple(LoadingStage(*one) for one in told), done, running=False)
    if not found.waiting:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = %s)", [LOCK])
        return Loading(found.stages, done, bool(cursor.fetchone()[0]))


@contextmanager
def at_work() -> Iterator[None]:
    """As long as the block runs, `loading` says that somebody works at the stages; the connection's end ends it
    too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
