"""What the rows of a list say as records: judged by the same form, the same checks and the same rules as a person's
entry, by columns; every fault with its cell."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import F

from qingmiao.collect.child_sheets import FoundHeadings, ReadRows, RowFault
from qingmiao.content.records import RecordKind
from qingmiao.forms import ReadyForm
from qingmiao.forms.coded import CodedColumn, Places, constant, together
from qingmiao.forms.column_answers import answer_texts
from qingmiao.forms.fill import FieldFault
from qingmiao.forms.fill_columns import FilledColumns, fill_columns
from qingmiao.forms.recorded_columns import disagreement_columns, with_given_columns
from qingmiao.site.apps.records import bulk, recording
from qingmiao.site.apps.records.event_models import RecordVersion
from qingmiao.site.apps.records.list_before import before_of
from qingmiao.site.apps.records.list_children import ListedChildren, known_columns, listed_children
from qingmiao.site.apps.records.list_models import ListedRow
from qingmiao.site.apps.records.models import Child

SAME_DAY = "same_day"
"""Asks about a second record of the kind on a day."""
NO_DAY = "请填写这次记录的日期"
PIECE = 20_000
"""Rows of a file that are judged at a time."""


@dataclass(frozen=True)
class JudgedRows:
    """Rows as the records that they would be (n,). `places`: in the file, from 0; `on`: their days; `texts`: their
    answers as JSON; `asked`: row → what is asked back; `again`: those that are records already."""

    places: Sequence[int]
    children: ListedChildren
    filled: FilledColumns
    known: Mapping[str, CodedColumn]
    on: Sequence[date]
    texts: Sequence[str]
    digests: Sequence[bytes]
    asked: Mapping[int, tuple[FieldFault, ...]]
    again: frozenset[int] = frozenset()

    def take(self, rows: Places) -> JudgedRows:
        """The rows of these numbers, in their order, as new ones."""
        every = rows.tolist()
        if every == list(range(len(self.places))):
            return replace(self, again=frozenset())
        return JudgedRows(
            [self.places[n] for n in every], self.children.take(rows), self.filled.take(rows),
            {word: column.take(rows) for word, column in self.known.items()}, [self.on[n] for n in every],
            [self.texts[n] for n in every], [self.digests[n] for n in every],
            {k: self.asked[n] for k, n in enumerate(every) if n in self.asked},
        )  # fmt: skip

    @property
    def new(self) -> list[int]:
        """The rows that are no records yet."""
        return [n for n in range(len(self.places)) if n not in self.again]


@dataclass
class JudgedList:
    """All rows that have a child. `faults`: what blocks; `queries`: check → its words; `asking`: how many rows."""

    rows: JudgedRows | None = None
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

    def answers(self, numbers: Sequence[int]) -> dict[str, CodedColumn]:
        """Field → answer of the rows of these numbers: what the file says, else what holds for all rows."""
        rows = np.array(numbers, dtype=np.int64)
        found = {f: cells.take(rows) for f, cells in self.rows.said.items()}
        for f, value in {**self.asked, **self.rows.always}.items():
            said = found.get(f)
            if said is None:
                found[f] = constant(value, len(rows))
            else:
                found[f] = said.now([v or None for v in said.values]).otherwise(value)
        return found


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
    bad = {f.row for f in at_hand.rows.faults}  # what could not be read is told already
    done = 0
    for _, of_piece in groupby(rows, key=lambda n: at_hand.rows.rows[n] // PIECE):
        every = list(of_piece)
        piece = [n for n in every if at_hand.rows.rows[n] not in bad]
        yield _piece(at_hand, piece, [about[n] for n in piece], yet, seen, held, today, but)
        done += len(every)
        tell(done, len(rows))


def _piece(
    at_hand: ListAtHand, numbers: Sequence[int], about: Sequence[int], yet: Mapping[int, Child], seen: dict[bytes, int],
    held: set[int], today: date, but: int,
) -> JudgedList:  # fmt: skip
    """`about`: the child of each row; `seen`: digest → row, and `held`: children with a record of the kind, of the
    pieces before; added to."""
    made, kind, places = JudgedList(), at_hand.kind, [at_hand.rows.rows[n] for n in numbers]
    children = listed_children(about, yet)
    before, there = before_of(kind, sorted(set(about))), _same_days(kind, sorted(set(about)))
    answers, known = at_hand.answers(numbers), known_columns(children, before.births)
    given = with_given_columns(at_hand.ready, answers, known, len(numbers))
    filled = fill_columns(at_hand.ready, given, len(numbers), on=today)
    faults, queries = disagreement_columns(
        before.checks, kind, filled, earlier=[before.events.get(pk, ()) for pk in about],
        births=[before.births.get(pk) for pk in about], person=known,
    )  # fmt: skip
    blocked = _blocked(at_hand, numbers, children, filled, faults, today)
    made.faults += [fault for n in sorted(blocked) for fault in blocked[n]]
    texts, on, asked = answer_texts(filled), filled.values[kind.on].cells(), _joined(filled.queries, queries)
    digests, good = [b""] * len(numbers), list[int]()
    for n in range(len(numbers)):
        if n in blocked:
            continue
        digests[n] = digest = digest_of(kind, about[n], texts[n])
        first = seen.setdefault(digest, places[n] + 1)
        if first != places[n] + 1:
            told = f"和第 {first} 行是同一名儿童的同一条记录"
            made.faults.append(RowFault(places[n], at_hand.found.place(says="name"), told))
            continue
        good.append(n)
    already, listed = _SaidAlready(answers, there), _again([digests[n] for n in good], but)
    every = JudgedRows(places, children, filled, known, on, texts, digests, asked)
    again = (
        k for k, n in enumerate(good if listed or there else ())
        if digests[n] in listed or already.says(about[n], on[n], n, texts[n])
    )  # fmt: skip
    made.rows = rows = replace(every.take(np.array(good, dtype=np.int64)), again=frozenset(again))
    held |= set(there)
    for k in rows.new if kind.once else ():
        pk = rows.children.numbers[k]
        why = recording.once_only(kind, pk in held)
        made.faults += [RowFault(rows.places[k], at_hand.found.place(says="name"), why)] if why else []
        held.add(pk)
    _ask(made, rows, kind, there)
    return made


def _joined(*told: Mapping[int, tuple[FieldFault, ...]]) -> dict[int, tuple[FieldFault, ...]]:
    """Row → what the form and the checks say of it, in this order."""
    first, second = told
    return {n: first.get(n, ()) + second.get(n, ()) for n in first.keys() | second.keys()} if second else dict(first)


def _blocked(
    at_hand: ListAtHand, numbers: Sequence[int], children: ListedChildren, filled: FilledColumns,
    faults: Mapping[int, tuple[FieldFault, ...]], today: date,
) -> dict[int, list[RowFault]]:  # fmt: skip
    """Row → all that blocks it: its form, what is known of the child, its day."""
    kind, places, found = at_hand.kind, at_hand.rows.rows, defaultdict[int, list[RowFault]](list)
    for n, told in _joined(filled.faults, faults).items():
        found[n] += [RowFault(places[numbers[n]], at_hand.found.place(field=f.field), f.message) for f in told]
    for says, what in (("sex", "性别"), ("grade", "年级")):
        otherwise = f"{what}和儿童档案里的不同；请先核对，档案有误的先更正档案"
        theirs, ours = at_hand.rows.people[says].take(np.array(numbers, dtype=np.int64)), children[says]
        held = pa.array([v or None for v in ours.values], pa.string()).take(pa.array(ours.places))
        for n in np.flatnonzero(pc.not_equal(theirs, held).fill_null(False)).tolist():
            found[n].append(RowFault(places[numbers[n]], at_hand.found.place(says=says), otherwise))
    on = filled.values[kind.on]
    life = [on, *(children[name] for name in ("birth_date", "state", "left_date"))]
    each, firsts = together(life, len(numbers))
    whys = [
        recording.outside_life(day, today, birth=birth, died=gone if state == "died" else None) if day else NO_DAY
        for day, birth, state, gone in (tuple(c.at(n) for c in life) for n in firsts.tolist())
    ]
    for n in np.flatnonzero(np.array([bool(why) for why in whys], dtype=bool)[each]).tolist() if whys else ():
        if n not in found:
            found[n].append(RowFault(places[numbers[n]], at_hand.found.place(field=kind.on), whys[each[n]]))
    return found


def _ask(made: JudgedList, rows: JudgedRows, kind: RecordKind, there: Mapping[int, Said]) -> None:
    """Count what is asked back, each check once."""
    for k in rows.new if rows.asked or there else ():
        for query in rows.asked.get(k, ()):
            made.queries.setdefault(query.key, query.message)
            made.asking[query.key] += 1
        if rows.on[k] in there.get(rows.children.numbers[k], {}):
            made.queries.setdefault(SAME_DAY, f"当天已经有一条“{kind.label.zh}”，请核对是不是重复")
            made.asking[SAME_DAY] += 1


Said = Mapping[date, Sequence[Mapping[str, Any]]]
"""Day → the answers of every record of that day."""


def _same_days(kind: RecordKind, children: Sequence[int]) -> Mapping[int, Said]:
    """Child → the days on which it, or a file merged into it, has a record of the kind, and what they say."""
    found: dict[int, dict[date, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    here = Child.objects.filter(merged_into__in=bulk.among(children))
    merged = dict(here.values_list("pk", "merged_into_id"))
    rows = RecordVersion.objects.filter(
        record__kind=kind.id, record__child__in=bulk.among([*children, *merged]), number=F("record__version"),
        withdrawn=False,
    )  # fmt: skip
    for pk, on, answers in rows.values_list("record__child_id", "on_date", "answers"):
        found[merged.get(pk or 0) or pk or 0][on].append(answers)
    return found


@dataclass(frozen=True)
class _SaidAlready:
    """Knows a row that says nothing which a record of that child and day does not say already: typed in, by another
    list, or exported from here."""

    answers: Mapping[str, CodedColumn]
    there: Mapping[int, Said]

    def says(self, child: int, on: date, n: int, text: str) -> bool:
        """Whether one of the day's records holds every answer that the file gives in row `n`."""
        day = self.there.get(child, {}).get(on, ())
        if not day:
            return False
        answered = json.loads(text)
        ours = {f for f, column in self.answers.items() if column.at(n) and f in answered}
        return any(all(answers.get(f) == answered[f] for f in ours) for answers in day)


def _again(digests: Sequence[bytes], but: int) -> set[bytes]:
    """Which rows are records already, by another list that was not taken back."""
    rows = ListedRow.objects.filter(digest__in=bulk.among_bytes(digests), record__isnull=False)
    rows = rows.exclude(record__state="withdrawn").exclude(listed=but)
    return {bytes(d) for d in rows.values_list("digest", flat=True) if d is not None}


def digest_of(kind: RecordKind, child: int, answers: str) -> bytes:
    """By this a record that a list made is known again, also after it was corrected. `answers`: as `json_text` writes
    them."""
    return hashlib.sha256(f'["{kind.id}", {child}, {answers}]'.encode()).digest()
