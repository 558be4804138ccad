"""The published value of the assessed year against one limit: the step that every kind with a number shares."""

from __future__ import annotations

from qingmiao.assess.limits import Limit, judge, precision
from qingmiao.assess.verdict import Attainment, Evidence, Verdict


def against(
    e: Evidence, limit: Limit, bar_year: int, *, unrounded: Limit | None = None, digits: int | None = None
) -> Attainment:
    """Met or not met by the value of `e.year`, 无法判定 without one; `unrounded` is the limit from unrounded figures."""
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
