"""Double-random drawing on the site: lists by one person, the drawing by another, the record for everybody."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.inspections import api
from qingmiao.site.web.console.inspections.handing import handed
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach

MOST = 500
"""Drawn places of which visits are planned at once."""


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
            if given.get("do") == "plan":
                api.plan_drawn(can, number, _visits(given), apart=given.get("apart", ""))
            else:
                api.take(can, number, given.get("do", ""), version=version, said=said)
        except UserError as e:
            problem = e
        else:
            return redirect("inspections.draw", number=number)
    plan = api.drawn_plan(can, number)
    context = {
        "d": api.drawing(can, number), "problem": problem, "posted": request.POST, "today": timezone.localdate(),
        "plan": plan, "rows": _rows(plan, request.POST) if plan is not None else (),
    }  # fmt: skip
    return render(request, "console/inspections/draw.html", context, status=status_of(problem))


KEYS = ("on", "place_kind", "area", "responsible")
"""What is said of each drawn place: its field on the page is the key and the place's position."""


def _visits(given: QueryDict) -> dict[int, api.DrawnVisit]:
    found = {}
    for n in range(MOST):
        if f"on-{n}" in given:
            day = asked.day(given.get(f"on-{n}", ""), t("检查日期", "Day"))
            kind, area, unit = (given.get(f"{k}-{n}", "")[:120] for k in KEYS[1:])
            found[n] = api.DrawnVisit(kind, area, unit, day)
    return found


def _rows(plan: api.DrawnPlan, posted: QueryDict) -> tuple[dict[str, Any], ...]:
    """Each drawn place with what was typed, else what is known of it."""
    kinds, today = plan.offer.place_kinds, timezone.localdate().isoformat()
    known = {"on": today, "place_kind": kinds[0][0] if len(kinds) == 1 else ""}
    return tuple(
        {"n": n, "p": p}
        | {k: posted.get(f"{k}-{n}") or (known | {"area": p.area, "responsible": p.responsible})[k] for k in KEYS}
        for n, p in enumerate(plan.places)
    )


@page(*WORKING, methods=("GET",))
def record(request: HttpRequest, number: int) -> HttpResponse:
    """The record of a drawing: `qingmiao draw --verify` draws it again."""
    return handed(f"抽取记录-{number}", "json", api.draw_record(reach(request), number).encode("utf-8"))
