"""One late event among many: from its publication to its value in the run; and ten thousand events in one file.

    python benchmarks/facts.py [ROWS=1000000] [FILE=10000] [REPEAT=3]

Made-up vision checks of five school years lie in an embedded PostgreSQL as published facts, one source a school year
(the table
with the dearest derived columns: myopia by the norm, and what the same child had the year before). Then:
one late event is published and the newest run brought up to it (`late`), against loading and measuring the same from
nothing
(`all`); FILE events are published at once and measured (`file`), against a bare COPY of the same rows into typed
columns and the
same measuring (`bare`). Every late value is held against measuring everything: a quick wrong one ends the benchmark.
Targets: late ≤ 2 s and ≤ 1 % of all; file ≤ 2 × bare. Ends with one JSON line.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from website import served

TABLE, KIND = "vision_checks", "benchmark"
YEARS = range(2020, 2025)
DAY = date(2025, 6, 1)
TARGETS = {"late_seconds": 2.0, "late_share": 0.01, "file_ratio": 2.0}
SEED = 16
Made = TypeVar("Made")


def checks(rows: int, *, first: int, year: int, areas: list[str], rng: np.random.Generator) -> pa.Table:
    """`rows` made-up checks of the school year that begins in `year`, of children numbered from 0; checks from
    `first`."""
    child = np.arange(rows)
    grade = np.array(["P1", "P2", "P3", "P4", "P5", "P6", "J1", "J2", "J3"])[child % 9]
    start = np.datetime64(f"{year}-09-10")
    day = start + rng.integers(0, 90, rows)
    acuity = np.round(rng.choice([4.6, 4.8, 5.0, 5.1], (rows, 2)), 1)
    sphere = np.round(rng.normal(-0.4, 1.2, (rows, 2)).clip(-8, 4) * 4) / 4
    return pa.table(
        {
            "check_id": [f"C{n}" for n in range(first, first + rows)],
            "child_id": [f"K{n}" for n in child.tolist()],
            "area_code": np.array(areas)[child % len(areas)],
            "school_id": np.char.add("Z", (child % 60).astype(str)),
            "check_date": pa.array(day).cast(pa.date32()),
            "grade": grade,
            "sex": np.array(["M", "F"])[child % 2],
            "birth_date": pa.array(start - 3000 - (child % 9) * 300).cast(pa.date32()),
            "acuity_right": acuity[:, 0], "acuity_left": acuity[:, 1],
            "sphere_right": sphere[:, 0], "sphere_left": sphere[:, 1],
            "cylinder_right": np.zeros(rows), "cylinder_left": np.zeros(rows),
            "ortho_k": pa.nulls(rows, pa.bool_()),
            "recorded_at": pa.array(day + 1).cast(pa.date32()),
            "retracted": pa.nulls(rows, pa.bool_()),
        }
    )  # fmt: skip


def timed(do: Callable[[], Made]) -> tuple[float, Made]:
    began = time.perf_counter()
    made = do()
    return time.perf_counter() - began, made


def copied(given: pa.Table) -> float:
    """Seconds of a bare COPY: the rows as CSV into a table of the same columns, committed."""
    from django.db import connection, transaction

    kinds = {pa.date32(): "date", pa.float64(): "double precision", pa.bool_(): "boolean"}
    columns = ", ".join(f"{f.name} {kinds.get(f.type, 'text')}" for f in given.schema)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS bare_checks ({columns})")

    def copy() -> None:
        sink = pa.BufferOutputStream()
        pa_csv.write_csv(given, sink, pa_csv.WriteOptions(include_header=False))
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            cursor.cursor.copy("COPY bare_checks FROM STDIN (FORMAT csv)") as stream,
        ):
            stream.write(sink.getvalue())

    return timed(copy)[0]


class Bench:
    """A site with `rows` published checks and a first run."""

    def __init__(self, rows: int) -> None:
        from qingmiao.site.apps.facts import api as facts
        from qingmiao.site.apps.monitoring import api

        self.facts, self.api, self.pack = facts, api, api.pack()
        facts.register(KIND, label=lambda name: f"演示文件 {name}")
        self.rng = np.random.default_rng(SEED)
        self.areas = [a.code for a in self.pack.areas.values() if a.level == "township"]
        self.next, self.sources = 0, 0
        for year in YEARS:
            self.publish(self.made(rows // len(YEARS), year))
        self.all_seconds = self.refreshed()

    def made(self, rows: int, year: int) -> pa.Table:
        table = checks(rows, first=self.next, year=year, areas=self.areas, rng=self.rng)
        self.next += rows
        return table

    def publish(self, rows: pa.Table) -> float:
        from django.db import transaction

        self.sources += 1

        def write() -> None:
            with transaction.atomic():
                self.facts.publish(TABLE, None, rows, source=f"{KIND}:{self.sources}", version=1, on=DAY)

        return timed(write)[0]

    def refreshed(self) -> float:
        from qingmiao.site.apps.audit import api as audit

        seconds, run = timed(lambda: self.api.refresh(audit.SYSTEM))
        assert run is not None, "nothing was measured"
        return seconds

    def check(self) -> None:
        """The newest run's values equal those of measuring everything on its snapshot."""
        from qingmiao.measure.recompute import compare_values
        from qingmiao.measure.run import measure

        state = self.api.current()
        assert state is not None
        assert state.values.num_rows > 0
        assert compare_values(state.values, measure(self.pack, state.snapshot).values) == []

    def measuring(self) -> float:
        """Seconds of measuring alone what a change of the newest partition touches: the same on both sides."""
        from django.conf import settings

        from qingmiao.site.apps.monitoring import measuring

        state = self.api.current()
        assert state is not None
        changed = {(TABLE, YEARS[-1])}
        folder = Path(settings.HOME) / "facts"
        return timed(lambda: measuring.again(self.pack, folder, state.run.files, state.values, changed))[0]


def measured(rows: int, file: int, repeat: int) -> dict[str, Any]:
    bench = Bench(rows)
    late, publishing = [], []
    for _ in range(repeat + 1):  # the first warms
        published = bench.publish(bench.made(1, YEARS[-1]))
        publishing.append(published)
        late.append(published + bench.refreshed())
    bench.check()
    files, bare, share = [], [], []
    for _ in range(repeat):
        given = bench.made(file, YEARS[-1])
        put = bench.publish(given)
        files.append(put + bench.refreshed())
        copy = copied(given)
        bare.append(copy + bench.measuring())
        share.append(put / copy)
    bench.check()
    middle = statistics.median
    return {
        "name": "facts", "rows": rows, "file": file, "repeat": repeat, "seed": SEED, "table": TABLE,
        "late_seconds": round(middle(late[1:]), 3), "late_publish_seconds": round(middle(publishing[1:]), 3),
        "all_seconds": round(bench.all_seconds, 3), "late_share": round(middle(late[1:]) / bench.all_seconds, 4),
        "file_seconds": round(middle(files), 3), "bare_seconds": round(middle(bare), 3),
        "file_ratio": round(middle(files) / middle(bare), 2), "publish_to_copy_ratio": round(middle(share), 2),
        "targets": TARGETS, "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "versions": {p: version(p) for p in ("django", "psycopg", "duckdb", "pyarrow")},
    }  # fmt: skip


def main() -> None:
    rows, file, repeat = (int(given) for given in [*sys.argv[1:4], *("1000000", "10000", "3")[len(sys.argv[1:4]) :]])
    with served.own_database("facts", writers=1):
        line = measured(rows, file, repeat)
    print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
