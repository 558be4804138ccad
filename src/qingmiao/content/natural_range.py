"""What values an indicator can have at all: no share above the whole, no count below none."""

from __future__ import annotations

from qingmiao.content.indicators import Indicator

Range = tuple[float | None, float | None]
"""Lowest and highest possible value; None where nature sets no end."""


def natural_range(indicator: Indicator) -> Range:
    """The lowest and highest value that an indicator can have.

    A share (binomial, or with `natural_limit` equal to its multiplier: 100 for %) lies between 0 and the whole. Counts,
    evidence and rates of events are not negative. Another `natural_limit` is the end that better values approach:
    highest where higher is better, lowest where lower is better. A difference of two groups may have any sign.
    """
    if any(d.combine is not None and d.combine.op == "difference" for d in indicator.definitions):
        return None, None
    limit = indicator.natural_limit
    if is_share(indicator):
        return 0.0, indicator.factor
    not_negative = indicator.nature in ("count", "evidence") or indicator.noise == "poisson" or limit == 0
    low = 0.0 if not_negative else None
    if limit is None or limit == 0 or indicator.better == "none":
        return low, None
    return (low, limit) if indicator.better == "higher" else (limit, None)


def is_share(indicator: Indicator) -> bool:
    """Whether the numerator is a part of the denominator, so that it cannot be greater."""
    if indicator.factor <= 1:
        return False
    return indicator.noise == "binomial" or indicator.natural_limit == indicator.factor
