"""Tasks: what a unit has to do, from the warning to the verified end, and what became of the indicator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api, files, policies
from qingmiao.site.apps.acting.models import Activity, Evidence, Task
from qingmiao.site.apps.acting.permissions import may_answer, may_office, may_see
from qingmiao.site.apps.acting.workflow import OFFICE, TASK, TaskState
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.monitoring.models import Warning
from qingmiao.site.web.console.acting.forms import day
from qingmiao.site.web.console.history import told
from qingmiao.site.web.console.monitoring.indicator import series_chart
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import person, reach

PAGE = 100
LATE = "late"
"""The tab of overdue tasks."""
WEEKS = 3
"""A new task is due after so many weeks unless somebody says otherwise (local setting)."""


@page(*WORKING, methods=("GET",))
def tasks(request: HttpRequest) -> HttpResponse:
    """The tasks in reach: those to do first, by deadline; keyset pages."""
    can = reach(request)
    state = request.GET.get("state", "open")
    found = api.of_units(can.unit_ids)
    today = timezone.localdate()
    if state == LATE:
        found = found.filter(state=TaskState.OPEN, due_date__lt=today)
    elif state != "all":
        found = found.filter(state=state if state in list(TaskState) else TaskState.OPEN)
    after = request.GET.get("after", "")
    if after.count("_") == 1:
        date_text, _, number = after.partition("_")
        try:
            due = day(date_text, "after")
            found = found.filter(due_date__gt=due) | found.filter(due_date=due, pk__gt=int(number))
        except (UserError, ValueError):
            raise Http404 from None
    listed = list(found[: PAGE + 1])
    rows = [
        {"t": t, "state": TaskState(t.state), "late": t.state == TaskState.OPEN and t.due_date < today}
        for t in listed[:PAGE]
    ]
    last = listed[PAGE - 1] if len(listed) > PAGE else None
    context = {
        "rows": rows,
        "state": state,
        "states": list(TaskState),
        "following": f"{last.due_date.isoformat()}_{last.pk}" if last else "",
        "may_open": may_office(can),
    }
    return render(request, "console/acting/tasks.html", context)


@page(*OFFICE)
def new(request: HttpRequest) -> HttpResponse:
    """A task from a warning (?warning=), from a decision of a meeting or check (?activity=&decision=), or directly."""
    given = request.POST if request.method == "POST" else request.GET
    warning = monitoring.warning(int(given["warning"])) if given.get("warning", "").isdigit() else None
    activity = (
        Activity.objects.filter(pk=int(given["activity"])).first() if given.get("activity", "").isdigit() else None
    )
    decision = int(given["decision"]) if given.get("decision", "").isdigit() else None
    decided = dict(enumerate(activity.decided, start=1)) if activity else {}
    units = Organisation.objects.filter(pk__in=reach(request).unit_ids, is_active=True).order_by("path")
    lead = _lead(warning) if warning else activity.unit_id if activity else ""
    context = {
        "warning": warning, "activity": activity, "decision": decision if decision in decided else None, "units": units, "given": given, "unit": given.get("unit") or lead,
        "title": given.get("title") or (f"{warning.kind}：{_about(warning.indicator, warning.target)}" if warning else decided.get(decision or 0) or activity.title if activity else ""),
        "due": given.get("due") or (timezone.localdate() + timedelta(weeks=WEEKS)).isoformat(),
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "console/acting/task_new.html", context)
    try:
        unit = units.filter(pk=request.POST.get("unit", "")).first()
        if unit is None:
            raise UserError("请选择责任单位")
        made = api.open_task(
            person(request),
            unit=unit,
            due_date=day(request.POST.get("due", ""), "期限"),
            title=request.POST.get("title", ""),
            warning=warning,
            activity=activity,
            decision=decision,
        )
    except UserError as e:
        status = 409 if isinstance(e, api.ConflictError) else 400
        return render(request, "console/acting/task_new.html", context | {"problem": str(e)}, status=status)
    return redirect("acting.task", number=made.pk)


def _lead(warning: Warning) -> str:
    """The unit that is proposed: whom the office made responsible for the goal this year, else the pack's proposal."""
    pack = monitoring.pack()
    goal = pack.goal_of(warning.target).id if warning.target in pack.targets else ""
    return api.lead_of(goal, timezone.localdate().year) or warning.lead if goal else warning.lead


