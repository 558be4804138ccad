"""Referral limits of the 0–6-year eye checks: acuity from 4, refraction from 2, both up to 7 years.

Limits: ``acuity_referral.csv`` and ``refraction_referral.csv`` (one public implementation; the referral table of
国卫办妇幼发〔2021〕11号 was not seen; the two-line difference is unverified).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards import norm_tables
from qingmiao.standards.columns import Floats

Truths = np.ma.MaskedArray[Any, np.dtype[np.bool_]]
Eyes = tuple[Floats, Floats]
_NOISE = 1e-9


def acuity_referral(acuity: Eyes, age_months: Floats) -> Truths:
    """Refer by acuity: the worse eye at or below the limit of the age, or the eyes two lines (0.2) or more apart.

    Masked where the age is outside the table or missing, and where an eye is missing and the other one does not
    already decide. ``acuity`` is (right, left) in five-mark.
    """
    right, left = acuity
    positive = np.zeros(right.shape, dtype=bool)
    covered = np.zeros(right.shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        for row in norm_tables.rows("vision", "acuity_referral.csv"):
            some = np.flatnonzero(_inside(age_months, row["age_from_month"], row["age_to_month_excl"]))
            covered[some] = True
            one, other = right[some], left[some]
            limit = float(row["refer_if_worse_eye_at_or_below_5mark"]) + _NOISE
            apart = float(row["line_difference_refer"]) / 10 - _NOISE
            positive[some] = (one <= limit) | (other <= limit) | (np.abs(one - other) >= apart)
    return _answer(positive, covered, np.isnan(right) | np.isnan(left))


def refraction_referral(sphere: Eyes, cylinder: Eyes, equivalent: Eyes, age_months: Floats) -> Truths:
    """Refer by refraction (D): equivalent over or under its limits, |cylinder| over its limit, or sphere or cylinder
    of the two eyes further apart than allowed. Every limit itself does not refer.

    Masked where the age is outside the table or missing, and where a reading is missing and nothing found decides.
    """
    positive = np.zeros(age_months.shape, dtype=bool)
    covered = np.zeros(age_months.shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        for row in norm_tables.rows("vision", "refraction_referral.csv"):
            some = np.flatnonzero(_inside(age_months, row["age_from_month"], row["age_to_month_excl"]))
            covered[some] = True
            over, under = float(row["se_over_d"]) + _NOISE, float(row["se_under_d"]) - _NOISE
            bent = float(row["cyl_abs_over_d"]) + _NOISE
            found = np.abs(sphere[0][some] - sphere[1][some]) > float(row["sphere_diff_over_d"]) + _NOISE
            found |= np.abs(cylinder[0][some] - cylinder[1][some]) > float(row["cyl_diff_over_d"]) + _NOISE
            for power, astigmatism in zip(equivalent, cylinder, strict=True):
                found |= (power[some] > over) | (power[some] < under) | (np.abs(astigmatism[some]) > bent)
            positive[some] = found
    return _answer(positive, covered, np.isnan(equivalent[0]) | np.isnan(equivalent[1]))


def any_referral(by_acuity: Truths, by_refraction: Truths, age_months: Floats) -> Truths:
    """Refer when either check says so; masked when neither does and one that the age calls for has no answer.

    Acuity is called for from 48, refraction from 24 months, both to under 84.
    """
    positive = by_acuity.filled(False) | by_refraction.filled(False)
    with np.errstate(invalid="ignore"):
        needs_acuity = (age_months >= 48) & (age_months < 84)
        covered = (age_months >= 24) & (age_months < 84)
    missing = (needs_acuity & np.ma.getmaskarray(by_acuity)) | np.ma.getmaskarray(by_refraction)
    return _answer(positive, covered, missing)


def _inside(age_months: Floats, start: str, stop: str) -> NDArray[np.bool_]:
    return np.asarray((age_months >= float(start)) & (age_months < float(stop)))


def _answer(positive: NDArray[np.bool_], covered: NDArray[np.bool_], missing: NDArray[np.bool_]) -> Truths:
    return np.ma.MaskedArray(positive, mask=~covered | (missing & ~positive))
