"""One child against a register: what to look up, and the few that are found, by the same score as a batch.

An application keeps the columns of `Keys` that `LOOKED_UP` names beside each child, number and telephone as blind
indexes, and an index for each of `BLOCKS`. `lookups` says which equal values to ask for; what comes back is scored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from qingmiao.identity.linking.keys import BLOCKS, Keys
from qingmiao.identity.linking.scoring import Rarity, Score, score

Name = TypeVar("Name")
LOOKED_UP = tuple(sorted({column for block in BLOCKS for column in block}))
"""The columns by which children are looked up."""
SHOWN = 0.1
"""Less probable ones are not shown: the pairs that a batch leaves out."""


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Name]):
    """A child that may be the same, with its score."""

    name: Name
    score: Score


def lookups(keys: Keys) -> list[Mapping[str, object]]:
    """What to ask a register for: in each mapping all columns must be equal; a child that fits any of them is a
    candidate."""
    asked = ({column: getattr(keys, column) for column in block} for block in BLOCKS)
    return [wanted for wanted in asked if None not in wanted.values()]


def candidates(
    keys: Keys,
    find: Callable[[list[Mapping[str, object]]], Iterable[tuple[Name, Keys]]],
    rarity: Rarity | None = None,
) -> list[Candidate[Name]]:
    """The children that may be the same, the likeliest first; empty when there is none.

    `find` gives the children of a register (name and keys) that fit any of the mappings, each as often as it likes.
    Those of probability below 0.1 are left out.
    """
    found = dict(find(lookups(keys)))
    scored = [Candidate(name, score(keys, other, rarity)) for name, other in found.items()]
    likely = [candidate for candidate in scored if candidate.score.probability >= SHOWN]
    return sorted(likely, key=lambda candidate: (-candidate.score.bits, str(candidate.name)))
