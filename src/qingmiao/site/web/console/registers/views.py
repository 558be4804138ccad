"""Registers: the ones that concern somebody, the list of one, an entry with its history as of a day and its steps."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from qingmiao.content.registers import RegisterKind
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.errors import UserError
from qingmiao.registers.steps import WORDED
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.registers import api
from qingmiao.site.pack import pack
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.filters import Filters, Select
from qingmiao.site.web.ui.language import said, t
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach

PAGE = 100


def townships() -> tuple[tuple[str, str], ...]:
    """The townships of the county, to choose."""
    root = pack().root_area
    below = pack().area_tree.under(root.code, AreaLevel.TOWNSHIP) if root is not None else ()
    return tuple((a.code, a.name) for a in below)


def filters_of(request: HttpRequest, kind: RegisterKind) -> Filters:
    """What the list of a register is narrowed by."""
    flow = api.flow(kind.id)
    more = [
        Select("area", t("乡镇", "Township"), townships()),
        Select("state", t("状态", "State"), tuple((s.name, t(s.label, s.label_en)) for s in flow.states)),
    ]
    if kind.kinds:
        kinds = tuple((k.code, said(k.label)) for k in kind.kinds)
        more.insert(0, Select("kind", said(kind.kind_label), kinds))
    what = [("unconfirmed", t("今年没有确认", "not confirmed this year"))]
    if kind.expires:
        what.insert(0, ("expiring", t("证照到期或将到期", "expired or soon to expire")))
    more.append(Select("what", t("要办的", "To do"), tuple(what)))
    return Filters(request, more=more)


@page(*WORKING, methods=("GET",))
def registers(request: HttpRequest) -> HttpResponse:
    """The registers that somebody keeps or enters into, then the others that may be looked at."""
    rows = api.registers(reach(request))
    mine = tuple(r for r in rows if r.mine)
    others = tuple(r for r in rows if not r.mine)
    return render(request, "console/registers/registers.html", {"mine": mine, "others": others})


@page(*WORKING, methods=("GET",))
def entries(request: HttpRequest, register: str) -> HttpResponse:
    """The list of a register."""
    can = reach(request)
    kind = api.kind(can, register)
    filters = filters_of(request, kind)
    try:
        rows, following = api.listed(can, register, filters.narrowed, after=request.GET.get("after", ""), size=PAGE)
    except ValueError:
        raise Http404 from None
    context = {
        "kind": kind, "rows": rows, "filters": filters, "following": following, "may_enter": api.may_enter(can, kind),
    }  # fmt: skip
    return render(request, "console/registers/list.html", context)


@page(*WORKING)
def entry(request: HttpRequest, number: int) -> HttpResponse:
    """One entry as of a day: what it says, what is missing, what hangs on it, its history, what may be done now."""
    can, problem = reach(request), None
    if request.method == "POST":
        try:
            _do(request, number)
        except UserError as e:
            problem = e
        else:
            return redirect("registers.entry", number=number)
    given = request.GET.get("day", "").strip()
    try:
        day = asked.day(given, t("日期", "day")) if given else None
    except UserError:
        raise Http404 from None
    shown = api.entry(can, number, day)
    steps = api.steps(can, number) if shown.as_of == timezone.localdate() else ()
    context: dict[str, Any] = {
        "e": shown, "problem": problem, "posted": request.POST, "names": {s.name for s in steps},
        "plain": [s for s in steps if s.name in ("confirm", "renew")],
        "worded": [s for s in steps if s.name in WORDED and s.name not in ("excuse", "merge", "close")],
        "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "console/registers/entry.html", context, status=status_of(problem))


def _do(request: HttpRequest, number: int) -> None:
    given = request.POST
    api.move(
        reach(request), number, given.get("do", ""), version=asked.whole(given.get("version", ""), 0),
        reason=given.get("reason", ""), into=asked.whole(given.get("into", ""), 0) or None,
        minimum=given.get("minimum", ""), acknowledged=given.get("acknowledged") == "yes",
    )  # fmt: skip
