"""Verifying: the whole chain recomputed, compared with the anchors; what is not sealed yet is told apart from what is
missing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from qingmiao.site.apps.audit.anchors import BEGINS, ReadAnchors, read_anchors
from qingmiao.site.apps.audit.chain import START, row_hash
from qingmiao.site.apps.audit.models import Event

YOUNG = timedelta(minutes=1)
"""An event may lie unsealed so long; one that is older says that nobody seals."""
CONTENT = ("id", "at", "actor", "unit", "action", "object_type", "object_id", "detail")


@dataclass(frozen=True)
class Verification:
    """What verifying found: the sealed events, the head, the unsealed ones, and every broken place."""

    events: int
    """How many are sealed and there."""
    head: str
    faults: tuple[str, ...]
    unsealed: int = 0
    """How many wait for their seal: nothing yet shows a change of theirs."""
    late: int = 0
    """How many of these have waited longer than a minute."""
    broken: int = 0
    """How many numbers of the chain are not there, or not as they were sealed."""
    gaps: int = 0
    """How many ids were given out and are not there: of transactions rolled back or under way, skipped by a crash, or
    deleted before they were sealed; nobody can tell which."""


def verify(anchors: Path | None = None, *, patience: float = 0) -> Verification:
    """Recompute the whole chain and compare it with the anchors outside the database.

    Anchors that are missing, empty or misshapen are faults too, as soon as the chain has an event.

    `patience`: seconds to wait for unsealed events that are older than a minute before they count as late, because a
    long transaction shows its events only when it ends. Nothing is sealed or changed.
    """
    if patience and any(timezone.now() - at > YOUNG for at in _unsealed().values()):
        time.sleep(patience)
    read = read_anchors(anchors) if anchors else ReadAnchors((), ())
    known = {a.number: a.hash for a in read.anchors}
    waiting = _unsealed()
    began = timezone.now()
    faults: list[str] = []
    broken: set[int] = set()
    previous, expected, events = START, 1, 0
    for event in Event.objects.filter(number__isnull=False).order_by("number").iterator(chunk_size=5000):
        assert event.number is not None
        waiting.pop(event.pk, None)  # sealed since the look above
        events += 1
        if event.number != expected:
            faults.append(f"第 {_span(expected, event.number - 1)} 条缺失（下一条是 {event.number}）")
            broken.update(range(expected, event.number))
        if event.previous != previous:
            faults.append(f"第 {event.number} 条不接前一条")
            broken.add(event.number)
        if not _as_sealed(event):
            faults.append(f"第 {event.number} 条内容被改动")
            broken.add(event.number)
        if known.pop(event.number, event.hash) != event.hash:
            faults.append(f"第 {event.number} 条与库外锚点不符")
            broken.add(event.number)
        previous, expected = event.hash or "", event.number + 1
    if events or known:  # before the first event there is nothing to anchor
        faults[:0] = [*read.faults, *_begun_anew(read)]
    faults.extend(f"库外锚点第 {number} 条在库里没有（末尾被截掉）" for number in sorted(known))
    broken.update(range(expected, max(known, default=0) + 1))
    late = sum(began - at > YOUNG for at in waiting.values())
    if late:
        faults.append(f"{late} 条写入超过一分钟还没有封存：没有后台任务在封存；启动站点（serve 或 worker）会补封")
    return Verification(events, previous, tuple(faults), len(waiting), late, len(broken), _gaps())


def _begun_anew(read: ReadAnchors) -> list[str]:
    """A file that begins long after the chain: what it said before is gone."""
    first = Event.objects.filter(number=1).first()
    if first is None or not read.anchors or read.anchors[0].at - (first.sealed_at or first.at) <= BEGINS:
        return []
    return [f"锚点文件从第 {read.anchors[0].number} 条才开始：以前的锚点不在了；与拷到别处的那一份比对"]


def _as_sealed(event: Event) -> bool:
    """Whether the row is what its hash says; before decision 0010 a row's id was its number."""
    content = {name: getattr(event, name) for name in CONTENT}
    # A sealed row has all three, says the table's check.
    sealed: dict[str, Any] = {n: getattr(event, n) for n in ("number", "previous", "sealed_at")}
    made = row_hash(**content, **sealed)
    return made == event.hash and (event.sealed_at is not None or event.pk == event.number)


def _unsealed() -> dict[int, datetime]:
    return dict(Event.objects.filter(number__isnull=True).values_list("id", "at"))


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _gaps() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('audit_event', 'id')), 0) - count(*) FROM "
            "audit_event"
        )
        return max(0, int(cursor.fetchone()[0]))
