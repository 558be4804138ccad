"""Many cases at once: a list, or the entries of a register, is looked at row by row, then opened in one step."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.api import WORKING, Reach
from qingmiao.site.apps.registers import api as registers
from qingmiao.site.web.console.registers.handing import handed
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.forms import Given, read
from qingmiao.site.web.ui.forms import render as fields
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.once import shown_at
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING)
def listed(request: HttpRequest, programme: str) -> HttpResponse:
    """Choose a file, or the entries of the register; then what would be opened, row by row."""
    can = reach(request)
    offered = api.list_offered(can, programme, request.GET.get("step", "")[:60])
    sent, problem, found = Given(), None, None
    if request.method == "POST":
        sent = read(offered.shared, request.POST) if offered.shared is not None else Given()
        try:
            found = _judged(request, can, offered, sent)
        except UserError as e:
            problem = e
    shared = offered.shared
    form = fields(shared, sent.answers, on=timezone.localdate()) if shared is not None else None
    context = {"o": offered, "found": found, "counts": _counts(found), "problem": problem, "fields": form}
    answer = render(request, "console/cases/listed.html", context, status=status_of(problem) if problem else 200)
    return shown_at(answer, reverse("cases.listed", args=(programme,)))


@page(*WORKING, methods=("POST",), back="cases.listed")
def opened(request: HttpRequest, programme: str) -> HttpResponse:
    """Open what is new of a list that was looked at; rows whose box is not ticked are left out."""
    can, problem, found = reach(request), None, None
    offered = api.list_offered(can, programme, request.POST.get("step", "")[:60])
    every = {asked.whole(n, 0) for n in request.POST.getlist("row")}
    without = sorted(every - {asked.whole(n, 0) for n in request.POST.getlist("take")})
    try:
        found = api.open_listed(can, request.POST.get("token", ""), without=without)
    except UserError as e:
        problem = e
    context = {"o": offered, "found": found, "counts": _counts(found), "problem": problem}
    answer = render(request, "console/cases/listed.html", context, status=status_of(problem) if problem else 200)
    return shown_at(answer, reverse("cases.listed", args=(programme,)))


@page(*WORKING, methods=("GET",))
def template(request: HttpRequest, programme: str) -> HttpResponse:
    """The list to fill in, with the entries of the register where the programme names one."""
    can = reach(request)
    offered = api.list_offered(can, programme, request.GET.get("step", "")[:60])
    name, data = api.list_template(can, programme, offered.step, _rows(can, offered))
    return handed(name, data, "xlsx")


def _judged(request: HttpRequest, can: Reach, offered: api.ListOffered, sent: Given) -> api.CaseList:
    if request.POST.get("from") == "register":
        rows = _rows(can, offered)
        if not rows:
            raise UserError(t("登记册里没有您能看到的登记", "The register holds nothing that you see"))
        return api.judge_cases(can, offered.id, rows, step=offered.step, shared=sent.answers)
    file = request.FILES.get("file")
    if file is None:
        raise UserError(t("请选择文件", "Please choose a file"))
    return api.read_case_list(
        can, offered.id, str(file.name), file.read(), step=offered.step, shared=sent.answers
    )  # fmt: skip


def _counts(found: api.CaseList | None) -> dict[str, int]:
    return {s: found.count(s) for s in ("new", "there", "twice", "wrong", "opened")} if found is not None else {}


def _rows(can: Reach, offered: api.ListOffered) -> tuple[tuple[int, dict[str, str]], ...]:
    rule = offered.entries
    return registers.rows_for(can, rule.entries, rule.fields, rule.kinds) if rule is not None else ()
