"""Mothers' files: the list with grades of risk, a woman registered, her file, what is changed in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.records import api
from qingmiao.site.web.console.history import told
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.once import shown_at
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach
from qingmiao.site.web.ui.ways import ways

PAGE = 50
KEYS = ("area", "village", "stage", "risk", "kind")
STEPS = ("amend", "move_out", "return", "die", "reopen", "merge", "unmerge")
mothers = api.mothers


@page(*WORKING)
def listed(request: HttpRequest) -> HttpResponse:
    """The women that this person sees; what is searched for is posted, so that no address holds it."""
    can, given = reach(request), request.GET
    found = mothers.search(can, request.POST.get("q", "")) if request.method == "POST" else None
    chosen = {k: given.get(k, "")[:60] for k in KEYS}
    rows: tuple[Any, ...] = ()
    if found is None:
        rows = mothers.listed(can, **chosen, before=asked.whole(given.get("before", ""), 0), size=PAGE + 1)
    query = given.copy()
    query["before"] = str(rows[PAGE - 1].id) if len(rows) > PAGE else ""
    context: dict[str, Any] = {
        "rows": rows[:PAGE] if found is None else found, "searched": found is not None, "chosen": chosen,
        "areas": mothers.areas(can), "grades": mothers.grades(), "stages": mothers.STAGES,
        "ways": ways(
            Label(zh="有哪种记录", en="With which records"), ((k.id, k.label, None) for k in mothers.kinds_listed(can)),
            query="?kind=", chosen=chosen["kind"],
        ),
        "may_register": mothers.may_register(can), "may_settle": mothers.may_settle(can),
        "following": query.urlencode() if found is None and len(rows) > PAGE else "",
    }  # fmt: skip
    return render(request, "console/records/mothers.html", context)


def _said(given: QueryDict) -> Any:
    return api.mother_given.mother(
        name=given.get("name", ""), birth_date=given.get("birth_date", ""), number=given.get("number", ""),
        phone=given.get("phone", ""), area=given.get("area", ""), village=given.get("village", ""),
        today=timezone.localdate(),
    )  # fmt: skip


@page(*WORKING)
def new(request: HttpRequest) -> HttpResponse:
    """Register a woman: who she is and where she lives; files that may be hers are shown first."""
    can, problem = reach(request), None
    alike: tuple[Any, ...] = ()
    if not mothers.may_register(can):
        raise Http404
    if request.method == "POST":
        try:
            said = _said(request.POST)
            alike = mothers.alike(can, said)
            number = mothers.register(can, said, reason=request.POST.get("reason", ""))
        except UserError as e:
            problem = e
        else:
            return redirect("mothers.one", number)
    context = {"typed": request.POST, "problem": problem, "areas": mothers.areas(can), "alike": alike}
    return render(request, "console/records/mother_new.html", context, status=status_of(problem))


@page(*WORKING)
def one(request: HttpRequest, number: int) -> HttpResponse:
    """A woman's file: her pregnancy and its grade, what is due, what was recorded; a number is shown in full for a
    purpose that is posted."""
    can, problem, revealed, given = reach(request), None, "", request.POST
    if request.method == "POST":
        try:
            revealed = api.mother_looking.reveal(can, number, given.get("what", ""), purpose=given.get("purpose", ""))
        except UserError as e:
            problem = e
    with api.reading():
        context: dict[str, Any] = {
            "names": {s.name for s in mothers.steps(can, number)}, "f": mothers.page_of(can, number),
            "problem": problem, "revealed": revealed,
        }  # fmt: skip
    answer = render(request, "console/records/mother.html", context, status=status_of(problem))
    return shown_at(answer, reverse("mothers.one", args=(number,))) if revealed else answer


@page(*WORKING, methods=("GET",))
def looked(request: HttpRequest, number: int) -> HttpResponse:
    """Who looked at a woman's file or changed it, when and for what."""
    events = told(api.mother_looking.looked(reach(request), number), ("purpose", "what"))
    return render(request, "console/records/mother_looked.html", {"number": number, "events": events})


@page(*WORKING)
def change(request: HttpRequest, number: int) -> HttpResponse:
    """What may be changed in a file now, a form each."""
    can, problem, given = reach(request), None, request.POST
    if request.method == "POST":
        step = given.get("do", "")
        if step not in STEPS:
            raise Http404
        try:
            said: dict[str, object] = {"reason": given.get("reason", ""), "to": given.get("to", "")}
            if step == "merge":
                said["into"] = asked.whole(given.get("into", ""), 0)
            if step == "amend":
                said["mother"] = _said(given)
            mothers.move(can, number, step, version=asked.whole(given.get("version", ""), 0), said=said)
        except UserError as e:
            problem = e
        else:
            return redirect("mothers.one", number)
    names = {s.name for s in mothers.steps(can, number)}
    if not names:
        raise Http404
    typed = given if given.get("do") == "amend" else _typed(mothers.typed(can, number))
    context = {
        "f": mothers.page_of(can, number), "problem": problem, "names": names, "typed": typed,
        "areas": mothers.areas(can), "likely": mothers.likely(can, number),
    }  # fmt: skip
    return render(request, "console/records/mother_change.html", context, status=status_of(problem))


def _typed(said: Any) -> Mapping[str, str]:
    """Who a woman is, as the inputs of the form hold it."""
    if said is None:
        return {}
    return {
        "name": said.name, "birth_date": said.birth_date.isoformat(), "number": said.number, "phone": said.phone,
        "area": said.area, "village": said.village,
    }  # fmt: skip
