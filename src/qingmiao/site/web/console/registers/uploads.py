"""A list that is uploaded into a register: what it would do is looked at, then it is taken whole or not at all."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.registers import api
from qingmiao.site.web.console.registers.handing import handed
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.sessions import reach

SHOWN = 50
"""Faults that the page shows; the copy to put right has all."""


@page(*WORKING)
def upload(request: HttpRequest, register: str) -> HttpResponse:
    """Choose a file."""
    can, problem = reach(request), None
    kind = api.kind(can, register)
    if not api.may_enter(can, kind):
        raise Http404
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                raise UserError(t("请选择文件", "Please choose a file"))
            number = api.upload(can, register, str(file.name), file.read())
        except UserError as e:
            problem = e
        else:
            return redirect("registers.review", number=number)
    context = {"kind": kind, "problem": problem}
    return render(request, "console/registers/import.html", context, status=400 if problem else 200)


@page(*WORKING)
def review(request: HttpRequest, number: int) -> HttpResponse:
    """What the list would do, and what is wrong with it; import, name unknown headings, or give it up."""
    can, problem = reach(request), None
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if do == "import":
                api.carry_out(can, number)
            elif do == "give_up":
                api.give_up(can, number)
            elif do == "headings":
                post = request.POST
                said = {k.removeprefix("heading."): str(post[k]) for k in post if k.startswith("heading.")}
                api.say_headings(can, number, said)
        except UserError as e:
            problem = e
        else:
            return redirect("registers.review", number=number)
    seen = api.review(can, number)
    context = {"r": seen, "problem": problem, "faults": seen.faults[:SHOWN], "more": len(seen.faults) - SHOWN}
    return render(request, "console/registers/review.html", context, status=400 if problem else 200)


@page(*WORKING, methods=("GET",))
def marked(request: HttpRequest, number: int) -> HttpResponse:
    """The copy to put right: the file with what is wrong in each row."""
    name, data = api.marked(reach(request), number)
    return handed(name, data, "xlsx")
