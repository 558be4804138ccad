"""Rounds of checks: how far each unit is, and the list of one unit."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.content.base import Label
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach

STANDING = {
    "overdue": (Label(zh="已逾期", en="overdue"), "bad"), "never": (Label(zh="还没有办", en="not done"), "bad"),
    "under_way": (Label(zh="正在办理", en="under way"), "warn"), "soon": (Label(zh="即将到期", en="due soon"), "warn"),
    "valid": (Label(zh="按期", en="in time"), "good"),
}  # fmt: skip
"""How somebody stands, in words and colour."""


@page(*WORKING, methods=("GET",))
def round_of(request: HttpRequest, programme: str) -> HttpResponse:
    """How far the units are, those that are behind first; on a sheet of paper and as a workbook too."""
    found = api.round_page(reach(request), programme)
    rows = sorted(found.units, key=lambda u: (u.count.done, -(u.count.overdue + u.count.never), u.unit))
    return render(request, "console/cases/round.html", {"r": found, "rows": rows})


@page(*WORKING)
def round_unit(request: HttpRequest, programme: str, unit: str) -> HttpResponse:
    """Who of a unit was checked and who is due; the unit says how many work there."""
    can, problem = reach(request), None
    if request.method == "POST":
        try:
            staff = asked.whole(request.POST.get("staff", ""), 0)
            api.state_staff(can, programme, unit, staff=staff, source=request.POST.get("source", ""))
        except UserError as e:
            problem = e
        else:
            return redirect("cases.round_unit", programme, unit)
    found = api.round_list(can, programme, unit)
    people = [(p, *STANDING[p.standing]) for p in found.people]
    context = {"r": found, "people": people, "problem": problem, "posted": request.POST}
    return render(request, "console/cases/round_unit.html", context, status=status_of(problem))
