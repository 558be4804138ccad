"""Doses due under the national schedule, and when they were given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from qingmiao.demo.drafts import Array, Coded, Draft
from qingmiao.demo.people import PeopleBlock, months_later, year_of
from qingmiao.demo.tables.common import child_ids, inside, recorded, sexes, truths
from qingmiao.demo.world import World

LONGEST_DELAY = 25
"""Days; a family brings its child this late at most."""


def _delay(block: PeopleBlock) -> Array:
    """Days from due to given: one habit per family, so that doses due together are given together and intervals
    hold."""
    late = np.floor(-4 * np.log(block.trait("vaccination_delay"))).astype(np.int64)
    shortened: Array = np.minimum(late, LONGEST_DELAY)
    return shortened


def _due(block: PeopleBlock, dose: Mapping[str, Any]) -> tuple[Array, Array]:
    """Day due and whether the later form of the schedule holds: it does where the earlier one falls due after the
    change."""
    due = months_later(block.birth, int(dose["month"]))
    if "then" not in dose:
        return due, np.zeros(len(due), dtype=bool)
    after = dose["then"]
    start = np.datetime64(str(after["from"]))
    changed: Array = due >= start
    return np.where(changed, np.maximum(months_later(block.birth, int(after["month"])), start), due), changed


def vaccinations(world: World, block: PeopleBlock) -> Iterator[Draft]:
    """One row a child and dose due in the years generated.

    Coverage is the scenario's for township and year, plus the dose's own difference; a family that misses one dose is
    more likely to miss the next (half of the chance is the family's). A dose changes with the schedule: ``then`` says
    from when.
    """
    scenario, first = world.scenario, world.scenario.first_year
    coverage = world.places.rates(scenario, "vaccination.coverage", world.years) / 100
    doses = scenario.group("vaccination.doses")
    forms = [d for dose in doses.values() for d in (dose, dose.get("then", dose))]
    vaccines = tuple(dict.fromkeys(str(d["vaccine"]) for d in forms))
    for number, (name, dose) in enumerate(doses.items()):
        rng = world.streams.rng(f"vaccinations:{name}", block.id)
        due, changed = _due(block, dose)
        rows = np.flatnonzero(inside(world, due) & (block.death > due))
        due, count = due[rows], len(rows)
        years = year_of(due)
        area = block.area(rows, years)
        wanted = np.clip(coverage[area, years - first] + float(dose.get("more", 0)) / 100, 0, 1)
        own = rng.random(count) < 0.5
        given = np.where(own, rng.random(count), block.trait("vaccination")[rows]) < wanted
        delay = _delay(block)[rows] + int(dose.get("wait", 0))
        after = dose.get("then", dose)
        vaccine = [vaccines.index(str(d["vaccine"])) for d in (dose, after)]
        given &= block.death[rows] > due + delay
        refused = ~given & (rng.random(count) < 0.08)
        yield {
            "child_id": child_ids(block, rows),
            "area_code": world.places.coded(area),
            "sex": sexes(block, rows),
            "birth_date": block.birth[rows],
            "vaccine": Coded(np.where(changed[rows], vaccine[1], vaccine[0]).astype(np.int16), vaccines),
            "dose": np.where(changed[rows], int(after["dose"]), int(dose["dose"])),
            "series_dose": Coded(np.full(count, number, dtype=np.int16), tuple(doses)),
            "due_date": due,
            "given_date": np.where(given, due + delay, np.datetime64("NaT")),
            "contraindicated": truths(refused),
            "recorded_at": recorded(world, area, due + delay, rng),
        }
