"""What happened and was recorded since the last year of the facts, up to a fixed day: births, deaths and rows of the
records' tables alone, so that the work lists of a demonstration are those of a working county.

They stand in `register/lately/facts`, beside the register: no department brings them, and no return counts them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from qingmiao.content.facts import Fact
from qingmiao.demo.drafts import Array, Draft, take
from qingmiao.demo.people import NEVER, PeopleBlock, dying_too, first_day, later_blocks
from qingmiao.demo.tables import CHILD_TABLES
from qingmiao.demo.world import World
from qingmiao.demo.writer import FactTableWriter

PLACE = "register.lately"
FOLDER = Path("lately") / "facts"
"""Below the register's own."""


def until(world: World) -> np.datetime64 | None:
    """The day up to which things were recorded after the last year of the facts; None where the scenario has none."""
    if not world.scenario.has(PLACE):
        return None
    return np.datetime64(date.fromisoformat(world.scenario.text(f"{PLACE}.until")), "D")


def year_after(world: World) -> World:
    """The same county in the year after its last one."""
    year = world.scenario.last_year + 1
    return replace(world, scenario=replace(world.scenario, first_year=year, last_year=year), counts={})


def lived_on(world: World, block: PeopleBlock) -> PeopleBlock:
    """A block's children as they are on the scenario's day: some have died since the last year of the facts."""
    last = until(world)
    if last is None:
        return block
    death, cause = dying_too(year_after(world).scenario, world.streams, world.places, block)
    yet = (death > last) & (death < NEVER)
    return replace(block, death=np.where(yet, NEVER, death), cause=np.where(yet, -1, cause), kept={})


def newborns(world: World, *, after: int, children: int | None) -> Iterator[PeopleBlock]:
    """Who was born since the last year of the facts, up to the scenario's day, numbered on from `after`; in the
    register and in `lately` alone. `children`: the size of the county, as it was made."""
    last = until(world)
    if last is None:
        return
    for block in later_blocks(year_after(world).scenario, world.streams, world.places, children, first=after):
        rows = np.flatnonzero(block.birth <= last)
        yield PeopleBlock(
            block.id, block.number[rows], block.birth[rows], block.sex[rows], block.home[rows], block.streams,
            death=block.death[rows], cause=block.cause[rows], move_age=block.move_age[rows], seat=block.seat,
        )  # fmt: skip


def lately_writers(world: World, folder: Path, *, seed: int) -> dict[str, FactTableWriter]:
    """A writer for each table that the scenario names there, of those that the pack has; none without that place."""
    if not world.scenario.has(PLACE):
        return {}
    names = [str(n) for n in world.scenario.items(f"{PLACE}.tables")]
    facts = {n: world.pack.facts[n] for n in names if n in CHILD_TABLES and n in world.pack.facts}
    return {n: FactTableWriter(fact, folder / FOLDER, csv=False, seed=seed) for n, fact in facts.items()}


def lately(world: World, block: PeopleBlock, fact: Fact) -> Iterator[Draft]:
    """The rows of a table of a block (as it lived on) in the year after the last one that had been recorded by the
    scenario's day."""
    last, after = until(world), year_after(world)
    assert last is not None
    start = first_day(np.array([after.scenario.first_year]))[0]
    for draft in CHILD_TABLES[fact.id](after, block):
        recorded, on = _days(draft, fact.version or ""), _days(draft, fact.date or fact.version or "")
        known = take(draft, np.flatnonzero((recorded <= last) & (on >= start)))
        if fact.retracted is not None and fact.retracted not in known:
            known[fact.retracted] = np.full(len(_days(known, fact.version or "")), -1, dtype=np.int8)
        yield known


def _days(draft: Draft, column: str) -> Array:
    days = draft[column]
    assert isinstance(days, np.ndarray)
    return days
