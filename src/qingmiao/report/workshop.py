"""Where a report is made: a folder for a while, and processes in it that draw and set beside each other and end."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qingmiao.kernel.errors import UserError
from qingmiao.report.charts import spec_of
from qingmiao.report.languages import spec_in
from qingmiao.report.model import Charts, Document

DRAWERS = 2
"""Processes that draw at once; each holds a V8 of about 150 MB, and a county's machine has two cores."""
FEW = 8
"""So many charts one process draws alone: another would take longer to start than to help."""
LONGEST = 600
"""Seconds after which a process that draws or sets counts as stuck."""


class WorkshopError(UserError):
    """A process that draws or sets ended badly (mostly for want of memory); nothing of the report was written."""


@dataclass(frozen=True)
class Drawing:
    """A drawn chart. `png` is empty when no writer needs it; width and height in pixels."""

    svg: str
    width: int
    height: int
    png: bytes = b""


def start(module: str, *words: object, listen: bool = False) -> subprocess.Popen[str]:
    """Start a program of this package in a process of its own; `listen` gives its stdout."""
    out = subprocess.PIPE if listen else subprocess.DEVNULL
    command = [sys.executable, "-m", f"qingmiao.report.{module}", *map(str, words)]
    return subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True)


def end(process: subprocess.Popen[str]) -> None:
    """Wait for a program. Raises WorkshopError where it failed or took longer than `LONGEST` seconds."""
    try:
        _, said = process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired as e:
        raise WorkshopError(f"绘图或排版的进程 {LONGEST // 60} 分钟没有做完，报告没有写出；请在机器空闲时再试") from e
    if process.returncode:
        last = said.strip().splitlines()[-1:] or ["没有留下说明"]
        raise WorkshopError(
            f"绘图或排版的进程中断（退出码 {process.returncode}：{last[0][:200]}），报告没有写出；"
            "多半是内存不够，请关掉别的程序再试，仍不行的把这句话交给管理员"
        )


def stop(*processes: subprocess.Popen[str]) -> None:
    """End what still runs."""
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def draw_all(
    document: Document,
    folder: Path,
    fonts: Path,
    *,
    png: bool,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[int, Drawing]:
    """All charts of a document in reading order, by their 1-based number. Raises WorkshopError."""
    specs = [
        spec_in(document, spec_of(chart, alone=len(block.charts) == 1 and block.wide))
        for block in document.blocks
        if isinstance(block, Charts)
        for chart in block.charts
    ]
    if not specs:
        return {}
    (folder / "charts.json").write_text(json.dumps({"png": png, "charts": specs}, ensure_ascii=False), "utf-8")
    share = DRAWERS if len(specs) > FEW else 1
    drawers = [start("drawing", folder, fonts, i, share, listen=True) for i in range(share)]
    try:
        done = 0
        for drawer in drawers:
            for _ in drawer.stdout or ():
                done += 1
                if progress:
                    progress("绘图", done, len(specs))
            end(drawer)
    finally:
        stop(*drawers)
    return {n: _drawing(folder, n, png=png) for n in range(1, len(specs) + 1)}


def _drawing(folder: Path, number: int, *, png: bool) -> Drawing:
    svg = (folder / f"chart-{number}.svg").read_text("utf-8")
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    width, height = (round(float(size.group(1))), round(float(size.group(2)))) if size else (300, 200)
    return Drawing(svg, width, height, (folder / f"chart-{number}.png").read_bytes() if png else b"")
