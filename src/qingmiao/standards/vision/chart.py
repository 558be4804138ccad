"""Refraction of one child over the years as SVG: spherical equivalent of each eye, with the bands of myopia."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from qingmiao.standards.svg_chart import CHILD, GRID, INK, QUIET, drawing, nice, text

Scale = Callable[[float], float]
WIDTH, HEIGHT = 560, 400
LEFT, RIGHT, TOP, BOTTOM = 66, 24, 84, 40
LEFT_EYE: Final = "#b4552d"
BANDS: Final = ((-0.5, -6.0, "#d9822b", 0.08, "近视"), (-6.0, -40.0, "#c0392b", 0.10, "高度近视"))
"""Below these dioptres (`refraction.myopia_degree`): from, to, colour, opacity, words."""


@dataclass(frozen=True, slots=True)
class EyePoint:
    """One check: ``age`` in years, spherical equivalents in D (NaN where an eye was not measured), whether under
    cycloplegia."""

    age: float
    right: float
    left: float
    cycloplegia: bool = False
    words: str = ""
    """What the point's tooltip says beside: the day."""


def refraction_chart(points: Sequence[EyePoint], *, title: str = "") -> str:
    """SVG text of the chart; right eye round, left eye square, hollow without cycloplegia. Towards myopia is down.

    Only readings of one kind are joined: with cycloplegia, or without. Raises ValueError without a reading.
    """
    known = [p for p in sorted(points, key=lambda p: p.age) if np.isfinite(p.right) or np.isfinite(p.left)]
    if not known:
        raise ValueError("no refraction to draw")
    values = [v for p in known for v in (p.right, p.left) if np.isfinite(v)]
    low, high = np.floor(min([*values, -1.0])) - 0.5, np.ceil(max([*values, 1.0])) + 0.5
    first, last = np.floor(known[0].age), max(np.ceil(known[-1].age + 0.01), np.floor(known[0].age) + 3)

    def x(age: float) -> float:
        return float(LEFT + (age - first) / (last - first) * (WIDTH - LEFT - RIGHT))

    def y(value: float) -> float:
        return float(TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM))

    heading = "等效球镜" + (f" · {title}" if title else "")
    body = [text(LEFT, 40, heading, size=22, weight=600), *_legend()]
    for begins, ends, colour, opacity, words in BANDS:
        if low < begins:
            top, bottom = y(min(begins, high)), y(max(ends, low))
            body.append(
                f'<rect x="{LEFT}" y="{top:.1f}" width="{WIDTH - LEFT - RIGHT}" height="{bottom - top:.1f}" '
                f'fill="{colour}" fill-opacity="{opacity}"/>'
            )
            body.append(text(LEFT + 8, top + 18, f"{words}（{begins:+.2f}D 以下）", size=15, colour=colour))
    body += _axes(x, y, first, last, low, high)
    for colour, eye in ((CHILD, 0), (LEFT_EYE, 1)):
        for kind in (True, False):
            some = [(p.age, (p.right, p.left)[eye]) for p in known if p.cycloplegia is kind]
            places = [f"{x(a):.1f} {y(v):.1f}" for a, v in some if np.isfinite(v)]
            if len(places) > 1:
                body.append(f'<path d="M{"L".join(places)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        body += [_mark(p, eye, colour, x(p.age), y) for p in known if np.isfinite((p.right, p.left)[eye])]
    return drawing(WIDTH, HEIGHT, heading, body)


def _legend() -> list[str]:
    return [
        f'<circle cx="{LEFT + 6}" cy="60" r="5" fill="{CHILD}"/>', text(LEFT + 16, 65, "右眼", size=15, colour=CHILD),
        f'<rect x="{LEFT + 68}" y="55" width="10" height="10" fill="{LEFT_EYE}"/>',
        text(LEFT + 84, 65, "左眼", size=15, colour=LEFT_EYE),
        text(LEFT + 140, 65, "实心：散瞳后；空心：未散瞳", size=15, colour=QUIET),
    ]  # fmt: skip


def _axes(x: Scale, y: Scale, first: float, last: float, low: float, high: float) -> list[str]:
    step, lines = nice((high - low) / 6), []
    for value in np.arange(np.ceil(low / step) * step, high + 1e-9, step):
        colour = "#9fb3a7" if abs(value) < 1e-9 else GRID
        lines.append(f'<path d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}" stroke="{colour}"/>')
        lines.append(text(LEFT - 8, y(value) + 4, f"{value:+g}" if value else "0", anchor="end", colour=QUIET, size=15))
    for age in np.arange(first, last + 1e-9, max(1.0, np.ceil((last - first) / 10))):
        lines.append(f'<path d="M{x(age):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{GRID}"/>')
        lines.append(text(x(age), HEIGHT - BOTTOM + 24, f"{age:g}岁", anchor="middle", colour=INK, size=15))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    turn = f' transform="rotate(-90 22 {middle:.1f})"'
    return [*lines, text(22, middle, "等效球镜（D）", size=16, anchor="middle", turn=turn)]


def _mark(point: EyePoint, eye: int, colour: str, x: float, y: Scale) -> str:
    value = (point.right, point.left)[eye]
    fill = colour if point.cycloplegia else "#fff"
    said = f"{('右眼', '左眼')[eye]} {value:+.2f}D，{point.words or f'{point.age:.1f}岁'}"
    title = f"<title>{escape(said)}{'，散瞳后' if point.cycloplegia else ''}</title>"
    if eye == 0:
        place = f'cx="{x:.1f}" cy="{y(value):.1f}" r="5"'
        return f'<circle class="point" {place} fill="{fill}" stroke="{colour}" stroke-width="2">{title}</circle>'
    place = f'x="{x - 4.5:.1f}" y="{y(value) - 4.5:.1f}" width="9" height="9"'
    return f'<rect class="point" {place} fill="{fill}" stroke="{colour}" stroke-width="2">{title}</rect>'
