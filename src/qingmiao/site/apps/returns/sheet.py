"""One return as it stands: its figures, last year's, what the rules say, what was noted and explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, Protocol, TypeVar

from django.db.models import F, QuerySet

from qingmiao.collect.rules import CellKey, ReturnRules
from qingmiao.content.expressions import rule_cells
from qingmiao.kernel.figure_texts import FigureError, plain_figure
from qingmiao.site.apps.returns import pack_returns
from qingmiao.site.apps.returns.explanations import is_real
from qingmiao.site.apps.returns.models import Cell, Explanation, Note, Said

S = TypeVar("S", bound=Said)

EMPTY_RULE = "empty"
DECIMALS = 6


@dataclass(frozen=True)
class BrokenRule:
    """A broken rule on a sheet. `key` names it for its explanation: the rule and its cells."""

    rule: str
    level: Literal["error", "query"]
    cells: tuple[str, ...]
    message: str
    check: str = ""
    explanation: str = ""
    hint: str = ""
    """Why the explanation given is not enough."""

    @property
    def key(self) -> str:
        """ "Q03:06.1"."""
        return f"{self.rule}:{','.join(self.cells)}"

    @property
    def explained(self) -> bool:
        """A query rule with an explanation that says something."""
        return self.level == "query" and bool(self.explanation) and not self.hint

    def as_json(self) -> dict[str, Any]:
        """For the page's script."""
        return {
            "rule": self.rule, "key": self.key, "level": self.level, "cells": list(self.cells), "message": self.message,
            "check": self.check, "explained": self.explained, "explanation": self.explanation, "hint": self.hint,
        }  # fmt: skip


@dataclass(frozen=True)
class SheetEntry:
    """What stands in a cell, note or explanation: the figure or text, at which revision it was last changed, by whom,
    when."""

    revision: int
    changed_by: str
    """The name; "" for a job or an import."""
    changed_at: datetime
    value: Decimal | None = None
    text: str = ""
    reason: str = ""
    """Of a cell: computed, or why it is empty."""


class Returned(Protocol):
    """A return: its row, or what pages show of it."""

    @property
    def pk(self) -> int:
        """Its number."""

    @property
    def return_id(self) -> str:
        """The return that it is a sheet of."""

    @property
    def year(self) -> int:
        """Its year."""

    @property
    def area_id(self) -> str:
        """Its area."""

    @property
    def unit_id(self) -> str:
        """The unit that files it."""

    @property
    def state(self) -> str:
        """Where it stands (`workflow.State`)."""

    @property
    def version(self) -> int:
        """Its present version."""

    @property
    def revision(self) -> int:
        """Its saves and steps so far."""


@dataclass(frozen=True)
class Sheet:
    """A version of a filing with everything that belongs to it."""

    filing: Returned
    rules: ReturnRules
    cells: Mapping[str, SheetEntry]
    notes: Mapping[str, SheetEntry]
    explanations: Mapping[str, SheetEntry]
    last: Mapping[str, Decimal] = field(default_factory=dict)
    """Last period's accepted figures."""

    @cached_property
    def values(self) -> dict[CellKey, Decimal | None]:
        """What people filled in (no computed cell)."""
        return {key_of(c): x.value for c, x in self.cells.items() if key_of(c) not in self.rules.formulas}

    @cached_property
    def computed(self) -> dict[str, Decimal | None]:
        """The computed cells, from the present figures."""
        return {code_of(k): v for k, v in self.rules.computed(self.values).items()}

    @cached_property
    def marks(self) -> tuple[BrokenRule, ...]:
        """Everything that the return's rules find, errors first; an empty cell without a note is one error."""
        found = []
        for b in self.rules.broken(self.values, {key_of(c): v for c, v in self.last.items()}):
            cells = rule_cells(b.check) if b.check else tuple(code_of(k) for k in b.cells)
            given = self.explanations.get(f"{b.rule or b.code}:{','.join(cells)}")
            text = given.text if given and b.kind == "query" else ""
            decision = is_real(text, f"{b.message}{self._words(cells)}") if text else None
            hint = decision.reason if decision is not None and not decision else ""
            found.append(BrokenRule(b.rule or b.code, b.kind, cells, b.message, b.check, text, hint))
        empty = tuple(c for c in map(code_of, self.rules.empty(self.values)) if c not in self.notes)
        if empty:
            message = f"还有 {len(empty)} 格没有填：是零填 0；确实没有数据的，在该格批注里写明原因"
            found.append(BrokenRule(EMPTY_RULE, "error", empty, message))
        return tuple(sorted(found, key=lambda m: m.level != "error"))

    def _words(self, cells: tuple[str, ...]) -> str:
        """The labels of the cells: repeating them explains nothing either."""
        lines = [line for c in cells if key_of(c) in self.rules.lines for line in self.rules.lines[key_of(c)]]
        return "".join(str(line.label) for line in lines)

    @property
    def blocking(self) -> tuple[BrokenRule, ...]:
        """What keeps the return from being submitted: errors, and queries without a real explanation."""
        return tuple(m for m in self.marks if not m.explained)


