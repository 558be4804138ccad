"""Targets that ask for a change since the baseline: by a share of it, by points, at once or for every year."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from qingmiao.assess.compare import against
from qingmiao.assess.limits import ValueRange, bar_in_force, limit_of, plain, precision
from qingmiao.assess.series import exact
from qingmiao.assess.verdict import Attainment, Grounds, Verdict
from qingmiao.content.plan import Bar, Qualifier, TargetKind
from qingmiao.kernel.rounding import decimals_of, half_up

CHANGES = frozenset({TargetKind.REDUCE_BY, TargetKind.INCREASE_BY})


def change(e: Grounds) -> Attainment:
    """The published value against published baseline × (1 ∓ share), or baseline ∓ points.

    A change for every year is compared cumulated since the baseline; with 持续, each single year's is too.
    """
    bar, bar_year = bar_in_force(e.target, year=e.year, plan_end=e.plan_end)
    if bar.is_empty:
        return Attainment(Verdict.UNDETERMINED, "no_bar", f"{bar_year} 年没有写变化幅度")
    asked = asked_change(e, bar)
    base, problem = e.base_exact, e.base_problem
    if problem is None and base is None:
        problem = "no_baseline", f"没有 {e.base_text}的基期值"
    if problem is None and bar.per_year and e.year <= e.base_year:
        problem = "base_year", f"{e.year} 年不晚于基期 {e.base_year} 年，还没有变化可言"
    if problem is not None or base is None:
        code, reason = problem or ("", "")
        return Attainment(Verdict.UNDETERMINED, code, reason, bar_text=asked, bar_year=bar_year)
    digits = compared_digits(e, bar)
    shown_base = published_base(e, bar) or Fraction(0)
    if shown_base <= 0 and bar.cut is not None:
        reason = f"基期值为 {plain(shown_base)}，算不出{_word(e, bar)}幅度"
        return Attainment(Verdict.UNDETERMINED, "zero_baseline", reason, bar_text=asked, bar_year=bar_year)
    years = bar_year - e.base_year
    limit = limit_of(e.target, bar, base=shown_base, years=years)
    unrounded = limit_of(e.target, bar, base=base, years=years)
    answer = against(e, limit, bar_year, unrounded=unrounded, digits=digits)
    answer = replace(answer, bar_text=f"{asked}（即 {answer.bar_text}）")
    if answer.published is None:
        return answer
    answer = _told(e, bar, answer, shown_base)
    sustained = bar.per_year and Qualifier.SUSTAINED in e.target.qualifiers
    return _each_year(e, bar, answer, digits) if sustained else answer


def asked_change(e: Grounds, bar: Bar) -> str:
    """The change as people write it: "较 2020 年下降 20%", "较 2018—2020 年平均值每年降低 0.5 个百分点"."""
    if bar.points == 0:
        return f"不{'低' if e.target.kind is TargetKind.INCREASE_BY else '高'}于 {e.base_text}"
    return f"较 {e.base_text}{'每年' if bar.per_year else ''}{_word(e, bar)} {_size(e, bar)}"


def compared_digits(e: Grounds, bar: Bar) -> int:
    """Decimals of the comparison: the target's own, else the most of the indicator's, a given baseline's and the
    points'."""
    digits = precision(e.target, ValueRange(), e.decimals)
    if e.target.decimals is not None:
        return digits
    given = e.target.baseline.value if e.target.baseline is not None else None
    return max(digits, *(decimals_of(n) for n in (given, bar.points) if n is not None), 0)


def published_base(e: Grounds, bar: Bar) -> Fraction | None:
    """The baseline as it is compared: the plan's own number as written, a measured one rounded as it is published."""
    base = e.base_exact
    return base if base is None or e.base_given else Fraction(half_up(base, compared_digits(e, bar)))


def _word(e: Grounds, bar: Bar) -> str:
    if e.target.kind is TargetKind.INCREASE_BY:
        return "提高"
    return "降低" if bar.points is not None else "下降"


