"""The chart of one target: values by year, intervals, the bar, the national series, the forecast, breaks."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from qingmiao.content.indicators import Indicator
from qingmiao.content.plan import Target, TargetKind
from qingmiao.figures.book import bar_in_force
from qingmiao.figures.numbers import FindingOf, PlanNumberOf, PublishedOf, ValueOf, WordsRef
from qingmiao.report.blocks.context import LATEST, Context
from qingmiao.report.model import ChartPoint, Parts, SeriesChart, TargetLine, Text

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
        ChartPoint(
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
    caption = c.wording.compose("caption.series", label=words, unit=(WordsRef("indicator", indicator.id, "unit"),))
    description = c.wording.compose("description.series", label=words)
    if reference:
        description += c.wording.compose("description.reference", reference=(WordsRef("comparison", indicator.id),))
    return SeriesChart(
        caption=caption,
        unit=indicator.unit,
        label=label,
        points=points,
        target=_lines(c, target),
        reference=reference,
        reference_label=name,
        forecast=tuple(
            ChartPoint(f.year, FindingOf(target.id, f"forecast_{f.year}"), low=f.low, high=f.high)
            for f in finding.forecasts
            if f"forecast_{f.year}" in finding.numbers
        ),
        breaks=tuple(b.first_year for _, b in pairwise(indicator.definitions) if b.first_year and not b.comparable),
        zero=indicator.noise == "poisson",
        description=description if description else (Text(label),),
    )


def _lines(c: Context, target: Target) -> tuple[TargetLine, ...]:
    """Every bar that the plan writes, at the year it is due; else the one number that the assessment compared with,
    called what it is: a bar worked out of the baseline, the baseline itself, what was assigned for the year, another
    area's value."""
    lines: list[TargetLine] = []
    since: int | None = None
    for year in _due_years(c, target):
        bar, _ = bar_in_force(c.pack, target, year)
        for part in _PARTS:
            if getattr(bar, part) is not None:
                lines.append(TargetLine(PlanNumberOf(target.id, part, year), "目标值", year=year, since=since))
        since = year
    if lines or "bar" not in c.of_target[target.id].numbers:
        return tuple(lines)
    label, computed_for = _computed(c, target)
    return (TargetLine(FindingOf(target.id, "bar"), label, year=computed_for, ends=label == "目标值"),)


_PARTS: tuple[Literal["value", "low", "high"], ...] = ("value", "low", "high")


def _due_years(c: Context, target: Target) -> tuple[int, ...]:
    """The years in which a bar with a number is due, rising."""
    years = sorted({*(m.year for m in target.milestones), bar_in_force(c.pack, target, LATEST)[1]})
    return tuple(y for y in years if bar_in_force(c.pack, target, y)[1] == y)


def _computed(c: Context, target: Target) -> tuple[str, int | None]:
    """What the number that the value was compared with is, and its year."""
    match target.kind:
        case TargetKind.FALLING | TargetKind.RISING:
            return "基期值", c.base_year(target)
        case TargetKind.RELATIVE_TO:
            asked = target.relative_to
            area = c.pack.areas.get(asked.area) if asked else None
            return f"{area.name if area else '对比地区'}要求值", c.year
        case TargetKind.ASSIGNED:
            return "下达值", c.year
        case TargetKind.CONTAINED:
            return "本年上限", c.year
        case _:
            return "目标值", bar_in_force(c.pack, target, c.year)[1]


def _reference(c: Context, indicator: Indicator, years: tuple[int, ...]) -> tuple[tuple[ChartPoint, ...], str]:
    """The first published series beside ours, in the years of ours."""
    for comparison in indicator.comparisons[:1]:
        refs = [PublishedOf(comparison.series, comparison.area, y) for y in range(years[0], c.year + 1)]
        points = tuple(ChartPoint(r.year, r) for r in refs if c.book.has(r))
        if points and comparison.label:
            return points, comparison.label
    return (), ""
