"""Scores of the national student fitness standard over columns of measurements.

Rules (国家学生体质健康标准, 2014; numbers and rounding as in the data folder's sources): an item's score is the best row
whose threshold the rounded measurement reaches, 0 below the lowest row; the standard score is the weighted mean;
bonus points are added after it; the level is read from the total rounded to one decimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards import norm_tables
from qingmiao.standards.columns import Codes, Floats
from qingmiao.standards.fitness import tables
from qingmiao.standards.words import SEX

SprintRounding = Literal["half_up", "truncate", "up"]

ITEM_REASONS = ("", "not_tested", "missing", "implausible", "exempt", "unknown_group", "unreadable")
"""Why an item has no score, by code: 0 is scored."""
NOT_TESTED, MISSING, IMPLAUSIBLE, EXEMPT, UNKNOWN_GROUP, UNREADABLE = range(1, 7)

STATES = (
    "scored", "incomplete", "exempt", "missing_grade", "unknown_grade", "missing_sex", "unknown_sex",
    "unreadable_exempt",
    "unreadable_item",
)  # fmt: skip
"""State of a pupil's row, by code. Only ``scored`` has a total and a level.

``unreadable_item`` is ``incomplete`` because a cell was not understood, not because it was blank (told by `sheet`)."""
INCOMPLETE, UNREADABLE_ITEM = 1, 8

LEVELS = ("", "excellent", "good", "pass", "fail")
EXEMPT_MEANING: Mapping[str, int] = {
    **dict.fromkeys(("true", "1", "yes", "y", "是", "免", "免予执行", "免测"), 1),
    **dict.fromkeys(("false", "0", "no", "n", "否"), 2),
}
SEX_MEANING = SEX

# A decimal such as 10.35 is stored a little below itself; this lifts it back before a half is rounded up. The
# nearest value that is not a half lies more than a hundred times further away for one-gram and one-millimetre inputs.
_NUDGE = 1e-9


@dataclass(frozen=True, slots=True)
class SheetScores:
    """Scores of n pupils; every array has length n. Missing numbers are NaN."""

    bmi: Floats
    """kg/m², rounded half up to 0.1."""
    scores: Mapping[str, Floats]
    """Item code to score 0–100."""
    reasons: Mapping[str, Codes]
    """Item code to position in :data:`ITEM_REASONS`."""
    bonus: Floats
    total: Floats
    """Standard score and bonus, rounded half up to 0.1; 0–120."""
    level: Codes
    """Position in :data:`LEVELS`; 0 where there is no total."""
    state: Codes
    """Position in :data:`STATES`."""


def score_arrays(
    *,
    grade: Codes,
    sex: Codes,
    measures: Mapping[str, Floats],
    exempt: Codes | None = None,
    sprint_rounding: SprintRounding = "half_up",
) -> SheetScores:
    """Score n pupils: every item, bonus, total and level.

    ``grade`` is the position in ``grades.csv`` from 1, ``sex`` 1 for M and 2 for F; 0 is blank and -1 unknown.
    ``measures`` holds ``height_cm``, ``weight_kg`` and the items' measurements (mL, s, cm, repetitions), NaN where
    missing; an absent key is missing for all. ``exempt`` is 1 for a pupil exempted from the whole test, 0 or 2
    otherwise, -1 unreadable.

    Rounding: BMI, sit-and-reach and 50 m to 0.1, other measurements to 1, half up. The standard's sources differ for
    a 50 m time with two decimals: ``sprint_rounding`` names the rule (``half_up``; ``truncate`` as the base source
    does; ``up`` as the test manual is said to do). It matters for no time that is given to 0.1 s.

    A required item that is missing, implausible (outside ``plausible.csv``; a repetition count with a fraction) gives
    no total and state ``incomplete``: it is never counted as 0. Items that the group does not do are ignored.
    """
    count = grade.shape[0]
    last = tables.group_count()
    known = (grade > 0) & (sex > 0)
    group = np.where(known, 2 * (grade.astype(np.intp) - 1) + sex - 1, last)
    exempted = np.zeros(count, dtype=bool) if exempt is None else exempt == 1
    nothing = np.full(count, np.nan)

    bmi_steps, bmi_reason = _bmi_steps(measures.get("height_cm", nothing), measures.get("weight_kg", nothing))
    hundredths = np.zeros(count, dtype=np.int32)
    bonus = np.zeros(count, dtype=np.int32)
    incomplete = np.zeros(count, dtype=bool)
    scores: dict[str, Floats] = {}
    reasons: dict[str, Codes] = {}
    for table in tables.items():
        if table.item == "bmi":
            steps, reason = bmi_steps, bmi_reason
        elif table.item in measures:
            rounding = sprint_rounding if table.item == "run_50m" else "half_up"
            steps, reason = _steps(measures[table.item], table, rounding)
        else:
            steps, reason = np.zeros(count, dtype=np.intp), np.full(count, MISSING, dtype=np.int8)
        width = table.scores.shape[1]
        place = group * width + steps
        points = table.scores.ravel().take(place)
        weight = table.weights.take(group)
        reason = np.where(weight == 0, NOT_TESTED, reason).astype(np.int8)
        reason[~known] = UNKNOWN_GROUP
        reason[exempted] = EXEMPT
        scored = reason == 0
        incomplete |= (reason == MISSING) | (reason == IMPLAUSIBLE)
        hundredths += np.where(scored, weight * points, 0)
        if table.has_bonus:
            bonus += np.where(scored, table.bonus.ravel().take(place), 0)
        scores[table.item] = np.where(scored, points, np.nan)
        reasons[table.item] = reason

    state = _state(grade, sex, exempt, exempted, incomplete)
    complete = state == 0
    tenths = (np.minimum(hundredths, 10_000) + 100 * bonus + 5) // 10
    return SheetScores(
        bmi=np.where(bmi_reason == 0, bmi_steps / 10, np.nan),
        scores=scores,
        reasons=reasons,
        bonus=np.where(known & ~exempted & ~_bonus_missing(reasons, group), bonus, np.nan),
        total=np.where(complete, tenths / 10, np.nan),
        level=np.where(complete, _level_codes().take(np.clip(tenths, 0, 1200)), 0).astype(np.int8),
        state=state,
    )


def _bmi_steps(height_cm: Floats, weight_kg: Floats) -> tuple[NDArray[np.intp], Codes]:
    """BMI in tenths, rounded half up, and the reason code."""
    absent = np.isnan(height_cm) | np.isnan(weight_kg)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        tall, heavy = tables.plausible("height_cm"), tables.plausible("weight_kg")
        fine = (height_cm >= tall[0]) & (height_cm <= tall[1]) & (weight_kg >= heavy[0]) & (weight_kg <= heavy[1])
        tenths = np.floor(weight_kg * 100_000 / (height_cm * height_cm) + (0.5 + _NUDGE))
    fine &= tenths <= tables.item("bmi").high
    steps = np.where(fine, tenths, 0).astype(np.intp)
    return steps, np.where(absent, MISSING, np.where(fine, 0, IMPLAUSIBLE)).astype(np.int8)


def _steps(values: Floats, table: tables.ItemTable, rounding: SprintRounding) -> tuple[NDArray[np.intp], Codes]:
    """Measurements as positions in the item's table, and the reason codes."""
    with np.errstate(invalid="ignore"):
        scaled = values * table.per_unit
        if rounding == "half_up":
            steps = np.copysign(np.floor(np.abs(scaled) + (0.5 + _NUDGE)), scaled)  # a half away from zero, as 四舍五入
        elif rounding == "truncate":
            steps = np.floor(scaled + _NUDGE)
        else:
            steps = np.ceil(scaled - _NUDGE)
        fine = (steps >= table.low) & (steps <= table.high)
        if table.counted:
            fine &= steps == values
    place = np.where(fine, steps - table.low, 0).astype(np.intp)
    return place, np.where(fine, 0, np.where(np.isnan(values), MISSING, IMPLAUSIBLE)).astype(np.int8)


