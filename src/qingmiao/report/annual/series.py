"""The chart of one target: values by year, intervals, the bar, the national series, the forecast, breaks."""

from __future__ import annotations

from itertools import pairwise

from qingmiao.content.indicators import Indicator
from qingmiao.content.plan import Target
from qingmiao.report.annual.context import Context
from qingmiao.report.book import bar_in_force
from qingmiao.report.model import Parts, Point, SeriesChart, TargetLine, Text
from qingmiao.report.numbers import FindingOf, PlanNumberOf, PublishedOf, ValueOf, WordsRef

MIN_POINTS = 3
"""Fewer points are told in the table and make no chart."""


def series_chart(c: Context, target: Target) -> SeriesChart | None:
    """The chart of the target's indicator, or None with fewer than three yearly values up to the report's year."""
    indicator = c.indicator_of(target.id)
    if indicator is None:
        return None
    finding = c.of_target[target.id]
    area = finding.area or c.area
    years = tuple(y for y in c.book.years(indicator.id, area) if y <= c.year)
    if len(years) < MIN_POINTS:
        return None
    intervals = {i.year: i for i in finding.intervals}
    points = tuple(
        Point(
            y,
            ValueOf(indicator.id, area, y, decimals=finding.decimals),
            low=intervals[y].low if y in intervals else None,
            high=intervals[y].high if y in intervals else None,
        )
        for y in years
    )
    reference, name = _reference(c, indicator, years)
    label = indicator.label.zh
    words: Parts = (WordsRef("indicator", indicator.id),)
    caption = c.wording.compose(
        "caption.series", label=words, unit=(WordsRef("indicator", indicator.id, "unit"),)
    )
    description = c.wording.compose("description.series", label=words)
    if reference:
        description += c.wording.compose(
            "description.reference", reference=(WordsRef("comparison", indicator.id),)
        )
    return SeriesChart(
        caption=caption,
        unit=indicator.unit,
        label=label,
        points=points,
        target=_lines(c, target),
        reference=reference,
        reference_label=name,
        forecast=tuple(
            Point(f.year, FindingOf(target.id, f"forecast_{f.year}"), low=f.low, high=f.high)
            for f in finding.forecasts
            if f"forecast_{f.year}" in finding.numbers
        ),
        breaks=tuple(
            b.first_year for _, b in pairwise(indicator.definitions) if b.first_year and not b.comparable
        ),
        zero=indicator.noise == "poisson",
        description=description if description else (Text(label),),
    )


def _lines(c: Context, target: Target) -> tuple[TargetLine, ...]:
    """The bar(s) to draw: what the plan writes, or what the assessment worked out of it (a cut of the baseline)."""
    bar, year = bar_in_force(c.pack, target, c.year)
    lines = []
    for part in ("value", "low", "high"):
        if getattr(bar, part) is not None:
            lines.append(TargetLine(PlanNumberOf(target.id, part, c.year), "目标值", year=year))
    if not lines and "bar" in c.of_target[target.id].numbers:
        lines.append(TargetLine(FindingOf(target.id, "bar"), "目标值", year=year))
    return tuple(lines)


def _reference(c: Context, indicator: Indicator, years: tuple[int, ...]) -> tuple[tuple[Point, ...], str]:
    """The first published series beside ours, in the years of ours."""
    for comparison in indicator.comparisons[:1]:
        refs = [PublishedOf(comparison.series, comparison.area, y) for y in range(years[0], c.year + 1)]
        points = tuple(Point(r.year, r) for r in refs if c.book.has(r))
        if points and comparison.label:
            return points, comparison.label
    return (), ""
