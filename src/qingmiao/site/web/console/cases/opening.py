"""A new case: first which programme, then the form of its first step."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.web.console.cases.stepping import after, shown_form
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.forms import Given, read
from qingmiao.site.web.ui.once import FIELD, new_id
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING, methods=("GET",))
def choose(request: HttpRequest) -> HttpResponse:
    """What this person may begin, in the words of what has happened."""
    offered = api.offered(reach(request))
    child = asked.whole(request.GET.get("child", ""), None)
    return render(request, "console/cases/choose.html", {"offered": offered, "child": child})


@page(*WORKING)
def begin(request: HttpRequest, programme: str) -> HttpResponse:
    """The form of the step that opens a case."""
    can, problem = reach(request), None
    child = asked.whole(request.GET.get("child", ""), None)
    referral = _referral(request.GET.get("referral", ""))
    first = api.opening(can, programme, request.GET.get("step", "")[:60], child=child, referral=referral)
    sent, done = Given(), None
    if request.method == "POST":
        sent = read(first.form, request.POST, request.FILES) if first.form is not None else Given()
        if not sent.editing:
            try:
                done = api.open_case(
                    can, programme, sent.answers, step=first.name, child=child, referral=referral,
                    operation=request.POST.get(FIELD, "")[:40] or new_id(),
                )  # fmt: skip
            except UserError as e:
                problem = e
            else:
                if done.done:
                    return after(can, done.number, first.name, opened=True)
    offered = next(o for o in api.offered(can) if o.programme.id == programme)
    context = {
        "programme": offered.programme, "step": first, "fields": shown_form(first, sent, done),
        "problem": problem, "done": done,
        "child": child,
    }  # fmt: skip
    wrong = problem is not None or (done is not None and not done.done)
    code = status_of(problem) if problem is not None else 400 if wrong else 200
    return render(request, "console/cases/step.html", context, status=code)


def _referral(text: str) -> tuple[int, int] | None:
    """The case and number of the referral for which a case is opened; None for none."""
    case, _, number = text.partition("-")
    return (asked.whole(case, 0), asked.whole(number, 0)) if text else None
