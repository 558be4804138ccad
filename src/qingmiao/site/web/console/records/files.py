"""A child's file: who this is, what was recorded, who looked; one record with its versions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.cases import api as cases
from qingmiao.site.apps.directory.api import WORKING, Reach
from qingmiao.site.apps.records import api
from qingmiao.site.web.console.history import told
from qingmiao.site.web.console.records.charts import tabs
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.once import shown_at
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING)
def one(request: HttpRequest, number: int) -> HttpResponse:
    """A child's file; a number is shown in full for a purpose that is posted."""
    can, problem, revealed = reach(request), None, ""
    if request.method == "POST":
        try:
            revealed = api.reveal(
                can, number, request.POST.get("what", "")[:40], purpose=request.POST.get("purpose", "")
            )
        except UserError as e:
            problem = e
    file = api.page_of(can, number)
    context: dict[str, Any] = {
        "f": file, "problem": problem, "revealed": revealed, "names": file.steps,
        **tabs(number, file.parts, "one"), **_cases(can, number),
    }  # fmt: skip
    answer = render(request, "console/records/one.html", context, status=status_of(problem))
    return shown_at(answer, reverse("records.one", args=(number,))) if revealed else answer


def _cases(can: Reach, number: int) -> dict[str, Any]:
    """The cases of a child, for those who work with cases; that there are any is not told to others.

    Which programmes somebody may open is told where it is chosen: asking here would slow every child's page.
    """
    if not can.has(cases.working_roles()):
        return {}
    return {"cases": cases.cases_of_child(can, number), "may_open_case": True}


@page(*WORKING, methods=("GET",))
def looked(request: HttpRequest, number: int) -> HttpResponse:
    """Who looked at a file, when and for what; who it was said to be before."""
    can = reach(request)
    with api.reading():
        events, identities = api.looked(can, number), api.identity_history(can, number)
        more = tabs(number, api.parts(can, number), "looked")
    context = {"number": number, "events": told(events, ("purpose", "what")), "identities": identities, **more}
    return render(request, "console/records/looked.html", context)


@page(*WORKING, methods=("GET",))
def known(request: HttpRequest, number: int) -> HttpResponse:
    """The file as it was known at the end of an earlier day (`day`); without one the day is asked for."""
    can, said = reach(request), request.GET.get("day", "")[:10]
    readable, found, problem = api.parts(can, number), None, None
    if said:
        try:
            found = api.known_on(can, number, asked.day(said, "日期"))
        except UserError as e:
            problem = e
    context = {"k": found, "number": number, "day": said, "problem": problem, **tabs(number, readable, "known")}
    return render(request, "console/records/known.html", context, status=status_of(problem))


@page(*WORKING)
def record(request: HttpRequest, number: int) -> HttpResponse:
    """One record with its versions; it is withdrawn here."""
    can, problem = reach(request), None
    if request.method == "POST":
        try:
            version = asked.whole(request.POST.get("version", ""), 0)
            api.withdraw(can, number, version=version, reason=request.POST.get("reason", ""))
        except UserError as e:
            problem = e
        else:
            return redirect("records.record", number)
    context = {"r": api.record_page(can, number), "problem": problem, "names": api.record_steps(can, number)}
    return render(request, "console/records/record.html", context, status=status_of(problem))
