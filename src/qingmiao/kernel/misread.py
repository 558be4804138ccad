"""What a cell says that could not be read: why, and the nearest thing that could have been meant.

Blank is not misread: a reader gives ``None`` for a blank cell, the value for one that it understands, and raises
`MisreadError` for everything else. Nothing is guessed: where two readings are possible the cell is misread.
"""

from __future__ import annotations

import unicodedata

BLANK = frozenset(("", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None", "NaT", "<NA>"))
"""Cells that hold no value: empty, and the marks that spreadsheets, R and pandas leave for "nothing here"."""

_OUTSIDE = " \t\r\n\f\v\u00a0\u200b\u200c\u200d\u2060\ufeff\u3000"


class MisreadError(ValueError):
    """A cell that could not be read. `code` is short and stable, `message` Chinese, `nearest` the nearest right value
    or ``""``."""

    def __init__(self, code: str, message: str, nearest: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.nearest = nearest

    def __str__(self) -> str:
        return self.message + (f"；是不是 {self.nearest}？" if self.nearest else "")


def half_width(text: str) -> str:
    """Full-width letters, digits and marks (Ａ１．－) as the ordinary ones, blanks and invisible marks around it gone."""
    return "".join(map(_half, text)).strip(_OUTSIDE)


def _half(mark: str) -> str:
    if "\uff01" <= mark <= "\uff5e":
        return unicodedata.normalize("NFKC", mark)
    return " " if mark in "\u3000\u00a0" else mark
