"""Warnings: what holds in a year in plain words, since when, who leads; why and on which evidence; what is gone."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.apps.monitoring import api
from qingmiao.site.web.console.monitoring import told
from qingmiao.site.web.console.monitoring.shown import year_of
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach

MOST = 500


@page(*WORKING, methods=("GET",))
def warnings(request: HttpRequest) -> HttpResponse:
    """Filters: year, kind, severity, lead unit; those that are gone on a page of their own."""
    state = api.current()
    if state is None:
        return render(request, "console/monitoring/empty.html")
    year = year_of(state, request.GET.get("year", ""))
    gone = request.GET.get("state") == "gone" and year == state.run.year
    asked = {name: request.GET.get(name, "")[:120] for name in ("kind", "severity", "lead")}
    every = api.warnings(gone=True, most=MOST) if gone else told.held(state, year)
    order = list(told.SEVERITIES)
    fitting = [w for w in every if all(not v or getattr(w, name) == v for name, v in asked.items())]
    listed = sorted(fitting, key=lambda w: (order.index(w.severity) if w.severity in order else 9, w.kind, w.number))
    leads = sorted({w.lead for w in every})
    context = {
        "warnings": [told.named(w, state) for w in listed[:MOST]],
        "asked": asked,
        "state": state,
        "gone": gone,
        "year": year,
        "earlier": year != state.run.year,
        "warned": told.counted(state, year),
        "kinds": sorted({w.kind for w in every}),
        "severities": [(zh, en) for zh, (en, _) in told.SEVERITIES.items()],
        "leads": [state.pack.organisations[u] for u in leads if u in state.pack.organisations],
        "may_task": acting.may_office(reach(request)),
    }
    return render(request, "console/monitoring/warnings.html", context)


@page(*WORKING, methods=("GET",))
def warning(request: HttpRequest, number: int) -> HttpResponse:
    """One warning in plain words, its evidence folded; the office turns it into a task."""
    found, state = api.warning(number), api.current()
    if found is None or state is None:
        raise Http404
    tasks = acting.tasks_of_warning(reach(request), number)
    context = {
        "may_task": acting.may_office(reach(request)),
        "open_task": tasks[-1] if tasks else None,
        "named": told.named(found, state),
        "county": state.pack.areas[state.root].name if state.root in state.pack.areas else "",
        "year": year_of(state, request.GET.get("year", "") or str(found.year or "")),
        "areas": [state.pack.areas[a] for a in found.areas if a in state.pack.areas],
    }
    return render(request, "console/monitoring/warning.html", context)
