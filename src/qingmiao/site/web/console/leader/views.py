"""The leader's first page: on one screen and one sheet of paper, how the plan stands, what got worse, who is late, what
was done."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.monitoring import api
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.web.console.leader import doings
from qingmiao.site.web.console.leader.fields import fields
from qingmiao.site.web.console.leader.places import places
from qingmiao.site.web.console.leader.worse import moves
from qingmiao.site.web.console.monitoring.shown import year_of
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.fragments import fragment
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING, methods=("GET",))
def overview(request: HttpRequest) -> HttpResponse:
    """The county on one page: a year, the year compared (`with`), the mapped indicator, two areas (`a`, `b`)."""
    state = api.current()
    if state is None:
        return render(request, "console/monitoring/empty.html")
    asked = {name: request.GET.get(name, "")[:80] for name in ("map", "a", "b")}
    year = year_of(state, request.GET.get("year", ""))
    before = _before(state, year, request.GET.get("with", ""))
    today, can = timezone.localdate(), reach(request)
    late = doings.late(can, on=today)
    context = {
        "state": state,
        "year": year,
        "kept": {"with": request.GET.get("with", "")[:4], **asked},
        "before": before,
        "today": today,
        "head": _part(state, ("leader.head", year, before), "head", lambda: _head(state, year, before)),
        "areas": _part(state, ("leader.areas", year, *asked.values()), "areas", lambda: _areas(state, year, asked)),
        "late": late[: doings.MOST],
        "late_left": len(late) - len(late[: doings.MOST]),
        "done": doings.done(can, on=today),
        "warning_count": api.counted().warnings,
    }
    return render(request, "console/leader/overview.html", context)


def _before(state: LoadedRun, year: int, asked: str) -> int:
    """The year to compare with: the one asked for if the run has it, else the newest earlier one."""
    found = whole(asked, None)
    if found in state.years and found != year:
        return found
    return next((y for y in state.years if y < year), year - 1)


def _part(state: LoadedRun, key: tuple[Any, ...], name: str, make: Any) -> SafeString:
    """A part of the page that depends on the run alone."""
    return mark_safe(fragment(state.fragments, key, f"console/leader/_{name}.html", make).decode())


def _head(state: LoadedRun, year: int, before: int) -> dict[str, Any]:
    return {
        "year": year,
        "before": before,
        "fields": fields(state, year, before),
        "moves": moves(state, year, before),
    }


def _areas(state: LoadedRun, year: int, asked: dict[str, str]) -> dict[str, Any]:
    return {
        "year": year,
        "places": places(state, year, asked["map"], (asked["a"], asked["b"])),
        "root": state.pack.areas[state.root],
    }
