"""WHO's rules written a second time, child by child with dictionaries, against the vectorised code: not one cell may
differ."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
import pytest

from qingmiao.standards.growth import score_who2006
from qingmiao.standards.growth.tables import read

Lms = tuple[float, float, float]
SEX = {"m": 1, "1": 1, "F": 2, "2": 2}
AGE_MEASURES = {
    "zlen": ("lhfa", False),
    "zwei": ("wfa", True),
    "zbmi": ("bfa", True),
    "zhc": ("hcfa", False),
    "zac": ("acfa", False),
    "zts": ("tsfa", False),
    "zss": ("ssfa", False),
}


@dataclass
class Child:
    sex: str | None
    age: float | None
    weight: float | None
    length: float | None
    measure: str | None
    headc: float | None
    armc: float | None
    triskin: float | None
    subskin: float | None
    oedema: str | None


@cache
def by_day() -> dict[tuple[str, int, int], Lms]:
    rows = read("who2006_lms_age_day.csv").to_pylist()
    return {(r["measure"], int(r["sex"]), int(r["x"])): (r["L"], r["M"], r["S"]) for r in rows}


@cache
def by_size() -> dict[tuple[str, int, str], Lms]:
    rows = read("who2006_lms_length_height.csv").to_pylist()
    return {(r["measure"], int(r["sex"]), f"{r['x']:.15g}"): (r["L"], r["M"], r["S"]) for r in rows}


def z_score(y: float, lms: Lms) -> float:
    l, m, s = lms  # noqa: E741

    def at(sd: int) -> float:
        return float(m * (1 + l * s * sd) ** (1 / l))

    z = ((y / m) ** l - 1) / (s * l)
    if l != 1 and z > 3:
        z = 3 + (y - at(3)) / (at(3) - at(2))
    elif l != 1 and z < -3:
        z = -3 + (y - at(-3)) / (at(-2) - at(-3))
    return round(z, 2)


def half_up(x: float) -> int:
    return math.floor(x) + (x - math.floor(x) >= 0.5)


def score(child: Child, in_months: bool) -> dict[str, float | None]:
    sex = SEX.get(child.sex or "")
    day = months = None
    if child.age is not None:
        day = half_up(child.age * 30.4375 if in_months else child.age)
        months = child.age if in_months else child.age / 30.4375
    position = child.measure.lower() if child.measure else None
    out: dict[str, float | None] = {"c9mo_flag": 0}
    if position == "h" and months is not None and months < 9:
        position, out["c9mo_flag"] = None, 1
    length = child.length
    if length is not None and day is not None:
        length += 0.7 if day < 731 and position == "h" else -0.7 if day >= 731 and position == "l" else 0
    puffy = child.oedema in ("y", "Y", "1")
    bmi = None if child.weight is None or length is None else child.weight / ((length / 100) ** 2)
    values = dict(
        zip(
            AGE_MEASURES,
            (length, child.weight, bmi, child.headc, child.armc, child.triskin, child.subskin),
            strict=True,
        )
    )
    for name, (measure, by_weight) in AGE_MEASURES.items():
        y = values[name]
        lms = None if sex is None or day is None else by_day().get((measure, sex, day))
        good = y is not None and lms is not None and months is not None and months < 60 and not (by_weight and puffy)
        out[name] = z_score(y, lms) if good and y is not None and lms is not None else None
    out["zwfl"] = None
    if length is None or child.weight is None or sex is None or puffy or (months is not None and months >= 60):
        return out
    if day is not None:
        lying = day < 731
    else:
        lying = position == "l" if position else length < 87
    if not (45 <= length <= 110 if lying else 65 <= length <= 120):
        return out
    low, high = math.trunc(length * 10) / 10, math.trunc(length * 10 + 1) / 10
    share = (length - low) / 0.1
    table = "wfl" if lying else "wfh"
    lms = by_size()[table, sex, f"{low:.15g}"]
    if share > 0:
        above = by_size()[table, sex, f"{high:.15g}"]
        l, m, s = (a + share * (b - a) for a, b in zip(lms, above, strict=True))  # noqa: E741
        lms = (l, m, s)
    out["zwfl"] = z_score(child.weight, lms)
    return out


@pytest.mark.parametrize("in_months", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_cell_differs_from_the_naive_twin(seed: int, in_months: bool) -> None:
    rng, n = np.random.default_rng(seed), 3000
    age = rng.uniform(0, 62 if in_months else 1880, n)
    kind = rng.random(n)
    age = np.where(kind < 0.4, np.round(age), np.where(kind < 0.6, np.round(age * 2) / 2, age))
    days = age * 30.4375 if in_months else age

    def some(values: np.ndarray, missing: float = 0.05) -> list[object]:
        return [None if gone else value for gone, value in zip(rng.random(n) < missing, values.tolist(), strict=True)]

    columns = {
        "sex": some(rng.choice(list(SEX), n)),
        "age_months" if in_months else "age_days": some(age),
        "weight_kg": some(np.round(np.clip(rng.normal(3 + 0.3 * days**0.5, 3), 0.3, 60), 1)),
        "lenhei_cm": some(np.round(rng.uniform(43, 123, n), 1)),
        "measure": some(rng.choice(list("lhLH"), n), 0.2),
        "headc_cm": some(np.round(rng.normal(46, 4, n), 1)),
        "armc_cm": some(np.round(rng.normal(15, 2.5, n), 1)),
        "triskin_mm": some(np.round(rng.uniform(2, 25, n), 1)),
        "subskin_mm": some(np.round(rng.uniform(2, 20, n), 1)),
        "oedema": some(rng.choice(list("nNyY12"), n, p=[0.5, 0.4, 0.02, 0.02, 0.02, 0.04]), 0.3),
    }
    scored = score_who2006(pl.DataFrame(columns, strict=False)).to_dicts()
    children = [Child(*row) for row in zip(*columns.values(), strict=True)]  # type: ignore[arg-type]
    differ = [
        (child, name, row[name], value)
        for child, row in zip(children, scored, strict=True)
        for name, value in score(child, in_months).items()
        if row[name] != value
    ]
    assert differ == []
