"""WHO Reference 2007: z-scores from 60 to 228 months, as WHO's R package ``anthroplus`` gives them.

Height and BMI for age from 60 to 228 months inclusive, weight for age from 60 to 120 (the published
tables begin at 61; the package carries month 60 and scores it, and the open sample agrees). L, M, S are interpolated
linearly between whole months. Weight and BMI use the restricted score beyond ±3 SD (height has L = 1) and are missing
with oedema. Scores are rounded to two decimals, then flagged: height beyond ±6, weight below -6 or above 5, BMI beyond
±5. A height or weight of 0 gives, as in WHO's package, a far and therefore flagged score; a BMI over a height of 0
none.

Source: de Onis et al., Bulletin of the WHO 85 (2007) 660-667; numbers of WHO's R package ``anthroplus`` 1.0.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from qingmiao.standards.columns import Codes, Column, Columns, Floats, Table
from qingmiao.standards.growth.blocks import in_blocks
from qingmiao.standards.growth.inputs import WITH_OEDEMA, age_in_months, measurement, sexes, weight_of
from qingmiao.standards.growth.lms import LIMIT, blank_flags, possible, restrict, round2, set_flags
from qingmiao.standards.growth.reasons import ScoreReason
from qingmiao.standards.growth.tables import LmsTable, lms_table, read

STANDARD: Final = "WHO 2007"
FIRST_MONTH: Final = 60


@dataclass(frozen=True, slots=True)
class SchoolScore:
    """One score: its columns are ``z<code> f<code> r<code>``; ``last`` is the last scored age in months."""

    code: str
    label_zh: str
    last: int
    low: float
    high: float
    by_weight: bool


MEASURES: Final = (
    SchoolScore("hfa", "年龄别身高", 228, -6, 6, by_weight=False),
    SchoolScore("wfa", "年龄别体重", 120, -6, 5, by_weight=True),
    SchoolScore("bfa", "年龄别体质指数", 228, -5, 5, by_weight=True),
)


@cache
def month_table(measure: str) -> LmsTable:
    """L, M, S of ``hfa wfa bfa`` by whole month from 60."""
    return lms_table(read("who2007_lms_month.csv"), measure, first=FIRST_MONTH)


def score_arrays(
    sex: Codes,
    age_months: Floats,
    height: Floats,
    weight: Floats,
    oedema: Codes | None = None,
    *,
    reasons: bool = False,
    threads: int = 2,
) -> dict[str, Column]:
    """Scores of n children; all inputs (n,): sex 1/2, exact months, cm, kg, oedema 1 yes.

    ``z*`` float64 with NaN, ``f*`` masked int8, ``cbmi`` kg/m2, ``r*`` int8 codes of ``ScoreReason`` with ``reasons``.
    """
    n = len(sex)
    z = {measure.code: np.empty(n) for measure in MEASURES}
    flags = {measure.code: blank_flags(n) for measure in MEASURES}
    codes = {measure.code: np.zeros(n, dtype=np.int8) for measure in MEASURES}
    cbmi = np.empty(n)

    def work(rows: slice) -> None:
        metres = height[rows] / 100
        cbmi[rows] = weight[rows] / (metres * metres)
        puffy = np.zeros(1, dtype=bool) if oedema is None else oedema[rows] == WITH_OEDEMA
        for measure, y in zip(MEASURES, (height[rows], weight[rows], cbmi[rows]), strict=True):
            hidden = puffy & measure.by_weight
            score = _score(measure, sex[rows], age_months[rows], np.where(hidden, np.nan, possible(y)))
            z[measure.code][rows] = score
            set_flags(flags[measure.code], rows, score, measure.low, measure.high)
            if reasons:
                codes[measure.code][rows] = np.where(
                    np.isnan(score), _reasons(measure, sex[rows], age_months[rows], y, hidden), 0
                )

    in_blocks(n, work, threads=threads)
    cbmi[np.isinf(cbmi)] = np.nan  # over a height of 0, or of an infinite entry
    result: dict[str, Column] = {f"z{code}": scores for code, scores in z.items()}
    result |= {f"f{code}": flag for code, flag in flags.items()} | {"cbmi": cbmi}
    if reasons:
        result |= {f"r{code}": column for code, column in codes.items()}
    return result


def _score(measure: SchoolScore, sex: Codes, age: Floats, y: Floats) -> Floats:
    table = month_table(measure.code)
    valid = (sex > 0) & (age >= FIRST_MONTH) & (age <= measure.last)
    month = np.where(valid, np.trunc(age), FIRST_MONTH)
    share = np.where(valid, age - month, 0.0)
    row = np.where(valid, month - FIRST_MONTH + (sex == 2) * float(table.count), table.sentinel).astype(np.intp)
    above = np.where(share > 0, row + 1, row)
    l, m, s = (values.take(row) for values in (table.l, table.m, table.s))  # noqa: E741
    l += share * (table.l.take(above) - l)  # noqa: E741
    m += share * (table.m.take(above) - m)
    s += share * (table.s.take(above) - s)
    z: Floats = ((y / m) ** l - 1) / (s * l)
    if measure.by_weight:
        far = np.flatnonzero(np.abs(z) > 3)
        if far.size:
            z[far] = restrict(z[far], y[far], l[far], m[far], s[far])
    return round2(z)


def _reasons(measure: SchoolScore, sex: Codes, age: Floats, y: Floats, hidden: Column) -> Codes:
    conditions = {
        ScoreReason.SEX_MISSING: sex == 0,
        ScoreReason.SEX_UNKNOWN: sex < 0,
        ScoreReason.AGE_MISSING: np.isnan(age),
        ScoreReason.AGE_OUT_OF_RANGE: ~((age >= FIRST_MONTH) & (age <= measure.last)),
        ScoreReason.VALUE_MISSING: np.isnan(y),
        ScoreReason.VALUE_IMPLAUSIBLE: ~((y >= 0) & (y < LIMIT)),
        ScoreReason.OEDEMA: np.broadcast_to(hidden, sex.shape),
    }
    codes = np.select(list(conditions.values()), [int(reason) for reason in conditions], 0)
    return codes.astype(np.int8)


def score_who2007(table: Table, *, reasons: bool = True, threads: int = 2) -> Table:
    """Score a table of children from 60 to 228 months; the same kind of table comes back with columns added.

    Reads (n rows; * needed): ``sex``* m/f/1/2, ``age_months`` (exact) or ``age_days``, ``height_cm`` (or
    ``lenhei_cm``), ``weight_kg``, ``oedema`` y/n/1/2. Adds ``zhfa zwfa zbfa`` (two decimals), ``fhfa fwfa fbfa``,
    ``cbmi`` and with ``reasons`` the codes ``rhfa rwfa rbfa``. Nothing in a row raises: what cannot be scored is
    missing.
    """
    columns = Columns(table)
    columns.require("sex")
    weight, oedema = weight_of(columns, flagged=True)
    scores = score_arrays(
        sexes(columns),
        age_in_months(columns),
        measurement(columns, "height_cm" if "height_cm" in columns else "lenhei_cm", flagged=True),
        weight,
        oedema if "oedema" in columns else None,
        reasons=reasons,
        threads=threads,
    )
    return columns.with_columns(scores)
