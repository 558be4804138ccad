"""Growth-curve chart of one child as SVG: the norm's curves, the child's points, corrected age for a preterm child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from xml.sax.saxutils import escape

import numpy as np

from qingmiao.standards.growth.curves import SDS, Curves, curves
from qingmiao.standards.growth.inputs import DAYS_PER_MONTH
from qingmiao.standards.svg_chart import CHILD, GRID, INK, QUIET, drawing, nice, text

LEFT, RIGHT, TOP, BOTTOM = 72, 64, 92, 74
CORRECT_UNTIL_MONTHS: Final = 24.0
TERM_WEEKS: Final = 40.0
PRETERM_WEEKS: Final = 37.0
FAR: Final = 3.0
"""A value beyond three times the highest curve (or a third of the lowest) is a slip such as a lost decimal point: our
setting."""
_COLOURS: Final = {
    -3: "#c0392b",
    -2: "#d9822b",
    -1: "#8fb8a0",
    0: "#1f7a4d",
    1: "#8fb8a0",
    2: "#d9822b",
    3: "#c0392b",
}
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
class Paper:
    """The size of a drawing in pixels, its letters against the usual ones, and at most how many lines of the grid."""

    width: int
    height: int
    letters: float
    across: int
    up: int


WHOLE: Final = Paper(880, 620, 1.0, 24, 9)
SMALL: Final = Paper(560, 440, 1.25, 10, 6)
"""For a column of a page or a phone: its letters can be read at half the size."""


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
    paper: Paper = WHOLE,
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
    frame = _Frame(norm, [point.y for point in shown], paper)
    who = "男童" if sex == 1 else "女童"
    heading = f"{who} · {_NAMES[measure][0]}" + (f" · {title}" if title else "")
    notes = ["出生胎龄校正：实心为矫正月龄，空心为实际月龄"] if ghosts else []
    if missed := len(drawn) - len(shown):
        notes.append(f"另有 {missed} 次在曲线范围之外，没有画")
    note = "；".join(notes)
    body = [
        text(LEFT, 38, heading, size=22, weight=600),
        frame.text(LEFT, 62, f"标准：{norm.standard}（标准差曲线）", size=13, colour=QUIET),
        frame.text(paper.width - RIGHT, 82, note, size=13, colour=CHILD, anchor="end") if note else "",
        *_grid(frame, _NAMES[measure][1], by_size),
        *_curves(norm, frame),
        *_child(shown, ghosts, frame, by_size),
    ]
    return drawing(paper.width, paper.height, heading, body)


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

    def __init__(self, norm: Curves, values: Sequence[float], paper: Paper) -> None:
        self.paper, self.right, self.bottom = paper, paper.width - RIGHT, paper.height - BOTTOM
        self.x0, self.x1 = float(norm.x[0]), float(norm.x[-1])
        low = min(float(norm.values.min()), *values, np.inf)
        high = max(float(norm.values.max()), *values, -np.inf)
        self.y_step = nice((high - low) / paper.up)
        self.y0, self.y1 = (
            np.floor(low / self.y_step) * self.y_step,
            np.ceil(high / self.y_step) * self.y_step,
        )

    def x(self, value: float) -> float:
        return LEFT + (value - self.x0) / (self.x1 - self.x0) * (self.right - LEFT)

    def text(self, x: float, y: float, words: str, *, size: int = 12, **more: Any) -> str:
        """A text in letters of the paper's size."""
        return text(x, y, words, size=round(size * self.paper.letters), **more)

    def y(self, value: float) -> float:
        return self.bottom - float((value - self.y0) / (self.y1 - self.y0)) * (self.bottom - TOP)


def _grid(frame: _Frame, y_name: str, by_size: bool) -> list[str]:
    lines = []
    for value in np.arange(frame.y0, frame.y1 + frame.y_step / 2, frame.y_step):
        y = frame.y(value)
        lines.append(f'<path d="M{LEFT} {y:.1f}H{frame.right}" stroke="{GRID}"/>')
        lines.append(frame.text(LEFT - 8, y + 4, f"{value:g}", anchor="end", colour=QUIET))
    span = frame.x1 - frame.x0
    step = 5.0 if by_size else next(s for s in (1, 2, 3, 6, 12, 24, 36) if span / s <= frame.paper.across)
    first = np.ceil(frame.x0 / step - 1e-9) * step
    for value in np.arange(first, frame.x1 + 1e-6, step):
        x = frame.x(value)
        year = not by_size and value % 12 == 0
        lines.append(f'<path d="M{x:.1f} {TOP}V{frame.bottom}" stroke="{"#c9d6ce" if year else GRID}"/>')
        words = f"{value / 12:g}岁" if year and value > 0 else f"{abs(value):g}" if by_size or span <= 36 else ""
        lines.append(frame.text(x, frame.bottom + 20, words, anchor="middle", colour=INK if year else QUIET))
    x_name = "身长/身高（厘米）" if by_size else "月龄"
    lines.append(frame.text((LEFT + frame.right) / 2, frame.paper.height - 18, x_name, size=14, anchor="middle"))
    middle = (TOP + frame.bottom) / 2
    lines.append(
        frame.text(22, middle, y_name, size=14, anchor="middle", turn=f' transform="rotate(-90 22 {middle:.1f})"')
    )
    return lines


def _curves(norm: Curves, frame: _Frame) -> list[str]:
    xs = [frame.x(value) for value in norm.x]

    def path(column: int) -> list[str]:
        return [f"{x:.1f} {frame.y(y):.1f}" for x, y in zip(xs, norm.values[:, column], strict=True)]

    band = "M" + "L".join([*path(1), *reversed(path(5))]) + "Z"
    lines = [f'<path d="{band}" fill="#1f7a4d" fill-opacity="0.07"/>']
    heights = _apart([frame.y(value) for value in norm.values[-1]], 14 * frame.paper.letters)
    for column, sd in enumerate(SDS):
        width = 2.4 if sd == 0 else 1.4
        lines.append(
            f'<path d="M{"L".join(path(column))}" fill="none" stroke="{_COLOURS[sd]}" stroke-width="{width}" '
            f'stroke-linejoin="round"/>'
        )
        name = "中位数" if sd == 0 else f"{'+' if sd > 0 else '−'}{abs(sd)} SD"
        lines.append(frame.text(frame.right + 7, heights[column] + 4, name, colour=_COLOURS[sd]))
    return lines


def _apart(heights: Sequence[float], least: float) -> list[float]:
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
        lines.append(f'<path d="M{joined}" fill="none" stroke="{CHILD}" stroke-width="2" stroke-opacity="0.75"/>')
    for p in ghosts:
        lines.append(
            f'<circle class="actual" cx="{frame.x(p.x):.1f}" cy="{frame.y(p.y):.1f}" r="4" fill="#fff" '
            f'stroke="{CHILD}"/>'
        )
    for p in ordered:
        where = f"{p.x:.1f} 厘米" if by_size else f"{p.x:.1f} 月龄"
        lines.append(
            f'<circle class="point" cx="{frame.x(p.x):.1f}" cy="{frame.y(p.y):.1f}" r="5" fill="{CHILD}" stroke="#fff" '
            f'stroke-width="1.5">'
            f"<title>{where}，{p.y:g}{escape(f'，{p.words}' if p.words else '')}</title></circle>"
        )
    return lines
