"""The annual report: start, follow, edit the prose, submit, approve by a second person, download."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from qingmiao.kernel.errors import UserError
from qingmiao.report.write import FORMATS
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.roles import COUNTY_WIDE, WORKING
from qingmiao.site.apps.publishing import api, policies
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.publishing.permissions import may_see, may_write
from qingmiao.site.apps.publishing.workflow import FLOW, WRITERS, State
from qingmiao.site.web.console.history import told
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import person, reach

WORDS = {f"publishing.{m.name}": (m.label, m.label_en) for m in FLOW.steps} | {
    "publishing.start": ("发起", "started"),
    "publishing.edit": ("改写", "edited"),
    "publishing.download": ("下载", "downloaded"),
}


def _edition(request: HttpRequest, number: int) -> Edition:
    found = Edition.objects.select_related("run", "started_by", "submitted_by", "approved_by").filter(pk=number).first()
    if found is None or not may_see(reach(request), found.state):
        raise Http404
    return found


@page(*WORKING)
def reports(request: HttpRequest) -> HttpResponse:
    """All editions that the person may see; the office and statistics start a new one."""
    can = reach(request)
    problem = ""
    if request.method == "POST":
        if not may_write(can):
            raise Http404
        year = request.POST.get("year", "")
        try:
            made = api.start(person(request), year=int(year) if year.isdigit() else 0)
        except UserError as e:
            problem = str(e)
        else:
            return redirect("publishing.report", number=made.pk)
    found = Edition.objects.select_related("started_by", "approved_by").order_by("-year", "-number")[:200]
    rows = [(e, State(e.state)) for e in found if may_see(can, e.state)]
    context = {"rows": rows, "may_write": may_write(can), "years": api.years(), "problem": problem}
    return render(request, "console/publishing/reports.html", context, status=400 if problem else 200)


@page(*WORKING, methods=("GET",))
def report(request: HttpRequest, number: int) -> HttpResponse:
    """One edition: where it stands, its files, what can be done."""
    return _show(request, _edition(request, number))


def _show(request: HttpRequest, edition: Edition, *, problem: str = "", status: int = 200) -> HttpResponse:
    can = reach(request)
    writes = bool(may_write(can))
    approval = policies.can_approve(edition, person(request).username)
    context = {
        "e": edition, "state": State(edition.state), "states": list(State), "may_write": writes, "approval": approval, "problem": problem,
        "moves": [s for s in access.steps(can, edition) if s.name != "edit" and (s.name != "approve" or approval)],
        "move_url": reverse("publishing.move", args=[edition.pk]),
        "files": [(f, edition.files[f]) for f in FORMATS if f in edition.files], "changed": len(edition.edits),
        "editors": list(Person.objects.filter(pk__in=edition.editors).order_by("pk").values_list("name", flat=True)) if edition.editors else [],
        "history": told(audit.of_object("edition", edition.pk), WORDS) if can.has(COUNTY_WIDE) else (),
    }  # fmt: skip
    return render(request, "console/publishing/report.html", context, status=status)


@page(*WORKING, methods=("GET",))
def progress(request: HttpRequest, number: int) -> HttpResponse:
    """The progress bar, asked for again until the job is done."""
    edition = _edition(request, number)
    busy = edition.state in (State.MAKING, State.PREPARING)
    response = render(request, "console/publishing/progress.html", {"e": edition, "busy": busy})
    if not busy:
        response["HX-Refresh"] = "true"
    return response


@page(*WRITERS)
def prose(request: HttpRequest, number: int) -> HttpResponse:
    """The paragraphs; one is rewritten at a time, and refused when a number would not resolve."""
    edition = _edition(request, number)
    problem, typed, index = "", "", -1
    if request.method == "POST":
        index = int(request.POST.get("index", "-1")) if request.POST.get("index", "").isdigit() else -1
        typed = request.POST.get("text", "")
        version = int(request.POST.get("version", "0")) if request.POST.get("version", "").isdigit() else 0
        try:
            api.edit(person(request), edition, version=version, index=index, text=typed)
        except UserError as e:
            problem = str(e)
        else:
            return redirect(f"{request.path}#p{index}")
        edition.refresh_from_db()
    context = {
        "e": edition,
        "paragraphs": api.paragraphs(edition),
        "can_edit": policies.can_edit(edition),
        "problem": problem,
        "typed": typed,
        "index": index,
    }
    return render(request, "console/publishing/prose.html", context, status=400 if problem else 200)


@page(*WRITERS, methods=("POST",))
def move(request: HttpRequest, number: int) -> HttpResponse:
    """Submit, send back, approve, try again."""
    edition = _edition(request, number)
    version = int(request.POST.get("version", "0")) if request.POST.get("version", "").isdigit() else 0
    try:
        step, reason = request.POST.get("do", ""), request.POST.get("reason", "")
        api.move(reach(request), edition, step, version=version, reason=reason)
    except access.ConflictError as e:
        edition.refresh_from_db()
        return _show(request, edition, problem=str(e), status=409)
    except UserError as e:
        return _show(request, edition, problem=str(e), status=400)
    return redirect("publishing.report", number=number)


@page(*WORKING, methods=("GET",))
def download(request: HttpRequest, number: int, suffix: str) -> HttpResponse:
    """A file of the edition, if it is still what was written."""
    edition = _edition(request, number)
    path = api.file(edition, suffix)
    if path is None:
        raise Http404
    audit.seen(
        person(request),
        "publishing.download",
        object_type="edition",
        object_id=edition.pk,
        detail={"format": suffix},
    )
    name = f"{edition.year}年监测报告-第{edition.number}版-{State(edition.state).label}.{suffix}"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)  # type: ignore[return-value]
