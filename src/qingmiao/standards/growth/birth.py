"""At birth: WS/T 800-2022 size for gestational age, low birth weight, preterm.

Completed weeks count. Size for gestational age by birth weight: small below P10, large above P90, appropriate between
(both limits included). Bands: a percentile itself belongs to the band above it. Low birth weight: below 2500 g;
preterm: below 37 completed weeks. The numbers rest on one transcription: unverified.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from qingmiao.standards.columns import Codes, Column, Columns, Floats, Table
from qingmiao.standards.growth.grading import label, reached, step_limits
from qingmiao.standards.growth.inputs import measurement, sexes
from qingmiao.standards.growth.lms import positive
from qingmiao.standards.growth.reasons import ScoreReason
from qingmiao.standards.growth.tables import GradeTable, grade_table, read

STANDARD: Final = "WS/T 800-2022"
BANDS: Final = ("below_p3", "p3_p10", "p10_p25", "p25_p50", "p50_p75", "p75_p90", "p90_p97", "p97_above")
LOW_BIRTH_WEIGHT_G: Final = 2500.0
TERM_WEEKS: Final = 37.0
MEASURES: Final = {"weight": "birth_weight", "length": "birth_length", "head": "birth_head_circumference"}


@cache
def table(measure: str) -> GradeTable:
    """P3..P97 by completed week 24-42 of ``birth_weight`` (g), ``birth_length``, ``birth_head_circumference`` (cm)."""
    return grade_table(read("cn_wst800_2022_birth_size.csv"), measure)


def low_birth_weight(weight_g: Floats) -> np.ma.MaskedArray:
    """Below 2500 g; masked where the weight is missing or not positive."""
    weight = positive(weight_g)
    return np.ma.MaskedArray(weight < LOW_BIRTH_WEIGHT_G, mask=np.isnan(weight))


def preterm(gestation_weeks: Floats) -> np.ma.MaskedArray:
    """Below 37 completed weeks; masked where the age is missing or not positive."""
    weeks = positive(gestation_weeks)
    return np.ma.MaskedArray(np.floor(weeks) < TERM_WEEKS, mask=np.isnan(weeks))


def classify_wst800(
    sex: Codes,
    gestation_weeks: Floats,
    weight_g: Floats,
    length: Floats | None = None,
    head: Floats | None = None,
) -> dict[str, Column]:
    """Size at birth of n newborns; inputs (n,): sex 1/2, weeks (fractions are cut off), g, cm, cm.

    ``wst800_weight wst800_length wst800_head`` percentile bands, ``wst800_size`` small / appropriate / large for
    gestational age, ``low_birth_weight``, ``preterm`` (masked bool), ``wst800_r`` reason code of the weight's band.
    """
    weeks = np.floor(gestation_weeks + 1e-9)
    blank = np.full(len(sex), np.nan)
    values = {
        "weight": weight_g,
        "length": blank if length is None else length,
        "head": blank if head is None else head,
    }
    result: dict[str, Column] = {}
    for name, measure in MEASURES.items():
        limits = step_limits(table(measure), sex, weeks)
        result[f"wst800_{name}"] = label(reached(positive(values[name]), limits), BANDS)
    limits = step_limits(table("birth_weight"), sex, weeks)
    weight = positive(weight_g)
    known = ~(np.isnan(weight) | np.isnan(limits).any(axis=1))
    size = np.where(known, 1 - (weight < limits[:, 1]).astype(int) + (weight > limits[:, 5]), -1).astype(np.intp)
    result["wst800_size"] = label(size, ("small", "appropriate", "large"))
    result["low_birth_weight"] = low_birth_weight(weight_g)
    result["preterm"] = preterm(gestation_weeks)
    conditions = {
        ScoreReason.SEX_MISSING: sex == 0,
        ScoreReason.SEX_UNKNOWN: sex < 0,
        ScoreReason.AGE_MISSING: np.isnan(gestation_weeks),
        ScoreReason.GESTATION_OUT_OF_RANGE: ~((weeks >= 24) & (weeks <= 42)),
        ScoreReason.VALUE_MISSING: np.isnan(weight_g),
        ScoreReason.VALUE_IMPLAUSIBLE: ~known,
    }
    codes = np.select(list(conditions.values()), [int(reason) for reason in conditions], 0)
    result["wst800_r"] = codes.astype(np.int8)
    return result


def score_wst800(source: Table, *, reasons: bool = True) -> Table:
    """Grade a table; reads ``sex gestation_weeks birth_weight_g birth_length_cm birth_head_cm``."""
    columns = Columns(source)
    columns.require("sex")
    grades = classify_wst800(
        sexes(columns),
        measurement(columns, "gestation_weeks"),
        measurement(columns, "birth_weight_g"),
        measurement(columns, "birth_length_cm"),
        measurement(columns, "birth_head_cm"),
    )
    return columns.with_columns({k: v for k, v in grades.items() if reasons or k != "wst800_r"})
