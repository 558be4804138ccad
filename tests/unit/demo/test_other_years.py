"""What lasts in a demonstration county is the same while rows of other years are made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qingmiao.content.load import load_pack
from qingmiao.demo.places import places_of
from qingmiao.demo.scenario import read_scenario
from qingmiao.demo.streams import Streams
from qingmiao.demo.tables.schooling import school_list
from qingmiao.demo.world import World

XIANGNING = Path(__file__).parents[3] / "content" / "xiangning"


@pytest.mark.parametrize("scale", [0.01, 1.0, 20.0])
def test_the_schools_of_a_later_year_are_those_of_the_county(scale: float) -> None:
    pack = load_pack(XIANGNING)
    scenario = read_scenario(pack)
    world = World(pack, scenario, places_of(pack, scenario), Streams(1), scale)
    after = replace(world, scenario=replace(scenario, first_year=2026, last_year=2026), counts={})
    before, later = school_list(world), school_list(after)
    for name in ("stage", "township", "first", "count"):
        assert np.array_equal(getattr(before, name), getattr(later, name))
    assert after.whole == scenario.years
