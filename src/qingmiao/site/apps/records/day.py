"""A class's or clinic's day as a sheet: a line a child, a column a field of one form; each line is saved by itself, as
one record through the same door as a single form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.records import RecordKind
from qingmiao.content.schedules import Schedule
from qingmiao.forms import Filled, ReadyField, ReadyForm
from qingmiao.forms.kinds import KINDS, FileField, PlaceField
from qingmiao.forms.recorded import offered, with_given
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import (
    childhood,
    due_counting,
    entering,
    exposure,
    kinds,
    list_before,
    listing,
    looking,
    person,
    versions,
    worklists,
)
from qingmiao.site.apps.records.event_models import HealthRecord, OpenDue
from qingmiao.site.apps.records.models import Child

SIZE = 60
"""Lines of one page: a class."""


@dataclass(frozen=True)
class DayRow:
    """A child's line. `answers`: what the line begins with; `seen`: the newest record of the kind that was there when
    the page was made; `done`: (record, answers in words) of today's, None where there is none."""

    child: listing.ChildRow
    answers: Mapping[str, Any]
    seen: int
    done: tuple[int, tuple[tuple[str, str], ...]] | None = None


@dataclass(frozen=True)
class DaySheet:
    """The sheet of one kind of record. `following`: where the next page begins; "" on the last."""

    kind: str
    label: Label
    ready: ReadyForm
    columns: tuple[ReadyField, ...]
    given: frozenset[str]
    rows: tuple[DayRow, ...]
    following: str


@dataclass(frozen=True)
class RowSaved:
    """What a line came to: the number of its record (0: nothing is stored), the judged answers, or a record of the
    kind that somebody else made meanwhile."""

    record: int
    filled: Filled | None = None
    meanwhile: MadeMeanwhile | None = None


@dataclass(frozen=True)
class MadeMeanwhile:
    """A record that was made since the page was. `said`: (field, words of the field, answer in words)."""

    record: int
    by: str
    unit: str
    said: tuple[tuple[str, str, str], ...]


def day_kinds(reach: Reach) -> tuple[tuple[str, Label], ...]:
    """The kinds of records of children that this person adds to files and whose form fits in a line."""
    of = exposure.maybe(reach)
    mine = frozenset[str]().union(*(writing for _, writing in of.writings())) if of.any else frozenset[str]()
    every = [k for k in kinds.kinds().values() if k.id in mine and k.subject == "child"]
    return tuple((k.id, k.label) for k in every if fits(versions.present(k.form)))


def fits(ready: ReadyForm) -> bool:
    """Whether a form is filled in on one line: no rows within a row, no files, no positions."""
    plain = (f for f in ready.every() if f.field.required is not False)
    return not any(f.field.repeat for f in ready.every()) and not any(_wide(f) for f in plain)


def columns_of(ready: ReadyForm) -> tuple[ReadyField, ...]:
    """The fields of a line, in order: without what the house fills in, and what is only to be read."""
    flat = (f for f in ready.every() if f.type not in ("group", "note") and f.field.given is None)
    return tuple(f for f in flat if not _wide(f))


def _wide(one: ReadyField) -> bool:
    return isinstance(KINDS[one.type], FileField | PlaceField)


