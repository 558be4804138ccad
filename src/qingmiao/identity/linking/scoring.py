"""The probability that two records are of one child, with reasons: one pair at a time, equal to what Splink gives a
batch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from qingmiao.identity.linking.comparing import COMPARISONS, vetoed
from qingmiao.identity.linking.keys import Keys

SIZE = 20_000
"""Records of a small county's register: fewer are judged as if they were a part of it."""


@dataclass(frozen=True, slots=True)
class Rarity:
    """How many records are compared with, and what share of them has a written name (`written`) or a birth
    (`birth`)."""

    records: int = SIZE
    written: Mapping[str, float] = field(default_factory=dict)
    birth: Mapping[str, float] = field(default_factory=dict)

    def share(self, column: str, a: Keys, b: Keys) -> float | None:
        """The share of the more frequent of two values of a column; ``None`` where it is not known."""
        known: Mapping[str, float] = getattr(self, column)
        found = [known[value] for keys in (a, b) if (value := getattr(keys, column)) in known]
        return max(found) if found else None


@dataclass(frozen=True, slots=True)
class Score:
    """A probability (0 to 1), its weight in bits, and the reasons in Chinese, the weightiest first."""

    probability: float
    bits: float
    reasons: tuple[str, ...]


def prior(records: int) -> float:
    """The probability that two of so many records, taken at random, are of one child.

    More than one partner each: it is set with the weights so that 0.5 is where made-up registers are best cut.
    """
    return 32.0 / max(records, SIZE)


def score(a: Keys, b: Keys, rarity: Rarity | None = None) -> Score:
    """How likely two records are of one child; 0 with the reason where a veto forbids it."""
    rarity = rarity or Rarity()
    if why := vetoed(a, b):
        return Score(0.0, -math.inf, (why,))
    start = prior(rarity.records)
    bits = math.log2(start / (1 - start))
    told = []
    for comparison in COMPARISONS:
        level = comparison.level(a, b)
        weight = level.bits
        if level.rare and (share := rarity.share(level.rare, a, b)) is not None:
            weight += math.log2(level.u / share)
        bits += weight
        if weight:
            told.append((abs(weight), level.label))
    told.sort(reverse=True)
    return Score(probability(bits), bits, tuple(label for _, label in told))


def probability(bits: float) -> float:
    """The probability of odds of so many bits."""
    return 1 / (1 + 2 ** min(max(-bits, -1000), 1000)) if bits < 1000 else 1.0
