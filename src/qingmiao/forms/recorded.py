"""What an event of a record gives away once its form is filled: measures, rows of facts, follow-ups, what does not
agree with earlier events. Pure: the site keeps the events and fills in who and where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import Tree, columns_of
from qingmiao.content.forms import FILLED_ON
from qingmiao.content.intervals import LifeInterval
from qingmiao.content.person_words import ON, tree_of, value_of
from qingmiao.content.policy import Policy
from qingmiao.content.records import FollowUpRule, RecordKind, VisitCheck
from qingmiao.forms.fill import FieldFault, Filled, fill
from qingmiao.forms.kinds import KINDS
from qingmiao.forms.ready import ReadyForm

Words = Mapping[str, Any]
"""Word → value (`person_words`): what is known of a person, or what an event measured."""


@dataclass(frozen=True)
class EarlierEvent:
    """An event as later ones see it: its day and the measures that it holds."""

    on: date
    words: Words


@dataclass(frozen=True)
class FollowUp:
    """A finding of one event that somebody follows up. `due`: the last day; None where nobody has set the time."""

    rule: FollowUpRule
    due: date | None
    within: LifeInterval | None


def with_given(ready: ReadyForm, answers: Mapping[str, Any], person: Words) -> dict[str, Any]:
    """The answers with every field that the house fills in set from what it knows, whatever was sent for it."""
    given = {one.id: person.get(one.field.given) for one in ready.every() if one.field.given is not None}
    return {k: v for k, v in answers.items() if k not in given} | given


def day_of(kind: RecordKind, filled: Filled) -> date | None:
    """The event's day; None where it was not answered."""
    day = filled.values.get(kind.on)
    return day if isinstance(day, date) else None


def measured(kind: RecordKind, filled: Filled) -> dict[str, Any]:
    """Measure → value of what the event holds."""
    found = {word: filled.values.get(field) for word, field in kind.measures.items()}
    return {word: value for word, value in found.items() if value is not None}


