"""The engine and the plain-Python oracle give the same values, to the last bit, with the same reasons.

Both add whole numbers or whole millionths and divide once, so equal means equal: no tolerance anywhere.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from measure_worlds import World, worlds

from qingmiao.content.facts import Fact
from qingmiao.measure.naive import measure_naively
from qingmiao.measure.result import FIXED_AFTER, FIXED_BEFORE
from qingmiao.measure.run import measure
from qingmiao.measure.versions import current_rows


def newest(table: pa.Table, fact: Fact) -> pa.Table:
    """Corrections resolved the naive way: the last row with the highest version of each key, unless it is retracted."""
    best: dict[Any, dict[str, Any]] = {}
    for row in table.to_pylist():
        key = tuple(row[k] for k in fact.key)
        if key not in best or row[fact.version] >= best[key][fact.version]:
            best[key] = row
    return pa.Table.from_pylist([r for r in best.values() if r[fact.retracted] is not True], schema=table.schema)


def as_mapping(values: pa.Table) -> dict[Any, Any]:
    dims = [c for c in values.column_names if c not in (*FIXED_BEFORE, *FIXED_AFTER)]
    found = {}
    for row in values.to_pylist():
        codes = tuple((d, row[d]) for d in sorted(dims) if row[d] is not None)
        key = row["indicator"], (row["area"], row["year"], codes)
        assert key not in found, f"twice: {key}"
        found[key] = tuple(row[c] for c in FIXED_AFTER)
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.sampled_from([None, None, (2019, 2021), (2020, 2020)]))
def test_engine_equals_oracle(world: World, years: tuple[int, int] | None) -> None:
    pack, tables = world.pack, world.tables
    for_engine = {n: current_rows(t, pack.facts[n]) if n in pack.facts else t for n, t in tables.items()}
    for_oracle = {n: newest(t, pack.facts[n]) if n in pack.facts else t for n, t in tables.items()}
    span = range(years[0], years[1] + 1) if years else None

    got = as_mapping(measure(pack, for_engine, years=span).values)

    expected = {
        key: (
            c.numerator,
            c.denominator,
            c.value,
            c.reason.obs_status,
            c.origin,
            c.version,
            c.reason.code,
            None,
        )
        for key, c in measure_naively(pack, for_oracle, years).items()
    }
    differing = [
        (k, got.get(k), expected.get(k)) for k in got.keys() | expected.keys() if got.get(k) != expected.get(k)
    ]
    assert not differing, "group, engine, oracle:\n" + "\n".join(map(str, differing[:10])) + f"\n{world}"
