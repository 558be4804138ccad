"""A release checked against all earlier ones: what was shown or hidden before decides what may be shown now.

Two releases about the same people can be subtracted from each other: children under 17 from children under 18 leaves
those who are 17. So a release says about whom it is (`about`) and what each category covers, and a number
is compared with every number of earlier releases that counts the same people, or some of them, or them and others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from qingmiao.disclosure.policy import RULE, DisclosureRule
from qingmiao.disclosure.showing import ShownTable, show
from qingmiao.disclosure.suppression import Past
from qingmiao.disclosure.tables import CountTable, Flags, Place
from qingmiao.kernel.errors import UserError

Covers = Mapping[str, Mapping[str, frozenset[str]]]
"""By-column → category → the smallest groups of which it consists; a category that is not named is one of its own."""
TOLD = 5


class DisclosureError(UserError):
    """A table cannot be published beside what was published before."""


@dataclass(frozen=True)
class Released:
    """A published table: place → the number shown, None where it was suppressed.

    `about` says whom it counts, with the day or year; tables with another `about` cannot be subtracted.
    """

    name: str
    about: str
    by: tuple[str, ...]
    shown: Mapping[Place, int | None]
    covers: Covers = field(default_factory=dict)


@dataclass(frozen=True)
class Near:
    """A number of the new table from which one of an earlier release differs by a small count."""

    place: Place
    name: str
    earlier: Place


def release(
    table: CountTable,
    earlier: Sequence[Released] = (),
    *,
    covers: Covers | None = None,
    elsewhere: Sequence[Place] = (),
    rule: DisclosureRule = RULE,
) -> ShownTable:
    """A table as it may be published after all `earlier` releases about the same people.

    `elsewhere`: places whose count is published beside the table (a county's own number), so that not showing it in
    the table protects nothing. Numbers that were hidden before stay hidden; numbers that differ by a small count from
    one shown before are hidden.
    Raises `DisclosureError` where a small number cannot be protected, because what would protect it is published.
    """
    if not earlier and not elsewhere:
        return _protected(show(table, rule=rule), earlier)
    groups = covers or {}
    known, kept, near = (np.zeros(len(table.code), dtype=np.bool_) for _ in range(3))
    for one in earlier:
        same, hidden = _same_people(table, groups, one)
        known |= same
        if set(one.by) == set(table.by):
            kept |= hidden
        else:
            near |= hidden
    beside = table.find(elsewhere)
    known[beside[beside >= 0]] = True
    known &= ~kept & ~near
    while True:
        shown = show(table, rule=rule, past=Past(known, kept, near))
        found = [n for one in earlier for n in differences(shown, groups, one, rule=rule)]
        more = table.find([n.place for n in found])
        if near[more].all():
            return _protected(shown, earlier)
        near[more] = True
        known &= ~near


def _protected(shown: ShownTable, earlier: Sequence[Released]) -> ShownTable:
    if not shown.pattern.bare:
        return shown
    places = [_told(shown.table, shown.table.place(n)) for n in shown.pattern.bare]
    more = f"等 {len(places)} 处" if len(places) > TOLD else ""
    before = "、".join(dict.fromkeys(one.name for one in earlier)) or "（无）"
    raise DisclosureError(
        f"不能发布：{'；'.join(places[:TOLD])}{more} 的小数字可以由以前发布的数推算出来（{before}）；"
        "请减少分组，或者合并类别以后再发布"
    )


def _told(table: CountTable, place: Place) -> str:
    return "，".join(f"{by} {name if name is not None else '合计'}" for by, name in zip(table.by, place, strict=True))


def _same_people(table: CountTable, covers: Covers, one: Released) -> tuple[Flags, Flags]:
    """The numbers of a table whose people an earlier release showed, and those that it hid."""
    boxes = _PeopleBoxes(table, covers, one)
    every = table.places()
    old = dict(zip(boxes.boxes_of_earlier(one.shown), one.shown.values(), strict=True))
    nothing = object()
    found = [old.get(box, nothing) for box in boxes.boxes(every)]
    shown = np.array([v is not nothing and v is not None for v in found], dtype=np.bool_)
    return shown, np.array([v is None for v in found], dtype=np.bool_)


def differences(shown: ShownTable, covers: Covers, one: Released, *, rule: DisclosureRule = RULE) -> list[Near]:
    """Numbers shown of a table that count some more or some fewer people than a number shown by an earlier release,
    where the two, as shown, are so near that the difference may be a small count.

    Only columns whose categories differ between the two are looked at for that; in the others both must say the same,
    for what can be added and subtracted inside one table is `suppression`'s.
    """
    there = np.flatnonzero(shown.there & (shown.table.counts > 0))
    places = [shown.table.place(n) for n in there.tolist()]
    old_places = [p for p, v in one.shown.items() if v]
    boxes = _PeopleBoxes(shown.table, covers, one)
    if all(boxes.alike):
        return []
    old = boxes.boxes_of_earlier(old_places)
    wide = rule.small + rule.base // 2 + rule.base // 2
    groups: dict[tuple[frozenset[str], ...], list[int]] = {}
    for i, box in enumerate(old):
        groups.setdefault(boxes.fixed(box), []).append(i)
    found = []
    values = [v for v in one.shown.values() if v]
    for place, number, box in zip(places, there.tolist(), boxes.boxes(places), strict=True):
        for i in groups.get(boxes.fixed(box), ()):
            other = old[i]
            if box != other and abs(int(shown.values[number]) - values[i]) < wide and _nested(box, other):
                found.append(Near(place, one.name, old_places[i]))
                break
    return found


Box = tuple[frozenset[str], ...]
_Sets = dict[str, dict[str | None, frozenset[str]]]


def _nested(one: Box, other: Box) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True)) or all(a >= b for a, b in zip(one, other, strict=True))


class _PeopleBoxes:
    """The people of numbers as boxes: for each column of either table the groups that are counted."""

    def __init__(self, table: CountTable, covers: Covers, one: Released) -> None:
        self.columns = (*table.by, *(c for c in one.by if c not in table.by))
        self.here, self.earlier = _sets(table.by, table.places(), covers), _sets(one.by, list(one.shown), one.covers)
        sides = (self.here, self.earlier)
        self.every = {
            c: frozenset[str]().union(*(group for side in sides for group in side.get(c, {}).values()))
            for c in self.columns
        }
        self.alike = [
            all(c in side for side in sides) and set(self.here[c].values()) == set(self.earlier[c].values())
            for c in self.columns
        ]
        self.by, self.by_earlier = table.by, one.by

    def boxes(self, places: Iterable[Place]) -> list[Box]:
        """The boxes of numbers of the new table."""
        return self._boxed(self.by, places, self.here)

    def boxes_of_earlier(self, places: Iterable[Place]) -> list[Box]:
        """The boxes of numbers of the earlier table."""
        return self._boxed(self.by_earlier, places, self.earlier)

    def _boxed(self, by: Sequence[str], places: Iterable[Place], sets: _Sets) -> list[Box]:
        at = {column: d for d, column in enumerate(by)}
        return [
            tuple(sets[c][place[at[c]]] if c in at else self.every[c] for c in self.columns) for place in places
        ]  # fmt: skip

    def fixed(self, box: Box) -> Box:
        """What of a box must be the same in both: the columns with the same categories."""
        return tuple(part for part, alike in zip(box, self.alike, strict=True) if alike)


def _sets(by: Sequence[str], places: Sequence[Place], covers: Covers) -> _Sets:
    """Column → category → its groups; the total's are all those of its categories."""
    found: _Sets = {}
    for d, column in enumerate(by):
        names = {place[d] for place in places} - {None}
        sets: dict[str | None, frozenset[str]] = {
            name: covers.get(column, {}).get(name, frozenset([name])) for name in names if name is not None
        }
        sets[None] = frozenset().union(*sets.values())
        found[column] = sets
    return found
