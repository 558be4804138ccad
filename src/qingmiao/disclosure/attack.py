"""What somebody can find out about suppressed counts by linear programming: the attack that releases must stand.

It shares nothing with `suppression` but the table: where that builds boxes, this solves for the least and the greatest
value that a count can have. The attacker knows exactly what stands behind every number that is shown, and that a
suppressed number is at least 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from qingmiao.disclosure.policy import RULE, DisclosureRule
from qingmiao.disclosure.suppression import LEAST
from qingmiao.disclosure.tables import CountTable, Flags, Ints

NEARLY = 1e-6


@dataclass(frozen=True)
class CountRange:
    """What the attacker knows of a small count: it lies between `low` and `high` (None: no limit)."""

    number: int
    low: float
    high: float | None


def attack(table: CountTable, there: Flags, *, rule: DisclosureRule = RULE, slack: float = 0) -> list[CountRange]:
    """The range of every small cell and total of a table, of which the numbers `there` are shown.

    `slack`: by how much what is shown may be off (0: the attacker knows the exact counts, more than any reader).
    """
    cells = np.flatnonzero(table.is_cell)
    unknown = cells[~there[cells]]
    if len(unknown) == 0:
        return []
    below = _sums(table, cells)
    known = np.where(there[cells], table.counts[cells], 0)
    rows = np.flatnonzero(there & ~table.is_cell)
    of_unknown = below[:, ~there[cells]]
    left = (table.counts - below @ known)[rows]
    exact = of_unknown[rows]
    limits = slack * np.asarray(below[rows].sum(axis=1)).ravel()
    found = []
    for number in np.flatnonzero((table.counts > 0) & (table.counts <= rule.small)).tolist():
        aim = np.asarray(of_unknown[number].todense(), dtype=float).ravel()
        ends = []
        for sign in (1, -1):
            given = {"A_eq": exact, "b_eq": left} if not slack else {
                "A_ub": sparse.vstack([exact, -exact]), "b_ub": np.concatenate([left + limits, limits - left])
            }  # fmt: skip
            if len(rows) == 0:
                given = {}
            answer = linprog(sign * aim, bounds=(LEAST, None), method="highs", **given)
            if answer.status not in (0, 3):
                raise RuntimeError(f"the attack came to no end: {answer.message}")
            ends.append(None if answer.status == 3 else sign * float(answer.fun))
        low, high = ends
        assert low is not None  # every count is at least 1
        found.append(CountRange(number, low, high))
    return found


def recovered(table: CountTable, there: Flags, *, rule: DisclosureRule = RULE, slack: float = 0) -> list[CountRange]:
    """Small numbers about which the attack says more than the rule: a cell for which not every value from 1 to
    `small` + 1 remains possible, a total that is certainly small."""
    cells = table.is_cell
    return [
        f
        for f in attack(table, there, rule=rule, slack=slack)
        if (f.high is not None and f.high < rule.small + 1 - NEARLY) or (cells[f.number] and f.low > LEAST + NEARLY)
    ]


def _sums(table: CountTable, cells: Ints) -> sparse.csr_matrix:
    """Number × cell: 1 where the cell is counted in the number."""
    strides = np.array(table.strides, dtype=np.int64)
    rows, columns = [], []
    for mask in range(2 ** len(table.by)):
        summed = [(mask >> d) & 1 == 1 for d in range(len(table.by))]
        rows.append(table.numbers(np.where(summed, table.totals, table.at[cells]) @ strides))
        columns.append(np.arange(len(cells)))
    ones = np.ones(len(cells) * 2 ** len(table.by))
    return sparse.csr_matrix((ones, (np.concatenate(rows), np.concatenate(columns))), (len(table.code), len(cells)))
