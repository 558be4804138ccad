"""Growth-curve chart of one child as SVG: the norm's curves, the child's points, corrected age for a preterm child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from qingmiao.standards.growth.curves import SDS, Curves, curves
from qingmiao.standards.growth.inputs import DAYS_PER_MONTH

WIDTH, HEIGHT = 880, 620
LEFT, RIGHT, TOP, BOTTOM = 72, 64, 92, 74
CORRECT_UNTIL_MONTHS: Final = 24.0
TERM_WEEKS: Final = 40.0
PRETERM_WEEKS: Final = 37.0
FAR: Final = 3.0
"""A value beyond three times the highest curve (or a third of the lowest) is a slip such as a lost decimal point: our
setting."""
FONT: Final = "'Noto Sans SC', sans-serif"
_COLOURS: Final = {
    -3: "#c0392b",
    -2: "#d9822b",
    -1: "#8fb8a0",
    0: "#1f7a4d",
    1: "#8fb8a0",
    2: "#d9822b",
    3: "#c0392b",
}
_INK, _GRID, _CHILD = "#24352c", "#e3eae5", "#1d4e89"
_NAMES: Final = {
    "lhfa": ("年龄别身长/身高", "身长/身高（厘米）"),
    "hfa": ("年龄别身高", "身高（厘米）"),
    "wfa": ("年龄别体重", "体重（千克）"),
    "bfa": ("年龄别体质指数", "体质指数（千克/平方米）"),
    "hcfa": ("年龄别头围", "头围（厘米）"),
    "acfa": ("年龄别上臂围", "上臂围（厘米）"),
    "tsfa": ("年龄别肱三头肌皮褶厚度", "皮褶厚度（毫米）"),
    "ssfa": ("年龄别肩胛下皮褶厚度", "皮褶厚度（毫米）"),
    "wfl": ("身长别体重", "体重（千克）"),
    "wfh": ("身高别体重", "体重（千克）"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: ``x`` age in months (length in cm for wfl and wfh), ``y`` the value."""

    x: float
    y: float
    words: str = ""
    """What the point's tooltip says beside its place: the day, the score."""


def corrected_months(age_months: float, gestation_weeks: float | None) -> float:
    """Age from the expected date of birth (40 weeks) for a child born before 37 weeks, until 24 months; else the age
    itself."""
    if gestation_weeks is None or gestation_weeks >= PRETERM_WEEKS or age_months >= CORRECT_UNTIL_MONTHS:
        return age_months
    return age_months - (TERM_WEEKS - gestation_weeks) * 7 / DAYS_PER_MONTH


def growth_chart(
    standard: str,
    measure: str,
    sex: int,
    points: Sequence[Point],
    *,
    gestation_weeks: float | None = None,
    title: str = "",
    ages: tuple[float, float] | None = None,
) -> str:
    """SVG text of the chart.

    ``standard`` ``who2006``, ``who2007`` or ``wst423``; ``measure`` as in ``curves.MEASURES``; ``sex`` 1 male, 2
    female. Points with a missing coordinate are left out; so are points outside the curves' ages or sizes and
    (:data:`FAR`) slips of the pen, and the chart says how many. ``gestation_weeks`` of a preterm child moves the points
    to corrected age and shows the age as it is in outline. ``ages`` (months from, until) shows that part of the curves
    and says how many points lie beyond. Raises ``ValueError`` for a norm without such curves.
    """
    norm = curves(standard, measure, sex)
    if ages is not None:
        part = (norm.x >= ages[0] - 1e-9) & (norm.x <= ages[1] + 1e-9)
        if not part.any():
            raise ValueError(f"{standard} has no {measure} curve between {ages[0]:g} and {ages[1]:g} months")
        norm = replace(norm, x=norm.x[part], values=norm.values[part])
    by_size = measure in ("wfl", "wfh")
    actual = [point for point in points if np.isfinite(point.x) and np.isfinite(point.y)]
    drawn = actual if by_size else [replace(p, x=corrected_months(p.x, gestation_weeks)) for p in actual]
    inside = [_belongs(point, norm) for point in drawn]
    shown = [point for point, good in zip(drawn, inside, strict=True) if good]
    ghosts = [a for a, d, good in zip(actual, drawn, inside, strict=True) if good and a.x != d.x and a.x <= norm.x[-1]]
    if shown and not by_size and ages is None:
        norm = _until(norm, max(point.x for point in (*shown, *ghosts)))
    frame = _Frame(norm, [point.y for point in shown])
    who = "男童" if sex == 1 else "女童"
    heading = f"{who} · {_NAMES[measure][0]}" + (f" · {title}" if title else "")
    notes = ["出生胎龄校正：实心为矫正月龄，空心为实际月龄"] if ghosts else []
    if missed := len(drawn) - len(shown):
        notes.append(f"另有 {missed} 次在曲线范围之外，没有画")
    note = "；".join(notes)
    body = [
        _text(LEFT, 40, heading, size=22, weight=600),
        _text(LEFT, 64, f"标准：{norm.standard}（标准差曲线）", size=13, colour="#6b7c72"),
        _text(WIDTH - RIGHT, 64, note, size=13, colour=_CHILD, anchor="end") if note else "",
        *_grid(frame, _NAMES[measure][1], by_size),
        *_curves(norm, frame),
        *_child(shown, ghosts, frame, by_size),
    ]
    label = escape(heading, {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{label}" font-family="{FONT}">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n'
        + "\n".join(line for line in body if line)
        + "\n</svg>\n"
    )


def _belongs(point: Point, norm: Curves) -> bool:
    if not norm.x[0] - 1e-9 <= point.x <= norm.x[-1] + 1e-9:
        return False
    low, high = (float(np.interp(point.x, norm.x, norm.values[:, column])) for column in (0, -1))
    return low / FAR <= point.y <= high * FAR


def _until(norm: Curves, last: float) -> Curves:
    """The curves to the whole year after the child's last point, two years at least, so that a baby's points stay
    apart."""
    start = norm.x[0]
    end = start + max(24.0, 12 * np.ceil((last - start + 1) / 12)) + 1e-6
    return replace(norm, x=norm.x[norm.x <= end], values=norm.values[norm.x <= end])


class _Frame:
    """From data to page: even ticks in x and y."""

    def __init__(self, norm: Curves, values: Sequence[float]) -> None:
        self.x0, self.x1 = float(norm.x[0]), float(norm.x[-1])
        low = min(float(norm.values.min()), *values, np.inf)
        high = max(float(norm.values.max()), *values, -np.inf)
        self.y_step = _nice((high - low) / 9)
        self.y0, self.y1 = (
            np.floor(low / self.y_step) * self.y_step,
            np.ceil(high / self.y_step) * self.y_step,
        )

    def x(self, value: float) -> float:
        return LEFT + (value - self.x0) / (self.x1 - self.x0) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - float((value - self.y0) / (self.y1 - self.y0)) * (HEIGHT - TOP - BOTTOM)


def _nice(raw: float) -> float:
    power = 10 ** np.floor(np.log10(raw))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= raw))


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 12,
    colour: str = _INK,
    anchor: str = "start",
    weight: int = 400,
    turn: str = "",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}"{turn}>{escape(words)}</text>'
    )


