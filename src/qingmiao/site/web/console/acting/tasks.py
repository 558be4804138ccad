"""Tasks: what a unit has to do, from whoever asked for it to the verified end, and what became of the indicator."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.api import WORKING, access
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.tasks import api as tasks_api
from qingmiao.site.web.console.history import told
from qingmiao.site.web.console.monitoring.indicator import series_chart
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.files import given_out
from qingmiao.site.web.ui.filters import Filters, units_of
from qingmiao.site.web.ui.given import day, whole
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import person, reach

MOST_TITLE = 120
"""Characters of a warning in the title that is proposed."""
QUEUES = {
    "reach": ("管理范围内", "All in reach"),
    "unit": ("本单位的", "My unit's"),
    "mine": ("交给我的", "Mine"),
}
"""The three lists: words in both languages."""


@page(*WORKING, methods=("GET",))
def tasks(request: HttpRequest) -> HttpResponse:
    """The tasks of a queue: those to do first, by deadline; keyset pages."""
    can, state = reach(request), request.GET.get("state", "open")
    queue = request.GET.get("queue", "reach")
    queue = queue if queue in QUEUES else "reach"
    year = years.chosen(request)
    filters = Filters(request, units=units_of(can.unit_ids), fields=True, keep=("queue", "state"))
    try:
        found = tasks_api.listed(
            can,
            state=state,
            queue=queue,
            year=year,
            after=request.GET.get("after", ""),
            narrowed=filters.narrowed,
            within=api.aimed_within(filters.narrowed),
        )
    except ValueError:
        raise Http404 from None
    context = {
        "rows": found.rows,
        "following": found.following,
        "state": state,
        "states": tasks_api.TASK.states,
        "queue": queue,
        "filters": filters,
        "year": year,
        "years": years.around(year),
        "queues": [(name, zh, en) for name, (zh, en) in QUEUES.items()],
        "may_open": api.may_office(can),
    }
    return render(request, "console/acting/tasks.html", context)


@page(*tasks_api.OFFICE)
def new(request: HttpRequest) -> HttpResponse:
    """A task from a warning (?warning=), from a decision of a meeting or check (?activity=&decision=), for a goal,
    target or
    indicator (?about=&year=), or directly."""
    given = request.POST if request.method == "POST" else request.GET
    warning = monitoring.warning(n) if (n := whole(given.get("warning", ""), None)) is not None else None
    activity = api.decisions_of(reach(request), whole(given.get("activity", ""), -1))
    decision = whole(given.get("decision", ""), None)
    decided = dict(enumerate(activity.decided, start=1)) if activity else {}
    units = reach(request).units(*tasks_api.OFFICE).filter(is_active=True).order_by("path")
    year = whole(given.get("year", ""), None) or timezone.localdate().year
    wanted = None if warning or activity else api.wanted(given.get("about", ""), year)
    lead = _lead(warning) if warning else activity.unit_id if activity else wanted.unit if wanted else ""
    proposed = f"{warning.kind}：{_about(warning)}" if warning else wanted.title if wanted else ""
    if activity:
        proposed = decided.get(decision or 0) or activity.title
    context = {
        "warning": warning,
        "wanted": wanted,
        "year": year,
        "activity": activity,
        "decision": decision if decision in decided else None,
        "units": units,
        "given": given,
        "unit": given.get("unit") or lead,
        "title": given.get("title") or proposed,
        "due": given.get("due") or _proposed_day(),
        "elements": _elements(),
        "element": given.get("element") or (wanted.element if wanted else ""),
    }
    if request.method != "POST":
        return render(request, "console/acting/task_new.html", context)
    try:
        unit = units.filter(pk=request.POST.get("unit", "")).first()
        if unit is None:
            raise UserError("请选择责任单位")
        made = api.open_task(
            reach(request),
            unit=unit,
            due_date=day(request.POST.get("due", ""), "期限"),
            title=request.POST.get("title", ""),
            warning=warning.number if warning else None,
            activity=activity.number if activity else None,
            decision=decision,
            wanted=wanted,
            element=request.POST.get("element", ""),
        )
    except UserError as e:
        status = status_of(e)
        return render(request, "console/acting/task_new.html", context | {"problem": str(e)}, status=status)
    return redirect("acting.task", number=made)


def _elements() -> list[tuple[str, str]]:
    """What a task can be evidence for: ids of the plan and how they are called."""
    pack = monitoring.pack()
    named = {g.id: f"{g.number} {g.text}" for g in pack.goals.values()}
    named |= {m.id: f"{m.number} {m.title}" for m in pack.measures.values()}
    named |= {t.id: t.label.zh for t in pack.targets.values()} | {s.id: s.label.zh for s in pack.systems.values()}
    named |= {d.id: d.duty for d in pack.duties.values()}
    return [(e, named[e][:60]) for e in api.provable(pack)]


def _proposed_day() -> str:
    """The day that the pack's deadline proposes; empty where the county has set none."""
    day_proposed = tasks_api.proposed_day(timezone.localdate())
    return day_proposed.isoformat() if day_proposed else ""


