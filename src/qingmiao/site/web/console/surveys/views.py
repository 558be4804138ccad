"""Surveys: the list, a new one, how far it is, its links, its answers."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.surveys import api
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.files import given_out
from qingmiao.site.web.ui.filters import Filters, units_of
from qingmiao.site.web.ui.given import day, whole
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach

PAGE = 100


def _whole(text: str, what: str) -> int:
    plain = text.strip() or "0"
    if (found := whole(plain, None)) is None:
        raise UserError(f"{what}：“{plain[:20]}”不是整数")
    return found


@page(*WORKING)
def surveys(request: HttpRequest) -> HttpResponse:
    """The surveys within reach."""
    year, can = years.chosen(request), reach(request)
    filters = Filters(request, units=units_of(can.unit_ids))
    try:
        rows, following = api.listed(can, year=year, narrowed=filters.narrowed, after=request.GET.get("after", ""))
    except ValueError:
        raise Http404 from None
    context = {
        "surveys": rows,
        "following": following,
        "filters": filters,
        "may_make": bool(api.offered(reach(request))),
        "year": year,
        "years": years.around(year),
    }
    return render(request, "console/surveys/list.html", context)


@page(*WORKING)
def new(request: HttpRequest) -> HttpResponse:
    """A new survey with one of the questionnaires that this person may run."""
    can = reach(request)
    offered = api.offered(can)
    if not offered:
        raise Http404
    problem: UserError | None = None
    if request.method == "POST":
        given = request.POST
        try:
            number = api.make(
                can, form=given.get("form", ""), title=given.get("title", ""), by_link=given.get("way") == "link",
                from_date=day(given.get("from_date", ""), "开始日期"), to_date=day(given.get("to_date", ""), "结束日期"),
                area=given.get("area", ""),
            )  # fmt: skip
        except UserError as e:
            problem = e
        else:
            return redirect("surveys.one", number=number)
    areas = api.where(can)
    today = timezone.localdate().isoformat()
    context = {"offered": offered, "areas": areas, "posted": request.POST, "problem": problem, "today": today}
    return render(request, "console/surveys/new.html", context, status=status_of(problem))


@page(*WORKING)
def survey(request: HttpRequest, number: int) -> HttpResponse:
    """How far a survey is: response by area, and what may be done with it."""
    can, problem = reach(request), None
    found = api.get(can, number)
    if request.method == "POST":
        try:
            _do(request, number)
        except UserError as e:
            problem = e
            found = api.get(can, number)
        else:
            return redirect("surveys.one", number=number)
    responses = api.responses(can, number)
    drawn = sum(r.drawn for r in responses)
    context = {
        "s": found, "responses": responses, "problem": problem, "drawn": drawn,
        "rate": 100 * sum(r.answered for r in responses) / drawn if drawn else None,
        "steps": [x for x in api.steps(can, number) if x.name not in ("count", "link")],
        "may_run": api.may_run(can, number),
    }  # fmt: skip
    return render(request, "console/surveys/one.html", context, status=status_of(problem))


def _do(request: HttpRequest, number: int) -> None:
    given, can = request.POST, reach(request)
    version = _whole(given.get("version", ""), "版本")
    if given.get("do") != "count":
        api.move(can, number, given.get("do", ""), version=version, reason=given.get("reason", ""))
        return
    names = ("frame", "drawn", "refused", "unreached")
    rows = []
    for code in given.getlist("area"):
        frame, drawn, refused, unreached = (_whole(given.get(f"{n}.{code}", ""), code) for n in names)
        rows.append((code, frame, drawn, refused, unreached))
    api.count(can, number, version=version, rows=rows)


@page(*WORKING)
def links(request: HttpRequest, number: int) -> HttpResponse:
    """Make links with their QR codes; they are shown this once."""
    can, problem, made = reach(request), None, []
    if not api.may_run(can, number):
        raise Http404
    found = api.get(can, number)
    if request.method == "POST":
        given = request.POST
        try:
            many = api.make_links(
                can, number, version=_whole(given.get("version", ""), "版本"),
                count=_whole(given.get("count", "1"), "份数"),
                single=given.get("single") == "1", area=given.get("area", ""), until=day(given.get("until", ""), "有效期"),
            )  # fmt: skip
            made = [(link, _address(request, link.token)) for link in many]
        except UserError as e:
            problem = e
        found = api.get(can, number)
    areas = [(r.area, r.name) for r in api.responses(can, number)]
    context = {
        "s": found, "made": [(link, address, api.qr(address)) for link, address in made], "areas": areas,
        "problem": problem,
        "names": dict(areas),
    }  # fmt: skip
    return render(request, "console/surveys/links.html", context, status=status_of(problem))


def _address(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("surveys.public", kwargs={"token": token}))


@page(*WORKING, methods=("GET",))
def answers(request: HttpRequest, number: int) -> HttpResponse:
    """The answers that came in, for who runs the survey."""
    before = request.GET.get("before", "0")
    rows = api.some_answers(reach(request), number, before=whole(before, 0))
    following = whole(before, 0) + PAGE if len(rows) == PAGE else 0
    context = {"s": api.get(reach(request), number), "rows": rows, "following": following}
    return render(request, "console/surveys/answers.html", context)


@page(*WORKING)
def answer(request: HttpRequest, number: int, receipt: str) -> HttpResponse:
    """One answer, by the version of the form that it was given to; it may be withdrawn with a reason."""
    can, problem = reach(request), None
    found = api.one_answer(can, number, receipt)
    if request.method == "POST":
        try:
            version = _whole(request.POST.get("version", ""), "版本")
            api.withdraw(can, number, receipt, version=version, reason=request.POST.get("reason", ""))
        except UserError as e:
            problem = e
        else:
            return redirect("surveys.answer", number=number, receipt=receipt)
    context = {"s": api.get(can, number), "answer": found, "problem": problem}
    return render(request, "console/surveys/answer.html", context, status=status_of(problem))


@page(*WORKING, methods=("GET",))
def file(request: HttpRequest, number: int, receipt: str, key: str) -> HttpResponse:
    """A photograph, signature or file of an answer, for who runs the survey."""
    return given_out(request, api.file_of(reach(request), number, receipt, key))


@page(*WORKING, methods=("GET",))
def export(request: HttpRequest, number: int) -> HttpResponse:
    """The answers as CSV."""
    data = api.export(reach(request), number)
    name = f"attachment; filename=survey-{number}.csv"
    return HttpResponse(data, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})
