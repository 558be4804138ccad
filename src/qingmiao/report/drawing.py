"""Draws charts once: one SVG for PDF and HTML, and from it one PNG for docx."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import vl_convert

from qingmiao.report.charts import spec_of
from qingmiao.report.model import Chart, Charts, Document

PNG_SCALE = 2.0
"""Twice the size on screen, about 250 dots per inch on paper."""


@dataclass(frozen=True)
class Drawing:
    """A drawn chart. `png` is empty when no writer needs it; width and height in pixels."""

    svg: str
    width: int
    height: int
    png: bytes = b""


def draw_all(
    document: Document, fonts: Path, *, png: bool, progress: Callable[[str, int, int], None] | None = None
) -> dict[int, Drawing]:
    """All charts of a document in reading order, by their 1-based number."""
    vl_convert.register_font_directory(str(fonts))
    pairs: list[tuple[Chart, bool]] = [
        (chart, len(block.charts) == 1 and block.wide)
        for block in document.blocks
        if isinstance(block, Charts)
        for chart in block.charts
    ]
    drawings: dict[int, Drawing] = {}
    for number, (chart, alone) in enumerate(pairs, start=1):
        if progress:
            progress("绘图", number, len(pairs))
        svg = _unique_ids(vl_convert.vegalite_to_svg(spec_of(chart, alone=alone)), number)
        size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
        width, height = (round(float(size.group(1))), round(float(size.group(2)))) if size else (300, 200)
        data = vl_convert.svg_to_png(svg, scale=PNG_SCALE) if png else b""
        drawings[number] = Drawing(svg, width, height, data)
    return drawings


def _unique_ids(svg: str, number: int) -> str:
    """Ids are made unique, since many drawings stand in one HTML page."""
    ids = set(re.findall(r'\bid="([^"]+)"', svg))
    for name in sorted(ids):
        svg = svg.replace(f'id="{name}"', f'id="c{number}-{name}"').replace(f"url(#{name})", f"url(#c{number}-{name})")
    return svg
