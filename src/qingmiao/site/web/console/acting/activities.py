"""Plans, self-reports, checks, meetings, studies, trainings …: one list and one page for every kind."""

from __future__ import annotations

from dataclasses import asdict

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString

from qingmiao.content.documents import REWRITE, DocumentKind
from qingmiao.figures.marks import ATTAINMENT, LIKELIHOOD, PACE
from qingmiao.forms import ReadyForm
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.api import OUTSIDE, WORKING, access
from qingmiao.site.web.console.acting.posted import number, year_of
from qingmiao.site.web.console.history import told
from qingmiao.site.web.console.monitoring.shown import sign
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.files import given_out
from qingmiao.site.web.ui.filters import Filters, units_of
from qingmiao.site.web.ui.forms import Given, read
from qingmiao.site.web.ui.forms import render as fields
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach
from qingmiao.site.web.ui.years import around

PAGE = 100
"""Documents a page of a list."""


def _kind(request: HttpRequest, kind: str) -> DocumentKind:
    found = api.open_kinds(reach(request)).get(kind)
    if found is None:
        raise Http404
    return found


@page(*WORKING, *OUTSIDE)
def activities(request: HttpRequest, kind: str) -> HttpResponse:
    """The list of a kind in a year, and the form for a new one."""
    about, can, year = _kind(request, kind), reach(request), year_of(request)
    problem: UserError | None = None
    ready = api.ready_for(about)
    sent = read(ready, request.POST) if ready is not None and request.method == "POST" else Given()
    if request.method == "POST" and not sent.editing:
        try:
            made = _record(request, about, year, sent)
        except UserError as e:
            problem = e
        else:
            return redirect("acting.activity", kind=kind, number=made)
    filters = Filters(request, units=units_of(can.unit_ids))
    try:
        found = api.listed(can, about, year, after=request.GET.get("after", ""), size=PAGE, narrowed=filters.narrowed)
    except ValueError:
        raise Http404 from None
    context = {
        "kind": about, "kinds": api.open_kinds(can).values(), "outside": api.comes_from_outside(can),
        "found": found, "year": year, "years": around(year),
        "filters": filters, "posted": request.POST, "problem": problem, "today": timezone.localdate().isoformat(),
        "opened": problem is not None or sent.editing,
        "fields": fields_of(ready, sent, problem, f"document-{kind}-{year}"), "figures": _signed(found.figures),
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


def _record(request: HttpRequest, about: DocumentKind, year: int, sent: Given) -> int:
    given = request.POST
    score = number(given["score"], "得分") if about.scored_when_recorded and given.get("score", "").strip() else None
    return api.record_for(
        reach(request), about, given.get("unit", ""), year=year, on_date=asked.day(given.get("on_date", ""), "日期"),
        title=given.get("title", ""), text=given.get("text", ""), score=score, decisions=given.get("decisions", ""),
        answers=sent.answers, explanations=sent.explanations,
    )  # fmt: skip


@page(*WORKING, *OUTSIDE, methods=("GET",))
def evidence(request: HttpRequest, number: int) -> HttpResponse:
    """A file of a document, for those who may see the document."""
    return given_out(request, api.evidence(reach(request), number))


@page(*WORKING, *OUTSIDE)
def activity(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """One activity: its text, its evidence, its signature and review, the tasks that follow from it."""
    about, found = _kind(request, kind), _shown(request, kind, number)
    problem, status, added = None, 200, False
    sent = Given(dict(found.answers), dict(found.explanations))
    if found.form is not None and "title" in request.POST:  # what is typed to rewrite it, also beside a file
        sent = read(found.form, request.POST)
    if request.method == "POST" and not sent.editing:
        try:
            _do(request, found, sent)
        except UserError as e:
            problem, status = e, status_of(e)
        else:
            added = request.POST.get("do") == "evidence" and _typed(request, found, sent)
            if not added:
                return redirect("acting.activity", kind=kind, number=number)
        found = _shown(request, kind, number)
    tasks = {x.id: x for x in api.tasks_of_document(reach(request), number)}
    carried = {n: tasks[x] for n, x in api.carried(number).items() if x in tasks}
    held = {x.id for x in carried.values()}
    line = about.workflow.steps
    words = {f"acting.activity.{m.name}": (m.label, m.label_en) for m in line}
    texts = {ask.name for m in line for ask in m.asks}
    draft = f"document-{number}-{found.version}"
    context = {
        "a": found, "kind": about, "outside": api.comes_from_outside(reach(request)), "problem": problem,
        "deadlines": found.deadlines,
        "least_words": access.LEAST_WORDS,
        "fields": fields_of(found.form if found.may_rewrite else None, sent, problem, draft),
        "moves": found.steps, "evidence": found.proofs, "beside": "rewrite" if found.may_rewrite else "",
        "tasks": [x for x in tasks.values() if x.id not in held],
        "decisions": [(n, text, carried.get(n)) for n, text in enumerate(found.decided, start=1)],
        "added": added, "figures": _signed(found.figures),
        "posted": request.POST if added or sent.editing or request.POST.get("do") in (REWRITE, "evidence") else {},
        "history": told(audit.of_object("activity", number), sorted(texts), words),
    }  # fmt: skip
    return render(request, "console/acting/activity.html", context, status=status)


def _signed(figures: api.GoalFigures | None) -> dict[str, object] | None:
    """The figures of a unit's goals with the signs of the three answers in place of their codes."""
    if figures is None:
        return None
    rows = [
        {
            **asdict(f), "attainment": sign(ATTAINMENT.get(f.attainment, ATTAINMENT["undetermined"]), ""),
            "pace": sign(PACE.get(f.pace, PACE["undetermined"]), ""),
            "likelihood": sign(LIKELIHOOD.get(f.likelihood, LIKELIHOOD["none"]), ""),
        }
        for f in figures.rows
    ]  # fmt: skip
    return {"year": figures.year, "run": figures.run, "rows": rows}


def _shown(request: HttpRequest, kind: str, number: int) -> api.DocumentShown:
    found = api.shown(reach(request), kind, number)
    if found is None:
        raise Http404
    return found


def _typed(request: HttpRequest, found: api.DocumentShown, sent: Given) -> bool:
    """Whether something was typed beside a file that was added, so that the page is shown again with it."""
    texts = (("title", found.title), ("text", found.text))
    return api.differs(found, sent.answers) or any(request.POST.get(n, o).strip() not in ("", o) for n, o in texts)


def _do(request: HttpRequest, found: api.DocumentShown, sent: Given) -> None:
    can, given, what = reach(request), request.POST, request.POST.get("do", "")
    version = asked.whole(given.get("version", ""), 0)
    if what == "evidence":
        upload = request.FILES.get("file")
        if upload is None:
            raise UserError("请选择文件")
        api.add_document_file(can, found.number, upload)
        return
    if what == REWRITE:
        api.rewrite_document(
            can, found.number, version=version, title=given.get("title", ""), text=given.get("text", ""),
            answers=sent.answers, explanations=sent.explanations,
        )  # fmt: skip
        return
    text = given.get("score", "").strip()
    score = number(text, "得分") if text else None
    texts = {ask.name for m in found.kind.workflow.named(what) for ask in m.asks}
    said = {name: given.get(name, "") for name in texts}
    api.move_document(can, found.number, what, version=version, score=score, said=said)
