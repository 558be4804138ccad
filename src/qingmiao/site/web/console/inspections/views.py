"""Inspections: the list, a new one, one visit with its findings and steps, its printed record, its photographs."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.inspections import api
from qingmiao.site.web.console.history import told
from qingmiao.site.web.console.inspections.handing import TYPES, handed
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.files import given_out
from qingmiao.site.web.ui.filters import Filters, Select
from qingmiao.site.web.ui.language import said, t
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach
from qingmiao.site.web.ui.ways import ways

PAGE = 100


@page(*WORKING, methods=("GET",))
def inspections(request: HttpRequest) -> HttpResponse:
    """The visits within reach, narrowed to a unit, a state, a year, a checklist."""
    can, year = reach(request), years.chosen(request)
    checklists = tuple((c.id, said(c.label)) for c in api.checklists().values())
    states = tuple((s.name, t(s.label, s.label_en)) for s in api.flow().states)
    more = (
        Select("checklist", t("检查单", "Checklist"), checklists),
        Select("state", t("状态", "State"), states),
    )
    filters = Filters(request, units=api.units(can), unit_label=t("检查单位", "Unit"), more=more)
    try:
        rows, following = api.listed(
            can, year=year, narrowed=filters.narrowed, after=request.GET.get("after", ""), size=PAGE
        )
    except ValueError:
        raise Http404 from None
    context = {
        "rows": rows, "filters": filters, "year": year, "years": years.around(year), "may_plan": api.offered(can),
        "following": following, "ways": ways(
            Label(zh="按检查单", en="By checklist"), ((w.checklist, w.label, w.open) for w in api.by_checklist(can)),
            query="?checklist=", chosen=filters.narrowed.more.get("checklist", ""),
        ),
    }  # fmt: skip
    return render(request, "console/inspections/list.html", context)


@page(*WORKING)
def new(request: HttpRequest) -> HttpResponse:
    """Plan a visit: first by which checklist, then where, when, who."""
    can, problem = reach(request), None
    if not api.offered(can):
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    if not given.get("checklist"):
        return render(request, "console/inspections/choose.html", {"offered": api.offered(can)})
    if request.method == "POST":
        try:
            number = api.plan(
                can, checklist=given["checklist"], place=given.get("place", ""), place_kind=given.get("place_kind", ""),
                area=given.get("area", ""), responsible=given.get("responsible", ""),
                on=asked.day(given.get("on", ""), "检查日期"), inspectors=given.getlist("inspectors"),
                method=given.get("method", "routine"), apart=given.get("apart", ""),
            )  # fmt: skip
        except UserError as e:
            problem = e
        else:
            return redirect("inspections.one", number=number)
    context = {
        "offer": api.offer(can, given["checklist"]), "posted": given, "chosen": given.getlist("inspectors"),
        "problem": problem, "today": timezone.localdate().isoformat(), "methods": api.METHODS.items(),
    }  # fmt: skip
    return render(request, "console/inspections/new.html", context, status=status_of(problem))


@page(*WORKING)
def inspection(request: HttpRequest, number: int) -> HttpResponse:
    """One visit: what was found, its tasks, and what may be done now."""
    can, problem = reach(request), None
    api.shown(can, number)
    if request.method == "POST":
        try:
            _do(request, number)
        except UserError as e:
            problem = e
        else:
            return redirect("inspections.one", number=number)
    steps = api.steps(can, number)
    names = {s.name for s in steps}
    texts = sorted({a.name for s in api.flow().steps for a in s.asks})
    context: dict[str, Any] = {
        "i": api.shown(can, number), "problem": problem, "names": names, "posted": request.POST,
        "moves": [s for s in steps if s.name in ("visit", "confirm", "close")],
        "worded": [s for s in steps if s.name in ("return", "fail", "refuse", "cancel")],
        "unset": api.unset_times(can, number) if names & {"order", "again"} else (),
        "able": api.able(can, number) if "reassign" in names else (),
        "joinable": api.joinable(can, number) if "join" in names else (),
        "papers": api.papers_of(api.shown(can, number)),
        "history": told(api.history(can, number), texts),
    }  # fmt: skip
    return render(request, "console/inspections/one.html", context, status=status_of(problem))


def _do(request: HttpRequest, number: int) -> None:
    given, can, step = request.POST, reach(request), request.POST.get("do", "")
    version = asked.whole(given.get("version", ""), 0)
    due: date | None = asked.day(given["due"], "整改期限") if given.get("due", "").strip() else None
    reason, opinion = given.get("reason", ""), given.get("opinion", "")
    if step in ("recheck", "again"):
        right = [n for text in given.getlist("right") if (n := asked.whole(text, 0))]
        api.again_or_done(can, number, version=version, right=right, opinion=opinion, due=due)
    elif step == "reassign":
        named = given.getlist("inspectors")
        api.reassign(can, number, version=version, inspectors=named, reason=reason)
    elif step == "join":
        api.join(can, number, version=version, joint=asked.whole(given.get("joint", ""), 0))
    else:
        said = {"reason": reason, "receiver": given.get("receiver", ""), "outcome": given.get("outcome", "")}
        api.move(can, number, step, version=version, said=said, due=due)


@page(*WORKING, methods=("GET",))
def record(request: HttpRequest, number: int) -> HttpResponse:
    """The record of a visit as it is printed and signed."""
    return render(request, "console/inspections/print.html", {"i": api.shown(reach(request), number)})


@page(*WORKING, methods=("GET",))
def paper(request: HttpRequest, number: int, kind: str, form: str) -> HttpResponse:
    """A paper of a visit as PDF or docx; printing is written down."""
    if form not in TYPES:
        raise Http404
    name, made = api.paper(reach(request), number, kind, "pdf" if form == "pdf" else "docx")
    return handed(name, form, made)


@page(*WORKING, methods=("GET",))
def photo(request: HttpRequest, number: int, key: str) -> HttpResponse:
    """A photograph of a visit, for those who may see the visit."""
    return given_out(request, api.photo(reach(request), number, key))
