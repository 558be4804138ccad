"""The audit's door: append in the caller's transaction, verify, anchor the head outside the database."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from django.db import connection, transaction
from django.utils import timezone

from qingmiao.site.apps.audit.chain import START, row_hash
from qingmiao.site.apps.audit.models import Event

LOCK = 7_301_001
"""The advisory lock that orders appends: one writer at a time, until its transaction ends."""


class Actor(Protocol):
    """Whoever acts: a person of the directory, or `SYSTEM`."""

    @property
    def username(self) -> str: ...
    @property
    def unit_id(self) -> str: ...


@dataclass(frozen=True)
class Named:
    """An actor that is no person: a job, or somebody before login."""

    username: str
    unit_id: str = ""


SYSTEM = Named("system")
ANONYMOUS = Named("anonymous")


def append(
    actor: Actor,
    action: str,
    *,
    object_type: str = "",
    object_id: str | int = "",
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """Append one event in the present transaction (required, so that it stands or falls with what it tells of)."""
    if not connection.in_atomic_block:
        raise RuntimeError("an audit event belongs into the transaction of what it tells of")
    content = json.loads(json.dumps(dict(detail or {}), ensure_ascii=False, default=str, allow_nan=False))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("SELECT number, hash FROM audit_event ORDER BY number DESC LIMIT 1")
        last = cursor.fetchone()
    number, previous = (last[0] + 1, last[1]) if last else (1, START)
    row: dict[str, Any] = {
        "number": number,
        "at": timezone.now(),
        "actor": actor.username[:64],
        "unit": (actor.unit_id or "")[:120],
        "action": action,
        "object_type": object_type,
        "object_id": str(object_id)[:200],
        "detail": content,
        "previous": previous,
    }
    return Event.objects.create(**row, hash=row_hash(**row))


@transaction.atomic
def seen(
    actor: Actor,
    action: str,
    *,
    object_type: str = "",
    object_id: str | int = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append the sight of a sensitive page."""
    append(actor, action, object_type=object_type, object_id=object_id, detail=detail)


@dataclass(frozen=True)
class Verdict:
    """What verifying found: the number of events, the head, and every broken place."""

    events: int
    head: str
    faults: tuple[str, ...]


def verify(anchors: Path | None = None) -> Verdict:
    """Recompute the whole chain and compare it with the anchors outside the database."""
    faults: list[str] = []
    known = {a["number"]: a["hash"] for a in read_anchors(anchors)} if anchors else {}
    previous, count = START, 0
    for event in Event.objects.order_by("number").iterator(chunk_size=5000):
        count += 1
        if event.number != count:
            faults.append(f"第 {count} 条缺失（下一条是 {event.number}）")
            count = event.number
        if event.previous != previous:
            faults.append(f"第 {event.number} 条不接前一条")
        expected = row_hash(
            number=event.number, at=event.at, actor=event.actor, unit=event.unit, action=event.action,
            object_type=event.object_type, object_id=event.object_id, detail=event.detail, previous=event.previous,
        )  # fmt: skip
        if expected != event.hash:
            faults.append(f"第 {event.number} 条内容被改动")
        if known.pop(event.number, event.hash) != event.hash:
            faults.append(f"第 {event.number} 条与库外锚点不符")
        previous = event.hash
    faults.extend(f"库外锚点第 {number} 条在库里没有（末尾被截掉）" for number in sorted(known))
    return Verdict(count, previous, tuple(faults))


def anchor(path: Path) -> dict[str, Any] | None:
    """Append the head of the chain to a file outside the database; None when nothing is new."""
    last = Event.objects.order_by("-number").values("number", "hash").first()
    if last is None:
        return None
    lines = list(read_anchors(path))
    if lines and lines[-1]["number"] == last["number"]:
        return None
    line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **last}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return line


def read_anchors(path: Path) -> Iterator[dict[str, Any]]:
    """The anchors of a file, oldest first; a half-written last line is passed over."""
    if not path.exists():
        return
    for line in path.read_text("utf-8").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def of_object(object_type: str, object_id: str | int, *, limit: int = 100) -> list[Event]:
    """The latest events of one object, newest first."""
    return list(
        Event.objects.filter(object_type=object_type, object_id=str(object_id)).order_by("-number")[:limit]
    )
