"""Fill every statistical return of a pack for every reporting area and year, obeying its error rules.

Cells that the scenario describes are made as described; all others get a plausible number from their kind and rules. The
sheets are written in the long form (CSV) and a few as filled Excel templates; some are late, missing, with empty cells, with
a breach of a query rule, or corrected later.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from qingmiao.collect.folder import due_date
from qingmiao.collect.template import Filled, write_template
from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import columns_of, parse, rule_text
from qingmiao.content.returns import Return, expand
from qingmiao.demo.world import World
from qingmiao.demo.counts import pick
from qingmiao.demo.rules import LAST, Rulebook, Sheet, own
from qingmiao.demo.scenario import ScenarioError
from qingmiao.demo.writer import MARK
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.rounding import half_up

COLUMNS = ("return", "period", "area", "row", "column", "value", "reason", "version", "submitted_date", "note")
DEFAULT_NOISE = 0.03


@dataclass(frozen=True)
class Reporter:
    """Who fills in one sheet: an area, and its position among the townships (None: the county)."""

    code: str
    name: str
    township: int | None


class Filler:
    """Makes the sheets of one form."""

    def __init__(self, world: World, form: Return) -> None:
        self.world, self.form, self.book = world, form, Rulebook(form)
        self.specs: dict[str, Mapping[str, Any]] = {}
        given = world.scenario.group(f"returns.{form.id}")
        for pattern, spec in given.items():
            cells = expand(str(pattern), form)
            if not cells:
                raise ScenarioError(f"演示参数 returns.{form.id} 提到没有的单元格 {pattern}")
            for cell in cells:
                exact = "*" not in str(pattern)
                if exact or cell not in self.specs:
                    self.specs[cell] = spec if isinstance(spec, Mapping) else {"level": spec}

    def sheet(self, reporter: Reporter, year: int, last: Sheet) -> Sheet:
        """One sheet: described and plausible cells, then broken rules mended. Computed and text cells are left out."""
        rng = self.world.streams.rng(f"returns:{self.form.id}:{reporter.code}", year)
        noise = {cell: rng.standard_normal() for cell in self.form.cells}
        done: Sheet = {}
        for cell in self.form.filled:
            if any(line.type == "text" for line in self.book.lines[cell]):
                continue
            self._fill(cell, reporter, year, last, noise, done, ())
        wanted = {c: done[c] for c in self.form.filled if c in done}
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
            raise ScenarioError(f"演示参数 returns.{self.form.id}：{'、'.join((*above, cell))} 互相引用")
        need = lambda other: self._fill(other, reporter, year, last, noise, done, (*above, cell))  # noqa: E731
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
            share = _level(spec["share"], year) / 100
            spread = np.sqrt(max(0.0, share * (1 - share)) * whole) if share <= 1 else 0.0
            value = whole * share + spread * noise[cell] * float(spec.get("noise", 0.5))
            value = min(value, whole) if share <= 1 else value
        elif "count" in spec:
            value = float(pick(self.world.counts, spec, self.world.places, reporter.township, self._position(year)))
            value *= _level(spec.get("times", 1), year)
        else:
            value = _level(spec.get("level", 0), year) * self._size(cell, reporter, spec)
            value *= 1 + float(spec.get("noise", DEFAULT_NOISE)) * noise[cell]
            if spec.get("poisson"):
                rng = self.world.streams.rng(f"poisson:{self.form.id}:{cell}:{reporter.code}", year)
                value = float(rng.poisson(max(0.0, value)))
        if spec and "break" in spec and year >= int(spec["break"]["year"]):
            value *= float(spec["break"]["factor"])
        done[cell] = self._rounded(cell, value)
        return done[cell]

    def _plausible(self, cell: str, reporter: Reporter, year: int, noise: float, need: Any) -> float:
        """A part of the cell that a rule says it is part of; else a small number of its own with a slow trend."""
        dice = zlib.crc32(f"{self.form.id}.{cell}".encode())
        whole = self.book.whole_of.get(cell)
        step = year - self.world.scenario.first_year
        if whole is not None and whole in self.form.filled:
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
        return min(max(year, self.world.scenario.first_year), self.world.scenario.last_year) - self.world.scenario.first_year


def _own_cell(pattern: str, cell: str) -> str:
    row, _, column = cell.partition(".")
    their_row, _, their_column = pattern.partition(".")
    return f"{row if their_row == '*' else their_row}.{column if their_column == '*' else their_column}"


def _level(value: Any, year: int) -> float:
    if isinstance(value, Mapping):
        years = sorted(value)
        return float(np.interp(year, years, [float(value[y]) for y in years]))
    return float(value)


def reporters(world: World, form: Return) -> list[Reporter]:
    """The areas that must fill in a form."""
    root = world.pack.root_area
    assert root is not None
    if form.level == "county":
        return [Reporter(a.code, a.name, None) for a in world.pack.area_tree.under(root.code, AreaLevel.COUNTY)]
    return [Reporter(c, n, i) for i, (c, n) in enumerate(zip(world.places.codes, world.places.names, strict=True))]


def write_returns(world: World, folder: Path) -> int:
    """Write returns/*.csv and the filled templates; the number of cells written."""
    cells = 0
    for form in world.pack.returns.values():
        rows: list[tuple[Any, ...]] = []
        for reporter in reporters(world, form):
            rows += list(_sheets(world, form, reporter, folder))
        if rows:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / f"{form.id}-{MARK}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(COLUMNS)
                writer.writerows(rows)
        cells += len(rows)
    return cells


def _sheets(world: World, form: Return, reporter: Reporter, folder: Path) -> Iterator[tuple[Any, ...]]:
    filler, last = Filler(world, form), Sheet()
    start = int(world.scenario.number("returns_from"))
    for year in (y for y in world.scenario.years if y >= start):
        sheet = filler.sheet(reporter, year, last)
        last = sheet
        events = [e for e in world.scenario.items("return_events") if _meets(e, form, reporter, year)]
        if any("missing" in e for e in events):
            last = Sheet()
            continue
        submitted = _submitted(world, form, reporter, year, events)
        if any("template" in e for e in events):
            _template(world, form, reporter, year, filler.book.complete(sheet), folder)
            continue
        later: dict[str, Decimal] = {}
        shown: dict[str, tuple[Decimal | None, str]] = {c: (v, "") for c, v in sheet.items()}
        for event in events:
            if "empty" in event:
                shown[str(event["empty"])] = (None, str(event["reason"]))
            if "wrong" in event:  # first entered wrong, the right figure comes later
                cell = str(event["wrong"])
                later[cell] = sheet[cell] or Decimal(0)
                shown[cell] = (half_up(float(later[cell]) * float(event["by"]), 0), "")
            if "odd" in event:  # breaks a query rule; nobody has explained it yet
                cell = str(event["odd"])
                shown[cell] = (half_up(float(sheet[cell] or 0) * float(event["by"]), 0), "")
        for cell, (value, reason) in shown.items():
            yield _line(form, reporter, year, cell, value, reason, 1, submitted)
        for cell, right in later.items():
            yield _line(form, reporter, year, cell, right, "", 2, submitted + timedelta(days=70))


def _meets(event: Mapping[str, Any], form: Return, reporter: Reporter, year: int) -> bool:
    return (
        event["return"] == form.id and int(event["year"]) == year and str(event.get("area", reporter.code)) == reporter.code
    )


def _submitted(world: World, form: Return, reporter: Reporter, year: int, events: list[Mapping[str, Any]]) -> date:
    early = world.streams.rng(f"submitted:{form.id}:{reporter.code}", year).integers(1, 12)
    late = max([int(e["late"]) for e in events if "late" in e], default=-int(early))
    if world.scenario.has(f"late_recording.{reporter.code}"):
        late = max(late, int(world.scenario.number(f"late_recording.{reporter.code}")) - 30)
    return due_date(form, year) + timedelta(days=late)


def _line(
    form: Return, reporter: Reporter, year: int, cell: str, value: Decimal | None, reason: str, version: int, day: date
) -> tuple[Any, ...]:
    row, _, column = cell.partition(".")
    text = "" if value is None else str(value)
    return (form.id, year, reporter.code, row, column, text, reason, version, day.isoformat(), MARK)


def _template(world: World, form: Return, reporter: Reporter, year: int, sheet: Sheet, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    unit = world.pack.organisations.get(form.reporter)
    name = f"（{MARK}）{unit.label.zh if unit is not None else form.reporter}"
    values = {c: float(v) for c, v in sheet.items() if v is not None}
    path = folder / f"{form.id}-{year}-{reporter.code}-{MARK}.xlsx"
    write_template(form, Filled(year, reporter.code, reporter.name, name), path, values=values)
