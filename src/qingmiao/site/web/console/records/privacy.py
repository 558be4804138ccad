"""Guardians' requests, consents, broken glass to be judged, files past their time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import SECURITY_ADMIN, WORKING
from qingmiao.site.apps.records import api
from qingmiao.site.web.console.history import told
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach

PAGE = 50
SAID = ("reason", "document", "result", "ground")
FORMS = {"copy.pdf": "application/pdf", "copy.json": "application/json", "answer.pdf": "application/pdf"}
"""What may be fetched of a request."""


def _number(request: HttpRequest, name: str) -> int:
    given = request.POST if request.method == "POST" else request.GET
    return asked.whole(given.get(name, ""), 0)


def _from(request: HttpRequest) -> int:
    """Before which row a page begins; what was posted is answered by the first page."""
    return 0 if request.method == "POST" else _number(request, "before")


def _paged(rows: tuple[Any, ...]) -> dict[str, Any]:
    """The rows of a page, and how the next one is asked for."""
    return {"rows": rows[:PAGE], "following": f"before={rows[PAGE - 1].id}" if len(rows) > PAGE else ""}


def _tried(request: HttpRequest, act: Callable[[], object]) -> tuple[bool, UserError | None]:
    """Whether what was posted is done, and else why not; neither where nothing was posted."""
    if request.method != "POST":
        return False, None
    try:
        act()
    except UserError as e:
        return False, e
    return True, None


@page(*WORKING, methods=("GET",))
def requests(request: HttpRequest) -> HttpResponse:
    """What guardians asked: under way, or finished."""
    done = request.GET.get("done") == "1"
    rows = api.privacy.requests(reach(request), done=done, before=_number(request, "before"), size=PAGE + 1)
    context = _paged(rows) | {"done": done}
    if context["following"] and done:
        context["following"] += "&done=1"
    return render(request, "console/records/requests.html", context)


@page(*WORKING)
def ask(request: HttpRequest, number: int) -> HttpResponse:
    """A guardian's request about this child is received."""
    can, problem, given = reach(request), None, request.POST
    if request.method == "POST":
        try:
            made = api.privacy.receive(
                can, number, kind=given.get("kind", "")[:10], applicant=given.get("applicant", ""),
                relation=given.get("relation", ""), asked=given.get("asked", ""),
            )  # fmt: skip
        except UserError as e:
            problem = e
        else:
            return redirect("records.request", made)
    context = {
        "child": api.privacy.consents(can, number), "kinds": api.privacy.request_kinds(),
        "kinships": api.choices(can).kinships, "posted": given, "problem": problem,
        "may": api.privacy.may_receive(can),
    }  # fmt: skip
    return render(request, "console/records/ask.html", context, status=status_of(problem))


@page(*WORKING)
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One request: the guardian is identified, it is decided, carried out."""
    can = reach(request)
    said = {name: request.POST.get(name, "")[:500] for name in SAID}
    step, version = request.POST.get("do", "")[:20], _number(request, "version")
    done, problem = _tried(request, lambda: api.privacy.step_of_request(can, number, step, version=version, said=said))
    if done:
        return redirect("records.request", number)
    found = api.privacy.request_page(can, number)
    context = {
        "r": found, "grounds": api.privacy.grounds(), "problem": problem, "version": found.version,
        "events": told(found.events, ("document", "result")), "posted": request.POST,
    }  # fmt: skip
    return render(request, "console/records/request.html", context, status=status_of(problem))


@page(*WORKING, methods=("GET",))
def fetched(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """The copy for the guardian, or the written answer; in the ledger."""
    can = reach(request)
    if form not in FORMS:
        raise api.AbsentError("没有这个文件")
    try:
        if form == "answer.pdf":
            data = api.privacy.answer_for(can, number)
        else:
            of, copy = api.privacy.made_for(can, number)
            pdf = form == "copy.pdf"
            data = api.privacy.pdf_of_copy(can, of, copy) if pdf else copy.model_dump_json(indent=1).encode()
    except UserError as e:
        found = api.privacy.request_page(can, number)
        context = {"r": found, "problem": e, "version": found.version, "grounds": api.privacy.grounds()}
        return render(request, "console/records/request.html", context, status=status_of(e))
    name = f"request-{number}-{timezone.localdate():%Y%m%d}.{form.rpartition('.')[2]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(data, content_type=FORMS[form], headers=headers)


@page(*WORKING, SECURITY_ADMIN)
def glass(request: HttpRequest) -> HttpResponse:
    """Files that were opened urgently, to be judged by somebody else."""
    can, given = reach(request), request.POST
    done, problem = _tried(
        request,
        lambda: api.privacy.judge(
            can, _number(request, "review"), justified=given.get("do") == "justify",
            version=_number(request, "version"), reason=given.get("reason", "")[:500],
        ),
    )  # fmt: skip
    if done:
        return redirect("records.glass")
    context = _paged(api.privacy.glass(can, before=_from(request), size=PAGE + 1)) | {"problem": problem}
    return render(request, "console/records/glass.html", context, status=status_of(problem))


@page(*WORKING)
def consents(request: HttpRequest, number: int) -> HttpResponse:
    """What this child's guardians agreed to; a consent is written down, or taken back."""
    can, given = reach(request), request.POST

    def act() -> None:
        if given.get("do") == "withdraw":
            api.privacy.end_consent(
                can, number, _number(request, "consent"), version=_number(request, "version"),
                reason=given.get("reason", "")[:500],
            )  # fmt: skip
        else:
            api.privacy.consent(
                can, number, purpose=given.get("purpose", "")[:80], guardian=_number(request, "guardian"),
                given_date=given.get("given_date", "")[:10], form=given.get("form", ""),
            )  # fmt: skip

    done, problem = _tried(request, act)
    if done:
        return redirect("records.consents", number)
    context = {"c": api.privacy.consents(can, number), "problem": problem, "posted": given}
    return render(request, "console/records/consents.html", context, status=status_of(problem))


@page(*WORKING)
def past(request: HttpRequest) -> HttpResponse:
    """How long files are kept, and those past their time: erased, or kept for a reason."""
    can, given = reach(request), request.POST
    done, problem = _tried(
        request,
        lambda: api.privacy.decide_erasure(
            can, _number(request, "file"), given.get("do", "")[:20], version=_number(request, "version"),
            reason=given.get("reason", "")[:500],
        ),
    )  # fmt: skip
    if done:
        return redirect("records.past")
    kept = api.privacy.past(can, before=_from(request), size=PAGE + 1)
    context = _paged(kept.rows) | {"times": kept.times, "problem": problem}
    return render(request, "console/records/past.html", context, status=status_of(problem))
