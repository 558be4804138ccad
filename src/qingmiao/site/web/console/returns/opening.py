"""Opening a year: the forms are chosen, then what it would do is shown, and only then it is done; and taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from qingmiao.flow import house
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.returns import api
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.given import day
from qingmiao.site.web.ui.given import year as year_of
from qingmiao.site.web.ui.sessions import reach


@page(house.COMMITTEE_OFFICE, house.STATISTICS)
def open_year(request: HttpRequest) -> HttpResponse:
    """Open forms of a year for filling in, each with its due date, or take that back: asked first, then done (`do`)."""
    if not api.may_open(reach(request)):
        raise Http404
    newest = api.newest_year()
    asked = request.POST.get("year") or request.GET.get("year", "")
    year = year_of(asked, (newest or timezone.localdate().year - 1) + 1)
    do = request.POST.get("do", "")
    if request.method != "POST" or do == "change":
        return _choose(request, year)
    try:
        if do in ("ask_back", "take_back"):
            return _back(request, year, do)
        return _opening(request, year, do)
    except UserError as e:
        return _choose(request, year, problem=e.message, status=409 if isinstance(e, api.NotAllowedError) else 400)


def _choose(request: HttpRequest, year: int, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The forms to choose from, as they were chosen before."""
    posted = request.method == "POST"
    chosen = set(request.POST.getlist("return"))
    rows = []
    for o in api.openable(year):
        ticked = o.return_.id in chosen if posted else o.opened_at is None
        rows.append((o, ticked, request.POST.get(f"due:{o.return_.id}", "") or o.due.isoformat()))
    context = {"year": year, "problem": problem, "rows": rows, "opened": any(o.opened_at for o, _, _ in rows)}
    return render(request, "console/returns/open.html", context, status=status)


def _opening(request: HttpRequest, year: int, do: str) -> HttpResponse:
    due = _dues(request)
    if do == "open":
        api.open_collections(reach(request), year, due)
        return redirect(f"{reverse('returns.calendar')}?year={year}")
    today = timezone.localdate()
    plan = api.opening(year, due, on=today)
    context: dict[str, Any] = {
        "year": year,
        "today": today,
        "plan": plan,
        "late": sorted((p for p in plan if p.late_returns), key=lambda p: -p.late),
        "made": sum(p.made for p in plan),
    }
    return render(request, "console/returns/opening.html", context)


def _dues(request: HttpRequest) -> dict[str, date]:
    """The forms that were chosen with their due dates. Raises UserError for none, or for a date that is none."""
    names = {r: return_.label.zh for r, return_ in api.pack().returns.items()}
    chosen = request.POST.getlist("return")
    if not chosen:
        raise UserError("请至少选择一张表")
    return {f: day(request.POST.get(f"due:{f}", ""), f"《{names.get(f, f)}》的截止日期") for f in chosen}


def _back(request: HttpRequest, year: int, do: str) -> HttpResponse:
    chosen = request.POST.getlist("return")
    if not chosen:
        raise UserError("请选择要撤回的表")
    if do == "take_back":
        api.take_back(reach(request), year, chosen)
        return redirect(f"{reverse('returns.open')}?year={year}")
    found = api.undoable(year, chosen)
    if not found:
        raise UserError("选中的表都没有开启，不用撤回")
    context = {"year": year, "rows": found, "may": all(u.undo for u in found), "gone": sum(u.filings for u in found)}
    return render(request, "console/returns/take_back.html", context)
