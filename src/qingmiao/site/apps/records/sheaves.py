"""Records that were made together are published together, some hundred as one source of facts: a sheaf.

A record that changes leaves its sheaf (a newer version of the sheaf, without it) and is a source of its own from then
on: nothing of it counts twice, and what was known on an earlier day stays as it was. Each row names its own record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.records import kinds
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.list_models import ListedRow

SOURCE = "record"
LISTED = "list"
SHEAF = 1000
"""Rows of a file whose records are published together."""


def operation_of(listed: int, place: int) -> str:
    """The operation id of the record of a list's row (`place` from 1): by it, it is known that a list made it."""
    return f"{LISTED}-{listed}-{place}"


def sheaf_of(listed: int, place: int) -> str:
    """The source that publishes the row of a list that stands at a place (from 0)."""
    return f"{LISTED}:{listed}-{place // SHEAF}"


def named(record: int, version: int = 1) -> str:
    """Where a row of facts says that it comes from: the record and the version of its facts; in a sheaf the first."""
    return f"{SOURCE}:{record}@{version}"


def leave(records: Sequence[HealthRecord]) -> set[int]:
    """These records are in no sheaf any more; the numbers of those that were."""
    waiting = {r.pk: r for r in records if r.published == 1 and r.operation.startswith(f"{LISTED}-")}
    listed = ListedRow.objects.filter(record__in=list(waiting)).values_list("record_id", "listed_id", "place")
    sheaves: dict[str, set[int]] = defaultdict(set)
    for pk, of, place in listed:
        sheaves[sheaf_of(of, place - 1)].add(pk)
    left: set[int] = set()
    every = kinds.kinds()
    tables = {row.fact for r in waiting.values() if r.kind in every for row in every[r.kind].publishes}
    for table in sorted(tables) if sheaves else ():
        for source, (version, rows) in facts.said_by(table, sorted(sheaves)).items():
            gone = pa.array([named(pk) for pk in sorted(sheaves[source])])
            stays = pc.invert(pc.is_in(rows["_file"], gone))
            rest = rows.filter(stays)
            if rest.num_rows < rows.num_rows:
                facts.renew_each(table, rest, [facts.Sheaf(source, version + 1, 0, rest.num_rows)], checked=True)
                left |= sheaves[source]
    return left


def _label(name: str) -> str:
    return f"健康记录名单（第 {name.partition('-')[0]} 份）"


facts.register(LISTED, label=_label, of_records=True)
