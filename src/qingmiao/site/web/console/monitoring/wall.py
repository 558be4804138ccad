"""The plan wall: seven fields, all goals, three separate answers; and the page of one goal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.content.plan import Goal, Measure, PlanField
from qingmiao.figures.marks import ATTAINMENT, LIKELIHOOD, PACE
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.monitoring import api
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.narrowing import Narrowed
from qingmiao.site.web.console.monitoring import told
from qingmiao.site.web.console.monitoring.shown import (
    Shown,
    WallRow,
    called,
    leads,
    shown,
    sign,
    state_or_404,
    target_row,
    year_of,
)
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.filters import Filters, Select
from qingmiao.site.web.ui.fragments import whole_page
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.sessions import reach


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
    filters = _filters(request, state, year)
    warned, stand = told.counted(state, year), told.year_stand(state, year)
    key = ("wall", year, *filters.asked.items(), warned.stamp, stand)
    return whole_page(
        request,
        state.fragments,
        key,
        "console/monitoring/wall.html",
        lambda: _wall(state, year, filters, warned, stand),
    )


ANSWERS = (
    ("attainment", "达标", "Attainment", ATTAINMENT),
    ("pace", "进度", "Pace", PACE),
    ("likelihood", "可能性", "Likelihood", LIKELIHOOD),
)
"""The three answers that the wall may be narrowed to: parameter, words, marks."""


def _filters(request: HttpRequest, state: LoadedRun, year: int) -> Filters:
    """Words, lead unit, field, and the three answers."""
    signs = {name: [sign(m, "") for m in marks.values()] for name, _, _, marks in ANSWERS}
    more = [Select(n, t(zh, en), tuple((m.code, t(m.zh, m.en)) for m in signs[n])) for n, zh, en, _ in ANSWERS]
    label = t("责任单位", "Lead unit")
    return Filters(request, units=leads(state, year), unit="lead", unit_label=label, fields=True, more=more)


def _wall(state: LoadedRun, year: int, filters: Filters, warned: api.Counted, stand: told.YearStand) -> dict[str, Any]:
    asked = filters.narrowed
    answers = any(asked.more.values())
    rows = {t: target_row(state, target, year) for t, target in state.pack.targets.items()}
    kept = {x.id for g in state.pack.goals.values() for x in g.targets if _fits(rows[x.id], g, asked)}
    filtered = bool(filters.asked)
    fields = []
    for f in state.pack.fields:
        if asked.field and f.id != asked.field:
            continue
        goals = []
        for g in f.goals:
            own = tuple(rows[t.id] for t in g.targets if t.id in kept)
            lead = state.pack.lead_of(g.id, year)
            itself = not answers and asked.fits(g.number, g.text)
            if own or (itself and (not asked.unit or (lead is not None and lead.lead == asked.unit))):
                goals.append(
                    GoalRow(
                        g,
                        own,
                        called(state.pack, lead.lead if lead else "") or t("待确定", "not settled"),
                        1 if g.parent else 0,
                    )
                )
        counts = Counter(rows[t.id].attainment.code for g in f.goals for t in g.targets)
        if goals:
            fields.append(FieldRow(f, tuple(goals), dict(counts), sum(counts.values())))
    rate = state.assessment(year).rate
    verdicts = Counter(r.attainment.code for r in rows.values())
    return {
        "state": state, "year": year, "filters": filters, "filtered": filtered, "fields": fields, "rate": rate,
        "rate_text": rate.told(state.pack.policy),
        "attainments": [sign(m, "") for m in ATTAINMENT.values()],
        "paces": [sign(m, "") for m in PACE.values()],
        "likelihoods": [sign(m, "") for m in LIKELIHOOD.values()],
        "pace_counts": Counter(r.pace.code for r in rows.values()),
        "likelihood_counts": Counter(r.likelihood.code for r in rows.values()),
        "open_targets": [] if filtered else [r for r in rows.values() if r.attainment.code not in ("met", "not_met")],
        "verdicts": [(m, n) for m in (sign(x, "") for x in ATTAINMENT.values()) if (n := verdicts[m.code])],
        "goal_count": len(state.pack.goals), "target_count": len(rows),
        "warned": warned, "stand": stand,
    }  # fmt: skip


def _fits(row: WallRow, goal: Goal, asked: Narrowed) -> bool:
    answers = {"attainment": row.attainment.code, "pace": row.pace.code, "likelihood": row.likelihood.code}
    return (
        (not asked.unit or row.lead == asked.unit)
        and all(not v or answers[name] == v for name, v in asked.more.items())
        and asked.fits(goal.number, goal.text, row.target.label.zh, row.target.label.en or "", row.lead_label)
    )


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
    field = next(f for f in state.pack.fields if found in f.goals)
    can = reach(request)
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
    measures = _measures(state, found, field, [i.id for i in indicators])
    elements = {*ids, *(m.id for m in measures)}
    lead = state.pack.lead_of(found.id, year)
    context = {
        "state": state,
        "year": year,
        "goal": found,
        "field": field,
        "targets": targets,
        "lead_label": called(state.pack, acting.lead_of(found.id, year) or (lead.lead if lead is not None else "")),
        "indicators": indicators,
        "warnings": told.told(state, year, targets=ids, indicators=[i.id for i in indicators]),
        "children": [g for g in state.pack.goals.values() if g.parent == found.id],
        "measures": measures,
        "others": [m for m in field.measures if m not in measures],
        "proofs": [(p, _called(state, p.element)) for p in acting.proofs_for(elements)],
        "statements": [s for s in tasks.serving(can, elements) if s.countermeasure],
        "tasks": [s for s in tasks.serving(can, elements) if not s.countermeasure],
        "may_task": acting.may_office(can),
        "stand": told.year_stand(state, year),
    }
    return render(request, "console/monitoring/goal.html", context)


def _measures(state: LoadedRun, goal: Goal, field: PlanField, indicators: list[str]) -> list[Measure]:
    """The measures of the field that an indicator of the goal is also for; of a goal without indicators, all of
    them.
    """
    found = [state.pack.indicators[i] for i in indicators]
    also = {e for i in found for e in (*i.implements, *i.informs, *i.serves)}
    near = [m for m in field.measures if m.id in also]
    return near if near or goal.targets else list(field.measures)


def _called(state: LoadedRun, element: str) -> str:
    """What people call something of the plan: the goal's or measure's number and words."""
    pack = state.pack
    if element in pack.measures:
        return f"{t('措施', 'measure')} {pack.measures[element].number} {pack.measures[element].title}"
    if element in pack.goals:
        return f"{t('目标', 'goal')} {pack.goals[element].number}"
    return pack.targets[element].label.zh if element in pack.targets else ""
