"""From accepted figures to a new run: measure what reads them, keep the rest, assess, bring the warnings up to date."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.utils import timezone

from qingmiao.assess.quality import Finding
from qingmiao.assess.warnings import Warning as Found
from qingmiao.content.pack import Pack
from qingmiao.measure.result import FIXED_AFTER, FIXED_BEFORE, Measured
from qingmiao.measure.run import measure
from qingmiao.site.apps.monitoring.facts import Taken, snapshot
from qingmiao.site.apps.monitoring.models import Run, Warning
from qingmiao.site.apps.monitoring.state import assess

LIBRARIES = ("qingmiao", "duckdb", "pyarrow", "numpy", "scipy", "sqlglot")
MAX_CHANGES = 2000


def make_run(
    pack: Pack,
    tables: dict[str, str],
    *,
    reason: str,
    before: Run | None,
    only: Sequence[str] = (),
    taken: Sequence[Taken] = (),
    states: list[Any] | None = None,
    findings: Sequence[Finding] = (),
) -> Run:
    """Measure (all, or `only` these indicators, the others as in the run before), write the values, make the run's row.

    Call inside a transaction that holds the monitoring lock.
    """
    began = time.perf_counter()
    home = Path(settings.HOME)
    seen = snapshot(home / "facts", tables)
    fresh = measure(pack, seen, indicators=only) if only else measure(pack, seen)
    former = pq.read_table(home / "runs" / before.values) if before is not None else None
    table = merged(former, fresh, only) if former is not None and only else fresh.values
    name = _write(home / "runs", table, seen.id)
    years = table.filter(pc.is_valid(table["value"]))["year"].to_pylist()
    told = [[f.code, f.message, f.indicator, f.area, f.year, f.data] for f in findings]
    told += [[f.code, f.message, f.indicator, f.area, f.year or None, ""] for f in fresh.findings] if not only else []
    run = Run.objects.create(
        made_at=timezone.now(),
        reason=reason,
        taken=list(taken),
        year=_newest(pack, years),
        pack_digest=pack.digest,
        snapshot=seen.id,
        tables=tables,
        values=name,
        libraries={lib: version(lib) for lib in LIBRARIES},
        measured=list(only),
        changes=changes(former, table)[:MAX_CHANGES] if former is not None else [],
        states=states if states is not None else (before.states if before else []),
        findings=told if told or before is None else before.findings,
    )
    renew_warnings(pack, table, run)
    run.seconds = round(time.perf_counter() - began, 3)
    run.save(update_fields=["seconds"])
    return run


def _newest(pack: Pack, years: list[int]) -> int:
    """The newest year that most of the plan's indicators have: one early return does not push the wall into an empty year."""
    counts: dict[int, int] = {}
    for y in years:
        counts[y] = counts.get(y, 0) + 1
    if not counts:
        return pack.plan.start if pack.plan else 2000
    most = max(counts.values())
    return max(y for y, n in counts.items() if 2 * n >= most)


def merged(former: pa.Table, fresh: Measured, only: Sequence[str]) -> pa.Table:
    """The former values with those of `only` replaced; columns and order as a full measurement gives them."""
    rest = former.filter(pc.invert(pc.is_in(former["indicator"], value_set=pa.array(list(only), pa.string()))))
    both = pa.concat_tables([rest, fresh.values], promote_options="default")
    dims = sorted(c for c in both.column_names if c not in (*FIXED_BEFORE, *FIXED_AFTER))
    both = both.select([*FIXED_BEFORE, *dims, *FIXED_AFTER])
    return both.take(pc.sort_indices(both, [("indicator", "ascending")])) if both.num_rows else both


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
    part = folder / f".{name}.part"
    pq.write_table(table, part, compression="zstd")
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(folder / name)
    return name


def renew_warnings(pack: Pack, table: pa.Table, run: Run) -> None:
    """New warnings begin, those still true are brought up to date, those no longer true end; nothing is deleted."""
    found = {_key(w): w for w in assess(pack, table, run, run.year).warnings}
    present = {w.key: w for w in Warning.objects.filter(gone_at=None)}
    told = ("severity", "year", "lead", "reason", "data_used", "what_would_change")
    changed = []
    for key, row in present.items():
        if key in found:
            for name in told:
                setattr(row, name, getattr(found[key], name))
            row.areas, row.last_run = list(found[key].areas), run
        else:
            row.gone_at = run.made_at
        changed.append(row)
    Warning.objects.bulk_update(changed, [*told, "areas", "last_run", "gone_at"])
    Warning.objects.bulk_create(
        Warning(
            key=key, kind=w.kind.value, target=w.target, indicator=w.indicator, area=w.area, areas=list(w.areas),
            first_run=run, last_run=run, first_at=run.made_at, **{name: getattr(w, name) for name in told},
        )
        for key, w in found.items()
        if key not in present
    )  # fmt: skip


def _key(w: Found) -> str:
    """A late return and a finding have no indicator: their words say what they are about."""
    about = "" if w.indicator or w.target else w.reason[:80]
    data = w.data_used[:60] if w.kind.value == "数据质量" else ""
    return "|".join((w.kind.value, w.target, w.indicator, w.area, about, data))[:200]
