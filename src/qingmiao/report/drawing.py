"""Draws charts: one SVG for PDF and HTML, and from it one PNG for docx; a program of its own, in a folder of its own.

``python -m qingmiao.report.drawing FOLDER FONTS FIRST STEP`` draws every STEP-th chart of FOLDER/charts.json from FIRST
on, so that processes share the charts and their memory goes back when they end. It imports nothing of ours.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import vl_convert

PNG_SCALE = 2.0
"""Twice the size on screen, about 250 dots per inch on paper."""
CHARTS = "charts.json"
"""The file that holds what to draw: specifications in reading order, and whether docx needs them as PNG."""


def draw(folder: Path, fonts: Path, first: int, step: int) -> None:
    """Draw the charts first, first + step … (0-based) into chart-N.svg and chart-N.png (N from 1); tell each on
    stdout."""
    vl_convert.register_font_directory(str(fonts))
    asked: dict[str, Any] = json.loads((folder / CHARTS).read_text("utf-8"))  # its own schema types a specification
    for number in range(first + 1, len(asked["charts"]) + 1, step):
        svg = _unique_ids(vl_convert.vegalite_to_svg(asked["charts"][number - 1]), number)
        (folder / f"chart-{number}.svg").write_text(svg, "utf-8")
        if asked["png"]:
            (folder / f"chart-{number}.png").write_bytes(vl_convert.svg_to_png(svg, scale=PNG_SCALE))
        print(number, flush=True)


def _unique_ids(svg: str, number: int) -> str:
    """Ids are made unique, since many drawings stand in one HTML page."""
    ids = set(re.findall(r'\bid="([^"]+)"', svg))
    for name in sorted(ids):
        svg = svg.replace(f'id="{name}"', f'id="c{number}-{name}"').replace(f"url(#{name})", f"url(#c{number}-{name})")
    return svg


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
