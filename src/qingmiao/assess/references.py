"""Reference values of higher areas: the prior rate for rare events and the other side of relative targets."""

from __future__ import annotations

from collections.abc import Iterable

from qingmiao.assess.likelihood import yearly_counts
from qingmiao.assess.rare import Prior
from qingmiao.assess.series import Series, YearPoint
from qingmiao.assess.values import SeriesStore
from qingmiao.content.indicators import UNIT_MULTIPLIERS, Comparison, Indicator
from qingmiao.content.pack import Pack
from qingmiao.content.references import ReferenceValue
from qingmiao.kernel.areas import AreaLevel


def in_unit(found: ReferenceValue, unit: str) -> float | None:
    """The value in `unit`: as it is, rescaled between rates, or None where the units cannot be reconciled."""
    if not found.unit or found.unit == unit:
        return found.value
    have, want = UNIT_MULTIPLIERS.get(found.unit), UNIT_MULTIPLIERS.get(unit)
    return found.value * want / have if have and want else None


def reference_series(pack: Pack, indicator: Indicator, area: str, *, year: int) -> Series:
    """The published series of `area` that the indicator names for comparison, up to `year`; empty where none is."""
    names = [c.series for c in indicator.comparisons if c.area == area]
    points: dict[int, YearPoint] = {}
    for r in pack.references:
        value = in_unit(r, indicator.unit)
        if r.area == area and r.series in names and r.year <= year and value is not None:
            points.setdefault(r.year, YearPoint(r.year, value))
    return Series(tuple(points.values()))


def other_side(pack: Pack, store: SeriesStore, indicator: Indicator, area: str, *, year: int) -> Series:
    """A higher area's values: measured or entered ones first, published references for the years without."""
    own = store.total(indicator.id, area)
    published = reference_series(pack, indicator, area, year=year)
    points = {p.year: p for p in published.points} | {p.year: p for p in own.known}
    return Series(tuple(points.values()), own.breaks, indicator.factor)


def prior_for(pack: Pack, indicator: Indicator, series: Series, *, year: int) -> Prior | None:
    """One county-year (`policy.prior_years`) at the province's rate, else the nation's, of the year nearest the first
    count.

    None where no comparison series with a value is named: nothing is made up.
    """
    counts = yearly_counts(series)
    if not counts:
        return None
    exposure = sum(c.exposure for c in counts) / len(counts)
    for comparison in _by_level(pack, indicator.comparisons):
        found = reference_series(pack, indicator, comparison.area, year=year).known
        if not found:
            continue
        nearest = min(found, key=lambda p: (abs(p.year - counts[0].year), p.year))
        name = _name(pack, comparison.area)
        source = f"先验：{name} {nearest.year} 年的水平"
        rate = (nearest.value or 0.0) / indicator.factor
        if rate > 0:
            return Prior.at_rate(rate, exposure, years=pack.policy.prior_years, source=source)
    return None


def _by_level(pack: Pack, comparisons: Iterable[Comparison]) -> list[Comparison]:
    """Province before nation; other levels are no prior."""
    order = {AreaLevel.PROVINCE: 0, AreaLevel.NATION: 1}
    found = [(c, pack.areas[c.area].level) for c in comparisons if c.area in pack.areas]
    return [c for c, level in sorted(found, key=lambda x: order.get(x[1], 9)) if level in order]


def _name(pack: Pack, area: str) -> str:
    return pack.areas[area].name if area in pack.areas else area
