"""The list of children within reach; search by name or exact number is posted, so that no address holds either."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.content.base import Label
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING, Reach
from qingmiao.site.apps.records import api
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach
from qingmiao.site.web.ui.ways import ways

PAGE = 50
PLACE = ("area", "village", "school_class", "age")
KEYS = ("area", "village", "school_class", "age", "state", "kind")


@page(*WORKING)
def children(request: HttpRequest) -> HttpResponse:
    """The children that this person sees; what is searched for, or a file to be opened urgently, is posted."""
    can = reach(request)
    problem: UserError | None = None
    found: tuple[api.ChildRow, ...] | None = None
    if request.method == "POST":
        try:
            if "urgent" in request.POST:
                number = api.break_glass(can, request.POST.get("number", ""), reason=request.POST.get("reason", ""))
                return redirect("records.one", number)
            found = api.search(can, request.POST.get("q", ""))
        except UserError as e:
            problem = e
    with api.reading():
        context = _listed(request, can, found)
    context |= {"problem": problem}
    return render(request, "console/records/list.html", context, status=200 if problem is None else 400)


def _listed(request: HttpRequest, can: Reach, found: tuple[api.ChildRow, ...] | None) -> dict[str, Any]:
    """What the page shows: the children of a place and an age, or those that were found; what this person may do."""
    given = request.GET
    chosen = {k: given.get(k, "")[:60] for k in KEYS} | {"state": given.get("state", "here")[:20]}
    rows: tuple[api.ChildRow, ...] = ()
    if found is None:
        rows = api.listed(can, **chosen, before=asked.whole(given.get("before", ""), 0), size=PAGE + 1)
    query = given.copy()
    query["before"] = str(rows[PAGE - 1].id) if len(rows) > PAGE else ""
    return {
        "rows": rows[:PAGE] if found is None else found, "searched": found is not None, "chosen": chosen,
        "areas": api.areas(can), "states": api.states(), "ages": api.AGES,
        "ways": ways(
            Label(zh="有哪种记录", en="With which records"), ((k.id, k.label, None) for k in api.kinds_listed(can)),
            query="?kind=", chosen=chosen["kind"],
        ), "may_register": api.may_register(can),
        "may_settle": api.may_settle(can), "may_upload": api.may_upload(can), "may_charge": api.may_charge(can),
        "may_answer": api.privacy.answers(can), "may_judge": api.privacy.judges(can),
        "may_keep": api.privacy.keeps(can),
        "begun": api.may_register(can) and found == () and api.is_number(request.POST.get("q", "")),
        "q": request.POST.get("q", "").strip()[:30],
        "following": query.urlencode() if found is None and len(rows) > PAGE else "",
    }  # fmt: skip


@page(*WORKING, methods=("GET",))
def work(request: HttpRequest) -> HttpResponse:
    """What is overdue, what is due, what was found and not followed up; each line leads to the form."""
    can, given = reach(request), request.GET
    which = given.get("list", "")
    which = which if which in api.LISTS else api.LISTS[0]
    chosen = {k: given.get(k, "")[:60] for k in (*PLACE, "about")}
    with api.reading():
        found = api.work_page(can, which, **chosen, after=given.get("after", "")[:40], size=PAGE)
        areas, may_upload, by_line = api.areas(can), api.may_upload(can), bool(api.day.day_kinds(can))
    narrowed = urlencode({k: v for k, v in chosen.items() if v})
    context = {
        "w": found, "which": which, "chosen": chosen, "areas": areas, "may_upload": may_upload,
        "narrowed": f"{narrowed}&" if narrowed else "", "by_line": by_line,
    }  # fmt: skip
    return render(request, "console/records/work.html", context)


@page(*WORKING, methods=("GET",))
def slips(request: HttpRequest) -> HttpResponse:
    """Slips of what was found and not followed up, by class, to be printed."""
    chosen = {k: request.GET.get(k, "")[:60] for k in PLACE}
    return render(request, "console/records/slips.html", {"s": api.slip_page(reach(request), **chosen)})
