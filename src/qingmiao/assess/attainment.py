"""Attainment: the published value against the target, for every kind of target.

One function per kind; none raises for odd data: what cannot be decided is 无法判定 with its reason. The rules, with
a worked table, stand in docs/explanation/attainment.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from qingmiao.assess.change_targets import change, point_word
from qingmiao.assess.compare import against
from qingmiao.assess.limits import ValueRange, bar_in_force, limit_of, plain, precision, with_slack
from qingmiao.assess.parts import by_group, every_area
from qingmiao.assess.series import exact
from qingmiao.assess.trend_targets import contained, trend
from qingmiao.assess.verdict import Attainment, Grounds, Verdict
from qingmiao.assess.words import kept, met_before, with_words
from qingmiao.content.plan import TargetKind
from qingmiao.kernel.rounding import decimals_of, half_up


def attain(e: Grounds) -> Attainment:
    """The verdict for one target, indicator, area and year."""
    if e.left_to:
        return Attainment(Verdict.BY_SUPERIOR, "left_to", f"本目标由上级负责（{e.left_to}），不计入达标率")
    answer = _judge(e)
    if e.series.at(e.year).status == "E" and answer.published is not None:
        answer = replace(answer, reason=answer.reason + "；数值为估算值")
    if len(e.base_years) > 1 and not e.base_given and e.base_exact is not None:
        answer = replace(answer, base_mean=half_up(e.base_exact, e.decimals))
    return with_words(e, answer)


def _judge(e: Grounds) -> Attainment:
    """A target with parts is judged part by part, any other by its kind."""
    if e.target.kind is TargetKind.EVERY_AREA:
        return every_area(e, _judge)
    return by_group(e, _judge) if e.target.strata else _KINDS[e.target.kind](e)


def _level(e: Grounds) -> Attainment:
    """At most, at least, within, a count: the value against the bar in force."""
    bar, bar_year = bar_in_force(e.target, year=e.year, plan_end=e.plan_end)
    limit = limit_of(e.target, bar)
    if limit.is_open:
        return Attainment(Verdict.UNDETERMINED, "no_bar", f"{bar_year} 年没有目标值")
    answer = against(e, limit, bar_year)
    missed, unknown = kept(e)
    return replace(answer, met_before=met_before(e), years_below=missed, years_unknown=unknown)


def _relative_to(e: Grounds) -> Attainment:
    """Compared with the same year's value of a higher area; no value there, no verdict."""
    asked = e.target.relative_to
    if asked is None:
        return Attainment(Verdict.UNDETERMINED, "no_bar", "没有写与哪个地区相比")
    name = e.reference_name or asked.area
    other = e.reference.exact_at(e.year) if e.reference is not None else None
    word = {"at_least": "不低于", "at_most": "不高于", "above": "高于", "below": "低于"}[asked.relation]
    margin = f" {plain(exact(asked.margin))} {point_word(e.unit)}" if asked.margin else ""
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
    digits = precision(e.target, ValueRange(), e.decimals)
    published_other = Fraction(half_up(other, digits))

    def made(base: Fraction) -> ValueRange:
        inclusive = asked.relation in ("at_least", "at_most")
        if asked.relation in ("at_least", "above"):
            return with_slack(ValueRange(low=base + exact(asked.margin), inclusive=inclusive), e.target)
        return with_slack(ValueRange(high=base - exact(asked.margin), inclusive=inclusive), e.target)

    answer = against(e, made(published_other), e.year, unrounded=made(other), digits=digits)
    return replace(answer, bar_text=f"{word}{name}{margin}（{answer.bar_text}）")


def _assigned(e: Grounds) -> Attainment:
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
    answer = against(e, ValueRange(low, high, e.target.inclusive, written=written), e.year)
    return replace(answer, reason=f"{answer.reason}；依据：{found.document}")


def _qualitative(e: Grounds) -> Attainment:
    """No number: judged by people from evidence; what was entered is named."""
    entered = e.series.at(e.year).value is not None
    reason = "定性目标，没有数值，须由评估人员按证据材料评判" + (
        "；本年度已录入材料" if entered else "；本年度没有录入材料"
    )
    return Attainment(Verdict.UNDETERMINED, "qualitative", reason)


_KINDS: dict[TargetKind, Callable[[Grounds], Attainment]] = {
    TargetKind.AT_MOST: _level,
    TargetKind.AT_LEAST: _level,
    TargetKind.COUNT_AT_LEAST: _level,
    TargetKind.WITHIN: _level,
    TargetKind.REDUCE_BY: change,
    TargetKind.INCREASE_BY: change,
    TargetKind.FALLING: trend,
    TargetKind.RISING: trend,
    TargetKind.CONTAINED: contained,
    TargetKind.RELATIVE_TO: _relative_to,
    TargetKind.ASSIGNED: _assigned,
    TargetKind.QUALITATIVE: _qualitative,
}
