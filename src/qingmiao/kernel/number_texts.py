"""Reading a number as people write it: full width, with thousands commas; never infinite, never with a unit left
unread."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from qingmiao.kernel.misread import BLANK, MisreadError, half_width

_NUMBER = re.compile(
    r"[+-]?(?:(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$",
    re.ASCII,
)
_INSIDE = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_MINUS = str.maketrans({"−": "-", "﹣": "-", "–": "-"})


def read_number(text: str | None) -> float | None:
    """The number of a cell; ``None`` for a blank one. Raises `MisreadError` for anything else, with the nearest right
    number.

    Full width (１２．５) and thousands commas (1,234.5) are read. A comma elsewhere, a unit, infinity, a number too
    large for a double, and digits with gaps are misread.
    """
    digits = _digits(text)
    return None if digits is None else float(digits)


def read_decimal(text: str | None) -> Decimal | None:
    """As `read_number`, but digit for digit: a decimal, never a double."""
    digits = _digits(text)
    return None if digits is None else Decimal(digits)


def _digits(text: str | None) -> str | None:
    """The number as plain digits, sign and exponent; ``None`` for a blank cell."""
    if text is None:
        return None
    plain = half_width(text)
    if plain in BLANK:
        return None
    plain = plain.translate(_MINUS)
    if _NUMBER.match(plain):
        digits = plain.replace(",", "")
        if math.isfinite(float(digits)):
            return digits
        raise MisreadError("not_finite", f"「{text}」大得不是数")
    raise MisreadError("not_a_number", f"「{text}」不是数", _nearest(plain))


def _nearest(plain: str) -> str:
    """The only number that stands in the text, a decimal comma or Chinese full stop read as a point; else ``""``."""
    pointed = re.sub(r"(?<=\d)[,。·](?=\d{1,2}(?!\d))", ".", plain)
    found = _INSIDE.findall(pointed)
    return found[0] if len(found) == 1 else ""
