"""Acuity notations, refraction and the screening rule, one unit below, on and above each limit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from qingmiao.standards import norm_tables, vision
from qingmiao.standards.columns import ColumnError
from qingmiao.standards.vision import acuity, myopia, refraction
from qingmiao.standards.vision.derive import DERIVATIONS
from qingmiao.standards.vision.sheet import OUTPUT_COLUMNS, VisionCheck, score_child

FULL = {"sphere": (-0.75, -0.75), "cylinder": (0.0, 0.0)}


def one(value: float) -> np.ndarray:
    return np.array([value], dtype=float)


@pytest.mark.parametrize("row", norm_tables.rows("vision", "acuity_conversion.csv"), ids=lambda row: row["five_mark"])
def test_every_line_of_the_conversion_table_round_trips(row: dict[str, str]) -> None:
    five = float(row["five_mark"])
    assert vision.to_five_mark(one(float(row["decimal_nominal"])), "decimal")[0] == five
    assert vision.to_five_mark(one(float(row["decimal_exact"])), "decimal")[0] == five
    assert vision.to_five_mark(one(float(row["logmar"])), "logmar")[0] == five
    assert vision.from_five_mark(one(five), "decimal")[0] == pytest.approx(float(row["decimal_exact"]), abs=5e-4)
    assert vision.from_five_mark(one(five), "logmar")[0] == pytest.approx(float(row["logmar"]))
    assert vision.nominal_decimal(one(five))[0] == float(row["decimal_nominal"])


@pytest.mark.parametrize(
    ("value", "notation"),
    [
        (1.0, "five_mark"),
        (5.4, "five_mark"),
        (2.9, "five_mark"),
        (5.0, "decimal"),
        (0.0, "decimal"),
        (-0.4, "logmar"),
    ],
)
def test_a_reading_outside_its_notation_is_missing(value: float, notation: acuity.Notation) -> None:
    assert np.isnan(vision.to_five_mark(one(value), notation)[0])


@pytest.mark.parametrize(
    ("five", "grade"),
    [
        (5.1, "none"),
        (5.0, "none"),
        (4.9, "mild"),
        (4.8, "moderate"),
        (4.6, "moderate"),
        (4.5, "severe"),
        (4.0, "severe"),
    ],
)
def test_low_acuity_grades(five: float, grade: str) -> None:
    assert acuity.LOW_ACUITY[vision.low_acuity(one(five))[0]] == grade


@pytest.mark.parametrize(
    ("five", "months", "level"),
    [
        (4.9, 36, -1),
        (4.8, 36, 0),
        (4.5, 47, 3),
        (5.0, 48, -1),
        (4.9, 48, 0),
        (5.0, 60, -1),
        (4.9, 60, 1),
        (4.7, 60, 3),
    ],
)
def test_warning_levels(five: float, months: float, level: float) -> None:
    assert vision.warning_level(one(five), one(months))[0] == level
    assert np.isnan(vision.warning_level(one(five), one(35))[0])


@pytest.mark.parametrize(
    ("power", "degree"),
    [
        (-6.01, "high"), (-6.0, "high"), (-5.99, "low"), (-0.51, "low"), (-0.5, "low"), (-0.49, "pre_myopia"),
        (0.75, "pre_myopia"), (0.76, "none"), (np.nan, None),
    ],
)  # fmt: skip
def test_degrees_of_myopia(power: float, degree: str | None) -> None:
    assert refraction.DEGREES[vision.myopia_degree(one(power))[0]] == degree


@pytest.mark.parametrize(
    ("power", "years", "upper", "state"),
    [
        (3.01, 3, 3.0, "above_upper"), (3.0, 3, 3.0, "not_above_upper"), (2.0, 4, 2.0, "in_range"),
        (1.5, 4, 2.0, "in_range"),
        (1.49, 4, 2.0, "below_range"), (0.99, 7.9, 1.5, "below_range"), (0.5, 8, 0.5, "not_above_upper"),
        (0.51, 18, 0.5, "above_upper"), (1.0, 19, None, None), (np.nan, 5, 2.0, None),
    ],
)  # fmt: skip
def test_hyperopia_reserve(power: float, years: float, upper: float | None, state: str | None) -> None:
    found, code = vision.hyperopia_reserve(one(power), one(years))
    assert (None if np.isnan(found[0]) else found[0]) == upper
    assert refraction.RESERVE_STATES[code[0]] == state


def test_progression_is_a_yearly_rate_and_needs_half_a_year() -> None:
    rate, state = vision.annual_progression(
        np.array([-1.0, -1.0, -1.0, np.nan]),
        np.array([-1.5, -1.5, -1.5, -1]),
        np.array([365.25, 180, 179, 365]),
    )
    assert rate[0] == -0.5
    assert rate[1] == pytest.approx(-0.5 * 365.25 / 180)
    assert np.isnan(rate[2:]).all()
    assert [refraction.PROGRESSION_STATES[code] for code in state] == [
        "measured",
        "measured",
        "too_soon",
        "missing",
    ]


@pytest.mark.parametrize(
    ("five", "sphere", "cylinder", "expected"),
    [
        (4.9, -0.75, 0.0, True), (5.0, -0.75, 0.0, False), (5.1, -3.0, 0.0, False), (4.9, -0.50, 0.0, False),
        (4.9, -0.25, -0.50, False), (4.9, -0.25, -0.75, True), (4.9, -0.51, 0.0, True), (4.9, -0.49, 0.0, False),
        (4.8, 1.0, 0.0, False),
    ],
)  # fmt: skip
def test_an_eye_needs_both_limits(five: float, sphere: float, cylinder: float, expected: bool) -> None:
    for pair in ((five, 5.0), (5.0, five)):
        right = pair[0] == five
        child = score_child(
            va=pair,
            sphere=(sphere, 0.0) if right else (0.0, sphere),
            cylinder=(cylinder, 0.0) if right else (0.0, cylinder),
        )
        assert (child.screening_myopia, child.state) == (expected, "screened")


def test_one_eye_blurred_and_the_other_short_sighted_is_not_positive() -> None:
    assert score_child(va=(4.8, 5.0), sphere=(0.0, -1.0), cylinder=(0.0, 0.0)).screening_myopia is False


def test_decimal_and_logmar_sheets_agree_with_five_mark() -> None:
    answers = {
        score_child(va=va, notation=notation, **FULL)
        for va, notation in (((4.9, 5.0), "five_mark"), ((0.8, 1.0), "decimal"), ((0.1, 0.0), "logmar"))
    }
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("child", "answer", "state"),
    [
        (score_child(va=(4.9, None), sphere=(-1.0, None), cylinder=(0.0, None)), True, "screened"),
        (score_child(va=(5.0, None), sphere=(-1.0, None), cylinder=(0.0, None)), None, "missing_eye"),
        (score_child(va=(5.0, 5.0)), None, "missing_refraction"),
        (score_child(va=(4.9, 4.9), sphere=(-1.0, -1.0), cylinder=(None, None)), None, "missing_refraction"),
        (score_child(va=(None, None), **FULL), None, "missing_acuity"),
        (score_child(va=(5.0, 1.0), **FULL), None, "out_of_range"),
        (score_child(va=(5.0, 5.0), ortho_k=True), True, "ortho_k"),
        (score_child(va=(None, None), ortho_k=True), True, "ortho_k"),
        (score_child(va=(4.9, 4.9), cycloplegia=True, **FULL), None, "cycloplegic"),
        (score_child(va=(4.9, 4.9), age_months=71, **FULL), None, "under_six"),
        (score_child(va=(4.9, 4.9), age_months=72, **FULL), True, "screened"),
        (score_child(va=(4.8, 5.0), age_months=71, preschool_rule=True, **FULL), True, "screened"),
        (score_child(va=(4.9, 5.0), age_months=71, preschool_rule=True, **FULL), False, "screened"),
    ],
)
def test_states_of_the_screening_answer(child: VisionCheck, answer: bool | None, state: str) -> None:
    assert (child.screening_myopia, child.state) == (answer, state)


def test_an_implausible_reading_is_named() -> None:
    child = score_child(va=(50.0, 5.0), sphere=(-75.0, 0.0), cylinder=(0.0, 0.0), age_months=-3)
    assert child.reason == "va_right:out_of_range;sphere_right:out_of_range;age_months:out_of_range"
    assert child.se_right is None


@pytest.mark.parametrize(
    ("months", "pair", "refer"),
    [
        (48, (4.8, 5.0), True), (48, (4.9, 5.0), False), (59, (4.9, 4.9), False), (60, (4.9, 5.0), True),
        (60, (5.0, 5.0), False), (60, (5.2, 5.0), True), (60, (5.1, 5.0), False), (47, (4.0, 4.0), None),
        (84, (4.0, 4.0), None), (60, (5.0, None), None), (60, (4.9, None), True),
    ],
)  # fmt: skip
def test_referral_by_acuity(months: float, pair: tuple[float, float | None], refer: bool | None) -> None:
    assert score_child(va=pair, age_months=months).refer_acuity is refer


@pytest.mark.parametrize(
    ("months", "sphere", "cylinder", "refer"),
    [
        (24, (4.5, 4.5), (0, 0), False), (24, (4.75, 4.75), (0, 0), True), (24, (-3.5, -3.5), (0, 0), False),
        (24, (-3.75, -3.75), (0, 0), True), (36, (4.25, 4.25), (0, 0), True), (60, (-1.5, -1.5), (0, 0), False),
        (60, (-1.75, -1.75), (0, 0), True), (60, (0, 0), (-1.5, -1.5), False), (60, (0, 0), (-1.75, -1.75), True),
        (60, (0, 0), (1.75, 1.75), True), (36, (0, 0), (-2, -2), False), (36, (0, 1.5), (0, 0), False),
        (36, (0, 1.75), (0, 0), True), (36, (0, 0), (0, -1.0), False), (36, (0, 0), (0, -1.25), True),
        (23, (9, 9), (0, 0), None), (84, (9, 9), (0, 0), None), (36, (0, None), (0, None), None),
        (36, (9, None), (0, None), True),
    ],
)  # fmt: skip
def test_referral_by_refraction(
    months: float, sphere: tuple[float, float], cylinder: tuple[float, float], refer: bool | None
) -> None:
    found = score_child(va=(5.0, 5.0), sphere=sphere, cylinder=cylinder, age_months=months)
    assert found.refer_refraction is refer


def test_a_referral_is_not_denied_while_a_due_check_is_missing() -> None:
    assert score_child(va=(5.0, 5.0), age_months=60).referral is None
    assert score_child(va=(4.9, 5.0), age_months=60).referral is True
    assert score_child(va=(None, None), sphere=(0, 0), cylinder=(0, 0), age_months=36).referral is False
    assert score_child(va=(None, None), sphere=(0, 0), cylinder=(0, 0), age_months=48).referral is None


def test_new_myopia_counts_only_children_clear_before_and_examined_again() -> None:
    yes, no, blank = (True, False), (False, False), (False, True)
    pairs = [
        (yes, no),
        (no, no),
        (yes, yes),
        (no, yes),
        (blank, no),
        (yes, blank),
        (blank, blank),
        (blank, yes),
    ]
    now = np.ma.MaskedArray([p[0][0] for p in pairs], mask=[p[0][1] for p in pairs])
    before = np.ma.MaskedArray([p[1][0] for p in pairs], mask=[p[1][1] for p in pairs])
    found, state = vision.new_myopia(now, before)
    assert found.tolist() == [True, False, None, None, None, None, None, None]
    assert [myopia.NEW_MYOPIA_STATES[code] for code in state] == [
        "new", "still_clear", "already_myopic", "already_myopic", "not_examined_again", "not_examined_before",
        "unknown",
        "already_myopic",
    ]  # fmt: skip


def test_years_are_linked_by_child() -> None:
    before = np.ma.MaskedArray([False, True, False, True], mask=[False, False, True, False])
    ids = np.array(["a", "b", "c", None, "d"], dtype=object)
    linked = vision.link_years(ids, np.array(["a", "b", "c", "a"], dtype=object), before)
    assert linked.tolist() == [True, True, None, None, None]


def year(children: dict[str | None, float | None]) -> pa.Table:
    """Checks with one acuity for both eyes and -1.00 D: myopic below 5.0, clear from 5.0, unknown without."""
    acuity = pa.array(list(children.values()), type=pa.float64())
    powers = {
        f"{name}_{eye}": [-1.0 if name == "sphere" else 0.0] * len(children)
        for name in ("sphere", "cylinder")
        for eye in ("right", "left")
    }
    return pa.table({"id": pa.array(list(children), type=pa.string()), "va_right": acuity, "va_left": acuity, **powers})


def test_two_years_of_checks_give_the_incidence_and_who_was_lost() -> None:
    before = year({"a": 5.0, "b": 5.0, "c": 4.9, "d": 5.0, "e": None, "f": 5.0, None: 5.0})
    now = year({"a": 4.9, "b": 5.0, "c": 4.8, "e": 4.9, "f": None, "new": 4.9, None: 4.9})
    found = vision.compare_years(now, before)
    assert found.new_myopia.tolist() == [True, False, None, None, None, None, None]
    assert (found.at_risk, found.new, found.lost) == (2, 1, 2)
    assert found.incidence == 100 * 1 / 2
    assert vision.compare_years(now, year({"x": 4.0})).incidence is None


@pytest.mark.parametrize("make", [pa.table, pl.DataFrame, pd.DataFrame])
def test_any_table_comes_back_as_its_own_kind(make: object) -> None:
    table = make(  # type: ignore[operator]
        {
            "id": ["a", "b"], "birth_date": ["2015-01-31", None], "check_date": ["2024/09/01", "2024-09-01"],
            "va_right": [4.9, None], "va_left": [5.0, 5.0], "sphere_right": [-1.0, 0.0], "cylinder_right": [0.0, 0.0],
            "sphere_left": [0.0, 0.0], "cylinder_left": [0.0, 0.0], "ortho_k": ["否", "是"],
        }
    )  # fmt: skip
    scored = vision.score_table(table)
    assert type(scored) is type(table)
    answers = scored["screening_myopia"]
    assert (answers.to_pylist() if isinstance(table, pa.Table) else answers.to_list()) == [True, True]


def test_scores_of_a_table_without_acuity_name_the_column() -> None:
    with pytest.raises(ColumnError, match="va_right"):
        vision.score_columns({"id": np.array(["a"], dtype=object)})


def test_derivations_say_missing_and_not_false() -> None:
    nothing = np.array([np.nan, 4.9])
    readings = dict.fromkeys(DERIVATIONS["vision.screening_myopia"].inputs, nothing)
    found = DERIVATIONS["vision.screening_myopia"].function(readings)
    assert found["myopic"].tolist() == [None, False]
    assert found["vision_state"].tolist()[0] == "missing_acuity"
    now = np.ma.MaskedArray([True, False], mask=[False, True])
    last = np.ma.MaskedArray([False, False], mask=[False, False])
    new = DERIVATIONS["vision.new_myopia"].function({"myopic": now, "myopic_last_year": last})
    assert new["new_myopia"].tolist() == [True, None]
    assert set(OUTPUT_COLUMNS) >= {"screening_myopia", "state"}
