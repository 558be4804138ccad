"""Sets report.typ of a folder as report.pdf; a program of its own, so that typst's memory goes back when it ends.

``python -m qingmiao.report.typesetting FOLDER FONTS YYYY-MM-DD``. It imports nothing of ours.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import typst


def typeset(folder: Path, fonts: Path, day: str) -> None:
    """Write the PDF; `day` is the date in its metadata, so that equal input gives equal bytes."""
    made = typst.compile(
        str(folder / "report.typ"),
        root=str(folder),
        font_paths=[str(fonts)],
        ignore_system_fonts=True,
        format="pdf",
        timestamp=datetime.fromisoformat(day).replace(tzinfo=UTC),
    )
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single PDF")
    (folder / "report.pdf").write_bytes(made)


if __name__ == "__main__":
    typeset(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
