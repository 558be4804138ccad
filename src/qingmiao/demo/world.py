"""What every maker of data shares: pack, scenario, places, streams, and counts that grow with the blocks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from qingmiao.content.pack import Pack
from qingmiao.demo.drafts import Array
from qingmiao.demo.places import Places
from qingmiao.demo.scenario import Scenario
from qingmiao.demo.streams import Streams


@dataclass
class World:
    """One demonstration county while it is made; `scale` is 1 for the scenario's own number of children.

    `whole`: the years of the county's data. What lasts (its schools, the numbers of what was recorded) follows from
    them also while rows of other years are made (`register.lately`).
    """

    pack: Pack
    scenario: Scenario
    places: Places
    streams: Streams
    scale: float
    counts: dict[str, Array] = field(default_factory=dict)
    whole: range = range(0)

    def __post_init__(self) -> None:
        self.whole = self.whole or self.scenario.years

    @property
    def years(self) -> Array:
        """All years generated (n,)."""
        return np.array(list(self.scenario.years))

    def add_year(self, name: str, year: int, counts: Array) -> None:
        """Add one block's counts of a year (any shape) to the running counts of a name (shape plus the years)."""
        if name not in self.counts:
            self.counts[name] = np.zeros((*counts.shape, len(self.scenario.years)), dtype=np.int64)
        self.counts[name][..., year - self.scenario.first_year] += counts
