"""What a file said that could not be read, cell by cell, collected over its chunks: to list, to count, to write
down."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from qingmiao.kernel.csv_out import open_csv
from qingmiao.standards.columns import Columns

LISTED = 20
"""Cells that a command lists; the others are counted."""


@dataclass(frozen=True, slots=True, order=True)
class UnreadCell:
    """One cell: its row as a spreadsheet counts (the heading is row 1), its column, text, why, and the nearest right
    value."""

    row: int
    column: str
    text: str
    message: str
    nearest: str = ""

    def __str__(self) -> str:
        hint = f"；是不是 {self.nearest}？" if self.nearest else ""
        return f"第 {self.row} 行，列 {self.column}：{self.message}{hint}"


class ReadingLog:
    """Collects what was not understood while a file is scored; :meth:`lines` says it in Chinese."""

    def __init__(self) -> None:
        self.cells: list[UnreadCell] = []
        self.doubtful: list[UnreadCell] = []
        """Cells that were used as they stand and are hardly right."""
        self.changed_ids = 0
        """Identities that were put right (full width, blanks, a small x, a whole number stored as a decimal)."""

    def take(self, columns: Columns, first_row: int) -> None:
        """Note what ``columns`` could not read; its first row is ``first_row`` of the file."""
        for cells, among in ((self.cells, columns.unread), (self.doubtful, columns.doubtful)):
            for name, reading in among.items():
                for row, text, error in reading.faults():
                    cells.append(UnreadCell(first_row + row, name, text, error.message, error.nearest))

    def renumber(self, rows: Mapping[int, int]) -> None:
        """Put the file's own row numbers where blank lines were skipped: record row to file row."""
        self.cells = [replace(cell, row=rows.get(cell.row, cell.row)) for cell in self.cells]
        self.doubtful = [replace(cell, row=rows.get(cell.row, cell.row)) for cell in self.doubtful]

    @property
    def last_row(self) -> int:
        """The last row that is named; 0 when none is."""
        return max((cell.row for cell in (*self.cells, *self.doubtful)), default=0)

    def lines(self) -> Iterator[str]:
        """The first cells in order of rows, how many more there are, and the counts by column."""
        yield from _folded(self.cells)
        if self.cells:
            yield f"没有读懂的：{_counted(self.cells)}。这些行的有关结果是空白（不能判定，不是不合格）；改好后重新运行"
        yield from _folded(self.doubtful)
        if self.doubtful:
            yield f"可疑的：{_counted(self.doubtful)}。仍照标准的办法评分并由标准的可疑标志标出；请核对原始记录"
        if self.changed_ids:
            yield f"编号的写法改正了 {self.changed_ids} 处（全角、空格、小写 x、带小数的整数），结果里是改正后的编号"

    def write(self, path: Path, *, bom: bool = True) -> None:
        """Write every cell to a CSV file (heading only, when everything was understood)."""
        with open_csv(path, bom=bom) as file:
            writer = csv.writer(file)
            writer.writerow(["行", "列", "原文", "说明", "最接近的写法"])
            for cell in sorted((*self.cells, *self.doubtful)):
                writer.writerow([cell.row, cell.column, cell.text, cell.message, cell.nearest])


def _folded(cells: list[UnreadCell]) -> Iterator[str]:
    yield from (str(cell) for cell in sorted(cells)[:LISTED])
    if len(cells) > LISTED:
        yield f"……另有 {len(cells) - LISTED} 处；用 --faults 文件.csv 写出全部"


def _counted(cells: list[UnreadCell]) -> str:
    return "，".join(f"{name} {count} 处" for name, count in Counter(c.column for c in cells).most_common())
