"""Work lists: what is overdue and due, and what was found and not followed up, of the children that a person sees.

Every line is of a kind of record that the person reads, and leads to the form if the person writes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.schedules import Schedule
from qingmiao.kernel.areas import stem
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import childhood, due_counting, exposure, kinds, listing, purposes
from qingmiao.site.apps.records.dueness import of_schedule, what
from qingmiao.site.apps.records.event_models import OpenDue, RecordFollowUp
from qingmiao.site.apps.records.models import Child

LISTS = ("overdue", "due", "found", "followed")
"""Overdue; due now; found and not yet followed up; found within a year and followed up."""
YEAR = timedelta(days=366)
COUNTED = 1000
"""So far a list is counted: more lines than anybody works off; to count a county's to the last takes longer than the
page."""


@dataclass(frozen=True)
class WorkRow:
    """One line. `last`: the last day, None where nothing sets one; `kind`: by which record it is done, "" for none that
    this person writes; `record`: the record in which it was found; `item`: of a dose "VACCINE-DOSE"; `mark`: where the
    list goes on after this line; `closing`: (record, day, unit) that followed up what was found."""

    id: int
    child: listing.ChildRow
    what: Label
    last: date | None
    days: int
    kind: str
    record: int
    item: str
    mark: str
    closing: tuple[int, date, str] | None = None

    @property
    def onward(self) -> str:
        """What the address of its form ends with, so that the next line can follow."""
        return f"after={self.mark}" + (f"&item={self.item}" if self.item else "")


@dataclass(frozen=True)
class WorkPage:
    """A list, its counts and how far it was counted."""

    rows: tuple[WorkRow, ...]
    counts: dict[str, int]
    """List → its lines; `COUNTED` + 1 for more than that."""
    following: str
    """Where the next page begins; "" on the last."""
    counted_on: date | None
    today: date
    about: tuple[tuple[str, Label], ...] = ()
    """The schedules of which the person is told what is due (id, words): by them the lists of what is due are
    narrowed."""

    @property
    def tallies(self) -> dict[str, str]:
        """The counts as a page says them: 1,000+ for more."""
        return {name: f"{COUNTED:,}+" if n > COUNTED else f"{n:,}" for name, n in self.counts.items()}


def work_page(
    reach: Reach, which: str, *, area: str = "", village: str = "", school_class: str = "", age: str = "",
    about: str = "", after: str = "", size: int = 50, otherwise: str = "",
) -> WorkPage:  # fmt: skip
    """One list of a person, the earliest last day first; `about`: of what is due only that of this schedule; `after`:
    where the page before ended.

    `otherwise`: the list that is shown where nothing stands on the first.
    """
    of, day = exposure.sights(reach), timezone.localdate()
    place = narrowed(day, area=area, village=village, school_class=school_class, age=age)
    told = {"list": which, "area": area, "age": age, "village": village, "school_class": school_class, "about": about}
    waiting, schedules = _open(of, place), _told_of(of)
    if about in {id_ for id_, _ in schedules}:
        waiting = waiting.filter(schedule=about)
    lists = {"overdue": waiting.filter(overdue=True), "due": waiting.filter(overdue=False)}
    every = findings(of, place)
    found = {
        "found": every.filter(closed_by=None),
        "followed": every.filter(closed_by__isnull=False, record__on_date__gte=day - YEAR),
    }  # fmt: skip
    counts = {name: rows[: COUNTED + 1].count() for name, rows in (*lists.items(), *found.items())}
    if otherwise and not counts.get(which):
        which = told["list"] = otherwise
    rows, following = (
        _found_rows(found[which], of, after, size, day)
        if which in found
        else _due_rows(lists.get(which, lists["overdue"]), of, after, size, day)
    )
    said = {k: v for k, v in told.items() if v} | {"rows": len(rows), "purposes": purposes.daily(reach)}
    audit.seen(reach.person, "records.list", object_type="children", detail=said)
    return WorkPage(rows, counts, following, due_counting.counted_on(), day, schedules)


def narrowed(day: date, *, area: str, village: str, school_class: str, age: str) -> dict[str, Any]:
    """The condition of the children of a place, a class and an age on a day; what is "" narrows nothing."""
    found: dict[str, Any] = {k: v for k, v in {"village": village, "school_class": school_class}.items() if v}
    if area in site_pack.pack().areas:
        found["area__startswith"] = stem(area)
    return found | (listing.aged(age, day) if age in listing.AGES else {})


def _children(where: Q, place: dict[str, Any]) -> QuerySet[Child, Any]:
    minors = childhood.minors(timezone.localdate())
    return Child.objects.filter(where, minors, state="here", merged_into=None, **place).values("pk")


def _open(of: exposure.Sights, place: dict[str, Any]) -> QuerySet[OpenDue]:
    """What is due of the children of each role, of the kinds that it reads or the schedules that it is told."""
    seen = Q(pk__in=[])
    for where, reading in of.readings():
        items = Q(pk__in=[])
        for schedule in due_counting.schedules():
            if schedule.norm is not None:
                items |= Q(schedule=schedule.id) if set(schedule.kinds) <= reading else Q(pk__in=[])
                continue
            readable = [i.id for i in schedule.items if reading & set(i.kinds)]
            items |= Q(schedule=schedule.id, item__in=readable) if readable else Q(pk__in=[])
        seen |= Q(child__in=_children(where, place)) & items
    for where, told in of.told_due():
        seen |= Q(child__in=_children(where, place), schedule__in=told)
    return OpenDue.objects.filter(seen)


def _told_of(of: exposure.Sights) -> tuple[tuple[str, Label], ...]:
    """The schedules of which a person is told what is due of any child, in their order."""
    read, told = of.kinds_read(), frozenset(s for h in of.held for s in h.rule.due)
    return tuple(
        (s.id, s.label)
        for s in due_counting.schedules()
        if s.id in told or (set(s.kinds) <= read if s.norm is not None else any(read & set(i.kinds) for i in s.items))
    )


def findings(of: exposure.Sights, place: dict[str, Any]) -> QuerySet[RecordFollowUp]:
    """What was found, of the kinds that each role reads, followed up or not."""
    seen = Q(pk__in=[])
    for where, reading in of.readings():
        seen |= Q(record__child__in=_children(where, place), record__kind__in=reading)
    return RecordFollowUp.objects.filter(seen).exclude(record__state="withdrawn")


def _cut(after: str) -> tuple[date, int] | None:
    day, _, number = after.partition(".")
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        return None


Writable = dict[int, set[str]]
"""Number of a child → the kinds of records that the person adds to its file."""


def _writable(of: exposure.Sights, children: Iterable[int]) -> Writable:
    """For the children of one page, in one query for each role."""
    found: Writable = {number: set() for number in children}
    for where, writing in of.writings():
        for number in Child.objects.filter(where, pk__in=list(found)).values_list("pk", flat=True):
            found[number] |= writing
    return found


def _kind(may: Writable, child: int, wanted: tuple[str, ...]) -> str:
    return next((k for k in wanted if k in may.get(child, ())), "")


def _due_rows(
    rows: QuerySet[OpenDue], of: exposure.Sights, after: str, size: int, day: date
) -> tuple[tuple[WorkRow, ...], str]:
    if cut := _cut(after):
        rows = rows.filter(Q(last_date__gt=cut[0]) | Q(last_date=cut[0], pk__gt=cut[1]))
    rows = rows.select_related("child", "child__unit", "child__school_unit").only(
        "schedule", "item", "overdue", "last_date", *(f"child__{name}" for name in listing.SHOWN)
    )
    page = list(rows.order_by("last_date", "pk")[: size + 1])
    known = site_pack.pack().entries("schedules", Schedule)
    made, may = [], _writable(of, (one.child_id for one in page[:size]))
    for one in page[:size]:
        schedule, last = known.get(one.schedule), one.last_date if one.last_date < due_counting.FAR else None
        label, wanted = what(schedule, one.item)
        days = 0 if last is None else abs((last - day).days)
        kind = _kind(may, one.child_id, wanted)
        item = one.item if schedule is not None and schedule.norm is not None else ""
        label = label if item or schedule is None else of_schedule(schedule.label, label)
        mark = f"{one.last_date.isoformat()}.{one.pk}"
        made.append(WorkRow(one.pk, listing.row(one.child, day), label, last, days, kind, 0, item, mark))
    return tuple(made), made[-1].mark if len(page) > size else ""


def _found_rows(
    rows: QuerySet[RecordFollowUp], of: exposure.Sights, after: str, size: int, day: date
) -> tuple[tuple[WorkRow, ...], str]:
    if cut := _cut(after):
        rows = rows.filter(Q(record__on_date__gt=cut[0]) | Q(record__on_date=cut[0], pk__gt=cut[1]))
    beside = ("record__child__unit", "record__child__school_unit", "closed_by__unit")
    page = list(rows.select_related(*beside).order_by("record__on_date", "pk")[: size + 1])
    made, may = [], _writable(of, (one.record.child_id or 0 for one in page[:size]))
    for one in page[:size]:
        kind, child = kinds.kinds().get(one.record.kind), one.record.child
        assert child is not None
        rule = next((r for r in kind.follow_up if r.id == one.name), None) if kind is not None else None
        days = 0 if one.due_date is None else (day - one.due_date).days
        to = _kind(may, child.pk, rule.closed_by) if rule is not None else ""
        label = rule.label if rule is not None else Label(zh=one.name)
        mark, by = f"{one.record.on_date.isoformat()}.{one.pk}", one.closed_by
        closing = (by.pk, by.on_date, by.unit.label) if by is not None else None
        row = listing.row(child, day)
        made.append(WorkRow(one.pk, row, label, one.due_date, days, to, one.record_id, "", mark, closing))
    return tuple(made), made[-1].mark if len(page) > size else ""


def next_row(
    reach: Reach, which: str, *, after: str, child: int, kind: str, area: str = "", village: str = "",
    school_class: str = "", age: str = "", about: str = "",
) -> WorkRow | None:  # fmt: skip
    """The next line of a list after a place in it that is of another child and done by a record of that kind; of the
    lines that follow, at most some pages are looked at."""
    for _ in range(NEXT_PAGES):
        page = work_page(
            reach, which, area=area, village=village, school_class=school_class, age=age, about=about, after=after
        )
        for row in page.rows:
            if row.child.id != child and row.kind == kind:
                return row
        if not page.following:
            return None
        after = page.following
    return None


NEXT_PAGES = 10
"""So many pages of a list are looked at for the next child."""
