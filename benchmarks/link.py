"""Linking of made-up registers (演示数据): precision, recall, seconds, beside equal identity numbers alone. One JSON
line each.

python benchmarks/link.py [--children 17000] [--profile ordinary …]
python benchmarks/link.py --large      # two registers, 1,000,000 records against 300,000
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import pyarrow as pa

from qingmiao.demo.registers import ORDINARY, PROFILES, Noise, registers
from qingmiao.identity.linking.batch import key_records, link, rarity
from qingmiao.identity.linking.candidates import candidates
from qingmiao.identity.linking.keys import BLOCKS, Keys
from qingmiao.identity.numbers import plain_number

LARGE = replace(ORDINARY, covered=(0.0, 1.0, 0.3, 0.0), towns=400)


def _pairs(counts: Counter[Any]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def judged(entities: list[Any], truth: list[int]) -> dict[str, float]:
    """Precision, recall and F1 over pairs of records."""
    right = _pairs(Counter(zip(entities, truth, strict=True)))
    precision = right / max(_pairs(Counter(entities)), 1)
    recall = right / max(_pairs(Counter(truth)), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-12)
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def one_by_one(records: pa.Table, asked: int = 500) -> dict[str, float]:
    """Milliseconds to score one child against what an index of the keys finds, of so many children: median, 95th
    part."""
    keyed = key_records(records)
    known = rarity(keyed)
    rows = [Keys(**{name: row[name] for name in Keys.__dataclass_fields__}) for row in keyed.to_pylist()]
    index: dict[tuple[object, ...], list[int]] = {}
    for place, row in enumerate(rows):
        for block in BLOCKS:
            index.setdefault((block, *(getattr(row, column) for column in block)), []).append(place)

    def find(wanted: list[Any]) -> list[tuple[int, Keys]]:
        found = {place for block in wanted for place in index.get((tuple(block), *block.values()), ())}
        return [(place, rows[place]) for place in found]

    times = []
    for row in rows[:: max(len(rows) // asked, 1)]:
        started = time.perf_counter()
        candidates(row, find, known)
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return {"median": round(times[len(times) // 2], 2), "p95": round(times[len(times) * 95 // 100], 2)}


def run(name: str, children: int, noise: Noise, seed: int) -> dict[str, Any]:
    """One profile linked and judged."""
    records, truth = registers(children, seed=seed, noise=noise)
    started, used = time.perf_counter(), time.process_time()
    clusters = link(records).clusters
    seconds, processor = time.perf_counter() - started, time.process_time() - used
    told = dict(zip(records["record_id"].to_pylist(), truth.to_pylist(), strict=True))
    numbers = [plain_number(text) or f"none {row}" for row, text in enumerate(records["id_number"].to_pylist())]
    return {
        "benchmark": "link",
        "profile": name,
        "seed": seed,
        "records": records.num_rows,
        **judged(clusters["entity"].to_pylist(), [told[key] for key in clusters["record_id"].to_pylist()]),
        "numbers_alone": judged(numbers, truth.to_pylist()),
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        **({"one_child_ms": one_by_one(records)} if records.num_rows < 200_000 else {}),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "arrow": pa.__version__,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--children", type=int, default=17_000)
    parser.add_argument("--profile", nargs="*", default=list(PROFILES), choices=list(PROFILES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--large", action="store_true")
    asked = parser.parse_args()
    if asked.large:
        print(json.dumps(run("large", 1_000_000, LARGE, asked.seed)), flush=True)
        return
    for name in asked.profile:
        print(json.dumps(run(name, asked.children, PROFILES[name], asked.seed)), flush=True)


if __name__ == "__main__":
    main()
