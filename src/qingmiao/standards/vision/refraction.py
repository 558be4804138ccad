"""Refraction: spherical equivalent, degree of myopia, hyperopia reserve and yearly progression. Dioptres (D)."""

from __future__ import annotations

import numpy as np

from qingmiao.standards import norm_tables
from qingmiao.standards.columns import Codes, Floats
from qingmiao.standards.vision.acuity import in_limits

DEGREES = (None, "none", "pre_myopia", "low", "high")
RESERVE_STATES = (None, "below_range", "in_range", "not_above_upper", "above_upper")
PROGRESSION_STATES = ("measured", "missing", "too_soon")

_NOISE = 1e-9
SHORTEST_FOLLOW_UP_DAYS = 180
"""Two readings closer than this give no yearly rate: our setting, in no source."""
# Lower end of the expected reserve where the table gives a range; general knowledge, unverified.
_LOWER = {4: 1.50, 6: 1.00}


def spherical_equivalent(sphere: Floats, cylinder: Floats) -> Floats:
    """Sphere + cylinder / 2 in D (``myopia_rules.csv``); NaN where either is missing or implausible.

    A blank cylinder is not taken as 0: write 0 where there is none.
    """
    fine = in_limits(sphere, "sphere") & in_limits(cylinder, "cylinder")
    return np.where(fine, np.round(sphere + cylinder / 2, 6), np.nan)


def myopia_degree(equivalent: Floats) -> Codes:
    """Degree by cycloplegic spherical equivalent: high <= -6.00 < low <= -0.50 < pre-myopia <= +0.75 < none.

    Limits of one public implementation (``myopia_rules.csv``), not of an official text seen. 0 where missing. This is
    not the screening rule: that one is :func:`qingmiao.standards.vision.myopia.screening_myopia`.
    """
    with np.errstate(invalid="ignore"):
        return np.select(
            [
                equivalent <= -6 + _NOISE,
                equivalent <= -0.5 + _NOISE,
                equivalent <= 0.75 + _NOISE,
                equivalent > 0.75,
            ],
            [4, 3, 2, 1],
            default=0,
        ).astype(np.int8)


def hyperopia_reserve(equivalent: Floats, age_years: Floats) -> tuple[Floats, Codes]:
    """Upper reserve expected at the age (D) and how the cycloplegic equivalent lies to it (:data:`RESERVE_STATES`).

    ``above_upper`` is SE > upper. Between 4 and 8 years a lower end is known (unverified): ``below_range`` is SE under
    it, ``in_range`` not. At other ages only ``not_above_upper`` can be said. NaN and 0 where age (under 0, 19 and
    over) or refraction is missing. One public implementation; the 2025 national values were not seen.
    """
    upper = np.full(equivalent.shape, np.nan)
    lower = np.full(equivalent.shape, np.nan)
    with np.errstate(invalid="ignore"):
        for row in norm_tables.rows("vision", "hyperopia_reserve.csv"):
            start = int(row["age_from_year"])
            inside = (age_years >= start) & (age_years < float(row["age_to_year_excl"]))
            upper[inside] = float(row["upper_se_d"])
            lower[inside] = _LOWER.get(start, np.nan)
        state = np.select(
            [
                np.isnan(equivalent) | np.isnan(upper),
                equivalent > upper + _NOISE,
                equivalent < lower - _NOISE,
                ~np.isnan(lower),
            ],
            [0, 4, 1, 2],
            default=3,
        ).astype(np.int8)
    return upper, state


def annual_progression(
    earlier: Floats, later: Floats, days: Floats, *, shortest_days: int = SHORTEST_FOLLOW_UP_DAYS
) -> tuple[Floats, Codes]:
    """Change of spherical equivalent in D a year, (later - earlier) * 365.25 / days; negative is towards myopia.

    Both readings must be of one kind (both with or both without cycloplegia). NaN with state ``missing`` or
    ``too_soon`` (:data:`PROGRESSION_STATES`) where a reading is missing or ``days`` is under ``shortest_days``.
    """
    absent = np.isnan(earlier) | np.isnan(later) | np.isnan(days)
    with np.errstate(invalid="ignore", divide="ignore"):
        soon = ~absent & (days < shortest_days)
        rate = (later - earlier) * 365.25 / days
    state = np.where(absent, 1, np.where(soon, 2, 0)).astype(np.int8)
    return np.where(state == 0, rate, np.nan), state
