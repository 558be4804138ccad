"""Warnings: what holds now, why, on which evidence, since when; what is gone."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.content.base import Label
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.directory.roles import WORKING, Role
from qingmiao.site.apps.monitoring import api
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach

MOST = 500
ORDER = {"高": 0, "中": 1, "提示": 2}


@page(*WORKING, methods=("GET",))
def warnings(request: HttpRequest) -> HttpResponse:
    """Filters: kind, severity, lead unit; those that are gone on a page of their own."""
    state = api.current()
    if state is None:
        return render(request, "console/monitoring/empty.html")
    gone = request.GET.get("state") == "gone"
    asked = {name: request.GET.get(name, "")[:120] for name in ("kind", "severity", "lead")}
    every = api.kinds_and_leads(gone=gone)
    listed = sorted(
        api.warnings(gone=gone, most=MOST, **asked), key=lambda w: (ORDER.get(w.severity, 9), w.kind, w.number)
    )
    context = {
        "warnings": [_named(w, state) for w in listed], "asked": asked, "gone": gone, "state": state, "kinds": sorted({k for k, _ in every}),
        "leads": [state.pack.organisations[u] for u in sorted({u for _, u in every}) if u in state.pack.organisations],
    }  # fmt: skip
    return render(request, "console/monitoring/warnings.html", context)


@dataclass(frozen=True)
class NamedWarning:
    """A warning with the words for what it is about, where, and who leads; empty where it has none."""

    w: api.KeptWarning
    about: Label | None
    area_name: str
    """Empty for the county itself."""
    lead_label: str


def _named(w: api.KeptWarning, state: api.LoadedRun) -> NamedWarning:
    pack = state.pack
    about = None
    if w.target in pack.targets:
        about = pack.targets[w.target].label
    elif w.indicator in pack.indicators:
        about = pack.indicators[w.indicator].label
    area = pack.areas[w.area].name if w.area in pack.areas and w.area != state.root else ""
    unit = pack.organisations.get(w.lead)
    return NamedWarning(w, about, area, (unit.short or unit.label.zh) if unit else "")


@page(*WORKING, methods=("GET",))
def warning(request: HttpRequest, number: int) -> HttpResponse:
    """One warning with its evidence; the office turns it into a task."""
    found, state = api.warning(number), api.current()
    if found is None or state is None:
        raise Http404
    tasks = acting.tasks_of_warning(number)
    context = {
        "may_task": Role.COMMITTEE_OFFICE in reach(request).roles,
        "open_task": tasks[-1] if tasks else None,
        "named": _named(found, state),
        "state": state,
        "areas": [state.pack.areas[a] for a in found.areas if a in state.pack.areas],
    }
    return render(request, "console/monitoring/warning.html", context)
