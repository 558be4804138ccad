"""Many sources say anew what they know of a table: at newer versions, in place of what counted, in the writer's
transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
from django.db import connection
from django.utils import timezone

from qingmiao.site import pack as site_pack
from qingmiao.site.apps.facts import outbox
from qingmiao.site.apps.facts.models import Batch, Publication
from qingmiao.site.apps.facts.publishing import Rows, Sheaf, checked_rows, of_sheaves
from qingmiao.site.apps.facts.tables import shape


def renew_each(
    table: str, rows: Rows, sheaves: Sequence[Sheaf], *, on: date | None = None, checked: bool = False
) -> int:
    """As `publish` for many sources at once; how many were published.

    A sheaf without rows takes back what its source said. A source of which this or a newer version counts is left as it
    is, and so is one that has nothing to take back. The rows are checked whole: raises RefusedFactsError listing every
    fault (nothing is written). `checked`: they were published before as they are (`said_by`).
    """
    if not connection.in_atomic_block:
        raise RuntimeError("facts belong into the transaction of what they tell of")
    content = site_pack.pack()
    of = shape(content, table)
    if checked:
        assert isinstance(rows, pa.Table)
        given = of.aligned(rows)
    else:
        given, _ = checked_rows(content, of, rows, f"{table}@{len(sheaves)}", on or timezone.localdate())
    counting = Publication.objects.filter(table=table, superseded_by=None, source__in=[s.source for s in sheaves])
    before = {p.source: p for p in counting.select_for_update()}
    new = [s for s in sheaves if (before[s.source].version < s.version if s.source in before else s.stop > s.start)]
    at = timezone.now()
    made = Publication.objects.bulk_create(
        (
            Publication(
                table=table, source=s.source, version=s.version, rows=s.stop - s.start, at=at,
                superseded_by=before.get(s.source),
            )
            for s in new
        ),
        batch_size=2000,
    )  # fmt: skip
    numbers = [p.pk for p in made]
    with connection.cursor() as cursor:  # two steps, because the database lets one version of a source count at a time
        cursor.execute(
            "UPDATE facts_publication o SET superseded_by_id = n.id FROM facts_publication n"
            " WHERE n.superseded_by_id = o.id AND n.id = ANY(%s)",
            [numbers],
        )
    Publication.objects.filter(pk__in=numbers).update(superseded_by=None)
    batches = of_sheaves(of, given, made, new)
    after = {before[p.source].pk: p for p in made if p.source in before}
    gone = set(Batch.objects.filter(publication__in=list(after)).values_list("publication_id", "partition"))
    replaced = {(after[pk].pk, partition) for pk, partition in gone}
    by_number = {p.pk: p for p in made}
    changed = replaced | {(b.publication_id, b.partition) for b in batches}
    outbox.tell((by_number[pk], partition, (pk, partition) in replaced) for pk, partition in sorted(changed))
    return len(made)


def said_by(table: str, sources: Sequence[str]) -> dict[str, tuple[int, pa.Table]]:
    """Of each of these sources that says anything of a table the version that counts and its rows."""
    of = shape(site_pack.pack(), table)
    counting = Publication.objects.filter(table=table, superseded_by=None, source__in=list(sources))
    found: dict[str, tuple[int, pa.Table]] = {}
    for one in counting.select_for_update().order_by("source"):
        data = one.batches.order_by("partition").values_list("data", flat=True)
        parts = [of.aligned(pa.ipc.open_stream(bytes(each)).read_all()) for each in data]
        found[one.source] = (one.version, pa.concat_tables(parts) if parts else of.aligned(pa.table({})))
    return found
