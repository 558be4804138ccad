"""The lower areas on one page: a schematic map of one indicator, and two of them beside each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from qingmiao.content.areas import Tile
from qingmiao.content.indicators import Indicator
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.web.console.monitoring.indicator import townships_of
from qingmiao.site.web.console.monitoring.shown import Shown, shown

MOST = 7
"""Rows of the comparison: what fits on the page; the areas' own pages have all."""


@dataclass(frozen=True)
class TileShown:
    """One area on the map: its place, its value, whether it lies beyond the limits of chance, and on which side."""

    code: str
    name: str
    place: Tile
    value: Shown
    tone: str
    word: str


@dataclass(frozen=True)
class Compared:
    """One indicator in two areas and in the whole."""

    indicator: Indicator
    first: Shown
    second: Shown
    whole: Shown
    tones: tuple[str, str]
    """Colours of the two: only what lies beyond the limits of chance has one."""


@dataclass(frozen=True)
class LeaderPlaces:
    """What the page shows of the lower areas; `placed`: the pack says where each stands."""

    level: str
    areas: tuple[tuple[str, str], ...]
    indicators: tuple[Indicator, ...]
    mapped: Indicator
    tiles: tuple[TileShown, ...]
    placed: bool
    pair: tuple[str, str]
    rows: tuple[Compared, ...]
    left: int
    """Indicators that both areas have and that are not among the rows."""


def places(state: LoadedRun, year: int, asked: str, pair: tuple[str, str]) -> LeaderPlaces | None:
    """The areas below the county in a year; None where no target's indicator has a value in any.

    `asked`: the indicator to map; `pair`: the areas to compare; what the run does not know gives way to the most
    telling.
    """
    tables = ((i, townships_of(state, i, year, drawn=False)) for i in _deciding(state))
    found = {i.id: (i, table) for i, table in tables if table is not None}
    if not found:
        return None
    missed = {x for x in state.pack.targets if (f := state.findings(year).of(x)) and f.attainment == "not_met"}
    odd = {i: sum(r["tone"] == "bad" for r in made["rows"]) for i, (_, made) in found.items()}
    grave = max(found, key=lambda i: (odd[i], bool(missed & set(found[i][0].implements))))
    mapped, table = found[asked if asked in found else grave]
    areas = tuple((r["area"].code, r["area"].name) for r in table["rows"])
    first, second = _pair(pair, [code for code, _ in areas], table["rows"])
    rows = _compared(state, year, found, first, second)
    tiles, placed = _tiles(state, table["rows"])
    indicators = tuple(i for i, _ in found.values())
    each = table["level"].each
    return LeaderPlaces(
        each, areas, indicators, mapped, tiles, placed, (first, second), tuple(rows[:MOST]), max(0, len(rows) - MOST)
    )


def _deciding(state: LoadedRun) -> list[Indicator]:
    """The indicators that decide a target."""
    return [i for i in state.pack.indicators.values() if set(i.implements) & set(state.pack.targets)]


def _pair(asked: tuple[str, str], codes: list[str], rows: list[dict[str, Any]]) -> tuple[str, str]:
    """Two different areas: those asked for; else the first beyond the limits and the first other one."""
    chosen = [c for c in dict.fromkeys(asked) if c in codes]
    odd = [r["area"].code for r in rows if r["tone"] == "bad"]
    chosen += [c for c in (*odd, *codes) if c not in chosen]
    return chosen[0], chosen[1] if len(chosen) > 1 else chosen[0]


def _compared(state: LoadedRun, year: int, found: dict[str, Any], first: str, second: str) -> list[Compared]:
    """What both areas have, first what lies beyond the limits in one of them."""
    rows = []
    for indicator, table in found.values():
        tone = {r["area"].code: r["tone"] for r in table["rows"]}
        values = [shown(state, indicator.id, code, year) for code in (first, second, state.root)]
        if values[0].text and values[1].text:
            tones = (tone.get(first, ""), tone.get(second, ""))
            rows.append(Compared(indicator, values[0], values[1], values[2], tones))
    missed = {x for x in state.pack.targets if (f := state.findings(year).of(x)) and f.attainment == "not_met"}
    return sorted(rows, key=lambda r: (not any(r.tones), not missed & set(r.indicator.implements)))


def _tiles(state: LoadedRun, rows: list[dict[str, Any]]) -> tuple[tuple[TileShown, ...], bool]:
    """Each area on its own tile: where the pack puts it, or all in the order of their codes where it leaves one out."""
    given = [state.pack.areas[r["area"].code].tile for r in rows]
    placed = all(given) and len({(p.column, p.row) for p in given if p}) == len(rows)
    across = min(12, max(2, math.ceil(math.sqrt(2 * len(rows)))))
    flow = [Tile(column=k % across + 1, row=min(12, k // across + 1)) for k in range(len(rows))]
    where = [p for p in given if p] if placed else flow
    made = (
        TileShown(r["area"].code, r["area"].name, at, r["value"], r["tone"], r["word"])
        for r, at in zip(rows, where, strict=True)
    )
    return tuple(made), placed