def _lead(warning: monitoring.KeptWarning) -> str:
    """The unit that is proposed: whom the office made responsible for the goal this year, else the pack's proposal."""
    pack = monitoring.pack()
    goal = pack.goal_of(warning.target).id if warning.target in pack.targets else ""
    return api.lead_of(goal, timezone.localdate().year) or warning.lead if goal else warning.lead


def _about(warning: monitoring.KeptWarning) -> str:
    """某乡婴儿死亡率：2024 年为 25.0‰ …, as far as it fits a title."""
    return warning.told if len(warning.told) <= MOST_TITLE else warning.told[:MOST_TITLE].rpartition("，")[0]


@page(*WORKING)
def task(request: HttpRequest, number: int) -> HttpResponse:
    """One task: answer it, prove it, verify it, see what became of it."""
    if request.method != "POST":
        return _show(request, number)
    try:
        _do(request, number)
    except tasks_api.ConflictError as e:
        return _show(request, number, problem=str(e), status=409)
    except UserError as e:
        return _show(request, number, problem=str(e), status=400)
    kept = request.POST.get("do") == "evidence" and any(request.POST.get(n, "").strip() for n in TYPED)
    return _show(request, number, added=True) if kept else redirect("acting.task", number=number)


TYPED = ("cause", "countermeasure")
"""What is typed beside a file that is added: the page is shown again with it."""


def _do(request: HttpRequest, number: int) -> None:
    given, can = request.POST, reach(request)
    found = tasks_api.found(can, number)
    if found is None:
        raise Http404
    if given.get("do") == "evidence":
        upload = request.FILES.get("file")
        if upload is None:
            raise UserError("请选择文件")
        tasks_api.add_evidence(person(request), upload, task=found)
        return
    version = whole(given.get("version", ""), 0)
    said: dict[str, Any] = given.dict()
    if given.get("do") == "redate":
        said["due_at"] = tasks_api.end_of(day(given.get("due", ""), "期限"))
    access.perform(can, found, given.get("do", ""), access.Seen("", version), said)


def _show(
    request: HttpRequest, number: int, *, problem: str = "", status: int = 200, added: bool = False
) -> HttpResponse:
    found = tasks_api.shown(reach(request), number)
    if found is None:
        raise Http404
    effect = api.effect(number)
    context = {
        "t": found,
        "problem": problem,
        "added": added,
        "beside": "answer" if found.may_answer else "",
        "posted": request.POST,
        "effect": effect,
        "indicator": monitoring.pack().indicators.get(effect.indicator) if effect else None,
        "history": told(audit.of_object("task", number)),
        "chart": _chart(number, effect) if effect else None,
    }
    return render(request, "console/acting/task.html", context, status=status)


def _chart(number: int, effect: api.MeasuredEffect) -> dict[str, Any] | None:
    """The indicator's series with this task's mark."""
    state = monitoring.current()
    if state is None:
        return None
    area = effect.area or state.root
    own = [m for m in api.marks(effect.indicator, area) if m.task == number]
    return series_chart(state, state.pack.indicators[effect.indicator], area, state.run.year, own)


@page(*WORKING, methods=("GET",))
def evidence(request: HttpRequest, number: int) -> HttpResponse:
    """A piece of evidence, for those who may see the task; the sight is audited."""
    return given_out(request, tasks_api.evidence(reach(request), number))
