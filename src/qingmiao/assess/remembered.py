"""Rows of earlier assessments, given again where all that decides them is the same.

What decides a row is its `Grounds` and the pack: after one return most grounds are what they were, so that a new run
judges anew only what has changed. Nobody has to know which indicator reads which.
"""

from __future__ import annotations

from collections.abc import Callable

from qingmiao.assess.rows import AssessedRow
from qingmiao.assess.verdict import Grounds
from qingmiao.content.pack import Pack

MOST = 20_000
"""Rows that are remembered; beyond it all are forgotten."""


class RowMemory:
    """What one process has assessed by one pack; another pack begins anew."""

    def __init__(self) -> None:
        self._pack: Pack | None = None
        self._rows: dict[tuple[str, str, str, int], tuple[Grounds, AssessedRow]] = {}

    def row(
        self, pack: Pack, indicator: str, area: str, grounds: Grounds, make: Callable[[], AssessedRow]
    ) -> AssessedRow:
        """The row of these grounds: as it was made of equal ones, else made now."""
        if pack is not self._pack or len(self._rows) >= MOST:
            self._pack, self._rows = pack, {}
        key = (indicator, grounds.target.id, area, grounds.year)
        known = self._rows.get(key)
        if known is not None and known[0] == grounds:
            return known[1]
        made = make()
        self._rows[key] = (grounds, made)
        return made
