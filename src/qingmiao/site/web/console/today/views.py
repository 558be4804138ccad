"""What waits for a person today, what is late, what is new and what today's data changed: one screen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from qingmiao.site.apps.cases import api as cases
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.web.console.today import news, parts
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING, methods=("GET",))
def today(request: HttpRequest) -> HttpResponse:
    """The first page of everybody who works here, unless the role begins elsewhere (`start`)."""
    can = reach(request)
    found = parts.waiting(can)
    context = {
        "today": timezone.localdate(), "busy": [p for p in found if not p.idle], "idle": [p for p in found if p.idle],
        "told": news.told(can), "data": news.of_data(can), "may_open": bool(cases.offered(can)),
    }  # fmt: skip
    return render(request, "console/today/page.html", context)
