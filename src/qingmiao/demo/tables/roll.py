"""The roll of resident children at the end of each year."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qingmiao.demo.counts import AGES, tally
from qingmiao.demo.drafts import Coded, Draft
from qingmiao.demo.people import CHILD_YEARS, PeopleBlock
from qingmiao.demo.tables.common import child_ids, disabled, recorded, sexes, share, truths, year_end
from qingmiao.demo.world import World


def children(world: World, block: PeopleBlock) -> Iterator[Draft]:
    """One row a child and year: alive on 31 December and not yet 18."""
    groups = world.scenario.group("groups")
    names = ("none", *groups, "disabled")
    edges = np.cumsum([float(v) for v in groups.values()]) / 100
    group = np.searchsorted(edges, block.trait("group"), side="right")
    group = np.where(group < len(edges), group + 1, 0)
    group = np.where(disabled(world, block), len(names) - 1, group).astype(np.int16)
    for year in world.scenario.years:
        day = year_end(year)
        rows = np.flatnonzero(block.alive(day) & (year - block.birth_year < CHILD_YEARS))
        rng = world.streams.rng("children", block.id, year)
        count, y = len(rows), np.array([year])
        age, area = year - block.birth_year[rows], block.area(rows, year)
        world.add_year("children", year, tally(area, age, block.sex[rows], shape=(len(world.places.codes), AGES, 2)))
        due = disabled(world, block)[rows] & (rng.random(count) < share(world, "disability.rehab_due", y))
        given = due & (rng.random(count) < share(world, "disability.rehab_given", y))
        managed = rng.random(count) < share(world, "child_health.systematic", y)
        screened = rng.random(count) < share(world, "child_health.disability_screened", y)
        yield {
            "child_id": child_ids(block, rows),
            "year": np.full(count, year),
            "area_code": world.places.coded(area),
            "sex": sexes(block, rows),
            "birth_date": block.birth[rows],
            "registration": Coded(
                (block.trait("registration")[rows] < share(world, "registered_elsewhere", y)).astype(np.int16),
                ("local", "other"),
            ),
            "special_group": Coded(group[rows], names),
            "insured": truths(rng.random(count) < share(world, "insured", y)),
            "systematic": np.where(age < 3, managed, -1).astype(np.int8),
            "rehab_due": truths(due),
            "rehab_given": truths(given),
            "disability_screened": np.where(age < 7, screened, -1).astype(np.int8),
            "recorded_at": recorded(world, area, np.full(count, day), rng),
        }
