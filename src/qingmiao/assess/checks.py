"""Runs the checks of quality, volatility and townships over a whole pack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from qingmiao.assess import quality
from qingmiao.assess.areas import MIN_AREAS, AreaCount, Funnel, funnel
from qingmiao.assess.limits import plain, rounded
from qingmiao.assess.quality import QualityFinding
from qingmiao.assess.rows import AssessedRow
from qingmiao.assess.series import Series
from qingmiao.assess.subject_rows import PlanScope, shown_unit
from qingmiao.assess.values import SeriesStore
from qingmiao.assess.volatility import volatility
from qingmiao.assess.warnings import FoundWarning, Subject, areas_out, likely_to_miss, not_attained, swings
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack
from qingmiao.content.plan import Qualifier
from qingmiao.content.policy import Policy
from qingmiao.kernel.periods import Period

BRIEF = 5
"""Years in the short form of a warning's data."""


def row_warnings(pack: Pack, store: SeriesStore, rows: Sequence[AssessedRow], place: PlanScope) -> list[FoundWarning]:
    """Misses and likely misses of the plan's area, swings of its series, townships beyond the funnel."""
    found: list[FoundWarning] = []
    swung: set[str] = set()
    for row in rows:
        if row.area != place.area:
            continue
        indicator = pack.indicators[row.indicator]
        series = store.total(row.indicator, row.area).until(place.year)
        subject = _subject(pack, indicator, row, place.year)
        if row.attainment is not None and row.pace is not None:
            data = series_text(series, indicator)
            made = likely_to_miss(subject, row.attainment, row.likelihood, data, pack.policy)
            if not pack.left_to(pack.goal_of(row.target).id):
                due = _binds(pack, row, place)
                made = [*not_attained(subject, row.attainment, row.pace, data, due=due), *made]
            found += [replace(m, brief=series_text(series, indicator, last=BRIEF)) for m in made]
        if row.indicator not in swung:
            swung.add(row.indicator)
            now = series.at(place.year).value is not None
            if now and not _few_things(indicator, series, pack.policy):
                judged = volatility(series, noise=indicator.noise, policy=pack.policy)
                data, brief = series_text(series, indicator), series_text(series, indicator, last=BRIEF)
                found += [replace(m, brief=brief) for m in swings(subject, judged, data)]
            found += _townships(pack, store, indicator, subject, place)
    return found


def _townships(
    pack: Pack, store: SeriesStore, indicator: Indicator, subject: Subject, place: PlanScope
) -> list[FoundWarning]:
    made = _funnel_of(pack, store, indicator, place)
    if made is None:
        return []
    neutral = indicator.better == "none"
    return areas_out(subject, made, indicator.factor, pack.policy.funnel_level, neutral=neutral)


def _funnel_of(pack: Pack, store: SeriesStore, indicator: Indicator, place: PlanScope) -> Funnel | None:
    """The funnel over the areas just below the plan's; None where fewer than three have counts."""
    level = pack.area_tree.level_below(place.area) if place.area in pack.area_tree else None
    if indicator.noise == "none" or level is None:
        return None
    counts = []
    for area in pack.area_tree.under(place.area, level, Period(indicator.period, place.year).end):
        point = store.total(indicator.id, area.code).at(place.year)
        if point.value is not None and point.numerator is not None and point.denominator:
            counts.append(AreaCount(area.code, area.name, point.numerator, point.denominator))
    if len(counts) < MIN_AREAS:
        return None
    return funnel(
        counts,
        noise=indicator.noise,
        better=indicator.better,
        level=pack.policy.funnel_level,
        suspect=pack.policy.funnel_suspect,
    )


