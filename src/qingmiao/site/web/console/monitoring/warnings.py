"""Warnings: what holds in a year in plain words, since when, who leads; why and on which evidence; what is gone."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.monitoring import api
from qingmiao.site.apps.monitoring.api import KeptWarning, LoadedRun
from qingmiao.site.narrowing import Narrowed
from qingmiao.site.web.console.monitoring import told
from qingmiao.site.web.console.monitoring.shown import year_of
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.filters import Filters, Select, units_of
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.sessions import reach

MOST = 500
PAGE = 100
"""Warnings on one page: they are of one run, so that nothing comes or goes between two pages."""

SIDES = (("", "健康记录一边的数据", "The records' side"), ("brought", "部门报送一边的数据", "The departments' side"))
"""Side of a figure, as the drawer is asked for it, and its words."""


@page(*WORKING, methods=("GET",))
def warnings(request: HttpRequest) -> HttpResponse:
    """Filters: year, kind, severity, lead unit; those that are gone on a page of their own."""
    state = api.current()
    if state is None:
        return render(request, "console/monitoring/empty.html")
    year = year_of(state, request.GET.get("year", ""))
    gone = request.GET.get("state") == "gone" and year == state.run.year
    every = api.warnings(gone=True, most=MOST) if gone else told.held(state, year)
    order = list(told.SEVERITIES)
    more = (
        Select("kind", t("类型", "Kind"), tuple((k, k) for k in sorted({w.kind for w in every}))),
        Select("severity", t("级别", "Severity"), tuple((zh, t(zh, en)) for zh, (en, _) in told.SEVERITIES.items())),
    )
    units = units_of({w.lead for w in every})
    label = t("责任单位", "Lead")
    filters = Filters(request, units=units, unit="lead", unit_label=label, fields=True, more=more, keep=("state",))
    fitting = [n for w in every if _fits(n := told.named(w, state), filters.narrowed)]
    listed = sorted(
        fitting, key=lambda n: (order.index(n.severity) if n.severity in order else 9, n.w.kind, n.w.number)
    )
    start = whole(request.GET.get("from", ""), 0)
    context = {
        "warnings": listed[start : start + PAGE],
        "following": start + PAGE if len(listed) > start + PAGE else 0,
        "filters": filters,
        "state": state,
        "gone": gone,
        "year": year,
        "earlier": year != state.run.year,
        "warned": told.counted(state, year),
        "may_task": acting.may_office(reach(request)),
    }
    return render(request, "console/monitoring/warnings.html", context)


def _fits(named: told.NamedWarning, asked: Narrowed) -> bool:
    w, within = named.w, asked.parts
    return (
        asked.fits(w.told, w.kind, named.area_name, named.lead_label, named.about.zh if named.about else "")
        and (not asked.unit or w.lead == asked.unit)
        and all(not v or getattr(w, name) == v for name, v in asked.more.items())
        and (within is None or w.target in within.elements or w.indicator in within.indicators)
    )


def _sides(state: LoadedRun, found: KeptWarning) -> list[tuple[str, str, str]]:
    """(what the drawer is asked, its words) for both sides of a figure in which they differ."""
    if not api.two_sides(state, found.indicator, found.area, found.year):
        return []
    asked = {"indicator": found.indicator, "area": found.area, "year": found.year}
    return [(urlencode(asked | ({"side": side} if side else {})), zh, en) for side, zh, en in SIDES]


@page(*WORKING, methods=("GET",))
def warning(request: HttpRequest, number: int) -> HttpResponse:
    """One warning in plain words, its evidence folded; the office turns it into a task."""
    found, state = api.warning(number), api.current()
    if found is None or state is None:
        raise Http404
    tasks = acting.tasks_of_warning(reach(request), number)
    context = {
        "two_sides": _sides(state, found),
        "may_task": acting.may_office(reach(request)),
        "open_task": tasks[-1] if tasks else None,
        "named": told.named(found, state),
        "county": state.pack.areas[state.root].name if state.root in state.pack.areas else "",
        "year": year_of(state, request.GET.get("year", "") or str(found.year or "")),
        "areas": [state.pack.areas[a] for a in found.areas if a in state.pack.areas],
    }
    return render(request, "console/monitoring/warning.html", context)
