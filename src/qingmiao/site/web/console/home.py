"""The first page: each role's own work."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.context import navigation
from qingmiao.site.web.ui.sessions import reach


@page(methods=("GET",))
def home(request: HttpRequest) -> HttpResponse:
    """Go to the first entry of the person's navigation (a unit's returns, the office's plan wall)."""
    entries = navigation(reach(request).roles)
    if not entries:
        return render(request, "console/nothing.html")
    return redirect(entries[0]["url"])
