"""The plan wall: seven fields, all goals, three separate answers; and the page of one goal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.content.plan import Goal, PlanField
from qingmiao.figures.marks import ATTAINMENT, LIKELIHOOD, PACE
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.apps.monitoring import api
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.web.console.monitoring.shown import (
    Shown,
    WallRow,
    shown,
    sign,
    state_or_404,
    target_row,
    year_of,
)
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.fragments import whole_page


@dataclass(frozen=True)
class GoalRow:
    """One goal with its targets."""

    goal: Goal
    targets: tuple[WallRow, ...]
    lead_label: str
    depth: int


@dataclass(frozen=True)
class FieldRow:
    """One field with its goals and counts."""

    field: PlanField
    goals: tuple[GoalRow, ...]
    counts: dict[str, int]
    total: int


@page(*WORKING, methods=("GET",))
def wall(request: HttpRequest) -> HttpResponse:
    """All goals; filters: field, lead unit, state of one of the three answers, year."""
    state = api.current()
    if state is None:
        return render(request, "console/monitoring/empty.html")
    year = year_of(state, request.GET.get("year", ""))
    asked = {name: request.GET.get(name, "")[:60] for name in ("field", "lead", "attainment", "pace", "likelihood")}
    key = ("wall", year, *asked.values())
    return whole_page(request, state.fragments, key, "console/monitoring/wall.html", lambda: _wall(state, year, asked))


def _wall(state: LoadedRun, year: int, asked: dict[str, str]) -> dict[str, Any]:
    rows = {t: target_row(state, target, year) for t, target in state.pack.targets.items()}
    kept = {t for t, r in rows.items() if _fits(r, asked)}
    filtered = any(asked.values())
    fields = []
    for f in state.pack.fields:
        if asked["field"] and f.id != asked["field"]:
            continue
        goals = []
        for g in f.goals:
            own = tuple(rows[t.id] for t in g.targets if t.id in kept)
            lead = state.pack.lead_of(g.id, year)
            narrowed = any(v for k, v in asked.items() if k != "field")
            if (
                own
                or not narrowed
                or (
                    asked["lead"]
                    and lead is not None
                    and lead.lead == asked["lead"]
                    and not any(asked[k] for k in ("attainment", "pace", "likelihood"))
                )
            ):
                unit = state.pack.organisations.get(lead.lead) if lead else None
                goals.append(GoalRow(g, own, (unit.short or unit.label.zh) if unit else "待定", 1 if g.parent else 0))
        counts = Counter(rows[t.id].attainment.code for g in f.goals for t in g.targets)
        if goals:
            fields.append(FieldRow(f, tuple(goals), dict(counts), sum(counts.values())))
    rate = state.assessment(year).rate
    tells = state.pack.policy.tells_rate(rate.monitored, rate.own)
    unit_ids = sorted({r.lead for r in rows.values() if r.lead})
    return {
        "state": state, "year": year, "asked": asked, "filtered": filtered, "fields": fields, "rate": rate,
        "rate_text": f"{100 * rate.met / rate.monitored:.1f}" if tells else "",
        "attainments": [sign(m, "") for m in ATTAINMENT.values()],
        "paces": [sign(m, "") for m in PACE.values()],
        "likelihoods": [sign(m, "") for m in LIKELIHOOD.values()],
        "pace_counts": Counter(r.pace.code for r in rows.values()),
        "likelihood_counts": Counter(r.likelihood.code for r in rows.values()),
        "units": [state.pack.organisations[u] for u in unit_ids if u in state.pack.organisations],
        "open_targets": [] if filtered else [r for r in rows.values() if r.attainment.code not in ("met", "not_met")],
        "goal_count": len(state.pack.goals), "target_count": len(rows),
        "warning_count": api.counted(),
    }  # fmt: skip


def _fits(row: WallRow, asked: dict[str, str]) -> bool:
    return all(
        not asked[name] or value == asked[name]
        for name, value in (
            ("lead", row.lead), ("attainment", row.attainment.code), ("pace", row.pace.code), ("likelihood", row.likelihood.code),
        )
    )  # fmt: skip


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator below a goal: its value now and before, and its townships."""

    id: str
    label: Any
    value: Shown
    before: Shown
    decides: bool


@page(*WORKING, methods=("GET",))
def goal(request: HttpRequest, goal: str) -> HttpResponse:
    """One goal verbatim: its targets with reasons, its indicators, its measures' field, its warnings."""
    state = state_or_404()
    found = state.pack.goals.get(goal)
    if found is None:
        raise Http404
    year = year_of(state, request.GET.get("year", ""))
    targets = [target_row(state, t, year) for t in found.targets]
    ids = {t.id for t in found.targets} | {found.id}
    indicators = [
        IndicatorRow(
            i.id,
            i.label,
            shown(state, i.id, state.root, year),
            shown(state, i.id, state.root, year - 1),
            bool(set(i.implements) & ids),
        )
        for i in state.pack.indicators.values()
        if ids & {*i.implements, *i.informs, *i.serves}
    ]
    context = {
        "state": state, "year": year, "goal": found, "field": next(f for f in state.pack.fields if found in f.goals), "targets": targets,
        "indicators": indicators, "warnings": [w for w in api.warnings() if w.target in ids or w.indicator in {i.id for i in indicators}],
        "children": [g for g in state.pack.goals.values() if g.parent == found.id],
    }  # fmt: skip
    return render(request, "console/monitoring/goal.html", context)
