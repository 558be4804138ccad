"""One indicator: series, breakdowns, townships, definition; one area with all its indicators; the list of all."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.assess.areas import MIN_AREAS, AreaCount, Funnel, funnel
from qingmiao.assess.subject_rows import exact_interval, shown_unit
from qingmiao.assess.values import breaks_of
from qingmiao.content.base import Label
from qingmiao.content.frameworks import matches_of
from qingmiao.content.indicators import Indicator
from qingmiao.content.of_field import of_field
from qingmiao.content.pack import Pack
from qingmiao.kernel.areas import lies_in
from qingmiao.kernel.periods import Period
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.acting.api import TaskMark
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.monitoring import api
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.narrowing import Narrowed
from qingmiao.site.web.console.monitoring import told
from qingmiao.site.web.console.monitoring.composed import made_how, parts_of
from qingmiao.site.web.console.monitoring.shown import (
    called,
    code_label,
    leads,
    shown,
    state_or_404,
    target_row,
    year_of,
)
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.filters import Filters
from qingmiao.site.web.ui.fragments import whole_page
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING, methods=("GET",))
def all_indicators(request: HttpRequest) -> HttpResponse:
    """Every indicator with its value now and before; a text filter."""
    state = api.current()
    if state is None:
        return render(request, "console/monitoring/empty.html")
    year = year_of(state, request.GET.get("year", ""))
    filters = Filters(request, units=leads(state, year), unit="lead", unit_label=t("责任单位", "Lead"), fields=True)
    n = filters.narrowed
    return whole_page(
        request,
        state.fragments,
        ("indicators", year, n.text, n.unit, n.field),
        "console/monitoring/indicators.html",
        lambda: _all(state, year, filters),
    )


def _all(state: LoadedRun, year: int, filters: Filters) -> dict[str, Any]:
    groups = []
    for at, (label, members) in enumerate(by_field(state.pack)):
        rows = [
            (i, shown(state, i.id, state.root, year), shown(state, i.id, state.root, year - 1))
            for i in members
            if _fits(state, i, year, filters.narrowed)
        ]
        if rows:
            groups.append((f"field-{at}", label, rows))
    return {"state": state, "year": year, "filters": filters, "groups": groups}


def by_field(pack: Pack) -> list[tuple[Label, list[Indicator]]]:
    """The indicators under the fields of the plan that they are for, in the plan's order, each once; last those that
    count work which the plan sets no goal for."""
    left = dict(pack.indicators)
    found = []
    for field in pack.fields:
        within = of_field(pack, field.id).indicators
        found.append((field.label, [left.pop(i) for i in list(left) if i in within]))
    return [*found, (Label(zh="业务工作统计", en="Counts of work"), list(left.values()))]


def _fits(state: LoadedRun, found: Indicator, year: int, asked: Narrowed) -> bool:
    within = asked.parts
    lead = state.pack.in_charge(found.id, year)
    return (
        asked.fits(found.label.zh, found.label.en or "", found.id, called(state.pack, lead))
        and (not asked.unit or asked.unit == lead)
        and (within is None or found.id in within.indicators)
    )


@page(*WORKING, methods=("GET",))
def indicator(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """The page of one indicator, of the county or of the area asked for."""
    state = state_or_404()
    found = state.pack.indicators.get(indicator_id)
    area = request.GET.get("area", "") or state.root
    if found is None or area not in state.pack.areas:
        raise Http404
    year = year_of(state, request.GET.get("year", ""))
    marks = acting.marks(indicator_id, area)
    mine = frozenset(m.task for m in marks if m.unit_id in reach(request).unit_ids)
    warned, stand = told.counted(state, year), told.year_stand(state, year)
    may_task = bool(acting.may_office(reach(request)))
    key = ("indicator", indicator_id, area, year, marks, mine, warned.stamp, stand, may_task)
    return whole_page(
        request,
        state.fragments,
        key,
        "console/monitoring/indicator.html",
        lambda: {**_indicator(state, found, area, year, marks), "stand": stand, "may_task": may_task, "mine": mine},
    )


def _indicator(state: LoadedRun, found: Indicator, area: str, year: int, marks: tuple[TaskMark, ...]) -> dict[str, Any]:
    series = state.series(found.id, area)
    targets = [target_row(state, state.pack.targets[x], year) for x in found.implements if x in state.pack.targets]
    townships = townships_of(state, found, year) if area == state.root else None
    own = found.implements if area == state.root else ()
    warnings = told.told(state, year, indicators=[found.id], targets=own)
    return {
        "state": state, "year": year, "indicator": found, "area": state.pack.areas[area], "is_root": area == state.root,
        "value": shown(state, found.id, area, year), "targets": targets,
        "chart": series_chart(state, found, area, year, marks),
        "years": [(p.year, shown(state, found.id, area, p.year),
            p) for p in reversed(series.until(max(year, state.run.year)).points)],
        "breakdowns": _breakdowns(state, found, area, year), "townships": townships,
        "fields": [f for f in state.pack.fields if any(g.id in _goals(state, found) for g in f.goals)],
        "goals": [state.pack.goals[g] for g in _goals(state, found)], "warnings": warnings, "marks": marks,
        "lead": called(state.pack, state.pack.in_charge(found.id, year)), "about": f"indicator:{found.id}@{area}",
        "keep": {"area": "" if area == state.root else area},
        "parts": parts_of(state, found, area, year), "made": made_how(state, found, year),
        "matches": matches_of(state.pack, found.id),
    }  # fmt: skip


def _goals(state: LoadedRun, found: Indicator) -> list[str]:
    ids = [state.pack.goal_of(x).id for x in found.implements if x in state.pack.targets]
    ids += [x for x in (*found.informs, *found.serves) if x in state.pack.goals]
    ids += [state.pack.goal_of(x).id for x in found.informs if x in state.pack.targets]
    return list(dict.fromkeys(ids))


def series_chart(
    state: LoadedRun, found: Indicator, area: str, year: int, marks: Iterable[TaskMark] = ()
) -> dict[str, Any]:
    """What the browser draws: only published numbers, their texts, and the intervals that belong to them."""
    series, level = state.series(found.id, area), state.pack.policy.interval_level
    points = []
    shown_points = series.until(max(year, state.run.year)).known
    for p in shown_points:
        interval = exact_interval(found, series, p.year, level)
        points.append(
            {
                "year": p.year,
                "value": p.value,
                "text": state.text(found.id, area, p.year),
                "low": interval[0] if interval else None,
                "high": interval[1] if interval else None,
            }
        )
    bars, forecasts = [], []
    for target in found.implements:
        finding = state.findings(year).of(target)
        if finding is None or area != state.root:
            continue
        bar = finding.numbers.get("bar")
        row = state.rows_of(year).get((year, found.id, target, area))
        limit = row.attainment.limit if row and row.attainment else None
        for edge in (limit.low, limit.high) if limit else ():
            if edge is not None:
                bars.append(
                    {
                        "value": float(edge),
                        "text": row.attainment.bar_text if row and row.attainment else "",
                        "target": target,
                    }
                )
        if not bars and bar is not None:
            bars.append({"value": bar.value, "text": f"{finding.bar_sign}{bar.value}", "target": target})
        forecasts += [{"year": f.year, "value": f.value, "low": f.low, "high": f.high} for f in finding.forecasts]
    references = []
    for comparison in found.comparisons:
        known = [
            (r.year, r.value)
            for r in state.pack.references
            if r.series == comparison.series and r.area == comparison.area
        ]
        name = state.pack.areas[comparison.area].name if comparison.area in state.pack.areas else comparison.area
        if known:
            references.append({"name": comparison.label or name, "points": sorted(known)})
    return {
        "kind": "series", "title": _chart_title(state, found, area, year, [p.year for p in shown_points]),
        "unit": shown_unit(found.unit), "decimals": found.decimals, "points": points, "bars": bars,
        "forecasts": forecasts,
        "references": references, "breaks": list(breaks_of(found)),
        "marks": _marks(marks),
        "words": {"value": t("本地", "Here"), "interval": t("95% 区间", "95% interval"), "forecast": t("预测", "Forecast"),
            "target": t("目标值", "Target"), "break": t("口径变化", "Definition changed")},
    }  # fmt: skip


def _chart_title(state: LoadedRun, found: Indicator, area: str, year: int, years: list[int]) -> str:
    """What the series is of: place, indicator, unit, years, and the unit in charge of it."""
    unit, name = shown_unit(found.unit) or found.unit or t("无单位", "no unit"), state.pack.areas[area].name
    span = f"{years[0]}—{years[-1]}" if years else str(year)
    lead = called(state.pack, state.pack.in_charge(found.id, year))
    zh = f"{name}{found.label.zh}（{unit}），{span}年" + (f"，责任单位：{lead}" if lead else "")
    return t(zh, f"{found.label.en or found.label.zh} ({unit}), {name}, {span}" + (f"; lead: {lead}" if lead else ""))


def _marks(marks: Iterable[TaskMark]) -> list[dict[str, Any]]:
    """One line a year on the series, with the tasks that were opened when that year's value was the newest."""
    by_year: dict[int, list[str]] = {}
    for m in marks:
        by_year.setdefault(m.year, []).append(str(m.task))
    return [{"year": y, "text": t("任务 ", "task ") + "、".join(ids)} for y, ids in sorted(by_year.items())]


