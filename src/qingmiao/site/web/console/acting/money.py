"""Funds and 民生实事 projects: promised, followed, finished."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api
from qingmiao.site.apps.acting.models import Fund, Project
from qingmiao.site.apps.acting.permissions import may_answer, may_office, own_units
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.web.console.acting.forms import number, whole, year_of, years
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import person, reach


def _unit(can: Reach, unit_id: str) -> Organisation:
    if not (may_answer(can, unit_id) or (may_office(can) and unit_id in can.unit_ids)):
        raise Http404
    return Organisation.objects.get(pk=unit_id)


def _version(text: str) -> int | None:
    return asked.whole(text, None)


@page(*WORKING)
def funds(request: HttpRequest) -> HttpResponse:
    """Money by item: budget, allocated, spent, in 10,000 yuan; totals below."""
    can, year = reach(request), year_of(request.GET.get("year", "") or request.POST.get("year", ""))
    problem = ""
    if request.method == "POST":
        try:
            _put_fund(request, can, year)
        except UserError as e:
            problem = str(e)
        else:
            return redirect(f"{request.path}?year={year}")
    found = Fund.objects.filter(year=year, unit__in=can.unit_ids).select_related("unit").order_by("unit__path", "item")
    totals = found.aggregate(budget=Sum("budget"), allocated=Sum("allocated"), spent=Sum("spent"))
    writable = set(own_units(can)) | (set(can.unit_ids) if may_office(can) else set())
    context = {
        "rows": [(f, f.unit_id in writable) for f in found], "totals": totals, "year": year, "years": years(), "problem": problem, "posted": request.POST,
        "units": Organisation.objects.filter(pk__in=writable, is_active=True).order_by("path"), "sources": Fund._meta.get_field("source").choices,
    }  # fmt: skip
    return render(request, "console/acting/funds.html", context, status=400 if problem else 200)


def _put_fund(request: HttpRequest, can: Reach, year: int) -> None:
    given = request.POST
    amounts: dict[str, Decimal] = {
        name: number(given.get(name, ""), label)
        for name, label in (("budget", "预算"), ("allocated", "拨付"), ("spent", "支出"))
    }
    if (key := asked.whole(given.get("fund", ""), None)) is not None:
        fund = Fund.objects.filter(pk=key).first()
        if fund is None:
            raise Http404
        _unit(can, fund.unit_id)
        for name, amount in amounts.items():
            setattr(fund, name, amount)
        api.put_fund(person(request), fund, version=_version(given.get("version", "")) or 0)
        return
    item = given.get("item", "").strip()[:120]
    if len(item) < 2 or given.get("source") not in ("budget", "higher", "social"):
        raise UserError("请写明项目和资金来源")
    api.put_fund(
        person(request),
        Fund(year=year, unit=_unit(can, given.get("unit", "")), item=item, source=given["source"], **amounts),
        version=None,
    )


@page(*WORKING)
def projects(request: HttpRequest) -> HttpResponse:
    """民生实事 of a year: what was promised, how far it is, when it is done."""
    can, year = reach(request), year_of(request.GET.get("year", "") or request.POST.get("year", ""))
    problem = ""
    if request.method == "POST":
        try:
            _put_project(request, can, year)
        except UserError as e:
            problem = str(e)
        else:
            return redirect(f"{request.path}?year={year}")
    found = Project.objects.filter(year=year, unit__in=can.unit_ids).select_related("unit").order_by("due_date", "pk")
    pack = monitoring.pack()
    context = {
        "rows": [(p, bool(may_answer(can, p.unit_id)) or bool(may_office(can)), pack.goals.get(p.goal)) for p in found], "year": year, "years": years(), "problem": problem,
        "units": Organisation.objects.filter(pk__in=can.unit_ids, is_active=True).order_by("path"), "may_add": may_office(can), "goals": pack.goals.values(), "posted": request.POST,
    }  # fmt: skip
    return render(request, "console/acting/projects.html", context, status=400 if problem else 200)


def _put_project(request: HttpRequest, can: Reach, year: int) -> None:
    given = request.POST
    if (key := asked.whole(given.get("project", ""), None)) is not None:
        project = Project.objects.filter(pk=key).first()
        if project is None:
            raise Http404
        _unit(can, project.unit_id)
        project.percent, project.progress = (
            whole(given.get("percent", ""), "进度"),
            given.get("progress", "").strip()[:2000],
        )
        api.put_project(person(request), project, version=_version(given.get("version", "")) or 0)
        return
    if not may_office(can):
        raise Http404
    title, goal = given.get("title", "").strip()[:120], given.get("goal", "")
    if len(title) < 4:
        raise UserError("请写明实事的名称（至少 4 个字）")
    if goal and goal not in monitoring.pack().goals:
        raise Http404
    project = Project(
        year=year,
        unit=_unit(can, given.get("unit", "")),
        title=title,
        goal=goal,
        due_date=asked.day(given.get("due", ""), "期限"),
    )
    api.put_project(person(request), project, version=None)