def _about(indicator: str, target: str) -> str:
    pack = monitoring.pack()
    if target in pack.targets:
        return pack.targets[target].label.zh
    return pack.indicators[indicator].label.zh if indicator in pack.indicators else ""


def _task(request: HttpRequest, number: int) -> Task:
    found = (
        Task.objects.select_related("unit", "warning", "activity", "opened_by", "answered_by", "closed_by")
        .filter(pk=number)
        .first()
    )
    if found is None or not may_see(reach(request), found.unit_id):
        raise Http404
    return found


@page(*WORKING)
def task(request: HttpRequest, number: int) -> HttpResponse:
    """One task: answer it, prove it, verify it, see what became of it."""
    found = _task(request, number)
    if request.method == "POST":
        try:
            _do(request, found)
        except api.ConflictError as e:
            found.refresh_from_db()
            return _show(request, found, problem=str(e), status=409)
        except UserError as e:
            return _show(request, found, problem=str(e), status=400)
        return redirect("acting.task", number=number)
    return _show(request, found)


def _do(request: HttpRequest, found: Task) -> None:
    given = request.POST
    if given.get("do") == "evidence":
        upload = request.FILES.get("file")
        if upload is None:
            raise UserError("请选择文件")
        api.add_evidence(person(request), upload, task=found)
        return
    version = int(given.get("version", "0")) if given.get("version", "").isdigit() else 0
    access.perform(reach(request), found, given.get("do", ""), access.Seen("", version), given.dict())


def _show(request: HttpRequest, found: Task, *, problem: str = "", status: int = 200) -> HttpResponse:
    can = reach(request)
    unit = bool(may_answer(can, found.unit_id))
    pack = monitoring.pack()
    context = {
        "t": found, "state": TaskState(found.state), "problem": problem, "evidence": found.evidence.select_related("added_by"), "posted": request.POST,
        "may_answer": unit and found.state == TaskState.OPEN, "moves": [m for m in access.steps(can, found) if m.name not in ("answer", "prove")],
        "effect": api.effect(found), "indicator": pack.indicators.get(found.indicator), "late": found.state == TaskState.OPEN and found.due_date < timezone.localdate(),
        "history": told(audit.of_object("task", found.pk), WORDS), "chart": _chart(found), "room": policies.can_prove_task(found),
    }  # fmt: skip
    return render(request, "console/acting/task.html", context, status=status)


WORDS = {f"acting.task.{m.name}": (m.label, m.label_en) for m in TASK.steps} | {
    "acting.task.open": ("下达", "opened"),
    "acting.task.escalate": ("逾期升级", "escalated"),
    "acting.evidence.add": ("上传材料", "evidence added"),
}


def _chart(found: Task) -> dict[str, Any] | None:
    """The indicator's series with this task's mark."""
    state = monitoring.current()
    if state is None or found.indicator not in state.pack.indicators or found.value_before is None:
        return None
    area = found.area or state.root
    own = [m for m in api.marks(found.indicator, area) if m.task == found.pk]
    return series_chart(state, state.pack.indicators[found.indicator], area, state.run.year, own)


@page(*WORKING, methods=("GET",))
def evidence(request: HttpRequest, number: int) -> HttpResponse:
    """A piece of evidence, for those who may see what it belongs to; the sight is audited."""
    found = Evidence.objects.select_related("task", "activity").filter(pk=number).first()
    unit = (found.task or found.activity).unit_id if found else ""  # type: ignore[union-attr]
    if found is None or not may_see(reach(request), unit) or not files.path_of(found.sha256).is_file():
        raise Http404
    audit.seen(person(request), "acting.evidence.see", object_type="evidence", object_id=number)
    return FileResponse(files.path_of(found.sha256).open("rb"), as_attachment=True, filename=found.name)  # type: ignore[return-value]
