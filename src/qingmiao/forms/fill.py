"""A form is filled in one pass from top to bottom: what is hidden is missing and not stored; computed values follow.

A field is shown only when its condition is *true*, and an answer is blocked only when a check is *false*: a missing
answer decides nothing. A division by zero is missing. Numbers are decimals, never doubles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from qingmiao.content.evaluate import evaluate
from qingmiao.content.forms import FILLED_ON
from qingmiao.forms.kinds import KINDS
from qingmiao.forms.ready import ReadyCheck, ReadyField, ReadyForm
from qingmiao.forms.values import Answers, Value
from qingmiao.kernel.misread import MisreadError
from qingmiao.kernel.rounding import half_up

TOLD_MAX = 300
"""Characters of a message; what was typed may be longer than anybody reads."""
EXPLAINED_LEAST = 2
"""Characters that explain a query at least (local setting)."""
ROWS_MAX = 200
"""Rows of a repeated group where the form says no `max`."""


@dataclass(frozen=True)
class FieldFault:
    """What is wrong with a field (`""`: with the form as a whole), in Chinese; `row` counts a repeated group's rows
    from 1.

    The message is one short line, whatever control characters and lengths were typed.
    """

    field: str
    message: str
    row: int | None = None
    check: str = ""
    """The id of the check that asks or blocks; empty for what the field's type says."""
    message_en: str = ""
    """The message in English where the form gives one."""

    @property
    def key(self) -> str:
        """Names a query's explanation: the check's id, with the row of a repeated group."""
        return self.check if self.row is None else f"{self.check}.{self.row}"

    def __post_init__(self) -> None:
        plain = "".join(c if c.isprintable() else "�" for c in self.message)
        short = plain if len(plain) <= TOLD_MAX else plain[: TOLD_MAX - 1] + "…"
        object.__setattr__(self, "message", short)


@dataclass(frozen=True)
class Filled:
    """Answers judged by one version of a form. Only what was shown and answered is in `values`.

    `values`: field id → answer, a repeated group → tuple of its rows. `faults` block, `queries` ask. `dropped`: fields
    that were answered but hidden. `score`: points of a form that has `correct` answers, None while there are faults.
    """

    form: str
    version: int
    on: date
    values: Mapping[str, Any]
    shown: frozenset[str]
    required: frozenset[str]
    faults: tuple[FieldFault, ...] = ()
    queries: tuple[FieldFault, ...] = ()
    dropped: tuple[str, ...] = ()
    score: Decimal | None = None
    passed: bool | None = None

    @property
    def accepted(self) -> bool:
        """Whether nothing blocks."""
        return not self.faults

    def unexplained(self, explanations: Mapping[str, str]) -> tuple[FieldFault, ...]:
        """The queries that nobody explained yet. `explanations`: `FieldFault.key` → what the person says to it."""
        return tuple(q for q in self.queries if len(explanations.get(q.key, "").strip()) < EXPLAINED_LEAST)


