"""Health checks and eye checks under 7: who comes, what is measured."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtri

from qingmiao.demo.drafts import Array, Coded, Draft, reading
from qingmiao.demo.people import PeopleBlock, first_day, months_later, year_of
from qingmiao.demo.scenario import Floats
from qingmiao.demo.tables.common import child_ids, inside, numbers, recorded, sexes, share, truths
from qingmiao.demo.world import World
from qingmiao.standards.growth.tables import LmsTable
from qingmiao.standards.growth.who2006 import LAST_DAY, age_table
from qingmiao.standards.growth.who2007 import month_table

DAYS_PER_MONTH = 30.4375
FIRST_EXAM = 2
"""Of the 13 eye exams the first is the newborn visit's; the scenario's begin at one month."""


def at_z(table: LmsTable, sex: Array, age: Array, z: Floats) -> Floats:
    """The measure at z standard deviations: M (1 + L S z)^(1/L); sex 0 boy, 1 girl; age in the table's steps."""
    place = np.clip(np.rint((age - table.first) / table.step), 0, table.count - 1).astype(np.intp)
    row = sex.astype(np.intp) * table.count + place
    lam, mu, sigma = table.l[row], table.m[row], table.s[row]
    return np.asarray(mu * (1 + lam * sigma * np.maximum(z, -3.5)) ** (1 / lam))


def spread(world: World, place: str, years: Array) -> Floats:
    """Standard deviation of z that puts the scenario's share below -2, given its mean."""
    mean = world.scenario.levels(f"{place}.mean_z", years)
    return np.asarray((-2 - mean) / ndtri(share(world, f"{place}.share", years)))


