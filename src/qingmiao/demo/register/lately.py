"""What was recorded since the last year of the facts, up to a fixed day: rows of the records' tables alone, so that the
work lists of a demonstration are those of a working county.

They stand in `register/lately/facts`, beside the register: no department brings them, and no return counts them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from qingmiao.content.facts import Fact
from qingmiao.demo.drafts import Draft, take
from qingmiao.demo.people import PeopleBlock
from qingmiao.demo.tables import CHILD_TABLES
from qingmiao.demo.world import World
from qingmiao.demo.writer import FactTableWriter

PLACE = "register.lately"
FOLDER = Path("lately") / "facts"
"""Below the register's own."""


def lately_writers(world: World, folder: Path, *, seed: int) -> dict[str, FactTableWriter]:
    """A writer for each table that the scenario names there, of those that the pack has; none without that place."""
    if not world.scenario.has(PLACE):
        return {}
    names = [str(n) for n in world.scenario.items(f"{PLACE}.tables")]
    facts = {n: world.pack.facts[n] for n in names if n in CHILD_TABLES and n in world.pack.facts}
    return {n: FactTableWriter(fact, folder / FOLDER, csv=False, seed=seed) for n, fact in facts.items()}


def lately(world: World, block: PeopleBlock, fact: Fact) -> Iterator[Draft]:
    """The rows of a table of a block in the year after the last one that had been recorded by the scenario's day."""
    until = np.datetime64(date.fromisoformat(world.scenario.text(f"{PLACE}.until")), "D")
    year = world.scenario.last_year + 1
    after = replace(world, scenario=replace(world.scenario, first_year=year, last_year=year), counts={})
    for draft in CHILD_TABLES[fact.id](after, block):
        recorded = draft[fact.version or ""]
        assert isinstance(recorded, np.ndarray)
        known = take(draft, np.flatnonzero(recorded <= until))
        if fact.retracted is not None and fact.retracted not in known:
            known[fact.retracted] = np.full(len(recorded[recorded <= until]), -1, dtype=np.int8)
        yield known