def _grid(frame: _Frame, y_name: str, by_size: bool) -> list[str]:
    lines = []
    for value in np.arange(frame.y0, frame.y1 + frame.y_step / 2, frame.y_step):
        y = frame.y(value)
        lines.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{_GRID}"/>')
        lines.append(_text(LEFT - 8, y + 4, f"{value:g}", anchor="end", colour="#6b7c72"))
    span = frame.x1 - frame.x0
    step = 5.0 if by_size else next(s for s in (1, 2, 3, 6, 12, 24) if span / s <= 24)
    first = np.ceil(frame.x0 / step - 1e-9) * step
    for value in np.arange(first, frame.x1 + 1e-6, step):
        x = frame.x(value)
        year = not by_size and value % 12 == 0
        lines.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{"#c9d6ce" if year else _GRID}"/>')
        words = f"{value / 12:g}岁" if year and value > 0 else f"{abs(value):g}"
        lines.append(_text(x, HEIGHT - BOTTOM + 20, words, anchor="middle", colour=_INK if year else "#6b7c72"))
    x_name = "身长/身高（厘米）" if by_size else "月龄"
    lines.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 22, x_name, size=14, anchor="middle"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    lines.append(_text(22, middle, y_name, size=14, anchor="middle", turn=f' transform="rotate(-90 22 {middle:.1f})"'))
    return lines


def _curves(norm: Curves, frame: _Frame) -> list[str]:
    xs = [frame.x(value) for value in norm.x]

    def path(column: int) -> list[str]:
        return [f"{x:.1f} {frame.y(y):.1f}" for x, y in zip(xs, norm.values[:, column], strict=True)]

    band = "M" + "L".join([*path(1), *reversed(path(5))]) + "Z"
    lines = [f'<path d="{band}" fill="#1f7a4d" fill-opacity="0.07"/>']
    heights = _apart([frame.y(value) for value in norm.values[-1]])
    for column, sd in enumerate(SDS):
        width = 2.4 if sd == 0 else 1.4
        lines.append(
            f'<path d="M{"L".join(path(column))}" fill="none" stroke="{_COLOURS[sd]}" stroke-width="{width}" stroke-linejoin="round"/>'
        )
        name = "中位数" if sd == 0 else f"{'+' if sd > 0 else '−'}{abs(sd)} SD"
        lines.append(_text(WIDTH - RIGHT + 7, heights[column] + 4, name, colour=_COLOURS[sd]))
    return lines


def _apart(heights: Sequence[float], least: float = 14) -> list[float]:
    """The curves' label heights, from the lowest curve up, moved up until each is ``least`` pixels from the one
    below."""
    moved: list[float] = []
    for height in heights:
        moved.append(min(height, moved[-1] - least) if moved else height)
    return moved


def _child(shown: Sequence[Point], ghosts: Sequence[Point], frame: _Frame, by_size: bool) -> list[str]:
    ordered = sorted(shown, key=lambda point: point.x)
    lines = []
    if len(ordered) > 1 and not by_size:
        joined = "L".join(f"{frame.x(p.x):.1f} {frame.y(p.y):.1f}" for p in ordered)
        lines.append(f'<path d="M{joined}" fill="none" stroke="{_CHILD}" stroke-width="2" stroke-opacity="0.75"/>')
    for p in ghosts:
        lines.append(
            f'<circle class="actual" cx="{frame.x(p.x):.1f}" cy="{frame.y(p.y):.1f}" r="4" fill="#fff" stroke="{_CHILD}"/>'
        )
    for p in ordered:
        where = f"{p.x:.1f} 厘米" if by_size else f"{p.x:.1f} 月龄"
        lines.append(
            f'<circle class="point" cx="{frame.x(p.x):.1f}" cy="{frame.y(p.y):.1f}" r="5" fill="{_CHILD}" stroke="#fff" stroke-width="1.5">'
            f"<title>{where}，{p.y:g}{escape(f'，{p.words}' if p.words else '')}</title></circle>"
        )
    return lines
