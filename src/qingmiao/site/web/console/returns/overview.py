"""First pages and the calendar: what waits for a unit, what waits for audit, who is late; opening and locking a
year."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from qingmiao.flow import house
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.roles import AUDITOR, WORKING
from qingmiao.site.apps.returns import api
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.given import year as year_of
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING, methods=("GET",))
def home(request: HttpRequest) -> HttpResponse:
    """A unit's own work; for statistics, the committee office and auditors the county's."""
    can, today = reach(request), timezone.localdate()
    own = api.own_units(can)
    wide = (house.STATISTICS, house.COMMITTEE_OFFICE, AUDITOR)
    county = can.has(wide)
    year = years.chosen(request)
    context: dict[str, Any] = {
        "year": year,
        "years": years.around(year),
        "today": today,
        "county": county,
        "tasks": tasks.waiting(can.units(*wide) if county else own or can.units()),
        "leads": house.LEADER in can.roles,
        "verifies": house.COMMITTEE_OFFICE in can.roles,
    }
    if own or not county:
        context["todo"] = api.waiting(own or can.unit_ids, on=today, year=year)
        context["signs"] = house.LEADER in can.roles
        context["fills"] = can.has(api.FILLERS)
    if county:
        work = api.county(can, on=today, after=request.GET.get("after", ""), year=year)
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
    shown = api.year_view(can, chosen or None, on=today)
    context = {
        "shown": shown,
        "years": sorted({*shown.years, *([chosen] if chosen else [])}, reverse=True),
        "year": chosen or shown.year,
        "today": today,
        "may_open": api.may_open(can),
        "may_lock": api.may_lock(can),
    }
    return render(request, "console/returns/calendar.html", context)


@page(house.COMMITTEE_OFFICE, house.STATISTICS)
def open_year(request: HttpRequest) -> HttpResponse:
    """Open returns of a year for filling in, each with its due date."""
    if not api.may_open(reach(request)):
        raise Http404
    newest = api.newest_year()
    asked = request.POST.get("year") or request.GET.get("year", "")
    year = year_of(asked, (newest or timezone.localdate().year - 1) + 1)
    context: dict[str, Any] = {"year": year, "problem": ""}
    if request.method == "POST":
        try:
            chosen = {f: date.fromisoformat(request.POST.get(f"due:{f}", "")) for f in request.POST.getlist("return")}
            if not chosen:
                raise UserError("请至少选一张表")
            api.open_collections(reach(request), year, chosen)
        except ValueError:
            context["problem"] = "截止日期写成 2025-01-30 这样"
        except UserError as e:
            context["problem"] = e.message
        else:
            return redirect(f"{reverse('returns.calendar')}?year={year}")
    context["openable"] = api.openable(year)
    return render(request, "console/returns/open.html", context, status=400 if context["problem"] else 200)


@page(house.STATISTICS, methods=("POST",), back="returns.calendar")
def lock(request: HttpRequest) -> HttpResponse:
    """Lock what was accepted of a year."""
    asked = request.POST.get("year", "")
    year = whole(asked, None)
    if year is None:
        return redirect("returns.calendar")
    api.lock_year(reach(request), year, return_id=request.POST.get("return", ""))
    return redirect(f"{reverse('returns.calendar')}?year={asked}")
