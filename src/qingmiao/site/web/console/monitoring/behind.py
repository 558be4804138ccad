"""Whose rows a number counts: the children and women, with their records, for those who see their files."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.records import api as records
from qingmiao.site.web.console.monitoring.drawer import asked_of, explained, may_see_people
from qingmiao.site.web.console.monitoring.shown import state_or_404
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.sessions import reach

PAGE = 100
MOST = 20_000
"""So many rows of a side are looked through; of a number with more a smaller area is chosen."""


@page(*WORKING, methods=("GET",))
def people(request: HttpRequest) -> HttpResponse:
    """One side of a number: each child or woman whom it counts and this person sees, with the records that count."""
    state, can = state_or_404(), reach(request)
    asked = asked_of(request, state)
    told = explained(state, asked, limit=MOST)
    if not may_see_people(can, told):
        raise Http404
    sides = [s for s in told.sides if records.counts_people(s.source)]
    place = min(whole(request.GET.get("which", ""), 0), len(sides) - 1)
    side, start = sides[place], whole(request.GET.get("start", ""), 0)
    indicator, area, year, _ = asked
    found = records.behind(
        can, side.source, [r.content for r in side.rows], about=f"{indicator} {area} {year} {side.name}"
    )
    given = request.GET.copy()
    for name in ("which", "start"):
        given.pop(name, None)
    context = {
        "told": told, "indicator": state.pack.indicators[indicator], "area": state.pack.areas[area],
        "sides": [(n, s.name) for n, s in enumerate(sides)], "which": place, "side": side, "asked": given.urlencode(),
        "found": found, "shown": found.people[start : start + PAGE], "beyond": side.total - len(side.rows),
        "before": str(max(start - PAGE, 0)) if start else "",
        "following": str(start + PAGE) if len(found.people) > start + PAGE else "",
    }  # fmt: skip
    return render(request, "console/monitoring/people.html", context)
