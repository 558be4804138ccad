"""What a statistical return says beside its figures: its marks, the unit of each row, the period in words, what rows
and columns mean.

The marks are those that a statistical return carries by the Statistics Law of the PRC (统计法 2009 年修订第十五条: 表号、制定机关、
批准或者备案文号、有效期限); the layout (甲 乙 丙, signatures below) is the custom of the state's statistical reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qingmiao.content.base import Source
from qingmiao.content.indicators import Aggregate, Definition, Indicator
from qingmiao.content.policy import FormMarks
from qingmiao.content.returns import Return, ReturnLine

UNKNOWN = ""
SIGNATURES = ("单位负责人", "填表人", "填表人联系电话", "报出日期")
"""Who signs for a return, in the order in which they stand below it."""


@dataclass(frozen=True)
class Explained:
    """What a row or column means (指标解释): `words`, and the source of those of an indicator's card (None: the return's
    own)."""

    label: str
    words: str
    source: Source | None = None


def marks(return_: Return, local: FormMarks) -> tuple[tuple[str, str], ...]:
    """The marks in the upper right corner, in their order; "" where it is not known, to be filled in by the county."""
    return (
        ("表号", return_.form_no),
        ("制定机关", return_.issued_by),
        ("文号", local.document),
        ("批准机关", local.approved_by),
        ("批准文号", return_.approval or local.approval),
        ("有效期至", local.valid_until),
    )


def row_unit(return_: Return, row: ReturnLine) -> str:
    """The unit of a row (计量单位): its own, or the one that all columns share; "" where it differs by column."""
    shared = {c.unit for c in return_.columns}
    return row.unit or (shared.pop() if len(shared) == 1 else "")


def column_unit(return_: Return, column: ReturnLine) -> str:
    """The unit that a column's head names: none where the column of units says it already."""
    return column.unit if len({c.unit for c in return_.columns}) > 1 else ""


def explanations(return_: Return, indicators: Mapping[str, Indicator]) -> tuple[Explained, ...]:
    """What the rows and columns mean, rows first: the return's own note, and the card of each indicator that reads
    them.

    An indicator stands once, with the first line that it reads whole: a row, where all that it reads lies in it.
    """
    found, told = [], set()
    for line, cells in _lines(return_):
        if line.note:
            found.append(Explained(line.label.zh, line.note))
        for indicator in indicators.values():
            read = cells_read(indicator, return_.id)
            if read and indicator.formula and indicator.id not in told and read <= cells:
                told.add(indicator.id)
                words = f"{indicator.label.zh}：{indicator.formula}"
                found.append(Explained(line.label.zh, words, indicator.source))
    every = frozenset(return_.cells)
    for indicator in indicators.values():
        read = cells_read(indicator, return_.id) & every
        if read and indicator.formula and indicator.id not in told:
            rows = "、".join(r.label.zh for r in return_.rows if any(c.startswith(f"{r.code}.") for c in read))
            found.append(Explained(rows, f"{indicator.label.zh}：{indicator.formula}", indicator.source))
    return tuple(found)


def _lines(return_: Return) -> list[tuple[ReturnLine, frozenset[str]]]:
    rows = [(r, frozenset(f"{r.code}.{c.code}" for c in return_.columns)) for r in return_.rows]
    return rows + [(c, frozenset(f"{r.code}.{c.code}" for r in return_.rows)) for c in return_.columns]


def cells_read(indicator: Indicator, return_id: str) -> frozenset[str]:
    """The cells of a return that an indicator's definitions read."""
    return frozenset(
        cell.lstrip("-")
        for definition in indicator.definitions
        for part in (definition.numerator, definition.denominator)
        if part is not None and part.cells is not None and _return_of(definition, part) == return_id
        for cell in part.cells
    )


def _return_of(definition: Definition, part: Aggregate) -> str:
    return definition.source_of(part).removeprefix("return:")
