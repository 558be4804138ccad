"""Targets that must hold in every area of a level: one failing area decides, a missing area never passes."""

from __future__ import annotations

from dataclasses import replace

from qingmiao.assess.limits import bar_in_force, judge, limit_of, precision
from qingmiao.assess.verdict import Attainment, Evidence, Verdict
from qingmiao.kernel.areas import AreaLevel


def every_area(e: Evidence) -> Attainment:
    """Met only when each area of the level has a value and keeps to the bar; lists failing and missing areas.

    Any failing area → not met. No failing but a missing area → 无法判定, never met.
    """
    bar, bar_year = bar_in_force(e.target, year=e.year, plan_end=e.plan_end)
    limit = limit_of(e.target, bar)
    level = AreaLevel(e.target.level).label if e.target.level else "地区"
    bar_text = f"每个{level} {limit.text(e.unit)}"
    answer = Attainment(Verdict.UNDETERMINED, "", "", bar_text=bar_text, bar_year=bar_year, limit=limit)
    if limit.is_open:
        return replace(answer, reason_code="no_bar", reason=f"{bar_year} 年没有目标值")
    if not e.areas:
        return replace(answer, reason_code="no_areas", reason=f"内容包没有列出{level}，无法逐一判定")
    decimals = precision(e.target, limit, e.decimals)
    failing: list[str] = []
    missing: list[str] = []
    close: list[str] = []
    worst = None
    for area in e.areas:
        value = area.series.exact_at(e.year)
        if value is None:
            missing.append(area.name)
            continue
        result = judge(limit, value, decimals=decimals)
        if not result.met:
            failing.append(f"{area.name}（{result.published}{e.unit}）")
        if result.boundary:
            close.append(f"{area.name}：{'、'.join(result.boundary)}")
        gap = min(
            x
            for x in (
                None if limit.low is None else value - limit.low,
                None if limit.high is None else limit.high - value,
            )
            if x is not None
        )
        if worst is None or gap < worst[0]:
            worst = (gap, result.published, area.name)
    answer = replace(
        answer,
        failing=tuple(failing),
        missing=tuple(missing),
        boundary=bool(close),
        boundary_reason="；".join(close),
        published=worst[1] if worst else None,
    )
    lowest = f"，最差的是{worst[2]} {worst[1]}{e.unit}" if worst else ""
    count = len(e.areas)
    absent = f"；缺 {'、'.join(missing)} 的数据" if missing else ""
    if failing:
        reason = f"{count} 个{level}中 {len(failing)} 个未达到：{'、'.join(failing)}{absent}"
        return replace(answer, verdict=Verdict.NOT_MET, reason_code="area_fails", reason=reason)
    if missing:
        reason = (
            f"{count} 个{level}中缺 {len(missing)} 个的数据（{'、'.join(missing)}），不能说都达到{lowest}"
        )
        return replace(answer, reason_code="area_missing", reason=reason)
    return replace(
        answer, verdict=Verdict.MET, reason_code="all_areas", reason=f"{count} 个{level}都达到{lowest}"
    )
