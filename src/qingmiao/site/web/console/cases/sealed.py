"""Sealed cases: they are there for nobody, but for an unsealing by two people on a legal ground."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING)
def unsealings(request: HttpRequest) -> HttpResponse:
    """Ask that a sealed case be opened, agree to what another one asked; both are written down."""
    can, problem = reach(request), None
    if request.method == "POST":
        given = request.POST
        try:
            if "unsealing" in given:
                api.agree_unsealing(can, asked.whole(given["unsealing"], 0))
            else:
                number = asked.whole(given.get("number", "").rpartition("-")[2], 0)
                api.ask_unsealing(can, number, given.get("ground", ""))
        except UserError as e:
            problem = e
        else:
            return redirect("cases.unsealings")
    context = {"rows": api.unsealings(can), "problem": problem, "posted": request.POST}
    return render(request, "console/cases/sealed.html", context, status=status_of(problem))
