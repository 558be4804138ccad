"""Warnings: what holds now, why, on which evidence, since when; what is gone."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.directory.roles import WORKING, Role
from qingmiao.site.apps.monitoring import api
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach

PAGE = 60
ORDER = {"高": 0, "中": 1, "提示": 2}


@page(*WORKING, methods=("GET",))
def warnings(request: HttpRequest) -> HttpResponse:
    """Filters: kind, severity, lead unit; those that are gone on a page of their own."""
    state = api.current()
    if state is None:
        return render(request, "console/monitoring/empty.html")
    gone = request.GET.get("state") == "gone"
    asked = {name: request.GET.get(name, "")[:120] for name in ("kind", "severity", "lead")}
    found = api.warnings(gone=gone)
    every = list(api.warnings(gone=gone).values_list("kind", "lead"))
    for name, value in asked.items():
        if value:
            found = found.filter(**{name: value})
    listed = list(found[:500])
    listed.sort(key=lambda w: (ORDER.get(w.severity, 9), w.kind, w.pk))
    for w in listed:
        _name(w, state)
    context = {
        "warnings": listed, "asked": asked, "gone": gone, "state": state, "kinds": sorted({k for k, _ in every}),
        "leads": [state.pack.organisations[u] for u in sorted({u for _, u in every}) if u in state.pack.organisations],
    }  # fmt: skip
    return render(request, "console/monitoring/warnings.html", context)


def _name(w: object, state: api.State) -> None:
    pack = state.pack
    target, indicator, area, unit = (getattr(w, n) for n in ("target", "indicator", "area", "lead"))
    about = (
        pack.targets[target].label
        if target in pack.targets
        else pack.indicators[indicator].label
        if indicator in pack.indicators
        else None
    )
    w.about = about  # type: ignore[attr-defined]
    w.area_name = pack.areas[area].name if area in pack.areas and area != state.root else ""  # type: ignore[attr-defined]
    found = pack.organisations.get(unit)
    w.lead_label = (found.short or found.label.zh) if found else ""  # type: ignore[attr-defined]


@page(*WORKING, methods=("GET",))
def warning(request: HttpRequest, number: int) -> HttpResponse:
    """One warning with its evidence; the office turns it into a task."""
    found, state = api.warning(number), api.current()
    if found is None or state is None:
        raise Http404
    _name(found, state)
    tasks = acting.tasks_of_warning(number)
    context = {
        "may_task": Role.COMMITTEE_OFFICE in reach(request).roles,
        "open_task": tasks[-1] if tasks else None,
        "w": found,
        "state": state,
        "areas": [state.pack.areas[a] for a in found.areas if a in state.pack.areas],
    }
    return render(request, "console/monitoring/warning.html", context)
