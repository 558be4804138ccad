"""What is due for all of a county's children by all schedules of the pack, over columns, beside one child at a time.

Made-up children and events (one seed). A thousand children are also asked one by one; the answers must be the same, or
the run stops. Times are seconds of one core, so that neighbours do not count. The last line printed is one JSON
object; ends with 1 when all schedules take longer than the target.

    python benchmarks/schedules.py [--children 45000] [--events 20] [--repeats 3]
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np

from qingmiao.content import load_pack
from qingmiao.content.pack import Pack
from qingmiao.content.schedules import Schedule
from qingmiao.schedules import STATES, Events, People, due, states, vaccination_states
from qingmiao.standards.immunisation import schedule as programme

SEED = 20_261_127
ON = date(2026, 11, 27)
TARGET = 3.0
"""Seconds of one core for 45,000 children and all schedules."""
COMPARED = 1000
GRADES = (None, "K1", "K2", "K3", "P1", "P2", "P3", "P4", "P5", "P6", "J1", "J2", "J3", "H1", "H2", "H3")


def children(count: int, rng: np.random.Generator) -> People:
    """Children under eighteen; what is known of them."""
    born = np.datetime64(ON, "D") - rng.integers(0, 18 * 365, count).astype("timedelta64[D]")
    discharged = born + rng.integers(2, 9, count).astype("timedelta64[D]")
    words = {
        "birth_date": born, "discharged_on": discharged, "sex": rng.choice(np.array(["M", "F"], dtype=object), count),
        "grade": rng.choice(np.array(GRADES, dtype=object), count),
        "high_risk": rng.choice(np.array([True, False, None], dtype=object), count, p=[0.05, 0.85, 0.1]),
    }  # fmt: skip
    return People(words, count)


def events(people: People, kinds: tuple[str, ...], count: int, rng: np.random.Generator) -> Events:
    """Events between birth and the day, of any of the kinds."""
    who = rng.integers(0, people.size, count)
    born = people.day("birth_date")[who]
    life = (np.datetime64(ON, "D") - born).astype(np.int64)
    day = born + (rng.random(count) * (life + 1)).astype(np.int64).astype("timedelta64[D]")
    return Events(who, rng.integers(0, len(kinds), count), day, kinds)


def compared(pack: Pack, people: People, done: Events) -> float:
    """Seconds of asking the first thousand children one by one; stops the run where an answer differs."""
    few = People({w: c[:COMPARED] for w, c in people.words.items()}, min(COMPARED, people.size))
    own: list[list[tuple[str, date]]] = [[] for _ in range(few.size)]
    for n in np.flatnonzero(done.person < few.size):
        own[done.person[n]].append((done.kinds[done.kind[n]], done.day[n].astype(date)))
    dated = ("birth_date", "discharged_on")
    known = [{w: c[n].astype(date) if w in dated else c[n] for w, c in few.words.items()} for n in range(few.size)]
    took = 0.0
    for schedule in pack.entries("schedules", Schedule).values():
        if schedule.norm is not None or schedule.subject != "child":
            continue
        many = states(schedule, people, done, ON)
        began = time.process_time()
        one = [[STATES.index(x.state) for x in due(schedule, p, e, ON)] for p, e in zip(known, own, strict=True)]
        took += time.process_time() - began
        if not np.array_equal(np.array(one), many.state[: few.size]):
            sys.exit(f"{schedule.id}: one by one and over columns differ")
    return took


def main() -> None:
    """Run, print, and end with 1 when the target is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--children", type=int, default=45_000)
    options.add_argument("--events", type=int, default=20, help="a child, beside ten doses")
    options.add_argument("--repeats", type=int, default=3)
    given = options.parse_args()
    rng = np.random.default_rng(SEED)
    pack = load_pack(Path(__file__).resolve().parents[1] / "content" / "china")
    schedules = [s for s in pack.entries("schedules", Schedule).values() if s.subject == "child"]
    kinds = tuple(sorted({k for s in schedules for i in s.items for k in (*i.kinds, *i.after, *i.until)}))
    people = children(given.children, rng)
    done = events(people, kinds, given.children * given.events, rng)
    doses = events(people, tuple(programme.products()), given.children * 10, rng)
    seconds: dict[str, list[float]] = {}
    for _ in range(given.repeats):
        for schedule in schedules:
            began = time.process_time()
            vaccination_states(people, doses, ON) if schedule.norm else states(schedule, people, done, ON)
            seconds.setdefault(schedule.id, []).append(time.process_time() - began)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    whole = sum(medians.values())
    alone = compared(pack, people, done) / min(COMPARED, given.children) * given.children
    for name, median in sorted(medians.items(), key=lambda x: -x[1]):
        print(f"{name:24}{median:8.3f} s")
    print(f"{'all':24}{whole:8.3f} s  (target {TARGET} s for 45,000 children; one by one about {alone:.0f} s)")
    print(json.dumps({
        "children": given.children, "events": int(done.day.size), "doses": int(doses.day.size),
        "seconds": round(whole, 3),
        "by_schedule": {k: round(v, 4) for k, v in medians.items()}, "one_by_one": round(alone, 1), "target": TARGET,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "python": platform.python_version(),
    }))  # fmt: skip
    sys.exit(whole > TARGET * max(given.children, 45_000) / 45_000)


if __name__ == "__main__":
    main()
