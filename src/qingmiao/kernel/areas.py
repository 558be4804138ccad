"""Administrative areas (行政区划): one tree, 12-digit statistical codes whose first digits name the parents.

Source of the code form: GB/T 2260 (first six digits) and GB/T 10114 (next three), 统计用区划代码 (last three).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from qingmiao.kernel.area_history import AreaChange, ChangeKind, FormerCode, former_codes, lifetimes

NATION = "CN"
"""The code of the whole country."""


def stem(code: str) -> str:
    """What the codes of everything inside an area begin with: a code without the zeros that stand for the whole of it.

    140000 → 14, 141000 → 1410, 141029 and longer as they are, the country → "" (GB/T 2260: two digits a level).
    """
    if code == NATION:
        return ""
    if len(code) == 6:
        return code.removesuffix("0000") if code.endswith("0000") else code.removesuffix("00")
    return code


def lies_in(inner: str, outer: str) -> bool:
    """Whether an area lies in another or is it, by their codes alone (names and history do not matter)."""
    return inner.startswith(stem(outer))


class AreaLevel(StrEnum):
    """From the nation down to the village."""

    NATION = "nation"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"

    @property
    def label(self) -> str:
        """Chinese name."""
        return {
            "nation": "全国",
            "province": "省级",
            "city": "市级",
            "county": "县级",
            "township": "乡镇",
            "village": "村（社区）",
        }[self.value]

    @property
    def noun(self) -> str:
        """Chinese word behind a number: 3 个县（市、区）, never 3 个县级."""
        return {
            "nation": "国家",
            "province": "省（区、市）",
            "city": "市（州）",
            "county": "县（市、区）",
            "township": "乡镇",
            "village": "村（社区）",
        }[self.value]

    @property
    def each(self) -> str:
        """How the areas of this level are called side by side (各…)."""
        return {
            "nation": "国家",
            "province": "省（自治区、直辖市）",
            "city": "市（州）",
            "county": "县（市、区）",
            "township": "乡镇",
            "village": "村（社区）",
        }[self.value]

    @property
    def depth(self) -> int:
        """0 for the nation … 5 for a village."""
        return _DEPTHS[self]


_DEPTHS = {level: depth for depth, level in enumerate(AreaLevel)}


@dataclass(frozen=True)
class AreaNode:
    """One area. `attributes` are codes that hold for the whole area, such as ``residence: rural``.

    It exists from `first` to `last` (both included; None = open).
    """

    code: str
    name: str
    level: AreaLevel
    parent: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    first: date | None = None
    last: date | None = None

    def exists(self, day: date) -> bool:
        """Whether the area exists on a day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def attribute(self, name: str) -> str | None:
        """The area's own code for `name`, or None."""
        return dict(self.attributes).get(name)


