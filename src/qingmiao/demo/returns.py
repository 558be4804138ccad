"""Fill every statistical return of a pack for every reporting area and year, obeying its error rules.

Cells that the scenario describes are made as described; all others get a plausible number from their kind and rules.
The sheets are written in the long form (CSV) and a few as filled Excel templates; some are late, missing, with empty
cells, with a breach of a query rule, or corrected later.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from qingmiao.collect.folder import due_date
from qingmiao.collect.template import TemplateSubject, write_template
from qingmiao.content.returns import Return
from qingmiao.demo.filler import Filler, Reporter
from qingmiao.demo.rules import Sheet
from qingmiao.demo.world import World
from qingmiao.demo.writer import MARK
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.rounding import half_up

COLUMNS = (
    "return",
    "period",
    "area",
    "row",
    "column",
    "value",
    "reason",
    "version",
    "submitted_date",
    "note",
)


def reporters(world: World, return_: Return) -> list[Reporter]:
    """The areas that must fill in a return."""
    root = world.pack.root_area
    assert root is not None
    if return_.level == "county":
        return [Reporter(a.code, a.name, None) for a in world.pack.area_tree.under(root.code, AreaLevel.COUNTY)]
    return [Reporter(c, n, i) for i, (c, n) in enumerate(zip(world.places.codes, world.places.names, strict=True))]


def write_returns(world: World, folder: Path) -> int:
    """Write returns/*.csv and the filled templates; the number of cells written."""
    cells = 0
    for return_ in world.pack.returns.values():
        rows: list[tuple[Any, ...]] = []
        for reporter in reporters(world, return_):
            rows += list(_sheets(world, return_, reporter, folder))
        if rows:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / f"{return_.id}-{MARK}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(COLUMNS)
                writer.writerows(rows)
        cells += len(rows)
    return cells


def _sheets(world: World, return_: Return, reporter: Reporter, folder: Path) -> Iterator[tuple[Any, ...]]:
    filler, last = Filler(world, return_), Sheet()
    start = int(world.scenario.number("returns_from"))
    for year in (y for y in world.scenario.years if y >= start):
        sheet = filler.sheet(reporter, year, last)
        last = sheet
        events = [e for e in world.scenario.items("return_events") if _meets(e, return_, reporter, year)]
        if any("missing" in e for e in events):
            last = Sheet()
            continue
        submitted = _submitted(world, return_, reporter, year, events)
        if any("template" in e for e in events):
            _template(world, return_, reporter, year, filler.book.complete(sheet), folder)
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
            yield _line(return_, reporter, year, cell, value, reason, 1, submitted)
        for cell, right in later.items():
            yield _line(return_, reporter, year, cell, right, "", 2, submitted + timedelta(days=70))


def _meets(event: Mapping[str, Any], return_: Return, reporter: Reporter, year: int) -> bool:
    return (
        event["return"] == return_.id
        and int(event["year"]) == year
        and str(event.get("area", reporter.code)) == reporter.code
    )


def _submitted(world: World, return_: Return, reporter: Reporter, year: int, events: list[Mapping[str, Any]]) -> date:
    early = world.streams.rng(f"submitted:{return_.id}:{reporter.code}", year).integers(1, 12)
    late = max([int(e["late"]) for e in events if "late" in e], default=-int(early))
    if world.scenario.has(f"late_recording.{reporter.code}"):
        late = max(late, int(world.scenario.number(f"late_recording.{reporter.code}")) - 30)
    return due_date(return_, year) + timedelta(days=late)


def _line(
    return_: Return,
    reporter: Reporter,
    year: int,
    cell: str,
    value: Decimal | None,
    reason: str,
    version: int,
    day: date,
) -> tuple[Any, ...]:
    row, _, column = cell.partition(".")
    text = "" if value is None else str(value)
    return (return_.id, year, reporter.code, row, column, text, reason, version, day.isoformat(), MARK)


def _template(world: World, return_: Return, reporter: Reporter, year: int, sheet: Sheet, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    unit = world.pack.organisations.get(return_.reporter)
    name = f"（{MARK}）{unit.label.zh if unit is not None else return_.reporter}"
    values = {c: float(v) for c, v in sheet.items() if v is not None}
    path = folder / f"{return_.id}-{year}-{reporter.code}-{MARK}.xlsx"
    write_template(return_, TemplateSubject(year, reporter.code, reporter.name, name), path, values=values)
