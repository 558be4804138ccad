"""Attainment: the published value against the target, for every kind of target.

One function per kind; none raises for odd data: what cannot be decided is 无法判定 with its reason. The rules, with
a worked table, stand in docs/explanation/attainment.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qingmiao.assess.area_targets import every_area
from qingmiao.assess.limits import Limit, bar_in_force, judge, limit_of, plain, precision
from qingmiao.assess.series import exact
from qingmiao.assess.trend_targets import contained, trend
from qingmiao.assess.verdict import Attainment, Evidence, Verdict
from qingmiao.assess.words import met_before, with_words, years_below
from qingmiao.content.plan import TargetKind
from qingmiao.kernel.rounding import decimals_of, half_up


def attain(e: Evidence) -> Attainment:
    """The verdict for one target, indicator, area and year."""
    if e.left_to:
        return Attainment(Verdict.BY_SUPERIOR, "left_to", f"本目标由上级负责（{e.left_to}），不计入达标率")
    answer = _KINDS[e.target.kind](e)
    if e.series.at(e.year).status == "E" and answer.published is not None:
        answer = replace(answer, reason=answer.reason + "；数值为估算值")
    return with_words(e, answer)


def _level(e: Evidence) -> Attainment:
    """At most, at least, within, a count: the value against the bar in force, and each stratum against its own."""
    bar, bar_year = bar_in_force(e.target, year=e.year, plan_end=e.plan_end)
    limit = limit_of(e.target, bar)
    if e.target.strata:
        return _strata(e, limit, bar_year)
    if limit.is_open:
        return Attainment(Verdict.UNDETERMINED, "no_bar", f"{bar_year} 年没有目标值")
    answer = _against(e, limit, bar_year)
    return replace(answer, met_before=met_before(e), years_below=years_below(e))


def _strata(e: Evidence, total: Limit, bar_year: int) -> Attainment:
    """Met only if every group keeps to its own bar; a missing group leaves the verdict open unless another one fails."""
    answers: list[tuple[str, Attainment]] = []
    if not total.is_open:
        answers.append(("合计", _against(e, total, bar_year)))
    for stratum in e.target.strata:
        part = replace(e, series=e.strata.get((stratum.by, stratum.code), type(e.series)()))
        limit = limit_of(e.target, stratum)
        key = (stratum.by, stratum.code)
        answers.append((e.stratum_names.get(key, stratum.code), _against(part, limit, bar_year)))
    failing = tuple(n for n, a in answers if a.verdict is Verdict.NOT_MET)
    missing = tuple(n for n, a in answers if a.verdict is Verdict.UNDETERMINED)
    each = "；".join(f"{n}：{a.reason}" for n, a in answers)
    if failing:
        verdict, code, head = Verdict.NOT_MET, "stratum_fails", f"{'、'.join(failing)}未达到"
    elif missing:
        verdict, code, head = Verdict.UNDETERMINED, "stratum_missing", f"缺 {'、'.join(missing)} 的数据"
    else:
        verdict, code, head = Verdict.MET, "all_strata", "各组都达到各自的目标值"
    return Attainment(
        verdict,
        code,
        f"{head}（{each}）",
        published=answers[0][1].published if not total.is_open else None,
        bar_text="；".join(f"{n} {a.bar_text}" for n, a in answers),
        bar_year=bar_year,
        boundary=any(a.boundary for _, a in answers),
        boundary_reason="；".join(f"{n}：{a.boundary_reason}" for n, a in answers if a.boundary),
        failing=failing,
        missing=missing,
        limit=total if not total.is_open else None,
    )


def _cut(e: Evidence) -> Attainment:
    """Down or up by a share of the baseline: published value against published baseline × (1 ∓ share)."""
    bar, bar_year = bar_in_force(e.target, year=e.year, plan_end=e.plan_end)
    share = bar.cut_share
    word = "下降" if e.target.kind is TargetKind.REDUCE_BY else "提高"
    if share is None:
        return Attainment(Verdict.UNDETERMINED, "no_bar", f"{bar_year} 年没有写变化幅度")
    asked = f"较 {e.base_year} 年{word} {bar.cut if '/' in (bar.cut or '') else plain(share * 100) + '%'}"
    base = e.base_exact
    given = e.target.baseline is not None and e.target.baseline.value is not None
    problem = _base_problem(e, given=given)
    if problem is not None or base is None:
        code, reason = problem or ("no_baseline", f"没有 {e.base_year} 年的基期值")
        return Attainment(Verdict.UNDETERMINED, code, reason, bar_text=asked, bar_year=bar_year)
    digits = precision(e.target, Limit(), e.decimals)
    if given and e.target.baseline is not None and e.target.baseline.value is not None:
        digits = max(digits, decimals_of(e.target.baseline.value)) if e.target.decimals is None else digits
    shown_base = base if given else exact(float(half_up(base, digits)))
    if shown_base <= 0:
        reason = f"基期值为 {plain(shown_base)}，算不出{word}幅度"
        return Attainment(Verdict.UNDETERMINED, "zero_baseline", reason, bar_text=asked, bar_year=bar_year)
    limit = limit_of(e.target, bar, base=shown_base)
    answer = _against(e, limit, bar_year, unrounded=limit_of(e.target, bar, base=base), digits=digits)
    bar_text = f"{asked}（即 {answer.bar_text}）"
    if answer.published is None:
        return replace(answer, bar_text=bar_text)
    change = (exact(float(answer.published)) - shown_base) / shown_base * 100
    told = f"基期 {plain(shown_base)}{e.unit}，{'下降' if change <= 0 else '上升'} {half_up(abs(change), 1)}%"
    boundary = [answer.boundary_reason] if answer.boundary else []
    if "/" not in (bar.cut or "") and not boundary:
        wanted = (-1 if e.target.kind is TargetKind.REDUCE_BY else 1) * change
        written = decimals_of((bar.cut or "").rstrip("%")) if (bar.cut or "").endswith("%") else 0
        if (exact(float(half_up(wanted, written))) >= share * 100) != (answer.verdict is Verdict.MET):
            boundary.append("变化幅度按目标书写的精度取整会得出相反结论")
    return replace(
        answer,
        reason=f"{answer.reason}；{told}",
        bar_text=bar_text,
        boundary=bool(boundary),
        boundary_reason="；".join(boundary),
    )


def _relative_to(e: Evidence) -> Attainment:
    """Compared with the same year's value of a higher area; no value there, no verdict."""
    asked = e.target.relative_to
    if asked is None:
        return Attainment(Verdict.UNDETERMINED, "no_bar", "没有写与哪个地区相比")
    name = e.reference_name or asked.area
    other = e.reference.exact_at(e.year) if e.reference is not None else None
    word = {"at_least": "不低于", "at_most": "不高于", "above": "高于", "below": "低于"}[asked.relation]
    margin = f" {plain(exact(asked.margin))} {e.unit}" if asked.margin else ""
    if other is None:
        last = e.reference.last_known(e.year) if e.reference is not None else None
        near = f"，最近的是 {last.year} 年" if last else ""
        return Attainment(
            Verdict.UNDETERMINED,
            "no_reference",
            f"没有 {name} {e.year} 年的同一指标数值{near}",
            bar_text=f"{word}{name}{margin}",
            bar_year=e.year,
        )
    digits = precision(e.target, Limit(), e.decimals)
    published_other = exact(float(half_up(other, digits)))

    def made(number: object) -> Limit:
        base = exact(float(number))  # type: ignore[arg-type]  # Fraction or Decimal
        inclusive = asked.relation in ("at_least", "at_most")
        if asked.relation in ("at_least", "above"):
            return Limit(low=base + exact(asked.margin), inclusive=inclusive)
        return Limit(high=base - exact(asked.margin), inclusive=inclusive)

    answer = _against(e, made(published_other), e.year, unrounded=made(other), digits=digits)
    return replace(answer, bar_text=f"{word}{name}{margin}（{answer.bar_text}）")


