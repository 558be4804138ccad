"""Totals, levels, bonus and the states of a pupil's row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from qingmiao.standards.columns import ColumnError
from qingmiao.standards.fitness import (
    input_columns,
    measure_columns,
    output_columns,
    score_columns,
    score_pupil,
    score_table,
)
from qingmiao.standards.fitness.derive import DERIVATIONS

# A first-year primary boy at the 100-point line of every item.
BEST_P1_BOY = {
    "height_cm": 120.0,
    "weight_kg": 22.0,
    "vital_capacity": 1700.0,
    "run_50m": 10.2,
    "sit_reach": 16.1,
    "rope_skipping_1min": 109.0,
}


def test_all_items_at_the_hundred_point_line() -> None:
    pupil = score_pupil(grade="P1", sex="M", measures=BEST_P1_BOY)
    assert (pupil.bmi, pupil.bonus, pupil.total, pupil.level, pupil.state) == (
        15.3,
        0,
        100.0,
        "excellent",
        "scored",
    )
    assert set(pupil.scores.values()) == {100}
    assert pupil.reasons["pull_ups"] == "not_tested"


def test_total_is_the_weighted_mean_rounded_half_up() -> None:
    # 50 m in 10.5 s is 85 points with weight 20, vital capacity 1600 is 95 with weight 15: 100 - 3 - 0.75 = 96.25
    pupil = score_pupil(grade="P1", sex="M", measures=BEST_P1_BOY | {"run_50m": 10.5, "vital_capacity": 1600})
    assert (pupil.scores["run_50m"], pupil.scores["vital_capacity"]) == (85, 95)
    assert pupil.total == 96.3


def test_bonus_is_added_after_the_standard_score_up_to_120() -> None:
    assert score_pupil(grade="P1", sex="M", measures=BEST_P1_BOY | {"rope_skipping_1min": 110}).bonus == 0
    assert score_pupil(grade="P1", sex="M", measures=BEST_P1_BOY | {"rope_skipping_1min": 111}).bonus == 1
    top = score_pupil(grade="P1", sex="M", measures=BEST_P1_BOY | {"rope_skipping_1min": 200})
    assert (top.bonus, top.total) == (20, 120.0)


@pytest.mark.parametrize(
    ("seconds", "rounding", "points"),
    [
        (10.24, "half_up", 100), (10.25, "half_up", 95), (10.29, "truncate", 100),
        (10.21, "up", 95), (10.2, "up", 100), (10.35, "half_up", 90),
    ],
)  # fmt: skip
def test_sprint_rounding_is_a_named_setting(seconds: float, rounding: str, points: int) -> None:
    pupil = score_pupil(
        grade="P1",
        sex="M",
        measures=BEST_P1_BOY | {"run_50m": seconds},
        sprint_rounding=rounding,  # type: ignore[arg-type]
    )
    assert pupil.scores["run_50m"] == points


def test_bmi_rounds_half_up_before_the_band() -> None:
    # 18.15 kg/m2 is 18.2, overweight for a first-year boy (normal ends at 18.1)
    for weight, bmi, points in ((18.14, 18.1, 100), (18.15, 18.2, 80)):
        pupil = score_pupil(grade="P1", sex="M", measures={"height_cm": 100.0, "weight_kg": weight})
        assert (pupil.bmi, pupil.scores["bmi"]) == (bmi, points)


@pytest.mark.parametrize("absent", sorted(BEST_P1_BOY))
def test_a_missing_required_item_gives_no_total_and_says_why(absent: str) -> None:
    pupil = score_pupil(grade="P1", sex="M", measures=BEST_P1_BOY | {absent: None})
    assert (pupil.total, pupil.level, pupil.state) == (None, None, "incomplete")
    assert pupil.reasons["bmi" if absent.endswith(("cm", "kg")) else absent] == "missing"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("height_cm", 1.2), ("weight_kg", 2200), ("run_50m", 102), ("vital_capacity", 0), ("sit_reach", 161),
        ("rope_skipping_1min", 109.5), ("rope_skipping_1min", -1), ("run_50m", float("inf")),
    ],
)  # fmt: skip
def test_an_implausible_value_is_missing_with_a_reason(name: str, value: float) -> None:
    pupil = score_pupil(grade="P1", sex="M", measures=BEST_P1_BOY | {name: value})
    assert pupil.total is None
    assert pupil.reasons["bmi" if name.endswith(("_cm", "kg")) else name] == "implausible"


def test_measurements_of_items_the_group_does_not_do_are_ignored() -> None:
    pupil = score_pupil(grade="P1", sex="M", measures=BEST_P1_BOY | {"run_1000m": 200, "pull_ups": 3.5})
    assert pupil.total == 100.0
    assert pupil.reasons["run_1000m"] == "not_tested"


def test_exempt_pupils_have_no_scores_and_are_not_failing() -> None:
    pupil = score_pupil(grade="P1", sex="M", measures=BEST_P1_BOY, exempt=True)
    assert (pupil.state, pupil.total, pupil.level, pupil.bonus, pupil.bmi) == (
        "exempt",
        None,
        None,
        None,
        15.3,
    )
    assert set(pupil.reasons.values()) == {"exempt"}


@pytest.mark.parametrize(
    ("grade", "sex", "state"),
    [
        ("P7", "M", "unknown_grade"),
        ("", "M", "missing_grade"),
        ("P1", "X", "unknown_sex"),
        ("P1", "", "missing_sex"),
    ],
)
def test_an_unknown_group_scores_nothing(grade: str, sex: str, state: str) -> None:
    pupil = score_pupil(grade=grade, sex=sex, measures=BEST_P1_BOY)
    assert (pupil.state, pupil.total, pupil.scores, pupil.bonus) == (state, None, {}, None)
    assert pupil.reasons["run_50m"] == "unknown_group"


@pytest.mark.parametrize(
    ("worse", "total", "level"),
    [
        ({"vital_capacity": 1100, "run_50m": 11.0}, None, "excellent"),
        ({"sit_reach": 1.0}, None, "good"),
        ({"sit_reach": -9.0, "run_50m": 13.0}, None, "fail"),
    ],
)
def test_levels_follow_the_total(worse: dict[str, float], total: None, level: str) -> None:
    pupil = score_pupil(grade="P1", sex="M", measures=BEST_P1_BOY | worse)
    assert pupil.total is not None
    expected = (
        "excellent" if pupil.total >= 90 else "good" if pupil.total >= 80 else "pass" if pupil.total >= 60 else "fail"
    )
    assert pupil.level == expected == level


@pytest.mark.parametrize(
    ("tenths", "level"),
    [(599, "fail"), (600, "pass"), (799, "pass"), (800, "good"), (899, "good"), (900, "excellent")],
)
def test_level_limits(tenths: int, level: str) -> None:
    from qingmiao.standards.fitness import scoring

    assert scoring.LEVELS[scoring._level_codes()[tenths]] == level


class TestWherePublicImplementationsDisagreeWithTheStandard:
    def test_girls_rope_skipping_bonus_starts_from_the_girls_line(self) -> None:
        """Source B measures girls from the boys' 100-point line (109 in grade one; the girls' line is 117)."""
        girl = BEST_P1_BOY | {"rope_skipping_1min": 117}
        assert score_pupil(grade="P1", sex="F", measures=girl).bonus == 0
        assert score_pupil(grade="P1", sex="F", measures=girl | {"rope_skipping_1min": 119}).bonus == 1

    def test_sit_up_bonus_goes_to_girls_from_junior_one(self) -> None:
        """Source C limits it to boys, who are not tested on sit-ups."""
        measures = {"sit_ups_1min": 60.0, "run_800m": 400.0}
        girl = score_pupil(grade="J1", sex="F", measures=measures)
        assert girl.bonus == 7  # ten over the 100-point line of 50
        boy = score_pupil(grade="J1", sex="M", measures={"sit_ups_1min": 60.0, "pull_ups": 13.0, "run_1000m": 400.0})
        assert (boy.bonus, boy.reasons["sit_ups_1min"]) == (0, "not_tested")

    def test_senior_one_vital_capacity_is_not_5040(self) -> None:
        """Another public repository starts senior-one boys at 5040 mL."""
        assert score_pupil(grade="H1", sex="M", measures={"vital_capacity": 4540}).scores["vital_capacity"] == 100

    def test_blank_pull_up_rows_give_the_lower_score(self) -> None:
        """78, 74, 70, 66 and 62 have no row of their own; source A repeats the row above."""
        found = score_columns(
            {
                "grade": np.array(["J1"] * 5, dtype=object),
                "sex": np.array(["M"] * 5, dtype=object),
                "pull_ups": np.array([8.0, 7, 6, 5, 4]),
            }
        )
        assert found["score_pull_ups"].tolist() == [76, 72, 68, 64, 60]

    def test_one_pull_up_is_thirty_and_none_is_zero_in_junior_one(self) -> None:
        for count, points in ((1, 30), (0, 0)):
            assert score_pupil(grade="J1", sex="M", measures={"pull_ups": count}).scores["pull_ups"] == points

    def test_university_years_share_two_columns(self) -> None:
        for grade in ("U12", "U34"):
            assert score_pupil(grade=grade, sex="F", measures={"vital_capacity": 3400}).scores["vital_capacity"] >= 95


def sheet() -> dict[str, list[object]]:
    return {
        "id": ["a", "b", "c"],
        "grade": ["P1", "P1", "H3"],
        "sex": ["M", "F", "F"],
        **{name: [value, value, None] for name, value in BEST_P1_BOY.items()},
    }


@pytest.mark.parametrize("make", [pa.table, pl.DataFrame, pd.DataFrame, lambda data: pa.table(data).to_batches()[0]])
def test_any_table_comes_back_as_its_own_kind(make: object) -> None:
    table = make(sheet())  # type: ignore[operator]
    scored = score_table(table)
    assert type(scored) is type(table)
    arrow = isinstance(scored, pa.Table | pa.RecordBatch)
    totals = scored["total"].to_pylist() if arrow else scored["total"].to_list()
    assert totals[:2] == [100.0, score_pupil(grade="P1", sex="F", measures=BEST_P1_BOY).total]
    assert totals[2] is None or totals[2] != totals[2]


def test_a_sheet_without_grade_names_the_column() -> None:
    with pytest.raises(ColumnError, match="grade"):
        score_table({"sex": np.array(["M"], dtype=object)})


def test_an_empty_sheet_gives_an_empty_sheet() -> None:
    found = score_columns({"grade": np.array([], dtype=object), "sex": np.array([], dtype=object)})
    assert {len(values) for values in found.values()} == {0}
    assert tuple(found) == output_columns()


def test_columns_are_described() -> None:
    assert set(measure_columns()) < set(input_columns())
    assert output_columns(reasons=False) == (
        "bmi", "score_bmi", "score_vital_capacity", "score_run_50m", "score_sit_reach", "score_rope_skipping_1min",
        "score_sit_ups_1min", "score_pull_ups", "score_standing_long_jump", "score_shuttle_50m_x8", "score_run_1000m",
        "score_run_800m", "bonus", "total", "level",
    )  # fmt: skip


def test_derivation_never_says_false_without_a_total() -> None:
    columns = {name: np.array(values, dtype=object) for name, values in sheet().items()}
    derivation = DERIVATIONS["fitness.total"]
    found = derivation.function({name: columns[name] for name in columns if name != "id"})
    assert set(found) == set(derivation.outputs)
    assert found["fitness_pass"].tolist() == [True, True, None]
    assert found["fitness_good"].tolist() == [True, True, None]
    assert found["fitness_level"].tolist()[2] is None
    assert np.isnan(found["fitness_total"][2])


def test_a_half_below_zero_is_rounded_away_from_zero() -> None:
    """四舍五入: -3.25 cm is -3.3, below the line of 20 points (-3.2) of a first-year boy."""
    reach = {
        value: score_pupil(grade="P1", sex="M", measures=BEST_P1_BOY | {"sit_reach": value}) for value in (-3.24, -3.25)
    }
    assert [pupil.scores["sit_reach"] for pupil in reach.values()] == [20, 10]
