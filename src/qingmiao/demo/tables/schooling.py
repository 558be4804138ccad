"""Who goes to which school in which grade: schools, enrolments, and the counts that the school table needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qingmiao.demo.counts import tally
from qingmiao.demo.drafts import Array, Coded, Draft, NumberedIds
from qingmiao.demo.people import PeopleBlock, first_day
from qingmiao.demo.tables.common import child_ids, disability_kind, disabled, recorded, sexes, share, truths
from qingmiao.demo.world import World

STAGES = ("kindergarten", "primary", "junior", "senior", "vocational")
GRADES = (
    "K1",
    "K2",
    "K3",
    "P1",
    "P2",
    "P3",
    "P4",
    "P5",
    "P6",
    "J1",
    "J2",
    "J3",
    "H1",
    "H2",
    "H3",
    "V1",
    "V2",
    "V3",
)
STAGE_OF_GRADE = np.repeat(np.arange(5), (3, 6, 3, 3, 3))
KINDS = ("public", "inclusive", "private")
FIRST_SCHOOL_AGE = 3
SCHOOL = "演示-X"


@dataclass(frozen=True)
class SchoolList:
    """All schools by position: stage, township, kind (of kindergarten; 0 public elsewhere); `first`, `count` by (stage,
    township, kind)."""

    stage: Array
    township: Array
    kind: Array
    first: Array
    count: Array


@dataclass(frozen=True)
class Attendance:
    """Children at school in one school year: block rows, grade, school and township of residence (all (n,))."""

    rows: Array
    grade: Array
    school: Array
    area: Array

    @property
    def stage(self) -> Array:
        """(n,) positions in STAGES."""
        stage: Array = STAGE_OF_GRADE[self.grade]
        return stage


def school_list(world: World) -> SchoolList:
    """Enough schools for the children of the middle year, by stage, township and kind; upper stages in the county
    town."""
    scenario, places = world.scenario, world.places
    middle = (world.whole[0] + world.whole[-1]) // 2
    shape = (len(STAGES), len(places.codes), len(KINDS))
    first, count = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    rows: list[tuple[int, int, int]] = []
    shares = [scenario.level(f"schools.kindergarten_kinds.{k}", middle) / 100 for k in KINDS]
    for s, stage in enumerate(STAGES):
        years = int(np.count_nonzero(np.equal(STAGE_OF_GRADE, s)))
        pupils = scenario.level("births", middle - 8) * world.scale * years
        for t, weight in enumerate(places.weights):
            if s >= 3 and t != places.seat:
                continue
            size = scenario.number(f"schools.size.{stage}") * (
                scenario.number("schools.town_factor") if t == places.seat else 1
            )
            for k in range(len(KINDS) if s == 0 else 1):
                part = (weight if s < 3 else 1.0) * (shares[k] if s == 0 else 1.0)
                first[s, t, k], count[s, t, k] = len(rows), max(1, round(pupils * part / size))
                rows += [(s, t, k)] * int(count[s, t, k])
    table = np.array(rows)
    return SchoolList(table[:, 0], table[:, 1], table[:, 2], first, count)


def attendance(world: World, block: PeopleBlock, year: int) -> Attendance:
    """Who is at school at the start of a school year. Lasting traits decide, so that a child stays on its way."""
    cached = block.kept.get(("attendance", year))
    if isinstance(cached, Attendance):
        return cached
    start = first_day(np.array([year]))[0] + 243  # about 1 September
    month = block.birth.astype("datetime64[M]").astype(np.int64) % 12 + 1
    age = year - block.birth_year - (month >= 9)
    y = np.array([year])
    lives = disabled(world, block)
    rates = [
        np.where(lives, share(world, f"schools.disabled.{stage}", y), share(world, f"schools.enrolled.{stage}", y))
        for stage in ("kindergarten", "compulsory", "senior")
    ]
    level = np.select([age < 6, age < 15], [0, 1], 2)
    goes = block.trait("schooling") < np.choose(level, rates)
    rows = np.flatnonzero(goes & (age >= FIRST_SCHOOL_AGE) & (age <= 17) & block.alive(start))
    grade = age[rows] - FIRST_SCHOOL_AGE
    vocational = (grade >= 12) & (block.trait("track")[rows] < share(world, "schools.vocational", y))
    grade = np.where(vocational, grade + 3, grade)
    area = block.area(rows, year)
    result = Attendance(rows, grade, _schools(world, block, rows, grade, area, y), area)
    block.kept[("attendance", year)] = result
    return result


def _schools(world: World, block: PeopleBlock, rows: Array, grade: Array, area: Array, year: Array) -> Array:
    schools, stage = school_list(world), STAGE_OF_GRADE[grade]
    to_town = (stage == 2) & (block.trait("junior_in_town")[rows] < share(world, "schools.junior_in_town", year))
    township = np.where((stage >= 3) | to_town, world.places.seat, area)
    public = share(world, "schools.kindergarten_kinds.public", year)
    inclusive = public + share(world, "schools.kindergarten_kinds.inclusive", year)
    u = block.trait("kindergarten_kind")[rows]
    kind = np.where(stage == 0, np.where(u < public, 0, np.where(u < inclusive, 1, 2)), 0)
    at = (stage, township, kind)
    pick = np.floor(block.trait("school")[rows] * schools.count[at]).astype(np.int64)
    school: Array = schools.first[at] + pick
    return school


def school_ids(school: Array) -> NumberedIds:
    """Ids of schools by position."""
    return NumberedIds(SCHOOL, school + 1, 5)


def private(schools: SchoolList) -> Array:
    """Schools that are private: the last of several primary or junior schools of a township; kindergartens by kind."""
    last = np.flatnonzero(np.r_[np.diff(schools.stage * 1000 + schools.township), 1])
    is_last = np.zeros(len(schools.stage), dtype=bool)
    is_last[last] = True
    several = schools.count[schools.stage, schools.township, 0] > 2
    found: Array = np.where(schools.stage == 0, schools.kind > 0, is_last & several & (schools.stage < 3))
    return found


def enrolments(world: World, block: PeopleBlock) -> Iterator[Draft]:
    """One row a child and school year."""
    schools = school_list(world)
    owner = private(schools)
    sick = disability_kind(world, block)
    for year in world.scenario.years:
        at = attendance(world, block, year)
        rng = world.streams.rng("enrolments", block.id, year)
        count, stage, y = len(at.rows), at.stage, np.array([year])
        world.add_year("pupils", year, tally(at.school, shape=(len(schools.stage),)))
        school_area = schools.township[at.school]
        shape = (len(world.places.codes), len(GRADES), 2)
        world.add_year("pupils_by", year, tally(school_area, at.grade, block.sex[at.rows], shape=shape))
        rural = ~world.places.urban[school_area]
        boards = np.where(stage >= 2, 0.6, np.where(stage == 1, 0.12, 0.0)) * np.where(school_area != at.area, 1.5, 1.0)
        day = np.full(count, first_day(y)[0] + 250)
        yield {
            "child_id": child_ids(block, at.rows),
            "year": np.full(count, year),
            "area_code": world.places.coded(at.area),
            "school_area": world.places.coded(school_area),
            "school_id": school_ids(at.school),
            "grade": Coded(at.grade.astype(np.int16), GRADES),
            "sex": sexes(block, at.rows),
            "birth_date": block.birth[at.rows],
            "kindergarten_kind": Coded(np.where(stage == 0, schools.kind[at.school], -1), KINDS),
            "school_kind": Coded(owner[at.school].astype(np.int16), ("public", "private")),
            "boarding": truths(rng.random(count) < boards),
            "migrant": truths(block.trait("migrant")[at.rows] < share(world, "schools.migrant", y)),
            "left_behind": truths(block.trait("left_behind")[at.rows] < share(world, "schools.left_behind", y)),
            "disability": Coded(sick.index[at.rows], sick.values),
            "aided": truths(rng.random(count) < share(world, "schools.aided", y)),
            "nutrition": truths(rural & (stage <= 2) & (rng.random(count) < share(world, "schools.nutrition", y))),
            "recorded_at": recorded(world, at.area, day, rng),
        }
