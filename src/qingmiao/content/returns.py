"""Statistical returns (统计报表): rows × columns with codes, units, periods, error rules and query rules.

A cell is written "row.column" ("03.2"). Rules are expressions over cells in square brackets: ``[01.1] >= [01.2]``;
``[*.1]`` repeats the rule for every row, ``[01.*]`` for every column; ``last[01.1]`` is last period's figure;
``sum([02.1], [03.1])`` adds. A rule over a missing cell is not decided (a missing cell is another finding).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, Source
from qingmiao.kernel.periods import PeriodKind

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9]+$", max_length=12)]


class ReturnLine(Content):
    """One row or column: its code, label, unit, type and plausible range."""

    code: Code
    label: Label
    unit: str = ""
    type: Literal["integer", "number", "text"] = "integer"
    min: float | None = 0
    max: float | None = None
    indent: Annotated[int, Field(ge=0, le=4)] = 0
    note: str = ""


class ComputedCell(Content):
    """A cell that the sheet computes: ``cell: "01.3"`` (or "*.3"), ``formula: "[01.1] + [01.2]"``."""

    cell: str
    formula: str


class Rule(Content):
    """error (强制性审核) blocks; query (核实性审核) wants a real explanation."""

    id: Id
    level: Literal["error", "query"]
    check: str
    message: str


class ReturnDue(Content):
    """Due `days` calendar days after the period ends (or, with `after: start`, begins). A local setting unless sourced.

    Counted as the Civil Code counts (`kernel.deadlines`): a last day that is a rest day moves to the next working day.
    """

    days: Annotated[int, Field(ge=0, le=3660)]
    after: Literal["start", "end"] = "end"
    source: Source | None = None


class Return(Content):
    """One return. `level` is the kind of area that reports; `reporter` the unit that fills it in."""

    id: Id
    form_no: str
    label: Label
    issued_by: str
    approval: str = ""
    period: PeriodKind
    level: Literal["county", "township"]
    reporter: Id
    due: ReturnDue
    rows: Annotated[tuple[ReturnLine, ...], Field(min_length=1)]
    columns: Annotated[tuple[ReturnLine, ...], Field(min_length=1)]
    blocked: tuple[str, ...] = ()
    """Cells that are not filled in."""
    optional: tuple[str, ...] = ()
    """Cells that may be left empty without a finding."""
    computed: tuple[ComputedCell, ...] = ()
    rules: tuple[Rule, ...] = ()
    serves: tuple[Id, ...] = ()
    version: Annotated[int, Field(ge=1)] = 1
    source: Source
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _codes(self) -> Self:
        for what, lines in (("行", self.rows), ("列", self.columns)):
            codes = [line.code for line in lines]
            twice = sorted({c for c in codes if codes.count(c) > 1})
            if twice:
                raise ValueError(f"{what}代码重复：{'、'.join(twice)}")
        cells = set(self.cells)
        for cell in (*self.blocked, *self.optional):
            if cell not in cells and not any(expand(cell, self)):
                raise ValueError(f"blocked/optional 提到没有的单元格 {cell}")
        ids = [r.id for r in self.rules]
        if len(ids) != len(set(ids)):
            raise ValueError("规则 id 重复")
        return self

    @property
    def cells(self) -> tuple[str, ...]:
        """All cells, row by row."""
        return tuple(f"{r.code}.{c.code}" for r in self.rows for c in self.columns)

    @property
    def filled(self) -> tuple[str, ...]:
        """The cells that a person fills in: all but the blocked and the computed."""
        off = {c for given in self.blocked for c in expand(given, self)}
        off |= {c for given in self.computed for c in expand(given.cell, self)}
        return tuple(c for c in self.cells if c not in off)


def expand(cell: str, return_: Return) -> tuple[str, ...]:
    """ "*.3" → every row's column 3; "01.*" → every column of row 01; "01.3" → itself when it exists."""
    row, _, column = cell.partition(".")
    return tuple(
        f"{r.code}.{c.code}"
        for r in return_.rows
        for c in return_.columns
        if row in ("*", r.code) and column in ("*", c.code)
    )
