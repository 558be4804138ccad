"""Who a row is about is read as text, digit for digit: what changed a number on its way is refused, not repaired.

A spreadsheet that takes an 18-digit number for a quantity keeps 15 digits: it shows ``1.42625E+17``, saves
``142625199001010000``, and many children become one. Width, blanks around it and the small x of an identity number
are the same identity in another dress: they are put right, and `Identifier.changed` says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qingmiao.kernel.misread import MisreadError, half_width

EXACT_DIGITS = 15
"""Digits that a spreadsheet keeps of a number."""
EXACT_FLOAT = 2**53
"""Whole numbers from here on are not kept exactly by a double."""
_SCIENTIFIC = re.compile(r"[+-]?(?:\d+\.\d*[eE][+-]?\d+|\d+[eE]\+\d+|\d[eE](?:1[5-9]|2\d))$", re.ASCII)
_POINT_ZERO = re.compile(r"(\d+)\.0+$", re.ASCII)
_IDENTITY = re.compile(r"\d{17}[\dXx]$", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identity as it counts; `changed` when the cell wrote it otherwise (full width, blanks, a small x)."""

    text: str
    changed: bool = False


def read_identifier(text: str | None) -> Identifier | None:
    """The identity a cell names; ``None`` for a blank cell. Every other text is an identity, ``NA`` and ``007`` too.

    Raises `MisreadError` for scientific notation (``1.42625E+17``, ``1e17``), for a number that came through a decimal
    (``123.0``), and for a number of 18 digits or more whose digits after the fifteenth are all zero, unless it is an
    identity number whose check character is right.
    """
    if text is None:
        return None
    plain = half_width(text)
    if plain.startswith("'") and plain[1:].isdecimal():  # a spreadsheet's mark of "this is text"
        plain = plain[1:]
    if not plain:
        return None
    if _SCIENTIFIC.match(plain):
        raise MisreadError(
            "id_scientific",
            f"编号「{text}」是科学计数法，后面的数字已经丢了；请把这一列设为文本，从原系统重新导出",
        )
    if found := _POINT_ZERO.match(plain):
        near = found[1] if len(found[1]) <= EXACT_DIGITS else ""
        raise MisreadError("id_decimal", f"编号「{text}」带小数，是当作数存过的；请把这一列设为文本", near)
    if looks_rounded(plain):
        raise MisreadError(
            "id_rounded",
            f"编号「{text}」第 15 位以后全是 0，是当作数存过的；请把这一列设为文本，从原系统重新导出",
        )
    if _IDENTITY.match(plain):
        plain = plain.upper()
    return Identifier(plain, plain != text)


def read_identifier_number(number: float) -> Identifier | None:
    """The identity of a number in a column of floating-point numbers; ``None`` for NaN; always `changed`.

    Raises `MisreadError` for a number with a fraction and from 2**53 on, where digits have been lost.
    """
    if number != number:
        return None
    if abs(number) >= EXACT_FLOAT:
        raise MisreadError("id_rounded", f"编号 {number!r} 是按小数存的，后面的数字已经丢了；请把这一列存成文本")
    if not float(number).is_integer():
        raise MisreadError("id_decimal", f"编号 {number!r} 带小数；请把这一列存成文本")
    return Identifier(str(int(number)), changed=True)


def looks_rounded(plain: str) -> bool:
    """Whether a number of 18 digits or more ends in zeros after the fifteenth, as one that was kept as a quantity
    does."""
    if len(plain) < EXACT_DIGITS + 3 or not (plain.isascii() and plain.isdigit()):
        return False
    return not plain[EXACT_DIGITS:].strip("0") and not is_identity_number(plain)


def is_identity_number(plain: str) -> bool:
    """Whether the text is a citizen's identity number of 18 characters with its right check character (GB
    11643-1999)."""
    if not _IDENTITY.match(plain):
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(plain, _WEIGHTS, strict=False)) % 11
    return plain[17].upper() == "10X98765432"[rest]
