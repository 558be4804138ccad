"""From one indicator's series in one area to an assessed row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from qingmiao.assess.attainment import attain
from qingmiao.assess.change_targets import CHANGES, published_base
from qingmiao.assess.international import Case, Direction, statcan_class, unsd_class
from qingmiao.assess.likelihood import Likelihood, likelihood, yearly_counts
from qingmiao.assess.limits import ValueRange, bar_in_force, limit_of
from qingmiao.assess.pace import Pace, pace
from qingmiao.assess.parts import area_part
from qingmiao.assess.rare import clopper_pearson, garwood, pooled
from qingmiao.assess.references import other_side, prior_for
from qingmiao.assess.remembered import RowMemory
from qingmiao.assess.rows import AssessedRow
from qingmiao.assess.series import Series
from qingmiao.assess.values import SeriesStore
from qingmiao.assess.verdict import AreaSeries, Attainment, Grounds, Verdict
from qingmiao.content.indicators import Indicator
from qingmiao.content.members import areas_of, institutions_of, words_of
from qingmiao.content.natural_range import natural_range
from qingmiao.content.pack import Pack
from qingmiao.content.plan import Target, TargetKind
from qingmiao.kernel.periods import Period

LOCAL_KINDS = frozenset(
    {
        TargetKind.AT_MOST,
        TargetKind.AT_LEAST,
        TargetKind.WITHIN,
        TargetKind.REDUCE_BY,
        TargetKind.INCREASE_BY,
        TargetKind.FALLING,
        TargetKind.RISING,
        TargetKind.CONTAINED,
        TargetKind.EVERY_AREA,
    }
)
"""Kinds that can be looked at below the plan's own area; the others bind that area only."""


def shown_unit(unit: str) -> str:
    """The unit as it follows a number: 17.47/万, never 17.471/万; an index against a base (女=100) has none."""
    if "=" in unit:
        return ""
    return unit.removeprefix("1") if unit.startswith("1/") else unit


@dataclass(frozen=True)
class PlanScope:
    """The plan's area and years."""

    area: str
    start: int
    end: int
    year: int


def place_of(pack: Pack, year: int) -> PlanScope:
    """The plan's area and years; without a plan, the first county and the year itself."""
    if pack.plan is not None:
        return PlanScope(pack.plan.area, pack.plan.start, pack.plan.end, year)
    root = pack.root_area
    return PlanScope(root.code if root else "", year, year, year)


def target_row(
    pack: Pack,
    store: SeriesStore,
    indicator: Indicator,
    target: Target,
    area: str,
    place: PlanScope,
    memory: RowMemory | None = None,
) -> AssessedRow:
    """The three answers for one target in one area; below the plan's area without probability."""
    evidence = evidence_for(pack, store, indicator, target, area, place)

    def make() -> AssessedRow:
        answer = attain(evidence)
        chance = Likelihood("none", "只对规划所在地区给出可能性", applies=False)
        if area == place.area:
            prior = prior_for(pack, indicator, evidence.series, year=place.year) if evidence.small else None
            chance = likelihood(evidence, prior=prior, natural_limit=indicator.natural_limit)
        return _row(pack, indicator, evidence, area, answer, _pace(evidence, answer), chance)

    return make() if memory is None else memory.row(pack, indicator.id, area, evidence, make)


def plain_row(
    pack: Pack,
    store: SeriesStore,
    indicator: Indicator,
    area: str,
    place: PlanScope,
    memory: RowMemory | None = None,
) -> AssessedRow:
    """An indicator that decides no target: its value, interval and classes."""
    evidence = evidence_for(pack, store, indicator, _no_target(indicator.label.zh), area, place)

    def make() -> AssessedRow:
        return _row(pack, indicator, evidence, area, None, None, Likelihood("none", "", applies=False))

    return make() if memory is None else memory.row(pack, indicator.id, area, evidence, make)


@lru_cache(maxsize=1000)
def _no_target(label: str) -> Target:
    return Target.model_validate({"id": "none", "label": {"zh": label}, "kind": "qualitative"})


