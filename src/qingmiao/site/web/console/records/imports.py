"""Lists of children from Excel or CSV: the unit's files, one with its faults, unsure rows and what is asked back; and
lists written in the same layouts."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.records import api
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.fragments import part
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach

PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page(*WORKING)
def lists(request: HttpRequest) -> HttpResponse:
    """The files of the unit; one is uploaded here in a layout that is chosen first."""
    can, problem = reach(request), None
    layouts = api.lists.open_layouts(can)
    wanted = request.POST.get("layout") or request.GET.get("layout", "")
    chosen = next((one for one in layouts if one.id == wanted), layouts[0])
    if request.method == "POST":
        given = request.FILES.get("file")
        try:
            if given is None:
                raise UserError("请选择一个 Excel（.xlsx、.xls）或 CSV 文件")
            if (given.size or 0) > api.lists.MAX_BYTES:
                raise UserError(f"文件超过 {api.lists.MAX_BYTES >> 20} MB")
            made = api.lists.receive(
                can, chosen.id, name=given.name or "", data=given.read(), headings=None,
                asked={f: request.POST.get(f"asked.{f}", "") for f in chosen.asked},
            )  # fmt: skip
        except UserError as e:
            problem = e
        else:
            return redirect("records.listed", made)
    rows = api.list_showing.lines(can, before=asked.whole(request.GET.get("before", ""), 0), size=PAGE + 1)
    context: dict[str, Any] = {
        "rows": rows[:PAGE], "layouts": layouts, "chosen": chosen, "asked": api.lists.asked_of(chosen),
        "may_export": api.list_out.may_export(can), "problem": problem,
        "following": f"before={rows[PAGE - 1].id}" if len(rows) > PAGE else "",
    }  # fmt: skip
    return render(request, "console/records/lists.html", context, status=status_of(problem))


@page(*WORKING)
def listed(request: HttpRequest, number: int) -> HttpResponse:
    """One file: what is wrong, what a person settles, import, take back."""
    can, problem, given = reach(request), None, request.POST
    if request.method == "POST":
        version = asked.whole(given.get("version", ""), 0)
        try:
            match given.get("do"):
                case "import":
                    api.lists.write(can, number, version=version)
                case "drop":
                    api.lists.drop(can, number, version=version)
                case "undo":
                    api.lists.undo(can, number, version=version, reason=given.get("reason", ""))
                case "map":
                    pairs = zip(given.getlist("theirs"), given.getlist("ours"), strict=False)
                    number = api.lists.map_headings(
                        can, number, version=version, headings={a: b for a, b in pairs if b}
                    )
                case _:
                    api.lists.settle(
                        can, number, version=version, chosen=_chosen(request),
                        leave_absent=bool(given.get("leave_absent")),
                        said={k.removeprefix("said."): str(v) for k, v in given.items() if k.startswith("said.")},
                    )  # fmt: skip
        except UserError as e:
            problem = e
        else:
            return redirect("records.listed", number)
    context = {"p": api.list_showing.page(can, number), "problem": problem}
    return render(request, "console/records/listed.html", context, status=status_of(problem))


@page(*WORKING, methods=("GET",))
def far(request: HttpRequest, number: int) -> HttpResponse:
    """How far the work on a list is, asked for again until it is done."""
    found = api.list_showing.page(reach(request), number)
    answer = part(request, "console/records/far.html", {"far": found.progress}, title=t("处理进度", "Progress"))
    if found.progress is None:
        answer["HX-Refresh"] = "true"
    return answer


def _chosen(request: HttpRequest) -> dict[int, int]:
    """Row → child that was chosen for it, 0 to leave it out, `NEW` to register one; not there where undecided."""
    found = {}
    for key, value in request.POST.items():
        place = asked.whole(key.removeprefix("row."), 0) if key.startswith("row.") else 0
        if place and value:
            found[place] = api.lists.NEW if value == "new" else asked.whole(str(value), 0)
    return found


@page(*WORKING, methods=("GET",))
def repaired(request: HttpRequest, number: int) -> HttpResponse:
    """The list with every fault marked in its cell."""
    answer = HttpResponse(api.list_showing.repaired(reach(request), number), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="list-{number}.xlsx"'
    return answer


@page(*WORKING)
def out(request: HttpRequest) -> HttpResponse:
    """Records in the layout of a list, as Excel, for a purpose."""
    can, problem = reach(request), None
    given = request.POST if request.method == "POST" else request.GET
    layouts = api.list_out.layouts(can)
    wanted, today = given.get("layout", ""), timezone.localdate()
    first, last = today.replace(month=1, day=1), today
    try:
        first, last = asked.day(given.get("first") or str(first), "从"), asked.day(given.get("last") or str(last), "到")
    except UserError as e:
        problem = e
    chosen = wanted if wanted in {one.id for one in layouts} else layouts[0].id
    of = api.list_out.OutAsked(chosen, first, last, given.get("school_class", "").strip()[:40])
    if request.method == "POST" and problem is None:
        try:
            name, data = api.list_out.export(can, of, given.get("key", ""), purpose=given.get("purpose", ""))
        except UserError as e:
            problem = e
        else:
            headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
            return HttpResponse(data, content_type=XLSX, headers=headers)
    found = api.list_out.occasions(can, of)
    held = (("layout", of.layout), ("first", of.first.isoformat()), ("last", of.last.isoformat()),
            ("school_class", of.school_class))  # fmt: skip
    context = {"layouts": layouts, "asked": of, "occasions": found, "held": held, "problem": problem}
    return render(request, "console/records/out.html", context, status=status_of(problem))