def _breakdowns(state: LoadedRun, found: Indicator, area: str, year: int) -> list[dict[str, Any]]:
    """One table a dimension: the groups of the year and of the year before."""
    tables = []
    for (name,) in (d for d in found.dimensions if len(d) == 1):
        codes = sorted({c for (i, a, n, c) in state.store.series if (i, a, n) == (found.id, area, name)})
        listed = state.pack.codes.get(name)
        order = {c: k for k, c in enumerate(listed.codes)} if listed else {}
        rows = []
        for c in sorted(codes, key=lambda c: (order.get(c, 999), c)):
            dims = ((name, c),)
            now = shown(state, found.id, area, year, dims)
            cell = state.cell(found.id, area, year, dims)
            if now.text:
                rows.append(
                    (
                        code_label(state.pack, name, c, found.id),
                        now,
                        shown(state, found.id, area, year - 1, dims),
                        cell,
                    )
                )
        if rows:
            tables.append({"name": name, "label": listed.label if listed else name, "rows": rows})
    return tables


def townships_of(state: LoadedRun, found: Indicator, year: int, *, drawn: bool = True) -> dict[str, Any] | None:
    """The lower areas with their values, those beyond the limits of chance marked; None where none has a value.

    `drawn`: with what the browser draws of it.
    """
    level = state.pack.area_tree.level_below(state.root)
    if level is None:
        return None
    areas = state.pack.area_tree.under(state.root, level, Period(found.period, year).end)
    counts: list[AreaCount] = []
    rows: list[dict[str, Any]] = []
    for a in areas:
        cell = state.cell(found.id, a.code, year)
        rows.append({"area": a, "value": shown(state, found.id, a.code, year), "cell": cell, "tone": "", "word": ""})
        if cell and cell.value is not None and cell.numerator is not None and cell.denominator:
            counts.append(AreaCount(a.code, a.name, cell.numerator, cell.denominator))
    if not any(r["value"].text for r in rows):
        return None
    chart = None
    if found.noise != "none" and len(counts) >= MIN_AREAS:
        policy = state.pack.policy
        made = funnel(
            counts,
            noise=found.noise,
            better=found.better,
            level=policy.funnel_level,
            suspect=policy.funnel_suspect,
        )
        by = {p.area.code: p for p in made.points}
        for r in rows:
            p = by.get(r["area"].code)
            if p and p.breach:
                r["tone"] = "bad" if p.worse else "good" if found.better != "none" else ""
                r["word"] = t("高于界限", "above limits") if p.breach == "high" else t("低于界限", "below limits")
        chart = _funnel(found, made, state, year) if drawn else None
    columns = min(4, max(2, math.ceil(math.sqrt(len(rows)))))
    return {"level": level, "rows": rows, "chart": chart, "columns": columns}


