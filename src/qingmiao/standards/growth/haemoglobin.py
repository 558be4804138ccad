"""Anaemia by haemoglobin: WHO 2011, WHO 2024 and the limit of China's 2002 national survey, with altitude.

Anaemic is haemoglobin below the limit of the age (g/L). China's limit (110 at 6-59 months) rises with altitude: limit x
(1 + 4 % x metres / 1000). WHO 2011 adds a table's step to every limit from 1000 m on, WHO 2024 0.0056384 x metres +
0.0000003 x metres² g/L. Severity bands are held for WHO 2011 only. The limits of WHO 2024 and every altitude rule rest
on one source each: unverified.
"""

from __future__ import annotations

from functools import cache
from typing import Final, Literal, TypeAlias

import numpy as np

from qingmiao.standards.columns import Column, Columns, Floats, Table
from qingmiao.standards.growth.grading import label
from qingmiao.standards.growth.inputs import age_in_months
from qingmiao.standards.growth.lms import positive
from qingmiao.standards.growth.tables import read

Standard: TypeAlias = Literal["who2011", "who2024", "china2002"]
NAMES: Final[dict[Standard, str]] = {
    "who2011": "WHO2011",
    "who2024": "WHO2024",
    "china2002": "CN national nutrition survey 2002",
}
ALTITUDE_SHARE: Final = 0.04
"""How much the Chinese limit rises a kilometre."""
ALTITUDES_M: Final = (-500.0, 9000.0)
"""Where people can live and more: outside, the altitude is a slip and the answer missing (our setting)."""
WHO2024_ALTITUDE: Final = (0.0056384, 0.0000003)
"""g/L per metre and per square metre, above sea level (one public implementation that cites the 2024 guideline)."""


@cache
def altitude_steps() -> tuple[tuple[float, float], ...]:
    """WHO 2011: (from metres, g/L added to the limit), rising; the first step begins below sea level."""
    rows = read("haemoglobin_altitude_who2011.csv").to_pylist()
    return tuple(
        (
            -np.inf if row["altitude_from_m"] is None else float(row["altitude_from_m"]),
            float(row["added_to_limit_g_l"]),
        )
        for row in rows
    )


def added_by_altitude(altitude_m: Floats, limit: Floats, standard: Standard) -> Floats:
    """What altitude (n,) in metres adds to a limit (n,) in g/L; nothing at sea level and below it."""
    height = np.maximum(altitude_m, 0.0)
    if standard == "china2002":
        return np.asarray(limit * ALTITUDE_SHARE * height / 1000)
    if standard == "who2024":
        linear, square = WHO2024_ALTITUDE
        return np.asarray(linear * height + square * height * height)
    starts, added = (np.array(column) for column in zip(*altitude_steps(), strict=True))
    return np.asarray(added[np.searchsorted(starts, height, side="right") - 1])


@cache
def limits(standard: Standard, category: str = "anaemia") -> tuple[tuple[float, float, float], ...]:
    """Rows (from month, to month exclusive, g/L) of a standard; categories ``anaemia anaemia_severe
    anaemia_mild_lower_bound``."""
    rows = []
    for row in read("haemoglobin_and_birth_cutoffs.csv").to_pylist():
        if row["standard"] == NAMES[standard] and row["category"] == category:
            factor = 12 if row["age_unit"] == "year" else 1
            rows.append(
                (
                    float(row["age_from"]) * factor,
                    float(row["age_to_exclusive"]) * factor,
                    float(row["value"]),
                )
            )
    return tuple(rows)


def limit_at(age_months: Floats, standard: Standard, category: str = "anaemia") -> Floats:
    """Limit (n,) in g/L at sea level; NaN outside the standard's ages."""
    result = np.full(len(age_months), np.nan)
    for start, end, value in limits(standard, category):
        result[(age_months >= start) & (age_months < end)] = value
    return result


def anaemia(
    haemoglobin: Floats,
    age_months: Floats,
    altitude_m: Floats | None = None,
    *,
    standard: Standard = "china2002",
) -> dict[str, Column]:
    """Anaemia of n children; inputs (n,): g/L, exact months, metres (missing altitude counts as sea level).

    ``anaemic`` masked bool, ``anaemia_limit`` g/L, ``anaemia_grade`` (WHO 2011: none, mild, moderate, severe; else
    none, anaemic; its limits rise with altitude as well). Missing haemoglobin, an age outside the standard or an
    impossible altitude gives missing.
    """
    limit = limit_at(age_months, standard)
    height = np.zeros(len(limit)) if altitude_m is None else np.where(np.isnan(altitude_m), 0.0, altitude_m)
    limit = np.where((height >= ALTITUDES_M[0]) & (height <= ALTITUDES_M[1]), limit, np.nan)
    height = height.clip(*ALTITUDES_M)
    added = added_by_altitude(height, limit, standard)
    limit = limit + added
    value = positive(haemoglobin)
    missing = np.isnan(value) | np.isnan(limit)
    low = value < limit - 1e-9
    if standard == "who2011":
        grade = low.astype(int) + (value < limit_at(age_months, standard, "anaemia_mild_lower_bound") + added)
        grade += value < limit_at(age_months, standard, "anaemia_severe") + added
        names: tuple[str, ...] = ("none", "mild", "moderate", "severe")
    else:
        grade, names = low.astype(int), ("none", "anaemic")
    return {
        "anaemic": np.ma.MaskedArray(low, mask=missing),
        "anaemia_limit": limit,
        "anaemia_grade": label(np.where(missing, -1, grade).astype(np.intp), names),
    }


def score_anaemia(source: Table, *, standard: Standard = "china2002") -> Table:
    """Grade a table; reads ``haemoglobin_g_l age_months|age_days altitude_m``; the same kind of table comes back."""
    columns = Columns(source)
    columns.require("haemoglobin_g_l")
    altitude = columns.floats("altitude_m")
    return columns.with_columns(
        anaemia(columns.floats("haemoglobin_g_l"), age_in_months(columns), altitude, standard=standard)
    )
