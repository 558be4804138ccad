"""One number out of many rows of a fact table, as asked for by a definition; equal ones are measured once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from qingmiao.content.expressions import columns_of, function_name, parse
from qingmiao.content.facts import Fact
from qingmiao.content.indicators import Aggregate
from qingmiao.kernel.periods import PeriodKind

MICRO = 1_000_000
"""Sums of decimals are exact to the millionth: each addend is rounded to whole millionths, these are added as integers.
So a sum does not depend on the order of the rows, nor on threads, nor on the engine."""


@dataclass(frozen=True)
class LatestKey:
    """Only the newest row per `per` and year (of `kind`) among the rows for which `where` is true."""

    per: str
    order: str
    where: str | None
    kind: PeriodKind


@dataclass(frozen=True)
class Measurement:
    """`operand` is "*", a column or an expression (text); `integral` sums stay whole numbers."""

    function: Literal["count", "distinct", "sum"]
    operand: str
    where: str | None
    latest: LatestKey | None
    integral: bool = False

    @classmethod
    def of(cls, aggregate: Aggregate, latest: LatestKey | None, *, integral: bool) -> Measurement:
        """The measurement that an aggregate over a fact table asks for."""
        if aggregate.sum is not None:
            return cls("sum", aggregate.sum, aggregate.where, latest, integral)
        if aggregate.distinct is not None:
            return cls("distinct", aggregate.distinct, aggregate.where, latest)
        return cls("count", aggregate.count or "*", aggregate.where, latest)

    def columns(self, fact: Fact) -> tuple[str, ...]:
        """The columns of the fact that it reads, without those of the groups."""
        names: list[str] = []
        if self.function == "sum":
            names += columns_of(parse(self.operand))
        elif self.operand != "*":
            names.append(self.operand)
        if self.where is not None:
            names += columns_of(parse(self.where))
        if self.latest is not None:
            names += [self.latest.per, self.latest.order, *fact.key]
            if self.latest.where is not None:
                names += columns_of(parse(self.latest.where))
        return tuple(dict.fromkeys(names))


def is_integral(text: str | None, fact: Fact) -> bool:
    """Whether a sum's expression can only give whole numbers (no number column, no decimal literal, no division)."""
    if text is None:
        return False
    kinds = {n: c.type for n, c in fact.columns.items()} | {n: d.type for n, d in fact.derived.items()}
    for node in parse(text).walk():
        if isinstance(node, exp.Div):
            return False
        if isinstance(node, exp.Literal) and not node.is_string and not node.this.isdigit():
            return False
        if isinstance(node, exp.Column) and kinds.get(node.name) == "number":
            # An age in whole units of a date is integral; a number column anywhere else may not be.
            return False
        if isinstance(node, exp.Anonymous) and function_name(node) is None:
            return False
    return True


def weights(cells: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Cells of a return with their sign, each once: ("01.1", "-01.2") → (("01.1", 1), ("01.2", -1))."""
    total: Counter[str] = Counter()
    for cell in cells:
        total[cell.removeprefix("-")] += -1 if cell.startswith("-") else 1
    return tuple(sorted(total.items()))
