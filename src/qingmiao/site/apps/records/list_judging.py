"""What the rows of a list say as records: judged by the same form, the same checks and the same rules as a person's
entry; every fault with its cell."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import F

from qingmiao.collect.child_sheets import FoundHeadings, ReadRows, RowFault
from qingmiao.content.expressions import columns_of, parse
from qingmiao.content.person_words import person_text
from qingmiao.content.records import RecordKind
from qingmiao.forms import Filled, ReadyForm, fill
from qingmiao.forms.answers import document
from qingmiao.forms.recorded import EarlierEvent, day_of, disagreements, measured, with_given
from qingmiao.site.apps.records import kinds, person, recording, versions
from qingmiao.site.apps.records.event_models import HealthRecord, RecordVersion
from qingmiao.site.apps.records.list_models import ListedRow
from qingmiao.site.apps.records.models import Child

SAME_DAY = "same_day"
"""Asks about a second record of the kind on a day."""
PIECE = 2000
"""Children whose earlier records are read at a time."""


@dataclass(frozen=True)
class JudgedRow:
    """A row as the record that it would be."""

    place: int
    child: Child
    filled: Filled
    on: date
    known: Mapping[str, Any]
    digest: bytes
    again: bool = False


@dataclass
class JudgedList:
    """All rows that have a child. `faults`: what blocks; `queries`: check → its words; `asking`: how many rows."""

    rows: list[JudgedRow] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    queries: dict[str, str] = field(default_factory=dict)
    asking: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class ListAtHand:
    """A file that was read, with what it is judged by."""

    kind: RecordKind
    ready: ReadyForm
    found: FoundHeadings
    rows: ReadRows
    asked: Mapping[str, str]


def judge(at_hand: ListAtHand, about: Mapping[int, int], *, today: date, but: int = 0) -> JudgedList:
    """Judge the rows. `about`: number of the row among the read ones → child; `but`: the list itself, whose rows are
    not known again."""
    made, kind = JudgedList(), at_hand.kind
    children = Child.objects.in_bulk(set(about.values()))
    before = _before(kind, list(children))
    there = _same_days(kind, list(children))
    seen: dict[bytes, int] = {}
    bad_rows = {f.row for f in at_hand.rows.faults}
    for n, pk in sorted(about.items()):
        place = at_hand.rows.rows[n]
        if place in bad_rows:
            continue  # what could not be read is told already
        child = children[pk]
        known = person.known(child, before.births.get(pk))
        answers = {**at_hand.asked, **at_hand.rows.answers[n]}
        filled = fill(at_hand.ready, with_given(at_hand.ready, answers, known), on=today)
        faults, queries = disagreements(
            before.checks, kind, filled, earlier=before.events.get(pk, ()), birth=before.births.get(pk), person=known
        )
        filled = replace(filled, faults=(*filled.faults, *faults), queries=(*filled.queries, *queries))
        blocked = [RowFault(place, at_hand.found.place(field=f.field), f.message) for f in filled.faults]
        blocked += _otherwise(at_hand, n, child)
        on = day_of(kind, filled)
        if not blocked and on is not None:
            why = recording.outside_life(kind, child, on, today)
            blocked += [RowFault(place, at_hand.found.place(field=kind.on), why)] if why else []
        if blocked or on is None:
            made.faults += blocked
            continue
        digest = _digest(kind, pk, document(at_hand.ready, filled)["answers"])
        if digest in seen:
            told = f"和第 {seen[digest]} 行是同一名儿童的同一条记录"
            made.faults.append(RowFault(place, at_hand.found.place(says="name"), told))
            continue
        seen[digest] = place + 1
        made.rows.append(JudgedRow(place, child, filled, on, known, digest))
    again = _again([r.digest for r in made.rows], but)
    made.rows = [replace(r, again=r.digest in again) for r in made.rows]
    held = {pk for pk, days in there.items() if days}
    for row in made.rows if kind.once else ():
        if not row.again:
            why = recording.once_only(kind, row.child.pk in held)
            made.faults += [RowFault(row.place, at_hand.found.place(says="name"), why)] if why else []
            held.add(row.child.pk)
    _ask(made, kind, there)
    return made


def _ask(made: JudgedList, kind: RecordKind, there: Mapping[int, set[date]]) -> None:
    """Count what is asked back, each check once."""
    for row in made.rows:
        if row.again:
            continue
        for query in row.filled.queries:
            made.queries.setdefault(query.key, query.message)
            made.asking[query.key] += 1
        if row.on in there.get(row.child.pk, ()):
            made.queries.setdefault(SAME_DAY, f"当天已经有一条“{kind.label.zh}”，请核对是不是重复")
            made.asking[SAME_DAY] += 1


def _otherwise(at_hand: ListAtHand, n: int, child: Child) -> Iterable[RowFault]:
    """What the file says of the child otherwise than the child's file, where the form reckons with it."""
    place = at_hand.rows.rows[n]
    for says, ours in (("sex", child.sex), ("grade", child.grade)):
        theirs = at_hand.rows.people[says][n].as_py()
        if theirs is not None and ours and theirs != ours:
            what = "性别" if says == "sex" else "年级"
            told = f"{what}和儿童档案里的不同；请先核对，档案有误的先更正档案"
            yield RowFault(place, at_hand.found.place(says=says), told)


