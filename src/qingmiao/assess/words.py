"""The plan's own words beside the verdict: keep, strive for, about, marked; and what held before the plan began."""

from __future__ import annotations

from dataclasses import replace

from qingmiao.assess.limits import bar_in_force, judge, limit_of, plain, precision
from qingmiao.assess.series import exact
from qingmiao.assess.verdict import Attainment, Evidence
from qingmiao.content.plan import Qualifier, TargetKind


def met_before(e: Evidence) -> bool:
    """Whether the final bar was already met in the year before the plan began (or the baseline's year)."""
    start = min(e.base_year, e.plan_start - 1)
    value = e.base_exact if e.target.baseline is not None else e.series.exact_at(start)
    bar, _ = bar_in_force(e.target, year=10_000, plan_end=e.plan_end)
    limit = limit_of(e.target, bar)
    if (
        value is None
        or limit.is_open
        or (e.target.baseline is None and not e.series.comparable(start, e.year))
    ):
        return False
    return judge(limit, value, decimals=precision(e.target, limit, e.decimals)).met


def years_below(e: Evidence) -> tuple[int, ...]:
    """For "keep at": the years since the plan began in which the published value missed the bar."""
    if Qualifier.KEEP not in e.target.qualifiers:
        return ()
    found: list[int] = []
    for point in e.series.known:
        if not e.plan_start <= point.year <= e.year:
            continue
        bar, _ = bar_in_force(e.target, year=point.year, plan_end=e.plan_end)
        limit = limit_of(e.target, bar)
        value = e.series.exact_at(point.year)
        if value is not None and not judge(limit, value, decimals=precision(e.target, limit, e.decimals)).met:
            found.append(point.year)
    return tuple(found)


def with_words(e: Evidence, answer: Attainment) -> Attainment:
    """The plan's own words, kept as words: they never change the number."""
    told: list[str] = []
    words = e.target.qualifiers
    tolerance = e.target.tolerance
    if Qualifier.ABOUT in words and tolerance is not None and answer.published is not None:
        size = plain(exact(tolerance.value) * (100 if tolerance.kind == "relative" else 1))
        unit = "%（相对目标值）" if tolerance.kind == "relative" else e.unit
        told.append(f"规划写「左右」，允许偏差 {size}{unit}（{tolerance.source.document}）")
    if Qualifier.STRIVE in words:
        told.append("规划写「力争」，仍按原数值判定")
    if Qualifier.KEEP in words:
        told.extend(_kept(e, answer))
    if Qualifier.MARKED in words and answer.published is not None:
        told.append("规划写「明显」而没有数值，只按方向判定")
    if e.target.kind is TargetKind.COUNT_AT_LEAST and answer.published is not None:
        told.append("数量以登记的证据材料为准")
    below = e.series.at(e.year).denominator
    if answer.published is not None and below is not None and 1 < below < e.policy.small_denominator:
        told.append(f"分母只有 {plain(exact(below))}，数值易受偶然影响")
    if answer.met_before:
        told.append("规划前已达标")
    return replace(answer, reason="；".join([answer.reason, *told])) if told else answer


def _kept(e: Evidence, answer: Attainment) -> list[str]:
    """For "keep at": the years that missed the bar, and those that nobody knows of (where there is one series)."""
    every = e.target.kind is TargetKind.EVERY_AREA
    told: list[str] = []
    if answer.years_below:
        years = "、".join(str(y) for y in answer.years_below)
        told.append(f"规划写「保持」，规划期内 {years} 年{'有地区' if every else ''}未达到")
    if every or e.target.strata or answer.published is None:
        return told
    gaps = [y for y in range(e.plan_start, e.year + 1) if e.series.at(y).value is None]
    if gaps:
        told.append(f"规划期内 {'、'.join(map(str, gaps))} 年没有数据，是否一直「保持」无法核实")
    return told
