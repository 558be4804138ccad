"""Slips that send children on to where a finding is looked into, by school and class, to be printed and handed out.

A slip is made for every open follow-up that somebody else than the recorder does, of a kind that the person reads; it
holds the child, what was found and measured, and lines for the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.records import RECORDER, RecordKind
from qingmiao.forms import ReadyForm
from qingmiao.forms.answers import shown as told
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, kinds, listing, looking, versions, worklists
from qingmiao.site.apps.records.event_models import RecordFollowUp, RecordVersion

MOST = 500
"""So many slips are printed at once."""


@dataclass(frozen=True)
class Slip:
    """One slip. `found`: what was measured, in the form's words."""

    child: listing.ChildRow
    what: Label
    by: Label
    """Who looks into it."""
    record: str
    """The kind of record in which it was found."""
    on: date
    unit: str
    found: tuple[tuple[str, str], ...]
    until: date | None


@dataclass(frozen=True)
class SlipClass:
    """The slips of a class, and how many findings of it have been followed up within a year."""

    school: str
    school_class: str
    slips: tuple[Slip, ...]
    followed: int


@dataclass(frozen=True)
class SlipPage:
    """The classes in their order; `more`: there are more than are printed at once."""

    classes: tuple[SlipClass, ...]
    more: bool
    today: date


def slip_page(
    reach: Reach, *, area: str = "", village: str = "", school_class: str = "", age: str = ""
) -> SlipPage:  # fmt: skip
    """The slips of the open findings of the children that this person sees; the sight is written down."""
    of, day = exposure.sights(reach), timezone.localdate()
    every = worklists.findings(
        of, worklists.narrowed(day, area=area, village=village, school_class=school_class, age=age)
    )
    sent = sent_on()
    beside = ("record__child__unit", "record__child__school_unit", "record__unit")
    rows = every.filter(closed_by=None).select_related(*beside).order_by(
        "record__child__school_unit__path", "record__child__school_class", "record__child__name_key", "pk"
    )  # fmt: skip
    opened = [one for one in rows[: 4 * MOST] if (one.record.kind, one.name) in sent]
    followed: dict[tuple[str, str], int] = {}
    closed = every.filter(closed_by__isnull=False, record__on_date__gte=day - worklists.YEAR)
    for school, its in closed.values_list("record__child__school_unit", "record__child__school_class"):
        followed[school or "", its] = followed.get((school or "", its), 0) + 1
    groups: dict[tuple[str, str], list[Slip]] = {}
    labels: dict[str, str] = {}
    for one in opened[:MOST]:
        child = one.record.child
        assert child is not None
        school = child.school_unit_id or ""
        labels[school] = child.school_unit.label if child.school_unit is not None else ""
        groups.setdefault((school, child.school_class), []).append(_slip(one, day))
    looking.seen_rows(reach, looking.LIST, {"list": "slips", "school_class": school_class, "rows": len(opened[:MOST])})
    classes = (
        SlipClass(labels[school], its, tuple(slips), followed.get((school, its), 0))
        for (school, its), slips in groups.items()
    )
    return SlipPage(tuple(classes), len(opened) > MOST, day)


def sent_on() -> frozenset[tuple[str, str]]:
    """(kind of record, follow-up) of what somebody else than the recorder follows up: of these there are slips."""
    return frozenset((k.id, r.id) for k in kinds.kinds().values() for r in k.follow_up if r.by != RECORDER)


def _slip(one: RecordFollowUp, day: date) -> Slip:
    kind, child = kinds.kinds()[one.record.kind], one.record.child
    rule = next(r for r in kind.follow_up if r.id == one.name)
    assert child is not None
    version = versions.newest(one.record)
    by = kinds.role_label(rule.by)
    return Slip(
        listing.row(child, day), rule.label, by, kind.label.zh, one.record.on_date, one.record.unit.label,
        _measured(kind, version), one.due_date,
    )  # fmt: skip


def _measured(kind: RecordKind, version: RecordVersion) -> tuple[tuple[str, str], ...]:
    """What the record measured and worked out, as its form says it."""
    ready: ReadyForm = versions.ready(version.form)
    wanted: set[Any] = set(kind.measures.values())
    fields = [f for f in ready.every() if f.id in wanted or f.field.compute is not None]
    labels = {f.field.label.zh for f in fields if f.field.label is not None}
    return tuple((label, said) for label, said in told(ready, versions.filled(version)) if said and label in labels)
