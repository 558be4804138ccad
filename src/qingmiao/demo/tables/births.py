"""Live births, birth defects and child deaths."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qingmiao.demo.counts import tally
from qingmiao.demo.drafts import Array, Coded, Draft, NumberedIds, reading
from qingmiao.demo.people import NEVER, PeopleBlock, causes, year_of
from qingmiao.demo.tables.common import child_ids, chosen, inside, recorded, sexes, share, truths
from qingmiao.demo.world import World


def live_births(world: World, block: PeopleBlock) -> Iterator[Draft]:
    """One row a live birth in the years generated."""
    rows = np.flatnonzero(inside(world, block.birth))
    rng = world.streams.rng("live_births", block.id)
    count, birth = len(rows), block.birth[rows]
    years = year_of(birth)
    _count_births(world, block, rows)
    preterm = rng.random(count) < share(world, "births_detail.preterm", years)
    weeks = np.where(preterm, 36.9 - rng.gamma(1.5, 1.6, count), 37 + rng.normal(2.2, 1.1, count))
    weeks = np.clip(weeks, 26, 42.5)
    weeks = np.where(preterm, np.minimum(weeks, 36.8), np.maximum(weeks, 37))
    weight = 3280 + 140 * (weeks - 39.3) + np.where(block.sex[rows] == 0, 60, -60)
    weight = np.clip(weight + rng.normal(0, 380, count), 600, 5600)
    visited = rng.random(count) < share(world, "births_detail.visited", years)
    wait = rng.integers(3, 28, count)
    still = block.death[rows] > birth + wait
    visit = np.where(visited & still, birth + wait, np.datetime64("NaT"))
    yield {
        "birth_id": NumberedIds("演示-B", block.number[rows]),
        "child_id": child_ids(block, rows),
        "area_code": world.places.coded(block.home[rows]),
        "birth_date": birth,
        "sex": sexes(block, rows),
        "birth_weight_g": reading(weight, 10),
        "gestation_weeks": np.floor(weeks),
        "birth_place": chosen(world, "births_detail.places", rng.random(count)),
        "visited_on": visit,
        "blood_screened": truths(rng.random(count) < share(world, "births_detail.blood_screened", years)),
        "hearing_screened": truths(rng.random(count) < share(world, "births_detail.hearing_screened", years)),
        "recorded_at": recorded(world, block.home[rows], np.where(np.isnat(visit), birth, visit), rng),
    }


def _count_births(world: World, block: PeopleBlock, rows: Array) -> None:
    """Births and deaths before the 28th day, by the year from 1 October."""
    lived = (block.death[rows] - block.birth[rows]).astype(np.int64)
    months = block.birth[rows].astype("datetime64[M]").astype(np.int64) % 12 + 1
    years = year_of(block.birth[rows]) + (months >= 10)
    one, shape = np.zeros(len(rows), dtype=np.int64), (len(world.places.codes), 1, 2)
    for year in world.scenario.years:
        for name, kept in (("births", years == year), ("neonatal_deaths", (years == year) & (lived < 28))):
            at = rows[kept]
            world.add_year(name, year, tally(block.home[at], one[kept], block.sex[at], shape=shape))


def birth_defects(world: World, block: PeopleBlock) -> Iterator[Draft]:
    """Neural tube and other defects found at birth or before; a few of each year's births."""
    born = np.flatnonzero(inside(world, block.birth))
    rng = world.streams.rng("birth_defects", block.id)
    years = year_of(block.birth[born])
    u = rng.random(len(born))
    neural = world.scenario.levels("birth_defects.neural_tube_per_10000", years) / 1e4
    other = world.scenario.levels("birth_defects.other_per_10000", years) / 1e4
    hit = u < neural + other
    rows, tube = born[hit], (u < neural)[hit]
    yield {
        "defect_id": NumberedIds("演示-Q", block.number[rows]),
        "area_code": world.places.coded(block.home[rows]),
        "found_on": block.birth[rows],
        "neural_tube": truths(tube),
        "severe": truths(tube | (rng.random(len(rows)) < 0.2)),
        "recorded_at": recorded(world, block.home[rows], block.birth[rows], rng),
    }


def child_deaths(world: World, block: PeopleBlock) -> Iterator[Draft]:
    """One row a death under 18."""
    rows = np.flatnonzero(block.death < NEVER)
    rng = world.streams.rng("child_deaths", block.id)
    names, death = causes(world.scenario), block.death[rows]
    injuries = world.scenario.group("deaths.injuries")
    place_names = tuple(dict.fromkeys(str(i["place"]) for i in injuries.values()))
    place_of = np.array([place_names.index(str(injuries[c]["place"])) if c in injuries else -1 for c in names])
    yield {
        "death_id": NumberedIds("演示-S", block.number[rows]),
        "child_id": child_ids(block, rows),
        "area_code": world.places.coded(block.area(rows, year_of(death))),
        "birth_date": block.birth[rows],
        "death_date": death,
        "sex": sexes(block, rows),
        "cause": Coded(block.cause[rows], names),
        "place": Coded(place_of[block.cause[rows]].astype(np.int16), place_names),
        "reviewed": truths(rng.random(len(rows)) < 0.8),
        "recorded_at": recorded(world, block.home[rows], death, rng),
    }
