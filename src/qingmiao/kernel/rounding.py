"""Rounding happens once, at the edge, and is half-up (四舍五入).

Source: GB/T 8170 allows 四舍五入 where the publisher says so; Chinese statistical bulletins publish half-up.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def half_up(value: float | Fraction | Decimal, decimals: int) -> Decimal:
    """Round half away from zero to `decimals` places (0–12), exactly.

    A float counts as the shortest decimal that prints as it does (2.675 is 2.675, not 2.67499…);
    a `Fraction` is rounded from its exact value. Raises ValueError for NaN or infinity.
    """
    quantum = Decimal(1).scaleb(-decimals)
    if isinstance(value, Fraction):
        whole = (2 * abs(value.numerator) * 10**decimals + value.denominator) // (2 * value.denominator)
        return Decimal(whole if value >= 0 else -whole).scaleb(-decimals).quantize(quantum)
    number = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if not number.is_finite():
        raise ValueError(f"cannot round {value!r}")
    return number.quantize(quantum, rounding=ROUND_HALF_UP)


def decimals_of(value: float | str) -> int:
    """How many decimals a number is written with: 3.2 → 1, 95 or 95.0 → 0, "95.0" → 1."""
    text = value if isinstance(value, str) else repr(value)
    if not isinstance(value, str) and text.endswith(".0"):
        text = text[:-2]
    exponent = Decimal(text).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
