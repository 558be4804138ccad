"""Filling in a questionnaire, and correcting it: by a link without login (no cookie is set or asked for), or by
somebody who is logged in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.surveys import api
from qingmiao.site.web.ui.access import open_page, page
from qingmiao.site.web.ui.forms import Given, read
from qingmiao.site.web.ui.forms import render as fields
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.language import CURRENT
from qingmiao.site.web.ui.requests import address
from qingmiao.site.web.ui.sessions import reach


def _sent(request: HttpRequest, given: Given) -> api.Sent:
    return api.Sent(given.answers, given.explanations, request.POST.get("_area", ""), given.faults)


def _context(
    asked: api.Asked, given: Given, taken: api.TakenAnswer | None, area: str, held: api.HeldAnswer | None = None
) -> dict[str, Any]:
    """The page: a fresh one, the refused one with everything that was typed, or an answer (`held`) to correct."""
    said: dict[str, Any] = (
        {} if taken is None else {"faults": taken.faults, "filled": taken.filled, "queries": taken.queries}
    )
    shown = fields(
        asked.form, given.answers, on=timezone.localdate() if held is None else held.on,
        explanations=given.explanations, draft=f"survey-{asked.survey}" if held is None else "", **said,
    )  # fmt: skip
    areas = asked.areas if len(asked.areas) > 1 else ()
    return {"survey": asked, "form": asked.form.form, "fields": shown, "areas": areas, "area": area, "held": held}


def _kept(held: api.HeldAnswer) -> Given:
    """What an answer holds, as if it had just been typed."""
    return Given(dict(held.answers), dict(held.explanations))


def _version(request: HttpRequest) -> int:
    """The version that a page that is sent corrects; 0 where it was only asked for."""
    return whole(request.POST.get("_version", ""), 0)


def _opened(
    view: Callable[[HttpRequest, str, api.Asked], HttpResponse], request: HttpRequest, token: str
) -> HttpResponse:
    """A page behind a link: in the language that its address asks for, sent by pages of ours; refusals in words."""
    kept = CURRENT.set("en" if request.GET.get("lang") == "en" else "zh")
    try:
        asked = api.asked_by_link(token)
        if asked is None:
            raise Http404
        if request.method == "POST" and not _own(request):
            return _closed(request, asked.title, "页面不是从这里打开的，请重新打开链接再填", 403)
        try:
            return view(request, token, asked)
        except api.TooManyError as e:
            return _closed(request, asked.title, str(e), 429)
        except UserError as e:
            return _closed(request, asked.title, str(e), 409)
    finally:
        CURRENT.reset(kept)


@csrf_exempt
@open_page("GET", "POST")
def public(request: HttpRequest, token: str) -> HttpResponse:
    """A questionnaire behind a link or QR code. What is sent carries a number that this page got, good once, instead of
    a cookie."""
    return _opened(_fill, request, token)


def _fill(request: HttpRequest, token: str, asked: api.Asked) -> HttpResponse:
    if asked.refusal:
        return _closed(request, asked.title, asked.refusal, 410, correct=not asked.over)
    given, taken = Given(), None
    if request.method == "POST":
        given = read(asked.form, request.POST, request.FILES)
        if not given.editing:
            sent, number = _sent(request, given), request.POST.get("_page", "")
            taken = api.by_link(token, sent, page=number, address=address(request))
            if taken.receipt:
                return _thanks(request, asked.title, taken.receipt)
    context = _context(asked, given, taken, request.POST.get("_area", "")) | {"public": True}
    return _quiet(render(request, "console/surveys/public.html", context, status=400 if taken else 200))


@csrf_exempt
@open_page("GET", "POST")
def correct(request: HttpRequest, token: str) -> HttpResponse:
    """An answer behind a link, for who holds its receipt (posted, never in an address): seen, and put right."""
    return _opened(_correct, request, token)


def _correct(request: HttpRequest, token: str, asked: api.Asked) -> HttpResponse:
    receipt = request.POST.get("_receipt", "")
    if asked.over:
        return _closed(request, asked.title, asked.over, 410)
    if not receipt.strip():
        return _quiet(render(request, "console/surveys/receipt.html", {"survey": asked}))
    try:
        held = api.held_by_link(token, receipt, address=address(request))
    except api.TooManyError:
        raise
    except UserError as e:
        context = {"survey": asked, "problem": e, "receipt": receipt}
        return _quiet(render(request, "console/surveys/receipt.html", context, status=400))
    given, taken, area = _kept(held), None, held.area
    if version := _version(request):
        given, area = read(asked.form, request.POST, request.FILES), request.POST.get("_area", "")
        if not given.editing:
            sent, where = _sent(request, given), address(request)
            taken = api.correct_by_link(token, held.receipt, sent, version=version, address=where)
            if taken.receipt:
                return _thanks(request, asked.title, taken.receipt, corrected=True)
    context = _context(asked, given, taken, area, held) | {"public": True}
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


def _closed(request: HttpRequest, title: str, why: str, status: int, *, correct: bool = False) -> HttpResponse:
    context = {"title": title, "why": why, "correct": correct}
    return _quiet(render(request, "console/surveys/said.html", context, status=status))


def _thanks(request: HttpRequest, title: str, receipt: str, *, corrected: bool = False) -> HttpResponse:
    context = {"title": title, "receipt": receipt, "corrected": corrected, "correct": True}
    return _quiet(render(request, "console/surveys/said.html", context))


@page(*WORKING)
def fill(request: HttpRequest, number: int) -> HttpResponse:
    """A questionnaire answered by somebody who is logged in; `?receipt=` names one of their answers to correct."""
    can = reach(request)
    asked, receipt = api.asked_of(can, number), request.GET.get("receipt", "")
    given, taken, problem, area = Given(), None, "", request.POST.get("_area", "")
    if asked.refusal:
        context = {"survey": asked, "problem": asked.refusal}
        return render(request, "console/surveys/fill.html", context, status=409)
    held = api.held_by_person(can, number, receipt) if receipt else None
    if held is not None and request.method != "POST":
        given, area = _kept(held), held.area
    if request.method == "POST":
        given = read(asked.form, request.POST, request.FILES)
        if not given.editing:
            sent = _sent(request, given)
            try:
                if held is None:
                    taken = api.by_person(can, number, sent, page=request.POST.get("_page", ""))
                else:
                    taken = api.correct_by_person(can, number, held.receipt, sent, version=_version(request))
            except UserError as e:
                problem = str(e)
            else:
                if taken.receipt:
                    context = {"survey": asked, "receipt": taken.receipt, "corrected": held is not None}
                    return render(request, "console/surveys/fill.html", context)
    own = api.own_receipts(can, number)
    context = _context(asked, given, taken, area, held) | {"problem": problem, "own": own}
    return render(request, "console/surveys/fill.html", context, status=400 if problem or taken else 200)
