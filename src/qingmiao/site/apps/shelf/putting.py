"""Putting an edition on the shelf: once, whole, after two people, checked against everything that lies there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from qingmiao.disclosure import Released
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.shelf.models import PublicEdition, PublicItem

LOCK = 7_301_021
NUMBERS = "numbers"
"""The kind of items that hold what was published as tables, for comparing later releases."""

SERVICES, NEWS, YEARBOOK = "services", "news", "yearbook"
"""The kinds of items that hold a register's services, what was done for children, the yearbook's files."""


class ShelfError(UserError):
    """What was to be released cannot lie beside what lies there."""


@dataclass(frozen=True)
class ShelvedItem:
    """One document to put: its kind, key and content (JSON)."""

    kind: str
    key: str
    content: Mapping[str, Any]


def newest() -> int:
    """The number of the newest edition on the shelf; 0 before the first."""
    return PublicEdition.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def put(
    actor: audit.Actor,
    *,
    source: str,
    people: tuple[int, int],
    seen: int,
    year: int,
    title: Mapping[str, str],
    at: datetime,
    is_demo: bool,
    items: Sequence[ShelvedItem],
) -> PublicEdition:
    """Put an edition on the shelf, in the caller's transaction.

    `people`: who handed it in and who approved it; `seen`: the newest edition with which its tables were compared.
    Raises `ShelfError` where both are one person, or where another edition has been released meanwhile.
    """
    if people[0] == people[1]:
        raise ShelfError("公开发布要两个人：送审的人不能批准")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if newest() != seen:
        raise ShelfError("送审以后又公开发布了别的版次；请退回、重新送审，公开的表要和它核对")
    made = PublicEdition.objects.create(source=source, year=year, title=dict(title), released_at=at, is_demo=is_demo)
    PublicItem.objects.bulk_create(PublicItem(edition=made, kind=i.kind, key=i.key, content=i.content) for i in items)
    detail = {"source": source, "year": year, "items": len(items), "people": list(people)}
    audit.append(actor, "shelf.put", object_type="public_edition", object_id=made.pk, detail=detail)
    return made


def tables_before() -> dict[str, list[Released]]:
    """Everything that was published as tables, by whom it is about: what a new release is compared with."""
    found: dict[str, list[Released]] = {}
    rows = PublicItem.objects.filter(kind=NUMBERS).order_by("pk").values_list("edition_id", "key", "content")
    for edition, key, content in rows.iterator():
        for one in content["tables"]:
            shown = {tuple(place): value for place, value in one["cells"]}
            name = f"{key}（第 {edition} 次公开）"
            found.setdefault(one["about"], []).append(Released(name, one["about"], tuple(one["by"]), shown))
    return found
