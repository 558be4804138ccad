"""Visual acuity: five-mark, decimal, logMAR and Snellen; the worse eye; grades of low acuity.

Five-mark notation (五分记录) is defined as ``5 - logMAR``, so decimal = 10 ** (five_mark - 5)
(``acuity_conversion.csv``: exact by definition, nominal decimals of the chart's lines from general knowledge). Every
cut-off is held against the five-mark value, so one eye has one answer whatever the notation.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qingmiao.kernel.misread import MisreadError, half_width
from qingmiao.standards import norm_tables
from qingmiao.standards.columns import Codes, Columns, Floats

Notation = Literal["five_mark", "decimal", "logmar", "snellen"]
NOTATIONS: tuple[Notation, ...] = ("five_mark", "decimal", "logmar", "snellen")
"""``snellen`` are fractions as text (20/25, 6/7.5, 5/5); :func:`read_acuity` turns them into decimals."""

WORSE_EYES = (None, "right", "left", "equal")
LOW_ACUITY = (None, "none", "mild", "moderate", "severe")
"""Grades by code: not below 5.0, 4.9, 4.6 to 4.8, 4.5 and below (the split is general knowledge, unverified)."""

_LIMITS = {
    row["measure"]: (float(row["low"]), float(row["high"])) for row in norm_tables.rows("vision", "plausible.csv")
}
_NOISE = 1e-9
_FRACTION = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*/\s*(\d{1,4}(?:\.\d+)?)$", re.ASCII)


def limits(measure: str) -> tuple[float, float]:
    """Plausible range of a reading, both ends inclusive: a notation, ``sphere`` or ``cylinder`` (our setting)."""
    return _LIMITS[measure]


def in_limits(values: Floats, measure: str) -> NDArray[np.bool_]:
    """Readings inside :func:`limits`; a missing one is not."""
    low, high = limits("decimal" if measure == "snellen" else measure)
    with np.errstate(invalid="ignore"):
        return np.asarray((values >= low - _NOISE) & (values <= high + _NOISE))


def to_five_mark(values: Floats, notation: Notation) -> Floats:
    """Readings as five-mark acuity, NaN where missing or outside the notation's plausible range.

    A decimal that a chart prints for one of its lines gives that line (4.0 to 5.3): the nominal one (0.8), the exact
    one (0.794), the preferred number of the logMAR charts (0.8; 0.63, 0.32 …) and all between these. Every other
    decimal gives its exact value: 0.9 is 4.954, which is below 5.0. Larger decimals never give smaller values.
    Five-mark and logMAR readings keep their value, cleaned of float noise.
    """
    if notation == "snellen":
        notation = "decimal"
    with np.errstate(divide="ignore", invalid="ignore"):
        if notation == "decimal":
            found = 5 + np.log10(values)
            for line, low, high in _bands():
                found = np.where((values >= low - _NOISE) & (values <= high + _NOISE), line, found)
        elif notation == "logmar":
            found = 5 - values
        else:
            found = values
    return np.where(in_limits(values, notation), np.round(found, 6), np.nan)


@cache
def _bands() -> tuple[tuple[float, float, float], ...]:
    """Five-mark lines of the chart and the decimals, from and to, that are printed for them."""
    found = []
    for row in norm_tables.rows("vision", "acuity_conversion.csv"):
        line = float(row["five_mark"])
        exact = 10.0 ** (line - 5)
        printed = (
            float(row["decimal_nominal"]),
            float(row["decimal_exact"]),
            float(row["decimal_preferred"]),
            exact,
        )
        found.append((line, min(printed), max(printed)))
    return tuple(found)


def read_acuity(columns: Columns, name: str, notation: Notation) -> Floats:
    """A column of readings as numbers: Snellen fractions (20/25, 6/7.5) as decimals, every other notation as it stands.

    What is no such reading is missing and ``columns.unread``.
    """
    if notation != "snellen":
        return columns.floats(name)
    return columns.read(name, _snellen)


def _snellen(text: str) -> float:
    found = _FRACTION.match(half_width(text))
    if found is None or not float(found[1]) or not float(found[2]):
        raise MisreadError("not_snellen", f"「{text}」不是分数记录", "20/20 这样的写法")
    return float(found[1]) / float(found[2])


def from_five_mark(values: Floats, notation: Notation) -> Floats:
    """Five-mark acuity in another notation; ``decimal`` is exact (4.9 gives 0.794), not the chart's nominal 0.8."""
    kept = np.where(in_limits(values, "five_mark"), values, np.nan)
    if notation in ("decimal", "snellen"):
        return np.asarray(10.0 ** (kept - 5))
    return np.round(5 - kept, 6) if notation == "logmar" else kept


def nominal_decimal(values: Floats) -> Floats:
    """The decimal printed on the chart for a five-mark line 4.0–5.3; NaN between the lines and outside them."""
    lines = np.full(14, np.nan)
    for row in norm_tables.rows("vision", "acuity_conversion.csv"):
        lines[round(float(row["five_mark"]) * 10) - 40] = float(row["decimal_nominal"])
    place = np.round(np.nan_to_num(values, nan=0.0) * 10)
    on_line = np.isclose(place, np.nan_to_num(values, nan=-1.0) * 10) & (place >= 40) & (place <= 53)
    return np.where(on_line, lines[np.where(on_line, place - 40, 0).astype(np.intp)], np.nan)


def worse(right: Floats, left: Floats) -> tuple[Floats, Codes]:
    """The lower acuity of the two eyes and which eye it is (:data:`WORSE_EYES`); missing unless both are known."""
    value = np.minimum(right, left)
    with np.errstate(invalid="ignore"):
        which = np.select([right < left, left < right, right == left], [1, 2, 3], default=0).astype(np.int8)
    return value, which


def low_acuity(five_mark: Floats) -> Codes:
    """Grade of one eye's (or the worse eye's) uncorrected acuity, for ages from 6 years; 0 where missing."""
    with np.errstate(invalid="ignore"):
        tenth = np.floor(five_mark * 10 + _NOISE)
        return np.select([tenth >= 50, tenth >= 49, tenth >= 46, tenth < 46], [1, 2, 3, 4], default=0).astype(np.int8)


def warning_level(five_mark: Floats, age_months: Floats) -> Floats:
    """Acuity warning level by age: 0 to 3, -1 for no warning, NaN where age or acuity is missing or age is under 3
    years.

    Limits of one public implementation (``myopia_rules.csv``); not seen in an official text.
    """
    with np.errstate(invalid="ignore"):
        found = np.where(np.isnan(five_mark) | np.isnan(age_months) | (age_months < 36), np.nan, -1.0)
        for low, high, cuts in (
            (36, 48, {0: 4.9, 1: 4.8, 2: 4.7, 3: 4.6}),
            (48, 60, {0: 5.0, 1: 4.9, 2: 4.8, 3: 4.7}),
            (60, np.inf, {1: 5.0, 2: 4.9, 3: 4.8}),
        ):
            inside = (age_months >= low) & (age_months < high)
            for level, cut in cuts.items():
                found = np.where(inside & (five_mark < cut - _NOISE), level, found)
    return found
