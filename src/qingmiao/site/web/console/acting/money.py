"""Funds and 民生实事 projects: promised, followed, finished."""

from __future__ import annotations

from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.web.console.acting.posted import number, whole, year_of
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.filters import Filters, units_of
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach
from qingmiao.site.web.ui.years import around


@page(*WORKING)
def funds(request: HttpRequest) -> HttpResponse:
    """Money by item: budget, allocated, spent, in 10,000 yuan; totals below."""
    can, year = reach(request), year_of(request)
    problem, status = "", 200
    if request.method == "POST":
        try:
            _put_fund(request, year)
        except UserError as e:
            problem, status = str(e), status_of(e)
        else:
            return redirect(f"{request.path}?year={year}")
    filters = Filters(request, units=units_of(can.unit_ids))
    start = asked.whole(request.GET.get("from", ""), 0)
    rows, totals = api.funds(can, year, narrowed=filters.narrowed, start=start)
    following = start + len(rows) if start + len(rows) < totals.items else 0
    context = {
        "rows": rows, "totals": totals, "year": year, "years": around(year), "problem": problem, "posted": request.POST,
        "filters": filters, "units": api.units_for_funds(can), "sources": api.SOURCES.items(), "following": following,
    }  # fmt: skip
    return render(request, "console/acting/funds.html", context, status=status)


def _put_fund(request: HttpRequest, year: int) -> None:
    given = request.POST
    amounts: dict[str, Decimal] = {
        name: number(given.get(name, ""), label)
        for name, label in (("budget", "预算"), ("allocated", "拨付"), ("spent", "支出"))
    }
    if given.get("fund"):
        api.put_fund(
            reach(request), asked.whole(given["fund"], 0), version=asked.whole(given.get("version", ""), 0), **amounts
        )
        return
    unit, item, source = (given.get(name, "") for name in ("unit", "item", "source"))
    api.add_fund(reach(request), year=year, unit=unit, item=item, source=source, **amounts)


@page(*WORKING)
def projects(request: HttpRequest) -> HttpResponse:
    """民生实事 of a year: what was promised, how far it is, when it is done."""
    can, year = reach(request), year_of(request)
    problem, status = "", 200
    if request.method == "POST":
        try:
            _put_project(request, year)
        except UserError as e:
            problem, status = str(e), status_of(e)
        else:
            return redirect(f"{request.path}?year={year}")
    pack, filters = monitoring.pack(), Filters(request, units=units_of(can.unit_ids), fields=True)
    try:
        found, following = api.projects(can, year, narrowed=filters.narrowed, after=request.GET.get("after", ""))
    except ValueError:
        raise Http404 from None
    context = {
        "rows": [(p, pack.goals.get(p.goal)) for p in found], "filters": filters, "year": year, "years": around(year),
        "problem": problem, "units": api.units_for_projects(can), "goals": pack.goals.values(), "posted": request.POST,
        "following": following,
    }  # fmt: skip
    return render(request, "console/acting/projects.html", context, status=status)


def _put_project(request: HttpRequest, year: int) -> None:
    given, can = request.POST, reach(request)
    if given.get("project"):
        percent = whole(given.get("percent", ""), "进度")
        of, version = asked.whole(given["project"], 0), asked.whole(given.get("version", ""), 0)
        api.put_project(can, of, version=version, percent=percent, progress=given.get("progress", ""))
        return
    goal = given.get("goal", "")
    if goal and goal not in monitoring.pack().goals:
        raise Http404
    due = asked.day(given.get("due", ""), "期限")
    api.add_project(can, year=year, unit=given.get("unit", ""), title=given.get("title", ""), goal=goal, due=due)
