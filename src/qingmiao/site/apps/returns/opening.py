"""Opening a year's forms: what it would do is said first; it is taken back while nobody has begun."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from qingmiao.collect.folder import due_date
from qingmiao.content.returns import Return
from qingmiao.flow import Who
from qingmiao.flow.house import COLLECTION
from qingmiao.kernel.deadlines import days_overdue
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import By, Doing, Seen
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.returns import pack_returns
from qingmiao.site.apps.returns.models import (
    Cell,
    Collection,
    Dunning,
    Explanation,
    Filing,
    Note,
    SendBack,
    Upload,
    Version,
)
from qingmiao.site.apps.returns.workflow import ReturnState

SHOWN = 5


@dataclass(frozen=True)
class Openable:
    """A form that may be opened for a year: its usual due date and, where it is open, the one set."""

    return_: Return
    period: str
    due: date
    opened_at: datetime | None


def openable(year: int) -> list[Openable]:
    """Every form of the pack with its due date in a year and whether it is open."""
    there = {c.return_id: c for c in Collection.objects.filter(year=year)}
    return [
        Openable(
            f,
            pack_returns.period_name(f, year),
            there[f.id].due_date if f.id in there else due_date(f, year),
            there[f.id].opened_at if f.id in there else None,
        )
        for f in pack_returns.pack().returns.values()
    ]


@dataclass(frozen=True)
class ToOpen:
    """What opening one form would do: returns to be made by unit, and how late they would be at once."""

    return_: Return
    period: str
    due: date
    due_before: date | None
    """The due date that it has now, where the form is open already."""
    made: int
    units: tuple[str, ...]
    """Whose returns would be made."""
    late: int
    """Days overdue on the day of opening; 0: not yet due."""
    late_returns: int
    """Returns that would be late at once: those made, and those there that were never submitted."""


def opening(year: int, due: Mapping[str, date], *, on: date) -> list[ToOpen]:
    """What opening forms with these due dates would do on a day; nothing is written. Raises UserError for a form that
    there is not.
    """
    _known(due)
    labels = {u.pk: u.label for u in Organisation.objects.all()}
    there = {c.return_id: c for c in Collection.objects.filter(year=year)}
    silent = Counter(
        Filing.objects.filter(year=year, return_id__in=list(due), submitted_at=None).values_list("return_id", flat=True)
    )
    found = []
    for return_id, day in due.items():
        lacking = _lacking(return_id, year, set(labels))
        late = days_overdue(day, on)
        found.append(
            ToOpen(
                pack_returns.return_of(return_id),
                pack_returns.period_name(pack_returns.return_of(return_id), year),
                day,
                there[return_id].due_date if return_id in there else None,
                len(lacking),
                tuple(dict.fromkeys(labels[unit] for unit, _ in lacking)),
                late,
                len(lacking) + silent[return_id] if late else 0,
            )
        )
    return found


def open_collections(by: By, year: int, due: Mapping[str, date]) -> int:
    """Open forms for a year, each with its due date: a filing for every unit and area that must report; how many are
    new.

    A form that is open already gets its missing filings (a new township) and, where it differs, the new due date.
    Raises AbsentError where it is not the person's to open.
    """
    _known(due)
    with access.work(by, Collection(year=year), "open") as doing:
        units = set(Organisation.objects.values_list("pk", flat=True))
        new = [f for return_id, day in due.items() for f in _open(doing, return_id, year, day, units)]
        Filing.objects.bulk_create(new)
        Version.objects.bulk_create(
            [Version(filing=f, number=1, begun_at=doing.at, begun_by=doing.person) for f in new]
        )
        detail = {"due": {k: str(v) for k, v in due.items()}, "filings": len(new)}
        audit.append(doing.actor, "returns.open", object_type="year", object_id=year, detail=detail)
    return len(new)


def _known(chosen: Iterable[str]) -> None:
    unknown = sorted(set(chosen) - set(pack_returns.pack().returns))
    if unknown:
        raise UserError(f"没有统计报表 {'、'.join(unknown)}")


def _open(doing: Doing, return_id: str, year: int, day: date, units: set[str]) -> list[Filing]:
    """Open one form (or set its due date); the filings that it lacks, not yet saved."""
    return_ = pack_returns.return_of(return_id)
    collection, made = Collection.objects.get_or_create(
        return_id=return_id, year=year, defaults={"due_date": day, "opened_at": doing.at, "opened_by": doing.person}
    )
    if not made and collection.due_date != day:
        Collection.objects.filter(pk=collection.pk).update(due_date=day)
        Filing.objects.filter(collection=collection).update(due_date=day)
    return [
        Filing(
            collection=collection, return_id=return_id, return_version=return_.version, year=year, unit_id=unit,
            area_id=area, due_date=day, moved_at=doing.at, moved_by=doing.person,
        )
        for unit, area in _lacking(return_id, year, units)
    ]  # fmt: skip


def _lacking(return_id: str, year: int, units: set[str]) -> list[tuple[str, str]]:
    """(unit, area) of everybody who must file the form and has no return of that year yet."""
    tree = pack_returns.pack().area_tree
    filed = Filing.objects.filter(return_id=return_id, year=year).values_list("unit_id", "area_id")
    there = {(unit, tree.current(area)) for unit, area in filed}
    return [
        (u, a)
        for u, a in pack_returns.reporting(pack_returns.return_of(return_id), year)
        if (u, a) not in there and u in units
    ]


@dataclass(frozen=True)
class Undoable:
    """A form that is open in a year: whether opening it can still be taken back."""

    number: int
    return_: Return
    period: str
    due: date
    opened_at: datetime
    opened_by: str
    filings: int
    undo: Decision


def undoable(year: int, chosen: Iterable[str] | None = None) -> list[Undoable]:
    """The forms that are open in a year (of those chosen), and whether each can be taken back."""
    found = Collection.objects.filter(year=year, return_id__in=list(pack_returns.pack().returns)).select_related(
        "opened_by"
    )
    if chosen is not None:
        found = found.filter(return_id__in=list(chosen))
    return [
        Undoable(
            c.pk,
            pack_returns.return_of(c.return_id),
            pack_returns.period_name(pack_returns.return_of(c.return_id), year),
            c.due_date,
            c.opened_at,
            c.opened_by.name if c.opened_by is not None else "",
            Filing.objects.filter(collection=c).count(),
            can_take_back(c),
        )
        for c in found.order_by("due_date", "return_id")
    ]


@transaction.atomic
def take_back(by: Reach, year: int, chosen: Iterable[str]) -> int:
    """Take back the opening of forms: all of them, or none where one of them was begun; how many returns are gone.

    Raises AbsentError where it is not the person's, NotAllowedError (naming who has begun) where it is too late.
    """
    wanted = set(chosen)
    _known(wanted)
    there = list(Collection.objects.filter(year=year, return_id__in=wanted).order_by("pk"))
    missing = wanted - {c.return_id for c in there}
    if missing:
        names = "、".join(pack_returns.return_of(f).label.zh for f in sorted(missing))
        raise UserError(f"{year} 年没有开启《{names}》，不用撤回")
    gone = Filing.objects.filter(collection__in=there).count()
    for collection in there:
        access.perform(by, collection, "take_back", Seen("open"))
    return gone


def begun(collection: Collection) -> QuerySet[Filing]:
    """The returns of a form and year with which somebody has begun: figures, notes, a file, a step, a dunning."""
    own: tuple[type[Model], ...] = (Cell, Note, Explanation, Upload, SendBack, Dunning)
    some = Q(revision__gt=0) | ~Q(state=ReturnState.DRAFT) | Q(version__gt=1) | Q(submitted_at__isnull=False)
    for kind in own:
        some |= Q(Exists(kind._default_manager.filter(filing=OuterRef("pk"))))
    return Filing.objects.filter(some, collection=collection).order_by("unit", "area")


def can_take_back(collection: Collection) -> Decision:
    """Only while no unit has begun with its return of it and none was dunned."""
    found = list(begun(collection).select_related("unit")[: SHOWN + 1])
    if not found:
        return YES
    several = len(pack_returns.reporting(pack_returns.return_of(collection.return_id), collection.year)) > 1
    names = dict.fromkeys(
        f.unit.label + (f"（{pack_returns.area_name(f.area_id)}）" if several else "") for f in found[:SHOWN]
    )
    more = "等" if len(found) > SHOWN else ""
    return no(
        f"《{pack_returns.return_of(collection.return_id).label.zh}》已经开始填报或催报：{'、'.join(names)}{more}；不能撤回，"
        "需要改期的，可以重新设定截止日期"
    )


def _nobody_began(collection: Collection, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    """The returns are locked first, so that nobody begins meanwhile."""
    list(Filing.objects.select_for_update().filter(collection=collection).values_list("pk", flat=True))
    return can_take_back(collection)


def _taken_back(collection: Collection, doing: Doing) -> dict[str, Any]:
    """The returns that nobody has touched go, and the collection with them."""
    gone = Filing.objects.filter(collection=collection)
    filings = gone.count()
    gone.delete()
    Collection.objects.filter(pk=collection.pk).delete()
    return {
        "return": collection.return_id,
        "due": str(collection.due_date),
        "filings": filings,
        "to": doing.step.target,
    }


access.register(
    access.Door(
        Collection,
        COLLECTION,
        noun="填报",
        kind="year",
        action="returns",
        unit=lambda collection: None,
        guards={"nobody_began": _nobody_began},
        effects={"taken_back": _taken_back},
        changes=access.nothing_more,
        stored=lambda state: {},
        versioned=False,
        name=lambda collection: collection.year,
    )
)


def newest_year() -> int | None:
    """The newest year that any form was opened for."""
    return Collection.objects.order_by("-year").values_list("year", flat=True).first()
