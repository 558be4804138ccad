"""Which numbers of a chain are not shown: how many came to each link, and where those are who did not go on.

Who reads a chain subtracts: a link less the next is what stayed there. So beside the small numbers others are kept
back, the smallest first, until nothing that is not shown follows from what is: neither as the only one left
of a sum, nor
because each of those left must be one. Noughts are always shown, and everybody knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class ChainShown:
    """A chain as it may be shown; None where a number is not. `reached`: a link each; `stayed`: a link's parts, none at
    the last link."""

    reached: tuple[int | None, ...]
    stayed: tuple[tuple[int | None, ...], ...]


def show_chain(stayed: Sequence[Sequence[int]], arrived: int, fewest: int) -> ChainShown:
    """A chain of counts (people, cases) without what tells a number below `fewest`. `stayed`: for each link but the
    last the parts that did not go on; `arrived`: who came to the last link."""
    hiding = _Hiding([*map(list, stayed), [arrived]], fewest)
    hiding.run()
    last = len(stayed)
    hidden = hiding.links | ({last} if (last, 0) in hiding.parts else set())
    return ChainShown(
        tuple(None if k in hidden else n for k, n in enumerate(hiding.reached)),
        tuple(
            tuple(None if (k, i) in hiding.parts else n for i, n in enumerate(row))
            for k, row in enumerate(hiding.rows[:last])
        ),
    )


class _Hiding:
    """What is hidden of a chain, and more of it until nothing follows. The last link's number is its only part."""

    def __init__(self, rows: list[list[int]], fewest: int) -> None:
        self.rows = rows
        self.reached = [sum(map(sum, rows[k:])) for k in range(len(rows))]
        self.last = len(rows) - 1
        self.links = {k for k in range(self.last) if 0 < self.reached[k] < fewest}
        self.parts = {(k, i) for k, row in enumerate(rows) for i, n in enumerate(row) if 0 < n < fewest}

    def run(self) -> None:
        """Each turn hides one number more, so that it ends."""
        while self._once():
            pass

    def _hid(self, low: int, high: int) -> list[int]:
        """The hidden parts of the links from `low` up to `high`."""
        return [self.rows[k][i] for k, i in self.parts if low <= k < high]

    def _once(self) -> bool:
        """Hide one number that gives a hidden one away; False where none does."""
        shown = [*(k for k in range(self.last) if k not in self.links), len(self.rows)]
        for a, b in pairwise(shown):  # between two links that are shown the sum of what stayed is known
            hid = self._hid(a, b)
            if hid and (len(hid) == 1 or sum(hid) == len(hid)):
                return self._more(a, b, b if b < self.last and self.reached[b] else a)
            for k in sorted(self.links & set(range(a, b))):
                if not self._hid(a, k):
                    return self._more(a, k, a)
                if not self._hid(k, b):
                    return self._more(k, b, b)
        for k in sorted(self.links & set(range(shown[0]))):  # before the first link that is shown no sum is known
            if not self._hid(k, shown[0]):
                return self._more(k, shown[0], shown[0])
        return False

    def _more(self, low: int, high: int, link: int) -> bool:
        """Hide the smallest part that is shown from `low` up to `high`; without one, that many came to `link`."""
        row = [(self.rows[k][i], k, i) for k in range(low, min(high, len(self.rows))) for i in range(len(self.rows[k]))]
        left = [(n, k, i) for n, k, i in row if n and (k, i) not in self.parts]
        if left:
            _, k, i = min(left)
            self.parts.add((k, i))
        else:
            self.links.add(link)
        return True
