"""Inputs that every growth norm reads: codes of sex, position and oedema; age in days or months."""

from __future__ import annotations

from typing import Final

import numpy as np

from qingmiao.standards.columns import Codes, Columns, Floats
from qingmiao.standards.growth.lms import half_up
from qingmiao.standards.words import SEX

DAYS_PER_MONTH: Final = 30.4375
"""WHO's month: 365.25 / 12 days."""


MEASURED: Final = {
    **dict.fromkeys(("l", "lying", "卧位", "身长"), 1),
    **dict.fromkeys(("h", "standing", "立位", "身高"), 2),
}
"""1 lying (recumbent length), 2 standing (height)."""
OEDEMA: Final = {
    **dict.fromkeys(("n", "2", "0", "no", "false", "否", "无"), 2),
    **dict.fromkeys(("y", "1", "yes", "true", "是", "有"), 1),
}
"""1 with oedema, 2 without: WHO's codes ``y n 1 2``, and 0 for without, as most sheets write it."""

MALE, FEMALE = 1, 2
LYING, STANDING = 1, 2
WITH_OEDEMA = 1


def sexes(columns: Columns, name: str = "sex") -> Codes:
    """1 male, 2 female, 0 missing, -1 unknown code (``m f 1 2 男 女`` in any case)."""
    return columns.codes(name, SEX)


def age_in_days(columns: Columns, days: str = "age_days", months: str = "age_months") -> Floats:
    """Exact (unrounded) age in days: ``days``, else ``months`` x 30.4375; NaN when neither is known."""
    if months not in columns:
        return columns.floats(days)
    from_months: Floats = columns.floats(months) * DAYS_PER_MONTH
    if days not in columns:
        return from_months
    exact = columns.floats(days)
    return np.where(np.isnan(exact), from_months, exact)


def age_in_months(columns: Columns, days: str = "age_days", months: str = "age_months") -> Floats:
    """Exact age in months: ``months``, else ``days`` / 30.4375; NaN when neither is known."""
    if days not in columns:
        return columns.floats(months)
    from_days: Floats = columns.floats(days) / DAYS_PER_MONTH
    if months not in columns:
        return from_days
    exact = columns.floats(months)
    return np.where(np.isnan(exact), from_days, exact)


def whole_days(age_days: Floats) -> Floats:
    """Age in whole days, halves up; negative ages become NaN."""
    return half_up(np.where((age_days >= 0) & np.isfinite(age_days), age_days, np.nan))
