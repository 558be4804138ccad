"""Inputs that every growth norm reads: codes of sex, position and oedema; age in days or months."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

import numpy as np

from qingmiao.kernel.misread import MisreadError
from qingmiao.kernel.number_texts import read_number
from qingmiao.standards.columns import Codes, Columns, Floats
from qingmiao.standards.growth.lms import half_up
from qingmiao.standards.words import SEX

DAYS_PER_MONTH: Final = 30.4375
"""WHO's month: 365.25 / 12 days."""


MEASURED: Final = {
    **dict.fromkeys(("l", "lying", "卧位", "身长", "卧位身长", "卧", "躺", "平卧"), 1),
    **dict.fromkeys(("h", "standing", "立位", "身高", "立位身高", "立", "站", "站立"), 2),
}
"""1 lying (recumbent length), 2 standing (height)."""
OEDEMA: Final = {
    **dict.fromkeys(("n", "2", "0", "no", "false", "否", "无", "没有"), 2),
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
    """Exact (unrounded) age in days: ``days``, else ``months`` x 30.4375; NaN when neither is known or ``days`` is
    unread."""
    if months not in columns:
        return measurement(columns, days, flagged=True)
    from_months: Floats = measurement(columns, months, flagged=True) * DAYS_PER_MONTH
    if days not in columns:
        return from_months
    exact = measurement(columns, days, flagged=True)
    return np.where(np.isnan(exact) & ~columns.is_unread(days), from_months, exact)


def age_in_months(columns: Columns, days: str = "age_days", months: str = "age_months") -> Floats:
    """Exact age in months: ``months``, else ``days`` / 30.4375; NaN when neither is known or ``months`` is unread."""
    if days not in columns:
        return measurement(columns, months, flagged=True)
    from_days: Floats = measurement(columns, days, flagged=True) / DAYS_PER_MONTH
    if months not in columns:
        return from_days
    exact = measurement(columns, months, flagged=True)
    return np.where(np.isnan(exact) & ~columns.is_unread(months), from_days, exact)


LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "lenhei_cm": (20, 250),
    "length_cm": (20, 250),
    "height_cm": (20, 250),
    "headc_cm": (10, 90),
    "armc_cm": (4, 90),
    "triskin_mm": (0.5, 100),
    "subskin_mm": (0.5, 100),
    "weight_kg": (0.2, 350),
    "birth_weight_g": (200, 9000),
    "birth_length_cm": (15, 80),
    "birth_head_cm": (10, 60),
    "gestation_weeks": (15, 50),
    "age_days": (0, 365.25 * 130),
    "age_months": (0, 12 * 130),
}
"""Beyond these a cell of a file is another unit or no measurement (our setting, in no standard); the limits themselves
are fine."""
_OTHER_UNITS: Final = {
    "cm": ((100.0, "米"), (0.1, "毫米")),
    "kg": ((0.001, "克"),),
    "_g": ((1000.0, "千克"),),
    "mm": ((10.0, "厘米"),),
}


def measurement(columns: Columns, name: str, *, flagged: bool = False) -> Floats:
    """A measured column in its own unit. In a file's table a value beyond :data:`LIMITS` is missing and unread.

    The nearest right value is the one that another unit would give: 1.05 in ``height_cm`` is 105 written in metres.
    ``flagged``: the norm has flags of its own for such values (WHO's), so they are used as they stand and only
    doubtful.
    """
    values = columns.floats(name)
    if not columns.lenient or name not in LIMITS:
        return values
    low, high = LIMITS[name]
    with np.errstate(invalid="ignore"):
        beyond = (values < low) | (values > high)
    if not beyond.any():
        return values
    columns.reject(name, beyond, partial(_beyond, name=name, low=low, high=high), kept=flagged)
    return values if flagged else np.where(beyond, np.nan, values)


def _beyond(cell: str, *, name: str, low: float, high: float) -> MisreadError:
    value, near = read_number(cell) or 0.0, ""
    for factor, unit in _OTHER_UNITS.get(name[-2:], ()):
        if low <= value * factor <= high:
            near = f"{value * factor:.10g}（原来像是用{unit}写的）"
            break
    return MisreadError("beyond_limits", f"「{cell}」不在 {low:g}–{high:g} 之间", near)


def length_measured(
    columns: Columns, name: str, position: str = "measure", *, flagged: bool = False
) -> tuple[Floats, Codes]:
    """A column of lengths or heights with how it was measured (``position``: 1 lying, 2 standing, 0 not said).

    Where the way of measuring is a word that is not known, the length is missing: it may be off by 0.7 cm.
    """
    measured = columns.codes(position, MEASURED)
    return np.where(measured < 0, np.nan, measurement(columns, name, flagged=flagged)), measured


def weight_of(columns: Columns, name: str = "weight_kg", *, flagged: bool = False) -> tuple[Floats, Codes]:
    """A column of weights with ``oedema`` (1 yes, 2 no, 0 not said); missing where oedema is a word that is not
    known."""
    oedema = columns.codes("oedema", OEDEMA)
    return np.where(oedema < 0, np.nan, measurement(columns, name, flagged=flagged)), oedema


def whole_days(age_days: Floats) -> Floats:
    """Age in whole days, halves up; negative ages become NaN."""
    return half_up(np.where((age_days >= 0) & np.isfinite(age_days), age_days, np.nan))
