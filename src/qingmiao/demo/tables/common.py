"""What the makers of the standard fact tables share. This package is the only place that names tables and columns.

Names of tables and columns are those of the shared content (`facts/*.yaml`); codes are those of its code lists.
"""

from __future__ import annotations

import numpy as np

from qingmiao.demo.drafts import Array, Coded, NumberedIds
from qingmiao.demo.people import PeopleBlock, first_day
from qingmiao.demo.scenario import Floats
from qingmiao.demo.world import World

SEX = ("M", "F")
CHILD = "演示-C"


def child_ids(block: PeopleBlock, rows: Array) -> NumberedIds:
    """The children's ids, the same in every table."""
    return NumberedIds(CHILD, block.number[rows])


def sexes(block: PeopleBlock, rows: Array) -> Coded:
    """The children's sex as codes."""
    return Coded(block.sex[rows], SEX)


def numbers(prefix: str, block: PeopleBlock, rows: Array, serial: int = 0, per_child: int = 1) -> NumberedIds:
    """Ids of events: unique as long as a child has fewer than `per_child` of them, told apart by `serial`."""
    return NumberedIds(prefix, block.number[rows] * per_child + serial, 10)


def truths(values: Array) -> Array:
    """True and false as a column without missing values."""
    return values.astype(np.int8)


def recorded(world: World, area: Array, days: Array, rng: np.random.Generator) -> Array:
    """When a row was entered: some days after the event, later in townships that report late (``late_recording``)."""
    lag = rng.integers(2, 31, len(days))
    late = np.zeros(len(world.places.codes), dtype=np.int64)
    for code in world.scenario.names("late_recording"):
        late[world.places.position(code)] = int(world.scenario.number(f"late_recording.{code}"))
    entered: Array = days + (lag + late[area])
    return entered


def year_end(year: int) -> Array:
    """31 December as one day."""
    day: Array = first_day(np.array([year + 1]))[0] - 1
    return day


def inside(world: World, days: Array) -> Array:
    """Whether days lie in the years that are generated."""
    first, last = world.scenario.first_year, world.scenario.last_year
    within: Array = (days >= first_day(np.array([first]))[0]) & (days < first_day(np.array([last + 1]))[0])
    return within


def share(world: World, place: str, years: Array) -> Floats:
    """A percentage of the scenario as a share in 0–1, by year."""
    return world.scenario.levels(place, years) / 100


def chosen(world: World, place: str, u: Array) -> Coded:
    """A code drawn with the weights of a mapping code → weight, by uniform numbers."""
    weights = world.scenario.group(place)
    edges = np.cumsum([float(w) for w in weights.values()])
    index = np.searchsorted(edges[:-1] / edges[-1], u, side="right").astype(np.int16)
    return Coded(index, tuple(str(k) for k in weights))


def disabled(world: World, block: PeopleBlock) -> Array:
    """Which children live with a disability (lasting)."""
    lives: Array = block.trait("disability") < world.scenario.number("disability.share") / 100
    return lives


def disability_kind(world: World, block: PeopleBlock) -> Coded:
    """The kind of disability; missing for the others."""
    kinds = chosen(world, "disability.kinds", block.trait("disability_kind"))
    return Coded(np.where(disabled(world, block), kinds.index, -1), kinds.values)
