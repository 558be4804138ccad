"""Monitoring's door: first load, refresh on acceptance, warnings, lineage, recomputation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from qingmiao.collect.folder import Collected
from qingmiao.content.pack import Pack
from qingmiao.content.reading import readers
from qingmiao.measure.lineage import Explanation, explain
from qingmiao.measure.plan import make_plan
from qingmiao.measure.recompute import compare_values
from qingmiao.measure.result import Measured
from qingmiao.measure.run import measure
from qingmiao.monitor import collected_findings, return_states
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.monitoring import facts, measuring
from qingmiao.site.apps.monitoring.models import Run, Warning
from qingmiao.site.apps.monitoring.state import State, current, of_run, pack
from qingmiao.site.apps.returns import api as returns

__all__ = [
    "Recomputed",
    "State",
    "current",
    "lineage",
    "load",
    "of_run",
    "pack",
    "recompute",
    "refresh",
    "warning",
    "warnings",
]

LOCK = 7_301_002
"""The advisory lock under which runs are made, one after the other."""
CELLS = "return_cells"


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def load(
    actor: audit.Actor,
    content: Pack,
    collected: Collected,
    *,
    cells: Callable[[Pack], pa.Table] | None = None,
) -> Run:
    """The first run: the collected tables become facts, all indicators are measured.

    `cells` gives the accepted return cells of the returns app in place of the collected ones.
    """
    folder = Path(settings.HOME) / "facts"
    tables = dict(collected.tables)
    if cells is not None:
        tables[CELLS] = cells(content)
    files = {name: facts.keep(folder, name, table) for name, table in tables.items()}
    statuses = return_states(content, collected, on=timezone.localdate())
    states = [
        [s.form, s.area, s.year, s.due.isoformat(), s.received.isoformat() if s.received else None, s.label]
        for s in statuses
    ]
    with transaction.atomic():
        _lock()
        run = measuring.make_run(
            content,
            files,
            reason="首次载入",
            before=None,
            states=states,
            findings=collected_findings(content, collected),
        )
        audit.append(
            actor,
            "monitoring.run",
            object_type="run",
            object_id=run.pk,
            detail={"snapshot": run.snapshot, "reason": run.reason},
        )
    return run


def refresh(actor: audit.Actor) -> Run | None:
    """Measure what was accepted since the newest run; None when nothing that an indicator reads was.

    What changed is found from the accepted cells themselves, not from who asks: a job that runs late, twice or not at all
    leaves no acceptance out and none measured twice. Runs are made one at a time.
    """
    content = pack()
    with transaction.atomic():
        _lock()
        before = Run.objects.order_by("-pk").first()
        folder = Path(settings.HOME) / "facts"
        cells = returns.accepted_cells(content)
        files = (dict(before.tables) if before else {}) | {CELLS: facts.keep(folder, CELLS, cells)}
        whole = before is None or before.pack_digest != content.digest
        if not whole and before is not None and files == before.tables:
            return None
        changed = facts.changed(folder, before.tables.get(CELLS) if before else None, cells)
        only = () if whole else readers(content, {f"return:{form}" for form, *_ in changed})
        if not whole and not only:
            return None
        run = measuring.make_run(
            content, files, reason=_reason(content, changed, whole=whole), before=before, only=only, taken=changed,
            states=returns.calendar_states(content),
        )  # fmt: skip
        detail = {
            "snapshot": run.snapshot,
            "reason": run.reason,
            "changes": len(run.changes),
            "seconds": run.seconds,
        }
        audit.append(actor, "monitoring.run", object_type="run", object_id=run.pk, detail=detail)
    return run


def _reason(content: Pack, changed: list[facts.Taken], *, whole: bool) -> str:
    """In Chinese: 验收 H103 2024 年（填报 12 第2版）; of many returns the first three and how many."""
    if whole and not changed:
        return "内容包有变化，全部重算"
    told = [
        f"{content.returns[form].form_no if form in content.returns else form} {year} 年"
        + (f"（{file}）" if file else "（撤销）")
        for form, _, year, file in changed
    ]
    return ("验收 " + "、".join(told[:3]) + (f" 等 {len(told)} 份" if len(told) > 3 else ""))[:200]


def warnings(*, gone: bool = False) -> QuerySet[Warning]:
    """The warnings that hold now (or those that are gone), the severe first."""
    found = Warning.objects.filter(gone_at__isnull=not gone).select_related("first_run", "last_run")
    return found.order_by("-gone_at", "pk") if gone else found.order_by("pk")


def warning(number: int) -> Warning | None:
    """One warning, also a gone one."""
    return Warning.objects.select_related("first_run", "last_run").filter(pk=number).first()


def warnings_of(numbers: Iterable[int]) -> list[Warning]:
    """The warnings of these numbers that there are, also gone ones."""
    return list(Warning.objects.filter(pk__in=list(numbers)).order_by("pk"))


def lineage(
    shown: State, indicator: str, area: str, year: int, *, dims: dict[str, str] | None = None, limit: int = 20
) -> Explanation:
    """Where a number of a run comes from. Raises NoSuchValueError for what the run does not know."""
    return explain(
        shown.pack,
        shown.snapshot,
        indicator,
        area,
        year,
        dims=dims or {},
        limit=limit,
        measured=_as_measured(shown),
    )


def _as_measured(shown: State) -> Measured:
    return Measured(shown.values, (), {}, make_plan(shown.pack, {}, []), shown.run.snapshot)


@dataclass(frozen=True)
class Recomputed:
    """A recomputation: how many values were compared, and every difference in words."""

    values: int
    differences: tuple[str, ...]


def recompute(shown: State, indicator: str) -> Recomputed:
    """Measure one indicator again on the run's snapshot and compare every value to the last bit."""
    again = measure(shown.pack, shown.snapshot, indicators=[indicator]).values
    again = again.filter(pc.equal(again["indicator"], indicator))
    was = shown.values.filter(pc.equal(shown.values["indicator"], indicator))
    columns = again.column_names
    differences = compare_values(was.select([c for c in columns if c in was.column_names]), again)
    return Recomputed(again.num_rows, tuple(str(d) for d in differences))
