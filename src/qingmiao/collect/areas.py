"""Area codes as given in data, and the columns of their ancestors."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qingmiao.collect.area_dates import DatedCodes, InYear, at_their_time, in_year
from qingmiao.content.pack import Pack
from qingmiao.kernel.areas import AreaLevel, AreaTree
from qingmiao.kernel.periods import Period

LEVEL_COLUMNS = {level: f"_area_{level.value}" for level in AreaLevel}


class AreaColumns:
    """The pack's areas as tables: `codes` (given → code) and `table` (the ancestors and attributes of each code).

    A code may be given with or without the trailing zeros of the 12-digit form (141029 = 141029000000). A former code
    is kept as such by `given` and `normalised`; which area it means on a day, `at_their_time` and `in_year` say
    (`area_dates`).
    """

    def __init__(self, pack: Pack) -> None:
        self.tree: AreaTree = pack.area_tree
        self.grace = pack.policy.old_code_days
        self.given: dict[str, str] = {}
        for area in self.tree:
            for form in _forms(area.code):
                self.given.setdefault(form, area.code)
        for former in self.tree.former:
            for form in _forms(former):
                self.given.setdefault(form, former)
        attributes = sorted({name for a in self.tree for name, _ in a.attributes})
        rows: dict[str, list[str | None]] = {"code": [a.code for a in self.tree]}
        for level, column in LEVEL_COLUMNS.items():
            ancestors = [self.tree.ancestor(a.code, level) for a in self.tree]
            rows[column] = [a.code if a else None for a in ancestors]
        for name in attributes:
            rows[f"attribute_{name}"] = [self.tree.attribute(a.code, name) for a in self.tree]
        self.table = pa.table({k: pa.array(v, pa.string()) for k, v in rows.items()})
        self.codes = pa.table(
            {
                "given": pa.array(list(self.given), pa.string()),
                "code": pa.array(list(self.given.values()), pa.string()),
            }
        )

    def normalised(self, given: pa.ChunkedArray) -> pa.ChunkedArray:
        """Codes as given → the pack's codes (null where unknown)."""
        places = pc.index_in(given, value_set=self.codes.column("given").combine_chunks())
        return self.codes.column("code").take(places)

    def at_their_time(self, codes: pa.Array, days: NDArray[np.int64]) -> DatedCodes:
        """Known codes on days (since 1970) as present codes; see `area_dates.at_their_time`."""
        return at_their_time(self.tree, codes, days, self.grace)

    def in_year(self, given: str, period: Period | None) -> InYear:
        """The area that a code as given means for a figure of a whole period; no period: its present one."""
        found = self.given.get(given.strip())
        if found is None or period is None:
            return InYear(None if found is None else self.tree.current(found))
        return in_year(self.tree, found, period, self.grace)

    def code(self, given: str) -> str | None:
        """The pack's present code for a code as given, or None."""
        found = self.given.get(given.strip())
        return None if found is None else self.tree.current(found)


def _forms(code: str) -> list[str]:
    if not code.isdigit():
        return [code]
    full = code.ljust(12, "0")
    short = [full[:n] for n in (2, 4, 6, 9, 12) if full[n:].strip("0") == ""]
    return [code, *short]
