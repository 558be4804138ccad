"""The tables of 国家学生体质健康标准（2014年修订） as dense arrays, one row for each grade and sex.

A *group* is a grade with a sex: position ``2 * grade + sex`` in the order of ``grades.csv`` (M first); the last
position is "no known group", in which nothing is scored. A measurement becomes a whole number of *steps* (0.1 s,
0.1 cm, 1 mL, one repetition); a table answers for every step from the lowest to the highest plausible one, so a
score is one look-up however many thresholds the standard has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards import norm_tables

SUBJECT = "fitness"
SEXES = ("M", "F")
NOT_TESTED = -1
"""In a score table: this item is not part of the test of this grade and sex."""

Direction = Literal["higher", "lower", "band"]


@dataclass(frozen=True, slots=True)
class ItemTable:
    """One item: scores and bonus by group and step. ``low`` and ``high`` are the plausible steps, both inclusive."""

    item: str
    label_zh: str
    unit: str
    direction: Direction
    per_unit: int
    """Steps in one unit: 10 when the standard measures to 0.1, otherwise 1."""
    counted: bool
    """A number of repetitions: a value with a fraction cannot be right."""
    low: int
    high: int
    scores: NDArray[np.int8]
    """``[group, step - low]``; :data:`NOT_TESTED` where the group does not do the item."""
    bonus: NDArray[np.int8]
    weights: NDArray[np.int32]
    """``[group]``, percent; 0 where not tested."""
    gives_bonus: NDArray[np.bool_]
    """``[group]``: this group can earn bonus points on the item (primary sit-ups, for example, earn none)."""

    @property
    def has_bonus(self) -> bool:
        return bool(self.gives_bonus.any())


@dataclass(frozen=True, slots=True)
class Band:
    """One BMI band of a group in tenths of kg/m², both ends inclusive; ``None`` is open."""

    level: str
    score: int
    low: int | None
    high: int | None


@cache
def grades() -> tuple[str, ...]:
    """Grade codes: P1–P6, J1–J3, H1–H3, U12 and U34 (years 1–2 and 3–4 of university)."""
    return tuple(row["grade"] for row in norm_tables.rows(SUBJECT, "grades.csv"))


@cache
def grade_meaning() -> MappingProxyType[str, int]:
    """What a grade cell may say, lower case, and its number from 1: the code, a name (``grade_names.csv``) or the
    ministry's code."""
    found: dict[str, int] = {}
    for number, row in enumerate(norm_tables.rows(SUBJECT, "grades.csv"), start=1):
        found[row["grade"].lower()] = number
        found[row["label_zh"]] = number
    for row in norm_tables.rows(SUBJECT, "grade_names.csv"):
        found[row["name"]] = grades().index(row["grade"]) + 1
    return MappingProxyType(found)


def group(grade: str, sex: str) -> int:
    """Position of a grade and sex in every table."""
    return 2 * grades().index(grade) + SEXES.index(sex)


@cache
def group_count() -> int:
    """Groups of the standard, without the last "no known group" row."""
    return 2 * len(grades())


@cache
def bmi_bands() -> MappingProxyType[tuple[str, str], tuple[Band, ...]]:
    """BMI bands by grade and sex, in the order of the data file (normal, underweight, overweight, obese)."""
    found: dict[tuple[str, str], tuple[Band, ...]] = {}
    for row in norm_tables.rows(SUBJECT, "bmi.csv"):
        band = Band(row["level"], int(row["score"]), _tenths(row["min_incl"]), _tenths(row["max_incl"]))
        key = (row["grade"], row["sex"])
        found[key] = (*found.get(key, ()), band)
    return MappingProxyType(found)


@cache
def items() -> tuple[ItemTable, ...]:
    """Every item in the order of ``items.csv``: BMI first, then the tests."""
    return tuple(_build(row["item"]) for row in norm_tables.rows(SUBJECT, "items.csv"))


@cache
def item(name: str) -> ItemTable:
    """One item's table by its code, for example ``"run_50m"``."""
    return next(table for table in items() if table.item == name)