def _funnel(found: Indicator, made: Funnel, state: LoadedRun, year: int) -> dict[str, Any]:
    level = state.pack.policy.funnel_level
    sizes = [p.area.size for p in made.points]
    low, high = max(1.0, 0.7 * min(sizes)), 1.1 * max(sizes)
    limits = []
    for k in range(161):
        n = low + (high - low) * k / 160
        lower, upper = made.limits_at(n)
        limits.append([n, lower * found.factor, upper * found.factor])
    return {
        "kind": "funnel", "unit": shown_unit(found.unit), "common": made.rate * found.factor, "limits": limits,
        "decimals": found.decimals,
        "points": [
            {"name": p.area.name, "size": p.area.size, "value": p.rate * found.factor,
                "text": state.text(found.id, p.area.code, year), "out": p.breach, "worse": p.worse}
            for p in made.points
        ],
        "words": {"size": t("分母", "Denominator"), "limit": t(f"{level:.1%} 控制限", f"{level:.1%} limits"),
            "whole": t("通常水平", "Usual level") if made.apart else t("全县", "Whole")},
    }  # fmt: skip


@page(*WORKING, methods=("GET",))
def area(request: HttpRequest, code: str) -> HttpResponse:
    """One area: all indicators that have a value there, beside the county's."""
    state = state_or_404()
    if code not in state.pack.areas or not lies_in(code, state.root):
        raise Http404
    year = year_of(state, request.GET.get("year", ""))
    return whole_page(
        request,
        state.fragments,
        ("area", code, year, told.counted(state, year).stamp),
        "console/monitoring/area.html",
        lambda: _area(state, code, year),
    )


def _area(state: LoadedRun, code: str, year: int) -> dict[str, Any]:
    rows = []
    for i in state.pack.indicators.values():
        now = shown(state, i.id, code, year)
        if now.text:
            rows.append((i, now, shown(state, i.id, code, year - 1), shown(state, i.id, state.root, year)))
    warnings = told.told(state, year, area=code)
    return {
        "state": state,
        "year": year,
        "area": state.pack.areas[code],
        "rows": rows,
        "warnings": warnings,
        "root": state.pack.areas[state.root],
    }
