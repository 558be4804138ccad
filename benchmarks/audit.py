"""200 writers at once, each event in a transaction of its own, with the sealing job running, against plain inserts of
the same rows into a table of the same columns and indexes that no chain is made of.

python benchmarks/audit.py [WRITERS=200] [EACH=50] [ROUNDS=5]
Each round writes both, the order changing from round to round; a round's share is audited writes per second over plain
ones. Target: at least 85 % of plain inserts; sealed within a second of the last write. Ends with one JSON line.
"""

from __future__ import annotations

import json
import multiprocessing
import statistics
import sys
import threading
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from website import served

PROCESSES = 8
TARGET = 0.85
PLAIN = """
CREATE TABLE plain_event (LIKE audit_event INCLUDING IDENTITY);
ALTER TABLE plain_event DROP number, DROP previous, DROP hash, DROP sealed_at, ADD PRIMARY KEY (id);
CREATE INDEX ON plain_event (object_type, object_id, id);
CREATE INDEX ON plain_event (actor, id);
"""
fork = multiprocessing.get_context("fork")


def apart(work: Callable[..., None], *given: Any) -> None:
    """Do it in a process of its own, so that this one never holds a connection that a fork would share."""
    process = fork.Process(target=work, args=given)
    process.start()
    process.join()
    assert process.exitcode == 0, work.__name__


def plain_table() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(PLAIN)


def writer(kind: str, name: int, each: int) -> None:
    """Write `each` events, every one in its own transaction."""
    from django.db import models, transaction
    from django.utils import timezone

    from qingmiao.site.apps.audit import api

    actor = api.NamedActor(f"writer-{name}", "health")
    for n in range(each):
        detail = {"state": ["draft", "submitted"], "version": n, "reason": "虚构的压力数据"}
        with transaction.atomic():
            if kind == "audited":
                api.append(actor, "bench.write", object_type="thing", object_id=name, detail=detail)
            else:
                plain: Any = MODELS["plain"]
                assert issubclass(plain, models.Model)
                plain._default_manager.create(
                    at=timezone.now(),
                    actor=actor.username,
                    unit=actor.unit_id,
                    action="bench.write",
                    object_type="thing",
                    object_id=str(name),
                    detail=detail,
                )


MODELS: dict[str, Any] = {}


def define() -> None:
    """The plain table's model: the event's columns without those of the chain."""
    from django.db import models

    class Plain(models.Model):
        id = models.BigAutoField(primary_key=True)
        at = models.DateTimeField()
        actor = models.CharField(max_length=64)
        unit = models.CharField(max_length=120)
        action = models.CharField(max_length=64)
        object_type = models.CharField(max_length=64)
        object_id = models.CharField(max_length=200)
        detail = models.JSONField()

        class Meta:
            app_label, db_table, managed = "audit", "plain_event", False

    MODELS["plain"] = Plain


def writers(kind: str, first: int, count: int, each: int, barrier: Any, done: Any) -> None:
    """`count` threads of one process, each with its own connection, open before the clock starts."""
    from django.db import connection

    failed: list[BaseException] = []

    def work(name: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait()
            writer(kind, name, each)
        except BaseException as why:
            failed.append(why)
            barrier.abort()
        finally:
            done.wait()  # closing is not measured
            connection.close()

    threads = [threading.Thread(target=work, args=(first + n,)) for n in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if failed:
        raise failed[0]


def measure(kind: str, count: int, each: int) -> float:
    """Seconds that all the writers need."""
    barrier, done = fork.Barrier(count + 1), fork.Barrier(count + 1)
    shares = [count // PROCESSES + (n < count % PROCESSES) for n in range(PROCESSES)]
    processes = [
        fork.Process(target=writers, args=(kind, sum(shares[:n]), share, each, barrier, done))
        for n, share in enumerate(shares)
    ]
    for p in processes:
        p.start()
    barrier.wait()
    began = time.perf_counter()
    done.wait()
    seconds = time.perf_counter() - began
    for p in processes:
        p.join()
        assert p.exitcode == 0, f"a writer of {kind} failed"
    return seconds


def sealing(stop: Any) -> None:
    """What a worker does beside its jobs."""
    from qingmiao.site.apps.audit import api

    with api.Sealer():
        stop.wait()


def ask(url: str, query: str) -> Any:
    import psycopg

    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row[0]


def check(wanted: int) -> None:
    """The benchmark measured what it says: everything is there and in one whole chain."""
    from qingmiao.site.apps.audit import api

    verdict = api.verify()
    assert (verdict.events, verdict.unsealed, verdict.faults) == (wanted, 0, ()), verdict


def main() -> None:
    count, each, rounds = (int(given) for given in [*sys.argv[1:4], *("200", "50", "5")[len(sys.argv[1:4]) :]])
    with served.own_database("audit", writers=count) as home:
        define()
        apart(plain_table)
        print(json.dumps(measured(home / "postgres", count, each, rounds), ensure_ascii=False))


def measured(folder: Path, count: int, each: int, rounds: int) -> dict[str, Any]:
    """The figures."""
    stop = fork.Event()
    sealer = fork.Process(target=sealing, args=(stop,))
    try:
        url = f"postgresql://postgres@/qingmiao?host={folder}"
        sealer.start()
        for kind in ("plain", "audited"):
            measure(kind, count, max(1, each // 5))  # warm
        seconds: dict[str, list[float]] = {"plain": [], "audited": []}
        lags = []
        for n in range(rounds):
            for kind in ("plain", "audited") if n % 2 else ("audited", "plain"):
                seconds[kind].append(measure(kind, count, each))
                began = time.perf_counter()
                while ask(url, "SELECT count(*) FROM audit_event WHERE number IS NULL"):
                    time.sleep(0.02)
                if kind == "audited":
                    lags.append(round(time.perf_counter() - began, 2))
        longest = ask(
            url,
            "SELECT max(extract(epoch FROM sealed_at - at))::float FROM audit_event WHERE number IS NOT NULL",
        )
        apart(check, count * (max(1, each // 5) + rounds * each))
        stop.set()
        sealer.join()
    finally:
        stop.set()
        if sealer.is_alive():
            sealer.join(30)
    shares = sorted(round(p / a, 3) for p, a in zip(seconds["plain"], seconds["audited"], strict=True))
    rows = count * each
    return {
        "name": "audit", "writers": count, "each": each, "rounds": rounds,
        **{f"{kind}_per_second": round(rows / statistics.median(found)) for kind, found in seconds.items()},
        "share": statistics.median(shares), "share_range": [shares[0], shares[-1]], "target": TARGET,
        "sealed_after_last_write_seconds": max(lags), "longest_write_to_seal_seconds": round(longest, 2), "seed": 0,
        "versions": {p: version(p) for p in ("django", "psycopg")},
    }  # fmt: skip


if __name__ == "__main__":
    main()
