"""Units by year: schools, villages and communities, activity places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qingmiao.demo.drafts import Array, Coded, Draft, NumberedIds
from qingmiao.demo.people import first_day
from qingmiao.demo.tables.common import recorded, truths, year_end
from qingmiao.demo.tables.schooling import KINDS, STAGES, private, school_ids, school_list
from qingmiao.demo.world import World


def flags_of(world: World, table: str, columns: tuple[str, ...], unit: Array, year: int) -> Draft:
    """Truths of units: a unit has a thing from the year in which the county's share passes its own lasting number."""
    found: Draft = {}
    for column in columns:
        u = world.streams.rng(f"{table}:{column}").random(int(unit.max()) + 1)[unit]
        found[column] = truths(u < world.scenario.level(f"{table}.{column}", year) / 100)
    return found


def named(names: list[str]) -> Array:
    """Names that nobody can take for real ones."""
    return np.array([f"（演示）{n}" for n in names], dtype=object)


def school_titles(world: World) -> Array:
    """The name of every school by position."""
    words, list_ = world.scenario.group("schools.words"), school_list(world)
    return named(
        [
            f"{world.places.names[t]}{words[STAGES[s]]}{n + 1}号"
            for n, (s, t) in enumerate(zip(list_.stage, list_.township, strict=True))
        ],
    )


def schools(world: World) -> Iterator[Draft]:
    """One row a school and year; pupils are counted from the enrolments."""
    list_, owner = school_list(world), private(school_list(world))
    titles = school_titles(world)
    flags = (
        "sex_education",
        "parent_school",
        "law_head",
        "bullying_committee",
        "safe_water",
        "sanitary_toilet",
        "lighting",
        "sports_open",
    )
    for position, year in enumerate(world.scenario.years):
        rng = world.streams.rng("schools", year)
        pupils = world.counts["pupils"][:, position]
        open_ = np.flatnonzero(pupils > 0)
        pupils, stage, township = pupils[open_], list_.stage[open_], list_.township[open_]
        classes = np.maximum(1, np.ceil(pupils / np.where(stage == 0, 26, 44))).astype(np.int64)
        large = rng.binomial(
            classes, np.where(stage >= 1, world.scenario.level("schools.large_classes", year) / 100, 0)
        )
        staff = np.maximum(2, np.rint(pupils / 11)).astype(np.int64)
        rural = ~world.places.urban[township] & (stage <= 2) & (stage >= 0)
        big = pupils >= 1000
        share = np.where(
            big,
            world.scenario.level("schools.psych_big", year),
            world.scenario.level("schools.psych_small", year),
        )
        u = world.streams.rng("schools:psych").random(len(list_.stage))[open_]
        psych = np.where(u < share / 100, np.maximum(1, pupils // 1000), 0)
        programme = rural & (
            world.streams.rng("schools:nutrition").random(len(list_.stage))[open_]
            < world.scenario.level("schools.nutrition", year) / 100
        )
        day = np.full(len(open_), first_day(np.array([year]))[0] + 258)
        yield {
            "school_id": school_ids(open_),
            "year": np.full(len(open_), year),
            "area_code": world.places.coded(township),
            "name": titles[open_],
            "stage": Coded(stage.astype(np.int16), STAGES),
            "school_kind": Coded(owner[open_].astype(np.int16), ("public", "private")),
            "kindergarten_kind": Coded(np.where(stage == 0, list_.kind[open_], -1), KINDS),
            "pupils": pupils,
            "classes": classes,
            "large_classes": large,
            "psych_teachers": np.where(stage >= 1, psych, 0),
            "school_doctors": np.where(
                rng.random(len(open_)) < world.scenario.level("schools.doctors", year) / 100,
                1 + pupils // 900,
                0,
            ),
            **flags_of(world, "schools", flags, open_, year),
            "nutrition": truths(programme),
            "staff": staff,
            "staff_checked": rng.binomial(staff, world.scenario.level("schools.staff_checked", year) / 100),
            "recorded_at": recorded(world, township, day, rng),
        }


@dataclass(frozen=True)
class CommunityUnits:
    """Villages and communities by position: township, kind (0 community, 1 village), name."""

    township: Array
    kind: Array
    name: Array


def community_units(world: World) -> CommunityUnits:
    """Every village and community that the scenario counts."""
    towns: list[int] = []
    kinds: list[int] = []
    for position in range(len(world.places.codes)):
        for kind, place in enumerate(("communities.count.community", "communities.count.village")):
            number = int(
                world.places.by_township(world.scenario, place, world.years, 12.0 if kind else 0.0)[position, 0]
            )
            towns += [position] * number
            kinds += [kind] * number
    titles = named(
        [
            f"{world.places.names[t]}{n + 1}号{'村' if k else '社区'}"
            for n, (t, k) in enumerate(zip(towns, kinds, strict=True))
        ],
    )
    return CommunityUnits(np.array(towns), np.array(kinds), titles)


def communities(world: World) -> Iterator[Draft]:
    """One row a village or community and year."""
    units = community_units(world)
    township, unit, kind_, names = units.township, np.arange(len(units.township)), units.kind, units.name
    flags = ("children_home", "model_friendly", "children_books", "director", "director_trained")
    for year in world.scenario.years:
        rng = world.streams.rng("communities", year)
        count = len(unit)
        has = flags_of(world, "communities", flags, unit, year)
        u = world.streams.rng("communities:parent_school").random(count)
        school = (
            u
            < np.where(
                kind_ == 0,
                world.scenario.level("communities.parent_school.community", year),
                world.scenario.level("communities.parent_school.village", year),
            )
            / 100
        )
        home, director = np.asarray(has["children_home"]), np.asarray(has["director"])
        has["director_trained"] = np.minimum(np.asarray(has["director_trained"]), director)
        yield {
            "community_id": NumberedIds("演示-W", unit + 1, 4),
            "year": np.full(count, year),
            "area_code": world.places.coded(township),
            "name": names,
            "kind": Coded(kind_.astype(np.int16), ("community", "village")),
            **has,
            "home_open_days": home * rng.integers(30, 250, count),
            "parent_school": truths(school),
            "parent_school_sessions": school * rng.integers(1, 9, count),
            "recorded_at": recorded(world, township, np.full(count, year_end(year)), rng),
        }


def activity_places(world: World) -> Iterator[Draft]:
    """One row an activity place and year."""
    kinds = tuple(world.scenario.group("activity_places.kinds"))
    for year in world.scenario.years:
        rng = world.streams.rng("activity_places", year)
        count = round(world.scenario.level("activity_places.count", year))
        unit = np.arange(count)
        township = np.where(unit % 3 == 0, world.places.seat, unit % len(world.places.codes))
        visits = world.scenario.level("activity_places.visits", year) * (
            0.5 + world.streams.rng("activity_places:size").random(500)[unit % 500]
        )
        yield {
            "place_id": NumberedIds("演示-P", unit + 1, 4),
            "year": np.full(count, year),
            "area_code": world.places.coded(township),
            "name": named([f"{world.places.names[t]}儿童活动点{n + 1}号" for n, t in enumerate(township)]),
            "kind": Coded((unit % len(kinds)).astype(np.int16), kinds),
            "child_visits": np.rint(visits * rng.uniform(0.9, 1.1, count)),
            "open_days": rng.integers(150, 330, count),
            "accessible": truths(unit % 2 == 0),
            "recorded_at": recorded(world, township, np.full(count, year_end(year)), rng),
        }