@cache
def plausible(name: str) -> tuple[float, float]:
    """Our gross-error limits of a measurement (both inclusive); outside them a value counts as implausible."""
    row = next(row for row in norm_tables.rows(SUBJECT, "plausible.csv") if row["item"] == name)
    return float(row["low"]), float(row["high"])


def _tenths(text: str) -> int | None:
    return round(float(text) * 10) if text else None


def _build(name: str) -> ItemTable:
    described = next(row for row in norm_tables.rows(SUBJECT, "items.csv") if row["item"] == name)
    weights = np.zeros(group_count() + 1, dtype=np.int32)
    for row in norm_tables.rows(SUBJECT, "weights.csv"):
        if row["item"] == name:
            weights[group(row["grade"], row["sex"])] = int(row["weight_percent"])
    direction = described["direction"]
    if direction == "band":
        low, high, per_unit, counted = 0, 1000, 10, False
        scores = _band_scores(low, high)
    else:
        setting = next(row for row in norm_tables.rows(SUBJECT, "plausible.csv") if row["item"] == name)
        per_unit, counted = (10 if setting["step"] == "0.1" else 1), setting["step"] == "count"
        low, high = (round(float(setting[end]) * per_unit) for end in ("low", "high"))
        scores = _threshold_scores(name, direction, low, high, per_unit)
    bonus = _bonus(name, direction, low, high, per_unit)
    return ItemTable(
        item=name,
        label_zh=described["label_zh"],
        unit=described["unit"],
        direction=cast(Direction, direction),
        per_unit=per_unit,
        counted=counted,
        low=low,
        high=high,
        scores=scores,
        bonus=bonus,
        weights=weights,
        gives_bonus=np.asarray(bonus.any(axis=1)),
    )


def _band_scores(low: int, high: int) -> NDArray[np.int8]:
    scores = np.full((group_count() + 1, high - low + 1), NOT_TESTED, dtype=np.int8)
    steps = np.arange(low, high + 1)
    for (grade, sex), bands in bmi_bands().items():
        for band in bands:
            inside = (steps >= (low if band.low is None else band.low)) & (
                steps <= (high if band.high is None else band.high)
            )
            scores[group(grade, sex), inside] = band.score
    return scores


def _threshold_scores(name: str, direction: str, low: int, high: int, per_unit: int) -> NDArray[np.int8]:
    scores = np.full((group_count() + 1, high - low + 1), NOT_TESTED, dtype=np.int8)
    steps = np.arange(low, high + 1)
    # lowest score first, so that a better row overwrites it
    for row in sorted(norm_tables.rows(SUBJECT, f"{name}.csv"), key=lambda row: int(row["score"])):
        line = scores[group(row["grade"], row["sex"])]
        np.maximum(line, 0, out=line)
        threshold = round(float(row["threshold"]) * per_unit)
        line[steps >= threshold if direction == "higher" else steps <= threshold] = int(row["score"])
    return scores


def _bonus(name: str, direction: str, low: int, high: int, per_unit: int) -> NDArray[np.int8]:
    bonus = np.zeros((group_count() + 1, high - low + 1), dtype=np.int8)
    steps = np.arange(low, high + 1)
    rules = [row for row in norm_tables.rows(SUBJECT, "bonus.csv") if row["item"] == name]
    for row in sorted(rules, key=lambda row: int(row["bonus_points"])):
        margin = round(float(row["margin_over_100_threshold"]) * per_unit)
        for grade in row["grades"].split():
            best = _hundred_points(name, grade, row["sex"], per_unit)
            reached = steps >= best + margin if direction == "higher" else steps <= best - margin
            bonus[group(grade, row["sex"]), reached] = int(row["bonus_points"])
    return bonus


def _hundred_points(name: str, grade: str, sex: str, per_unit: int) -> int:
    for row in norm_tables.rows(SUBJECT, f"{name}.csv"):
        if (row["grade"], row["sex"], row["score"]) == (grade, sex, "100"):
            return round(float(row["threshold"]) * per_unit)
    raise LookupError(f"{name}: no 100-point row for {grade} {sex}")
