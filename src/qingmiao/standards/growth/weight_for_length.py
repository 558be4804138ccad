"""WHO 2006 weight-for-length and weight-for-height: tables by tenths of a centimetre, interpolated between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes, Floats
from qingmiao.standards.growth.lms import LIMIT, restrict, round2
from qingmiao.standards.growth.tables import lms_table, read

LYING_BELOW_CM: Final = 87.0
"""Without age and position, a child shorter than this is taken as measured lying."""
LYING_CM: Final = (45.0, 110.0)
STANDING_CM: Final = (65.0, 120.0)


@dataclass(frozen=True, slots=True)
class _Tables:
    """Both tables of both sexes in one: rows of sex 1 lying, 1 standing, 2 lying, 2 standing; the last row is NaN."""

    l: Floats  # noqa: E741
    m: Floats
    s: Floats
    lying: int
    standing: int


@cache
def _tables() -> _Tables:
    rows = read("who2006_lms_length_height.csv")
    lying = lms_table(rows, "wfl", step=0.1)
    standing = lms_table(rows, "wfh", step=0.1)
    parts = {}
    for name in ("l", "m", "s"):
        a, b = getattr(lying, name)[:-1], getattr(standing, name)[:-1]
        parts[name] = np.concatenate(
            [a[: lying.count], b[: standing.count], a[lying.count :], b[standing.count :], [np.nan]]
        )
    return _Tables(**parts, lying=lying.count, standing=standing.count)


def scores(sex: Codes, weight: Floats, length: Floats, lying: NDArray[np.bool_], outside: NDArray[np.bool_]) -> Floats:
    """z-scores (n,) rounded to two decimals; ``length`` cm already turned to the position that ``lying``
    says; ``outside``: the known age is not in the norm.

    NaN for a length outside the table, a negative or missing weight, an unknown sex. A weight of 0 gives, as in WHO's
    package, a far and therefore flagged score.
    """
    tables = _tables()
    valid = np.where(lying, (length >= 45) & (length <= 110), (length >= 65) & (length <= 120))
    valid &= (sex > 0) & ~outside & (weight >= 0) & (weight < LIMIT)
    tenths = np.where(valid, length, 50.0) * 10
    low = np.trunc(tenths)
    high = np.trunc(tenths + 1)  # as WHO computes it: not always low + 1 once a tenth is not exact
    share = np.maximum((length - low / 10) / 0.1, 0.0)
    start = np.where(lying, -450.0, tables.lying - 650.0)
    start += (sex == 2) * float(tables.lying + tables.standing)
    none = len(tables.l) - 1
    at = np.where(valid, low + start, none).astype(np.intp)
    above = np.where(valid & (share > 0), high + start, at).astype(np.intp)
    l, m, s = tables.l.take(at), tables.m.take(at), tables.s.take(at)  # noqa: E741
    m += share * (tables.m.take(above) - m)
    s += share * (tables.s.take(above) - s)
    z = weight / m
    np.power(z, l, out=z)
    z -= 1
    z /= s * l
    far = np.flatnonzero(np.abs(z) > 3)
    if far.size:
        z[far] = restrict(z[far], weight[far], l[far], m[far], s[far])
    return round2(z)
