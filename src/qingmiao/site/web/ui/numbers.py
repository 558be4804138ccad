"""Numbers that an address or a form of our own pages brings back: a version, a year, a row's number."""

from __future__ import annotations

from typing import TypeVar

N = TypeVar("N", int, None)

DIGITS = 9
"""So many digits at most: what is longer is no number of ours, and no column of the database holds it."""


def whole(text: str, otherwise: N) -> int | N:
    """The number of some ASCII digits; `otherwise` for anything else (nothing, a sign, ², ten digits and more)."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else otherwise