def _due(world: World, block: PeopleBlock, months: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Rows and days of one check: a few weeks after the age is reached; from 3 years on within the same year."""
    due = months_later(block.birth, months)
    day = due + rng.integers(3, 25 if months < 36 else 140, len(block))
    last = first_day(year_of(due) + 1) - 1
    day = np.where(months >= 36, np.minimum(day, last), day)
    rows = np.flatnonzero(inside(world, day) & (block.death > day))
    return rows, day[rows]


def growth_checks(world: World, block: PeopleBlock) -> Iterator[Draft]:
    """One row a check: weight, length, and haemoglobin and feeding at the ages of the scenario."""
    months = [int(m) for m in world.scenario.items("growth.months")]
    blood = {int(m) for m in world.scenario.items("growth.haemoglobin_months")}
    for serial, month in enumerate(months):
        rng = world.streams.rng("growth_checks", block.id, month)
        rows, day = _due(world, block, month, rng)
        came = rng.random(len(rows)) < share(world, "growth.coverage", year_of(day))
        rows, day = rows[came], day[came]
        yield _growth(world, block, rows, day, month, serial, month in blood, rng)


def _growth(
    world: World,
    block: PeopleBlock,
    rows: Array,
    day: Array,
    month: int,
    serial: int,
    blood: bool,
    rng: np.random.Generator,
) -> Draft:
    years, sex, count = year_of(day), block.sex[rows], len(rows)
    age = (day - block.birth[rows]).astype(np.int64).astype(np.float64)
    tall = 0.97 * block.normal("height")[rows] + 0.243 * rng.standard_normal(count)
    heavy = 0.65 * tall + 0.7 * block.normal("weight")[rows] + 0.296 * rng.standard_normal(count)
    z_height = world.scenario.levels("growth.stunting.mean_z", years) + spread(world, "growth.stunting", years) * tall
    z_weight = (
        world.scenario.levels("growth.underweight.mean_z", years) + spread(world, "growth.underweight", years) * heavy
    )
    if month < 60:
        days = np.minimum(age, LAST_DAY)
        height, weight = (
            at_z(age_table("lhfa"), sex, days, z_height),
            at_z(age_table("wfa"), sex, days, z_weight),
        )
    else:
        height = at_z(month_table("hfa"), sex, age / DAYS_PER_MONTH, z_height)
        weight = at_z(month_table("wfa"), sex, age / DAYS_PER_MONTH, z_weight)
    area = block.area(rows, years)
    altitude = world.places.by_township(world.scenario, "altitude.more", np.array([0]), 0.0)[area, 0]
    altitude = altitude + world.scenario.number("altitude.all")
    limit = world.scenario.number("growth.haemoglobin.limit_older" if month >= 60 else "growth.haemoglobin.limit")
    limit = limit * (1 + world.scenario.number("growth.haemoglobin.per_1000_m") * altitude / 1000)
    sd = world.scenario.number("growth.haemoglobin.sd")
    # readings are whole g/L, so the highest one below the limit reaches to half a unit above it
    mean = np.ceil(limit) - 0.5 - sd * ndtri(share(world, "growth.haemoglobin.anaemia", years))
    level = 0.5 * block.normal("blood")[rows] + 0.866 * rng.standard_normal(count)
    haemoglobin = np.clip(reading(mean + sd * level, 1), 60, 190)
    exclusive = rng.random(count) < share(world, "growth.exclusive_feeding", years)
    feeding = np.where(exclusive, 0, np.where(rng.random(count) < 0.8, 1, 2)) if month < 6 else np.full(count, -1)
    warning = rng.random(count) < 0.015
    return {
        "check_id": numbers("演示-G", block, rows, serial, 20),
        "child_id": child_ids(block, rows),
        "area_code": world.places.coded(area),
        "check_date": day,
        "sex": sexes(block, rows),
        "birth_date": block.birth[rows],
        "weight_kg": reading(weight, 0.01) if month < 24 else reading(weight, 0.1),
        "height_cm": reading(height, 0.1),
        "measured": Coded((age >= 731).astype(np.int16), ("L", "H")),
        "oedema": np.zeros(count, dtype=np.int8),
        "haemoglobin": haemoglobin if blood else np.full(count, np.nan),
        "altitude_m": altitude,
        "feeding": Coded(feeding.astype(np.int16), ("exclusive", "partial", "none")),
        "warning_signs": warning.astype(np.int64) * rng.integers(1, 3, count),
        "referred": truths(warning & (rng.random(count) < 0.9)),
        "recorded_at": recorded(world, area, day, rng),
    }


def eye_checks(world: World, block: PeopleBlock) -> Iterator[Draft]:
    """One row a check, for families that take part in a year; from the first day of the scenario's programme."""
    start = np.datetime64(world.scenario.text("eyes.first_day"))
    for serial, month in enumerate(int(m) for m in world.scenario.items("eyes.months")):
        rng = world.streams.rng("eye_checks", block.id, month)
        rows, day = _due(world, block, month, rng)
        years = year_of(day)
        area = block.area(rows, years)
        rate = world.places.rates(world.scenario, "eyes.coverage", world.years) / 100
        takes_part = block.trait("eye_checks")[rows] < rate[area, years - world.scenario.first_year]
        kept = takes_part & (day >= start)
        rows, day, area = rows[kept], day[kept], area[kept]
        years = year_of(day)
        count = len(rows)
        sees = np.full((2, count), np.nan)
        if month >= 48:
            sees = np.clip(reading(rng.normal(4.95, 0.08, (2, count)), 0.1), 4.0, 5.3)
        weak = (sees[0] < 4.8) | (sees[1] < 4.8)
        yield {
            "check_id": numbers("演示-E", block, rows, serial, 20),
            "child_id": child_ids(block, rows),
            "area_code": world.places.coded(area),
            "check_date": day,
            "sex": sexes(block, rows),
            "birth_date": block.birth[rows],
            "exam_no": np.full(count, serial + FIRST_EXAM),
            "complete": truths(rng.random(count) < share(world, "eyes.complete", years)),
            "acuity_right": sees[0],
            "acuity_left": sees[1],
            "referred": truths(weak & (rng.random(count) < 0.85)),
            "recorded_at": recorded(world, area, day, rng),
        }
