"""What is shown of a table: cells rounded, totals added up from the cells that are shown, rates of what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np

from qingmiao.disclosure.policy import RULE, DisclosureRule
from qingmiao.disclosure.suppression import HidingPattern, Past, suppress
from qingmiao.disclosure.tables import CountTable, Flags, Ints, Place
from qingmiao.kernel.rounding import half_up


@dataclass(frozen=True, eq=False)
class ShownTable:
    """A table as it is published: `values` where `there`; everything else is suppressed.

    `partial` are totals that are shown but leave suppressed cells out: they are the sum of what is shown, less than
    what was counted.
    """

    table: CountTable
    pattern: HidingPattern
    values: Ints
    there: Flags
    partial: Flags

    def cells(self) -> dict[Place, int | None]:
        """Place → the number shown, None where it is suppressed; in the order of the table."""
        values, there = self.values.tolist(), self.there.tolist()
        return {place: values[i] if there[i] else None for i, place in enumerate(self.table.places())}


def show(table: CountTable, *, rule: DisclosureRule = RULE, past: Past | None = None) -> ShownTable:
    """A table as it may be published.

    A cell is shown rounded or not at all; a total is the sum of the cells below it that are shown. A total is
    not shown where it is suppressed itself, or where everything shown below it is nought and something is not shown.
    `past`: what earlier releases mean for it (`releases.release`).
    """
    pattern = suppress(table, rule=rule, past=past)
    cells = np.flatnonzero(table.is_cell)
    rounded = (table.counts[cells] + rule.base // 2) // rule.base * rule.base
    open_ = ~pattern.hidden[cells]
    values = np.zeros(len(table.code), dtype=np.int64)
    missing = np.zeros(len(table.code), dtype=np.int64)
    strides = np.array(table.strides, dtype=np.int64)
    for summed in product((False, True), repeat=len(table.by)):
        numbers = table.numbers(np.where(summed, table.totals, table.at[cells]) @ strides)
        np.add.at(values, numbers, np.where(open_, rounded, 0))
        np.add.at(missing, numbers, ~open_)
    there = ~pattern.hidden & ((values > 0) | (missing == 0))
    return ShownTable(table, pattern, np.where(there, values, 0), there, there & (missing > 0))


def rate(numerator: int | None, denominator: int | None, *, factor: int = 100, decimals: int = 1) -> Decimal | None:
    """A rate of two numbers as they are shown, half up; None where either is not shown or the denominator is 0.

    The rest (who is in the denominator alone) needs no rule of its own: both parts are off by up to 2, so whenever the
    shown rest is 0 it can be nobody, and otherwise it can be 8 or more.
    """
    if numerator is None or not denominator:
        return None
    return half_up(Fraction(numerator * factor, denominator), decimals)