def load(filing: Returned, *, version: int | None = None) -> Sheet:
    """The sheet of a version (default: the present one), with last year's accepted figures of the same return and
    area."""
    of = version or filing.version
    return Sheet(
        filing,
        pack_returns.rules(filing.return_id),
        {c.code: _entry(c, value=c.value, reason=c.reason) for c in _said(Cell, filing, of)},
        {n.code: _entry(n, text=n.text) for n in _said(Note, filing, of).exclude(text="")},
        {e.key: _entry(e, text=e.text) for e in _said(Explanation, filing, of).exclude(text="")},
        last_year(filing),
    )


def emptied(kind: type[Note] | type[Explanation], filing: Returned, since: int) -> dict[str, SheetEntry]:
    """The notes or explanations of the present version that somebody emptied after a revision, by code or key."""
    column = "code" if kind is Note else "key"
    rows = _said(kind, filing, filing.version).filter(text="", revision__gt=since)
    return {getattr(row, column): _entry(row) for row in rows}


def _said(kind: type[S], filing: Returned, version: int) -> QuerySet[S]:
    return kind._default_manager.filter(filing=filing.pk, version=version).select_related("changed_by")


def _entry(said: Said, *, value: Decimal | None = None, text: str = "", reason: str = "") -> SheetEntry:
    by = said.changed_by.name if said.changed_by is not None else ""
    return SheetEntry(said.revision, by, said.changed_at, value, text, reason)


def last_year(filing: Returned) -> dict[str, Decimal]:
    """Last period's accepted figures of the same return and area, by code."""
    rows = Cell.objects.filter(
        filing__return_id=filing.return_id, filing__area=filing.area_id, filing__year=filing.year - 1,
        version=F("filing__accepted_version"), value__isnull=False,
    )  # fmt: skip
    return {code: value for code, value in rows.values_list("code", "value") if value is not None}


def typed_number(text: str) -> Decimal | None:
    """What somebody typed as a number, read as in a workbook's cell (`kernel.figure_texts`) and as the page's script
    reads it.

    None for nothing. Raises ValueError with the reason for anything that is no number, is too large or too fine.
    """
    try:
        value = plain_figure(text)
    except FigureError as e:
        raise ValueError(f"{e.message}：{e.hint}") from None
    return None if value is None else fine_enough(value)


def fine_enough(value: Decimal) -> Decimal:
    """The figure itself. Raises ValueError where it has more decimals than a cell holds."""
    if value != round(value, DECIMALS):
        raise ValueError(f"「{value:f}」的小数超过 {DECIMALS} 位")
    return value


def shown(value: Decimal | None) -> str:
    """A figure in plain digits without closing zeros; "" for none."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def key_of(code: str) -> CellKey:
    """ "01.2" → ("01", "2")."""
    row, _, column = code.partition(".")
    return row, column


def code_of(key: CellKey) -> str:
    """("01", "2") → "01.2"."""
    return ".".join(key)
