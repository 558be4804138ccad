"""Keyset pages: a page ends with a mark that says where the next begins, so that no page slows down with its number."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from django.db.models import DateTimeField, Model, Q, QuerySet

M = TypeVar("M", bound=Model)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def page_of(rows: QuerySet[M], by: str, *, after: str, size: int, newest_first: bool = False) -> tuple[list[M], str]:
    """At most `size` rows after a mark, ordered by a day or moment and the row's number, and the mark of the next page.

    `after` is empty for the first page, else what an earlier page gave; the mark is empty on the last page. A row
    that came, went or moved meanwhile shifts no other. Raises ValueError for a mark that no page has given.
    """
    sign, beyond = ("-", "lt") if newest_first else ("", "gt")
    found = rows.order_by(f"{sign}{by}", f"{sign}pk")
    if after:
        key, number = _read(after, isinstance(rows.model._meta.get_field(by), DateTimeField))
        further = Q(**{f"{by}__{beyond}": key}) | Q(**{by: key, f"pk__{beyond}": number})
        found = found.filter(further)
    listed = list(found[: size + 1])
    return listed[:size], _mark(listed[size - 1], by) if len(listed) > size else ""


def _mark(row: Model, by: str) -> str:
    """2024-03-18_7 for a day, 1710741600000000_7 (microseconds) for a moment."""
    key = getattr(row, by)
    return f"{(key - EPOCH) // MICROSECOND if isinstance(key, datetime) else key.isoformat()}_{row.pk}"


def _read(mark: str, moment: bool) -> tuple[date | datetime, int]:
    key, _, number = mark.partition("_")
    if not (mark.isascii() and number.isdigit() and len(number) <= 18):
        raise ValueError(mark)
    if not moment:
        return date.fromisoformat(key), int(number)
    if not (key.isdigit() and len(key) <= 17):
        raise ValueError(mark)
    return EPOCH + timedelta(microseconds=int(key)), int(number)
