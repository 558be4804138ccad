"""Theta forecast for short yearly series, with errors taken from a table of past forecasts, not from a formula.

Forecast = half the straight line through the points, half the exponential smoothing of the doubled departures from it
(Assimakopoulos & Nikolopoulos 2000). The error table and its scale are explained in docs/explanation/likelihood.md.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from qingmiao.assess.series import Series

TABLE = "forecast_error_quantiles.csv"
ALPHAS = np.linspace(0.05, 1.0, 20)


@dataclass(frozen=True)
class Forecast:
    """A value expected for `year`, with the distribution of its error: actual = value + scale × tabled error."""

    year: int
    value: float
    scale: float
    points: int
    horizon: int
    levels: tuple[float, ...]
    errors: tuple[float, ...]
    low_bound: float | None = None
    high_bound: float | None = None

    def below(self, x: float) -> float:
        """Probability that the actual value is not above `x`; straight lines between the table's quantiles."""
        z = (x - self.value) / self.scale
        return float(np.interp(z, self.errors, self.levels))

    def interval(self, level: float) -> tuple[float, float]:
        """Central interval; kept within the bounds that a rate cannot leave."""
        tail = (1 - level) / 2
        low, high = (self.value + self.scale * float(np.interp(q, self.levels, self.errors)) for q in (tail, 1 - tail))
        return self._kept(low), self._kept(high)

    @property
    def shown(self) -> float:
        """The value, kept within the bounds."""
        return self._kept(self.value)

    def _kept(self, x: float) -> float:
        if self.low_bound is not None:
            x = max(self.low_bound, x)
        return x if self.high_bound is None else min(self.high_bound, x)


@dataclass(frozen=True)
class NoForecast:
    """Why there is none (Chinese); `lacks_data` says that more years would help, else the question does not apply
    yet."""

    reason: str
    lacks_data: bool = True


def theta_forecast(
    series: Series,
    year: int,
    *,
    min_points: int = 5,
    max_points: int = 12,
    smallest_step: float = 0.0,
    natural_limit: float | None = None,
) -> Forecast | NoForecast:
    """Forecast `year` from the comparable points (after the last break), at most the newest `max_points`.

    `smallest_step` is the unit of the last published decimal: the scale is never below it, since rounding hides
    smaller changes. `natural_limit` is a ceiling where all values lie below it, a floor where they lie above. Fewer
    than `min_points` points, or more than four years ahead, gives `NoForecast`.
    """
    tail = series.comparable_tail().points[-max_points:]
    if len(tail) < min_points:
        return NoForecast(f"可比的数据只有 {len(tail)} 年，少于 {min_points} 年")
    years = np.array([p.year for p in tail], float)
    values = np.array([p.value for p in tail], float)
    horizon = year - tail[-1].year
    farthest = max(h for _, h in error_table())
    if horizon < 1:
        return NoForecast(f"{year} 年已有数据，不需要预测", lacks_data=False)
    if horizon > farthest:
        return NoForecast(f"离目标年还有 {horizon} 年，误差表只到 {farthest} 年", lacks_data=False)
    value = theta_value(years, values, float(year))
    scale = float(np.mean(np.abs(np.diff(values)) / np.diff(years)))
    scale = max(scale, smallest_step, 1e-12 * max(1.0, float(np.abs(values).max())))
    levels, errors = error_quantiles(len(tail), horizon)
    low_bound = 0.0 if bool((values >= 0).all()) else None
    high_bound = None
    if natural_limit is not None and bool((values <= natural_limit).all()) and natural_limit > 0:
        high_bound = natural_limit
    elif natural_limit is not None and bool((values >= natural_limit).all()):
        low_bound = natural_limit
    return Forecast(year, value, scale, len(tail), horizon, levels, errors, low_bound, high_bound)


def theta_value(years: NDArray[np.float64], values: NDArray[np.float64], year: float) -> float:
    """The point forecast: mean of the line at `year` and of the smoothed theta-2 line (held level)."""
    x = years - years[0]
    slope, start = np.polyfit(x, values, 1)
    line = start + slope * x
    doubled = 2 * values - line
    alpha = min(ALPHAS, key=lambda a: _one_step_error(doubled, float(a)))
    level = doubled[0]
    for v in doubled[1:]:
        level = alpha * v + (1 - alpha) * level
    return float((start + slope * (year - years[0]) + level) / 2)


def _one_step_error(values: NDArray[np.float64], alpha: float) -> float:
    level, total = float(values[0]), 0.0
    for v in values[1:]:
        total += (float(v) - level) ** 2
        level = alpha * float(v) + (1 - alpha) * level
    return total


@cache
def error_table() -> dict[tuple[int, int], tuple[tuple[float, ...], tuple[float, ...]]]:
    """(points used, years ahead) → levels and error quantiles, in units of the mean absolute yearly change."""
    text = resources.files("qingmiao.assess").joinpath("data", TABLE).read_text("utf-8")
    found: dict[tuple[int, int], tuple[tuple[float, ...], tuple[float, ...]]] = {}
    for row in csv.DictReader(text.splitlines()):
        columns = [c for c in row if c.startswith("q")]
        found[(int(row["n_train"]), int(row["horizon_years"]))] = (
            tuple(float(c[1:]) / 100 for c in columns),
            tuple(float(row[c]) for c in columns),
        )
    return found


def error_quantiles(points: int, horizon: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The table's row; between two tabled numbers of points (9) the mean by distance, beyond them the nearest row."""
    table = error_table()
    sizes = sorted({n for n, _ in table})
    inside = min(max(points, sizes[0]), sizes[-1])
    low = max(n for n in sizes if n <= inside)
    high = min(n for n in sizes if n >= inside)
    levels, first = table[(low, horizon)]
    if low == high:
        return levels, first
    second = table[(high, horizon)][1]
    share = (inside - low) / (high - low)
    return levels, tuple(a + (b - a) * share for a, b in zip(first, second, strict=True))
