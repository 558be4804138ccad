"""Entering into a register and changing an entry: the register's form, what it belongs to, from which day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from qingmiao.content.registers import RegisterKind
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.registers import api
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.forms import Given, read
from qingmiao.site.web.ui.forms import render as fields
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach

TEMPLATE = "console/registers/form.html"


def _given(request: HttpRequest, sent: Given) -> api.EntryGiven:
    post = request.POST
    since: date | None = asked.day(post["valid_from"], "生效日期") if post.get("valid_from", "").strip() else None
    return api.EntryGiven(
        sent.answers, within=asked.whole(post.get("within", ""), 0) or None, number=post.get("number", ""),
        alike=post.get("alike") == "yes", valid_from=since,
    )  # fmt: skip


def _page(
    request: HttpRequest, kind: RegisterKind, sent: Given, refused: api.EntryRefused | None, problem: UserError | None,
    **more: Any,
) -> HttpResponse:  # fmt: skip
    filled = refused.filled if refused is not None else None
    faults = (*sent.faults, *(refused.faults if refused is not None else ()))
    drawn = fields(
        api.form(kind.id), sent.answers, faults, on=timezone.localdate(), filled=filled, **more.pop("form", {})
    )
    whole = tuple(f for f in faults if not f.field)
    context = {
        "kind": kind, "fields": drawn, "problem": problem, "refused": refused, "whole": whole, "posted": request.POST,
        "within": api.choices_within(kind), "today": timezone.localdate(), **more,
    }  # fmt: skip
    status = status_of(problem) if refused is None or problem is not None else 400
    return render(request, TEMPLATE, context, status=status)


@page(*WORKING)
def new(request: HttpRequest, register: str) -> HttpResponse:
    """Enter something into a register."""
    can = reach(request)
    kind = api.kind(can, register)
    if not api.may_enter(can, kind):
        raise Http404
    problem, refused, sent = None, None, Given()
    if request.method == "POST":
        sent = read(api.form(register), request.POST, request.FILES)
        if not sent.editing:
            try:
                made = api.enter(can, register, _given(request, sent))
            except UserError as e:
                problem = e
            else:
                if isinstance(made, int):
                    return redirect("registers.entry", number=made)
                refused = made
    chosen = request.POST.get("within", request.GET.get("within", ""))
    return _page(request, kind, sent, refused, problem, chosen=chosen)


@page(*WORKING)
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change an entry from a day on; what was before stays in its history."""
    can = reach(request)
    answers, within, version = api.filling(can, number)
    shown = api.entry(can, number)
    problem, refused, sent = None, None, Given(dict(answers))
    if request.method == "POST":
        sent = read(api.form(shown.register.id), request.POST, request.FILES)
        if not sent.editing:
            seen = asked.whole(request.POST.get("version", ""), 0)
            try:
                refused = api.change(can, number, _given(request, sent), version=seen, faults=sent.faults)
            except UserError as e:
                problem = e
            else:
                if refused is None:
                    return redirect("registers.entry", number=number)
    chosen = request.POST.get("within", str(within or ""))
    return _page(
        request, shown.register, sent, refused, problem, chosen=chosen, entry=shown, version=version,
        form={"draft": f"register-{number}-{version}"},
    )  # fmt: skip
