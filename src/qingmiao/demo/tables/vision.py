"""School vision checks: a lasting readiness for myopia against the scenario's prevalence by grade and year."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qingmiao.demo.drafts import Array, Coded, Draft, reading
from qingmiao.demo.people import PeopleBlock, first_day
from qingmiao.demo.tables.common import child_ids, numbers, recorded, sexes, truths
from qingmiao.demo.tables.schooling import GRADES, attendance, school_ids, school_list
from qingmiao.demo.world import World

FIRST_GRADE = 3


def vision_checks(world: World, block: PeopleBlock) -> Iterator[Draft]:
    """One row a pupil and school year, in October.

    A child is myopic when its lasting uniform number is below the prevalence of its grade and year: prevalence that
    rises from grade to grade makes myopia last and gives new cases as the difference.
    """
    scenario, schools = world.scenario, school_list(world)
    start = int(scenario.number("vision.first_year"))
    for year in scenario.years:
        if year < start:
            continue
        at = attendance(world, block, year)
        rng = world.streams.rng("vision_checks", block.id, year)
        month = first_day(np.array([year]))[0] + 273  # about 1 October
        came = np.flatnonzero(
            (at.grade >= FIRST_GRADE)
            & (block.death[at.rows] > month + 31)
            & (rng.random(len(at.rows)) < scenario.level("vision.coverage", year) / 100)
        )
        rows, grade, school = at.rows[came], at.grade[came], at.school[came]
        by_grade = np.zeros(len(GRADES))
        for g in range(FIRST_GRADE, len(GRADES)):
            by_grade[g] = scenario.level(f"vision.prevalence.{GRADES[g]}", year) / 100
        myopic = block.trait("myopia")[rows] < by_grade[grade]
        lenses = myopic & (block.trait("ortho_k")[rows] < scenario.level("vision.ortho_k", year) / 100)
        count = len(rows)
        right = _eye(myopic, rng)
        left = _eye(myopic & (rng.random(count) < 0.85), rng)
        day = month + rng.integers(0, 31, count)
        area = schools.township[school]
        yield {
            "check_id": numbers("演示-V", block, rows, year - world.whole[0], 100),
            "child_id": child_ids(block, rows),
            "area_code": world.places.coded(area),
            "school_id": school_ids(school),
            "check_date": day,
            "grade": Coded(grade.astype(np.int16), GRADES),
            "sex": sexes(block, rows),
            "birth_date": block.birth[rows],
            "acuity_right": right[0],
            "acuity_left": left[0],
            "sphere_right": right[1],
            "cylinder_right": right[2],
            "sphere_left": left[1],
            "cylinder_left": left[2],
            "ortho_k": truths(lenses),
            "recorded_at": recorded(world, area, day, rng),
        }


def _eye(myopic: Array, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Acuity (five-mark), sphere and cylinder (D) of one eye; a myopic eye is below 5.0 and below -0.50 D in
    equivalent."""
    count = len(myopic)
    sphere = np.where(
        myopic,
        -0.75 - reading(rng.gamma(1.3, 1.1, count), 0.25),
        reading(rng.uniform(-0.1, 1.1, count), 0.25),
    )
    cylinder = -np.minimum(reading(rng.exponential(0.3, count), 0.25), np.where(myopic, 3.0, 0.75))
    blur = reading(np.clip(4.95 + sphere * 0.18 + rng.normal(0, 0.1, count), 4.0, 4.9), 0.1)
    clear = reading(rng.choice([5.0, 5.0, 5.1, 5.1, 5.2, 4.9], count), 0.1)
    return np.where(myopic, blur, clear), np.maximum(sphere, -12.0), cylinder
