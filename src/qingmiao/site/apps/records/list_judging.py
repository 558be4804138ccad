"""What the rows of a list say as records: judged by the same form, the same checks and the same rules as a person's
entry; every fault with its cell."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from qingmiao.site.apps.records.event_models import RecordVersion
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


Tell = Callable[[int, int], None]
"""Hears how many rows of how many are done."""


def nobody(done: int, total: int) -> None:
    """Where nobody waits to hear it."""


def judge(
    at_hand: ListAtHand, about: Mapping[int, int], *, today: date, but: int = 0,
    unborn: Mapping[int, Child] | None = None, tell: Tell = nobody,
) -> JudgedList:  # fmt: skip
    """What is wrong with the rows and what is asked back; the rows are not kept. Arguments as of `pieces`."""
    made = JudgedList()
    for piece in pieces(at_hand, about, today=today, but=but, unborn=unborn, tell=tell):
        made.faults += piece.faults
        made.queries = piece.queries | made.queries
        made.asking += piece.asking
    return made


def pieces(
    at_hand: ListAtHand, about: Mapping[int, int], *, today: date, but: int = 0,
    unborn: Mapping[int, Child] | None = None, tell: Tell = nobody,
) -> Iterator[JudgedList]:  # fmt: skip
    """Judge the rows, some thousand at a time. `about`: number of the row among the read ones → child; `unborn`: of
    rows whose child is yet to be registered, that child; `but`: the list itself, whose rows are not known again."""
    about = {**about, **{n: child.pk for n, child in (unborn or {}).items()}}
    yet = {child.pk: child for child in (unborn or {}).values()}
    seen, held, rows = dict[bytes, int](), set[int](), sorted(about)
    for start in range(0, len(rows), PIECE):
        piece = rows[start : start + PIECE]
        yield _piece(at_hand, {n: about[n] for n in piece}, yet, seen, held, today, but)
        tell(min(start + PIECE, len(rows)), len(rows))


def _piece(
    at_hand: ListAtHand, about: Mapping[int, int], yet: Mapping[int, Child], seen: dict[bytes, int], held: set[int],
    today: date, but: int,
) -> JudgedList:  # fmt: skip
    """`seen`: digest → row, and `held`: children with a record of the kind, of the pieces before; added to."""
    made, kind = JudgedList(), at_hand.kind
    children = Child.objects.select_related("unit", "school_unit").in_bulk(set(about.values()))
    children |= {pk: yet[pk] for pk in about.values() if pk in yet}
    before = _before(kind, list(children))
    there = _same_days(kind, list(children))
    already = _SaidAlready(at_hand, there)
    bad_rows = {f.row for f in at_hand.rows.faults}
    for n, pk in about.items():
        place = at_hand.rows.rows[n]
        if place in bad_rows:
            continue  # what could not be read is told already
        judged = _row(at_hand, n, children[pk], before, today)
        if isinstance(judged, list):
            made.faults += judged
            continue
        if judged.digest in seen:
            told = f"和第 {seen[judged.digest]} 行是同一名儿童的同一条记录"
            made.faults.append(RowFault(place, at_hand.found.place(says="name"), told))
            continue
        seen[judged.digest] = place + 1
        answered = document(at_hand.ready, judged.filled)["answers"]
        made.rows.append(replace(judged, again=already.says(pk, judged.on, n, answered)))
    again = _again([r.digest for r in made.rows], but)
    made.rows = [replace(r, again=r.again or r.digest in again) for r in made.rows]
    held |= set(there)
    for row in made.rows if kind.once else ():
        if not row.again:
            why = recording.once_only(kind, row.child.pk in held)
            made.faults += [RowFault(row.place, at_hand.found.place(says="name"), why)] if why else []
            held.add(row.child.pk)
    _ask(made, kind, there)
    return made


def _row(at_hand: ListAtHand, n: int, child: Child, before: _Before, today: date) -> JudgedRow | list[RowFault]:
    """A row as the record that it would be, or all that blocks it."""
    kind, place, birth = at_hand.kind, at_hand.rows.rows[n], before.births.get(child.pk)
    known = person.known(child, birth)
    answers = {**at_hand.asked, **at_hand.rows.answers(n)}
    filled = fill(at_hand.ready, with_given(at_hand.ready, answers, known), on=today)
    faults, queries = disagreements(
        before.checks, kind, filled, earlier=before.events.get(child.pk, ()), birth=birth, person=known
    )
    filled = replace(filled, faults=(*filled.faults, *faults), queries=(*filled.queries, *queries))
    blocked = [RowFault(place, at_hand.found.place(field=f.field), f.message) for f in filled.faults]
    blocked += _otherwise(at_hand, n, child)
    on = day_of(kind, filled)
    if not blocked and on is not None:
        why = recording.outside_life(kind, child, on, today)
        blocked += [RowFault(place, at_hand.found.place(field=kind.on), why)] if why else []
    if blocked or on is None:
        return blocked
    digest = digest_of(kind, child.pk, document(at_hand.ready, filled)["answers"])
    return JudgedRow(place, child, filled, on, known, digest)


def _ask(made: JudgedList, kind: RecordKind, there: Mapping[int, Said]) -> None:
    """Count what is asked back, each check once."""
    for row in made.rows:
        if row.again:
            continue
        for query in row.filled.queries:
            made.queries.setdefault(query.key, query.message)
            made.asking[query.key] += 1
        if row.on in there.get(row.child.pk, {}):
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


Said = Mapping[date, Sequence[Mapping[str, Any]]]
"""Day → the answers of every record of that day."""


def _same_days(kind: RecordKind, children: Sequence[int]) -> Mapping[int, Said]:
    """Child → the days on which it, or a file merged into it, has a record of the kind, and what they say."""
    found: dict[int, dict[date, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    merged = dict(Child.objects.filter(merged_into__in=children).values_list("pk", "merged_into_id"))
    ids = [*children, *merged]
    for start in range(0, len(ids), PIECE):
        rows = RecordVersion.objects.filter(
            record__kind=kind.id, record__child__in=ids[start : start + PIECE], number=F("record__version"),
            withdrawn=False,
        )  # fmt: skip
        for pk, on, answers in rows.values_list("record__child_id", "on_date", "answers"):
            found[merged.get(pk or 0) or pk or 0][on].append(answers)
    return found


@dataclass(frozen=True)
class _SaidAlready:
    """Knows a row that says nothing which a record of that child and day does not say already: typed in, by another
    list, or exported from here."""

    at_hand: ListAtHand
    there: Mapping[int, Said]

    def says(self, child: int, on: date, n: int, answered: Mapping[str, Any]) -> bool:
        """Whether one of the day's records holds every answer that the file gives in row `n`."""
        ours = {f for f in (*self.at_hand.asked, *self.at_hand.rows.answers(n)) if f in answered}
        days = self.there.get(child, {}).get(on, ())
        return any(all(answers.get(f) == answered[f] for f in ours) for answers in days)


def _again(digests: Sequence[bytes], but: int) -> set[bytes]:
    """Which rows are records already, by another list that was not taken back."""
    found: set[bytes] = set()
    for start in range(0, len(digests), PIECE):
        rows = ListedRow.objects.filter(digest__in=digests[start : start + PIECE], record__isnull=False)
        rows = rows.exclude(record__state="withdrawn").exclude(listed=but)
        found |= {bytes(d) for d in rows.values_list("digest", flat=True) if d is not None}
    return found


def digest_of(kind: RecordKind, child: int, answers: Mapping[str, Any]) -> bytes:
    """By this a record that a list made is known again, also after it was corrected."""
    said = json.dumps([kind.id, child, answers], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).digest()
