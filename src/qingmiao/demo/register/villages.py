"""The villages and communities of the county as the facts know them, each with a code of its own below its township."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingmiao.demo.drafts import Array
from qingmiao.demo.tables.units import community_units
from qingmiao.demo.world import World

FIRST = 801
"""Codes of villages count from here: statistical codes of villages begin at 001 and at 200."""


@dataclass(frozen=True)
class VillageList:
    """All villages by position: code (12 digits) and name; `first`, `count` by township."""

    code: Array
    name: Array
    first: Array
    count: Array

    def pick(self, township: Array, u: Array) -> Array:
        """A village of each township, by a uniform number."""
        found: Array = self.first[township] + np.floor(u * self.count[township]).astype(np.int64)
        return found


def village_list(world: World) -> VillageList:
    """Every community and village, by township; a township without any is one village."""
    found = community_units(world)
    codes, titles = list[str](), list[str]()
    first, count = list[int](), list[int]()
    for position, township in enumerate(world.places.codes):
        own = np.flatnonzero(found.township == position)
        first.append(len(codes))
        count.append(max(1, len(own)))
        codes += [f"{township}{FIRST + n}" for n in range(count[-1])]
        titles += [str(found.name[n]) for n in own] or [f"（演示）{world.places.names[position]}"]
    return VillageList(np.array(codes), np.array(titles, dtype=object), np.array(first), np.array(count))