def _size(e: Grounds, bar: Bar) -> str:
    if bar.points is not None:
        return f"{plain(exact(bar.points))} {point_word(e.unit)}"
    share = bar.cut_share or Fraction(0)
    return bar.cut if bar.cut is not None and "/" in bar.cut else f"{plain(share * 100)}%"


def point_word(unit: str) -> str:
    """The unit of a difference: points of a share, else the indicator's own unit."""
    return {"%": "个百分点", "‰": "个千分点"}.get(unit, unit)


def _told(e: Grounds, bar: Bar, answer: Attainment, base: Fraction) -> Attainment:
    """The change that happened, and whether rounding it as the plan writes its number would decide otherwise."""
    assert answer.published is not None
    moved = Fraction(answer.published) - base
    share = moved / base * 100 if base > 0 else None
    boundary = [answer.boundary_reason] if answer.boundary else []
    wanted = moved if e.target.kind is TargetKind.INCREASE_BY else -moved
    if bar.points is not None:
        unit = point_word(e.unit)
        size = f"{plain(abs(moved))} {unit}"
        years = e.year - e.base_year
        if bar.per_year and years > 1:
            size += f"（年均 {half_up(abs(moved) / years, decimals_of(bar.points) + 1)} {unit}）"
        asked: Fraction | None = None if bar.per_year else exact(bar.points)
        written = decimals_of(bar.points)
    else:
        size = f"{half_up(abs(share or Fraction(0)), 1)}%"
        wanted = -(share or Fraction(0)) if e.target.kind is TargetKind.REDUCE_BY else share or Fraction(0)
        exact_form = bar.per_year or "/" in (bar.cut or "")
        asked = None if exact_form else (bar.cut_share or Fraction(0)) * 100
        written = decimals_of((bar.cut or "").rstrip("%")) if (bar.cut or "").endswith("%") else 0
    if asked is not None and not boundary:
        reached = Fraction(half_up(wanted, written)) >= asked
        if reached != (answer.verdict is Verdict.MET):
            boundary.append("变化幅度按目标书写的精度取整会得出相反结论")
    base_is = f"基期（{e.base_text}）" if len(e.base_years) > 1 else "基期"
    told = f"{base_is} {plain(base)}{e.unit}，{'下降' if moved < 0 else '上升'} {size}"
    if not moved:
        told = f"{base_is} {plain(base)}{e.unit}，没有变化"
    return replace(
        answer,
        reason=f"{answer.reason}；{told}",
        boundary=bool(boundary),
        boundary_reason="；".join(boundary),
    )


def _each_year(e: Grounds, bar: Bar, answer: Attainment, digits: int) -> Attainment:
    """持续: every single year since the baseline moved by what is asked for a year; a gap leaves it open."""
    broken: list[str] = []
    unknown: list[str] = []
    for year in range(e.base_year + 1, (answer.bar_year or e.year) + 1):
        before = e.base_exact if year - 1 == e.base_year else e.series.exact_at(year - 1)
        after = e.series.exact_at(year)
        if before is None or after is None:
            lacking = year if after is None else year - 1
            unknown.append(f"{lacking} 年{e.series.at(lacking).why_missing}")
            continue
        if year - 1 != e.base_year and not e.series.comparable(year - 1, year):
            unknown.append(f"{year - 1} 年与 {year} 年口径不同")
            continue
        start, end = half_up(before, digits), half_up(after, digits)
        if not limit_of(e.target, bar, base=Fraction(start), years=1).holds(Fraction(end)):
            broken.append(f"{year - 1}→{year} 年（{start}→{end}{e.unit}）")
    if broken:
        reason = f"{answer.reason}；规划写「持续」，而 {'、'.join(broken)}没有做到"
        return replace(answer, verdict=Verdict.NOT_MET, reason_code="broken", reason=reason, boundary=False)
    if unknown and answer.verdict is Verdict.MET:
        reason = f"{answer.reason}；规划写「持续」，不能判断是否逐年做到：{'；'.join(dict.fromkeys(unknown))}"
        return replace(answer, verdict=Verdict.UNDETERMINED, reason_code="gap", reason=reason, boundary=False)
    return answer
