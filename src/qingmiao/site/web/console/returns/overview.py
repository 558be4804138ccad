"""First pages and the calendar: what waits for a unit, what waits for audit, who is late; opening and locking a year."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.roles import WORKING, Role
from qingmiao.site.apps.returns import api, forms, permissions
from qingmiao.site.apps.returns.models import Collection, Filing
from qingmiao.site.apps.returns.workflow import FILLERS, State
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import person, reach

PAGE = 50


@page(*WORKING, methods=("GET",))
def home(request: HttpRequest) -> HttpResponse:
    """A unit's own work; for statistics, the committee office and auditors the county's."""
    can, today = reach(request), timezone.localdate()
    own = permissions.own_units(can, FILLERS | {Role.LEADER})
    county = can.has((Role.STATISTICS, Role.COMMITTEE_OFFICE, Role.AUDITOR))
    context: dict[str, Any] = {
        "today": today,
        "county": county,
        "tasks": tasks.waiting(can.units() if county else own or can.units(), on=today),
        "leads": Role.LEADER in can.roles,
        "verifies": Role.COMMITTEE_OFFICE in can.roles,
    }
    if own or not county:
        units = own or can.unit_ids
        context["todo"] = _dressed(api.todo(Filing.objects.filter(unit__in=units), on=today))
        context["signs"] = Role.LEADER in can.roles
        context["fills"] = can.has(FILLERS)
    if county:
        context |= _county(request, today)
    return render(request, "console/returns/home.html", context)


def _dressed(todo: api.Todo) -> api.Todo:
    for rows in (
        todo.sent_back,
        todo.to_fill,
        todo.to_sign,
        todo.waiting,
        todo.done,
        [r.filing for r in todo.reminders],
    ):
        dress(rows)
    return todo


def dress(rows: list[Filing]) -> list[Filing]:
    """Give filings what lists show of them: form, period, area, state."""
    for f in rows:
        form = forms.pack().returns.get(f.form)
        f.sheet = form  # type: ignore[attr-defined]
        f.period = forms.period_name(form, f.year) if form is not None else str(f.year)  # type: ignore[attr-defined]
        f.area_label = forms.area_name(f.area_id)  # type: ignore[attr-defined]
        f.stage = State(f.state)  # type: ignore[attr-defined]
        f.late = (timezone.localdate() - f.due_date).days  # type: ignore[attr-defined]
        f.left = (f.due_date - timezone.localdate()).days  # type: ignore[attr-defined]
    return rows


def _county(request: HttpRequest, today: date) -> dict[str, Any]:
    """The audit queue (keyset pages, the longest waiting first), late units, and the figures of the newest year."""
    rows = permissions.visible(reach(request))
    queue = rows.filter(state=State.SIGNED).select_related("unit", "moved_by").order_by("moved_at", "pk")
    after = request.GET.get("after", "")
    if after.isdigit():
        mark = rows.filter(pk=int(after)).first()
        if mark is not None:
            queue = queue.filter(Q(moved_at__gt=mark.moved_at) | Q(moved_at=mark.moved_at, pk__gt=mark.pk))
    found = list(queue[: PAGE + 1])
    overdue = (
        rows.filter(submitted_at=None, due_date__lt=today)
        .values("unit", "unit__label")
        .annotate(filings=Count("pk"), oldest=Max("due_date"))
        .order_by("-filings", "unit")
    )
    year = rows.aggregate(Max("year"))["year__max"]
    return {
        "queue": dress(found[:PAGE]),
        "following": found[PAGE - 1].pk if len(found) > PAGE else None,
        "overdue": list(overdue),
        "year": year,
        "figures": _named(api.figures(rows.filter(year=year), "unit", on=today)) if year else [],
        "audits": Role.STATISTICS in reach(request).roles,
        "may_open": permissions.may_open(reach(request)),
    }


def _named(figures: list[api.Figures]) -> list[dict[str, Any]]:
    labels = dict(Organisation.objects.filter(pk__in=[f.key for f in figures]).values_list("pk", "label"))
    return [{"label": labels.get(f.key, f.key), "is": f} for f in figures]


@page(*WORKING, methods=("GET",))
def calendar(request: HttpRequest) -> HttpResponse:
    """All returns of a year by form and due date, and how complete and timely each form and unit is."""
    rows = permissions.visible(reach(request))
    years = sorted(rows.order_by().values_list("year", flat=True).distinct(), reverse=True)
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdigit() and int(asked) in years else (years[0] if years else None)
    context: dict[str, Any] = {"years": years, "year": year, "may_open": permissions.may_open(reach(request))}
    if year is not None:
        today = timezone.localdate()
        mine = rows.filter(year=year)
        filings: dict[str, list[Filing]] = {}
        for f in dress(list(mine.select_related("unit").order_by("due_date", "form", "area"))):
            filings.setdefault(f.form, []).append(f)
        by_form = {f.key: f for f in api.figures(mine, "form", on=today)}
        context |= {
            "today": today,
            "forms": [{"first": fs[0], "filings": fs, "is": by_form[k]} for k, fs in filings.items()],
            "units": _named(api.figures(mine, "unit", on=today)),
            "may_lock": permissions.may_lock(reach(request)),
            "lockable": mine.filter(state=State.ACCEPTED).count(),
        }
    return render(request, "console/returns/calendar.html", context)


@page(Role.COMMITTEE_OFFICE, Role.STATISTICS)
def open_year(request: HttpRequest) -> HttpResponse:
    """Open forms of a year for filling in, each with its due date."""
    if not permissions.may_open(reach(request)):
        raise Http404
    newest = Collection.objects.aggregate(Max("year"))["year__max"]
    asked = request.POST.get("year") or request.GET.get("year", "")
    year = (
        int(asked) if asked.isdigit() and 1900 <= int(asked) <= 2200 else (newest or timezone.localdate().year - 1) + 1
    )
    context: dict[str, Any] = {"year": year, "problem": ""}
    if request.method == "POST":
        try:
            chosen = {f: date.fromisoformat(request.POST.get(f"due:{f}", "")) for f in request.POST.getlist("form")}
            if not chosen:
                raise UserError("请至少选一张表")
            api.open_collections(person(request), year, chosen)
        except ValueError:
            context["problem"] = "截止日期写成 2025-01-30 这样"
        except UserError as e:
            context["problem"] = e.message
        else:
            return redirect(f"{reverse('returns.calendar')}?year={year}")
    context["openable"] = api.openable(year)
    return render(request, "console/returns/open.html", context, status=400 if context["problem"] else 200)


@page(Role.STATISTICS, methods=("POST",))
def lock(request: HttpRequest) -> HttpResponse:
    """Lock what was accepted of a year."""
    asked = request.POST.get("year", "")
    if not asked.isdigit() or not permissions.may_lock(reach(request)):
        return redirect("returns.calendar")
    api.lock_year(person(request), int(asked), reach(request).units(Role.STATISTICS), form=request.POST.get("form", ""))
    return redirect(f"{reverse('returns.calendar')}?year={asked}")
