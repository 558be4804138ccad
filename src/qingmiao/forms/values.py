"""What an answer is once it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Position:
    """A position on WGS-84 in degrees north and east; `precision` is the radius in metres, None = not known."""

    latitude: Decimal
    longitude: Decimal
    precision: Decimal | None = None


Value: TypeAlias = "str | int | Decimal | bool | date | time | tuple[str, ...] | Position"
"""One answer; several codes are a tuple. A missing answer is None and is never stored."""

Answers: TypeAlias = Mapping[str, Any]
"""Field id → what was typed (text), chosen (list of texts) or stored before. Any: it comes from browsers and files."""


def decimal_text(number: Decimal | int) -> str:
    """A number without exponent and without zeros that say nothing: "12.5", "100"."""
    text = format(Decimal(number), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
