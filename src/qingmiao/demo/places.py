"""Where the demonstration children live: the pack's townships with the scenario's weights, and the county town."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qingmiao.content.pack import Pack
from qingmiao.demo.drafts import Array, Coded
from qingmiao.demo.scenario import Floats, Scenario, ScenarioError
from qingmiao.kernel.areas import AreaLevel


@dataclass(frozen=True)
class Places:
    """Townships by position: code, name, share of the children; `seat` is the county town; `town` says urban."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    weights: Floats
    urban: Array
    seat: int

    def coded(self, index: Array) -> Coded:
        """An area column."""
        return Coded(index, self.codes)

    def position(self, code: str) -> int:
        """The position of a township's code. Raises ScenarioError when the pack does not have it."""
        if code not in self.codes:
            raise ScenarioError(f"演示参数提到内容包里没有的乡镇 {code}")
        return self.codes.index(code)

    def by_township(self, scenario: Scenario, place: str, years: Array, otherwise: float) -> Floats:
        """(township, year) levels given for some townships under `place`; the others have `otherwise`."""
        table = np.full((len(self.codes), len(years)), otherwise)
        for code in scenario.names(place):
            table[self.position(code)] = scenario.levels(f"{place}.{code}", years)
        return table

    def rates(self, scenario: Scenario, place: str, years: Array) -> Floats:
        """(township, year) levels: ``all`` for every township plus what a township has more or less (``more.CODE``)."""
        if scenario.has(f"{place}.all"):
            base = scenario.levels(f"{place}.all", years)
            return base + self.by_township(scenario, f"{place}.more", years, 0.0)
        return np.broadcast_to(scenario.levels(place, years), (len(self.codes), len(years))).copy()


def places_of(pack: Pack, scenario: Scenario) -> Places:
    """The townships below the pack's own area. Weights not given share what is left equally."""
    root = pack.root_area
    if root is None:
        raise ScenarioError(f"内容包 {pack.id} 没有县级区划，不能生成演示数据")
    townships = pack.area_tree.under(root.code, AreaLevel.TOWNSHIP) or (root,)
    codes = tuple(a.code for a in townships)
    given = {c: scenario.number(f"townships.{c}") for c in codes if scenario.has(f"townships.{c}")}
    rest = max(0.0, 1.0 - sum(given.values())) / max(1, len(codes) - len(given))
    weights = np.array([given.get(c, rest) for c in codes])
    if weights.sum() <= 0:
        raise ScenarioError("演示参数 townships 的比重之和要大于 0")
    kind: Callable[[str], str | None] = lambda code: pack.area_tree.attribute(code, "residence")  # noqa: E731
    urban = np.array([kind(c) == scenario.text("urban") for c in codes])
    seat = int(np.argmax(urban)) if urban.any() else int(np.argmax(weights))
    return Places(codes, tuple(a.name for a in townships), weights / weights.sum(), urban, seat)
