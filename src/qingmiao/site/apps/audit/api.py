"""The audit's door: append in the caller's transaction; seal, verify, anchor the head outside the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from qingmiao.site.apps.audit import stages as stages
from qingmiao.site.apps.audit.anchors import ANCHORS as ANCHORS
from qingmiao.site.apps.audit.anchors import anchor as anchor
from qingmiao.site.apps.audit.anchors import read_anchors as read_anchors
from qingmiao.site.apps.audit.appending import ANONYMOUS as ANONYMOUS
from qingmiao.site.apps.audit.appending import SYSTEM as SYSTEM
from qingmiao.site.apps.audit.appending import Actor as Actor
from qingmiao.site.apps.audit.appending import NamedActor as NamedActor
from qingmiao.site.apps.audit.appending import append as append
from qingmiao.site.apps.audit.appending import event_of
from qingmiao.site.apps.audit.counting import by_actor as by_actor
from qingmiao.site.apps.audit.counting import by_listed as by_listed
from qingmiao.site.apps.audit.counting import rows_told as rows_told
from qingmiao.site.apps.audit.doors import current as current
from qingmiao.site.apps.audit.doors import through as through
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.audit.sealing import EVERY as EVERY
from qingmiao.site.apps.audit.sealing import Sealer as Sealer
from qingmiao.site.apps.audit.sealing import lag as lag
from qingmiao.site.apps.audit.sealing import seal as seal
from qingmiao.site.apps.audit.sealing import unsealed as unsealed
from qingmiao.site.apps.audit.verifying import YOUNG as YOUNG
from qingmiao.site.apps.audit.verifying import Verification as Verification
from qingmiao.site.apps.audit.verifying import verify as verify


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
    with through("seen"):
        append(actor, action, object_type=object_type, object_id=object_id, detail=detail)


@transaction.atomic
def seen_each(
    actor: Actor, action: str, *, object_type: str, object_ids: Sequence[int], detail: Mapping[str, Any] | None = None
) -> None:
    """Append the sight of many objects at once, an event for each."""
    with through("seen"):
        Event.objects.bulk_create(
            (event_of(actor, action, object_type, one, detail) for one in object_ids), batch_size=2000
        )


@dataclass(frozen=True)
class EventShown:
    """One event as pages and other apps read it. `number` and `hash` are None as long as it is not sealed."""

    id: int
    at: datetime
    actor: str
    unit: str
    action: str
    object_type: str
    object_id: str
    detail: Mapping[str, Any]
    number: int | None
    hash: str | None


def of_object(
    object_type: str, object_id: str | int, *, actions: Collection[str] = (), limit: int = 100
) -> list[EventShown]:  # fmt: skip
    """The latest events of one object, newest first; also those that are not sealed yet. `actions`: only of these."""
    rows = Event.objects.filter(object_type=object_type, object_id=str(object_id))
    return _shown(rows.filter(action__in=list(actions)) if actions else rows, limit)


def trail(
    *,
    actors: Collection[str] | None = None,
    action: str = "",
    object_id: str = "",
    since: date | None = None,
    until: date | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[EventShown]:
    """The latest events of all, newest first; before an id.

    `actors`: by one of these user names; `action`: one that begins so; `object_id`: of that object; `since`, `until`:
    from one day to another, both included, by the calendar of China.
    """
    asked = {"action__startswith": action, "object_id": object_id, "at__date__gte": since, "at__date__lte": until}
    rows = Event.objects.filter(**{name: value for name, value in asked.items() if value})
    if actors is not None:
        rows = rows.filter(actor__in=list(actors))
    return _shown(rows if before is None else rows.filter(id__lt=before), limit)


def distinct_objects(actor: str, action: str, since: datetime, *, latest: int = 5000) -> int:
    """Of how many objects somebody has events of an action since a moment, among the actor's latest events."""
    rows = Event.objects.filter(actor=actor).order_by("-id").values("id")[:latest]
    found = Event.objects.filter(id__in=rows, action=action, at__gte=since)
    return found.values("object_id").distinct().count()


def rows_shown(actor: str, actions: Collection[str], since: datetime, *, latest: int = 5000) -> int:
    """How many rows somebody was shown by events of some actions since a moment (`rows` of their detail), among the
    actor's latest events."""
    rows = Event.objects.filter(actor=actor).order_by("-id").values("id")[:latest]
    found = Event.objects.filter(id__in=rows, action__in=list(actions), at__gte=since, detail__has_key="rows")
    return sum(found.values_list("detail__rows", flat=True))


def _shown(rows: QuerySet[Event], limit: int) -> list[EventShown]:
    return [
        EventShown(e.id, e.at, e.actor, e.unit, e.action, e.object_type, e.object_id, e.detail, e.number, e.hash)
        for e in rows.order_by("-id")[:limit]
    ]
