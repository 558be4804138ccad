"""What the records of a child measured: for growth curves, eyes, fitness, and for checks between visits.

Kinds of records say which of their fields hold which measure (`measures`), so that no form's field is named here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from qingmiao.forms.recorded import EarlierEvent, MeasuredBefore
from qingmiao.site.apps.records import exposure, kinds, once, versions
from qingmiao.site.apps.records.event_models import RecordVersion
from qingmiao.site.apps.records.models import Child


@dataclass(frozen=True)
class MeasuredRecord:
    """A record with its kind, its number and what it measured."""

    record: int
    kind: str
    said: EarlierEvent


def holding(reading: Collection[str], wanted: Collection[str]) -> tuple[str, ...]:
    """The kinds of records of children, of those that are read, that measure one of the words."""
    found = (k for k in kinds.kinds().values() if k.id in reading and k.subject == "child")
    return tuple(k.id for k in found if set(wanted) & set(k.measures))


def series(
    child: Child, among: Iterable[str] | None = None, *, but: int = 0, last: int = 0
) -> tuple[MeasuredRecord, ...]:
    """What every record of a child measured, the earliest first; `among`: of these kinds; `but`: not of that one;
    `last`: only so many, the newest."""
    wanted = holding_any() & set(among) if among is not None else holding_any()
    if once.inside():
        every = once.read(("measures", child.pk), lambda: _read(child, holding_any()))
    else:
        every = _read(child, wanted)
    found = tuple(one for one in every if one.kind in wanted and one.record != (but or None))
    return found[-last:] if last else found


def holding_any() -> set[str]:
    """The kinds of records that measure something."""
    return {id_ for id_, k in kinds.kinds().items() if k.measures}


def _read(child: Child, wanted: Collection[str]) -> tuple[MeasuredRecord, ...]:
    rows = versions.standing(exposure.family(child), once.known()).filter(record__kind__in=wanted)
    return tuple(_measured(version) for version in rows.order_by("on_date", "record_id"))


def _measured(version: RecordVersion) -> MeasuredRecord:
    kind = kinds.kinds()[version.record.kind]
    words = MeasuredBefore(kind, versions.ready(version.form), version.answers, version.filled_date)
    return MeasuredRecord(version.record_id, kind.id, EarlierEvent(version.on_date, words))


def earlier(child: Child, *, but: int = 0) -> tuple[EarlierEvent, ...]:
    """The same as later records see them."""
    return tuple(one.said for one in series(child, but=but))


def birth(child: Child) -> EarlierEvent | None:
    """What the record of the birth measured; None where there is none."""
    of_birth = [id_ for id_, k in kinds.kinds().items() if k.means == "birth"]
    found = series(child, of_birth) if of_birth else ()
    return found[-1].said if found else None
