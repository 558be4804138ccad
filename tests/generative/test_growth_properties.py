"""Growth scores by property: monotone, the same in any unit, order or kind of table, equal to a naive formula."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from qingmiao.standards.growth import classify_wst586, score_child, score_who2006, score_wst423
from qingmiao.standards.growth.who2006 import age_table
from qingmiao.standards.growth.wst423 import LEVELS

DAYS = st.integers(0, 1826)
SEX = st.sampled_from(["m", "f"])
WEIGHT = st.floats(0.5, 60, allow_nan=False).map(lambda v: round(v, 2))
LENGTH = st.floats(38, 130, allow_nan=False).map(lambda v: round(v, 1))


def naive(y: float, l: float, m: float, s: float) -> float:  # noqa: E741
    """WHO's restricted z-score, one child at a time."""

    def at(z: float) -> float:
        return m * (1 + l * s * z) ** (1 / l)

    z = ((y / m) ** l - 1) / (s * l)
    if z > 3:
        z = 3 + (y - at(3)) / (at(3) - at(2))
    if z < -3:
        z = -3 + (y - at(-3)) / (at(-2) - at(-3))
    return round(z, 2)


@given(SEX, DAYS, WEIGHT)
def test_weight_for_age_equals_the_naive_formula(sex: str, day: int, weight: float) -> None:
    table = age_table("wfa")
    row = day + (1827 if sex == "f" else 0)
    expected = naive(weight, table.l[row], table.m[row], table.s[row])
    got = score_child("who2006", sex=sex, age_days=day, weight_kg=weight)["zwei"]
    assert isinstance(got, float)
    assert math.isclose(got, expected, abs_tol=1e-9)


@given(SEX, DAYS, LENGTH, st.lists(WEIGHT, min_size=2, max_size=20))
def test_heavier_never_scores_lower(sex: str, day: int, length: float, weights: list[float]) -> None:
    n = len(weights)
    table = {
        "sex": np.array([sex] * n, dtype=object),
        "age_days": np.full(n, float(day)),
        "lenhei_cm": np.full(n, length),
        "weight_kg": np.sort(weights),
    }
    result = score_who2006(table)
    for name in ("zwei", "zwfl", "zbmi"):
        assert np.isnan(result[name]).all() or (np.diff(result[name]) >= 0).all()
    assert len(set(result["zlen"].tolist())) == 1 or np.isnan(result["zlen"]).all()


@given(SEX, DAYS, WEIGHT, LENGTH, st.sampled_from([None, "l", "h"]))
@settings(max_examples=50)
def test_one_child_is_the_same_in_days_or_months_alone_or_in_a_table(
    sex: str, day: int, weight: float, length: float, measure: str | None
) -> None:
    by_day = score_child("who2006", sex=sex, age_days=day, weight_kg=weight, lenhei_cm=length, measure=measure)
    by_month = score_child(
        "who2006", sex=sex, age_months=day / 30.4375, weight_kg=weight, lenhei_cm=length, measure=measure
    )
    assert by_day == by_month
    frame = pl.DataFrame(
        {
            "sex": [sex, "m"],
            "age_days": [day, 5],
            "weight_kg": [weight, 3.0],
            "lenhei_cm": [length, 50.0],
            "measure": [measure, None],
        }
    )
    row = score_who2006(frame).row(0, named=True)
    assert {name: row[name] for name in by_day.values} == by_day.values


@given(st.permutations(range(30)), st.integers(0, 1000))
@settings(max_examples=20)
def test_order_of_rows_does_not_matter(order: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = {
        "sex": rng.integers(1, 3, 30),
        "age_days": rng.uniform(0, 1900, 30),
        "weight_kg": rng.uniform(2, 30, 30),
    }
    whole = score_who2006(table)["zwei"]
    mixed = score_who2006({name: values[order] for name, values in table.items()})["zwei"]
    np.testing.assert_array_equal(mixed, whole[order])


@given(
    SEX,
    st.floats(0, 83.9),
    st.lists(WEIGHT, min_size=2, max_size=20),
    st.sampled_from(["linear", "completed"]),
)
def test_wst423_level_rises_with_weight(sex: str, age: float, weights: list[float], between: str) -> None:
    n = len(weights)
    table = {
        "sex": np.array([sex] * n, dtype=object),
        "age_months": np.full(n, age),
        "weight_kg": np.sort(weights),
    }
    result = score_wst423(table, between=between)  # type: ignore[arg-type]
    for name in ("wst423_sd_wei", "wst423_pct_wei"):
        places = [LEVELS.index(level) for level in result[name]]
        assert places == sorted(places)


@given(
    st.sampled_from([1, 2]),
    st.floats(72, 227.9),
    st.floats(100, 190),
    st.lists(st.floats(10, 120), min_size=2, max_size=20),
)
def test_wst586_grade_rises_with_weight(sex: int, age: float, height: float, weights: list[float]) -> None:
    n = len(weights)
    grades = classify_wst586(np.full(n, sex, np.int8), np.full(n, age), np.full(n, height), np.sort(weights))[
        "wst586_grade"
    ]
    places = [("normal", "overweight", "obese").index(grade) for grade in grades]
    assert places == sorted(places)


WILD = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, -1.0, 1e308, 1826.25]))


@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.text(max_size=3), SEX), WILD, WILD, WILD, WILD),
        min_size=1,
        max_size=8,
    )
)
def test_no_row_raises_and_every_gap_has_a_reason(rows: list[tuple[object, ...]]) -> None:
    names = ("sex", "age_days", "weight_kg", "lenhei_cm", "triskin_mm")
    table = {name: np.array([row[i] for row in rows], dtype=object) for i, name in enumerate(names)}
    result = score_who2006(table)
    for code in ("len", "wei", "wfl", "bmi", "ts"):
        z, reason = result[f"z{code}"], result[f"r{code}"]
        assert np.array_equal(np.isnan(z), reason != 0)
        assert not np.isinf(z).any()
