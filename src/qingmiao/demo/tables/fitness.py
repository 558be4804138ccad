"""Fitness tests: results that score, on the 2014 standard, about what the scenario wants; height and BMI by the
norms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtri

from qingmiao.demo.drafts import Array, Coded, Draft, reading
from qingmiao.demo.people import PeopleBlock, first_day
from qingmiao.demo.scenario import Floats
from qingmiao.demo.tables.common import child_ids, numbers, recorded, sexes, share, truths
from qingmiao.demo.tables.health_checks import DAYS_PER_MONTH, at_z
from qingmiao.demo.tables.schooling import GRADES, attendance, school_ids, school_list
from qingmiao.demo.world import World
from qingmiao.standards import norm_tables
from qingmiao.standards.fitness import tables
from qingmiao.standards.growth.tables import read
from qingmiao.standards.growth.who2007 import month_table

TESTED = GRADES[3:15]
"""Grades that the standard scores: primary, junior, regular senior."""


@dataclass(frozen=True)
class Ladder:
    """Thresholds of one item by group and score row, best first; `step` is the smallest unit, `up` says higher is
    better."""

    scores: Floats
    thresholds: Floats
    step: float
    up: bool


@cache
def ladder(item: str) -> Ladder:
    """The published rows of an item as an array; groups that do not do it are NaN."""
    rows = norm_tables.rows(tables.SUBJECT, f"{item}.csv")
    table = tables.item(item)
    scores = sorted({int(r["score"]) for r in rows}, reverse=True)
    found = np.full((tables.group_count() + 1, len(scores)), np.nan)
    for row in rows:
        found[tables.group(row["grade"], row["sex"]), scores.index(int(row["score"]))] = float(row["threshold"])
    return Ladder(np.array(scores, dtype=float), found, 1 / table.per_unit, table.direction == "higher")


def result_for(item: str, group: Array, score: Floats, within: Floats) -> Floats:
    """A result of the row nearest to `score`, `within` (0–1) of the way to the next better row; NaN where not done."""
    steps = ladder(item)
    row = np.abs(steps.scores[None, :] - score[:, None]).argmin(axis=1)
    own = steps.thresholds[group, row]
    better = steps.thresholds[group, np.maximum(row - 1, 0)]
    value = own + np.trunc((better - own) * within * 0.95 / steps.step) * steps.step
    return np.asarray(reading(value, steps.step))


@cache
def _bmi_limits() -> tuple[Floats, Floats]:
    """Overweight and obesity limits by sex and half-year of age from 6.0."""
    table = read("cn_wst586_2018_bmi.csv").to_pydict()
    ages = sorted({float(x) for x in table["x"]})
    limits = {c: np.zeros((2, len(ages))) for c in ("overweight", "obese")}
    for sex, x, category, value in zip(table["sex"], table["x"], table["category"], table["value"], strict=True):
        limits[category][int(sex) - 1, ages.index(float(x))] = float(value)
    return limits["overweight"], limits["obese"]


def body(
    world: World, block: PeopleBlock, rows: Array, months: Floats, year: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Height (cm) and weight (kg): height by the 2007 reference, BMI set by the shares of overweight and obesity."""
    sex, count, y = block.sex[rows], len(rows), np.array([year])
    z = (
        world.scenario.level("growth.stunting.mean_z", year)
        + 0.93 * block.normal("height")[rows]
        + 0.15 * rng.standard_normal(count)
    )
    height = reading(at_z(month_table("hfa"), sex, np.minimum(months, 228), z), 0.1)
    overweight, obese = _bmi_limits()
    half_years = np.clip(np.floor(months / 6) - 12, 0, overweight.shape[1] - 1).astype(np.intp)
    low, high = overweight[sex, half_years], obese[sex, half_years]
    u = block.trait("heaviness")[rows]
    fat, heavy = share(world, "fitness.obese", y)[0], share(world, "fitness.overweight", y)[0]
    place = rng.random(count)
    bmi = np.select(
        [u > 1 - fat, u > 1 - fat - heavy],
        [high + 0.1 + 4 * place**2, low + 0.05 + (high - low - 0.1) * place],
        low * (0.76 + 0.235 * (u / (1 - fat - heavy)) ** 0.8),
    )
    return height, reading(bmi * (height / 100) ** 2, 0.1)


def fitness_tests(world: World, block: PeopleBlock) -> Iterator[Draft]:
    """One row a pupil and school year, in November."""
    scenario, schools = world.scenario, school_list(world)
    first = GRADES.index(TESTED[0])
    for year in scenario.years:
        at = attendance(world, block, year)
        rng = world.streams.rng("fitness_tests", block.id, year)
        month = first_day(np.array([year]))[0] + 304  # about 1 November
        tested = (at.grade >= first) & (at.grade < first + len(TESTED)) & (block.death[at.rows] > month + 30)
        came = np.flatnonzero(tested & (rng.random(len(at.rows)) < scenario.level("fitness.coverage", year) / 100))
        rows, grade, school = at.rows[came], at.grade[came], at.school[came]
        count, area = len(rows), schools.township[school]
        day = month + rng.integers(0, 30, count)
        months = (day - block.birth[rows]).astype(np.int64) / DAYS_PER_MONTH
        height, weight = body(world, block, rows, months, year, rng)
        group = 2 * (grade - first) + block.sex[rows]
        exempt = rng.random(count) < 0.005
        draft: Draft = {
            "test_id": numbers("演示-F", block, rows, year - scenario.first_year, 100),
            "child_id": child_ids(block, rows),
            "area_code": world.places.coded(area),
            "school_id": school_ids(school),
            "test_date": day,
            "grade": Coded(grade.astype(np.int16), GRADES),
            "sex": sexes(block, rows),
            "birth_date": block.birth[rows],
            "height_cm": height,
            "weight_kg": weight,
            "exempt": truths(exempt),
            "recorded_at": recorded(world, area, day, rng),
        }
        total = _totals(world, block, rows, year, rng)
        draft |= _results(group, total, weight * 1e4 / height**2, rng)
        yield draft


def _totals(world: World, block: PeopleBlock, rows: Array, year: int, rng: np.random.Generator) -> Floats:
    """Total scores: normal, with the scenario's shares at or above 60 and 80."""
    y = np.array([year])
    low, high = ndtri(share(world, "fitness.passed", y)[0]), ndtri(share(world, "fitness.good", y)[0])
    sd = 20 / (low - high)
    ability = 0.85 * block.normal("fitness")[rows] + np.sqrt(1 - 0.85**2) * rng.standard_normal(len(rows))
    return np.asarray(60 + sd * low + sd * ability)


def _results(group: Array, total: Floats, bmi: Floats, rng: np.random.Generator) -> Draft:
    """Results of every item whose weighted scores come to the total, given the score that the BMI has."""
    shape = tables.item("bmi")
    steps = np.clip(np.floor(bmi * 10 + 0.5), shape.low, shape.high).astype(np.intp) - shape.low
    wanted = (total - shape.weights[group] / 100 * shape.scores[group, steps]) / (1 - shape.weights[group] / 100)
    items = [i.item for i in tables.items() if i.item != "bmi"]
    weights = np.stack([tables.item(i).weights[group] for i in items]) / (100.0 - shape.weights[group])
    off = rng.normal(0, 6, weights.shape)
    off -= (weights * off).sum(axis=0)
    within: Array = np.asarray(rng.random(weights.shape))
    found: Draft = {}
    for position, item in enumerate(items):
        result = result_for(item, group, np.clip(wanted + off[position], 10, 100), within[position])
        found[item] = np.where(weights[position] > 0, result, np.nan)
    return found
