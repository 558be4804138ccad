"""The LMS arithmetic that WHO's norms share: z-score, restricted z-score, rounding to two decimals.

z = ((y / M)^L - 1) / (S L). For weight-based measures WHO does not trust the fitted tails: beyond ±3 SD the distance is
counted in units of the gap between the second and third SD of the child's age ("restricted application", WHO Child
Growth Standards 2006, Methods and development, chapter 7).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Floats
from qingmiao.standards.growth.tables import LmsTable

Flags: TypeAlias = "np.ma.MaskedArray[Any, np.dtype[np.int8]]"
"""1 implausible, 0 not; masked where there is no score."""

LIMIT = 1e6
"""No measure of a child, in any unit used here, reaches a million: from there on it is implausible, not scored."""

_TIE = 0.5 - 1e-6


def age_scores(table: LmsTable, y: Floats, row: NDArray[np.intp], *, restricted: bool, linear: bool) -> Floats:
    """z-scores of ``y`` (n,) at ``row`` (n,) of ``table``, rounded to two decimals.

    ``y`` is positive or NaN (:func:`positive`). ``linear`` says that L is 1 throughout (length/height, head
    circumference), which needs no power.
    """
    z = y / table.m.take(row)
    if linear:
        z -= 1.0
        z /= table.s.take(row)
    else:
        np.power(z, table.l.take(row), out=z)
        z -= 1.0
        z /= table.sl.take(row)
    if restricted:
        far = np.flatnonzero(np.abs(z) > 3)
        if far.size:
            at = row[far]
            z[far] = restrict(z[far], y[far], table.l[at], table.m[at], table.s[at])
    return round2(z)


def restrict(z: Floats, y: Floats, l: Floats, m: Floats, s: Floats) -> Floats:  # noqa: E741
    """The restricted z-score of rows beyond ±3 SD (those alone are to be passed)."""
    sign = np.where(z > 0, 1.0, -1.0)
    third = m * (1 + l * s * (3 * sign)) ** (1 / l)
    gap = third - m * (1 + l * s * (2 * sign)) ** (1 / l)
    restricted: Floats = sign * 3 + (y - third) / (gap * sign)
    return restricted


def round2(z: Floats) -> Floats:
    """Two decimals as R rounds: the nearer of the two neighbours, the even one when equally near; never -0.0.

    R compares with the neighbours as they are stored, so a score like 0.285 need not go up. Only scores within 1e-8 of
    a half need that care. NaN stays NaN; ``z`` is finite otherwise.
    """
    scaled = z * 100.0
    whole = np.rint(scaled)
    scaled -= whole
    ties = np.flatnonzero(np.abs(scaled) > _TIE)
    whole /= 100.0
    whole += 0.0
    if ties.size:
        size = np.abs(z[ties])
        below = np.floor(size * 100.0)
        low, high = below / 100.0, np.ceil(size * 100.0) / 100.0
        down = (size - low < high - size) | ((size - low == high - size) & (below % 2 == 0))
        whole[ties] = np.copysign(np.where(down, low, high), z[ties])
    return whole


def half_up(x: Floats) -> Floats:
    """Whole number nearest to ``x`` >= 0, halves up (WHO's rule for ages)."""
    whole: Floats = np.floor(x)
    whole += (x - whole) >= 0.5
    return whole


def positive(y: Floats) -> Floats:
    """``y`` where it is above zero and below :data:`LIMIT`, else NaN."""
    return np.where((y > 0) & (y < LIMIT), y, np.nan)


def possible(y: Floats) -> Floats:
    """``y`` where it is zero or above and below :data:`LIMIT`, else NaN."""
    return np.where((y >= 0) & (y < LIMIT), y, np.nan)


def blank_flags(n: int) -> Flags:
    """n flags, all masked."""
    return np.ma.MaskedArray(np.zeros(n, dtype=np.int8), mask=np.ones(n, dtype=bool))


def set_flags(flags: Flags, rows: slice, z: Floats, low: float, high: float) -> None:
    """Flag the rows' scores below ``low`` or above ``high``; missing scores stay masked."""
    np.logical_or(z < low, z > high, out=flags.data[rows].view(np.bool_))
    np.isnan(z, out=np.ma.getmaskarray(flags)[rows])
