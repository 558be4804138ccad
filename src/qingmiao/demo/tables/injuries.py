"""Injuries reported by several channels, and disability assessments."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qingmiao.demo.drafts import Coded, Draft, NumberedIds
from qingmiao.demo.people import CHILD_YEARS, PeopleBlock, first_day
from qingmiao.demo.tables.common import child_ids, chosen, disability_kind, disabled, numbers, recorded, sexes
from qingmiao.demo.world import World


def injuries(world: World, block: PeopleBlock) -> Iterator[Draft]:
    """One row a report; a few events are reported twice, the second report naming the first."""
    scenario = world.scenario
    for year in scenario.years:
        rng = world.streams.rng("injuries", block.id, year)
        day = first_day(np.array([year]))[0] + rng.integers(0, 365, len(block))
        exposed = block.alive(day) & (day < first_day(block.birth_year + CHILD_YEARS))
        rows = np.flatnonzero(exposed & (rng.random(len(block)) < scenario.level("injuries.per_1000", year) / 1000))
        day, area, count = day[rows], block.area(rows, year), len(rows)
        serial = 2 * (year - scenario.first_year)
        first = numbers("演示-I", block, rows, serial, 100)
        draft: Draft = {
            "injury_id": first,
            "child_id": child_ids(block, rows),
            "area_code": world.places.coded(area),
            "injured_on": day,
            "sex": sexes(block, rows),
            "birth_date": block.birth[rows],
            "cause": chosen(world, "injuries.causes", rng.random(count)),
            "place": chosen(world, "injuries.places", rng.random(count)),
            "intent": chosen(world, "injuries.intents", rng.random(count)),
            "severity": chosen(world, "injuries.severities", rng.random(count)),
            "outcome": chosen(world, "injuries.outcomes", rng.random(count)),
            "channel": chosen(world, "injuries.channels", rng.random(count)),
            "matched_with": NumberedIds(first.prefix, np.full(count, -1), first.width),
            "recorded_at": recorded(world, area, day, rng),
        }
        yield draft
        again = np.flatnonzero(rng.random(count) < scenario.number("injuries.twice") / 100)
        yield {
            **{n: v.take(again) if isinstance(v, Coded | NumberedIds) else v[again] for n, v in draft.items()},
            "injury_id": numbers("演示-I", block, rows[again], serial + 1, 100),
            "matched_with": first.take(again),
            "channel": chosen(world, "injuries.channels", rng.random(len(again))),
        }


def disability_register(world: World, block: PeopleBlock) -> Iterator[Draft]:
    """One row an assessment: once for each disabled child, at the age of its first assessment."""
    scenario = world.scenario
    rng = world.streams.rng("disability_register", block.id)
    day = block.birth + np.floor(400 + rng.random(len(block)) ** 1.5 * 5600).astype(np.int64)
    start, end = (
        first_day(np.array([scenario.first_year]))[0],
        first_day(np.array([scenario.last_year + 1]))[0],
    )
    rows = np.flatnonzero(disabled(world, block) & block.alive(day) & (day >= start) & (day < end))
    day, count = day[rows], len(rows)
    area = block.area(rows, 0) if count == 0 else block.area(rows, day.astype("datetime64[Y]").astype(np.int64) + 1970)
    cause = chosen(world, "disability.causes", rng.random(count))
    hurt = chosen(world, "disability.injury_causes", rng.random(count))
    by_injury = cause.index == cause.values.index("injury")
    kinds = disability_kind(world, block)
    yield {
        "assessment_id": NumberedIds("演示-D", block.number[rows]),
        "child_id": child_ids(block, rows),
        "area_code": world.places.coded(area),
        "assessed_on": day,
        "sex": sexes(block, rows),
        "birth_date": block.birth[rows],
        "kind": Coded(kinds.index[rows], kinds.values),
        "grade": rng.integers(1, 5, count),
        "cause": cause,
        "injury_cause": Coded(np.where(by_injury, hurt.index, -1), hurt.values),
        "recorded_at": recorded(world, area, day, rng),
    }
