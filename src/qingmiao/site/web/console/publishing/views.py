"""The reports of the pack: start, follow, edit the prose, submit, approve by a second person, download."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from qingmiao.kernel.errors import UserError
from qingmiao.report.prose import Prose
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.api import COUNTY_WIDE, WORKING
from qingmiao.site.apps.publishing import api
from qingmiao.site.web.console.history import told
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.filters import Filters, Select
from qingmiao.site.web.ui.fragments import part
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING)
def reports(request: HttpRequest) -> HttpResponse:
    """All editions that the person may see; the office and statistics start a new one."""
    can = reach(request)
    problem, year = "", whole(request.POST.get("year", ""), 0)
    shown = years.chosen(request)
    year = year or shown
    layout, field = request.POST.get("layout", api.PRESELECTED), request.POST.get("field", "")
    language = request.POST.get("language", api.LANGUAGE)
    if request.method == "POST":
        try:
            made = api.start(can, year=year, layout=layout, field=field, language=language)
        except UserError as e:
            problem = str(e)
        else:
            return redirect("publishing.report", number=made.pk)
    states = tuple((s.value, t(s.label, s.label_en)) for s in api.EditionState)
    filters = Filters(request, fields=True, more=[Select("state", t("状态", "State"), states)])
    try:
        rows, following = api.listed(can, year=shown, narrowed=filters.narrowed, after=request.GET.get("after", ""))
    except ValueError:
        raise Http404 from None
    context = {
        "rows": rows, "following": following, "may_exchange": can.holds(COUNTY_WIDE, over=None), "filters": filters,
        "shown": shown, "all_years": years.around(shown),
        "may_write": api.may_write(can), "years": api.years(), "offered": api.offered(),
        "year": year, "layout": layout, "field": field, "language": language, "problem": problem,
    }  # fmt: skip
    return render(request, "console/publishing/reports.html", context, status=400 if problem else 200)


@page(*WORKING, methods=("GET",))
def report(request: HttpRequest, number: int) -> HttpResponse:
    """One edition: where it stands, its files, what can be done."""
    return _show(request, number)


def _show(request: HttpRequest, number: int, *, problem: str = "", status: int = 200) -> HttpResponse:
    can = reach(request)
    edition = api.shown(can, number)
    context = {
        "e": edition, "states": list(api.EditionState), "may_write": bool(api.may_write(can)), "problem": problem,
        "moves": edition.steps, "move_url": reverse("publishing.move", args=[number]),
        "history": told(audit.of_object("edition", number)) if can.holds(COUNTY_WIDE, over=None) else (),
    }  # fmt: skip
    return render(request, "console/publishing/report.html", context, status=status)


@page(*WORKING, methods=("GET",))
def progress(request: HttpRequest, number: int) -> HttpResponse:
    """The progress bar, asked for again until the job is done."""
    edition = api.shown(reach(request), number)
    context = {"e": edition, "busy": edition.busy}
    response = part(request, "console/publishing/progress.html", context, title=t("生成进度", "Progress"))
    if not edition.busy:
        response["HX-Refresh"] = "true"
    return response


@page(*api.WRITERS)
def prose(request: HttpRequest, number: int) -> HttpResponse:
    """The paragraphs; one is rewritten at a time, and refused when a number would not resolve."""
    can = reach(request)
    edition = api.shown(can, number)
    problem, typed, index = "", "", -1
    if request.method == "POST":
        index = whole(request.POST.get("index", ""), -1)
        typed = request.POST.get("text", "")
        try:
            api.edit(can, edition, version=whole(request.POST.get("version", ""), 0), index=index, text=typed)
        except UserError as e:
            problem = str(e)
        else:
            return redirect(f"{request.path}#p{index}")
        edition = api.shown(can, number)
    paragraphs: tuple[Prose, ...] = ()
    try:
        paragraphs = api.paragraphs(edition)
    except UserError as e:  # the pack has changed since
        problem, index = str(e), -1
    context = {
        "e": edition, "paragraphs": paragraphs, "problem": problem, "typed": typed, "index": index,
    }  # fmt: skip
    return render(request, "console/publishing/prose.html", context, status=400 if problem else 200)


@page(*api.WRITERS, methods=("POST",), back="publishing.report")
def move(request: HttpRequest, number: int) -> HttpResponse:
    """Submit, send back, approve, try again."""
    can = reach(request)
    edition = api.shown(can, number)
    step, reason = request.POST.get("do", ""), request.POST.get("reason", "")
    try:
        cited = request.POST.get("marks", "") != "none"
        api.move(can, edition, step, version=whole(request.POST.get("version", ""), 0), reason=reason, cited=cited)
    except UserError as e:
        return _show(request, number, problem=str(e), status=status_of(e))
    return redirect("publishing.report", number=number)


@page(*WORKING, methods=("GET",))
def download(request: HttpRequest, number: int, suffix: str) -> HttpResponse:
    """A file of the edition, if it is still what was written."""
    path, name = api.download(reach(request), number, suffix)
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)  # type: ignore[return-value]
