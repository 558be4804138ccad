"""The plan's own words beside the verdict: keep, strive for, about, marked; and what held before the plan began."""

from __future__ import annotations

from dataclasses import replace

from qingmiao.assess.limits import ValueRange, bar_in_force, judge, limit_of, plain, precision
from qingmiao.assess.series import exact
from qingmiao.assess.verdict import Attainment, Grounds, Verdict
from qingmiao.content.citing import cited
from qingmiao.content.plan import Qualifier, TargetKind

LEVELS = (TargetKind.AT_MOST, TargetKind.AT_LEAST, TargetKind.COUNT_AT_LEAST, TargetKind.WITHIN)


def met_before(e: Grounds) -> bool:
    """Whether the final bar was already met in the baseline's year, without one in the year before the plan began."""
    start = e.base_year if e.target.baseline is not None else e.plan_start - 1
    bar, _ = bar_in_force(e.target, year=10_000, plan_end=e.plan_end)
    limit = limit_of(e.target, bar)
    if limit.is_open:
        return False
    if e.target.baseline is None:
        return e.series.comparable(start, e.year) and keeps_to(e, limit, start) is True
    value = e.base_exact
    if value is None:
        return keeps_to(e, limit, start) is True
    return judge(limit, value, decimals=precision(e.target, limit, e.decimals)).met


def keeps_to(e: Grounds, limit: ValueRange, year: int) -> bool | None:
    """Whether the published value, or bound, of a year lies in the range; None where nobody can say."""
    value, bound = e.series.exact_at(year), e.series.at(year).bound
    if value is not None:
        return judge(limit, value, decimals=precision(e.target, limit, e.decimals)).met
    return limit.decided_by(bound, e.possible) if bound is not None else None


def kept(e: Grounds) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """For "keep at": the years since the plan began that missed the bar in force, and those that nobody can tell."""
    if Qualifier.KEEP not in e.target.qualifiers:
        return (), ()
    missed: list[int] = []
    unknown: list[int] = []
    for year in range(e.plan_start, e.year + 1):
        bar, _ = bar_in_force(e.target, year=year, plan_end=e.plan_end)
        answer = keeps_to(e, limit_of(e.target, bar), year)
        if answer is not True:
            (unknown if answer is None else missed).append(year)
    return tuple(missed), tuple(unknown)


def with_words(e: Grounds, answer: Attainment) -> Attainment:
    """The plan's own words, kept as words: they never change the number."""
    told: list[str] = []
    words = e.target.qualifiers
    tolerance = e.target.tolerance
    word = next((q.label for q in (Qualifier.ABOUT, Qualifier.NEAR) if q in words), "")
    if word and tolerance is not None and answer.published is not None:
        size = plain(exact(tolerance.value) * (100 if tolerance.kind == "relative" else 1))
        unit = "%（相对目标值）" if tolerance.kind == "relative" else e.unit
        told.append(f"规划写「{word}」，允许偏差 {size}{unit}（{cited(tolerance.source)}）")
    if Qualifier.NEAR in words and tolerance is None:
        answer = _near(answer)
    if Qualifier.STRIVE in words:
        told.append("规划写「力争」，仍按原数值判定")
    if Qualifier.MARKED in words and answer.published is not None:
        told.append("规划写「明显」而没有数值，只按方向判定")
    if e.target.kind is TargetKind.COUNT_AT_LEAST and answer.published is not None:
        told.append("数量以登记的证据材料为准")
    below = e.series.at(e.year).denominator
    if answer.published is not None and below is not None and 1 < below < e.policy.small_denominator:
        told.append(f"分母只有 {plain(exact(below))}，数值易受偶然影响")
    final = _final_bar(e, answer)
    told.extend(final)
    if answer.met_before:
        told.append("规划前已达标")
    if Qualifier.KEEP in words:
        told = [*_kept(e, answer), *told]
    if not told:
        return answer
    reason = "；".join([answer.reason, *told])
    return replace(answer, reason=reason, told=tuple(t for t in told if t not in final))


def _final_bar(e: Grounds, answer: Attainment) -> list[str]:
    """Where a milestone was judged, the last bar and its year, too; parts tell theirs in their own words."""
    plain_level = e.target.kind in LEVELS and not e.target.strata
    if not plain_level or answer.limit is None or answer.bar_year is None or not e.target.milestones:
        return []
    bar, year = bar_in_force(e.target, year=10_000, plan_end=e.plan_end)
    last = limit_of(e.target, bar)
    if year <= answer.bar_year or last == answer.limit:
        return []
    return [f"适用 {answer.bar_year} 年的阶段目标，{year} 年的最后目标为 {last.text(e.unit)}"]


def _near(answer: Attainment) -> Attainment:
    """「接近」 without a tolerance: who reaches the number is near it; how near is enough otherwise, people judge."""
    if answer.verdict is not Verdict.NOT_MET:
        return answer
    reason = f"{answer.reason}；规划写「接近」而没有写允许偏差，没有达到原数值时是否算接近须由评估人员评判"
    return replace(answer, verdict=Verdict.UNDETERMINED, reason_code="near", reason=reason, boundary=False)


def _kept(e: Grounds, answer: Attainment) -> list[str]:
    """What 「保持」 asks beside the year itself: the plan's earlier years that missed the bar, and those that nobody knows
    of.

    The verdict is the year's own, as official reports give it; that it was not kept all along is told with it.
    """
    told: list[str] = []
    every = e.target.kind is TargetKind.EVERY_AREA
    some = f"有{e.target.each.noun if e.target.each is not None else '地区'}"
    missed, unknown = answer.years_below, answer.years_unknown
    before = tuple(y for y in missed if y != e.year)
    if before:
        years = "、".join(map(str, before))
        told.append(f"规划写「保持」，规划期内 {years} 年{some if every else ''}未达到")
        if answer.verdict is Verdict.MET and e.target.of_areas is None:
            told[-1] += "，没有一直保持"
    gaps = tuple(y for y in unknown if y != e.year)
    if gaps:
        years = "、".join(map(str, gaps))
        what = f"{some}没有确定的数据" if every else "没有确定的数据"
        told.append(f"规划期内 {years} 年{what}，是否一直「保持」无法核实")
    return told
