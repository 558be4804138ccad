"""What happened to areas: dated changes of codes, and what follows for validity, old codes and the series before.

A recoded or renamed area is one area under its newest code. A merger, a move and a split make areas begin and end; what
an area was made of before is its territory (`AreaTree.territory`). Rules for people: docs/explanation/area-history.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

ONE_DAY = timedelta(days=1)


class ChangeKind(StrEnum):
    """What happened on a day."""

    MERGED = "merged"
    SPLIT = "split"
    RENAMED = "renamed"
    RECODED = "recoded"
    ABOLISHED = "abolished"
    MOVED = "moved"

    @property
    def label(self) -> str:
        """Chinese name."""
        return {
            "merged": "合并",
            "split": "分设",
            "renamed": "更名",
            "recoded": "换代码",
            "abolished": "撤销",
            "moved": "划转",
        }[self.value]


@dataclass(frozen=True)
class AreaChange:
    """One change: on `day` the areas `before` became the areas `after` (codes; an area may be on both sides).

    `below`: the codes under a recoded area change their first digits with it. `shares`: the part of what came before
    that each new area of a split gets, by code (0–1). `was`: the old name of a renamed area.
    """

    day: date
    kind: ChangeKind
    before: tuple[str, ...]
    after: tuple[str, ...]
    below: bool = False
    shares: tuple[tuple[str, float], ...] = ()
    was: str = ""

    @property
    def is_same_area(self) -> bool:
        """Whether one area goes on under another code or name."""
        return self.kind in (ChangeKind.RENAMED, ChangeKind.RECODED)

    @property
    def absorbs(self) -> bool:
        """One area taken into one that existed already (B 并入 A)."""
        joins = self.kind in (ChangeKind.MERGED, ChangeKind.ABOLISHED)
        return joins and len(self.before) == 1 and len(self.after) == 1

    @property
    def carves_out(self) -> bool:
        """One new area taken out of one that goes on (从 A 析出 D)."""
        return self.kind is ChangeKind.SPLIT and len(self.before) == 1 and len(self.after) == 1

    @property
    def ends(self) -> tuple[str, ...]:
        """The codes whose area is no more from `day` on."""
        if self.is_same_area or self.carves_out:
            return ()
        return tuple(c for c in self.before if c not in self.after)

    @property
    def begins(self) -> tuple[str, ...]:
        """The codes whose area exists only from `day` on."""
        if self.is_same_area or self.absorbs or self.kind is ChangeKind.ABOLISHED:
            return ()
        return tuple(c for c in self.after if c not in self.before)

    @property
    def sources(self) -> tuple[str, ...]:
        """What the one area after a merger or move was made of before, itself included where it existed; ()
        otherwise."""
        joins = (ChangeKind.MERGED, ChangeKind.MOVED, ChangeKind.ABOLISHED)
        if self.kind not in joins or len(self.after) != 1:
            return ()
        return tuple(dict.fromkeys((*self.before, *self.after))) if self.absorbs else self.before


@dataclass(frozen=True)
class FormerCode:
    """A code that an area had until `last`: rows under it are that area's. `code`: its present code."""

    code: str
    last: date
    name: str = ""


def former_codes(changes: Iterable[AreaChange], known: Mapping[str, str]) -> dict[str, FormerCode]:
    """Old code → present code, through chains of changes. `known`: code → name of every listed area.

    A change with `below` also renames the codes under the old one, where the same ending is listed under the new one
    and no change of its own says otherwise.
    """
    step: dict[str, FormerCode] = {}
    own = [c for c in changes if c.is_same_area and len(c.before) == len(c.after) == 1 and c.before != c.after]
    for change in own:
        step[change.before[0]] = FormerCode(change.after[0], change.day - ONE_DAY, change.was)
    said = {c.after[0] for c in own}
    for change in (c for c in own if c.below):
        old, new = (x.rstrip("0") if len(x) == 12 else x for x in (change.before[0], change.after[0]))
        for code in known:
            if code.startswith(new) and code != change.after[0] and code not in said:
                step.setdefault(old + code[len(new) :], FormerCode(code, change.day - ONE_DAY))
    found: dict[str, FormerCode] = {}
    for old in step:
        at, seen = step[old], {old}
        while at.code in step and at.code not in seen:
            seen.add(at.code)
            at = replace(step[at.code], last=step[old].last)
        found[old] = replace(at, last=step[old].last, name=step[old].name or known.get(old, ""))
    return {old: f for old, f in found.items() if f.code != old}


def lifetimes(
    changes: Iterable[AreaChange], written: Mapping[str, tuple[date | None, date | None]]
) -> dict[str, tuple[date | None, date | None]]:
    """First and last day of each area: what its `valid` says, else what the changes say, else open."""
    found = dict(written)
    for change in changes:
        for code in change.begins:
            first, last = found.get(code, (None, None))
            found[code] = (first or change.day, last)
        for code in change.ends:
            first, last = found.get(code, (None, None))
            found[code] = (first, last or change.day - ONE_DAY)
    return found
