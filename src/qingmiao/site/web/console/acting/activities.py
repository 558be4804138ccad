"""Plans, self-reports, checks, meetings, studies, trainings …: one list and one page for every kind."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString

from qingmiao.content.documents import PROVE, REWRITE, DocumentKind
from qingmiao.forms import ReadyForm
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api, policies
from qingmiao.site.apps.acting.kinds import kinds, state_of
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.apps.acting.permissions import may_office, may_record, may_see, units_to_record
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.paging import page_of
from qingmiao.site.web.console.acting.forms import number, year_of
from qingmiao.site.web.console.history import told
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.files import given_out
from qingmiao.site.web.ui.forms import Given, read
from qingmiao.site.web.ui.forms import render as fields
from qingmiao.site.web.ui.sessions import person, reach
from qingmiao.site.web.ui.years import around

PAGE = 100
"""What happens to a document beside the steps of its flow."""


def _kind(kind: str) -> DocumentKind:
    found = kinds().get(kind)
    if found is None:
        raise Http404
    return found


@page(*WORKING)
def activities(request: HttpRequest, kind: str) -> HttpResponse:
    """The list of a kind in a year, and the form for a new one."""
    about, can, year = (
        _kind(kind),
        reach(request),
        year_of(request),
    )
    units = Organisation.objects.filter(pk__in=units_to_record(can, about), is_active=True).order_by("path")
    problem: UserError | None = None
    ready = api.ready_for(about)
    sent = read(ready, request.POST) if ready is not None and request.method == "POST" else Given()
    if request.method == "POST" and not sent.editing:
        try:
            made = _record(request, about, year, units, sent)
        except UserError as e:
            problem = e
        else:
            return redirect("acting.activity", kind=kind, number=made.pk)
    found = Activity.objects.filter(kind=kind, year=year, unit__in=can.unit_ids).select_related("unit", "made_by")
    try:
        rows, following = page_of(found, "on_date", after=request.GET.get("after", ""), size=PAGE, newest_first=True)
    except ValueError:
        raise Http404 from None
    context = {
        "kind": about, "kinds": kinds().values(), "rows": [(a, state_of(a)) for a in rows], "year": year,
        "years": around(year), "units": units, "posted": request.POST,
        "following": following, "may_record": may_record(can, about),
        "problem": problem, "today": timezone.localdate().isoformat(), "opened": problem is not None or sent.editing,
        "fields": fields_of(ready, sent, problem, f"document-{kind}-{year}"),
    }  # fmt: skip
    return render(request, "console/acting/activities.html", context, status=400 if problem else 200)


def fields_of(ready: ReadyForm | None, sent: Given, problem: UserError | None, draft: str) -> SafeString:
    """The fields of a document's form with what was typed and what is wrong with it; empty where there is no form."""
    if ready is None:
        return SafeString()
    filled = problem.filled if isinstance(problem, api.UnfilledError) else None
    return fields(
        ready, sent.answers, filled.faults if filled is not None else (), on=timezone.localdate(), filled=filled,
        queries=filled.queries if filled is not None else (), explanations=sent.explanations, draft=draft,
    )  # fmt: skip


def _record(request: HttpRequest, about: DocumentKind, year: int, units: Any, sent: Given) -> Activity:
    given = request.POST
    unit = units.filter(pk=given.get("unit", "")).first()
    if unit is None:
        if not units.exists():
            raise Http404
        raise UserError("请选择单位")
    score = number(given["score"], "得分") if about.scored_when_recorded and given.get("score", "").strip() else None
    return api.record(
        person(request), kind=about.id, year=year, on_date=asked.day(given.get("on_date", ""), "日期"), unit=unit,
        title=given.get("title", ""), text=given.get("text", ""), score=score, decisions=given.get("decisions", ""),
        answers=sent.answers, explanations=sent.explanations,
    )  # fmt: skip


@page(*WORKING, methods=("GET",))
def evidence(request: HttpRequest, number: int) -> HttpResponse:
    """A file of a document, for those who may see the document."""
    return given_out(request, api.evidence(reach(request), number))


