"""A child's growth curves and vaccination card, on the screen and to be printed for the family."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.apps.records import api
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING, methods=("GET",))
def growth(request: HttpRequest, number: int) -> HttpResponse:
    """The growth curves by a norm (`norm`) over a part of the ages (`span`)."""
    given = request.GET
    found = api.growth_page(reach(request), number, norm=given.get("norm", "")[:10], span=given.get("span", "")[:2])
    return render(request, "console/records/growth.html", {"g": found})


@page(*WORKING, methods=("GET",))
def vaccines(request: HttpRequest, number: int) -> HttpResponse:
    """The vaccination card."""
    return render(request, "console/records/vaccines.html", {"c": api.card(reach(request), number)})
