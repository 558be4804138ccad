"""Writing CSV files that Excel on a Chinese Windows reads: UTF-8 with a byte-order mark, unless told to leave it
out."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import IO

BOM: bytes = codecs.BOM_UTF8
"""Three bytes in front of the text; without them Excel on a Chinese Windows takes the file for GBK and shows it
garbled."""


def csv_encoding(*, bom: bool = True) -> str:
    """The encoding of a CSV file that is written: ``utf-8-sig``, or ``utf-8`` without the mark."""
    return "utf-8-sig" if bom else "utf-8"


def open_csv(path: Path, *, bom: bool = True) -> IO[str]:
    """Open `path` to write a CSV file as text, lines ended as the writer says (for ``csv.writer``)."""
    return path.open("w", encoding=csv_encoding(bom=bom), newline="")


def csv_bytes(text: str, *, bom: bool = True) -> bytes:
    """The bytes of a CSV file whose text is at hand."""
    return text.encode(csv_encoding(bom=bom))
