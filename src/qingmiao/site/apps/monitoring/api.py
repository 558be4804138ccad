"""Monitoring's door: first load, refresh on acceptance, warnings, lineage, recomputation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from qingmiao.collect.folder import Collected
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import UserError
from qingmiao.measure.lineage import Lineage, explain
from qingmiao.measure.plan import CELLS_TABLE, make_plan
from qingmiao.measure.recompute import compare_values
from qingmiao.measure.result import Measured
from qingmiao.measure.run import measure
from qingmiao.monitor import collected_findings, return_states
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.monitoring import assessed, measuring, partitions, renewing, sides
from qingmiao.site.apps.monitoring.earlier import lineage_as_of, lineage_brought
from qingmiao.site.apps.monitoring.kept import TakenPartition
from qingmiao.site.apps.monitoring.models import Run
from qingmiao.site.apps.monitoring.partitions import Files
from qingmiao.site.apps.monitoring.state import Dims, LoadedRun, MadeRun, current, of_run, pack
from qingmiao.site.apps.monitoring.warned import (
    Counted,
    KeptWarning,
    LedWarnings,
    counted,
    led_by,
    warning,
    warnings,
    warnings_of,
)
from qingmiao.site.apps.returns import api as returns

__all__ = [
    "Counted",
    "Dims",
    "FigureChange",
    "KeptWarning",
    "LastChanges",
    "LedWarnings",
    "LoadedRun",
    "MadeRun",
    "Recomputed",
    "Warning",
    "assess_ahead",
    "counted",
    "current",
    "figure_changes",
    "follow_the_clock",
    "last_changes",
    "led_by",
    "lineage",
    "lineage_as_of",
    "lineage_brought",
    "load",
    "of_run",
    "pack",
    "recompute",
    "refresh",
    "rows_of_year",
    "two_sides",
    "warning",
    "warnings",
    "warnings_of",
]

LOCK = 7_301_002
"""The advisory lock under which runs are made, one after the other."""
CONSUMER = "monitoring"
"""How the outbox of the facts calls this app."""


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def load(actor: audit.Actor, content: Pack, collected: Collected, *, accepted: bool = False) -> Run:
    """The first run: the collected tables are published as facts (a source a file), all indicators are measured.

    `accepted`: the cells of returns are those that the returns app has accepted, in place of the collected ones.
    """
    with transaction.atomic():
        _lock()
        tables = {n: t for n, t in collected.tables.items() if n != CELLS_TABLE or not accepted}
        first = not facts.partitions()
        if accepted:
            returns.publish_accepted(content)
        whole = None
        if first:
            # Neither waits for the other: the files are made of what is being published, not read from the database.
            cells = partitions.everything(content, _folder())
            with ThreadPoolExecutor(1) as beside:
                counts, earlier = sides.counting(content, tables), sides.counting(content, collected.earlier)
                measured = beside.submit(_measured, content, cells, counts, earlier)
                _publish(content, tables, collected.earlier)
                files, whole = measured.result()
        else:
            _publish(content, tables, collected.earlier)
            files = partitions.everything(content, _folder())
        told = facts.untaken(CONSUMER)
        run = measuring.make_run(
            content,
            files,
            reason="首次载入",
            before=None,
            whole=whole,
            states=return_states(content, collected, on=timezone.localdate()),
            findings=collected_findings(content, collected),
        )
        facts.take(told)
        detail = {"snapshot": run.snapshot, "reason": run.reason}
        audit.append(actor, "monitoring.run", object_type="run", object_id=run.pk, detail=detail)
    return run


def _measured(
    content: Pack, cells: Files, tables: Mapping[str, pa.Table], earlier: Mapping[str, pa.Table]
) -> tuple[Files, Measured]:
    """The files of a site's first facts (`cells`: those of the accepted returns) and all indicators; no database."""
    made = partitions.just_collected(content, _folder(), tables, earlier=earlier)
    files = Files({**made.tables, **cells.tables}, made.crossing | cells.crossing)
    return files, measure(content, partitions.snapshot(_folder(), files))


