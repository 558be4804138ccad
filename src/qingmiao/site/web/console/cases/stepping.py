"""A step of a case is filled in on its form and taken; one without a form is taken by its button."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from qingmiao.forms import FieldFault
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.api import WORKING, Reach
from qingmiao.site.web.console.cases.presenting import case_view
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.forms import Given, read
from qingmiao.site.web.ui.forms import render as fields
from qingmiao.site.web.ui.once import FIELD, new_id
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING)
def step(request: HttpRequest, number: int, step: str) -> HttpResponse:
    """The form of a step of a case as it stands now; sent, the step is taken, or waits for a second person."""
    can, problem = reach(request), None
    found = api.case(can, number)
    one = next((s for s in found.steps if s.name == step), None)
    if one is None:
        raise Http404
    sent, done = Given(), None
    if request.method == "POST":
        sent = read(one.form, request.POST, request.FILES) if one.form is not None else Given()
        if not sent.editing:
            try:
                done = api.take_step(
                    can, number, step, sent.answers, seen=asked.whole(request.POST.get("version", ""), 0),
                    operation=request.POST.get(FIELD, "")[:40] or new_id(),
                )  # fmt: skip
            except UserError as e:
                problem = e
            else:
                if done.done or done.waits_for:
                    return after(can, number, step)
    context = {
        "c": found, "v": case_view(found, request.GET.get("told", "")), "programme": found.programme, "step": one,
        "fields": shown_form(one, sent, done),
        "problem": problem, "done": done,
    }  # fmt: skip
    wrong = problem is not None or done is not None
    code = status_of(problem) if problem is not None else 400 if wrong else 200
    return render(request, "console/cases/step.html", context, status=code)


def after(can: Reach, number: int, step: str = "", *, opened: bool = False) -> HttpResponse:
    """Where a step leads: to the case, or, of one that was just opened, to its next step if that is the same person's
    and the only one: a report that was begun and not sent in has not been made."""
    if opened:
        onward = case_view(api.case(can, number)).next_step
        if onward.mine and len(onward.steps) == 1:
            form = reverse("cases.step", args=(number, onward.steps[0]))
            return redirect(f"{form}?{urlencode({'told': step})}")
    where = reverse("cases.one", args=(number,))
    return redirect(f"{where}?{urlencode({'told': step})}" if step else where)


def shown_form(step: api.StepOffered, sent: Given, done: api.StepDone | None) -> SafeString | None:
    """The form of a step: what is known already, over it what was sent with its faults; None of a step without one."""
    if step.form is None:
        return None
    return fields(
        step.form, {**step.given, **sent.answers}, faults_of(sent, done), on=timezone.localdate(),
        queries=done.queries if done is not None else (), explanations=sent.explanations,
    )  # fmt: skip


def faults_of(sent: Given, done: api.StepDone | None) -> tuple[FieldFault, ...]:
    """What is wrong with files, and what else is wrong, one fault a field."""
    told = {(f.field, f.row) for f in sent.faults}
    return (*sent.faults, *(f for f in (done.faults if done is not None else ()) if (f.field, f.row) not in told))
