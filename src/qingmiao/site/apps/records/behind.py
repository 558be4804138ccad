"""Who stands behind the rows of a number: from de-identified facts back to the records and the children, for those who
may see them, and for nobody else.

A row that a record published names the record by its key; a row of a roll names a child by its pseudonym, which is
worked out of the files that the person sees: it cannot be turned back. A row is told only to somebody who sees the file
and reads the kinds of records that the row was made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.rolls import CountedRecords, Roll
from qingmiao.content.schedules import Schedule
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import bulk, exposure, kinds, listing, looking, sealing
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.models import Child
from qingmiao.site.apps.records.mothers import exposure as mothers_exposure
from qingmiao.site.apps.records.mothers import listing as mothers_listing
from qingmiao.site.apps.records.mothers import looking as mothers_looking
from qingmiao.site.apps.records.mothers.models import MotherFile

KEY = re.compile(r"record-(\d+)(?:-\d+)?")
"""How a record's row in the facts is named (`publishing.key_of`)."""


@dataclass(frozen=True)
class RecordBehind:
    """A record that a number counts."""

    id: int
    label: Label
    on_date: date
    unit: str
    by: str


@dataclass(frozen=True)
class PersonBehind:
    """A child or a woman whom a number counts, with the records that it counts (none where it counts by a roll)."""

    child: listing.ChildRow | None
    mother: mothers_listing.MotherRow | None
    records: tuple[RecordBehind, ...]


@dataclass(frozen=True)
class Behind:
    """Who stands behind rows: those whom the person sees; `others`: how many rows are beyond that."""

    people: tuple[PersonBehind, ...]
    others: int


def may_ask(reach: Reach) -> bool:
    """Whether somebody sees any child's or mother's file, and so may ask who stands behind a number."""
    return exposure.maybe(reach).any or bool(mothers_exposure.maybe(reach).held)


def rolls(table: str = "") -> list[Roll]:
    """The rolls of the pack; only those of a table where one is named."""
    found = site_pack.pack().entries("rolls", Roll).values()
    return [r for r in found if r.fact == table or not table]


def key_column(table: str) -> str:
    """The column by which a row of a table names the record."""
    return site_pack.pack().facts[table].key[0]


def counts_people(table: str) -> bool:
    """Whether rows of a fact table may come from records or rolls, and so lead to somebody."""
    published = {row.fact for kind in kinds.kinds().values() for row in kind.publishes}
    return table in published or bool(rolls(table))


def behind(reach: Reach, table: str, rows: Sequence[Mapping[str, str]], *, about: str) -> Behind:
    """Who stands behind rows of a fact table (column → what it says, its key among them), in the rows' order; the sight
    is written down with the number that it is `about`. AbsentError for who sees no file."""
    if not may_ask(reach):
        raise AbsentError("没有这个页面")
    named = [KEY.fullmatch(row.get(key_column(table), "")) for row in rows]
    numbers = [int(m[1]) for m in named if m is not None]
    known = _of_records(reach, numbers)
    places = [known.get(int(m[1]) if m is not None else 0) for m in named]
    if rolls(table):
        children = _of_roll(reach, table, rows)
        places = [children.get(row.get("child_id", "")) for row in rows]
    found = _people(place for place in places if place is not None)
    for mother in (False, True):
        count = sum((p.mother is not None) is mother for p in found)
        said = {"number": about, "rows": count}
        if count and mother:
            mothers_looking.seen_rows(reach, said)
        elif count:
            looking.seen_rows(reach, looking.LIST, said)
    return Behind(found, sum(place is None for place in places))


Place = tuple[Child | MotherFile, HealthRecord | None]
"""Whose row it is, and the record that published it."""


def _of_records(reach: Reach, numbers: Sequence[int]) -> dict[int, Place]:
    """Record → the child or woman and the record, of those whose file the person sees and whose kind it reads."""
    asked = HealthRecord.objects.filter(pk__in=bulk.among(numbers)).exclude(state="withdrawn")
    rows = list(asked.select_related("child__merged_into__merged_into", "unit", "by"))
    found: dict[int, Place] = {}
    files: dict[int, list[HealthRecord]] = {}
    for record in rows:
        if record.child is not None:
            files.setdefault(record.child.survivor.pk, []).append(record)
    shown = Child.objects.select_related("unit", "school_unit")
    for where, read in exposure.maybe(reach).readings():
        wanted = [n for n, of in files.items() if any(r.kind in read and r.pk not in found for r in of)]
        for child in shown.filter(where, pk__in=bulk.among(wanted)) if wanted else ():
            found |= {r.pk: (child, r) for r in files[child.pk] if r.kind in read}
    return found | _of_women(reach, [r for r in rows if r.mother_id is not None])


def _of_women(reach: Reach, rows: Sequence[HealthRecord]) -> dict[int, Place]:
    """The same of records in women's files."""
    of, found = mothers_exposure.maybe(reach), dict[int, Place]()
    if not of.held or not rows:
        return found
    files = MotherFile.objects.select_related("relative", "unit", "merged_into__relative", "merged_into__unit")
    kept = files.in_bulk([r.mother_id for r in rows])
    for record in rows:
        file = kept[record.mother_id].survivor if record.mother_id in kept else None
        if file is not None and of.over(file) and record.kind in of.reading(file):
            found[record.pk] = (file, record)
    return found


def _of_roll(reach: Reach, table: str, rows: Sequence[Mapping[str, str]]) -> dict[str, Place]:
    """Pseudonym → the child, of those on a roll's rows whom the person sees and whose kinds of records it reads."""
    needed = frozenset(kind for roll in rolls(table) for kind in _kinds_of(roll))
    conditions = [where for where, read in exposure.maybe(reach).readings() if needed and needed <= read]
    if not conditions:
        return {}
    seen = Child.objects.filter(reduce(or_, conditions))
    numbers = list(seen.order_by("pk").values_list("pk", flat=True))
    asked = {row.get("child_id", "") for row in rows}
    marks = {mark: n for mark, n in zip(sealing.pseudonyms(numbers), numbers, strict=True) if mark in asked}
    children = Child.objects.select_related("unit", "school_unit").in_bulk(list(marks.values()))
    return {mark: (children[n], None) for mark, n in marks.items()}


def _kinds_of(roll: Roll) -> frozenset[str]:
    """The kinds of records from which a roll is worked out."""
    schedules, found = site_pack.pack().entries("schedules", Schedule), set[str]()
    for counted in roll.counted.values():
        if isinstance(counted, CountedRecords) or counted.kinds:
            found |= set(counted.kinds)
        else:
            found |= set(schedules[counted.schedule].every_kind())
    if roll.schedule is not None:
        found |= set(schedules[roll.schedule].every_kind())
    return frozenset(found)


def _people(places: Iterable[Place]) -> tuple[PersonBehind, ...]:
    """Each person once, with the records, in order."""
    labels, day = kinds.kinds(), timezone.localdate()
    of: dict[tuple[bool, int], Child | MotherFile] = {}
    records: dict[tuple[bool, int], dict[int, RecordBehind]] = {}
    for file, record in places:
        key = (isinstance(file, Child), file.pk)
        of.setdefault(key, file)
        mine = records.setdefault(key, {})
        if record is not None:
            mine[record.pk] = RecordBehind(
                record.pk, labels[record.kind].label, record.on_date, record.unit.label, record.by.name
            )
    return tuple(
        PersonBehind(
            listing.row(file, day) if isinstance(file, Child) else None,
            mothers_listing.row(file, day) if isinstance(file, MotherFile) else None,
            tuple(records[key].values()),
        )
        for key, file in of.items()
    )
