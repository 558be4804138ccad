"""Area codes as given in data, and the columns of their ancestors."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.content.pack import Pack
from qingmiao.kernel.areas import AreaLevel, AreaTree

LEVEL_COLUMNS = {level: f"_area_{level.value}" for level in AreaLevel}


class AreaColumns:
    """The pack's areas as DuckDB tables: `area_codes` (given → code) and the ancestors of each code.

    A code may be given with or without the trailing zeros of the 12-digit form (141029 = 141029000000).
    """

    def __init__(self, pack: Pack) -> None:
        self.tree: AreaTree = pack.area_tree
        self.given: dict[str, str] = {}
        for area in self.tree:
            for form in _forms(area.code):
                self.given.setdefault(form, area.code)
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

    def register(self, con: duckdb.DuckDBPyConnection) -> None:
        """Make `area_codes` and `areas` known to a connection."""
        con.register("area_codes", self.codes)
        con.register("areas", self.table)

    def normalised(self, given: pa.ChunkedArray) -> pa.ChunkedArray:
        """Codes as given → the pack's codes (null where unknown)."""
        places = pc.index_in(given, value_set=self.codes.column("given").combine_chunks())
        return self.codes.column("code").take(places)

    def code(self, given: str) -> str | None:
        """The pack's code for a code as given, or None."""
        return self.given.get(given.strip())


def _forms(code: str) -> list[str]:
    if not code.isdigit():
        return [code]
    full = code.ljust(12, "0")
    short = [full[:n] for n in (2, 4, 6, 9, 12) if full[n:].strip("0") == ""]
    return [code, *short]
