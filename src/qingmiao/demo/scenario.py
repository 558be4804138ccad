"""The scenario: levels and trends of a demonstration county, read from the YAML files of a pack's `demo/` folder.

A level is a number, or a mapping year → number (linear in between, flat outside). Every value is asked for by its
dotted place; a place that nobody asks for is named by `unused`, so that a typing mistake does not go unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingmiao.content.pack import Pack
from qingmiao.content.yaml_source import read_yaml
from qingmiao.kernel.errors import Fault, UserError

FOLDER = "demo"
Floats = NDArray[np.float64]


class ScenarioError(UserError):
    """A scenario that cannot be used: a file with faults, or a value that is missing or of the wrong type."""


@dataclass(frozen=True)
class Scenario:
    """Values by dotted place; `years` are the years that are generated."""

    values: Mapping[str, Any]  # YAML: numbers, texts, lists and mappings
    first_year: int
    last_year: int
    _asked: set[str] = field(default_factory=set, repr=False, compare=False)

    @property
    def years(self) -> range:
        """All years that are generated."""
        return range(self.first_year, self.last_year + 1)

    def has(self, place: str) -> bool:
        """Whether a place is given."""
        return self._find(place) is not None

    def number(self, place: str) -> float:
        """A single number."""
        value = self._need(place)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ScenarioError(f"演示参数 {place} 应为一个数，现在是 {value!r}")
        return float(value)

    def level(self, place: str, year: int) -> float:
        """A level in one year."""
        return float(self.levels(place, np.array([year]))[0])

    def levels(self, place: str, years: NDArray[Any]) -> Floats:
        """A level for many years (n,): linear between the years given, flat outside them."""
        value = self._need(place)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return np.full(len(years), float(value))
        if not isinstance(value, Mapping) or not value or not all(isinstance(y, int) for y in value):
            raise ScenarioError(f"演示参数 {place} 应为一个数，或「年份: 数」的映射，现在是 {value!r}")
        known = sorted(value)
        lowest, highest = (
            min(known[0], int(years.min(initial=known[0]))),
            max(known[-1], int(years.max(initial=known[0]))),
        )
        grid = np.arange(lowest, highest + 1)
        by_year: Floats = np.interp(grid, known, [float(value[y]) for y in known])
        found: Floats = by_year[np.asarray(years, dtype=np.int64) - lowest]
        return found

    def text(self, place: str) -> str:
        """A single text."""
        value = self._need(place)
        if not isinstance(value, str):
            raise ScenarioError(f"演示参数 {place} 应为文字，现在是 {value!r}")
        return value

    def group(self, place: str) -> Mapping[str, Any]:
        """A mapping; asking for it counts as asking for all that is in it. An absent one is empty."""
        value = self._find(place)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise ScenarioError(f"演示参数 {place} 应为映射，现在是 {value!r}")
        return value

    def names(self, place: str) -> tuple[str, ...]:
        """The keys of a mapping, without counting its values as used."""
        value = self._walk(place)
        return tuple(str(k) for k in value) if isinstance(value, Mapping) else ()

    def items(self, place: str) -> Sequence[Any]:
        """A list; an absent one is empty."""
        value = self._find(place)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise ScenarioError(f"演示参数 {place} 应为列表，现在是 {value!r}")
        return value

    def unused(self) -> tuple[str, ...]:
        """Places that nobody has asked for."""
        return tuple(p for p in _leaves(self.values) if not any(p == a or p.startswith(a + ".") for a in self._asked))

    def _walk(self, place: str) -> Any:
        value: Any = self.values
        for part in place.split("."):
            if not isinstance(value, Mapping) or part not in value:
                return None
            value = value[part]
        return value

    def _find(self, place: str) -> Any:
        self._asked.add(place)
        return self._walk(place)

    def _need(self, place: str) -> Any:
        value = self._find(place)
        if value is None:
            raise ScenarioError(f"演示参数缺少 {place}", [Fault(FOLDER, 0, "missing", f"缺少 {place}", place=place)])
        return value


def level_of(value: Any, year: int) -> float:
    """A level written inside a list or a cell's description: a number, or year → number as in `Scenario.levels`."""
    if isinstance(value, Mapping) and value and all(isinstance(y, int) for y in value):
        known = sorted(value)
        return float(np.interp(year, known, [float(value[y]) for y in known]))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ScenarioError(f"演示参数应为一个数，或「年份: 数」的映射，现在是 {value!r}")
    return float(value)


def _leaves(values: Mapping[Any, Any], above: str = "") -> list[str]:
    found = []
    for key, value in values.items():
        place = f"{above}{key}"
        if isinstance(value, Mapping) and value and all(isinstance(k, str) for k in value):
            found += _leaves(value, place + ".")
        else:
            found.append(place)
    return found


def read_scenario(pack: Pack) -> Scenario:
    """The scenario of a pack: all `demo/*.yaml` of its layers, later layers over earlier ones, key by key."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    found = False
    for layer in pack.layers:
        for path in sorted((layer / FOLDER).glob("*.yaml")):
            found = True
            document = read_yaml(path, f"{layer.name}/{FOLDER}/{path.name}")
            faults.extend(document.faults)
            if isinstance(document.data, Mapping):
                values = _over(values, _with_years(document.data))
    if faults:
        raise ScenarioError(f"演示参数有 {len(faults)} 处错误", faults)
    if not found:
        raise ScenarioError(f"内容包 {pack.id} 没有 {FOLDER}/*.yaml，不能生成演示数据")
    years = values.get("years")
    if not (isinstance(years, list) and len(years) == 2 and all(isinstance(y, int) for y in years)):
        raise ScenarioError("演示参数 years 应为 [起始年, 终止年]")
    values.pop("years")
    return Scenario(values, years[0], years[1])


def _with_years(value: Any) -> Any:
    """Mappings whose keys are all four digits get years as keys."""
    if isinstance(value, Mapping):
        years = bool(value) and all(len(str(k)) == 4 and str(k).isdigit() for k in value)
        return {int(k) if years else str(k): _with_years(v) for k, v in value.items()}
    return [_with_years(v) for v in value] if isinstance(value, list) else value


def _over(below: Mapping[Any, Any], above: Mapping[Any, Any]) -> dict[Any, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        nested = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _over(old, value) if nested and isinstance(old, Mapping) else value
    return merged
