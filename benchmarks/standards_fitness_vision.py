"""Fitness and vision over columns against a plain Python loop over rows.

Both sides get the same made-up rows (one seed) and must give the same totals and answers, or the run stops. The row
loop is written as a careful school script would be: tables in dicts, thresholds best first, one pupil at a time. The
last line printed is one JSON object: sizes, median seconds of each side, ratios, rows per second, peak memory,
versions.

    python benchmarks/standards_fitness_vision.py [--rows 100000] [--repeats 3]
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from qingmiao.standards import fitness, norm_tables, vision
from qingmiao.standards.fitness import tables

SEED = 20_260_901
RANGES = {
    "vital_capacity": (500, 5000, 0), "run_50m": (6.5, 14, 1), "sit_reach": (-9, 26, 1),
    "rope_skipping_1min": (0, 170, 0),
    "sit_ups_1min": (0, 60, 0), "pull_ups": (0, 22, 0), "standing_long_jump": (100, 280, 0),
    "shuttle_50m_x8": (85, 165, 0), "run_1000m": (180, 420, 0), "run_800m": (180, 360, 0),
}  # fmt: skip


def fitness_sheet(rows: int, rng: np.random.Generator) -> dict[str, Any]:
    """A sheet of pupils of every grade; one measurement in fifty is missing."""
    sheet: dict[str, Any] = {
        "grade": rng.choice(np.array(tables.grades(), dtype=object), rows),
        "sex": rng.choice(np.array(tables.SEXES, dtype=object), rows),
        "height_cm": np.round(rng.uniform(105, 185, rows), 1),
        "weight_kg": np.round(rng.uniform(16, 85, rows), 1),
    }
    for name, (low, high, digits) in RANGES.items():
        sheet[name] = np.round(rng.uniform(low, high, rows), digits)
        sheet[name][rng.random(rows) < 0.02] = np.nan
    return sheet


def vision_sheet(rows: int, rng: np.random.Generator) -> dict[str, Any]:
    """Checks of both eyes; one reading in fifty is missing."""
    sheet: dict[str, Any] = {
        "age_months": rng.integers(72, 216, rows).astype(float),
        "ortho_k": rng.random(rows) < 0.03,
    }
    for eye in ("right", "left"):
        sheet[f"va_{eye}"] = rng.integers(40, 53, rows) / 10
        sheet[f"sphere_{eye}"] = rng.integers(-24, 8, rows) / 4
        sheet[f"cylinder_{eye}"] = rng.integers(-8, 1, rows) / 4
        for name in ("va", "sphere", "cylinder"):
            sheet[f"{name}_{eye}"][rng.random(rows) < 0.02] = np.nan
    return sheet


def row_loop_tables() -> dict[str, Any]:
    """The standard in dicts, read before the clock starts."""
    found: dict[str, Any] = {"weights": {}, "thresholds": {}, "bmi": {}, "bonus": {}}
    for row in norm_tables.rows("fitness", "weights.csv"):
        found["weights"].setdefault((row["grade"], row["sex"]), {})[row["item"]] = int(row["weight_percent"])
    for name in RANGES:
        for row in norm_tables.rows("fitness", f"{name}.csv"):
            key = (name, row["grade"], row["sex"])
            found["thresholds"].setdefault(key, []).append((float(row["threshold"]), int(row["score"])))
    for row in norm_tables.rows("fitness", "bmi.csv"):
        low, high = float(row["min_incl"] or "-inf"), float(row["max_incl"] or "inf")
        found["bmi"].setdefault((row["grade"], row["sex"]), []).append((low, high, int(row["score"])))
    for row in norm_tables.rows("fitness", "bonus.csv"):
        for grade in row["grades"].split():
            key = (row["item"], grade, row["sex"])
            found["bonus"].setdefault(key, []).append(
                (float(row["margin_over_100_threshold"]), int(row["bonus_points"]))
            )
    for steps in found["bonus"].values():
        steps.sort(reverse=True)
    return found


def fitness_row_loop(sheet: dict[str, Any], known: dict[str, Any]) -> list[float | None]:
    """Totals one pupil at a time."""
    lower = {"run_50m", "shuttle_50m_x8", "run_1000m", "run_800m"}
    columns = {name: values.tolist() for name, values in sheet.items()}
    totals: list[float | None] = []
    for at in range(len(columns["grade"])):
        grade, sex = columns["grade"][at], columns["sex"][at]
        hundredths, bonus, complete = 0, 0, True
        for name, weight in known["weights"][grade, sex].items():
            score = 0
            if name == "bmi":
                height = columns["height_cm"][at]
                bmi = math.floor(columns["weight_kg"][at] * 100_000 / (height * height) + 0.5 + 1e-9) / 10
                for low, high, points in known["bmi"][grade, sex]:
                    if low <= bmi <= high:
                        score = points
                        break
            else:
                value = columns[name][at]
                if value != value:
                    complete = False
                    break
                lines = known["thresholds"][name, grade, sex]
                sign = -1 if name in lower else 1
                for threshold, points in lines:
                    if sign * value >= sign * threshold:
                        score = points
                        break
                for margin, points in known["bonus"].get((name, grade, sex), ()):
                    if sign * (value - lines[0][0]) >= margin:
                        bonus += points
                        break
            hundredths += score * weight
        totals.append((min(hundredths, 10_000) + 100 * bonus + 5) // 10 / 10 if complete else None)
    return totals


def vision_row_loop(sheet: dict[str, Any]) -> list[tuple[bool | None, bool | None]]:
    """Screening myopia and referral one child at a time; works out equivalents, worse eye and low acuity on the way."""
    columns = {name: values.tolist() for name, values in sheet.items()}
    limits = {
        what: [
            {name: float(value) for name, value in row.items() if name != "check"}
            for row in norm_tables.rows("vision", f"{what}_referral.csv")
        ]
        for what in ("acuity", "refraction")
    }
    answers: list[tuple[bool | None, bool | None]] = []
    for at in range(len(columns["ortho_k"])):
        eyes = []
        for eye in ("right", "left"):
            sphere, cylinder = columns[f"sphere_{eye}"][at], columns[f"cylinder_{eye}"][at]
            eyes.append((columns[f"va_{eye}"][at], sphere, cylinder, sphere + cylinder / 2))
        positive, known = False, True
        for acuity, _, _, power in eyes:
            if acuity != acuity or power != power:
                known = False
            elif acuity < 5.0 and power < -0.5:
                positive = True
        myopic = True if columns["ortho_k"][at] or positive else False if known else None
        (right, sphere_r, cylinder_r, power_r), (left, sphere_l, cylinder_l, power_l) = eyes
        worst = min(right, left) if right == right and left == left else math.nan
        grade = "none" if worst >= 5 else "mild" if worst >= 4.9 else "moderate" if worst >= 4.6 else "severe"
        months = columns["age_months"][at]
        refer: bool | None = None
        for row in limits["refraction"]:
            if row["age_from_month"] <= months < row["age_to_month_excl"]:
                found = any(p > row["se_over_d"] or p < row["se_under_d"] for p in (power_r, power_l))
                found = found or any(abs(c) > row["cyl_abs_over_d"] for c in (cylinder_r, cylinder_l))
                found = found or abs(sphere_r - sphere_l) > row["sphere_diff_over_d"]
                found = found or abs(cylinder_r - cylinder_l) > row["cyl_diff_over_d"]
                refer = True if found else None if power_r != power_r or power_l != power_l else False
        for row in limits["acuity"]:
            if row["age_from_month"] <= months < row["age_to_month_excl"]:
                limit, apart = row["refer_if_worse_eye_at_or_below_5mark"], row["line_difference_refer"] / 10
                if right <= limit or left <= limit or abs(right - left) >= apart - 1e-9:
                    refer = True
                elif refer is not True and worst != worst:
                    refer = None
        answers.append((myopic, refer if grade else None))
    return answers


def timed(work: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Median seconds of ``repeats`` runs after one that is not counted, and the last result."""
    work()
    seconds = []
    result = None
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def same(left: list[Any], right: list[Any]) -> bool:
    """Equal values, missing where the other is missing."""
    return [None if value != value else value for value in left] == right


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    rng = np.random.default_rng(SEED)
    school, checks = fitness_sheet(options.rows, rng), vision_sheet(options.rows, rng)
    known = row_loop_tables()

    fast_fitness, scored = timed(lambda: fitness.score_columns(school, reasons=False), options.repeats)
    slow_fitness, totals = timed(lambda: fitness_row_loop(school, known), options.repeats)
    if not same(scored["total"].tolist(), totals):
        raise SystemExit("fitness: the two sides disagree")
    fast_vision, judged = timed(lambda: vision.score_columns(checks), options.repeats)
    slow_vision, answers = timed(lambda: vision_row_loop(checks), options.repeats)
    if list(zip(judged["screening_myopia"].tolist(), judged["referral"].tolist(), strict=True)) != answers:
        raise SystemExit("vision: the two sides disagree")

    for name, fast, slow in (("fitness", fast_fitness, slow_fitness), ("vision", fast_vision, slow_vision)):
        print(f"{name}: {options.rows:,} rows, columns {fast:.3f} s, row loop {slow:.3f} s, {slow / fast:.1f} times")
    print(
        json.dumps(
            {
                "name": "standards_fitness_vision",
                "rows": options.rows,
                "repeats": options.repeats,
                "seconds": {
                    "fitness": round(fast_fitness, 4), "fitness_row_loop": round(slow_fitness, 4),
                    "vision": round(fast_vision, 4), "vision_row_loop": round(slow_vision, 4),
                },
                "ratio": {"fitness": round(slow_fitness / fast_fitness, 2),
                    "vision": round(slow_vision / fast_vision, 2)},
                "rows_per_second": {
                    "fitness": round(options.rows / fast_fitness), "vision": round(options.rows / fast_vision),
                },
                "outputs": {
                    "fitness": "all item scores, bonus, total, level, state; the loop gives the total only",
                    "vision": "eleven columns; the loop works out the same but gives screening myopia and referral "
                              "only",
                },
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "seed": SEED,
                "python": platform.python_version(),
                "numpy": np.__version__,
            },
            ensure_ascii=False,
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
