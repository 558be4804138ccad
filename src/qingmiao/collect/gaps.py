"""Areas that fell silent: no row in a year in which the others have some, though the years beside it have many."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.collect.facts import Finding
from qingmiao.content.facts import Fact
from qingmiao.content.pack import Pack

MANY = 20
"""An area that has at least so many rows in a neighbouring year should have some (local setting): few rows may well be
none."""


def silent_areas(pack: Pack, fact: Fact, table: pa.Table) -> list[Finding]:
    """One finding a year that names the areas just below the plan's area without any row of that year.

    `table`: the current rows with `_area_…` columns. A year counts by the calendar year of the fact's date (or its year
    column); the first and the last year of the table are left out, because they may be partly collected.
    """
    root = pack.root_area
    level = pack.area_tree.level_below(root.code) if root is not None else None
    column = f"_area_{level.value}" if level is not None else ""
    if root is None or level is None or column not in table.column_names or not table.num_rows:
        return []
    years = pc.year(table[fact.date]) if fact.date is not None else table[str(fact.year)]
    counted = (
        pa.table({"area": table[column], "year": years.cast(pa.int64())})
        .group_by(["area", "year"])
        .aggregate([([], "count_all")])
    )
    rows = {
        (r["area"], r["year"]): r["count_all"]
        for r in counted.to_pylist()
        if r["area"] is not None and r["year"] is not None
    }
    known = sorted({year for _, year in rows})
    found = []
    for year in known[1:-1]:
        silent = [
            (a.name, max(rows.get((a.code, y), 0) for y in (year - 1, year + 1)))
            for a in pack.area_tree.under(root.code, level, date(year, 12, 31))
            if (a.code, year) not in rows
        ]
        told = [f"{name}（相邻年份有 {n} 行）" for name, n in silent if n >= MANY]
        if told:
            message = f"{year} 年没有任何记录的地区：{'、'.join(told)}；请核对是否漏报"
            found.append(Finding(fact.id, f"facts/{fact.id}", "silent_area", message, len(told)))
    return found
