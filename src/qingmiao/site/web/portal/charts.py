"""Charts as SVG, drawn on the server: they show without script, in print and in a reader's own page."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from qingmiao.site.web.portal.publication import PublicIndicator

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 20, 34
TILE = 76
STEPS = 4


@dataclass(frozen=True)
class ChartDot:
    """A year's value in the chart, or where one would stand that is not shown (`value` "")."""

    x: float
    y: float
    year: int
    value: str
    labelled: bool


@dataclass(frozen=True)
class LineChart:
    """A line chart: pieces that are joined (a year not shown, or not comparable, breaks them), ticks (place, text)."""

    dots: tuple[ChartDot, ...]
    pieces: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]
    years: tuple[tuple[float, int], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def line(indicator: PublicIndicator) -> LineChart:
    """The county's years as a line; the scale begins at 0 where that leaves a third of the height to the values."""
    years = [y.year for y in indicator.years]
    values = [float(y.value) for y in indicator.years if y.value]
    low, high, step = _scale(values)
    span = max(1, years[-1] - years[0])

    def across(year: int) -> float:
        return round(LEFT + (year - years[0]) / span * (WIDTH - LEFT - RIGHT - 16) + 8, 1)

    def up(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    dots, pieces, piece = [], [], []  # type: ignore[var-annotated]
    for i, y in enumerate(indicator.years):
        if not y.value or y.year in indicator.breaks:
            pieces.append(piece)
            piece = []
        if y.value:
            dot = ChartDot(across(y.year), up(float(y.value)), y.year, y.value, i in (0, len(years) - 1))
            dots.append(dot)
            piece.append(f"{dot.x},{dot.y}")
    every = max(1, len(years) // 8)
    count = round((high - low) / step)
    return LineChart(
        tuple(dots),
        tuple(" ".join(p) for p in [*pieces, piece] if len(p) > 1),
        tuple((up(low + n * step), f"{low + n * step:g}") for n in range(count + 1)),
        tuple((across(y), y) for n, y in enumerate(years) if (len(years) - 1 - n) % every == 0),
    )


def _scale(values: list[float]) -> tuple[float, float, float]:
    """Lowest, highest and step of an axis that holds all values, on round numbers with three to six ticks."""
    low, high = min(values), max(values)
    if low >= 0 and (high - low) * 3 > high:
        low = 0.0
    spread = (high - low) or abs(high) or 1.0
    power = 10.0 ** floor(log10(spread / 4))
    step = next(m * power for m in (1, 2, 5, 10) if m * power * 4 >= spread - 1e-12)
    first = floor(low / step + 1e-9)
    last = max(ceil(high / step - 1e-9), first + 1)
    return round(first * step, 9), round(last * step, 9), step


@dataclass(frozen=True)
class TileSquare:
    """A township on the map of tiles; `shade` 0 (not shown) to `STEPS`."""

    x: int
    y: int
    name: str
    value: str
    shade: int


@dataclass(frozen=True)
class TileMap:
    """The townships of a year as tiles, and how many are not shown; width and height in the SVG's own units."""

    year: int
    squares: tuple[TileSquare, ...]
    hidden: int
    width: int
    height: int
    tile: int = TILE - 4


def tiles(indicator: PublicIndicator) -> TileMap | None:
    """The map of the newest year with townships that are shown; None where there is none, or no places are known."""
    year = indicator.mapped
    placed = [t for t in indicator.towns if t.tile is not None]
    if not year or not placed:
        return None
    values = sorted(float(t.at(year)) for t in placed if t.at(year))
    squares = []
    for town in placed:
        assert town.tile is not None
        value = town.at(year)
        shade = 1 + sum(float(value) > values[len(values) * n // STEPS] for n in range(1, STEPS)) if value else 0
        squares.append(TileSquare((town.tile[0] - 1) * TILE, (town.tile[1] - 1) * TILE, town.name, value, shade))
    return TileMap(
        year, tuple(squares), sum(not s.value for s in squares),
        max(s.x for s in squares) + TILE, max(s.y for s in squares) + TILE,
    )  # fmt: skip
