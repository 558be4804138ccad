"""A published bound (>99, <1.68, ≥95) as a value of its own kind: it says where a figure lies, never what it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

SIGNS = (">", ">=", "<", "<=")
_WRITTEN = re.compile(r"(>=|<=|>|<)(-?\d+(?:\.\d+)?)", re.ASCII)


@dataclass(frozen=True)
class Bound:
    """`sign` is one of ``> >= < <=``; `number` the figure that stands behind it, in the indicator's unit."""

    sign: str
    number: Decimal

    def __post_init__(self) -> None:
        if self.sign not in SIGNS:
            raise ValueError(f"no sign of a bound: {self.sign!r}")

    @classmethod
    def parse(cls, text: str) -> Bound | None:
        """The bound that `str` of one gives back; None for anything else."""
        found = _WRITTEN.fullmatch(text)
        return cls(found[1], Decimal(found[2])) if found else None

    @classmethod
    def of(cls, sign: str, number: float) -> Bound:
        """A bound from a float, with the shortest digits that mean it."""
        text = format(Decimal(repr(float(number))), "f")
        return cls(sign, Decimal(text.rstrip("0").rstrip(".") if "." in text else text))

    def __str__(self) -> str:
        return f"{self.sign}{format(self.number, 'f')}"

    @property
    def is_lower(self) -> bool:
        """The figure lies above the number."""
        return self.sign in (">", ">=")

    @property
    def is_closed(self) -> bool:
        """The number itself is possible."""
        return self.sign in (">=", "<=")

    def allows(self, value: Fraction | float) -> bool:
        """Whether a figure may be what the bound speaks of."""
        number, shown = Fraction(self.number), value if isinstance(value, Fraction) else Fraction(repr(value))
        if shown == number:
            return self.is_closed
        return shown > number if self.is_lower else shown < number
