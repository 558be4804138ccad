"""A city's figures out of its counties': counts are added, rates are made of the sums and never averaged.

A figure of the city exists only where every county has the counts of that year by the same version of the definition;
otherwise it has no value and says which county is missing or differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from qingmiao.exchange.state import CountyState, ExchangedFigure
from qingmiao.kernel.rounding import half_up


@dataclass(frozen=True)
class RolledIndicator:
    """What of a definition is needed to add: a rate is multiplied with `factor`; `is_rate`: it has a denominator."""

    factor: float
    decimals: int
    is_rate: bool


def roll_up(
    city: str, counties: tuple[str, ...], held: Mapping[str, CountyState], indicators: Mapping[str, RolledIndicator]
) -> CountyState:
    """The state of a city: all that its counties tell, and the sums for the city itself."""
    figures = {f.key: f for state in held.values() for f in state.figures if f.area != city}
    years = sorted({f.year for f in figures.values()})
    for name, how in indicators.items():
        for year in years:
            parts = {county: figures.get((name, county, year)) for county in counties}
            if any(parts.values()):
                rolled = _sum(city, name, year, parts, how)
                figures[rolled.key] = rolled
    return CountyState.made(
        city,
        "",
        figures.values(),
        (r for state in held.values() for r in state.returns),
        (w for state in held.values() for w in state.warnings),
    )


def _sum(
    city: str, name: str, year: int, parts: Mapping[str, ExchangedFigure | None], how: RolledIndicator
) -> ExchangedFigure:
    there = [f for f in parts.values() if f is not None]
    version = max(f.version for f in there)
    lacking = sorted(
        county
        for county, f in parts.items()
        if f is None or f.numerator is None or (how.is_rate and f.denominator is None)
    )
    if lacking:
        return ExchangedFigure(name, city, year, "", None, None, version, f"缺 {'、'.join(lacking)} 的数")
    if len({f.version for f in there}) > 1:
        return ExchangedFigure(name, city, year, "", None, None, version, "各县的指标定义版本不同，不能相加")
    numerator = sum(f.numerator or 0 for f in there)
    denominator = sum(f.denominator or 0 for f in there) if how.is_rate else None
    reason = "；".join(dict.fromkeys(f.reason for f in there if f.reason))
    if how.is_rate and not denominator:
        return ExchangedFigure(name, city, year, "", numerator, denominator, version, "分母是 0")
    value = Fraction(numerator) / Fraction(denominator) * Fraction(how.factor) if denominator else Fraction(numerator)
    return ExchangedFigure(
        name, city, year, str(half_up(value, how.decimals)), numerator, denominator, version, reason
    )  # fmt: skip
