"""Administrative areas (行政区划): one tree, 12-digit statistical codes whose first digits name the parents.

Source of the code form: GB/T 2260 (first six digits) and GB/T 10114 (next three), 统计用区划代码 (last three).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


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
        return list(AreaLevel).index(self)


@dataclass(frozen=True)
class Area:
    """One area. `attributes` are codes that hold for the whole area, such as ``residence: rural``."""

    code: str
    name: str
    level: AreaLevel
    parent: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()

    def attribute(self, name: str) -> str | None:
        """The area's own code for `name`, or None."""
        return dict(self.attributes).get(name)


@dataclass(frozen=True)
class AreaTree:
    """All areas that a pack knows, by code. Codes are unique; parents exist; there is no circle."""

    areas: tuple[Area, ...]
    _by_code: dict[str, Area] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_code: dict[str, Area] = {}
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

    def __getitem__(self, code: str) -> Area:
        return self._by_code[code]

    def __iter__(self) -> Iterator[Area]:
        return iter(self.areas)

    def get(self, code: str) -> Area | None:
        """The area, or None."""
        return self._by_code.get(code)

    def at(self, level: AreaLevel) -> tuple[Area, ...]:
        """All areas of one level, in the order of the pack."""
        return tuple(a for a in self.areas if a.level is level)

    def ancestor(self, code: str, level: AreaLevel) -> Area | None:
        """The area itself or the one above it at `level`; None where there is none."""
        area = self._by_code.get(code)
        while area is not None and area.level is not level:
            area = self._by_code.get(area.parent) if area.parent else None
        return area

    def under(self, code: str, level: AreaLevel) -> tuple[Area, ...]:
        """The areas of `level` below (or equal to) `code`."""
        return tuple(a for a in self.at(level) if code in self._path(a.code))

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
