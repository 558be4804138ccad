"""Which children are of one household: twins (born on the same day) and siblings some years apart, in one township."""

from __future__ import annotations

import numpy as np

from qingmiao.demo.drafts import Array
from qingmiao.demo.people import PeopleBlock
from qingmiao.demo.scenario import Scenario

YEARS_APART = 3


def households(scenario: Scenario, block: PeopleBlock) -> Array:
    """Household of each child: the row of its first child in the block (n,)."""
    first = np.arange(len(block))
    order = np.lexsort((block.number, block.birth, block.home))
    rng = block.streams.rng("households", block.id)
    span = float((block.birth.max() - block.birth.min()).astype(np.int64)) / 365.25 if len(block) else 0.0
    for home in np.unique(block.home):
        rows = order[block.home[order] == home]
        apart = max(1, round(len(rows) * YEARS_APART / max(span, YEARS_APART)))
        place = np.arange(len(rows))
        elder = (place // apart % 2 == 0) & (place + apart < len(rows))
        elder &= rng.random(len(rows)) < scenario.number("register.siblings")
        first[rows[place[elder] + apart]] = rows[elder]
    one, two = twins(scenario, block, order)
    first[two] = first[one]
    return first


def twins(scenario: Scenario, block: PeopleBlock, order: Array) -> tuple[Array, Array]:
    """(first, second) of every pair of twins: rows next to each other in `order` with one day and one township."""
    rng = block.streams.rng("twins", block.id)
    same = (block.birth[order[1:]] == block.birth[order[:-1]]) & (block.home[order[1:]] == block.home[order[:-1]])
    chance = scenario.number("register.twins") / 2 / max(float(same.mean()) if len(same) else 1.0, 1e-9)
    hit = same & (rng.random(len(same)) < chance)
    hit[1:] &= ~hit[:-1]  # nobody is in two pairs
    at = np.flatnonzero(hit)
    return order[at], order[at + 1]
