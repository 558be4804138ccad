"""What many events of one kind give away, by columns: what `recorded` says of each by itself.

Of every function: `made` is the filled form (n rows, none of which answers a repeated group), `person` the columns
(n,) of what is known of each event's person, by word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from qingmiao.content.expressions import Tree, columns_of
from qingmiao.content.forms import FILLED_ON
from qingmiao.content.person_words import ON, tree_of
from qingmiao.content.records import FollowUpRule, RecordKind, VisitCheck
from qingmiao.forms.coded import CodedColumn, Mask, coded, constant, over
from qingmiao.forms.fill import FieldFault
from qingmiao.forms.fill_columns import FilledColumns, ToldRows
from qingmiao.forms.ready import ReadyForm
from qingmiao.forms.recorded import EarlierEvent, about_field, previous_words

Columns = Mapping[str, CodedColumn]
RowFaults = Mapping[int, tuple[FieldFault, ...]]


def with_given_columns(ready: ReadyForm, answers: Columns, person: Columns, size: int) -> dict[str, CodedColumn]:
    """As `recorded.with_given`: every field that the house fills in holds what it knows."""
    none = constant(None, size)
    given = {f.id: person.get(f.field.given, none) for f in ready.every() if f.field.given is not None}
    return {**answers, **given}


def disagreement_columns(
    checks: Sequence[VisitCheck], kind: RecordKind, made: FilledColumns, *,
    earlier: Sequence[Sequence[EarlierEvent]], births: Sequence[EarlierEvent | None], person: Columns,
) -> tuple[RowFaults, RowFaults]:  # fmt: skip
    """As `recorded.disagreements`: (what blocks, what asks) of each row, of those of which anything is told."""
    size, on = made.size, made.values[kind.on]
    here = {f"this.{word}": made.values[field] for word, field in kind.measures.items() if field in made.values}
    row = {f"this.{ON}": on, **here, **_of_person(person)}
    faults, queries = ToldRows(), ToldRows()
    before = [
        sorted((e for e in events if day is None or e.on <= day), key=lambda e: e.on, reverse=True) if events else []
        for events, day in zip(earlier, on.cells(), strict=True)
    ] if any(earlier) else [[]] * size  # fmt: skip
    for check in checks:
        tree = tree_of(check.check)
        wanted = previous_words(tree)
        previous = [
            next((e for e in events if all(w in e.words for w in wanted)), None) if events else None
            for events in before
        ]
        others = _events(tree, "previous", previous) | _events(tree, "birth", births)
        wrong = over(tree, row | others, size).is_(False)
        said = check.message
        told = faults if check.level == "error" else queries
        told.tell(wrong, FieldFault(about_field(kind, tree), said.zh, None, check.id, said.en))
    return faults.by_row(), queries.by_row()


def fact_columns(
    kind: RecordKind, made: FilledColumns, person: Columns, beside: Columns
) -> list[tuple[str, Mask, dict[str, CodedColumn]]]:  # fmt: skip
    """As `recorded.fact_rows`: (fact table, the rows that give one, column → value), in the order of the kind."""
    row = _row(made, person) | {f"beside.{word}": column for word, column in beside.items()}
    return [
        (
            one.fact,
            np.ones(made.size, dtype=bool) if one.when is None else _is_true(one.when, row, made.size),
            {column: over(tree_of(text), row, made.size) for column, text in one.row.items()},
        )
        for one in kind.publishes
    ]


def follow_up_rows(kind: RecordKind, made: FilledColumns, person: Columns) -> list[tuple[FollowUpRule, Mask]]:
    """As `recorded.follow_ups`: each rule with the rows in which it finds something."""
    row = _row(made, person)
    return [(rule, _is_true(rule.when, row, made.size)) for rule in kind.follow_up]


def closing_rows(
    kind: RecordKind, made: FilledColumns, person: Columns, among: Iterable[RecordKind]
) -> dict[tuple[str, str], Mask]:  # fmt: skip
    """As `recorded.closes`: (kind that found, rule) → the rows that close such a follow-up."""
    row, every = _row(made, person), np.ones(made.size, dtype=bool)
    return {
        (other.id, rule.id): every if rule.closed_when is None else _is_true(rule.closed_when, row, made.size)
        for other in among
        for rule in other.follow_up
        if kind.id in rule.closed_by
    }


def true_rows(text: str | None, made: FilledColumns, person: Columns) -> Mask:
    """The rows of which an expression over what they say is true; all where there is none."""
    return np.ones(made.size, dtype=bool) if text is None else _is_true(text, _row(made, person), made.size)


def _row(made: FilledColumns, person: Columns) -> dict[str, CodedColumn]:
    return {FILLED_ON: constant(made.on, made.size), **made.values, **_of_person(person)}


def _of_person(person: Columns) -> dict[str, CodedColumn]:
    return {f"child.{word}": column for word, column in person.items()}


def _events(tree: Tree, of: str, events: Sequence[EarlierEvent | None]) -> dict[str, CodedColumn]:
    """What a check reads of an event of each row; nothing where no row has one."""
    rows = [n for n, e in enumerate(events) if e is not None]
    if not rows:
        return {}
    there = [e for e in events if e is not None]
    words = [name.partition(".")[2] for name in columns_of(tree) if name.startswith(f"{of}.")]
    said = {w: [e.words.get(w) for e in there] for w in words} | {ON: [e.on for e in there]}
    return {f"{of}.{w}": coded(cells).spread(np.array(rows, dtype=np.int64), len(events)) for w, cells in said.items()}


def _is_true(text: str, row: Columns, size: int) -> Mask:
    return over(tree_of(text), row, size).is_(True)
