"""An event of the trail is appended in the transaction of what it tells of, by somebody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import connection
from django.utils import timezone

from qingmiao.site.apps.audit.models import Event


class Actor(Protocol):
    """Whoever acts: a person of the directory, or `SYSTEM`."""

    @property
    def username(self) -> str: ...
    @property
    def unit_id(self) -> str: ...


@dataclass(frozen=True)
class NamedActor:
    """An actor that is no person: a job, or somebody before login."""

    username: str
    unit_id: str = ""


SYSTEM = NamedActor("system")
ANONYMOUS = NamedActor("anonymous")


def append(
    actor: Actor,
    action: str,
    *,
    object_type: str = "",
    object_id: str | int = "",
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """Append one event in the present transaction (required, so that it stands or falls with what it tells of).

    It takes no lock and its place in the chain comes later (`seal`): writers never wait for each other here.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an audit event belongs into the transaction of what it tells of")
    made = event_of(actor, action, object_type, object_id, detail)
    made.save(force_insert=True)
    return made


def event_of(
    actor: Actor, action: str, object_type: str, object_id: str | int, detail: Mapping[str, Any] | None
) -> Event:  # fmt: skip
    """The row of an event, not written yet."""
    content = json.loads(json.dumps(dict(detail or {}), ensure_ascii=False, default=str, allow_nan=False))
    return Event(
        at=timezone.now(),
        actor=actor.username[:64],
        unit=(actor.unit_id or "")[:120],
        action=action,
        object_type=object_type,
        object_id=str(object_id)[:200],
        detail=content,
    )
