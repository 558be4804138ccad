"""Long random histories of cases against a model that reads the files: 10,000 operations for each of 20 seeds.

``python benchmarks/case_histories.py [OPERATIONS] [SEEDS] [THREADS]`` makes a database of its own with the county's
units and made-up people (演示数据). With THREADS (0 unless said) so many work at once on the same cases, committed. It
ends with one JSON line; `wrong` is 0, or the exit code is 1 and each fault is told.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from website import served


def main(operations: int, seeds: int, threads: int) -> int:
    """Walk, print; 1 where anything was wrong."""
    with served.own_database("case_histories"):
        return walked(operations, seeds, threads)


def walked(operations: int, seeds: int, threads: int) -> int:
    """Each seed in a transaction of its own that is taken back."""
    from django.core.management import call_command
    from django.db import transaction
    from django.utils import timezone

    from qingmiao.site import pack
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.directory import api as directory
    from website import case_histories

    call_command("migrate", verbosity=0)
    directory.load_pack(audit.SYSTEM, pack.pack(), on=timezone.localdate())
    began, wrong, done, refused = time.perf_counter(), list[str](), 0, 0
    met: Counter[str] = Counter()
    for seed in range(seeds):
        if threads:
            crowd = case_histories.crowd(seed, operations, threads)
            wrong += [f"seed {seed}: {told}" for told in crowd.wrong]
            done, refused = done + len(crowd.acknowledged), refused + len(crowd.refused)
            met += crowd.met
            continue
        with transaction.atomic():
            walk = case_histories.walked(seed, operations)
            transaction.set_rollback(True)
        wrong += [f"seed {seed}: {told}" for told in walk.wrong]
        done, refused = done + walk.done, refused + walk.refused
        met += walk.met
    for told in wrong[:50]:
        print(told, file=sys.stderr)
    print(
        json.dumps(
            {
                "benchmark": "case_histories", "operations": operations, "seeds": seeds, "threads": threads,
                "done": done,
                "refused": refused, "kinds": dict(met),
                "wrong": len(wrong), "seconds": round(time.perf_counter() - began, 1),
                "met": not wrong,
            }
        )
    )  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    sys.exit(main(*(given + [10_000, 20, 0][len(given) :])))
