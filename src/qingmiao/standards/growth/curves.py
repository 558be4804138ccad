"""SD curves of a norm for drawing: x (months or cm) and the value at each SD."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from qingmiao.standards.columns import Floats
from qingmiao.standards.growth import who2006, who2007, wst423
from qingmiao.standards.growth.inputs import DAYS_PER_MONTH
from qingmiao.standards.growth.tables import LmsTable, lms_table, read

SDS: Final = (-3, -2, -1, 0, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Curves:
    """``values[i, j]`` at ``x[i]`` for ``SDS[j]``; ``standard`` names the norm."""

    standard: str
    measure: str
    sex: int
    x: Floats
    values: Floats


MEASURES: Final = {
    "who2006": ("lhfa", "wfa", "bfa", "hcfa", "acfa", "tsfa", "ssfa", "wfl", "wfh"),
    "who2007": ("hfa", "wfa", "bfa"),
    "wst423": ("lhfa", "wfa", "bfa", "hcfa", "wfl", "wfh"),
}


@cache
def curves(standard: str, measure: str, sex: int) -> Curves:
    """Curves of a ``measure`` in :data:`MEASURES` of ``who2006``, ``who2007`` or ``wst423``; ``sex`` 1 male, 2
    female."""
    if measure not in MEASURES.get(standard, ()):
        raise ValueError(f"{standard} has no curves of {measure!r}")
    if sex not in (1, 2):
        raise ValueError("sex is 1 (male) or 2 (female)")
    if standard == "wst423":
        grades = wst423.table(measure)
        return Curves(wst423.STANDARD, measure, sex, grades.x, grades.values[sex - 1])
    if standard == "who2007":
        return _from_lms(who2007.STANDARD, measure, sex, who2007.month_table(measure), 1.0)
    if measure in ("wfl", "wfh"):
        table = lms_table(read("who2006_lms_length_height.csv"), measure, step=0.1)
        return _from_lms(who2006.STANDARD, measure, sex, table, 1.0)
    return _from_lms(who2006.STANDARD, measure, sex, who2006.age_table(measure), 1 / DAYS_PER_MONTH)


def _from_lms(standard: str, measure: str, sex: int, table: LmsTable, unit: float) -> Curves:
    rows = slice((sex - 1) * table.count, sex * table.count)
    x = (table.first + table.step * np.arange(table.count)) * unit
    values = np.stack([table.sd(sd)[rows] for sd in SDS], axis=1)
    known = ~np.isnan(values[:, 3])
    x, values = x[known], values[known]
    every = max(1, len(x) // 240)
    keep = np.unique(np.append(np.arange(0, len(x), every), len(x) - 1))
    return Curves(standard, measure, sex, x[keep], values[keep])
