"""China's norms for school ages: WS/T 586-2018 (overweight, obesity), 456-2014 (malnutrition), 612-2018 (height level).

Ages are exact months; a child counts by completed half years (586, 456) or completed years (612). BMI and height are
rounded half up to the decimals of the table (one; two for 612) before they are compared. The last rows: 18.0 years of
586 and 18 of 612 hold to below 19 years, 17.5 of 456 to below 18 (its sources label that row differently).
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from qingmiao.standards.columns import Codes, Column, Columns, Floats, Table
from qingmiao.standards.growth.grading import half_years, label, reached, reasons, rounded, step_limits
from qingmiao.standards.growth.inputs import age_in_months, measurement, sexes
from qingmiao.standards.growth.lms import positive
from qingmiao.standards.growth.tables import GradeTable, grade_table, read

WST586: Final = "WS/T 586-2018"
WST456: Final = "WS/T 456-2014"
WST612: Final = "WS/T 612-2018"
WEIGHT_GRADES: Final = ("normal", "overweight", "obese")
THINNESS: Final = ("moderate_severe", "mild", "none")
HEIGHT_LEVELS: Final = ("low", "below_middle", "middle", "above_middle", "high")


@cache
def bmi_limits() -> GradeTable:
    """WS/T 586 table 1: levels 0 overweight, 1 obese (BMI >= limit)."""
    return grade_table(read("cn_wst586_2018_bmi.csv"), "bfa", "category")


@cache
def thinness_limits() -> GradeTable:
    """WS/T 456 appendix B, levels 0 thin_any, 1 thin_moderate_severe (BMI <= limit)."""
    return grade_table(read("cn_wst456_2014_malnutrition.csv"), "bfa", "category")


@cache
def stunting_limits() -> GradeTable:
    """WS/T 456 appendix A (height <= limit is stunted)."""
    return grade_table(read("cn_wst456_2014_malnutrition.csv"), "hfa", "category")


@cache
def height_limits() -> GradeTable:
    """WS/T 612 tables A.1, A.2: height at -2, -1, 0, +1, +2 SD."""
    return grade_table(read("cn_wst612_2018_height_sd.csv"), "hfa")


def _bmi_tenths(height: Floats, weight: Floats) -> Floats:
    with np.errstate(divide="ignore", over="ignore"):  # a height of next to nothing: positive() drops the result
        return rounded(positive(positive(weight) / (positive(height) / 100) ** 2), 1)


def classify_wst586(sex: Codes, age_months: Floats, height: Floats, weight: Floats) -> dict[str, Column]:
    """Overweight and obesity of n children of 6.0 to 18 years; inputs (n,): sex 1/2, exact months, cm, kg.

    ``wst586_bmi`` (one decimal), ``wst586_grade`` normal / overweight / obese, ``wst586_r`` reason code. A child may be
    thin by WS/T 456 and still "normal" here: this norm says nothing of thinness.
    """
    step = np.minimum(half_years(age_months), np.where(age_months < 19 * 12, 18.0, np.inf))
    limits = rounded(step_limits(bmi_limits(), sex, step), 1)
    tenths = _bmi_tenths(height, weight)
    count = reached(tenths, limits)
    in_range = (age_months >= 72) & (age_months < 19 * 12)
    return {
        "wst586_bmi": tenths / 10,
        "wst586_grade": label(count, WEIGHT_GRADES),
        "wst586_r": reasons(count < 0, sex, age_months, in_range, height, weight),
    }


def classify_wst456(sex: Codes, age_months: Floats, height: Floats, weight: Floats) -> dict[str, Column]:
    """Malnutrition of n children of 6.0 to below 18 years; inputs (n,): sex 1/2, exact months, cm, kg.

    ``wst456_stunted`` yes / no, ``wst456_thinness`` moderate_severe / mild / none, ``wst456_grade``: stunted before
    thinness (stunted, thin_moderate_severe, thin_mild, normal; missing when height or BMI is), ``wst456_r``.
    """
    step = half_years(age_months)
    short = rounded(step_limits(stunting_limits(), sex, step), 1)
    thin = rounded(step_limits(thinness_limits(), sex, step), 1)[:, ::-1]
    height_tenths = rounded(positive(height), 1)
    tenths = _bmi_tenths(height, weight)
    tall = np.where(np.isnan(height_tenths) | np.isnan(short[:, 0]), -1, height_tenths > short[:, 0]).astype(np.intp)
    above = (tenths[:, None] > thin).sum(axis=1)
    fat = np.where(np.isnan(tenths) | np.isnan(thin).any(axis=1), -1, above).astype(np.intp)
    grade = np.where((tall < 0) | (fat < 0), -1, np.where(tall == 0, 0, fat + 1)).astype(np.intp)
    in_range = (age_months >= 72) & (age_months < 18 * 12)
    return {
        "wst456_stunted": label(tall, ("yes", "no")),
        "wst456_thinness": label(fat, THINNESS),
        "wst456_grade": label(grade, ("stunted", "thin_moderate_severe", "thin_mild", "normal")),
        "wst456_r": reasons(grade < 0, sex, age_months, in_range, height, weight),
    }


def classify_wst612(sex: Codes, age_months: Floats, height: Floats) -> dict[str, Column]:
    """Height level of n children of 7 to 18 completed years; inputs (n,): sex 1/2, exact months, cm.

    ``wst612_grade``: low < -2 SD <= below_middle < -1 SD <= middle <= +1 SD < above_middle <= +2 SD < high;
    ``wst612_r`` reason code.
    """
    years = np.floor((age_months + 1e-9) / 12)
    limits = rounded(step_limits(height_limits(), sex, years), 2)
    hundredths = rounded(positive(height), 2)
    below = reached(hundredths, limits[:, :2])
    above = (hundredths[:, None] > limits[:, 3:]).sum(axis=1)
    grade = np.where(below < 0, -1, below + above).astype(np.intp)
    in_range = (age_months >= 84) & (age_months < 19 * 12)
    return {
        "wst612_grade": label(grade, HEIGHT_LEVELS),
        "wst612_r": reasons(grade < 0, sex, age_months, in_range, height),
    }


def _score(source: Table, keep_reasons: bool, norm: str) -> Table:
    columns = Columns(source)
    columns.require("sex")
    sex, age = sexes(columns), age_in_months(columns)
    height = measurement(columns, "height_cm" if "height_cm" in columns else "lenhei_cm")
    weight = measurement(columns, "weight_kg")
    if norm == "wst586":
        grades = classify_wst586(sex, age, height, weight)
    elif norm == "wst456":
        grades = classify_wst456(sex, age, height, weight)
    else:
        grades = classify_wst612(sex, age, height)
    return columns.with_columns({k: v for k, v in grades.items() if keep_reasons or not k.endswith("_r")})


def score_wst586(source: Table, *, reasons: bool = True) -> Table:
    """Grade a table by WS/T 586; reads ``sex age_months|age_days height_cm|lenhei_cm weight_kg``."""
    return _score(source, reasons, "wst586")


def score_wst456(source: Table, *, reasons: bool = True) -> Table:
    """Grade a table by WS/T 456; reads ``sex age_months|age_days height_cm|lenhei_cm weight_kg``."""
    return _score(source, reasons, "wst456")


def score_wst612(source: Table, *, reasons: bool = True) -> Table:
    """Grade a table by WS/T 612; reads ``sex age_months|age_days height_cm|lenhei_cm``."""
    return _score(source, reasons, "wst612")
