"""Warnings are brought up to date: those of figures with every run, those of returns with the clock and the
calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
from django.db import connection, transaction
from django.utils import timezone

from qingmiao.assess.quality import DueReturn
from qingmiao.assess.warnings import FoundWarning as Found
from qingmiao.assess.warnings import late_returns
from qingmiao.content.pack import Pack
from qingmiao.content.policy import WarningKind
from qingmiao.site.apps.monitoring.models import Run, WarningRecord
from qingmiao.site.apps.monitoring.state import MadeRun, assess
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.changes import CHANNEL

OF_RETURNS = frozenset(kind.value for kind in WarningKind if kind.of_returns)
TOLD = ("severity", "year", "lead", "told", "reason", "data_used", "what_would_change")
"""What a warning that lasts is told anew."""


def renew_warnings(pack: Pack, table: pa.Table, run: Run) -> None:
    """All warnings after a run: new ones begin, those still true are brought up to date, the others end; nothing is
    deleted.
    """
    made = assess(pack, table, MadeRun.of(run), run.year).warnings
    _renew([w for w in made if not w.kind.of_returns], run, of_returns=False)
    follow_calendar(pack, run)


def follow_calendar(pack: Pack, run: Run) -> int:
    """The warnings of returns as of today, whenever the last run was; how many began, ended or changed.

    What is missing is told of every year that was opened, what came late only of a return's newest year there.
    """
    statuses = returns.calendar_states(pack)
    names = {a.code: a.name for a in pack.areas.values()}
    leads = {r.id: r.reporter for r in pack.returns.values()}
    late = late_returns(_telling(statuses), pack.policy, leads, names)
    changed = _renew([w for w in late if w.kind not in pack.policy.warnings_off], run, of_returns=True)
    if changed:
        with connection.cursor() as cursor:  # pages remember how many warnings there are
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    return changed


@transaction.atomic
def follow_the_clock(pack: Pack, lock: int) -> int:
    """`follow_calendar` between two runs, under the lock of runs; 0 before the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
    run = Run.objects.order_by("-pk").first()
    return 0 if run is None else follow_calendar(pack, run)


def _telling(statuses: Sequence[DueReturn]) -> list[DueReturn]:
    """Those that are missing, and of those that came the newest of each return and area."""
    newest: dict[tuple[str, str], int] = {}
    for s in statuses:
        newest[s.return_id, s.area] = max(s.year, newest.get((s.return_id, s.area), s.year))
    return [s for s in statuses if s.received is None or s.year == newest[s.return_id, s.area]]


def _renew(made: Iterable[Found], run: Run, *, of_returns: bool) -> int:
    """One of the two halves: `of_returns` says which; how many rows were written."""
    found = {_key(w): w for w in made}
    held = WarningRecord.objects.filter(gone_at=None)
    held = held.filter(kind__in=OF_RETURNS) if of_returns else held.exclude(kind__in=OF_RETURNS)
    present = {w.key: w for w in held}
    now, changed, lasting = timezone.now(), list[WarningRecord](), list[int]()
    for key, row in present.items():
        if key not in found:
            row.gone_at = now if of_returns else run.made_at
        elif _differs(row, found[key]):
            _tell(row, found[key])
            row.last_run = run
        else:
            lasting.append(row.pk)
            continue
        changed.append(row)
    if not of_returns:
        WarningRecord.objects.filter(pk__in=lasting).update(last_run=run)
    WarningRecord.objects.bulk_update(changed, [*TOLD, "areas", "due_date", "last_run", "gone_at"])
    new = [
        _tell(
            WarningRecord(
                key=key, kind=w.kind.value, target=w.target, indicator=w.indicator, area=w.area, first_run=run,
                last_run=run, first_at=now if of_returns else run.made_at,
            ),
            w,
        )
        for key, w in found.items()
        if key not in present
    ]  # fmt: skip
    WarningRecord.objects.bulk_create(new)
    return len(changed) + len(new)


def _tell(row: WarningRecord, w: Found) -> WarningRecord:
    for name in TOLD:
        setattr(row, name, getattr(w, name))
    row.areas, row.due_date = list(w.areas), w.due
    return row


def _differs(row: WarningRecord, w: Found) -> bool:
    told = any(getattr(row, name) != getattr(w, name) for name in TOLD)
    return told or row.due_date != w.due or row.areas != list(w.areas)


def _key(w: Found) -> str:
    """What it is about: a return by its name and year; a finding without indicator by its words."""
    about = "" if w.indicator or w.target else w.reason[:80]
    if w.kind.of_returns:
        about = f"{w.year}|{w.subject}"
    data = w.data_used[:60] if w.kind is WarningKind.QUALITY else ""
    return "|".join((w.kind.value, w.target, w.indicator, w.area, about, data))[:200]
