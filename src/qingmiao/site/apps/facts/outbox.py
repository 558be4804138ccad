"""The outbox: a publication tells its consumers in its own transaction; each reads in its own time what it has not read
yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from qingmiao.site.apps.facts.models import Change, Publication

_consumers: dict[str, Callable[[], object]] = {}


@dataclass(frozen=True)
class Told:
    """One partition that a publication changed. `replaced`: rows that counted before count no longer."""

    id: int
    publication: int
    table: str
    partition: int
    replaced: bool
    source: str
    version: int


def subscribe(consumer: str, wake: Callable[[], object]) -> None:
    """From now on every publication is put down for `consumer`; `wake` is called in the publisher's transaction (defer
    a job)."""
    _consumers[consumer] = wake


def tell(changed: Iterable[tuple[Publication, int, bool]]) -> None:
    """Put changed partitions (publication, partition, replaced) down for every consumer, and wake it once."""
    told = list(changed)
    rows = [
        Change(consumer=c, publication=publication, table=publication.table, partition=partition, replaced=replaced)
        for c in _consumers
        for publication, partition, replaced in told
    ]
    Change.objects.bulk_create(rows, batch_size=2000)
    for wake in _consumers.values() if rows else ():
        wake()


def untaken(consumer: str) -> tuple[Told, ...]:
    """What a consumer has not taken yet, in the order of publication."""
    names = ("id", "publication_id", "table", "partition", "replaced", "publication__source", "publication__version")
    rows = Change.objects.filter(consumer=consumer).order_by("publication_id", "partition").values_list(*names)
    return tuple(Told(*row) for row in rows)


def take(told: Iterable[Told]) -> None:
    """Taken: to be called in the transaction that keeps what was made of it."""
    Change.objects.filter(pk__in=[t.id for t in told]).delete()