def _bonus_missing(reasons: Mapping[str, Codes], group: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Pupils whose bonus is unknown because an item with bonus points was not measured."""
    missing = np.zeros(next(iter(reasons.values())).shape[0], dtype=bool)
    for table in tables.items():
        if table.has_bonus:
            reason = reasons[table.item]
            missing |= (table.gives_bonus.take(group)) & ((reason == MISSING) | (reason == IMPLAUSIBLE))
    return missing


def _state(
    grade: Codes, sex: Codes, exempt: Codes | None, exempted: NDArray[np.bool_], incomplete: NDArray[np.bool_]
) -> Codes:
    state = np.where(incomplete, 1, 0).astype(np.int8)
    state[sex < 0], state[sex == 0] = 6, 5
    state[grade < 0], state[grade == 0] = 4, 3
    if exempt is not None:
        state[exempt < 0] = 7
    state[exempted] = 2
    return state


@cache
def _level_codes() -> Codes:
    """Level code for every total in tenths from 0 to 1200."""
    codes = np.zeros(1201, dtype=np.int8)
    for row in norm_tables.rows(tables.SUBJECT, "levels.csv"):
        low = round(float(row["total_min_incl"]) * 10) if row["total_min_incl"] else 0
        high = round(float(row["total_max_incl"]) * 10) if row["total_max_incl"] else 1200
        codes[low : high + 1] = LEVELS.index(row["level"])
    return codes
