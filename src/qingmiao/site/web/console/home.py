"""The first page: each role's own work."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.content.roles import first_page
from qingmiao.flow import house
from qingmiao.site import pack as site_pack
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.context import navigation
from qingmiao.site.web.ui.sessions import reach

BEGINS = {"work": "records.work", "lists": "records.lists", "files": "records.list"}


@page(methods=("GET",))
def home(request: HttpRequest) -> HttpResponse:
    """A leader's first page is the overview, everybody else's what the roles say (`start`), or else the first entry of
    the navigation."""
    can = reach(request)
    roles = can.roles
    if house.LEADER in roles:
        return redirect("leader.overview")
    if begins := first_page(site_pack.pack().roles, frozenset(h.role for h in can.held)):
        return redirect(BEGINS[begins])
    first = next((n.entries[0] if n.entries else n for n in navigation(roles)), None)
    if first is None:
        return render(request, "console/nothing.html")
    return redirect(first.url)
