"""Make one sheet of a statistical return: cells as the scenario describes them, all others plausible, rules obeyed.

A cell is described by a level, as a share of another cell, as a count of the simulated children, or by an expression.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import columns_of, parse, rule_text
from qingmiao.content.returns import Return, expand
from qingmiao.demo.counts import pick
from qingmiao.demo.rules import LAST, Rulebook, Sheet, own
from qingmiao.demo.scenario import ScenarioError, level_of
from qingmiao.demo.world import World
from qingmiao.kernel.rounding import half_up

DEFAULT_NOISE = 0.03


@dataclass(frozen=True)
class Reporter:
    """Who fills in one sheet: an area, and its position among the townships (None: the county)."""

    code: str
    name: str
    township: int | None


class Filler:
    """Makes the sheets of one return."""

    def __init__(self, world: World, return_: Return) -> None:
        self.world, self.return_, self.book = world, return_, Rulebook(return_)
        self.specs: dict[str, Mapping[str, Any]] = {}
        given = world.scenario.group(f"returns.{return_.id}")
        for pattern, spec in given.items():
            cells = expand(str(pattern), return_)
            if not cells:
                raise ScenarioError(f"演示参数 returns.{return_.id} 提到没有的单元格 {pattern}")
            for cell in cells:
                exact = "*" not in str(pattern)
                if exact or cell not in self.specs:
                    self.specs[cell] = spec if isinstance(spec, Mapping) else {"level": spec}

    def sheet(self, reporter: Reporter, year: int, last: Sheet) -> Sheet:
        """One sheet: described and plausible cells, then broken rules mended. Computed and text cells are left out."""
        rng = self.world.streams.rng(f"returns:{self.return_.id}:{reporter.code}", year)
        noise = {cell: rng.standard_normal() for cell in self.return_.cells}
        done: Sheet = {}
        for cell in self.return_.filled:
            if any(line.type == "text" for line in self.book.lines[cell]):
                continue
            self._fill(cell, reporter, year, last, noise, done, ())
        wanted = {c: done[c] for c in self.return_.filled if c in done}
        return self.book.mended(wanted, last)

    def _fill(
        self,
        cell: str,
        reporter: Reporter,
        year: int,
        last: Sheet,
        noise: Mapping[str, float],
        done: Sheet,
        above: tuple[str, ...],
    ) -> Decimal | None:
        if cell in done:
            return done[cell]
        if cell in above:
            raise ScenarioError(f"演示参数 returns.{self.return_.id}：{'、'.join((*above, cell))} 互相引用")

        def need(other: str) -> Decimal | None:
            return self._fill(other, reporter, year, last, noise, done, (*above, cell))

        spec = self.specs.get(cell)
        value: float
        if spec is None:
            value = self._plausible(cell, reporter, year, noise[cell], need)
        elif "expr" in spec:
            tree = parse(rule_text(own(str(spec["expr"]), cell)))
            values = {c: last.get(c.removeprefix(LAST)) if c.startswith(LAST) else need(c) for c in columns_of(tree)}
            value = float(evaluate(tree, values) or 0)
        elif "of" in spec:
            whole = float(need(_own_cell(str(spec["of"]), cell)) or 0)
            share = level_of(spec["share"], year) / 100
            spread = np.sqrt(max(0.0, share * (1 - share)) * whole) if share <= 1 else 0.0
            value = whole * share + spread * noise[cell] * float(spec.get("noise", 0.5))
            value = min(value, whole) if share <= 1 else value
        elif "count" in spec:
            value = float(pick(self.world.counts, spec, self.world.places, reporter.township, self._position(year)))
            value *= level_of(spec.get("times", 1), year)
        else:
            value = level_of(spec.get("level", 0), year) * self._size(cell, reporter, spec)
            value *= 1 + float(spec.get("noise", DEFAULT_NOISE)) * noise[cell]
            if spec.get("poisson"):
                rng = self.world.streams.rng(f"poisson:{self.return_.id}:{cell}:{reporter.code}", year)
                value = float(rng.poisson(max(0.0, value)))
        if spec and "break" in spec and year >= int(spec["break"]["year"]):
            value *= float(spec["break"]["factor"])
        done[cell] = self._rounded(cell, value)
        return done[cell]

    def _plausible(
        self, cell: str, reporter: Reporter, year: int, noise: float, need: Callable[[str], Decimal | None]
    ) -> float:
        """A part of the cell that a rule says it is part of; else a small number of its own with a slow trend."""
        dice = zlib.crc32(f"{self.return_.id}.{cell}".encode())
        whole = self.book.whole_of.get(cell)
        step = year - self.world.scenario.first_year
        if whole is not None and whole in self.return_.filled:
            share = min(0.99, 0.78 + dice % 12 / 100 + 0.01 * step)
            return float(need(whole) or 0) * share
        base = 8 + dice % 40
        return base * (1 + 0.015 * step) * (1 + 0.05 * noise) * self._size(cell, reporter, {})

    def _size(self, cell: str, reporter: Reporter, spec: Mapping[str, Any]) -> float:
        """What a county-wide level is multiplied with for one reporter: its weight, and the scale of the county."""
        row, column = self.book.lines[cell]
        fixed = {row.unit, column.unit} & set(self.world.scenario.items("unscaled_units"))
        scale = 1.0 if fixed or spec.get("fixed") else self.world.scale
        if reporter.township is None or spec.get("each"):
            return scale
        return scale * float(self.world.places.weights[reporter.township])

    def _rounded(self, cell: str, value: float) -> Decimal:
        low, high = self.book.bounds(cell)
        value = max(value, low) if low is not None else value
        value = min(value, high) if high is not None else value
        return half_up(value, 0 if self.book.whole_numbers(cell) else 1)

    def _position(self, year: int) -> int:
        return (
            min(max(year, self.world.scenario.first_year), self.world.scenario.last_year)
            - self.world.scenario.first_year
        )


def _own_cell(pattern: str, cell: str) -> str:
    row, _, column = cell.partition(".")
    their_row, _, their_column = pattern.partition(".")
    return f"{row if their_row == '*' else their_row}.{column if their_column == '*' else their_column}"
