"""WS/T 423-2022 Growth standard for children under 7 years: growth level and nutritional status by SD and percentile.

Limits (tables 1-3): a limit itself belongs to the group above it. Growth level by SD: low < -2 <= below_middle < -1 <=
middle < +1 <= above_middle < +2 <= high; by percentile the same at P3, P25, P75, P97. Nutritional status: stunted
(length/height), underweight (weight), wasted, overweight, obese (weight-for-length/height and BMI), "severely" beyond
±3 SD.

What the tables leave open, and our settings for it (not verified against an official explanation):

- ``between="linear"`` (default): limits between two published ages or sizes lie on the straight line between them;
  ``"completed"``: the row already reached holds. After the last age row (81 months; 36 for head) it holds to 84 (37).
- Before 24 months length lying, from 24 standing, 0.7 cm apart; a value taken the other way is converted. On the line
  from 23 to 24 months the limits of 24 months are taken lying (+ 0.7 cm).
- BMI is rounded half up to one decimal, as the table is; other values are compared as measured.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes, Column, Columns, Floats, Table
from qingmiao.standards.growth.blocks import in_blocks
from qingmiao.standards.growth.grading import Between, count_between, label, reasons, rounded
from qingmiao.standards.growth.inputs import (
    LYING,
    STANDING,
    age_in_months,
    length_measured,
    measurement,
    sexes,
)
from qingmiao.standards.growth.lms import positive
from qingmiao.standards.growth.tables import GradeTable, grade_table, read

STANDARD: Final = "WS/T 423-2022"
LEVELS: Final = ("low", "below_middle", "middle", "above_middle", "high")
MEASURES: Final = {"len": "lhfa", "wei": "wfa", "wfl": "wfl", "bmi": "bfa", "hc": "hcfa"}
LABELS_ZH: Final = {
    "len": "年龄别身长/身高",
    "wei": "年龄别体重",
    "wfl": "身长/身高别体重",
    "bmi": "年龄别体质指数",
    "hc": "年龄别头围",
}
_SD_LEVEL: Final = (*LEVELS[:1] * 2, LEVELS[1], *LEVELS[2:3] * 2, LEVELS[3], *LEVELS[4:] * 2)
_PERCENTILE_LEVEL: Final = ("low", *("below_middle",) * 2, *("middle",) * 2, *("above_middle",) * 2, "high")
_FAT: Final = ("severely_wasted", "wasted", *("normal",) * 3, "overweight", "obese", "severely_obese")
STATUS: Final = {
    "len": ("severely_stunted", "stunted", *("normal",) * 6),
    "wei": ("severely_underweight", "underweight", *("normal",) * 6),
    "wfl": _FAT,
    "bmi": _FAT,
}
"""Nutritional status by the number of SD limits (-3..+3) reached."""
END_MONTHS: Final = 84.0
HEAD_END_MONTHS: Final = 37.0
TWO_YEARS_MONTHS: Final = 24.0
POSITION_CM: Final = 0.7


@cache
def table(measure: str, kind: str = "sd") -> GradeTable:
    """Limits of ``lhfa wfa bfa hcfa wfl wfh``; ``kind`` ``sd`` (-3..3) or ``percentile`` (3 10 25 50 75 90 97)."""
    return grade_table(read(f"cn_wst423_2022_{kind}.csv"), measure)


def classify_wst423(
    sex: Codes,
    age_months: Floats,
    weight: Floats,
    length: Floats,
    headc: Floats | None = None,
    measured: Codes | None = None,
    *,
    between: Between = "linear",
) -> dict[str, Column]:
    """Grades of n children; inputs (n,): sex 1/2, exact months 0 to below 84, kg, cm, cm, position 1 lying 2 standing.

    For each measure ``len wei wfl bmi hc``: ``wst423_sd_*`` and ``wst423_pct_*`` growth levels, ``wst423_*``
    nutritional status (not for head), ``wst423_r_*`` int8 reason codes. Texts are ``None`` where there is no grade.
    """
    parts: dict[int, dict[str, Column]] = {}

    def work(rows: slice) -> None:
        heads = None if headc is None else headc[rows]
        position = None if measured is None else measured[rows]
        parts[rows.start] = _classify(sex[rows], age_months[rows], weight[rows], length[rows], heads, position, between)

    in_blocks(len(sex), work, threads=2)
    if len(parts) < 2:
        return parts[0] if parts else _classify(sex, age_months, weight, length, headc, measured, between)
    order = sorted(parts)
    return {name: np.concatenate([parts[start][name] for start in order]) for name in parts[0]}


def _classify(
    sex: Codes,
    age: Floats,
    weight: Floats,
    length: Floats,
    headc: Floats | None,
    measured: Codes | None,
    between: Between,
) -> dict[str, Column]:
    young = age < TWO_YEARS_MONTHS
    tall = length
    if measured is not None:
        tall = length + POSITION_CM * ((measured == STANDING) & young)
        tall = tall - POSITION_CM * ((measured == LYING) & (age >= TWO_YEARS_MONTHS))
    weight, tall = positive(weight), positive(tall)
    bmi = positive(rounded(weight / (tall / 100) ** 2, 1) / 10)
    heads = np.full(len(sex), np.nan) if headc is None else positive(headc)
    values = {"len": tall, "wei": weight, "wfl": weight, "bmi": bmi, "hc": heads}
    in_range = (age >= 0) & (age < END_MONTHS)
    result: dict[str, Column] = {}
    for code, measure in MEASURES.items():
        ages = in_range & (age < HEAD_END_MONTHS) if code == "hc" else in_range
        counts = {}
        for kind in ("sd", "percentile"):
            if code == "wfl":
                lying = _by_size("wfl", kind, sex, tall, weight, between)
                count = np.where(young, lying, _by_size("wfh", kind, sex, tall, weight, between))
            else:
                lift = _lift(age) if measure == "lhfa" and between == "linear" else None
                count = count_between(table(measure, kind), sex, age, values[code], between, lift)
            counts[kind] = np.where(ages, count, -1)
        result[f"wst423_sd_{code}"] = label(counts["sd"], _SD_LEVEL)
        result[f"wst423_pct_{code}"] = label(counts["percentile"], _PERCENTILE_LEVEL)
        if code in STATUS:
            result[f"wst423_{code}"] = label(counts["sd"], STATUS[code])
        given = {"len": (length,), "wei": (weight,), "hc": (heads,)}.get(code, (weight, length))
        result[f"wst423_r_{code}"] = reasons(counts["sd"] < 0, sex, age, ages, *given)
    return result


def _lift(age: Floats) -> Floats:
    """On the way from 23 months lying to 24 months standing: towards 24 months lying."""
    before = TWO_YEARS_MONTHS - 1
    return np.where((age > before) & (age < TWO_YEARS_MONTHS), POSITION_CM * (age - before), 0.0)


def _by_size(measure: str, kind: str, sex: Codes, length: Floats, weight: Floats, between: Between) -> NDArray[np.intp]:
    grades = table(measure, kind)
    inside = (length >= grades.x[0]) & (length <= grades.x[-1])
    return np.where(inside, count_between(grades, sex, length, weight, between), -1)


def score_wst423(source: Table, *, reasons: bool = True, between: Between = "linear") -> Table:
    """Grade a table; reads ``sex age_months|age_days weight_kg lenhei_cm measure headc_cm``; the same kind comes
    back."""
    columns = Columns(source)
    columns.require("sex")
    length, measured = length_measured(columns, "lenhei_cm")
    grades = classify_wst423(
        sexes(columns),
        age_in_months(columns),
        measurement(columns, "weight_kg"),
        length,
        measurement(columns, "headc_cm"),
        measured,
        between=between,
    )
    return columns.with_columns({k: v for k, v in grades.items() if reasons or not k.startswith("wst423_r_")})
