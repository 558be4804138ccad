"""The published value of the assessed year against one limit: the step that every kind with a number shares."""

from __future__ import annotations

from qingmiao.assess.limits import ValueRange, judge, precision
from qingmiao.assess.verdict import Attainment, Grounds, Verdict
from qingmiao.kernel.bounds import Bound


def against(
    e: Grounds, limit: ValueRange, bar_year: int, *, unrounded: ValueRange | None = None, digits: int | None = None
) -> Attainment:
    """Met or not met by the value of `e.year`, 无法判定 without one; `unrounded` is the limit from unrounded figures."""
    value = e.series.exact_at(e.year)
    bar_text = limit.text(e.unit)
    point = e.series.at(e.year)
    if value is None and point.bound is not None:
        return _by_bound(e, point.bound, limit, bar_year)
    if value is None:
        reason = f"{e.year} 年{e.series.at(e.year).why_missing}"
        return Attainment(Verdict.UNDETERMINED, "no_value", reason, bar_text=bar_text, bar_year=bar_year, limit=limit)
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


def _by_bound(e: Grounds, bound: Bound, limit: ValueRange, bar_year: int) -> Attainment:
    """A published bound (>99) decides where every value that it allows lies on one side of the limit; else 无法判定."""
    met = limit.decided_by(bound, e.possible)
    bar_text = limit.text(e.unit)
    told = f"{e.year} 年公布为 {bound}{e.unit}（没有确数）"
    if met is None:
        verdict, code = Verdict.UNDETERMINED, "only_bound"
        told += f"，这个界限定不了是否达到 {bar_text}"
    else:
        verdict, code = (Verdict.MET if met else Verdict.NOT_MET), "compared"
        told += f"，{'达到' if met else '未达到'} {bar_text}"
    return Attainment(verdict, code, told, bar_text=bar_text, bar_year=bar_year, limit=limit, bound=bound)