def _publish(content: Pack, tables: Mapping[str, pa.Table], earlier: Mapping[str, pa.Table] | None = None) -> None:
    """Tables that were read from files, as facts: the rows in force and the `earlier` versions of their keys."""
    for name, table in tables.items():
        if earlier is not None and name in earlier:
            table = pa.concat_tables([earlier[name], table.select(earlier[name].column_names)])
        facts.load(content, name, *facts.by_file(table))


def _folder() -> Path:
    return Path(settings.HOME) / "facts"


def refresh(actor: audit.Actor) -> Run | None:
    """Measure what was published since the newest run; None when nothing that an indicator reads was.

    What changed is found in the outbox of the facts, not from who asks: a job that runs late, twice or not at all
    leaves no publication out and none measured twice. What no indicator reads waits there for the next run. Runs are
    made one at a time.
    """
    content = pack()
    with transaction.atomic():
        _lock()
        before = Run.objects.order_by("-pk").first()
        files = Files.from_json(before.tables, before.crossing) if before is not None else Files({})
        if files.whole:
            _carry(content, files)
        told = facts.untaken(CONSUMER)
        whole = before is None or before.pack_digest != content.digest or files.whole
        if not whole and not told:
            return None
        made = (
            partitions.everything(content, _folder())
            if whole
            else partitions.brought_up(content, _folder(), files, told)
        )
        changed, published = made.changed(files), _returns(content, told)
        compared = sides.heard(content, told)
        if not whole and not compared and not measuring.read_by(content, changed, published):
            return None
        run = measuring.make_run(
            content,
            made,
            reason=_reason(told, whole=whole and before is not None),
            before=before,
            changed=None if whole else changed,
            returns=None if whole else published,
            taken=[TakenPartition(t.table, t.partition, t.source, t.version) for t in told],
            states=returns.calendar_states(content),
        )
        facts.take(told)
        detail = {
            "snapshot": run.snapshot,
            "reason": run.reason,
            "changes": len(run.changes),
            "seconds": run.seconds,
        }
        audit.append(actor, "monitoring.run", object_type="run", object_id=run.pk, detail=detail)
    return run


def follow_the_clock() -> int:
    """Warnings of returns as of today, also where nothing was measured since; how many changed."""
    return renewing.follow_the_clock(pack(), LOCK)


def assess_ahead() -> None:
    """Keep beside the newest run what pages ask first; what was kept of earlier runs goes.

    Kept are the answers of its year and of the year before, which it is compared with; none is assessed twice.
    """
    newest = Run.objects.order_by("-pk").first()
    if newest is None:
        return
    state = of_run(newest.pk)
    for year in state.years:
        if newest.year - 1 <= year <= newest.year:
            state.findings(year)
    assessed.drop_others(newest.values)


@dataclass(frozen=True)
class FigureChange:
    """What changed a total last: the reason of the run, and the publications that it took (source, version)."""

    reason: str
    taken: tuple[tuple[str, int], ...]


def figure_changes() -> dict[tuple[str, str, int], FigureChange]:
    """Each total (indicator, area, year) that any run changed → what changed it last."""
    found: dict[tuple[str, str, int], FigureChange] = {}
    for reason, taken, changes in Run.objects.order_by("pk").values_list("reason", "taken", "changes").iterator():
        made = FigureChange(reason, tuple(dict.fromkeys((t["source"], t["version"]) for t in taken)))
        found |= {(indicator, area, year): made for indicator, area, year, *_ in changes}
    return found


@dataclass(frozen=True)
class LastChanges:
    """What the newest run changed: when it was made, why, and the indicators whose totals it changed."""

    made_at: datetime
    reason: str
    indicators: tuple[str, ...]


