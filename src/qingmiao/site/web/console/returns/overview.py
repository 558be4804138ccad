"""First pages and the calendar: what waits for a unit, what waits for audit, who is late; locking a year."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from qingmiao.flow import house
from qingmiao.site.apps.directory.api import AUDITOR, WORKING
from qingmiao.site.apps.returns import api
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.filters import Filters, units_of
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING, methods=("GET",))
def home(request: HttpRequest) -> HttpResponse:
    """A unit's own work; for statistics, the committee office and auditors the county's."""
    can, today = reach(request), timezone.localdate()
    own = api.own_units(can)
    wide = (house.STATISTICS, house.COMMITTEE_OFFICE, AUDITOR)
    county = can.has(wide)
    year = years.chosen(request)
    filters = Filters(request, units=units_of(can.unit_ids), fields=True)
    narrowed = filters.narrowed
    context: dict[str, Any] = {
        "year": year,
        "years": years.around(year),
        "filters": filters,
        "today": today,
        "county": county,
        "tasks": tasks.waiting(can.units(*wide) if county else own or can.units()),
        "leads": house.LEADER in can.roles,
        "verifies": house.COMMITTEE_OFFICE in can.roles,
    }
    if own or not county:
        context["todo"] = api.waiting(own or can.unit_ids, on=today, year=year, narrowed=narrowed)
        context["signs"] = house.LEADER in can.roles
        context["fills"] = can.has(api.FILLERS)
    if county:
        work = api.county(can, on=today, after=request.GET.get("after", ""), year=year, narrowed=narrowed)
        context |= {
            "work": work,
            "audits": house.STATISTICS in can.roles,
            "may_open": api.may_open(can),
        }
    return render(request, "console/returns/home.html", context)


@page(*WORKING, methods=("GET",))
def calendar(request: HttpRequest) -> HttpResponse:
    """All returns of a year by return and due date, and how complete and timely each return and unit is."""
    can, today = reach(request), timezone.localdate()
    chosen = years.chosen(request)
    filters = Filters(request, units=units_of(can.unit_ids), fields=True)
    shown = api.year_view(can, chosen or None, on=today, narrowed=filters.narrowed)
    context = {
        "shown": shown,
        "filters": filters,
        "years": sorted({*shown.years, *([chosen] if chosen else [])}, reverse=True),
        "year": chosen or shown.year,
        "today": today,
        "may_open": api.may_open(can),
        "may_lock": api.may_lock(can),
    }
    return render(request, "console/returns/calendar.html", context)


@page(house.STATISTICS, methods=("POST",), back="returns.calendar")
def lock(request: HttpRequest) -> HttpResponse:
    """Lock what was accepted of a year."""
    asked = request.POST.get("year", "")
    year = whole(asked, None)
    if year is None:
        return redirect("returns.calendar")
    api.lock_year(reach(request), year, return_id=request.POST.get("return", ""))
    return redirect(f"{reverse('returns.calendar')}?year={asked}")