class MeasuredBefore(Mapping[str, Any]):
    """Measure → value of an event that was accepted, out of its answers as they were kept: what `measured` gave then.
    Each is read when it is asked for."""

    def __init__(self, kind: RecordKind, ready: ReadyForm, kept: Mapping[str, Any], on: date) -> None:
        """`ready`: the form that it was made by; `kept`: the answers of `forms.answers.document`; `on`: the day on
        which it was filled in."""
        self._kind, self._ready, self._kept, self._on = kind, ready, kept, on

    @cached_property
    def _judged(self) -> Mapping[str, Any]:
        """The whole form judged again, for a computed value that was not kept."""
        return measured(self._kind, fill(self._ready, self._kept, on=self._on))

    def __getitem__(self, word: str) -> Any:
        field = self._ready.single.get(self._kind.measures.get(word, ""))
        if field is None:
            raise KeyError(word)
        if field.compute is not None and field.id not in self._kept:
            return self._judged[word]
        kept = self._kept.get(field.id)
        value = KINDS[field.type].parse(field, kept) if kept is not None else None
        if value is None:
            raise KeyError(word)
        return value

    def __iter__(self) -> Iterator[str]:
        return (word for word in self._kind.measures if word in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def fact_rows(
    kind: RecordKind, filled: Filled, person: Words, beside: Words | None = None
) -> list[tuple[str, dict[str, Any]]]:
    """(fact table, column → value) of every row that the event publishes; a missing value is None.

    `beside`: word → first day of the person's records of the kinds that the kind names so; None for none.

    The columns of the house (`content.records.GIVEN_BY_HOUSE`, the table's key, area, day, version and retraction) are
    the caller's to fill where the row does not say them.
    """
    row = record_row(filled, person) | {f"beside.{word}": (beside or {}).get(word) for word in kind.beside}
    return [
        (one.fact, {column: _value(text, row) for column, text in one.row.items()})
        for one in kind.publishes
        if one.when is None or _value(one.when, row) is True
    ]


def follow_ups(kind: RecordKind, filled: Filled, person: Words, policy: Policy) -> tuple[FollowUp, ...]:
    """The findings to follow up, in the kind's order, each with its last day counted from the event's or the birth."""
    row, on = record_row(filled, person), day_of(kind, filled)
    found: list[FollowUp] = []
    for rule in kind.follow_up:
        if _value(rule.when, row) is True:
            within = kind.within(rule, policy)
            start = person.get("birth_date") if rule.since == "birth" else on
            due = within.after(start) if within is not None and isinstance(start, date) else None
            found.append(FollowUp(rule, due, within))
    return tuple(found)


def closes(
    kind: RecordKind, filled: Filled, person: Words, among: Iterable[RecordKind]
) -> frozenset[tuple[str, str]]:  # fmt: skip
    """The follow-ups, as (kind that found, rule), that an event closes: of rules of `among` that name its kind, and
    whose `closed_when` is true of it."""
    row = record_row(filled, person)
    return frozenset(
        (other.id, rule.id)
        for other in among
        for rule in other.follow_up
        if kind.id in rule.closed_by and (rule.closed_when is None or _value(rule.closed_when, row) is True)
    )


def offered(kind: RecordKind, person: Words, on: date) -> bool:
    """Whether the kind is offered for a person on a day; not where it cannot be told."""
    row = {FILLED_ON: on, **{f"child.{k}": v for k, v in person.items()}}
    return kind.offer_if is None or _value(kind.offer_if, row) is True


def disagreements(
    checks: Sequence[VisitCheck],
    kind: RecordKind,
    filled: Filled,
    *,
    earlier: Sequence[EarlierEvent] = (),
    birth: EarlierEvent | None = None,
    person: Words,
) -> tuple[tuple[FieldFault, ...], tuple[FieldFault, ...]]:
    """(what blocks, what asks) of an event beside what was recorded before.

    `earlier`: the other events of the person, in any order; those after this one's day do not count. A check reads the
    latest of them that holds every measure it names of `previous`. A missing value decides nothing.
    """
    on, here = day_of(kind, filled), measured(kind, filled)
    before = sorted((e for e in earlier if on is None or e.on <= on), key=lambda e: e.on, reverse=True)
    faults: list[FieldFault] = []
    queries: list[FieldFault] = []
    for check in checks:
        tree = tree_of(check.check)
        wanted = previous_words(tree)
        previous = next((e for e in before if all(w in e.words for w in wanted)), None)
        row = _words("this", on, here) | {f"child.{k}": v for k, v in person.items()}
        row |= _words("previous", previous.on, previous.words) if previous is not None else {}
        row |= _words("birth", birth.on, birth.words) if birth is not None else {}
        if evaluate(tree, row) is not False:
            continue
        fault = FieldFault(about_field(kind, tree), check.message.zh, None, check.id, check.message.en)
        (faults if check.level == "error" else queries).append(fault)
    return tuple(faults), tuple(queries)


def _words(of: str, on: date | None, words: Words) -> dict[str, Any]:
    return {f"{of}.{ON}": on, **{f"{of}.{k}": v for k, v in words.items()}}


def record_row(filled: Filled, person: Words) -> dict[str, Any]:
    """What a kind's expressions read of an event: its fields, and what is known of the person (``child.WORD``)."""
    return {FILLED_ON: filled.on, **filled.values, **{f"child.{k}": v for k, v in person.items()}}


def _value(text: str, row: Mapping[str, Any]) -> Any:
    return value_of(text, row)


def previous_words(tree: Tree) -> set[str]:
    """The measures that a check reads of an earlier event."""
    return {n.partition(".")[2] for n in columns_of(tree) if n.startswith("previous.")} - {ON}


def about_field(kind: RecordKind, tree: Tree) -> str:
    """The field that a check is about: of the first measure that it reads of the event itself."""
    here = (n.partition(".")[2] for n in columns_of(tree) if n.startswith("this."))
    return next((kind.measures.get(word, kind.on) for word in here), "")