@page(*WORKING)
def activity(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """One activity: its text, its evidence, its signature and review, the tasks that follow from it."""
    about = _kind(kind)
    found = (
        Activity.objects.select_related("unit", "made_by", "signed_by", "reviewed_by")
        .filter(pk=number, kind=kind)
        .first()
    )
    if found is None or not may_see(reach(request), found.unit_id):
        raise Http404
    problem, status, added = None, 200, False
    ready = api.ready_of(found)
    sent = Given(found.answers, found.explanations)
    if ready is not None and "title" in request.POST:  # what is typed to rewrite it, also beside a file
        sent = read(ready, request.POST)
    if request.method == "POST" and not sent.editing:
        try:
            _do(request, found, sent)
        except UserError as e:
            problem, status = e, 409 if isinstance(e, api.ConflictError) else 400
            found.refresh_from_db()
        else:
            added = request.POST.get("do") == "evidence" and _typed(request, found, sent)
            if not added:
                return redirect("acting.activity", kind=kind, number=number)
    can = reach(request)
    steps = access.steps(can, found)
    names = {m.name for m in steps}
    tasks = {x.id: x for x in api.tasks_of_document(reach(request), found.pk)}
    carried = {n: tasks[x] for n, x in api.carried(found.pk).items() if x in tasks}
    held = {x.id for x in carried.values()}
    line = about.workflow.steps
    words = {f"acting.activity.{m.name}": (m.label, m.label_en) for m in line}
    texts = {ask.name for m in line for ask in m.asks}
    context = {
        "a": found, "kind": about, "state": state_of(found), "problem": problem, "deadlines": api.standings_of(found),
        "lines": api.lines_of(found), "least_words": access.LEAST_WORDS,
        "fields": fields_of(ready if REWRITE in names else None, sent, problem, f"document-{number}-{found.version}"),
        "moves": [m for m in steps if m.name not in (REWRITE, PROVE)], "evidence": api.proofs(found),
        "beside": "rewrite" if REWRITE in names else "",
        "may_add_now": PROVE in names and bool(policies.can_prove_activity(found)),
        "may_task": bool(may_office(can, over=found.unit)),
        "tasks": [x for x in tasks.values() if x.id not in held],
        "decisions": [(n, text, carried.get(n)) for n, text in enumerate(found.decided, start=1)],
        "may_rewrite": REWRITE in names, "added": added,
        "posted": request.POST if added or sent.editing or request.POST.get("do") in (REWRITE, "evidence") else {},
        "history": told(audit.of_object("activity", found.pk), sorted(texts), words),
    }  # fmt: skip
    return render(request, "console/acting/activity.html", context, status=status)


def _typed(request: HttpRequest, found: Activity, sent: Given) -> bool:
    """Whether something was typed beside a file that was added, so that the page is shown again with it."""
    texts = (("title", found.title), ("text", found.text))
    return api.differs(found, sent.answers) or any(request.POST.get(n, o).strip() not in ("", o) for n, o in texts)


def _do(request: HttpRequest, found: Activity, sent: Given) -> None:
    can, who, what = reach(request), person(request), request.POST.get("do", "")
    version = asked.whole(request.POST.get("version", ""), 0)
    if what == "evidence":
        upload = request.FILES.get("file")
        if upload is None:
            raise UserError("请选择文件")
        api.add_evidence(who, upload, activity=found)
        return
    if what == REWRITE:
        api.rewrite(
            who,
            found,
            version=version,
            title=request.POST.get("title", ""),
            text=request.POST.get("text", ""),
            answers=sent.answers,
            explanations=sent.explanations,
        )
        return
    text = request.POST.get("score", "").strip()
    score = number(text, "得分") if text else None
    texts = {ask.name for m in kinds()[found.kind].workflow.named(what) for ask in m.asks}
    said = {name: request.POST.get(name, "") for name in texts}
    api.move_activity(can, found, what, version=version, score=score, said=said)
