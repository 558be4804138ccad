"""Small pieces of charts drawn as SVG text: a text, a round step, the frame of a drawing. Every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

FONT: Final = "'Noto Sans SC', sans-serif"
INK: Final = "#24352c"
QUIET: Final = "#6b7c72"
GRID: Final = "#e3eae5"
CHILD: Final = "#1d4e89"


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 12,
    colour: str = INK,
    anchor: str = "start",
    weight: int = 400,
    turn: str = "",
) -> str:
    """A line of text at a place."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}"{turn}>{escape(words)}</text>'
    )


def nice(raw: float) -> float:
    """The next round step (1, 2, 5 or 10 times a power of ten) that is not smaller."""
    power = 10 ** np.floor(np.log10(raw))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= raw))


def drawing(width: int, height: int, heading: str, body: Iterable[str]) -> str:
    """The whole drawing on white; `heading` is its label for who cannot see it. Empty lines are left out."""
    label = escape(heading, {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{label}" font-family="{FONT}">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        + "\n".join(line for line in body if line)
        + "\n</svg>\n"
    )
