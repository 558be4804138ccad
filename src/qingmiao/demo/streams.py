"""One seed, many independent streams: a stream is fixed by the seed and its name, never by what was drawn before it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Streams:
    """Child streams of one seed, as `SeedSequence.spawn` makes them: a new table changes no other table's numbers."""

    seed: int

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"seed {self.seed} is negative")

    def rng(self, name: str, *parts: int) -> np.random.Generator:
        """The stream of a name (a table, a trait) and of numbers such as block and year (all ≥ 0)."""
        key = (zlib.crc32(name.encode()), *parts)
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=key)))

    def fraction(self, name: str, *parts: int) -> float:
        """One uniform number in [0, 1) of a stream."""
        return float(self.rng(name, *parts).random())
