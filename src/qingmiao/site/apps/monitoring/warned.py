"""Warnings with their history as others see them: what holds now, what is gone, since which run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from qingmiao.assess.warnings import said_on
from qingmiao.content.policy import WarningKind
from qingmiao.site.apps.monitoring.models import WarningRecord
from qingmiao.site.changes import Memory

OF_DATA = frozenset(kind.value for kind in WarningKind if kind.of_data)


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
    told: str
    """Where, when and what, in plain words, as of today."""
    reason: str
    data_used: str
    what_would_change: str
    first_at: datetime
    first_reason: str
    """Why the run was made in which it was first seen."""
    gone_at: datetime | None

    @property
    def of_returns(self) -> bool:
        """It is about a return, not about figures."""
        return WarningKind(self.kind).of_returns


@dataclass(frozen=True)
class Counted:
    """How many warnings hold now: those of the figures, and those of the data and returns, which reports count apart,
    too.

    `stamp` changes with every change of them and with the day: pages that are kept carry it in their key.
    """

    warnings: int
    of_data: int
    stamp: tuple[object, ...]

    @property
    def every(self) -> int:
        """All of them."""
        return self.warnings + self.of_data


_counted: Memory[Counted] = Memory(1)


def counted() -> Counted:
    """How many warnings hold today."""
    return _counted.get(timezone.localdate(), _count)


def _count() -> Counted:
    held, data = Q(gone_at=None), Q(kind__in=OF_DATA)
    row = WarningRecord.objects.aggregate(
        of_data=Count("pk", filter=held & data),
        other=Count("pk", filter=held & ~data),
        last=Max("pk"),
        run=Max("last_run"),
        gone=Max("gone_at"),
    )
    stamp = (timezone.localdate(), *row.values())
    return Counted(row["other"], row["of_data"], stamp)


def _as_seen(row: WarningRecord) -> KeptWarning:
    return KeptWarning(
        row.pk, row.key, row.kind, row.severity, row.target, row.indicator, row.area, tuple(row.areas), row.year,
        row.lead, said_on(row.told or row.reason, row.due_date, timezone.localdate()), row.reason, row.data_used,
        row.what_would_change, row.first_at, row.first_run.reason, row.gone_at,
    )  # fmt: skip


def _rows(*, gone: bool, kind: str = "", severity: str = "", lead: str = "") -> QuerySet[WarningRecord]:
    asked = {"kind": kind, "severity": severity, "lead": lead}
    return WarningRecord.objects.filter(
        gone_at__isnull=not gone, **{name: value for name, value in asked.items() if value}
    )


def warnings(
    *, gone: bool = False, kind: str = "", severity: str = "", lead: str = "", most: int | None = None
) -> tuple[KeptWarning, ...]:
    """The warnings that hold now in the order of their numbers, or those that are gone, the last first; at most `most`.

    `kind`, `severity`, `lead`: only those; the empty text asks for all.
    """
    found = _rows(gone=gone, kind=kind, severity=severity, lead=lead).select_related("first_run")
    return tuple(_as_seen(row) for row in found.order_by(*(("-gone_at", "pk") if gone else ("pk",)))[:most])


@dataclass(frozen=True)
class LedWarnings:
    """The warnings that hold of what some units lead: how many, how many of them began lately, the latest of them."""

    held: int
    fresh: int
    rows: tuple[KeptWarning, ...]


def led_by(units: Iterable[str], *, since: datetime, most: int) -> LedWarnings:
    """What holds now of the figures that these units lead; `fresh`: begun since then; `most` rows, the newest first."""
    found = _rows(gone=False).filter(lead__in=list(units))
    counted = found.aggregate(held=Count("pk"), fresh=Count("pk", filter=Q(first_at__gte=since)))
    rows = found.select_related("first_run").order_by("-first_at", "pk")[:most]
    return LedWarnings(counted["held"], counted["fresh"], tuple(_as_seen(row) for row in rows))


def warning(number: int) -> KeptWarning | None:
    """One warning, also a gone one; None where there is none of this number."""
    return next(iter(warnings_of([number])), None)


def warnings_of(numbers: Iterable[int]) -> tuple[KeptWarning, ...]:
    """The warnings of these numbers that there are, also gone ones."""
    found = WarningRecord.objects.filter(pk__in=list(numbers)).select_related("first_run").order_by("pk")
    return tuple(_as_seen(row) for row in found)
