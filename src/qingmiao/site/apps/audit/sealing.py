"""Sealing: events that were written without order get their place in the chain, soon after their transaction is there.

Nobody is told of a new event by NOTIFY: PostgreSQL commits transactions that notify one after the other, which is the
global lock that writers are to be spared (decision 0010). The sealer looks instead, at an index that holds only what is
not yet sealed.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from qingmiao.site.apps.audit.chain import START, row_hash
from qingmiao.site.apps.audit.models import Event

LOCK = 7_301_001
"""The advisory lock of sealing: one at a time in the whole database, given back when its transaction or its process
ends."""
BATCH = 2000
"""Events sealed in one transaction."""
EVERY = 0.5
"""Seconds between two looks for unsealed events."""

log = logging.getLogger("qingmiao.audit")


def seal(*, wait: bool = True) -> int:
    """Seal every event whose transaction is committed, in the order of writing; returns how many were sealed.

    Numbers follow without gaps on the last one sealed. An event that becomes visible later than one written after it
    (its transaction took longer) is sealed later. With `wait=False` nothing is done while somebody else is sealing. A
    batch is sealed whole or not at all.
    """
    sealed = 0
    while True:
        with transaction.atomic():
            if not _my_turn(wait):
                return sealed
            count = _seal_batch(timezone.now())
        sealed += count
        if count < BATCH:
            return sealed


def unsealed() -> bool:
    """Whether there is anything to seal: one look at an index that is nearly always empty."""
    with connection.cursor() as cursor:
        # In the index's own order: no statistics make the planner read the table instead.
        cursor.execute("SELECT id FROM audit_event WHERE number IS NULL ORDER BY id LIMIT 1")
        return cursor.fetchone() is not None


def lag() -> timedelta:
    """How long the oldest unsealed event has waited; nothing when all are sealed."""
    oldest = Event.objects.filter(number__isnull=True).order_by("id").values_list("at", flat=True).first()
    return timedelta(0) if oldest is None else max(timedelta(0), timezone.now() - oldest)


def _my_turn(wait: bool) -> bool:
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _seal_batch(now: datetime) -> int:
    """Seal the next events; the lock is held. What is hashed is what the database gives back, as the verifier will read
    it."""
    last = Event.objects.filter(number__isnull=False).order_by("-number").first()
    number, previous = (last.number or 0, last.hash or START) if last else (0, START)
    ids, numbers, befores, hashes = [], [], [], []
    fields = ("id", "at", "actor", "unit", "action", "object_type", "object_id", "detail")
    for values in Event.objects.filter(number__isnull=True).order_by("id").values_list(*fields)[:BATCH]:
        number += 1
        ids.append(values[0])
        numbers.append(number)
        befores.append(previous)
        row = dict(zip(fields, values, strict=True))
        previous = row_hash(**row, number=number, previous=previous, sealed_at=now)
        hashes.append(previous)
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_event SET number = s.number, previous = s.previous, hash = s.hash, sealed_at = %s"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS s (id, number, previous, hash)"
            " WHERE audit_event.id = s.id AND audit_event.number IS NULL",
            [now, ids, numbers, befores, hashes],
        )
        if cursor.rowcount != len(ids):  # the transaction falls: no number is given to what is not there
            raise LookupError(f"{len(ids) - cursor.rowcount} of {len(ids)} events vanished while being sealed")
    return len(ids)


class Sealer:
    """A thread of a worker that seals; every worker has one, and whoever gets the lock does the work."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sealer", daemon=True)

    def __enter__(self) -> Sealer:
        """Begin with whatever an earlier, killed worker left unsealed."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Seal what is left and end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        wrong = ""
        while True:
            last = self._stop.is_set()
            try:
                if unsealed():
                    seal(wait=last)
                if wrong:
                    log.warning("sealing: works again")
                wrong = ""
            except Exception as why:  # whatever it is: a thread that ended would leave everything unsealed
                if wrong != type(why).__name__:  # said once: on a full disk, the log would fill what is left
                    wrong = type(why).__name__
                    log.warning("sealing: %s; tried again every %s s", wrong, EVERY)
                connection.close()  # the next look connects anew
            if last:
                break
            self._stop.wait(EVERY)
        connection.close()
