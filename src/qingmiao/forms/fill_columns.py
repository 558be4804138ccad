"""Many answers to one form are judged at once, by columns: what `fill` says of each row by itself.

Each different answer to a field is read once, each expression is evaluated once for every different set of what it
reads (`coded`). Rows that answer a repeated group are filled by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import numpy as np

from qingmiao.content.forms import FILLED_ON
from qingmiao.forms.coded import CodedColumn, Mask, Places, coded, constant, over
from qingmiao.forms.fill import FieldFault, Filled, blank, fill, miscounted, points, rounded, row_limits
from qingmiao.forms.kinds import KINDS
from qingmiao.forms.ready import ReadyCheck, ReadyField, ReadyForm
from qingmiao.kernel.misread import MisreadError


@dataclass
class ToldRows:
    """What is told of rows, in the order in which a form is read: (rows, which of `said` each is told)."""

    parts: list[tuple[Places, Sequence[FieldFault]]] = field(default_factory=list)

    def tell(self, rows: Mask, fault: FieldFault) -> None:
        """The same of many rows."""
        found = np.flatnonzero(rows)
        if len(found):
            self.parts.append((found, [fault] * len(found)))

    def each(self, rows: Places, faults: Sequence[FieldFault]) -> None:
        """Of each row its own."""
        if len(rows):
            self.parts.append((rows, faults))

    def by_row(self) -> dict[int, tuple[FieldFault, ...]]:
        """Row → what is told of it, in order; only rows of which anything is told."""
        found: dict[int, list[FieldFault]] = {}
        for rows, faults in self.parts:
            for n, fault in zip(rows.tolist(), faults, strict=True):
                found.setdefault(n, []).append(fault)
        return {n: tuple(faults) for n, faults in found.items()}


@dataclass
class FilledColumns:
    """Answers (n rows) judged by one version of a form; `row` gives what `fill` would give of one.

    `values`, `shown`, `required`: by field id, in the order of the form. `faults` and `queries`: row → what blocks and
    what asks. `alone`: rows that answer a repeated group, filled by themselves; the columns say nothing of them.
    """

    ready: ReadyForm
    on: date
    size: int
    values: dict[str, CodedColumn] = field(default_factory=dict)
    shown: dict[str, Mask] = field(default_factory=dict)
    required: dict[str, Mask] = field(default_factory=dict)
    dropped: list[tuple[str, Mask]] = field(default_factory=list)
    faults: Mapping[int, tuple[FieldFault, ...]] = field(default_factory=dict)
    queries: Mapping[int, tuple[FieldFault, ...]] = field(default_factory=dict)
    alone: Mapping[int, Filled] = field(default_factory=dict)

    def take(self, rows: Places) -> FilledColumns:
        """The values of the rows of these numbers, in their order; what is told of them stays behind."""
        assert not self.alone, "rows that answer a repeated group are no columns"
        taken = {name: column.take(rows) for name, column in self.values.items()}
        return FilledColumns(self.ready, self.on, len(rows), taken)

    def row(self, n: int) -> Filled:
        """One row, as `fill` judges it."""
        if n in self.alone:
            return self.alone[n]
        form, faults = self.ready.form, self.faults.get(n, ())
        values = {id_: value for id_, column in self.values.items() if (value := column.at(n)) is not None}
        score = None
        if not faults and any(f.field.correct for f in self.ready.every()):
            score = sum((points(f, values[f.id]) for f in self.ready.every() if f.id in values), Decimal(0))
        passed = None if score is None or form.pass_score is None else score >= Decimal(repr(form.pass_score))
        return Filled(
            form=form.id, version=form.version, on=self.on, values=values,
            shown=frozenset(id_ for id_, rows in self.shown.items() if rows[n]),
            required=frozenset(id_ for id_, rows in self.required.items() if rows[n]),
            faults=faults, queries=self.queries.get(n, ()),
            dropped=tuple(dict.fromkeys(id_ for id_, rows in self.dropped if rows[n])), score=score, passed=passed,
        )  # fmt: skip


class _ColumnWalk:
    """One walk from top to bottom; `read` is what expressions read."""

    def __init__(
        self, made: FilledColumns, answers: Mapping[str, CodedColumn], known: Mapping[str, CodedColumn]
    ) -> None:
        self.made, self.answers, self.size = made, answers, made.size
        self.read: dict[str, CodedColumn] = {FILLED_ON: constant(made.on, made.size), **known}
        self.faults, self.queries = ToldRows(), ToldRows()
        self.none = constant(None, made.size)

    def walk(self, fields: Sequence[ReadyField], here: Mask) -> None:
        """`here`: the rows in which what is around the fields is shown."""
        for one in fields:
            shown = here if one.show_if is None else here & over(one.show_if, self.read, self.size).is_(True)
            self.made.shown[one.id] = shown
            self.hide(one, ~shown)
            if one.type == "group" and not one.field.repeat:
                self.walk(one.fields, shown)
            elif one.type == "group":
                self.no_rows(one, shown)
            elif one.compute is not None:
                self.computed(one, shown)
            elif KINDS[one.type].answered:
                self.answer(one, shown)

    def hide(self, one: ReadyField, rows: Mask) -> None:
        """What is answered there is dropped; of a plain group, each field is asked by itself."""
        if KINDS[one.type].answered or one.field.repeat:
            given = self.answers.get(one.id)
            if given is not None:
                self.made.dropped.append((one.id, rows & given.mask([not blank(v) for v in given.values])))

    def no_rows(self, one: ReadyField, shown: Mask) -> None:
        """A repeated group that no row of these answers."""
        self.read[one.id] = constant((), self.size).only(shown)
        if row_limits(one)[0] > 0:
            self.faults.tell(shown, FieldFault(one.id, miscounted(one, 0)))

    def computed(self, one: ReadyField, shown: Mask) -> None:
        assert one.compute is not None
        found = over(one.compute, self.read, self.size)
        self.keep(one, found.now([rounded(one, v) for v in found.values]).only(shown))

    def answer(self, one: ReadyField, shown: Mask) -> None:
        kind, given = KINDS[one.type], self.answers.get(one.id, self.none)
        must = np.full(self.size, one.field.always_required)
        if one.required_if is not None and not one.field.always_required:
            must = over(one.required_if, self.read, self.size).is_(True)
        self.made.required[one.id] = must & shown
        values: list[Any] = []
        wrong: dict[int, FieldFault] = {}
        for place, said in enumerate(given.values):
            value, why = None, ""
            try:
                value = kind.parse(one, said)
                why = kind.check(one, value) if value is not None else ""
            except MisreadError as error:
                why = str(error) or " "
            values.append(None if why else value)
            if why:
                wrong[place] = FieldFault(one.id, why)
        if wrong:
            rows = np.flatnonzero(shown & given.mask([p in wrong for p in range(len(values))]))
            self.faults.each(rows, [wrong[p] for p in given.places[rows].tolist()])
        missing = given.mask([v is None and p not in wrong for p, v in enumerate(values)])
        self.faults.tell(must & shown & missing, FieldFault(one.id, f"请填写「{one.field.words}」"))
        self.keep(one, given.now(values).only(shown))

    def keep(self, one: ReadyField, found: CodedColumn) -> None:
        self.read[one.id] = self.made.values[one.id] = found
        self.checks(one.checks, one.id, found.there)

    def checks(self, checks: Sequence[ReadyCheck], of: str, rows: Mask) -> None:
        for ready in checks:
            wrong = rows & over(ready.tree, self.read, self.size).is_(False)
            said = ready.check.message
            told = self.faults if ready.check.level == "error" else self.queries
            told.tell(wrong, FieldFault(of, said.zh, None, ready.check.id, said.en))


def fill_columns(
    ready: ReadyForm, answers: Mapping[str, CodedColumn | Sequence[Any]], size: int, *, on: date,
    known: Mapping[str, CodedColumn] = MappingProxyType({}),
) -> FilledColumns:  # fmt: skip
    """Judge the answers of `size` rows to a form filled in on a day, each row as `fill` judges it by itself.

    `answers`: field → the answer of each row, None for none; `known`: what expressions read beside the form's fields.
    Never raises for what people typed.
    """
    made = FilledColumns(ready, on, size)
    given = {name: cells if isinstance(cells, CodedColumn) else coded(cells) for name, cells in answers.items()}
    repeated = [f.id for f in ready.every() if f.field.repeat and f.id in given]
    alone = np.zeros(size, dtype=bool)
    for name in repeated:
        alone |= given[name].mask([not blank(v) for v in given[name].values])
    walk = _ColumnWalk(made, given, known)
    walk.walk(ready.fields, np.ones(size, dtype=bool))
    top = {f.id for f in ready.fields} | {x.id for f in ready.fields if not f.field.repeat for x in f.fields}
    for name, column in given.items():
        if name not in top:
            walk.faults.tell(column.there, FieldFault(name, f"表单里没有字段「{name}」"))
    walk.checks(ready.checks, "", np.ones(size, dtype=bool))
    made.alone = {
        n: fill(
            ready, {name: column.at(n) for name, column in given.items() if column.places[n]}, on=on,
            known={name: column.at(n) for name, column in known.items()},
        )
        for n in np.flatnonzero(alone).tolist()
    }  # fmt: skip
    mine = {n: filled.faults for n, filled in made.alone.items()}, {n: f.queries for n, f in made.alone.items()}
    made.faults, made.queries = (
        {n: told for n, told in (row_told | own).items() if told}
        for row_told, own in zip((walk.faults.by_row(), walk.queries.by_row()), mine, strict=True)
    )
    return made
