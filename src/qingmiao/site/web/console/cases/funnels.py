"""Where cases are lost, step by step: one table for each funnel of the packs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING, methods=("GET",))
def funnels(request: HttpRequest) -> HttpResponse:
    """The funnels over the cases opened in a year."""
    year = years.year_of(request, otherwise=timezone.localdate().year)
    found = api.funnels(reach(request), year)
    context = {"p": found, "year": year, "years": years.around(year), "now": timezone.localtime()}
    return render(request, "console/cases/funnels.html", context)