def evidence_for(
    pack: Pack, store: SeriesStore, indicator: Indicator, target: Target, area: str, place: PlanScope
) -> Grounds:
    """All that the verdict needs. Below the plan's area a target for every area becomes a plain limit, and a baseline
    value that holds for the whole county is replaced by the area's own."""
    top = area == place.area
    if not top:
        target = area_part(target, _group_of(pack, target, area))
    series = store.total(indicator.id, area)
    counting = indicator.nature == "count" and target.kind in (TargetKind.FALLING, TargetKind.REDUCE_BY)
    if counting:
        series = as_counts(series)
    strata = {(s.by, s.code): store.group(indicator.id, area, s.by, s.code) for s in target.strata}
    other = target.relative_to
    goal = pack.goal_of(target.id) if target.id in pack.targets else None
    return Grounds(
        target=target,
        year=place.year,
        plan_start=place.start,
        plan_end=place.end,
        series=series,
        decimals=indicator.decimals,
        unit=shown_unit(indicator.unit),
        policy=pack.policy,
        strata=strata,
        areas=_areas(pack, store, indicator, target, place) if target.kind is TargetKind.EVERY_AREA else (),
        area_words=words_of(pack, target),
        reference=other_side(pack, store, indicator, other.area, year=place.year) if other else None,
        reference_name=pack.areas[other.area].name if other and other.area in pack.areas else "",
        small=indicator.noise == "poisson" or counting,
        left_to=pack.left_to(goal.id) if goal else "",
        possible=natural_range(indicator),
        group_names={(s.by, s.code): pack.code_label(indicator.id, s.by, s.code) for s in target.strata},
    )


def as_counts(series: Series) -> Series:
    """Plain counts (deaths, cases) as events on an exposure of 1, so that chance is reckoned with; others stay."""
    points = tuple(
        replace(p, numerator=p.value, denominator=1.0)
        if p.value is not None and p.denominator is None and p.value >= 0 and p.value == int(p.value)
        else p
        for p in series.points
    )
    return Series(points, series.breaks, 1.0 if points != series.points else series.factor)


def _group_of(pack: Pack, target: Target, area: str) -> str:
    """The area's code for the attribute by which the target's bars differ; empty where it has none."""
    by = target.strata[0].by if target.strata else ""
    return (pack.area_tree.attribute(area, by) if by else None) or ""


def _areas(
    pack: Pack, store: SeriesStore, indicator: Indicator, target: Target, place: PlanScope
) -> tuple[AreaSeries, ...]:
    end = Period(indicator.period, place.year).end
    if target.each is None:
        return tuple(
            AreaSeries(a.code, a.name, store.total(indicator.id, a.code), _group_of(pack, target, a.code))
            for a in areas_of(pack, target, place.area, end)
        )
    by = target.each.by
    known = institutions_of(pack, target, indicator.id, end)
    if known is None:
        rows = store.codes(indicator.id, place.area, by, place.year)
        known = {c: pack.organisations[c].label.zh if c in pack.organisations else c for c in rows}
    return tuple(
        AreaSeries(code, name, store.group(indicator.id, place.area, by, code)) for code, name in known.items()
    )


def final_limit(e: Grounds, answer: Attainment) -> tuple[ValueRange | None, int]:
    """The plan's last bar and its year, for pace; the bar that was judged where the kind has no later one."""
    end = e.target.year or e.plan_end
    kinds = (TargetKind.AT_MOST, TargetKind.AT_LEAST, TargetKind.COUNT_AT_LEAST, TargetKind.WITHIN)
    if e.target.kind in kinds and not e.target.strata:
        bar, year = bar_in_force(e.target, year=10_000, plan_end=e.plan_end)
        return limit_of(e.target, bar), year
    if e.target.kind in CHANGES and not e.target.strata and answer.limit is not None:
        bar, year = bar_in_force(e.target, year=10_000, plan_end=e.plan_end)
        return limit_of(e.target, bar, base=published_base(e, bar), years=year - e.base_year), year
    return None, end


