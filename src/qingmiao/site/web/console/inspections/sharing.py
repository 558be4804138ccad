"""The calendar that all units share, what waits and is late, what a checklist's items come to, public results."""

from __future__ import annotations

import csv
import io
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.inspections import api
from qingmiao.site.web.console.inspections.handing import handed
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING, methods=("GET",))
def week(request: HttpRequest) -> HttpResponse:
    """Every unit's visits of a week, by day and by place."""
    try:
        day = date.fromisoformat(request.GET["from"]) if request.GET.get("from") else timezone.localdate()
    except ValueError:
        raise Http404 from None
    return render(request, "console/inspections/week.html", {"w": api.week(reach(request), day)})


@page(*WORKING, methods=("GET",))
def standing(request: HttpRequest) -> HttpResponse:
    """What waits for this person's unit, and what is late."""
    return render(request, "console/inspections/standing.html", {"s": api.standing(reach(request))})


@page(*WORKING, methods=("GET",))
def items(request: HttpRequest, checklist: str) -> HttpResponse:
    """How often each item of a checklist failed in a year; those that never did are marked."""
    if checklist not in api.checklists():
        raise Http404
    year = years.chosen(request) or timezone.localdate().year
    context = {"c": api.counted(reach(request), checklist, year), "year": year, "years": years.around(year)}
    return render(request, "console/inspections/items.html", context)


@page(*WORKING, methods=("GET",))
def results(request: HttpRequest, form: str = "") -> HttpResponse:
    """What the public may know of the year's visits: place, day, class of the result; `csv`: the same as a file."""
    if form not in ("", "csv"):
        raise Http404
    year = years.chosen(request) or timezone.localdate().year
    rows = api.public_results(year)
    if form == "csv":
        out = io.StringIO()
        table = csv.writer(out)
        table.writerow(("受检场所", "检查日期", "结果"))
        table.writerows((r.place, r.day.isoformat(), r.result) for r in rows)
        return handed(f"检查结果-{year}", "csv", b"\xef\xbb\xbf" + out.getvalue().encode("utf-8"))
    return render(
        request, "console/inspections/results.html", {"rows": rows, "year": year, "years": years.around(year)}
    )
