"""A child's file as it was known at the end of an earlier day: what was corrected, withdrawn, made or merged later does
not count. Homes, classes and relatives are those of that day by their own dates.

Who sees it, and which kinds of records, is decided as of now.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from django.db.models import Q
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import (
    exposure,
    eyes,
    filing,
    fitness,
    growth,
    kinds,
    listing,
    looking,
    once,
    recording,
    showing,
    versions,
    words,
)
from qingmiao.site.apps.records.eyes import EyeRow
from qingmiao.site.apps.records.fitness import FitnessYear
from qingmiao.site.apps.records.models import Child, ChildVersion, Relation, SchoolAttendance, Stay

Span = TypeVar("Span", showing.StayShown, showing.ClassShown)
MERGE = "records.child.merge"


@dataclass(frozen=True)
class KnownRecord:
    """A record as it stood. `version`: which of its versions; `later`: what became of it since, "" for nothing."""

    row: showing.RecordRow
    version: int
    later: Label | None


@dataclass(frozen=True)
class KnownFile:
    """A file as it was known at the end of `day`."""

    id: int
    day: date
    row: listing.ChildRow
    certainty: Label
    former_names: tuple[str, ...]
    left: tuple[date | None, str]
    stays: tuple[showing.StayShown, ...]
    attendances: tuple[showing.ClassShown, ...]
    relatives: tuple[showing.RelativeShown, ...]
    records: tuple[KnownRecord, ...]
    hidden: bool
    curves: tuple[str, ...]
    eyes: EyeRow | None
    fitness: FitnessYear | None


def known_on(reach: Reach, number: int, day: date) -> KnownFile:
    """A child's file at the end of a day; the sight is written down. Raises AbsentError for who does not see it now,
    UserError for a day that is not over or before the file was made."""
    of = exposure.sights(reach)
    child = exposure.get(of, number)
    if day >= timezone.localdate():
        raise UserError(f"{day.isoformat()} 还没有过完，请选择今天以前的日期；现在的内容在“档案”里")
    moment = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    was = _then(child, day, moment)
    with once.reading(known=moment):
        once.read(("family", child.pk), lambda: _family(child, moment))
        found = _file(of, child, was, day, of.reading(child.survivor))
    looking.seen(reach, child, of.purposes(child.survivor), also=f"{day.isoformat()} 当时的档案")
    return found


def _then(child: Child, day: date, moment: datetime) -> Child:
    """The child as its file said who it is and where it lived and went to school."""
    said = ChildVersion.objects.filter(child=child, at__lt=moment).order_by("-number").first()
    if said is None:
        first = timezone.localdate(child.made_at).isoformat()
        raise UserError(f"{day.isoformat()} 还没有这份档案；它是 {first} 建的，请选择这一天或以后的日期")
    was = copy(child)
    for column in filing.COPIED:
        setattr(was, column, getattr(said, column))
    home = Stay.objects.filter(_on(day), child=child, kind="residence").order_by("-from_date", "-pk").first()
    its = SchoolAttendance.objects.filter(_on(day), child=child).select_related("school_unit").first()
    was.area, was.village = (home.area, home.village) if home is not None else (child.area, "")
    was.school_unit, was.school_class = (its.school_unit, its.school_class) if its is not None else (None, "")
    if child.left_date is None or child.left_date > day:
        was.state, was.left_date, was.left_to = "here", None, ""
    return was


def _on(day: date) -> Q:
    return Q(from_date__lte=day) & (Q(to_date=None) | Q(to_date__gt=day))


def _family(child: Child, moment: datetime) -> tuple[int, ...]:
    """The file with those that had been merged into it by then."""
    found = [child.pk]
    for number in exposure.family(child)[1:]:
        last = audit.of_object(looking.CHILD, number, actions=(MERGE,), limit=1)
        if not last or last[0].at < moment:
            found.append(number)
    return tuple(found)


def _file(of: exposure.Sights, child: Child, was: Child, day: date, reading: frozenset[str]) -> KnownFile:
    begun = Q(from_date__lte=day)
    return KnownFile(
        child.pk, day, listing.row(was, day), words.CERTAINTY[was.birth_certainty], tuple(was.former_names),
        (was.left_date, was.left_to),
        tuple(_open(s, day) for s in showing.stays(Stay.objects.filter(begun, child=child))),
        tuple(_open(a, day) for a in showing.classes(SchoolAttendance.objects.filter(begun, child=child))),
        showing.relatives(of, child, Relation.objects.filter(_on(day)), numbers=False), _records(child, was, reading),
        len(reading) < len(kinds.kinds()), growth.first_curves(was, reading),
        next(iter(eyes.eye_rows(was, reading, last=1)), None),
        next(iter(fitness.fitness_years(was, reading, last=1)), None),
    )  # fmt: skip


def _open(span: Span, day: date) -> Span:
    """What ended after a day had no end on it."""
    return replace(span, to_date=None) if span.to_date is not None and span.to_date > day else span


def _records(child: Child, was: Child, reading: frozenset[str]) -> tuple[KnownRecord, ...]:
    rows = versions.standing(exposure.family(child), once.known()).filter(record__kind__in=reading)
    state, found = recording.every_flow()[0].state, []
    for one in rows.select_related("record__unit", "by").order_by("-on_date", "-record_id"):
        record, kind = one.record, kinds.kinds().get(one.record.kind)
        row = showing.RecordRow(
            record.pk, record.kind, kind.label if kind is not None else Label(zh=record.kind), one.on_date,
            listing.age_text(was.birth_date, one.on_date), record.unit.label, one.by.name,
            state("corrected" if one.number > 1 else "recorded"), record.child_id or 0,
        )  # fmt: skip
        later = None
        if record.state == "withdrawn":
            later = Label(zh="后来撤销", en="withdrawn since")
        elif record.version > one.number:
            later = Label(zh="后来更正", en="corrected since")
        found.append(KnownRecord(row, one.number, later))
    return tuple(found)
