"""Made-up names: surnames by their share, given names by sex, now and then one that systems find hard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from qingmiao.demo.drafts import Array
from qingmiao.demo.scenario import Scenario
from qingmiao.demo.streams import Streams

PLACE = "register.names"


def drawn(weights: Mapping[str, Any], u: Array) -> Array:
    """One of the keys for each uniform number, by weight."""
    names = np.array(list(weights), dtype=object)
    edges = np.cumsum([float(w) for w in weights.values()])
    found: Array = names[np.searchsorted(edges[:-1] / edges[-1], u, side="right")]
    return found


def surnames(scenario: Scenario, streams: Streams, what: str, block: int, count: int) -> Array:
    """Surnames (count,)."""
    return drawn(scenario.group(f"{PLACE}.surnames"), streams.rng(f"surnames:{what}", block).random(count))


def given(scenario: Scenario, streams: Streams, what: str, block: int, female: Array) -> Array:
    """Given names (n,) by sex: mostly two characters, each from a list of its own place in the name."""
    rng, found = streams.rng(f"given:{what}", block), np.empty(len(female), dtype=object)
    single = rng.random(len(female)) < scenario.number(f"{PLACE}.single")
    for sex, rows in (("M", np.flatnonzero(~female)), ("F", np.flatnonzero(female))):
        pools = [np.array(list(scenario.text(f"{PLACE}.{what}.{sex}.{part}")), dtype=object) for part in ("one", "two")]
        one = pools[0][rng.integers(0, len(pools[0]), len(rows))]
        two = pools[1][rng.integers(0, len(pools[1]), len(rows))]
        found[rows] = np.where(single[rows], two, one + two)
    return found


def hard(scenario: Scenario, streams: Streams, block: int, names: Array) -> Array:
    """The names with a few whole ones put in their place: with a dot, with characters beyond the first plane."""
    whole = np.array([str(n) for n in scenario.items(f"{PLACE}.hard")], dtype=object)
    rng = streams.rng("hard names", block)
    hit = np.flatnonzero(rng.random(len(names)) < scenario.number(f"{PLACE}.hard_share"))
    if len(whole):
        names[hit] = whole[rng.integers(0, len(whole), len(hit))]
    return names
