"""series.csv: yearly values of indicators that have no facts, and of years before the facts begin."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from qingmiao.demo.scenario import level_of
from qingmiao.demo.world import World
from qingmiao.demo.writer import MARK
from qingmiao.kernel.rounding import half_up

COLUMNS = ("indicator", "area", "year", "value", "numerator", "denominator", "source", "note")


def write_series(world: World, path: Path) -> int:
    """Write the series of the scenario; the number of rows.

    ``series.INDICATOR: {years: [from, to], level, per, noise, break: {year, factor, note}}``: `per` is a denominator,
    with which numerator and denominator are given as well; `noise` is in the indicator's unit.
    """
    root = world.pack.root_area
    assert root is not None
    rows: list[tuple[Any, ...]] = []
    for entry in world.scenario.items("series"):
        id_ = str(entry["indicator"])
        indicator = world.pack.indicators.get(id_)
        if indicator is None:
            continue
        first, last = (int(y) for y in entry["years"])
        for year in range(first, last + 1):
            rng = world.streams.rng(f"series:{id_}", year)
            value = level_of(entry["level"], year) + float(entry.get("noise", 0)) * float(rng.standard_normal())
            note = MARK
            if "break" in entry and year >= int(entry["break"]["year"]):
                value *= float(entry["break"]["factor"])
                note = f"{MARK}；{entry['break']['note']}"
            top = bottom = ""
            if "per" in entry:
                whole = level_of(entry["per"], year) * world.scale
                count = half_up(value * whole / indicator.factor, 0)
                top, bottom = str(count), str(half_up(whole, 0))
                value = float(count) * indicator.factor / float(bottom)
            rows.append((id_, root.code, year, half_up(max(0.0, value), 4), top, bottom, f"{MARK}（随机生成）", note))
    if rows:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)
    return len(rows)