def data_findings(pack: Pack, store: SeriesStore, place: PlanScope) -> list[QualityFinding]:
    """All data-quality checks on the measured series of the plan's area and of its townships.

    Old oddities stay in the archive: only findings about the assessed year are given (runs that reach it included).
    """
    level = pack.area_tree.level_below(place.area) if place.area in pack.area_tree else None
    found: list[QualityFinding] = []
    for indicator in pack.indicators.values():
        series = store.total(indicator.id, place.area).until(place.year)
        found += _named(_series_findings(pack, indicator, series), indicator, place.area)
        townships = {
            a.code: store.total(indicator.id, a.code)
            for a in (
                pack.area_tree.under(place.area, level, Period(indicator.period, place.year).end) if level else ()
            )
        }
        for code, own in townships.items():
            is_share = indicator.noise == "binomial"
            found += _named(quality.balance(own, is_share=is_share), indicator, code)
            found += _named(quality.impossible(own), indicator, code)
        found += _odd_areas(pack, store, indicator, townships, place)
        found += _counts_add_up(indicator, series, townships, place)
    found += _populations(pack, store, place)
    return [f for f in found if f.year == place.year]


def _odd_areas(
    pack: Pack, store: SeriesStore, indicator: Indicator, townships: dict[str, Series], place: PlanScope
) -> list[QualityFinding]:
    """Areas far from the others that neither their size nor chance explains, and that no funnel warning names.

    Counts grow with the area and are not compared; a share must also lie beyond the funnel.
    """
    policy = pack.policy
    if indicator.noise == "poisson" or indicator.nature in ("count", "evidence"):
        return []
    points = {c: s.at(place.year) for c, s in townships.items()}
    known = {
        c: p.value
        for c, p in points.items()
        if p.value is not None and (p.denominator is None or p.denominator >= policy.small_denominator)
    }
    told = partial(rounded, decimals=indicator.decimals)
    odd = quality.outlying_areas(
        known, year=place.year, limit=policy.mad_limit, step=10.0**-indicator.decimals, told=told
    )
    made = _funnel_of(pack, store, indicator, place) if odd else None
    if made is not None:
        neutral = indicator.better == "none"
        left = {p.area.code for p in made.points if p.breach and not p.worse and not neutral}
        odd = [f for f in odd if f.area in left]
    return [replace(f, indicator=indicator.id) for f in odd]


def _series_findings(pack: Pack, indicator: Indicator, series: Series) -> list[QualityFinding]:
    policy = pack.policy
    ends = (0.0,) if indicator.natural_limit is None else (0.0, indicator.natural_limit)
    if indicator.unit == "%":
        ends = (*ends, 100.0)
    found = quality.balance(series, is_share=indicator.noise == "binomial") + quality.impossible(series)
    if indicator.noise != "poisson" and not _few_things(indicator, series, policy):
        told = partial(rounded, decimals=indicator.decimals)
        found += quality.outlying_years(
            series,
            limit=policy.mad_limit,
            min_points=policy.min_points,
            is_share=indicator.noise == "binomial",
            sigma=policy.volatility_sigma,
            step=10.0**-indicator.decimals,
            told=told,
        )
        found += quality.repeated(series, run=policy.repeat_run, ends=ends, small=policy.small_denominator, told=told)
    tail = (1 - policy.interval_level) / 2
    found += quality.implausible_zeros(series, tail=tail, small=policy.small_numerator, near=policy.pooled_years)
    return found


def _few_things(indicator: Indicator, series: Series, policy: Policy) -> bool:
    """Evidence, and counts of a few things, move in steps: charts and outlier tests say nothing about them."""
    if indicator.nature == "evidence":
        return True
    largest = max((abs(p.value or 0.0) for p in series.known), default=0.0)
    return indicator.nature == "count" and largest < policy.small_numerator


