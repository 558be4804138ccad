"""From accepted figures to a new run: measure what reads them, keep the rest, assess, bring the warnings up to date."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.utils import timezone

from qingmiao.assess.quality import DueReturn, QualityFinding
from qingmiao.assess.values import newest_year
from qingmiao.content.pack import Pack
from qingmiao.content.reading import made_of, readers
from qingmiao.kernel.whole_files import whole
from qingmiao.measure.history import in_order
from qingmiao.measure.plan import CELLS_TABLE, SERIES_TABLE
from qingmiao.measure.result import FIXED_AFTER, FIXED_BEFORE, Measured
from qingmiao.measure.run import measure
from qingmiao.site.apps.monitoring import kept, sides
from qingmiao.site.apps.monitoring.kept import TakenPartition
from qingmiao.site.apps.monitoring.models import Run
from qingmiao.site.apps.monitoring.partitions import Files, Part, snapshot
from qingmiao.site.apps.monitoring.renewing import renew_warnings

LIBRARIES = ("qingmiao", "duckdb", "pyarrow", "numpy", "scipy", "sqlglot")
MAX_CHANGES = 2000


def make_run(
    pack: Pack,
    files: Files,
    *,
    reason: str,
    before: Run | None,
    changed: Iterable[Part] | None = None,
    returns: Iterable[str] | None = None,
    taken: Sequence[TakenPartition] = (),
    states: Sequence[DueReturn] | None = None,
    findings: Sequence[QualityFinding] = (),
    whole: Measured | None = None,
) -> Run:
    """Measure (all, or only what reads the `changed` partitions of the run before), write the values, make the run's
    row.

    `whole`: what measuring all of these files gave, where it was done already.

    Call inside a transaction that holds the monitoring lock.
    """
    began = time.perf_counter()
    home = Path(settings.HOME)
    former = pq.read_table(home / "runs" / before.values) if before is not None else None
    seen = snapshot(home / "facts", files)
    only: tuple[str, ...] = ()
    told = list(findings)
    if former is not None and changed is not None:
        only, table = again(pack, home / "facts", files, former, changed, returns)
    else:
        fresh = whole or measure(pack, seen)
        table = fresh.values
        told += [QualityFinding(f.code, f.message, f.indicator, f.area, f.year or None) for f in fresh.findings]
    if before is not None and not told:
        told = [f for f in kept.findings(before.findings) if f.code != sides.CODE]
    told += sides.differences(pack, home / "facts", files, table)
    name = _write(home / "runs", table, seen.id)
    run = Run.objects.create(
        made_at=timezone.now(),
        reason=reason,
        taken=kept.to_json(taken),
        year=newest_year(pack, table),
        pack_digest=pack.digest,
        snapshot=seen.id,
        tables=files.to_json(),
        crossing=sorted(files.crossing),
        values=name,
        libraries={lib: version(lib) for lib in LIBRARIES},
        measured=list(only),
        changes=changes(former, table)[:MAX_CHANGES] if former is not None else [],
        states=kept.to_json(states) if states is not None else (before.states if before else []),
        findings=kept.to_json(told),
    )
    renew_warnings(pack, table, run)
    run.seconds = round(time.perf_counter() - began, 3)
    run.save(update_fields=["seconds"])
    return run


def again(
    pack: Pack,
    folder: Path,
    files: Files,
    former: pa.Table,
    changed: Iterable[Part],
    returns: Iterable[str] | None = None,
) -> tuple[tuple[str, ...], pa.Table]:
    """The indicators that read changed partitions, and the former values with theirs measured anew.

    Measured are the years that rows of those partitions can count in, on the partitions around them. Three kinds need
    all years at once: spreads over groups (the groups are those of any year), their parts, and what published values
    stand in for.
    """
    parts = set(changed)
    only = read_by(pack, parts, returns)
    years = {y for name, year in parts for y in _years(pack, name, year)}
    wide = _wide(pack, folder, files, only)
    narrow = tuple(i for i in only if i not in wide)
    table = former
    if narrow:
        near = snapshot(folder, files, (min(years) - 1, max(years) + 1))
        table = merged(table, measure(pack, near, indicators=narrow).values, narrow, years)
    if wide:
        table = merged(table, measure(pack, snapshot(folder, files), indicators=wide).values, wide)
    return only, table


def read_by(pack: Pack, changed: Iterable[Part], returns: Iterable[str] | None = None) -> tuple[str, ...]:
    """The indicators that read changed partitions. `returns`: the returns among the changed cells, all unless told."""
    tables = {name for name, _ in changed}
    sources = tables - {CELLS_TABLE}
    if CELLS_TABLE in tables:
        sources |= {f"return:{one}" for one in (pack.returns if returns is None else returns)}
    return readers(pack, sources)


def _years(pack: Pack, name: str, year: int) -> tuple[int, ...]:
    """The years that rows of a partition can count in: a dated row's school or health year may be the one before or
    after."""
    fact = pack.facts.get(name)
    return (year - 1, year, year + 1) if fact is not None and fact.date is not None else (year,)


def _wide(pack: Pack, folder: Path, files: Files, only: Sequence[str]) -> tuple[str, ...]:
    """Those of `only` that are measured over all years."""
    given: set[str] = set()
    for file in files.tables.get(SERIES_TABLE, {}).values():
        given |= set(pc.unique(pq.read_table(folder / file, columns=["indicator"])["indicator"]).to_pylist())
    mine = set(only)
    found = {i for i in only if i in given}
    for id_ in only:
        combines = [d.combine for d in pack.indicators[id_].definitions if d.combine is not None]
        if any(c.by is not None and c.op != "difference" for c in combines):
            found |= {id_, *(c.of for c in combines)}
    while True:
        more = set(made_of(pack, found)) | {
            d.combine.of for i in found for d in pack.indicators[i].definitions if d.combine is not None
        }
        if more & mine <= found:
            return tuple(i for i in only if i in found)
        found |= more & mine


def merged(former: pa.Table, fresh: pa.Table, only: Sequence[str], years: Iterable[int] | None = None) -> pa.Table:
    """The former values with those of `only` (in `years`) replaced; columns and order as a full measurement gives
    them."""
    mine = pa.array(list(only), pa.string())
    gone = pc.is_in(former["indicator"], value_set=mine)
    fresh = fresh.filter(pc.is_in(fresh["indicator"], value_set=mine))
    if years is not None:
        of = pa.array(sorted(years), pa.int32())
        gone = pc.and_(gone, pc.is_in(former["year"], value_set=of))
        fresh = fresh.filter(pc.is_in(fresh["year"], value_set=of))
    both = pa.concat_tables([former.filter(pc.invert(gone)), fresh], promote_options="default")
    dims = sorted(c for c in both.column_names if c not in (*FIXED_BEFORE, *FIXED_AFTER))
    both = both.select([*FIXED_BEFORE, *dims, *FIXED_AFTER])
    return in_order(both) if both.num_rows else both


def changes(former: pa.Table, table: pa.Table) -> list[list[Any]]:
    """The totals whose value differs between two tables."""
    was, now = _totals(former), _totals(table)
    return [[*key, was.get(key), now.get(key)] for key in sorted({*was, *now}) if was.get(key) != now.get(key)]


def _totals(table: pa.Table) -> dict[tuple[str, str, int], float | None]:
    for name in table.column_names:
        if name not in (*FIXED_BEFORE, *FIXED_AFTER):
            table = table.filter(pc.is_null(table[name]))
    columns = (table[c].to_pylist() for c in ("indicator", "area", "year", "value"))
    return {(i, a, y): v for i, a, y, v in zip(*columns, strict=True)}


def _write(folder: Path, table: pa.Table, snapshot_id: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"values-{snapshot_id}-{time.time_ns():x}.parquet"
    with whole(folder / name) as part:
        pq.write_table(table, part, compression="zstd")
    return name