def _pace(e: Grounds, answer: Attainment) -> Pace:
    if answer.verdict is Verdict.BY_SUPERIOR:
        return Pace("undetermined", "由上级负责")
    if answer.verdict is Verdict.PENDING:
        return Pace("undetermined", "目标值待下达")
    if e.target.kind is TargetKind.EVERY_AREA:
        who = f"每{e.area_words.counter}{e.target.each.noun}" if e.target.each is not None else "每个地区"
        return Pace("undetermined", f"须{who}都达到，不合并为一个进度")
    if e.target.strata:
        return Pace("undetermined", "各组各有要求，不合并为一个进度")
    if e.target.kind is TargetKind.RELATIVE_TO:
        return Pace("undetermined", "上级地区到时的数值未知，算不出进度")
    if e.target.kind in CHANGES and answer.limit is None:
        return Pace("undetermined", "没有可比的基期值，算不出进度")
    limit, to_year = final_limit(e, answer)
    from_year = e.target.from_year or e.base_year
    base = e.base_exact if from_year == e.base_year else e.series.exact_at(from_year)
    given = e.base_given and from_year == e.base_year
    if not given and not e.series.comparable(min(from_year, *e.base_years), e.year):
        base = None
    met = None
    if answer.limit is not None and limit is not None and answer.limit == limit:
        met = answer.verdict is Verdict.MET
    bound = e.series.at(e.year).bound
    if bound is not None and met is not True:
        reason = f"{e.year} 年只公布了 {bound}，没有确数，算不出进度"
        return Pace("undetermined", reason)
    return pace(
        base=base,
        value=e.series.exact_at(e.year),
        limit=limit,
        from_year=from_year,
        to_year=to_year,
        year=e.year,
        policy=e.policy,
        unrounded_met=met,
    )


def _row(
    pack: Pack,
    indicator: Indicator,
    e: Grounds,
    area: str,
    answer: Attainment | None,
    found_pace: Pace | None,
    chance: Likelihood,
) -> AssessedRow:
    series = e.series
    level = pack.policy.interval_level
    case = _case(indicator, e, answer)
    counts = [c for c in yearly_counts(series) if c.year <= e.year]
    many = (
        pooled(counts, years=pack.policy.pooled_years, level=level)
        if indicator.noise == "poisson" and counts and counts[-1].year == e.year
        else None
    )
    return AssessedRow(
        indicator.id,
        area,
        e.year,
        e.target.id if answer is not None else "",
        e.target.kind.value if answer is not None else "",
        series.at(e.year).value,
        answer,
        found_pace,
        chance,
        statcan_class(case),
        unsd_class(case),
        indicator.decimals,
        shown_unit(indicator.unit),
        indicator.factor,
        exact_interval(indicator, series, e.year, level),
        many,
        series.at(e.year).bound,
    )


def exact_interval(indicator: Indicator, series: Series, year: int, level: float) -> tuple[float, float] | None:
    """The interval of the year's own value: Garwood for rare events, Clopper–Pearson for shares, else None."""
    point = series.at(year)
    n, d = point.numerator, point.denominator
    if point.value is None or n is None or d is None or d <= 0 or n < 0:
        return None
    if indicator.noise == "poisson":
        low, high = garwood(n, level)
        return low / d * indicator.factor, high / d * indicator.factor
    if indicator.noise == "binomial" and n <= d:
        low, high = clopper_pearson(n, d, level)
        return low * indicator.factor, high * indicator.factor
    return None


def _case(indicator: Indicator, e: Grounds, answer: Attainment | None) -> Case:
    directions: dict[str, Direction] = {"lower": "down", "higher": "up"}
    direction = directions.get(indicator.better)
    limit, to_year = final_limit(e, answer) if answer is not None else (None, e.plan_end)
    target = None
    if limit is not None and not limit.is_open and (limit.low is None or limit.high is None):
        edge = limit.high if limit.high is not None else limit.low
        target = float(edge) if edge is not None else None
        direction = "down" if limit.high is not None else "up"
    from_year = e.target.from_year or e.base_year
    base = e.base_exact if from_year == e.base_year else e.series.exact_at(from_year)
    value = e.series.at(e.year).value
    return Case(
        direction,
        from_year,
        None if base is None or not e.series.comparable(from_year, e.year) else float(base),
        e.year if value is not None else None,
        value,
        target,
        to_year if target is not None else None,
        indicator.natural_limit,
    )
