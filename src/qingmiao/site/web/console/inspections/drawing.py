"""Double-random drawing on the site: lists by one person, the drawing by another, the record for everybody."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.inspections import api
from qingmiao.site.web.console.inspections.handing import handed
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING)
def draws(request: HttpRequest) -> HttpResponse:
    """The drawings of one's units, and the lists of a new one."""
    can, problem = reach(request), None
    offered = api.offered(can)
    if request.method == "POST":
        given = request.POST
        if not offered:
            raise Http404
        try:
            number = api.prepare(
                can, checklist=given.get("checklist", ""), places=given.get("places", ""),
                wanted=asked.whole(given.get("wanted", ""), 0), each=asked.whole(given.get("each", ""), 0),
            )  # fmt: skip
        except UserError as e:
            problem = e
        else:
            return redirect("inspections.draw", number=number)
    context = {"rows": api.drawings(can), "offered": offered, "problem": problem, "posted": request.POST}
    return render(request, "console/inspections/draws.html", context, status=status_of(problem))


@page(*WORKING)
def draw(request: HttpRequest, number: int) -> HttpResponse:
    """One drawing: its lists, its seed, what was drawn; another person than who made the lists draws."""
    can, problem = reach(request), None
    api.drawing(can, number)
    if request.method == "POST":
        given = request.POST
        said = {"seed": given.get("seed", ""), "reason": given.get("reason", "")}
        version = asked.whole(given.get("version", ""), 0)
        try:
            api.take(can, number, given.get("do", ""), version=version, said=said)
        except UserError as e:
            problem = e
        else:
            return redirect("inspections.draw", number=number)
    context = {"d": api.drawing(can, number), "problem": problem, "posted": request.POST}
    return render(request, "console/inspections/draw.html", context, status=status_of(problem))


@page(*WORKING, methods=("GET",))
def record(request: HttpRequest, number: int) -> HttpResponse:
    """The record of a drawing: `qingmiao draw --verify` draws it again."""
    return handed(f"抽取记录-{number}", "json", api.draw_record(reach(request), number).encode("utf-8"))
