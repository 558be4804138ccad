"""What was known on an earlier day: of facts the versions recorded until then, of returns those submitted until then.

Facts are append-only, so that an earlier day can be shown: a row recorded later does not count yet, one that was
corrected later says what it said, one that was taken back later is there. A table without a version column and the
yearly series bear no day of recording and stay as they are; `undated` names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.collect.areas import AreaColumns
from qingmiao.collect.derive import add_derived
from qingmiao.collect.folder import Collected
from qingmiao.collect.unique import ordered
from qingmiao.content.pack import Pack
from qingmiao.measure.plan import CELLS_TABLE
from qingmiao.measure.versions import current_rows


@dataclass(frozen=True)
class KnownTables:
    """The tables as they were known on a day, to be measured; `undated`: those whose rows bear no day."""

    day: date
    tables: Mapping[str, pa.Table]
    undated: tuple[str, ...]


def as_known(pack: Pack, collected: Collected, day: date) -> KnownTables:
    """The collected tables as of a day (inclusive), with their derived columns made anew."""
    areas, tables, undated = AreaColumns(pack), dict[str, pa.Table](), list[str]()
    for name, table in collected.tables.items():
        fact = pack.facts.get(name)
        if name == CELLS_TABLE:
            tables[name] = _submitted(table, collected, day)
        elif fact is None or fact.version is None:
            tables[name] = table
            undated.append(name)
        else:
            stored = [c for c in table.column_names if c in fact.columns or c in ("_file", "_row")]
            every = table.select(stored)
            earlier = collected.earlier.get(name)
            if earlier is not None:
                every = pa.concat_tables([earlier.select(stored), every], promote_options="default")
            known = every.filter(pc.fill_null(pc.less_equal(every[fact.version], pa.scalar(day)), True))
            tables[name] = add_derived(fact, ordered(current_rows(known, fact), list(fact.key)), areas)
    return KnownTables(day, tables, tuple(undated))


def _submitted(cells: pa.Table, collected: Collected, day: date) -> pa.Table:
    """The cells of returns that had been submitted by a day; one without a date of submission counts."""
    late = [s for s in collected.return_status if s.submitted is not None and s.submitted > day]
    if not late:
        return cells
    gone = pa.table(
        {
            "return": pa.array([s.return_id for s in late], pa.string()),
            "period": pa.array([s.year for s in late], cells["period"].type),
            "area": pa.array([s.area for s in late], pa.string()),
        }
    )
    numbered = cells.append_column("_n", pa.array(np.arange(cells.num_rows)))
    kept = numbered.select(["return", "period", "area", "_n"]).join(gone, gone.column_names, join_type="left anti")
    return cells.take(np.sort(kept["_n"].to_numpy()))
