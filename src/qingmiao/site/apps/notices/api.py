"""The door of notices: tell, read, count, and send outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from qingmiao.site.apps.directory.models import Assignment, Person, RoleKept
from qingmiao.site.apps.notices.gateway import send_waiting
from qingmiao.site.apps.notices.models import Notification
from qingmiao.site.apps.notices.resets import ask_reset
from qingmiao.site.apps.notices.telling import NoticeText, tell
from qingmiao.site.changes import Memory

__all__ = [
    "NoticeShown", "NoticeText", "ask_reset", "inbox", "mark_read", "of_unit", "send_waiting", "tell", "told_in",
    "unread",
]  # fmt: skip


_unread: Memory[int] = Memory(4000)
"""Of each person, by number."""


@dataclass(frozen=True)
class NoticeShown:
    """One notice as the inbox shows it."""

    number: int
    subject: str
    address: str
    at: datetime
    by: str
    read: bool


def of_unit(unit: str, roles: Iterable[str]) -> list[Person]:
    """The active people who hold one of the roles (or one that stands for it) at that very unit today."""
    day, wanted = timezone.localdate(), set(roles)
    kept = RoleKept.objects.filter(ended=False).values_list("id", "grants")
    names = [name for name, grants in kept if wanted & set(grants)]
    held = Assignment.objects.filter(organisation=unit, role__in=names, from_date__lte=day)
    held = held.filter(Q(to_date=None) | Q(to_date__gt=day))
    return list(Person.objects.filter(pk__in=held.values("person"), is_active=True).order_by("pk"))


def inbox(person: Person, *, before: int | None = None, limit: int = 50) -> list[NoticeShown]:
    """A person's own notices, the latest first; `before`: those older than that number."""
    rows = Notification.objects.filter(to=person).select_related("by").order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [
        NoticeShown(n.pk, n.subject, n.address, n.at, n.by.name if n.by else "", n.read_at is not None)
        for n in rows[:limit]
    ]


def unread(person: Person) -> int:
    """How many of a person's own notices are not read; remembered until notices change."""
    return _unread.get(person.pk, Notification.objects.filter(to=person, read_at=None).count)


def mark_read(person: Person, number: int | None = None) -> str:
    """Mark one of a person's own notices as read (or all of them); where that one leads, "" for all or none such."""
    rows = Notification.objects.filter(to=person)
    if number is not None:
        rows = rows.filter(pk=number)
    found = rows.first() if number is not None else None
    rows.filter(read_at=None).update(read_at=timezone.now())
    return found.address if found is not None else ""


def told_in(kind: str, first: date, last: date) -> int:
    """About how many things people were told by notices of a kind, each once a day, from one day to another."""
    rows = Notification.objects.filter(kind=kind, on_date__range=(first, last))
    return rows.values("about", "on_date").distinct().count()