def _counts_add_up(
    indicator: Indicator, series: Series, townships: dict[str, Series], place: PlanScope
) -> list[QualityFinding]:
    """The townships must not add up to more than the county; persons counted once a place may (they move)."""
    definition = indicator.definition_for(place.year)
    once = definition is not None and definition.numerator is not None and definition.numerator.distinct
    if not townships or once or series.at(place.year).numerator is None:
        return []
    parts = {code: s.at(place.year).numerator for code, s in townships.items()}
    total = series.at(place.year).numerator
    known = [v for v in parts.values() if v is not None]
    if total is None or len(known) < len(parts) or sum(known) <= total * (1 + 1e-9):
        return []
    data = f"合计 {plain(total)}，各地区之和 {plain(sum(known))}"
    message = f"{place.year} 年各地区分子之和大于合计"
    return [QualityFinding("parts", message, indicator.id, place.area, place.year, data)]


def _populations(pack: Pack, store: SeriesStore, place: PlanScope) -> list[QualityFinding]:
    """Denominators that carry the same name on different returns must agree."""
    groups: dict[str, dict[str, float]] = defaultdict(dict)
    returns: dict[str, set[str]] = defaultdict(set)
    for indicator in pack.indicators.values():
        definition = indicator.definition_for(place.year)
        below = definition.denominator if definition else None
        if definition is None or below is None or not below.cells:
            continue
        source = below.source or definition.source or ""
        return_ = pack.returns.get(source.removeprefix("return:"))
        size = store.total(indicator.id, place.area).at(place.year).denominator
        if return_ is None or size is None or len(below.cells) != 1:
            continue
        row, _, column = below.cells[0].partition(".")
        names = [line.label.zh for line in return_.rows if line.code == row]
        names += [line.label.zh for line in return_.columns if line.code == column]
        groups["·".join(names)][indicator.id] = size
        returns["·".join(names)].add(return_.id)
    found: list[QualityFinding] = []
    for name, sizes in groups.items():
        if len(returns[name]) > 1:
            found += quality.disagreeing_denominators(
                name,
                sizes,
                year=place.year,
                gap=pack.policy.denominator_gap,
                name_of=lambda i: pack.indicators[i].label.zh,
            )
    return [replace(f, area=place.area) for f in found]


def series_text(series: Series, indicator: Indicator, *, last: int = 12) -> str:
    """The series' last years as people read it: years and published values, with counts for rare events."""
    parts = []
    known = series.known[-last:]
    for p in known:
        counts = (
            f"（{rounded(p.numerator, 0)}/{rounded(p.denominator, 0)}）"
            if indicator.noise == "poisson" and p.numerator is not None and p.denominator
            else ""
        )
        parts.append(f"{p.year} 年 {rounded(p.value or 0.0, indicator.decimals)}{counts}")
    if not parts:
        return "没有数据"
    name = indicator.label.zh + (f"（{indicator.unit}）" if indicator.unit else "")
    if last < 12:
        first, end = known[0].year, known[-1].year
        years = f"{first}—{end} 年" if first < end else f"{end} 年"
        values = "、".join(part.partition(" 年 ")[2] for part in parts)
        return f"{years}：{values}" if end - first + 1 == len(known) else "，".join(parts)
    return f"{name}：" + "，".join(parts)


def _named(found: list[QualityFinding], indicator: Indicator, area: str) -> list[QualityFinding]:
    return [replace(f, indicator=indicator.id, area=f.area or area) for f in found]


def _binds(pack: Pack, row: AssessedRow, place: PlanScope) -> bool:
    """Whether the bar counts in the year itself: its milestone or the target's end is reached, or the plan says
    "keep".
    """
    bar_year = row.attainment.bar_year if row.attainment is not None else None
    if Qualifier.KEEP in pack.targets[row.target].qualifiers:
        return True
    return place.year >= (bar_year if bar_year is not None else place.end)


def _subject(pack: Pack, indicator: Indicator, row: AssessedRow, year: int) -> Subject:
    target, area = row.target, row.area
    return Subject(
        indicator.id,
        target,
        area,
        year,
        pack.in_charge(indicator.id, year, target=target),
        shown_unit(indicator.unit),
        indicator.decimals,
        indicator.label.zh,
        pack.areas[area].name if area in pack.areas else "",
        row.value,
    )