def last_changes() -> LastChanges | None:
    """What the newest run changed, against the one before; None where there is none yet."""
    row = Run.objects.order_by("-pk").values_list("made_at", "reason", "changes").first()
    return LastChanges(row[0], row[1], tuple(dict.fromkeys(c[0] for c in row[2]))) if row is not None else None


def _carry(content: Pack, files: Files) -> None:
    """A site of before the stream of facts: what its newest run saw is published, once; the cells from the accepted
    returns."""
    _publish(
        content,
        {n: pq.read_table(_folder() / of[0]) for n, of in files.tables.items() if 0 in of and n != CELLS_TABLE},
    )
    returns.publish_accepted(content)


def _returns(content: Pack, told: Sequence[facts.Told]) -> frozenset[str]:
    """The returns whose cells were published; all of them where one was taken back whole."""
    numbers = {t.publication for t in told if t.table == CELLS_TABLE}
    if not numbers:
        return frozenset()
    cells = facts.published(content, CELLS_TABLE, publications=numbers)
    if any(t.table == CELLS_TABLE and t.source.startswith("load:") for t in told) or not cells.num_rows:
        return frozenset(content.returns)
    return frozenset(pc.unique(cells["return"]).to_pylist())


def _reason(told: Sequence[facts.Told], *, whole: bool) -> str:
    """In Chinese: 新数据 H103 2024 年填报 12（第 2 版）; of many publications the first three and how many."""
    if whole:
        return "内容包或程序有变化，全部重算"
    named = list(dict.fromkeys(f"{t.source}@{t.version}" for t in told))
    words = "、".join(facts.origin(n).label for n in named[:3])
    return (f"新数据 {words}" + (f" 等 {len(named)} 份" if len(named) > 3 else ""))[:200]


def two_sides(shown: LoadedRun, indicator: str, area: str, year: int | None) -> bool:
    """Whether records and departments were found to differ in a figure of a run."""
    return sides.apart(shown.run.findings, indicator, area, year)


def lineage(
    shown: LoadedRun,
    indicator: str,
    area: str,
    year: int,
    *,
    dims: dict[str, str] | None = None,
    limit: int = 20,
    offset: int = 0,
) -> Lineage:
    """Where a number of a run comes from; of each side at most `limit` rows after `offset` others.

    Raises NoSuchValueError for what the run does not know.
    """
    return explain(
        shown.pack,
        shown.snapshot,
        indicator,
        area,
        year,
        dims=dims or {},
        limit=limit,
        offset=offset,
        measured=_as_measured(shown),
    )


def rows_of_year(shown: LoadedRun, table: str, year: int) -> pa.Table:
    """The rows in force of a fact table that a run saw in a year, with their derived columns and areas; no row where it
    saw none. UserError where its files are gone."""
    name = shown.run.files.tables.get(table, {}).get(year)
    if name is None:
        return pa.table({})
    path = _folder() / name
    if not path.is_file():
        raise UserError(f"第 {shown.run.number} 批计算的数据文件已经不在，不能再用")
    return pq.read_table(path)


def _as_measured(shown: LoadedRun) -> Measured:
    return Measured(shown.values, (), {}, make_plan(shown.pack, {}, []), shown.run.snapshot)


@dataclass(frozen=True)
class Recomputed:
    """A recomputation: how many values were compared, and every difference in words."""

    values: int
    differences: tuple[str, ...]


def recompute(shown: LoadedRun, indicator: str) -> Recomputed:
    """Measure one indicator again on the run's snapshot and compare every value to the last bit."""
    again = measure(shown.pack, shown.snapshot, indicators=[indicator]).values
    again = again.filter(pc.equal(again["indicator"], indicator))
    was = shown.values.filter(pc.equal(shown.values["indicator"], indicator))
    columns = again.column_names
    differences = compare_values(was.select([c for c in columns if c in was.column_names]), again)
    return Recomputed(again.num_rows, tuple(str(d) for d in differences))
