"""What a correction changes: the cells, and the published numbers that are made of them, measured before and after."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.collect.folder import cells_table
from qingmiao.collect.return_words import cells_read
from qingmiao.collect.returns import ReturnCell
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack
from qingmiao.measure.result import FIXED_AFTER, FIXED_BEFORE
from qingmiao.measure.run import measure
from qingmiao.site.apps.returns import accepted, pack_returns, sheet
from qingmiao.site.apps.returns.showing import FilingView


@dataclass(frozen=True)
class CellChange:
    """One cell that a correction changes."""

    code: str
    row: Any
    column: Any
    was: Decimal | None
    now: Decimal | None


@dataclass(frozen=True)
class ChangedNumber:
    """One published number that reads a changed cell: an indicator of one area and year, before and after.

    Both values are None where it takes more than returns (facts of other tables): it moves on acceptance.
    """

    indicator: Indicator
    area: str
    was: float | None
    now: float | None

    @property
    def moves(self) -> bool:
        """True when the value is known to change."""
        return self.was != self.now


def changes(filing: FilingView) -> list[CellChange]:
    """The cells of the present version that differ from the accepted one, in the order of the return."""
    if filing.accepted_version is None or filing.accepted_version == filing.version:
        return []
    was, now = (_figures(sheet.load(filing, version=v)) for v in (filing.accepted_version, filing.version))
    rules = pack_returns.rules(filing.return_id)
    found = []
    for code in rules.return_.cells:
        if was.get(code) != now.get(code):
            row, column = rules.lines[sheet.key_of(code)]
            found.append(CellChange(code, row, column, was.get(code), now.get(code)))
    return found


def effects(filing: FilingView, changed: list[CellChange]) -> list[ChangedNumber]:
    """The indicators that read one of the changed cells, for this filing's area and the whole county, before and after.

    Measured on the accepted returns of the year, once as they are and once with the new version in place of the
    accepted one.
    """
    pack = pack_returns.pack()
    readers = reading(pack, filing.return_id, {c.code for c in changed})
    if not readers or filing.accepted_version is None:
        return []
    held = accepted.accepted_cells(year=filing.year)
    mine = pc.and_(pc.equal(held["return"], filing.return_id), pc.equal(held["area"], filing.area_id))
    proposed = pa.concat_tables([held.filter(pc.invert(mine)), _proposed(filing)])
    was, now = (_values(pack, table, filing.year, readers) for table in (held, proposed))
    root = pack.root_area.code if pack.root_area else filing.area_id
    areas = dict.fromkeys((filing.area_id, root))
    return [ChangedNumber(i, area, was.get((i.id, area)), now.get((i.id, area))) for i in readers for area in areas]


def reading(pack: Pack, return_id: str, cells: set[str]) -> list[Indicator]:
    """The indicators with a definition that reads one of the cells of a return."""
    return [i for i in pack.indicators.values() if cells_read(i, return_id) & cells]


def _figures(of: sheet.Sheet) -> dict[str, Decimal | None]:
    figures = {c: x.value for c, x in of.cells.items() if x.reason != "computed"} | of.computed
    return {c: v for c, v in figures.items() if v is not None}


def _proposed(filing: FilingView) -> pa.Table:
    """The present version as cells, as if it were accepted."""
    figures = _figures(sheet.load(filing))
    cells = [
        ReturnCell(filing.return_id, filing.year, filing.area_id, *sheet.key_of(c), v, "", "", 0, "", filing.version)
        for c, v in figures.items()
    ]
    return cells_table(cells, accepted.area_columns())


def _values(pack: Pack, cells: pa.Table, year: int, readers: list[Indicator]) -> dict[tuple[str, str], float | None]:
    """(indicator, area) → the value of the whole group."""
    measured = measure(pack, {"return_cells": cells}, years=[year], indicators=[i.id for i in readers])
    dims = [n for n in measured.values.column_names if n not in (*FIXED_BEFORE, *FIXED_AFTER)]
    return {
        (r["indicator"], r["area"]): r["value"]
        for r in measured.values.to_pylist()
        if r["year"] == year and all(r[d] is None for d in dims)
    }
