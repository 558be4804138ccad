"""WHO scores against the output of WHO's own R packages, cell by cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest

from qingmiao.standards.columns import Columns
from qingmiao.standards.growth import NORMS
from qingmiao.standards.growth.inputs import DAYS_PER_MONTH
from qingmiao.standards.growth.lms import round2
from qingmiao.standards.growth.reasons import ScoreReason
from qingmiao.standards.growth.who2006 import MEASURES, age_table, score_who2006
from qingmiao.standards.growth.who2007 import score_who2007

SAMPLES = Path(__file__).parent / "growth_samples"
ANTHRO = [f"{kind}{m.code}" for m in MEASURES for kind in "zf"] + ["clenhei", "cbmi", "c9mo_flag"]
PLUS = ["zhfa", "zwfa", "zbfa", "fhfa", "fwfa", "fbfa", "cbmi"]


def sample(name: str) -> pa.Table:
    options = pacsv.ConvertOptions(strings_can_be_null=True, column_types={"sex": pa.string(), "oedema": pa.string()})
    return pacsv.read_csv(SAMPLES / name, convert_options=options)


def inputs(table: pa.Table, outputs: list[str]) -> pa.Table:
    return table.select([name for name in table.column_names if name not in outputs])


@pytest.mark.parametrize("column", ANTHRO)
def test_every_score_flag_and_gap_of_the_anthro_sample(column: str) -> None:
    expected = sample("who_anthro_sample.csv")
    scored = score_who2006(inputs(expected, ANTHRO))
    np.testing.assert_allclose(Columns(scored).floats(column), Columns(expected).floats(column), rtol=0, atol=1e-6)


@pytest.mark.parametrize("column", PLUS)
def test_every_score_flag_and_gap_of_the_anthroplus_sample(column: str) -> None:
    expected = sample("who_anthroplus_sample.csv")
    scored = score_who2007(inputs(expected, PLUS))
    np.testing.assert_allclose(Columns(scored).floats(column), Columns(expected).floats(column), rtol=0, atol=1e-6)


def child(**values: object) -> dict[str, np.ndarray]:
    return score_who2006({name: np.array([value]) for name, value in values.items()})


def test_age_in_months_is_rounded_half_up_to_a_day() -> None:
    months = 8.0  # 243.5 days, so day 244
    by_month = child(sex="m", age_months=months, weight_kg=8.6)
    assert by_month["zwei"] == child(sex="m", age_days=244, weight_kg=8.6)["zwei"]
    assert months * DAYS_PER_MONTH == 243.5


@pytest.mark.parametrize(
    ("age", "scored"), [(1826, True), (1826.24, True), (1826.25, False), (1827, False), (-0.5, False)]
)
def test_last_scored_day(age: float, scored: bool) -> None:
    result = child(sex="f", age_days=age, weight_kg=18.0, lenhei_cm=109.0)
    assert np.isnan(result["zwei"][0]) == (not scored)
    assert np.isnan(result["zwfl"][0]) == (not scored)
    assert result["rwei"][0] == (ScoreReason.SCORED if scored else ScoreReason.AGE_OUT_OF_RANGE)


@pytest.mark.parametrize(
    ("age", "measure", "shift", "flag"),
    [
        (273.9, "h", 0, 1),
        (274, "h", 0.7, 0),
        (730, "h", 0.7, 0),
        (730.5, "h", 0, 0),
        (731, "l", -0.7, 0),
        (730, "l", 0, 0),
        (100, "l", 0, 0),
    ],
)
def test_position_and_the_nine_month_rule(age: float, measure: str, shift: float, flag: int) -> None:
    result = child(sex=1, age_days=age, lenhei_cm=80.0, measure=measure)
    assert result["clenhei"][0] == pytest.approx(80.0 + shift)
    assert result["c9mo_flag"][0] == flag


@pytest.mark.parametrize("code", ["M", "m", "1", "男"])
def test_sex_codes(code: str) -> None:
    assert child(sex=code, age_days=100, weight_kg=6.0)["zwei"] == child(sex=1, age_days=100, weight_kg=6.0)["zwei"]


@pytest.mark.parametrize(
    ("oedema", "missing"), [("y", True), ("Y", True), ("1", True), ("n", False), ("2", False), ("", False)]
)
def test_oedema_hides_weight_based_scores_only(oedema: str, missing: bool) -> None:
    result = child(sex="f", age_days=400, weight_kg=9.0, lenhei_cm=75.0, oedema=oedema, triskin_mm=8.0)
    assert [np.isnan(result[name][0]) for name in ("zwei", "zwfl", "zbmi")] == [missing] * 3
    assert not np.isnan(result["zlen"][0])
    assert not np.isnan(result["zts"][0])
    assert (result["rwfl"][0] == ScoreReason.OEDEMA) == missing


def test_median_scores_zero_and_whole_sds_come_back() -> None:
    day = 500
    for column, measure in (
        ("triskin_mm", "tsfa"),
        ("subskin_mm", "ssfa"),
        ("armc_cm", "acfa"),
        ("weight_kg", "wfa"),
    ):
        table = age_table(measure)
        code = {"tsfa": "zts", "ssfa": "zss", "acfa": "zac", "wfa": "zwei"}[measure]
        for sd in (-3, -2, 0, 1, 3):
            assert child(sex=1, age_days=day, **{column: table.sd(sd)[day]})[code][0] == sd
        far = table.sd(3)[day] + 2 * (table.sd(3)[day] - table.sd(2)[day])
        assert child(sex=1, age_days=day, **{column: far})[code][0] == 5.0  # restricted: gaps of the 2nd to 3rd SD


def test_reasons_of_missing_scores() -> None:
    table = {
        "sex": np.array(["", "x", "m", "m", "m", "m", "m", "m"], dtype=object),
        "age_days": np.array([9, 9, np.nan, -1, 400, 400, 400, 50]),
        "weight_kg": np.array([4, 4, 4, 4, np.nan, -2, np.inf, 4]),
        "armc_cm": np.array([12.0] * 8),
    }
    result = score_who2006(table)
    assert [ScoreReason(code).name for code in result["rwei"]] == [
        "SEX_MISSING",
        "SEX_UNKNOWN",
        "AGE_MISSING",
        "AGE_OUT_OF_RANGE",
        "VALUE_MISSING",
        "VALUE_IMPLAUSIBLE",
        "VALUE_IMPLAUSIBLE",
        "SCORED",
    ]
    assert result["rac"][-1] == ScoreReason.AGE_OUT_OF_RANGE  # arm circumference begins at day 91
    assert np.array_equal(result["rwei"] == 0, ~np.isnan(result["zwei"]))
    assert np.array_equal(np.ma.getmaskarray(result["fwei"]), np.isnan(result["zwei"]))


def test_length_outside_the_table_has_its_own_reason() -> None:
    result = child(sex="m", age_days=100, weight_kg=3.0, lenhei_cm=44.9)
    assert result["rwfl"][0] == ScoreReason.LENGTH_OUT_OF_RANGE


def test_rounding_as_r_does() -> None:
    values = np.array([0.285, 2.675, 1.005, -1.005, 0.125, -0.125, 0.375, -0.001, np.nan])
    expected = [0.28, 2.67, 1.0, -1.0, 0.12, -0.12, 0.38, 0.0, np.nan]
    np.testing.assert_array_equal(round2(values), expected)
    assert not np.signbit(round2(values)[7])


@pytest.mark.parametrize("rows", [1, 100_000])
def test_threads_and_blocks_do_not_change_a_score(rows: int) -> None:
    rng = np.random.default_rng(4)
    table = {
        "sex": rng.integers(1, 3, rows),
        "age_days": rng.uniform(0, 1900, rows),
        "weight_kg": rng.uniform(2, 30, rows),
    }
    one, many = score_who2006(table, threads=1), score_who2006(table, threads=4)
    for name in ("zwei", "rwei"):
        np.testing.assert_array_equal(one[name], many[name])


def test_a_height_or_weight_of_zero_gives_whos_far_and_flagged_score() -> None:
    """As R's ``anthroplus_zscores``: -1/S for height (L = 1), restricted scores for weight and BMI."""
    found = score_who2007(
        {
            "sex": np.array([1, 1, 1]),
            "age_months": np.array([114.0, 114.0, 114.0]),
            "height_cm": np.array([0.0, 120.0, 0.0]),
            "weight_kg": np.array([0.0, 0.0, 30.0]),
        }
    )
    assert found["zhfa"][0] == -21.82
    assert found["zwfa"][:2].tolist() == [-10.51, -10.51]
    assert np.isnan(found["zbfa"]).tolist() == [True, False, True]  # over a height of 0 there is no BMI
    assert found["zbfa"][1] < -5
    assert [found["fhfa"][0], found["fwfa"][0], found["fbfa"][1]] == [1, 1, 1]
    assert found["fbfa"].mask.tolist() == [True, False, True]


def test_the_command_adds_whos_columns_and_no_other() -> None:
    def added(key: str) -> str:
        return " ".join(name for name, _ in NORMS[key].outputs)

    assert added("who2006") == (
        "zlen flen zwei fwei zwfl fwfl zbmi fbmi zhc fhc zac fac zts fts zss fss clenhei cbmi c9mo_flag"
    )
    assert added("who2007") == "zhfa zwfa zbfa fhfa fwfa fbfa"