@dataclass
class _Pass:
    """One walk; `row` is what expressions read."""

    row: dict[str, Any]
    index: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    faults: list[FieldFault] = field(default_factory=list)
    queries: list[FieldFault] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    points: Decimal = Decimal(0)

    def fault(self, one: ReadyField, message: str) -> None:
        self.faults.append(FieldFault(one.id, message, self.index))

    def checks(self, checks: tuple[ReadyCheck, ...], of: str) -> None:
        for ready in checks:
            if evaluate(ready.tree, self.row) is False:
                found = self.faults if ready.check.level == "error" else self.queries
                said = ready.check.message
                found.append(FieldFault(of, said.zh, self.index, ready.check.id, said.en))

    def walk(self, fields: tuple[ReadyField, ...], answers: Answers) -> None:
        for one in fields:
            self.field(one, answers)

    def field(self, one: ReadyField, answers: Answers) -> None:
        if one.show_if is not None and evaluate(one.show_if, self.row) is not True:
            self.hide(one, answers)
            return
        self.shown.add(one.id)
        if one.type == "group":
            self.group(one, answers)
        elif one.compute is not None:
            self.computed(one)
        elif KINDS[one.type].answered:
            self.answer(one, answers.get(one.id))

    def hide(self, one: ReadyField, answers: Answers) -> None:
        self.row[one.id] = None
        if KINDS[one.type].answered and not blank(answers.get(one.id)):
            self.dropped.append(one.id)
        if one.field.repeat:
            if not blank(answers.get(one.id)):
                self.dropped.append(one.id)
            return
        for inner in one.fields:
            self.hide(inner, answers)

    def computed(self, one: ReadyField) -> None:
        assert one.compute is not None
        self.keep(one, rounded(one, evaluate(one.compute, self.row)))

    def answer(self, one: ReadyField, given: object) -> None:
        kind = KINDS[one.type]
        must = one.field.always_required or (
            one.required_if is not None and evaluate(one.required_if, self.row) is True
        )
        if must:
            self.required.add(one.id)
        self.row[one.id] = None
        try:
            value = kind.parse(one, given)
        except MisreadError as wrong:
            self.fault(one, str(wrong))
            return
        if value is None:
            if must:
                self.fault(one, f"请填写「{one.field.words}」")
            return
        if why := kind.check(one, value):
            self.fault(one, why)
            return
        self.keep(one, value)

    def keep(self, one: ReadyField, value: Value | None) -> None:
        self.row[one.id] = value
        if value is None:
            return
        self.values[one.id] = value
        self.checks(one.checks, one.id)
        self.points += points(one, value)

    def group(self, one: ReadyField, answers: Answers) -> None:
        if not one.field.repeat:
            self.walk(one.fields, answers)
            return
        given = answers.get(one.id)
        given = () if blank(given) else given
        if not isinstance(given, list | tuple) or not all(isinstance(r, Mapping) for r in given):
            self.row[one.id] = None
            self.fault(one, f"「{one.field.words}」应是一行一行的")
            return
        rows = []
        for index, answered in enumerate(given, start=1):
            inner = _Pass(dict(self.row), index)
            inner.walk(one.fields, answered)
            known = {f.id for f in one.fields}
            inner.faults += [
                FieldFault(str(x), f"「{one.field.words}」里没有字段「{x}」", index) for x in answered if x not in known
            ]
            rows.append(inner.values)
            self.shown |= inner.shown
            self.required |= inner.required
            self.faults += inner.faults
            self.queries += inner.queries
            self.dropped += inner.dropped
            self.points += inner.points
        low, high = row_limits(one)
        if not low <= len(rows) <= high:
            self.fault(one, miscounted(one, len(rows)))
        self.row[one.id] = tuple(rows)
        if rows:
            self.values[one.id] = tuple(rows)


def fill(ready: ReadyForm, answers: Answers, *, on: date, known: Mapping[str, Any] = MappingProxyType({})) -> Filled:
    """Judge answers to a form filled in on a day: what is shown, what it holds, what is wrong.

    `known`: what its expressions read beside its own fields, as the form was made ready for.

    `answers` are texts as people type them, lists of codes, rows of repeated groups, or what was stored before (filling
    again gives the same). An answer to a field that the form does not have is a fault; an answer to a computed field or
    a note is passed over, for the form decides it. Never raises for what people typed.
    """
    walk = _Pass({FILLED_ON: on, **known})
    walk.walk(ready.fields, answers)
    top = {f.id for f in ready.fields} | {x.id for f in ready.fields if not f.field.repeat for x in f.fields}
    walk.faults += [FieldFault(str(x), f"表单里没有字段「{x}」") for x in answers if x not in top]
    walk.checks(ready.checks, "")
    scored = any(f.field.correct for f in ready.every())
    score = walk.points if scored and not walk.faults else None
    level = ready.form.pass_score
    return Filled(
        form=ready.form.id,
        version=ready.form.version,
        on=on,
        values=walk.values,
        shown=frozenset(walk.shown),
        required=frozenset(walk.required),
        faults=tuple(walk.faults),
        queries=tuple(walk.queries),
        dropped=tuple(dict.fromkeys(walk.dropped)),
        score=score,
        passed=score >= Decimal(repr(level)) if score is not None and level is not None else None,
    )


def points(one: ReadyField, value: Value) -> Decimal:
    """What an answer earns: its `score` where it is correct; of several codes exactly the correct ones."""
    correct = one.field.correct
    if not correct:
        return Decimal(0)
    right = set(value) == set(correct) if isinstance(value, tuple) else value in correct
    return Decimal(repr(one.field.score)) if right else Decimal(0)


def rounded(one: ReadyField, value: Any) -> Any:
    """A computed value as its field keeps it: to its decimals, never an infinity."""
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    return value if value is None or one.field.decimals is None else half_up(value, one.field.decimals)


def row_limits(one: ReadyField) -> tuple[int, int]:
    """How many rows a repeated group has at least and at most."""
    return int(one.field.min or 0), int(one.field.max) if one.field.max is not None else ROWS_MAX


def miscounted(one: ReadyField, rows: int) -> str:
    """Why a repeated group cannot have so many rows."""
    low, high = row_limits(one)
    return f"「{one.field.words}」有 {rows} 行，应为 {low} 到 {high} 行"


def blank(given: object) -> bool:
    """Whether an answer is none."""
    return given is None or given in ("", [], ()) or (isinstance(given, str) and not given.strip())