@dataclass(frozen=True)
class _Before:
    checks: tuple[Any, ...]
    events: Mapping[int, tuple[EarlierEvent, ...]]
    births: Mapping[int, EarlierEvent]


def _before(kind: RecordKind, children: Sequence[int]) -> _Before:
    """What earlier records measured, of the kinds that a check between visits of this kind reads, and the births."""
    checks, wanted = [], set()
    for check in kinds.visit_checks().values():
        names = columns_of(parse(person_text(check.check)))
        if {n.partition(".")[2] for n in names if n.startswith("this.")} - {"on"} <= set(kind.measures):
            checks.append(check)
            wanted |= {n.partition(".")[2] for n in names if n.startswith("previous.")} - {"on"}
    every = kinds.kinds()
    births = {k for k, one in every.items() if one.means == "birth"}
    reading = {k for k, one in every.items() if wanted & set(one.measures)} if wanted else set()
    events: dict[int, list[EarlierEvent]] = defaultdict(list)
    born: dict[int, EarlierEvent] = {}
    merged = Child.objects.filter(merged_into__in=children).values_list("pk", "merged_into_id")
    survivors = {pk: into or pk for pk, into in merged}
    ids = [*children, *survivors]
    for start in range(0, len(ids), PIECE):
        rows = RecordVersion.objects.filter(
            record__child__in=ids[start : start + PIECE], record__kind__in=reading | births, number=F("record__version")
        ).exclude(record__state="withdrawn")
        for version in rows.select_related("form", "record").order_by("on_date", "record_id"):
            one = every[version.record.kind]
            said = EarlierEvent(version.on_date, measured(one, versions.filled(version)))
            pk = version.record.child_id or 0
            pk = survivors.get(pk, pk)
            events[pk].append(said)
            if one.id in births:
                born[pk] = said
    return _Before(tuple(checks), {k: tuple(v) for k, v in events.items()}, born)


def _same_days(kind: RecordKind, children: Sequence[int]) -> Mapping[int, set[date]]:
    """Child → the days on which it has a record of the kind."""
    found: dict[int, set[date]] = defaultdict(set)
    for start in range(0, len(children), PIECE):
        rows = HealthRecord.objects.filter(kind=kind.id, child__in=children[start : start + PIECE])
        for pk, on in rows.exclude(state="withdrawn").values_list("child_id", "on_date"):
            found[pk or 0].add(on)
    return found


def _again(digests: Sequence[bytes], but: int) -> set[bytes]:
    """Which rows are records already, by another list that was not taken back."""
    found: set[bytes] = set()
    for start in range(0, len(digests), PIECE):
        rows = ListedRow.objects.filter(digest__in=digests[start : start + PIECE], record__isnull=False)
        rows = rows.exclude(record__state="withdrawn").exclude(listed=but)
        found |= {bytes(d) for d in rows.values_list("digest", flat=True) if d is not None}
    return found


def _digest(kind: RecordKind, child: int, answers: Mapping[str, Any]) -> bytes:
    said = json.dumps([kind.id, child, answers], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).digest()