@dataclass(frozen=True)
class AreaTree:
    """All areas that a pack knows, by code. Codes are unique; parents exist; there is no circle.

    Given as listed, with what happened to them: an area that was recoded stands once, under its present code, its old
    code in `former`; areas that begin or end with a change have their first or last day.
    """

    areas: tuple[AreaNode, ...]
    changes: tuple[AreaChange, ...] = ()
    former: dict[str, FormerCode] = field(init=False, repr=False, compare=False)
    _by_code: dict[str, AreaNode] = field(init=False, repr=False, compare=False)
    _renewed: tuple[AreaChange, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        former = former_codes(self.changes, {a.code: a.name for a in self.areas})
        object.__setattr__(self, "former", former)
        object.__setattr__(self, "_renewed", tuple(self._present(c) for c in self.changes if not c.is_same_area))
        if self.changes:
            object.__setattr__(self, "areas", _with_history(self.areas, self.changes, former))
        by_code: dict[str, AreaNode] = {}
        for area in self.areas:
            if area.code in by_code:
                raise ValueError(f"duplicate area code {area.code}")
            by_code[area.code] = area
        object.__setattr__(self, "_by_code", by_code)
        for area in self.areas:
            seen = {area.code}
            parent = area.parent
            while parent is not None:
                if parent not in by_code or parent in seen:
                    raise ValueError(f"area {area.code}: parent {parent} is unknown or in a circle")
                seen.add(parent)
                parent = by_code[parent].parent

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __getitem__(self, code: str) -> AreaNode:
        return self._by_code[code]

    def __iter__(self) -> Iterator[AreaNode]:
        return iter(self.areas)

    def get(self, code: str) -> AreaNode | None:
        """The area, or None."""
        return self._by_code.get(code)

    def current(self, code: str) -> str:
        """The present code of an area that may be given by a former one."""
        return self.former[code].code if code in self.former else code

    def codes_of(self, code: str) -> tuple[str, ...]:
        """The present code of an area and all its former ones."""
        return (code, *(old for old, f in self.former.items() if f.code == code))

    def _present(self, change: AreaChange) -> AreaChange:
        """The change under the present codes of its areas."""
        before = tuple(self.current(c) for c in change.before)
        return replace(change, before=before, after=tuple(self.current(c) for c in change.after))

    def at(self, level: AreaLevel, on: date | None = None) -> tuple[AreaNode, ...]:
        """All areas of one level, in the order of the pack: those that exist on a day, or (no day) ever did."""
        return tuple(a for a in self.areas if a.level is level and (on is None or a.exists(on)))

    def ancestor(self, code: str, level: AreaLevel) -> AreaNode | None:
        """The area itself or the one above it at `level`; None where there is none."""
        area = self._by_code.get(code)
        while area is not None and area.level is not level:
            area = self._by_code.get(area.parent) if area.parent else None
        return area

    def under(self, code: str, level: AreaLevel, on: date | None = None) -> tuple[AreaNode, ...]:
        """The areas of `level` below (or equal to) `code`: those that exist on a day, or (no day) ever did."""
        return tuple(a for a in self.at(level, on) if code in self._path(a.code))

    def territory(self, code: str, on: date) -> tuple[str, ...]:
        """The areas that on a day were what `code` is made of since its last merger or move; itself without one.

        Empty where the day lies before an area that came out of a split (nobody counted its part then), or where a part
        of it came out of such a split.
        """
        return self._made_of(code, on, frozenset())

    def became(self, code: str) -> AreaChange | None:
        """The change with which an area ended; None where it goes on, or where only its validity says that it ended."""
        return next((c for c in self._renewed if code in c.ends), None)

    @property
    def has_history(self) -> bool:
        """Whether any area has a former code, a first or a last day."""
        return bool(self.former) or any(a.first is not None or a.last is not None for a in self.areas)

    @property
    def continued(self) -> tuple[str, ...]:
        """The areas with a merger or a move: their figures before it are those of what they were made of."""
        found = (c.after[0] for c in self._renewed if c.sources and c.after[0] in self._by_code)
        return tuple(dict.fromkeys(found))

    def parts_of(self, code: str) -> tuple[str, ...]:
        """The areas that were merged or moved into `code` directly, in the order of the changes."""
        found = (s for c in self._renewed if c.sources and c.after == (code,) for s in c.sources)
        return tuple(dict.fromkeys(found))

    @property
    def split_off(self) -> dict[str, AreaChange]:
        """New area → the split that it came out of."""
        splits = (c for c in self._renewed if c.kind is ChangeKind.SPLIT)
        return {new: c for c in splits for new in c.begins if new in self._by_code}

    def joined_on(self, code: str) -> tuple[date, ...]:
        """The days on which other areas were merged or moved into `code`."""
        return tuple(sorted(c.day for c in self._renewed if c.sources and c.after == (code,)))

    def redrawn_on(self, code: str) -> tuple[date, ...]:
        """The days on which `code` gave a part of itself to a new area and went on: no comparison reaches over them."""
        return tuple(sorted(c.day for c in self._renewed if _gives(c, code)))

    def _made_of(self, code: str, on: date, seen: frozenset[AreaChange]) -> tuple[str, ...]:
        later = [c for c in self._renewed if c.sources and c.after == (code,) and c.day > on and c not in seen]
        if later:
            change = max(later, key=lambda c: c.day)
            parts = [self._made_of(s, on, seen | {change}) for s in change.sources]
            return tuple(dict.fromkeys(x for p in parts for x in p)) if all(parts) else ()
        area = self._by_code.get(code)
        return (code,) if area is not None and area.exists(on) else ()

    def level_below(self, code: str) -> AreaLevel | None:
        """The next level at which areas lie below `code`; None where it has none."""
        depth = self._by_code[code].level.depth
        for level in AreaLevel:
            if level.depth > depth and self.under(code, level):
                return level
        return None

    def attribute(self, code: str, name: str) -> str | None:
        """The nearest value of an attribute, from the area upwards."""
        for step in self._path(code):
            value = self._by_code[step].attribute(name)
            if value is not None:
                return value
        return None

    def _path(self, code: str) -> Iterable[str]:
        step: str | None = code
        while step is not None and step in self._by_code:
            yield step
            step = self._by_code[step].parent


def _gives(change: AreaChange, code: str) -> bool:
    """Whether `code` lost a part by a change and goes on."""
    if change.carves_out:
        return change.before == (code,)
    return len(change.after) > 1 and code in change.before and code in change.after


def _with_history(
    areas: tuple[AreaNode, ...], changes: tuple[AreaChange, ...], former: dict[str, FormerCode]
) -> tuple[AreaNode, ...]:
    """The areas under their present codes, with their first and last days. A recoded area begins when it first did."""
    days = lifetimes(changes, {a.code: (a.first, a.last) for a in areas})
    began: dict[str, date | None] = {}
    for area in areas:
        if area.code in former:
            began[former[area.code].code] = days[area.code][0]
    renewed = {f.code for f in former.values()}
    found = []
    for area in areas:
        if area.code in former:
            continue
        first, last = days[area.code]
        if area.code in renewed:
            first = began.get(area.code)
        parent = former[area.parent].code if area.parent in former else area.parent
        found.append(replace(area, parent=parent, first=first, last=last))
    return tuple(found)
