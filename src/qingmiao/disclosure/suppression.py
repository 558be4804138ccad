"""Which numbers of a table are suppressed, so that no small count can be found by adding and subtracting.

Guarantee (docs/explanation/disclosure.md): somebody who knew exactly what stands behind every number that is shown,
totals included, who knows that nought is always shown and that counts are whole, could still not exclude any
value from 1 to `small` + 1 for a suppressed small cell, nor say of a small total that it is small.

How: a small number is protected by a box. In each by-column a partner is chosen, another category or the total; of
all the corners of that box none is shown. Going up by one at the small number and by one, up or down in turn, at the
corners leaves every sum of the table as it was; the corners are large enough to go as far as needed. Boxes are
taken in one pass, the one that costs the fewest people first; what is suppressed later only helps who was before.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from qingmiao.disclosure.policy import RULE, DisclosureRule
from qingmiao.disclosure.tables import CountTable, Flags, Ints

LEAST = 1
"""What everybody knows of a suppressed number: it is not nought."""
FREE, TRIED, MOST_TRIED = 256, 4096, 2_000_000
"""So many boxes are looked at for one number: of what is hidden already; of the cheapest; before it is given up."""


@dataclass(frozen=True, eq=False)
class HidingPattern:
    """What is suppressed: `hidden` all that is not shown, `small` those for their size.

    `bare`: numbers that nothing can protect, because what would have to be hidden with them is known already.
    """

    hidden: Flags
    small: Flags
    bare: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Need:
    """How far a number must be able to go: `up` and `down`, in people."""

    up: int
    down: int


@dataclass(frozen=True, eq=False)
class Past:
    """What earlier releases mean for a table; flags of its numbers.

    `known`: shown before, so that hiding them protects nothing. `kept`: hidden before, and so hidden again. `near`: to
    be hidden whatever their size and protected like small ones, `small` people up and down, because something that was
    shown or hidden before follows from them.
    """

    known: Flags
    kept: Flags
    near: Flags


def suppress(table: CountTable, *, rule: DisclosureRule = RULE, past: Past | None = None) -> HidingPattern:
    """Which numbers of a table to hide, for a table that is published first or after others (`past`)."""
    counts = table.counts
    some = counts > 0
    small = some & (counts <= rule.small)
    asked, hidden, usable = small, small.copy(), some
    if past is not None:
        asked = small | (past.near & some)
        hidden = asked | (past.kept & some)
        usable = some & ~past.known
    search = _Boxes(table, usable, hidden)
    cells = table.is_cell
    bare: list[int] = []
    numbers = np.flatnonzero(asked)
    # Cells before totals and the smallest first: they want the largest partners, which then serve the others too.
    for number in numbers[np.lexsort((numbers, counts[numbers], ~cells[numbers]))].tolist():
        count = int(counts[number])
        if small[number]:
            need = _Need(rule.small + 1 - count, count - LEAST if cells[number] else 0)
        else:
            need = _Need(rule.small, min(rule.small, count - LEAST))
        if not search.protect(number, need):
            bare.append(number)
    return HidingPattern(search.hidden, small, tuple(bare))


class _Boxes:
    """The search for boxes; `hidden` grows with each that is taken."""

    def __init__(self, table: CountTable, usable: Flags, hidden: Flags) -> None:
        self.table, self.usable, self.hidden = table, usable, hidden
        self.totals = table.totals
        self.columns = len(table.by)
        self.lines = [self._lines(d) for d in range(self.columns)]

    def _lines(self, d: int) -> tuple[Ints, Ints, Ints]:
        """Numbers that differ in column `d` alone, side by side: the numbers, and where each one's line begins and
        ends."""
        t = self.table
        rest = t.code - t.at[:, d] * t.strides[d]
        members = np.flatnonzero(self.usable)
        members = members[np.argsort(rest[members], kind="stable")]
        sorted_rest = rest[members]
        return members, np.searchsorted(sorted_rest, rest, "left"), np.searchsorted(sorted_rest, rest, "right")

    def protect(self, number: int, need: _Need) -> bool:
        """Hide the corners of the cheapest box that lets a number go as far as it must; False where there is none."""
        for boxes, free in ((FREE, True), (TRIED, False), (MOST_TRIED, False)):
            most = max(2, int(boxes ** (1 / self.columns)))
            partners = [self._partners(number, d, need, most, free) for d in range(self.columns)]
            if all(map(len, partners)):
                corners = self._cheapest(number, partners, need)
                if corners is not None and (not free or self.hidden[corners].all()):
                    self.hidden[corners] = True
                    return True
        return False

    def _partners(self, number: int, d: int, need: _Need, most: int, free: bool) -> Ints:
        """The numbers that can stand beside one in column `d`, the cheapest first; at most `most`, with the total.

        `free`: only those that are hidden already.
        """
        members, begins, ends = self.lines[d]
        line = members[begins[number] : ends[number]]
        if free:
            line = line[self.hidden[line]]
        line = line[line != number]
        total = self.table.at[line, d] == self.totals[d]
        if self.table.at[number, d] == self.totals[d]:
            total |= True
        enough = self.table.counts[line] - LEAST >= np.where(total, need.down, need.up)
        line, total = line[enough], total[enough]
        if len(line) <= most or free:
            return np.asarray(line[:most])
        chosen = np.argsort(np.where(self.hidden[line], 0, self.table.counts[line]), kind="stable")[:most]
        sums = np.flatnonzero(total)
        with_sum = chosen if len(sums) != 1 or sums[0] in chosen else np.append(chosen, sums)
        return np.asarray(line[with_sum])

    def _cheapest(self, number: int, partners: list[Ints], need: _Need) -> Ints | None:
        """The corners of the cheapest box of these partners, or None."""
        t = self.table
        shape = tuple(len(p) for p in partners)
        steps, turned = [], []
        for d, partner in enumerate(partners):
            other = t.at[partner, d]
            along = tuple(-1 if i == d else 1 for i in range(self.columns))
            steps.append(((other - t.at[number, d]) * t.strides[d]).reshape(along))
            straight = (other == self.totals[d]) | (t.at[number, d] == self.totals[d])
            turned.append(~straight.reshape(along))
        cost = np.zeros(shape, dtype=np.int64)
        good = np.ones(shape, dtype=np.bool_)
        found: list[Ints] = []
        for size in range(1, self.columns + 1):
            for chosen in combinations(range(self.columns), size):
                if size == 1:
                    d = chosen[0]
                    corner = partners[d].reshape(tuple(-1 if i == d else 1 for i in range(self.columns)))
                else:
                    codes = t.code[number] + sum(steps[d] for d in chosen)
                    corner = t.numbers(np.asarray(codes))
                opposite = np.logical_xor.reduce(np.broadcast_arrays(*(turned[d] for d in chosen)), axis=0)
                room = t.counts[corner] - LEAST
                good &= (corner >= 0) & self.usable[corner] & np.where(opposite, room >= need.up, room >= need.down)
                cost += np.where(self.hidden[corner], 0, t.counts[corner])
                found.append(corner)
        if not good.any():
            return None
        best = int(np.argmin(np.where(good, cost, np.iinfo(np.int64).max)))
        place = np.unravel_index(best, shape)
        return np.array([np.broadcast_to(corner, shape)[place] for corner in found], dtype=np.int64)
