"""A record is filled in on its form: a new one for a child, or one that is corrected."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from qingmiao.forms import FieldFault, Filled
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING, Reach
from qingmiao.site.apps.records import api
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.forms import Given, read
from qingmiao.site.web.ui.forms import render as fields
from qingmiao.site.web.ui.once import FIELD, new_id
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING)
def add(request: HttpRequest, number: int, kind: str) -> HttpResponse:
    """A new record of a kind in a child's file."""
    return _added(request, number, kind, "child", "records.one")


@page(*WORKING)
def add_of_mother(request: HttpRequest, number: int, kind: str) -> HttpResponse:
    """A new record of a kind in a woman's file."""
    return _added(request, number, kind, "mother", "mothers.one")


def _added(request: HttpRequest, number: int, kind: str, subject: api.Subject, after: str) -> HttpResponse:
    can, problem, work = reach(request), None, _work(request)
    entry = api.entry(can, number, kind, subject=subject, item=request.GET.get("item", "")[:40])
    sent, filled = Given(), None
    if request.method == "POST":
        sent = read(entry.ready, request.POST, request.FILES)
        if not sent.editing:
            try:
                made, filled = api.write(
                    can, number, kind, operation=request.POST.get(FIELD, "")[:40] or new_id(), answers=sent.answers,
                    explanations=sent.explanations, faults=sent.faults, subject=subject,
                )  # fmt: skip
            except UserError as e:
                problem = e
            else:
                if made:
                    return _next(can, number, kind, work) if "next" in request.POST else redirect(after, number)
    return _form(request, entry, sent, filled, problem, work)


PLACE = ("list", "area", "village", "school_class", "age", "about", "after")


def _work(request: HttpRequest) -> dict[str, str]:
    """The work list from which somebody came, how it was narrowed, and after which line it goes on."""
    given = {k: request.GET.get(k, "")[:60] for k in PLACE if request.GET.get(k)}
    return given if given.get("list") in api.LISTS else {}


def _next(can: Reach, number: int, kind: str, work: dict[str, str]) -> HttpResponse:
    """The form of the next child of the work list, or the list where there is none."""
    place = {k: v for k, v in work.items() if k not in ("list", "after")}
    which = work.get("list", api.LISTS[0])
    row = api.next_row(can, which, after=work.get("after", ""), child=number, kind=kind, **place)
    if row is None:
        return redirect(f"{reverse('records.work')}?{urlencode({'list': which, **place})}")
    onward = {"list": which, **place, "after": row.mark} | ({"item": row.item} if row.item else {})
    return redirect(f"{reverse('records.add', args=(row.child.id, kind))}?{urlencode(onward)}")


@page(*WORKING)
def correct(request: HttpRequest, number: int) -> HttpResponse:
    """A record is said anew, with a reason."""
    can, problem = reach(request), None
    entry = api.entry_of(can, number)
    sent, filled = Given(), None
    if request.method == "POST":
        sent = read(entry.ready, request.POST, request.FILES)
        if not sent.editing:
            try:
                stored, filled = api.correct(
                    can, number, version=asked.whole(request.POST.get("version", ""), 0), answers=sent.answers,
                    reason=request.POST.get("correction_reason", ""), explanations=sent.explanations,
                    faults=sent.faults,
                )  # fmt: skip
            except UserError as e:
                problem = e
            else:
                if stored:
                    return redirect("records.record", number)
    return _form(request, entry, sent, filled, problem)


def _form(
    request: HttpRequest,
    entry: api.RecordEntry,
    sent: Given,
    filled: Filled | None,
    problem: UserError | None,
    work: Mapping[str, str] = MappingProxyType({}),
) -> HttpResponse:
    answers: Any = {**sent.answers, **{k: entry.answers.get(k) for k in entry.given}} if sent.answers else entry.answers
    faults: tuple[FieldFault, ...] = ()
    if filled is not None:
        told = {(f.field, f.row) for f in sent.faults}
        faults = (*sent.faults, *(f for f in filled.faults if (f.field, f.row) not in told))
    asked_back = filled.queries if filled is not None else ()
    shown = fields(
        entry.ready, answers, faults, on=timezone.localdate(), filled=filled, queries=asked_back,
        explanations=sent.explanations, given=entry.given,
    )  # fmt: skip
    wrong = problem is not None or filled is not None
    context = {
        "e": entry, "fields": shown, "problem": problem, "reason": request.POST.get("correction_reason", ""),
        "work": work,
    }  # fmt: skip
    code = status_of(problem) if problem is not None else 400 if wrong else 200
    return render(request, "console/records/entry.html", context, status=code)
