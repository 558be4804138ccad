"""Filling in a checklist on the spot: kept as often as wanted, handed in once it is whole."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from qingmiao.forms import Filled
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.inspections import api
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.forms import Given, read
from qingmiao.site.web.ui.forms import render as fields
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING)
def fill(request: HttpRequest, number: int) -> HttpResponse:
    """The checklist of a visit under way."""
    can = reach(request)
    ready, answers, version = api.filling(can, number)
    problem, filled = None, None
    sent = Given(answers)
    if request.method == "POST":
        sent = read(ready, request.POST, request.FILES)
        if not sent.editing:
            try:
                filled = _store(request, number, sent)
            except UserError as e:
                problem = e
            else:
                if filled is None:
                    return redirect(
                        "inspections.one" if request.POST.get("do") == "conclude" else "inspections.fill", number
                    )
    faults: Any = () if filled is None else _together(filled, sent)
    shown = fields(
        ready, sent.answers, faults, on=timezone.localdate(), filled=filled, draft=f"inspection-{number}-{version}"
    )  # fmt: skip
    context = {"i": api.shown(can, number), "fields": shown, "problem": problem, "version": version}
    status = status_of(problem) if filled is None or problem is not None else 400
    return render(request, "console/inspections/fill.html", context, status=status)


def _store(request: HttpRequest, number: int, sent: Given) -> Filled | None:
    """Keep it, or hand it in; the judged answers where it cannot be handed in yet."""
    version = asked.whole(request.POST.get("version", ""), 0)
    if request.POST.get("do") == "conclude":
        return api.conclude(reach(request), number, version=version, answers=sent.answers, faults=sent.faults)
    if sent.faults:
        raise UserError(sent.faults[0].message)
    api.fill_in(reach(request), number, version=version, answers=sent.answers)
    return None


def _together(filled: Filled, sent: Given) -> Any:
    """What is wrong with files, and what else is wrong, one fault a field."""
    told = {(f.field, f.row) for f in sent.faults}
    return (*sent.faults, *(f for f in filled.faults if (f.field, f.row) not in told))
