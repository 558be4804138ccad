"""WHO Child Growth Standards (2006, 2007): z-scores from birth to the fifth birthday, as WHO's own R package gives
them.

The rules, in the order in which they apply:

1. Age in days is rounded half up (months x 30.4375 first). Scores are given below 60 months exactly (age < 1826.25
   days), so the last scored day is 1826.
2. A child under 9 months said to be measured standing is taken as wrongly noted: ``c9mo_flag`` is 1 and the length is
   used as it is. Otherwise standing height below 731 days gets + 0.7 cm, lying length from 731 days gets - 0.7 cm.
   The result is ``clenhei``; BMI (``cbmi``) uses it.
3. Weight-for-length below 731 days (45-110 cm), weight-for-height from 731 days (65-120 cm); without an age by
  position, and without that lying below 87 cm. L, M, S between tenths of a centimetre are interpolated linearly.
4. Weight, weight-for-length/height, BMI, arm circumference and skinfolds use the restricted score beyond ±3 SD.
   Length/height and head circumference have L = 1, where both forms are the same.
5. With oedema the weight, weight-for-length/height and BMI scores are missing.
6. Scores are rounded to two decimals, then flagged as implausible outside the limits in :data:`MEASURES`.

Source: WHO Child Growth Standards, Methods and development (2006, 2007); numbers of WHO's R package ``anthro`` 1.1.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes, Column, Columns, Floats, Table
from qingmiao.standards.growth import weight_for_length
from qingmiao.standards.growth.blocks import in_blocks
from qingmiao.standards.growth.inputs import (
    DAYS_PER_MONTH,
    LYING,
    STANDING,
    WITH_OEDEMA,
    age_in_days,
    length_measured,
    measurement,
    sexes,
    weight_of,
    whole_days,
)
from qingmiao.standards.growth.lms import LIMIT, age_scores, blank_flags, positive, set_flags
from qingmiao.standards.growth.reasons import ScoreReason
from qingmiao.standards.growth.tables import LmsTable, lms_table, read

STANDARD: Final = "WHO 2006"
AGE_LIMIT_DAYS: Final = 60 * DAYS_PER_MONTH
"""Exclusive: 1826.25."""
LAST_DAY: Final = 1826
TWO_YEARS_DAYS: Final = 731
NINE_MONTHS_DAYS: Final = 9 * DAYS_PER_MONTH
POSITION_CM: Final = 0.7
"""How much longer a child is lying than standing."""


@dataclass(frozen=True, slots=True)
class InfantScore:
    """One score: ``code`` makes its columns ``z<code> f<code> r<code>``; ``low`` and ``high`` are the flag limits."""

    code: str
    label_zh: str
    table: str | None
    value: Literal["length", "weight", "bmi", "headc", "armc", "triskin", "subskin"]
    low: float
    high: float
    restricted: bool
    by_weight: bool = False
    linear: bool = False


MEASURES: Final = (
    InfantScore("len", "年龄别身长/身高", "lhfa", "length", -6, 6, restricted=False, linear=True),
    InfantScore("wei", "年龄别体重", "wfa", "weight", -6, 5, restricted=True, by_weight=True),
    InfantScore("wfl", "身长/身高别体重", None, "weight", -5, 5, restricted=True, by_weight=True),
    InfantScore("bmi", "年龄别体质指数", "bfa", "bmi", -5, 5, restricted=True, by_weight=True),
    InfantScore("hc", "年龄别头围", "hcfa", "headc", -5, 5, restricted=False, linear=True),
    InfantScore("ac", "年龄别上臂围", "acfa", "armc", -5, 5, restricted=True),
    InfantScore("ts", "年龄别肱三头肌皮褶厚度", "tsfa", "triskin", -5, 5, restricted=True),
    InfantScore("ss", "年龄别肩胛下皮褶厚度", "ssfa", "subskin", -5, 5, restricted=True),
)
"""Flag limits: a score below ``low`` or above ``high`` is flagged 1."""


@cache
def age_table(measure: str) -> LmsTable:
    """L, M, S by day 0-1826 of ``lhfa wfa bfa hcfa acfa tsfa ssfa`` (the last three from day 91)."""
    return lms_table(_age_file(), measure, first=0)


@cache
def _age_file() -> Table:
    return read("who2006_lms_age_day.csv")


@dataclass(frozen=True, slots=True)
class MeasuredChildren:
    """Measurements of n children, all (n,): the array form of the input table.

    ``age_days`` exact; cm, kg, mm (skinfolds); NaN missing. ``sex`` 1/2, ``measured`` 1 lying 2 standing, ``oedema``
    1 yes; 0 missing, -1 unknown. ``None`` = the whole column is absent.
    """

    sex: Codes
    age_days: Floats
    weight: Floats | None = None
    length: Floats | None = None
    measured: Codes | None = None
    headc: Floats | None = None
    armc: Floats | None = None
    triskin: Floats | None = None
    subskin: Floats | None = None
    oedema: Codes | None = None

    def part(self, rows: slice) -> MeasuredChildren:
        """The children of some rows (views, not copies)."""

        def cut(column: Any) -> Any:  # one type in, the same type out
            return None if column is None else column[rows]

        return MeasuredChildren(
            self.sex[rows],
            self.age_days[rows],
            cut(self.weight),
            cut(self.length),
            cut(self.measured),
            cut(self.headc),
            cut(self.armc),
            cut(self.triskin),
            cut(self.subskin),
            cut(self.oedema),
        )


def children_of(table: Table | Columns) -> MeasuredChildren:
    """Read ``sex age_days|age_months weight_kg lenhei_cm measure headc_cm armc_cm triskin_mm subskin_mm oedema``."""
    columns = Columns(table)
    columns.require("sex")

    def floats(name: str) -> Floats | None:
        return measurement(columns, name, flagged=True) if name in columns else None

    length, measured = length_measured(columns, "lenhei_cm", flagged=True)
    weight, oedema = weight_of(columns, flagged=True)
    return MeasuredChildren(
        sex=sexes(columns),
        age_days=age_in_days(columns),
        weight=weight if "weight_kg" in columns else None,
        length=length if "lenhei_cm" in columns else None,
        measured=measured if "measure" in columns else None,
        headc=floats("headc_cm"),
        armc=floats("armc_cm"),
        triskin=floats("triskin_mm"),
        subskin=floats("subskin_mm"),
        oedema=oedema if "oedema" in columns else None,
    )


def score_arrays(children: MeasuredChildren, *, reasons: bool = False, threads: int = 2) -> dict[str, Column]:
    """Scores of n children as columns ``z* f* clenhei cbmi c9mo_flag`` (and ``r*`` with ``reasons``).

    ``z*`` float64 with NaN, ``f*`` masked int8 (masked where the score is missing), ``c9mo_flag`` int8, ``r*`` int8
    codes of :class:`~qingmiao.standards.growth.reasons.ScoreReason`. ``measured`` missing is lying below 731 days,
    standing after.
    """
    n = len(children.sex)
    out = {measure.code: np.empty(n) for measure in MEASURES}
    flags = {measure.code: blank_flags(n) for measure in MEASURES}
    clenhei, cbmi = np.empty(n), np.empty(n)
    nine = np.empty(n, dtype=np.int8)
    codes = {measure.code: np.zeros(n, dtype=np.int8) for measure in MEASURES} if reasons else None

    def work(rows: slice) -> None:
        block = children.part(rows)
        scores, clenhei[rows], cbmi[rows], nine[rows] = _score_block(block)
        for measure in MEASURES:
            z = scores[measure.code]
            out[measure.code][rows] = z
            set_flags(flags[measure.code], rows, z, measure.low, measure.high)
            if codes is not None:
                codes[measure.code][rows] = _reasons(measure, block, z, clenhei[rows], cbmi[rows])

    in_blocks(n, work, threads=threads)
    for derived in (clenhei, cbmi):
        derived[np.isinf(derived)] = np.nan  # over a length of 0, or of an infinite entry
    result: dict[str, Column] = {}
    for measure in MEASURES:
        result |= {f"z{measure.code}": out[measure.code], f"f{measure.code}": flags[measure.code]}
    result |= {"clenhei": clenhei, "cbmi": cbmi, "c9mo_flag": nine}
    if codes is not None:
        result |= {f"r{code}": column for code, column in codes.items()}
    return result


def _score_block(block: MeasuredChildren) -> tuple[Mapping[str, Floats], Floats, Floats, Codes]:
    n = len(block.sex)
    missing = np.full(n, np.nan)
    days = whole_days(block.age_days)
    young = days < TWO_YEARS_DAYS
    length, nine = _lying_or_standing(block, days, young)
    weight = block.weight if block.weight is not None else missing
    metres = length / 100
    bmi = weight / (metres * metres)
    in_norm = (block.age_days < AGE_LIMIT_DAYS) & (days >= 0) & (block.sex > 0)
    row = np.where(in_norm, days + (block.sex == 2) * (LAST_DAY + 1.0), 2.0 * (LAST_DAY + 1)).astype(np.intp)
    fine = None if block.oedema is None else np.where(block.oedema == WITH_OEDEMA, np.nan, 1.0)
    values = {"length": length, "weight": weight, "bmi": bmi}
    scores: dict[str, Floats] = {}
    for measure in MEASURES:
        y = values.get(measure.value, getattr(block, measure.value, None))
        if y is None or (measure.by_weight and block.weight is None):
            scores[measure.code] = missing
            continue
        if measure.by_weight and fine is not None:
            y = y * fine
        if measure.table is None:
            young_or_lying = _uses_length_table(block, length, young)
            outside = (block.age_days >= AGE_LIMIT_DAYS) | (block.age_days < 0)
            scores[measure.code] = weight_for_length.scores(block.sex, y, length, young_or_lying, outside)
        else:
            table = age_table(measure.table)
            scores[measure.code] = age_scores(
                table, positive(y), row, restricted=measure.restricted, linear=measure.linear
            )
    return scores, length, bmi, nine


def _lying_or_standing(block: MeasuredChildren, days: Floats, young: NDArray[np.bool_]) -> tuple[Floats, Codes]:
    n = len(block.sex)
    length = block.length if block.length is not None else np.full(n, np.nan)
    if block.measured is None:
        return length, np.zeros(n, dtype=np.int8)
    standing = block.measured == STANDING
    wrong = standing & (block.age_days < NINE_MONTHS_DAYS)
    add = standing & young & ~wrong
    take = (block.measured == LYING) & (days >= TWO_YEARS_DAYS)
    return length + POSITION_CM * add - POSITION_CM * take, wrong.astype(np.int8)


def _uses_length_table(block: MeasuredChildren, length: Floats, young: NDArray[np.bool_]) -> NDArray[np.bool_]:
    known = ~np.isnan(block.age_days)
    if known.all():
        return young
    by_size = length < weight_for_length.LYING_BELOW_CM
    if block.measured is None:
        return np.where(known, young, by_size)
    by_position = np.where(block.measured > 0, block.measured == LYING, by_size)
    return np.where(known, young, by_position)


def _reasons(measure: InfantScore, block: MeasuredChildren, z: Floats, length: Floats, bmi: Floats) -> Codes:
    """Why each missing score is missing; the first reason that holds, in the order of the lines."""
    codes = np.zeros(len(z), dtype=np.int8)
    rows = np.flatnonzero(np.isnan(z))
    if not rows.size:
        return codes
    sex, age = block.sex[rows], block.age_days[rows]
    wfl = measure.table is None
    y = {"length": length, "weight": block.weight, "bmi": bmi}.get(measure.value, getattr(block, measure.value, None))
    value = np.full(len(rows), np.nan) if y is None else y[rows]
    sizes = [value, length[rows]] if wfl else [value]
    conditions = {
        ScoreReason.SEX_MISSING: sex == 0,
        ScoreReason.SEX_UNKNOWN: sex < 0,
        ScoreReason.AGE_MISSING: np.isnan(age) & (not wfl),
        ScoreReason.AGE_OUT_OF_RANGE: (age < 0) | (age >= AGE_LIMIT_DAYS),
        ScoreReason.VALUE_MISSING: np.logical_or.reduce([np.isnan(size) for size in sizes]),
        ScoreReason.VALUE_IMPLAUSIBLE: np.logical_or.reduce([~((size > 0) & (size < LIMIT)) for size in sizes]),
        ScoreReason.OEDEMA: (measure.by_weight and block.oedema is not None)
        & (np.zeros(len(rows)) == 1 if block.oedema is None else block.oedema[rows] == WITH_OEDEMA),
    }
    last = ScoreReason.LENGTH_OUT_OF_RANGE if wfl else ScoreReason.AGE_OUT_OF_RANGE  # skinfolds and arm begin at day 91
    codes[rows] = np.select(list(conditions.values()), [int(reason) for reason in conditions], int(last))
    return codes


def score_who2006(table: Table, *, reasons: bool = True, threads: int = 2) -> Table:
    """Score a table of children under 5 years; the same kind of table comes back with the score columns added.

    Reads (n rows; * needed): ``sex``* m/f/1/2, ``age_days`` or ``age_months`` (exact, not rounded), ``weight_kg``,
    ``lenhei_cm``, ``measure`` l/h, ``headc_cm``, ``armc_cm``, ``triskin_mm``, ``subskin_mm``, ``oedema`` y/n/1/2.

    Adds ``zlen zwei zwfl zbmi zhc zac zts zss`` (two decimals), flags ``f*`` (1 implausible, 0 not, missing with the
    score), ``clenhei`` cm, ``cbmi`` kg/m2, ``c9mo_flag``, and with ``reasons`` the codes ``r*`` of why a score is
    missing. Nothing in a row raises: what cannot be scored is missing. Raises ``ColumnError`` when ``sex`` is absent or
    a number column holds text.
    """
    columns = Columns(table)
    return columns.with_columns(score_arrays(children_of(columns), reasons=reasons, threads=threads))
