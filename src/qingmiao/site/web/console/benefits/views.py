"""Runs of benefits: the list with a new one, one run with what may be done now, its file for the bank."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.benefits import api
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING)
def runs(request: HttpRequest) -> HttpResponse:
    """The runs, and the form that makes one."""
    can, problem = reach(request), None
    offered, rows = api.offered(can), api.runs(can)
    if not offered and not rows:
        raise Http404
    if request.method == "POST":
        benefit, _, unit = request.POST.get("benefit", "").partition("@")
        try:
            number = api.make(can, benefit, unit, _month(request.POST.get("month", "")))
        except UserError as e:
            problem = e
        else:
            return redirect("benefits.one", number=number)
    context = {
        "rows": rows, "offered": offered, "problem": problem, "posted": request.POST,
        "month": request.POST.get("month") or f"{timezone.localdate():%Y-%m}",
    }  # fmt: skip
    return render(request, "console/benefits/list.html", context, status=status_of(problem))


def _month(text: str) -> date:
    return asked.day(f"{text}-01", "月份")


@page(*WORKING)
def run(request: HttpRequest, number: int) -> HttpResponse:
    """One run: who changed, who is held, what is paid, what came back; and what may be done now."""
    can, problem = reach(request), None
    api.shown(can, number)
    if request.method == "POST":
        try:
            _do(request, number)
        except UserError as e:
            problem = e
        else:
            return redirect("benefits.one", number=number)
    shown = api.shown(can, number)
    context = {
        "r": shown, "problem": problem, "faults": getattr(problem, "faults", ())[:20], "posted": request.POST,
        "names": {s.name for s in shown.steps},
    }  # fmt: skip
    return render(request, "console/benefits/one.html", context, status=status_of(problem))


def _do(request: HttpRequest, number: int) -> None:
    given, can, step = request.POST, reach(request), request.POST.get("do", "")
    version = asked.whole(given.get("version", ""), 0)
    if step == "book":
        upload = request.FILES.get("file")
        if upload is None:
            raise UserError("请选择银行的回盘文件")
        if (upload.size or 0) > api.MAX_BYTES:
            raise UserError(f"文件超过 {api.MAX_BYTES >> 20} MB")
        layout, name = given.get("layout", ""), upload.name or ""
        api.book(can, number, layout, name=name, data=upload.read(), version=version)
    elif step == "settle":
        claim = asked.whole(given.get("claim", ""), 0)
        api.settle(can, number, claim, given.get("result", ""), version=version)
    else:
        api.move(can, number, step, version=version, reason=given.get("reason", ""))


@page(*WORKING, methods=("GET",))
def bank_file(request: HttpRequest, number: int, layout: str) -> HttpResponse:
    """The payment file of a run that was released."""
    name, data = api.bank_file(reach(request), number, layout)
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