def _assigned(e: Evidence) -> Attainment:
    """The number that the higher level set for this very year, with its document; until then 待下达."""
    found = next((a for a in e.target.assigned if a.year == e.year), None)
    if found is None:
        by = e.target.assigned_by or "上级"
        return Attainment(
            Verdict.PENDING,
            "not_assigned",
            f"{e.year} 年的指标尚未下达或未录入（由{by}下达）",
            bar_year=e.year,
        )
    number = exact(found.value)
    written = decimals_of(found.value)
    low, high = (number, None) if found.bound == "at_least" else (None, number)
    answer = _against(e, Limit(low, high, e.target.inclusive, written=written), e.year)
    return replace(answer, reason=f"{answer.reason}；依据：{found.document}")


def _qualitative(e: Evidence) -> Attainment:
    """No number: judged by people from evidence; what was entered is named."""
    entered = e.series.at(e.year).value is not None
    reason = "定性目标，没有数值，须由评估人员按证据材料评判" + (
        "；本年度已录入材料" if entered else "；本年度没有录入材料"
    )
    return Attainment(Verdict.UNDETERMINED, "qualitative", reason)


_KINDS: dict[TargetKind, Callable[[Evidence], Attainment]] = {
    TargetKind.AT_MOST: _level,
    TargetKind.AT_LEAST: _level,
    TargetKind.COUNT_AT_LEAST: _level,
    TargetKind.WITHIN: _level,
    TargetKind.REDUCE_BY: _cut,
    TargetKind.INCREASE_BY: _cut,
    TargetKind.FALLING: trend,
    TargetKind.RISING: trend,
    TargetKind.CONTAINED: contained,
    TargetKind.EVERY_AREA: every_area,
    TargetKind.RELATIVE_TO: _relative_to,
    TargetKind.ASSIGNED: _assigned,
    TargetKind.QUALITATIVE: _qualitative,
}


def _against(
    e: Evidence, limit: Limit, bar_year: int, *, unrounded: Limit | None = None, digits: int | None = None
) -> Attainment:
    value = e.series.exact_at(e.year)
    bar_text = limit.text(e.unit)
    if value is None:
        reason = f"{e.year} 年{e.series.at(e.year).why_missing}"
        return Attainment(
            Verdict.UNDETERMINED, "no_value", reason, bar_text=bar_text, bar_year=bar_year, limit=limit
        )
    decimals = precision(e.target, limit, e.decimals) if digits is None else digits
    result = judge(limit, value, decimals=decimals, unrounded_limit=unrounded)
    verb = "达到" if result.met else "未达到"
    return Attainment(
        Verdict.MET if result.met else Verdict.NOT_MET,
        "compared",
        f"{e.year} 年为 {result.published}{e.unit}，{verb} {bar_text}",
        published=result.published,
        bar_text=bar_text,
        bar_year=bar_year,
        boundary=bool(result.boundary),
        boundary_reason="；".join(result.boundary),
        limit=limit,
    )


def _base_problem(e: Evidence, *, given: bool) -> tuple[str, str] | None:
    if not given and not e.series.comparable(e.base_year, e.year):
        return "break", f"{e.base_year} 年与 {e.year} 年的指标口径不同，不能比较"
    if not given and e.series.at(e.base_year).value is None:
        return "no_baseline", f"没有 {e.base_year} 年的基期值（{e.series.at(e.base_year).why_missing}）"
    if e.year < e.base_year:
        return "before_baseline", f"{e.year} 年早于基期 {e.base_year} 年"
    return None