def day_sheet(
    reach: Reach, kind: str, *, area: str = "", village: str = "", school_class: str = "", age: str = "",
    due: bool = False, after: int = 0,
) -> DaySheet:  # fmt: skip
    """The lines of the children of a place, a class or an age for whom the person records the kind; `due`: only those
    of whom it is due or overdue. AbsentError for who records it of nobody."""
    of, today = exposure.sights(reach), timezone.localdate()
    if kind not in {k for k, _ in day_kinds(reach)}:
        raise AbsentError("没有这种健康记录")
    here = kinds.kinds()[kind]
    where = Q(pk__in=[])
    for condition, writing in of.writings():
        where |= condition if kind in writing else Q(pk__in=[])
    place = worklists.narrowed(today, area=area, village=village, school_class=school_class, age=age)
    found = Child.objects.filter(where, childhood.minors(today), state="here", merged_into=None, **place)
    if due:
        found = found.filter(pk__in=_due(kind))
    page = list(found.filter(pk__gt=after).select_related("unit", "school_unit").order_by("pk")[: SIZE + 1])
    chosen = page[:SIZE]
    told = {"kind": kind, "area": area, "village": village, "school_class": school_class, "age": age}
    looking.seen_rows(reach, looking.LIST, {k: v for k, v in told.items() if v} | {"rows": len(chosen)})
    ready, births = versions.present(here.form), list_before.births([c.pk for c in chosen])
    newest = dict(
        HealthRecord.objects.filter(kind=kind, child__in=chosen).exclude(state="withdrawn")
        .values_list("child").annotate(newest=Max("pk"))
    )  # fmt: skip
    done, begun, rows = _done(reach, here, chosen), entering.begun(reach, here, ""), []
    for child in sorted(chosen, key=lambda c: (c.school_class, c.pinyin, c.pk)):
        known = person.known(child, births.get(child.pk))
        if offered(here, known, today):
            answers = with_given(ready, begun, known)
            line = listing.row(child, today)
            rows.append(DayRow(line, answers, newest.get(child.pk, 0), done.get(child.pk)))
    given = frozenset(f.id for f in ready.every() if f.field.given is not None)
    following = str(chosen[-1].pk) if len(page) > SIZE else ""
    return DaySheet(kind, here.label, ready, columns_of(ready), given, tuple(rows), following)


def _due(kind: str) -> Any:
    """The children of whom the kind is due or overdue."""
    wanted = Q(pk__in=[])
    for schedule in due_counting.schedules():
        wanted |= _of_schedule(schedule, kind)
    return OpenDue.objects.filter(wanted).values("child")


def _of_schedule(schedule: Schedule, kind: str) -> Q:
    if schedule.norm is not None:
        return Q(schedule=schedule.id) if kind in schedule.kinds else Q(pk__in=[])
    return Q(schedule=schedule.id, item__in=[i.id for i in schedule.items if kind in i.kinds])


def _done(
    reach: Reach, kind: RecordKind, children: list[Child]
) -> dict[int, tuple[int, tuple[tuple[str, str], ...]]]:  # fmt: skip
    """Child → today's record of the kind, for who reads the kind."""
    rows = HealthRecord.objects.filter(kind=kind.id, child__in=children, on_date=timezone.localdate())
    found: dict[int, tuple[int, tuple[tuple[str, str], ...]]] = {}
    for record in rows.exclude(state="withdrawn").order_by("pk"):
        found[record.child_id or 0] = (record.pk, tuple((label, text) for _, label, text in _said(record)))
    return found


def save_row(
    reach: Reach, number: int, kind: str, *, operation: str, seen: int, answers: Mapping[str, Any],
    explanations: Mapping[str, str],
) -> RowSaved:  # fmt: skip
    """Make the record of a line, as `entering.write` does. Where somebody made one of the kind since the page was made
    (a newer one than `seen`), nothing is stored and that one is shown; a line that arrives twice is one record."""
    with transaction.atomic():
        child = Child.objects.select_for_update().filter(pk=number).first()
        if child is None or kind not in {k for k, _ in day_kinds(reach)}:
            raise AbsentError("没有这种健康记录")
        newer = HealthRecord.objects.filter(kind=kind, child=child, pk__gt=seen).exclude(state="withdrawn")
        newer = newer.exclude(operation=operation[:40]).select_related("by", "unit").order_by("-pk")
        there = newer.first()
        if there is not None:
            entering.entry(reach, number, kind)  # who may not record it here learns nothing
            return RowSaved(0, None, _meanwhile(there))
        made, filled = entering.write(
            reach, number, kind, operation=operation, answers=answers, explanations=explanations
        )
    return RowSaved(made, filled)


def _meanwhile(record: HealthRecord) -> MadeMeanwhile:
    return MadeMeanwhile(record.pk, record.by.name, record.unit.label, _said(record))


def _said(record: HealthRecord) -> tuple[tuple[str, str, str], ...]:
    """(field, its words, the answer in words) of what a line of the record would hold."""
    version = versions.newest(record)
    ready, filled = versions.ready(version.form), versions.filled(version)
    return tuple(
        (f.id, f.field.words, KINDS[f.type].show(f, filled.values[f.id]))
        for f in columns_of(ready)
        if f.id in filled.values
    )
