"""The measured values of one area as a mapping, for those who look up single values."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.measure.result import FIXED_AFTER, FIXED_BEFORE

Group = tuple[tuple[str, str], ...]


def area_values(values: pa.Table, area: str) -> dict[tuple[str, int, Group], float]:
    """(indicator, year, group) → value of the area, where there is one; the group of the whole is ()."""
    own = values.filter(pc.and_(pc.equal(values["area"], area), pc.is_valid(values["value"])))
    dimensions = [n for n in own.column_names if n not in (*FIXED_BEFORE, *FIXED_AFTER)]
    found = {}
    for row in own.select(["indicator", "year", "value", *dimensions]).to_pylist():
        group = tuple((d, str(row[d])) for d in dimensions if row[d] is not None)
        found[(str(row["indicator"]), int(row["year"]), group)] = float(row["value"])
    return found
