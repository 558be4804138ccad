"""Warnings with their history as others see them: what holds now, what is gone, since which run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from qingmiao.site.apps.monitoring.models import Warning


@dataclass(frozen=True)
class KeptWarning:
    """A warning from when it was first seen until it is gone; `number` stays as long as its cause lasts."""

    number: int
    key: str
    """What it is about: kind, target, indicator, area."""
    kind: str
    severity: str
    target: str
    indicator: str
    area: str
    areas: tuple[str, ...]
    year: int | None
    lead: str
    reason: str
    data_used: str
    what_would_change: str
    first_at: datetime
    first_reason: str
    """Why the run was made in which it was first seen."""
    gone_at: datetime | None


def _as_seen(row: Warning) -> KeptWarning:
    return KeptWarning(
        row.pk, row.key, row.kind, row.severity, row.target, row.indicator, row.area, tuple(row.areas), row.year,
        row.lead, row.reason, row.data_used, row.what_would_change, row.first_at, row.first_run.reason, row.gone_at,
    )  # fmt: skip


def _rows(*, gone: bool, kind: str = "", severity: str = "", lead: str = "") -> QuerySet[Warning]:
    asked = {"kind": kind, "severity": severity, "lead": lead}
    return Warning.objects.filter(gone_at__isnull=not gone, **{name: value for name, value in asked.items() if value})


def warnings(
    *, gone: bool = False, kind: str = "", severity: str = "", lead: str = "", most: int | None = None
) -> tuple[KeptWarning, ...]:
    """The warnings that hold now in the order of their numbers, or those that are gone, the last first; at most `most`.

    `kind`, `severity`, `lead`: only those; the empty text asks for all.
    """
    found = _rows(gone=gone, kind=kind, severity=severity, lead=lead).select_related("first_run")
    return tuple(_as_seen(row) for row in found.order_by(*(("-gone_at", "pk") if gone else ("pk",)))[:most])


def warning_count() -> int:
    """How many warnings hold now."""
    return _rows(gone=False).count()


def kinds_and_leads(*, gone: bool = False) -> tuple[tuple[str, str], ...]:
    """The kinds and leading units among the warnings that hold now (or that are gone), each pair once."""
    return tuple(_rows(gone=gone).order_by("kind", "lead").values_list("kind", "lead").distinct())


def warning(number: int) -> KeptWarning | None:
    """One warning, also a gone one; None where there is none of this number."""
    return next(iter(warnings_of([number])), None)


def warnings_of(numbers: Iterable[int]) -> tuple[KeptWarning, ...]:
    """The warnings of these numbers that there are, also gone ones."""
    found = Warning.objects.filter(pk__in=list(numbers)).select_related("first_run").order_by("pk")
    return tuple(_as_seen(row) for row in found)
