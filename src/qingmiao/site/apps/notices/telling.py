"""What is told, and to whom it is written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.notices.models import Notification


@dataclass(frozen=True)
class NoticeText:
    """What is told: its kind (the step that caused it), one sentence, where it leads, and what it is about."""

    kind: str
    subject: str
    address: str
    about: str


def tell(people: Iterable[Person], told: NoticeText, *, by: Person | None = None) -> int:
    """Tell each of these people (not whoever caused it), in the writer's transaction; how many are told anew today."""
    now, day = timezone.now(), timezone.localdate()
    rows = [
        Notification(
            to=person, kind=told.kind, subject=told.subject[:200], address=told.address, about=told.about, on_date=day,
            at=now, by=by,
        )
        for person in people
        if by is None or person.pk != by.pk
    ]  # fmt: skip
    wanted = Notification.objects.filter(kind=told.kind, about=told.about, on_date=day)
    before = wanted.count()
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return wanted.count() - before
