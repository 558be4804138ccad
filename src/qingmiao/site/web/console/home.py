"""The first page: each role's own work."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.flow import house
from qingmiao.site.apps.records import api as records
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.context import navigation
from qingmiao.site.web.ui.sessions import reach


@page(methods=("GET",))
def home(request: HttpRequest) -> HttpResponse:
    """A leader's first page is the overview, of who works with children's files what the roles say (`start`);
    everybody else's is the first entry of the navigation."""
    can = reach(request)
    roles = can.roles
    if house.LEADER in roles:
        return redirect("leader.overview")
    if begins := records.start(frozenset(h.role for h in can.held)):
        return redirect({"work": "records.work", "lists": "records.lists", "files": "records.list"}[begins])
    entries = navigation(roles)
    if not entries:
        return render(request, "console/nothing.html")
    return redirect(entries[0]["url"])
