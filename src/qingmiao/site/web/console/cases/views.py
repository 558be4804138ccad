"""Cases: the queues, and the page of one with its next step at the top."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.web.console.cases.documents import is_picture
from qingmiao.site.web.console.cases.family import family_tree
from qingmiao.site.web.console.cases.narrowing import narrowed, programme_ways
from qingmiao.site.web.console.cases.presenting import case_view, queue_rows
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.once import FIELD, new_id, shown_at
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING, methods=("GET",))
def cases(request: HttpRequest) -> HttpResponse:
    """The cases within reach by queue, danger first, then what ends first."""
    can = reach(request)
    tallies = api.counts(can)
    queue = next((q for q in api.QUEUES if q == request.GET.get("queue")), None) or _first(tallies)
    filters, asked_for = narrowed(request, can, queue)
    try:
        found = api.list_cases(can, asked_for, after=request.GET.get("after", ""))
    except ValueError:
        raise Http404 from None
    may_open, may_overview = bool(api.offered(can)), api.may_overview(can)
    busy = request.GET or any(tally.open for tally in tallies.values()) or may_open
    if not busy and may_overview:
        return redirect("cases.overview")
    tabs = [(name, label, tallies[name]) for name, label in api.QUEUES.items() if tallies[name].open or name == queue]
    context = {
        "rows": queue_rows(found.rows), "filters": filters, "following": found.after, "tabs": tabs, "queue": queue,
        "tally": tallies[queue], "may_open": may_open,
        "may_overview": may_overview, "works": can.has(api.working_roles()), "todos": api.to_dos_of(can),
        "rounds": api.rounds(can), "ways": programme_ways(can, asked_for.programme),
    }  # fmt: skip
    return render(request, "console/cases/list.html", context)


def _first(tallies: dict[api.Queue, api.QueueCounts]) -> api.Queue:
    """The queue that is shown first: one's own work, else the first in which something stands."""
    return next((name for name, found in tallies.items() if found.open), next(iter(tallies)))


@page(*WORKING)
def case(request: HttpRequest, number: int) -> HttpResponse:
    """One case: what has to be done next, its clocks, what was filled in, who has to do with it, what has happened."""
    can, problem, as_of = reach(request), None, None
    revealed: tuple[api.CaseFieldShown, ...] = ()
    try:
        as_of = _as_of(request)
    except UserError as e:
        problem = e
    if request.method == "POST":
        try:
            if "group" in request.POST:
                group, purpose = request.POST.get("group", "")[:60], request.POST.get("purpose", "")
                revealed = api.reveal(can, number, group, purpose=purpose)
            else:
                _do(request, number)
                return redirect("cases.one", number)
        except UserError as e:
            problem = e
    found = api.case(can, number, as_of=as_of)
    context: dict[str, Any] = {
        "c": found, "v": case_view(found, request.GET.get("told", "")), "problem": problem, "revealed": revealed,
    }  # fmt: skip
    if found.sight == "full" and found.as_of is None:
        files = [(d, is_picture(d)) for d in api.documents(can, number)]
        todos, notes = api.to_dos(can, number), api.notes(can, number)
        family = api.family(can, found)
        context |= {"likely": api.likely_children(can, found), "alike": api.alike(can, found)}
        context["family"] = family_tree(family) if family is not None else None
        context["may_open"] = family is not None and bool(family.siblings) and bool(api.offered(can))
        context |= {"beside": True, "documents": files, "todos": todos, "notes": notes}
    answer = render(request, "console/cases/one.html", context, status=status_of(problem))
    return shown_at(answer, reverse("cases.one", args=(number,))) if revealed else answer


def _as_of(request: HttpRequest) -> datetime | None:
    """The end of the day that is asked for; None for now."""
    if not request.GET.get("as_of"):
        return None
    day = asked.day(request.GET["as_of"], "日期")
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def _do(request: HttpRequest, number: int) -> None:
    given, can, do = request.POST, reach(request), request.POST.get("do", "")
    seen = asked.whole(given.get("version", ""), 0)
    operation = given.get(FIELD, "")[:40] or new_id()
    if "note" in given:
        api.add_note(can, number, given["note"])
    elif isinstance(upload := request.FILES.get("document"), UploadedFile):
        api.add_document(can, number, upload, label=given.get("label", ""))
    elif "todo" in given:
        api.to_do_done(can, number, asked.whole(given["todo"], 0))
    elif do == "confirm":
        done = api.confirm_step(can, number, seen=seen)
        if not done.done:
            raise api.NotAllowedError(done.reason)
    elif do == "refuse":
        api.refuse_proposal(can, number, seen=seen)
    elif do == "link":
        api.link_child(can, number, asked.whole(given.get("child", ""), 0), seen=seen)
    else:
        referral = asked.whole(given.get("referral", ""), 0)
        done = api.answer_referral(can, number, referral, do[:40], seen=seen, operation=operation)
        if not done.done:
            raise api.NotAllowedError(done.reason)
