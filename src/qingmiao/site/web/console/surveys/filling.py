"""Filling in a questionnaire: by a link without login (no cookie is set or asked for), or by somebody who is logged in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.apps.surveys import api
from qingmiao.site.web.ui.access import open_page, page
from qingmiao.site.web.ui.forms import Given, read
from qingmiao.site.web.ui.forms import render as fields
from qingmiao.site.web.ui.language import CURRENT
from qingmiao.site.web.ui.requests import address
from qingmiao.site.web.ui.sessions import reach


def _sent(request: HttpRequest, given: Given) -> api.Sent:
    return api.Sent(given.answers, given.explanations, request.POST.get("_area", ""), given.faults)


def _context(
    request: HttpRequest, survey: Any, link: Any, given: Given, taken: api.TakenAnswer | None
) -> dict[str, Any]:
    """The page: a fresh one, or the refused one with everything that was typed."""
    ready = api.form_of(survey)
    said: dict[str, Any] = (
        {} if taken is None else {"faults": taken.faults, "filled": taken.filled, "queries": taken.queries}
    )
    shown = fields(
        ready, given.answers, on=timezone.localdate(), explanations=given.explanations, draft=f"survey-{survey.pk}", **said
    )  # fmt: skip
    areas = api.areas(survey, link)
    page_token = api.page_token(link.pk if link is not None else -survey.pk)
    return {
        "survey": survey, "form": ready.form, "fields": shown, "areas": areas if len(areas) > 1 else (),
        "area": request.POST.get("_area", ""), "page_token": page_token, "public": link is not None,
    }  # fmt: skip


@csrf_exempt
@open_page("GET", "POST")
def public(request: HttpRequest, token: str) -> HttpResponse:
    """A questionnaire behind a link or QR code. What is sent carries a number that this page got, good once, instead of a cookie."""
    kept = CURRENT.set("en" if request.GET.get("lang") == "en" else "zh")
    try:
        return _public(request, token)
    finally:
        CURRENT.reset(kept)


def _public(request: HttpRequest, token: str) -> HttpResponse:
    link = api.find(token)
    if link is None:
        raise Http404
    if why := api.refusal(link, now=timezone.now()):
        return _closed(request, link.survey.title, why, 410)
    given, taken = Given(), None
    if request.method == "POST":
        if not _own(request):
            return _closed(request, link.survey.title, "页面不是从这里打开的，请重新打开链接再填", 403)
        given = read(api.form_of(link.survey), request.POST, request.FILES)
        if not given.editing:
            try:
                page_token = request.POST.get("_page", "")
                taken = api.by_link(link, _sent(request, given), page=page_token, address=address(request))
            except api.TooManyError as e:
                return _closed(request, link.survey.title, str(e), 429)
            except UserError as e:
                return _closed(request, link.survey.title, str(e), 409)
            if taken.receipt:
                return _thanks(request, link.survey.title, taken.receipt)
    context = _context(request, link.survey, link, given, taken)
    return _quiet(render(request, "console/surveys/public.html", context, status=400 if taken else 200))


def _own(request: HttpRequest) -> bool:
    """Whether a page of ours sent this, as far as the browser says (older ones say nothing)."""
    origin = request.headers.get("Origin", "null")
    return origin == "null" or urlsplit(origin).netloc == request.get_host()


def _quiet(response: HttpResponse) -> HttpResponse:
    """Never kept by caches, never followed from elsewhere, never found by search."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _closed(request: HttpRequest, title: str, why: str, status: int) -> HttpResponse:
    return _quiet(render(request, "console/surveys/said.html", {"title": title, "why": why}, status=status))


def _thanks(request: HttpRequest, title: str, receipt: str) -> HttpResponse:
    return _quiet(render(request, "console/surveys/said.html", {"title": title, "receipt": receipt}))


@page(*WORKING)
def fill(request: HttpRequest, number: int) -> HttpResponse:
    """A questionnaire answered by somebody who is logged in."""
    can = reach(request)
    survey = api.to_fill(can, number)
    given, taken, problem = Given(), None, ""
    decision = api.running(survey, timezone.now())
    if not decision:
        return render(request, "console/surveys/fill.html", {"survey": survey, "problem": decision.reason}, status=409)
    if request.method == "POST":
        given = read(api.form_of(survey), request.POST, request.FILES)
        if not given.editing:
            try:
                taken = api.by_person(can, survey, _sent(request, given), page=request.POST.get("_page", ""))
            except UserError as e:
                problem = str(e)
            else:
                if taken.receipt:
                    return render(request, "console/surveys/fill.html", {"survey": survey, "receipt": taken.receipt})
    context = _context(request, survey, None, given, taken) | {"problem": problem}
    return render(request, "console/surveys/fill.html", context, status=400 if problem or taken else 200)
