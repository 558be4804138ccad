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
    """A leader's first page is the overview, of who works with children's files the work list; everybody else's is the
    first entry of the navigation."""
    roles = reach(request).roles
    if house.LEADER in roles:
        return redirect("leader.overview")
    if records.works_first(roles):
        return redirect("records.work")
    entries = navigation(roles)
    if not entries:
        return render(request, "console/nothing.html")
    return redirect(entries[0]["url"])
