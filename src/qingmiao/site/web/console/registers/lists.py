"""Of a whole register: what is missing where, the map, the yearly confirmation of many at once."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.registers import api
from qingmiao.site.narrowing import Narrowed
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach

MOST = 200
"""Entries that are offered for confirmation on one page."""


@page(*WORKING, methods=("GET",))
def missing(request: HttpRequest, register: str) -> HttpResponse:
    """The minimums of a register: what is missing where, which are not set."""
    can = reach(request)
    kind = api.kind(can, register)
    if not kind.minimums:
        raise Http404
    rows = api.register_missing(can, register)
    context = {
        "kind": kind, "rows": rows, "short": [r for r in rows if r.verdict.short],
        "unjudged": [r for r in rows if r.verdict.met is None], "unset": api.unset(register),
    }  # fmt: skip
    return render(request, "console/registers/missing.html", context)


@page(*WORKING, methods=("GET",))
def map_page(request: HttpRequest, register: str) -> HttpResponse:
    """Townships with how many lie there, and the entries whose position is known."""
    can = reach(request)
    kind = api.kind(can, register)
    if kind.of == "person":
        raise Http404
    tiles, points = api.map_of(can, kind)
    return render(request, "console/registers/map.html", {"kind": kind, "tiles": tiles, "points": points})


@page(*WORKING)
def confirm(request: HttpRequest, register: str) -> HttpResponse:
    """Confirm for the year what has not changed: many at once, each as it stands."""
    can = reach(request)
    kind = api.kind(can, register)
    if not api.may_enter(can, kind):
        raise Http404
    done, left = 0, tuple[str, ...]()
    if request.method == "POST":
        chosen = [n for text in request.POST.getlist("entry") if (n := asked.whole(text, 0))]
        done, left = api.renew_each(can, register, chosen)
    rows, _ = api.listed(can, register, Narrowed(more={"what": "unconfirmed"}), size=MOST)
    context = {
        "kind": kind, "rows": rows, "waiting": api.unconfirmed(can, kind), "done": done, "left": left,
        "posted": request.method == "POST",
    }  # fmt: skip
    return render(request, "console/registers/confirm.html", context)
