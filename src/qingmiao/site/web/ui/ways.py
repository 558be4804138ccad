"""The ways from a page of much work to the work of one kind: a programme, a checklist, a kind of records.

Where something is open stands first with its number; the others are folded where they are many.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qingmiao.content.base import Label

FOLDED = 4
"""So many idle ones stand unfolded."""


@dataclass(frozen=True)
class Way:
    """One way: where it leads, its words, how much is open there (None: not counted), whether the page is there."""

    address: str
    label: Label
    open: int | None
    here: bool


@dataclass(frozen=True)
class Ways:
    """All ways of a page: those that show, those that are folded; `label` says what they go by."""

    label: Label
    shown: tuple[Way, ...]
    folded: tuple[Way, ...]


def ways(label: Label, rows: Iterable[tuple[str, Label, int | None]], *, query: str, chosen: str = "") -> Ways | None:
    """The ways to the things `rows` (id, label, open); `query`: the address before the id. None where there is none."""
    every = tuple(Way(f"{query}{id_}", words, n, id_ == chosen) for id_, words, n in rows)
    idle = [w for w in every if w.open == 0 and not w.here]
    folded = tuple(idle) if len(idle) > FOLDED else ()
    return Ways(label, tuple(w for w in every if w not in folded), folded) if every else None
