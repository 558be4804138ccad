"""China's tables: every cell round-trips; one unit below, on and above each limit."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from qingmiao.standards.growth import (
    ScoreReason,
    anaemia,
    birth,
    classify_wst423,
    classify_wst456,
    classify_wst586,
    classify_wst612,
    classify_wst800,
    low_birth_weight,
    preterm,
    score_child,
    wst423,
)
from qingmiao.standards.growth.tables import read, sources

LEVELS = wst423.LEVELS


def cells(file: str, **equal: object) -> dict[str, np.ndarray]:
    table = read(file)
    for name, value in equal.items():
        table = table.filter(pa.compute.equal(table[name], value))
    assert table.num_rows
    return {name: np.array(table[name].to_pylist()) for name in table.column_names}


def sex_of(rows: dict[str, np.ndarray]) -> np.ndarray:
    return rows["sex"].astype(np.int8)


@pytest.mark.parametrize("kind", ["sd", "percentile"])
@pytest.mark.parametrize(("code", "measure"), [*wst423.MEASURES.items(), ("wfh", "wfh")])
def test_every_cell_of_wst423(code: str, measure: str, kind: str) -> None:
    """A child exactly on a limit belongs to the group above it; a tenth below, to the group under it."""
    rows = cells(f"cn_wst423_2022_{kind}.csv", measure=measure)
    limit, x = rows["value"], rows["x"]
    nothing = np.full(len(x), np.nan)
    levels = sorted(set(rows["level"].tolist()))
    order = np.searchsorted(levels, rows["level"])
    names = wst423._SD_LEVEL if kind == "sd" else wst423._PERCENTILE_LEVEL

    def grade(values: np.ndarray) -> np.ndarray:
        weight, length, head, age = nothing, nothing, nothing, x
        if measure == "lhfa":
            length = values
        elif measure == "wfa":
            weight = values
        elif measure == "hcfa":
            head = values
        elif measure == "bfa":
            length, weight = np.full(len(x), 100.0), values
        else:
            length, weight, age = x, values, np.full(len(x), 12.0 if measure == "wfl" else 48.0)
        result = classify_wst423(sex_of(rows), age, weight, length, head)
        name = "wfl" if code == "wfh" else code
        return result[f"wst423_{'sd' if kind == 'sd' else 'pct'}_{name}"]

    assert grade(limit).tolist() == [names[i + 1] for i in order]
    below = grade(limit - 0.1).tolist()

    assert below == [names[i] for i in order]
    assert grade(limit + 0.04 if measure != "bfa" else limit).tolist() == [names[i + 1] for i in order]


def test_wst423_status_words_follow_the_published_rules() -> None:
    rules = cells("cn_classification_rules.csv")
    codes = {"lhfa": "len", "wfa": "wei", "wfl/wfh": "wfl", "bfa": "bmi"}
    seen = 0
    for standard, measure, lower, name in zip(
        rows := rules["standard"], rules["measure"], rules["lower"], rules["code"], strict=True
    ):
        if standard != "WS/T 423-2022 table 3":
            continue
        count = 0 if not lower else int(str(lower).split("(")[0]) + 4
        assert wst423.STATUS[codes[measure]][count] == name
        seen += 1
    assert seen == 14
    assert len(rows)


def wst423_child(**values: object) -> object:
    return score_child("wst423", sex="m", **values)


def test_wst423_between_rows() -> None:
    table = wst423.table("wfa")
    i24 = table.x.tolist().index(24.0)
    low, high = table.values[0, i24, 1], table.values[0, i24 + 1, 1]  # -2 SD at 24 and 27 months
    middle = low + (high - low) / 3  # at 25 months on the line
    sex, age, blank = np.array([1, 1], dtype=np.int8), np.array([25.0, 25.0]), np.full(2, np.nan)
    weight = np.array([middle + 0.001, middle - 0.001])
    linear = classify_wst423(sex, age, weight, blank)
    assert linear["wst423_wei"].tolist() == ["normal", "underweight"]
    completed = classify_wst423(sex, age, weight, blank, between="completed")
    assert completed["wst423_wei"].tolist() == ["normal", "normal"]


@pytest.mark.parametrize(
    ("age", "reason"),
    [(-0.1, "AGE_OUT_OF_RANGE"), (83.99, "SCORED"), (84, "AGE_OUT_OF_RANGE"), (None, "AGE_MISSING")],
)
def test_wst423_ages(age: float | None, reason: str) -> None:
    assert wst423_child(age_months=age, weight_kg=20.0).reasons["wst423_r_wei"].name == reason


def test_wst423_position_and_sizes_outside_the_table() -> None:
    standing = wst423_child(age_months=12, lenhei_cm=75.0, measure="h", weight_kg=9)
    lying = wst423_child(age_months=12, lenhei_cm=75.7, measure="l", weight_kg=9)
    assert standing.values == lying.values
    assert (
        wst423_child(age_months=1, lenhei_cm=44.9, weight_kg=2).reasons["wst423_r_wfl"]
        == ScoreReason.LENGTH_OUT_OF_RANGE
    )


def test_every_cell_of_wst586() -> None:
    rows = cells("cn_wst586_2018_bmi.csv")
    months = rows["x"] * 12
    tall = np.full(len(months), 100.0)  # so that weight in kg is BMI
    for age in (months, months + 5.99):
        on = classify_wst586(sex_of(rows), age, tall, rows["value"])["wst586_grade"]
        assert on.tolist() == rows["category"].tolist()
        under = classify_wst586(sex_of(rows), age, tall, rows["value"] - 0.1)["wst586_grade"]
        assert under.tolist() == ["normal" if c == "overweight" else "overweight" for c in rows["category"]]
        rounds_up = classify_wst586(sex_of(rows), age, tall, rows["value"] - 0.05)["wst586_grade"]
        assert rounds_up.tolist() == rows["category"].tolist()
        rounds_down = classify_wst586(sex_of(rows), age, tall, rows["value"] - 0.051)["wst586_grade"]
        assert rounds_down.tolist() == under.tolist()


@pytest.mark.parametrize(("age", "scored"), [(71.9, False), (72, True), (227.9, True), (228, False)])
def test_wst586_ages(age: float, scored: bool) -> None:
    result = score_child("wst586", sex="f", age_months=age, height_cm=130, weight_kg=30)
    assert (result["wst586_grade"] is not None) == scored
    assert (result.reasons["wst586_r"] == ScoreReason.SCORED) == scored


def test_every_cell_of_wst456() -> None:
    rows = cells("cn_wst456_2014_malnutrition.csv", table="A")
    age = rows["x"] * 12 + 5.9
    heavy = np.full(len(age), 200.0)
    for change, word in ((0.0, "yes"), (0.1, "no"), (0.04, "yes"), (0.05, "no"), (-0.1, "yes")):
        got = classify_wst456(sex_of(rows), age, rows["value"] + change, heavy)["wst456_stunted"]
        assert set(got.tolist()) == {word}, change
    rows = cells("cn_wst456_2014_malnutrition.csv", table="B")
    age = rows["x"] * 12
    tall = np.full(len(age), 100.0)
    on = classify_wst456(sex_of(rows), age, tall, rows["value"])["wst456_thinness"]
    assert on.tolist() == ["mild" if c == "thin_any" else "moderate_severe" for c in rows["category"]]
    above = classify_wst456(sex_of(rows), age, tall, rows["value"] + 0.1)["wst456_thinness"]
    assert above.tolist() == ["none" if c == "thin_any" else "mild" for c in rows["category"]]


def test_wst456_stunting_comes_before_thinness() -> None:
    both = score_child("wst456", sex="m", age_months=72, height_cm=100, weight_kg=10)
    assert (both["wst456_stunted"], both["wst456_thinness"], both["wst456_grade"]) == (
        "yes",
        "moderate_severe",
        "stunted",
    )
    assert score_child("wst456", sex="m", age_months=216, height_cm=150, weight_kg=40)["wst456_grade"] is None
    no_weight = score_child("wst456", sex="m", age_months=72, height_cm=100)
    assert (no_weight["wst456_stunted"], no_weight["wst456_grade"]) == ("yes", None)


def test_every_cell_of_wst612() -> None:
    rows = cells("cn_wst612_2018_height_sd.csv")
    on = {-2: 1, -1: 2, 0: 2, 1: 2, 2: 3}
    above = {-2: 1, -1: 2, 0: 2, 1: 3, 2: 4}
    below = {-2: 0, -1: 1, 0: 2, 1: 2, 2: 3}
    for change, places in ((0.0, on), (0.01, above), (-0.01, below)):
        got = classify_wst612(sex_of(rows), rows["x"] * 12 + 11.9, rows["value"] + change)["wst612_grade"]
        assert got.tolist() == [LEVELS[places[int(level)]] for level in rows["level"]]


@pytest.mark.parametrize(("name", "measure"), birth.MEASURES.items())
def test_every_cell_of_wst800(name: str, measure: str) -> None:
    rows = cells("cn_wst800_2022_birth_size.csv", measure=measure)
    order = np.searchsorted([3, 10, 25, 50, 75, 90, 97], rows["level"])
    unit = 1.0 if name == "weight" else 0.1
    blank = np.full(len(order), np.nan)
    for change, shift in ((0.0, 1), (-unit, 0)):
        values = {"weight": blank, "length": blank, "head": blank} | {name: rows["value"] + change}
        got = classify_wst800(sex_of(rows), rows["x"] + 0.9, values["weight"], values["length"], values["head"])
        assert got[f"wst800_{name}"].tolist() == [birth.BANDS[i + shift] for i in order]


def test_size_for_gestational_age_low_weight_and_preterm() -> None:
    p10, p90 = birth.table("birth_weight").values[0, 13][[1, 5]]  # boys, week 37
    sex, weeks = np.ones(4, dtype=np.int8), np.full(4, 37.0)
    size = classify_wst800(sex, weeks, np.array([p10 - 1, p10, p90, p90 + 1]))["wst800_size"]
    assert size.tolist() == ["small", "appropriate", "appropriate", "large"]
    assert low_birth_weight(np.array([2499, 2500, 2501, np.nan])).tolist() == [True, False, False, None]
    assert preterm(np.array([36.9, 37, 38, np.nan])).tolist() == [True, False, False, None]


@pytest.mark.parametrize(
    ("standard", "age", "limit"),
    [
        ("who2011", 6, 110),
        ("who2011", 60, 115),
        ("who2011", 144, 120),
        ("who2024", 23, 105),
        ("who2024", 24, 110),
        ("china2002", 59, 110),
    ],
)
def test_anaemia_limits(standard: str, age: float, limit: float) -> None:
    values = np.array([limit - 1.0, limit, limit + 1.0, np.nan])
    result = anaemia(values, np.full(4, float(age)), standard=standard)  # type: ignore[arg-type]
    assert result["anaemic"].tolist() == [True, False, False, None]


def test_anaemia_severity_altitude_and_ages() -> None:
    grades = anaemia(np.array([69.9, 70, 99, 100, 109, 110]), np.full(6, 12.0), standard="who2011")["anaemia_grade"]
    assert grades.tolist() == ["severe", "moderate", "moderate", "mild", "mild", "none"]
    high = anaemia(np.array([114.0, 114.4, 115.0]), np.full(3, 12.0), np.full(3, 1000.0))
    assert high["anaemic"].tolist() == [True, False, False]
    assert anaemia(np.array([100.0] * 2), np.array([5.9, 60]))["anaemic"].tolist() == [None, None]


@pytest.mark.parametrize(
    ("metres", "added"),
    [(-400, 0), (999.9, 0), (1000, 2), (1499, 2), (1500, 5), (2000, 8), (2500, 13), (3000, 19), (3500, 27), (4000, 35),
     (4499, 35), (4500, 45), (9000, 45), (np.nan, 0)],
)  # fmt: skip
def test_who_2011_altitude_lifts_every_limit(metres: float, added: float) -> None:
    values = np.array([110.0 + added - 0.1, 110.0 + added, 100.0 + added - 0.1, 70.0 + added - 0.1])
    result = anaemia(values, np.full(4, 12.0), np.full(4, float(metres)), standard="who2011")
    assert result["anaemia_limit"].tolist() == [110.0 + added] * 4
    assert result["anaemia_grade"].tolist() == ["mild", "none", "moderate", "severe"]


def test_who_2024_altitude_rises_with_every_metre() -> None:
    limit = anaemia(np.full(3, 120.0), np.full(3, 12.0), np.array([-50.0, 0, 2000]), standard="who2024")[
        "anaemia_limit"
    ]
    assert limit.tolist() == pytest.approx([105, 105, 105 + 0.0056384 * 2000 + 0.0000003 * 2000**2])


def test_results_name_their_standard() -> None:
    assert score_child("who2006", sex="f", age_days=1).standard == "WHO 2006"
    assert wst423_child(age_months=1).standard == "WS/T 423-2022"
    chinese = {name for name in wst423_child(age_months=1).values if not name.startswith("wst423_")}
    assert chinese == set()
    with pytest.raises(TypeError, match="wieght"):
        score_child("who2006", sex="f", wieght=3)


def test_data_files_are_as_recorded() -> None:
    from qingmiao.standards.growth import tables

    assert tables.broken_files() == ()
    shipped = {entry.name for entry in tables._folder().iterdir() if entry.name.endswith(".csv")}
    assert shipped == {source.file for source in sources()}
