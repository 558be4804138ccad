"""One return: its sheet, saving, the steps, its history, one cell's story."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.returns import api
from qingmiao.site.web.console.deeds import deeds
from qingmiao.site.web.console.returns import presenting
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.fragments import part
from qingmiao.site.web.ui.given import UnreadableError, json_body, whole
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.sessions import person, reach

MAX_CHANGES = 20_000
"""Cells, notes and explanations in one save."""


def found(request: HttpRequest, number: int) -> api.FilingView:
    """The return, if it lies in the person's reach; a refusal looks like absence."""
    return api.found(reach(request), number)


@page(*WORKING)
def show(request: HttpRequest, number: int) -> HttpResponse:
    """The sheet; POST saves what a page without script sends."""
    filing = found(request, number)
    context: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        try:
            saved = api.save(reach(request), filing.pk, _edits(request))
        except api.NotAllowedError as e:
            context["problem"], status = e.message, 409
        else:
            if not saved.faults and not saved.conflicts:
                return redirect("returns.filing", number=number)
            filing = found(request, number)
            names = "、".join(f"{c}（{s.changed_by or '系统'}）" for c, s in saved.conflicts.items())
            context |= {"faults": saved.faults, "conflicts": names}
            status = 409 if saved.conflicts else 422
    return render(request, "console/returns/filing.html", context | _page(request, filing, context), status=status)


def _edits(request: HttpRequest) -> api.Edits:
    given = request.POST
    revision = given.get("revision", "")
    notes = {k.removeprefix("note:"): v for k, v in given.items() if k.startswith("note:") and isinstance(v, str)}
    if given.get("note_code") and given.get("note_text", "").strip():
        notes[given["note_code"]] = given["note_text"]
    return api.Edits(
        whole(revision, 0),
        cells={k: v for k, v in given.items() if "." in k and ":" not in k and isinstance(v, str)},
        notes=notes,
        explanations={k.removeprefix("explain:"): v for k,
            v in given.items() if k.startswith("explain:") and isinstance(v, str)},
    )  # fmt: skip


def _page(request: HttpRequest, filing: api.FilingView, context: dict[str, Any]) -> dict[str, Any]:
    can = reach(request)
    sheet = api.load(filing)
    editable = bool(api.may_fill(can, filing)) and bool(filing.can_edit)
    changed = api.changes(filing)
    version = next(v for v in api.versions(filing) if v.number == filing.version)
    return {
        "filing": filing, "return": sheet.rules.return_, "sheet": sheet, "editable": editable,
        "steps": api.steps(can, filing),
        "lines": presenting.lines(sheet, typed=request.POST.dict() if request.method == "POST" else None,
            faults=context.get("faults")),
        "data": presenting.data(sheet, person(request).username, editable=editable),
        "errors": [m for m in sheet.marks if m.level == "error"],
        "queries": [m for m in sheet.marks if m.level == "query"],
        "version": version, "send_backs": api.sent_back(filing),
        "changes": changed, "effects": presenting.effect_views(api.effects(filing, changed)) if changed else [],
        "final": filing.final, "path": _path(filing), "heads": presenting.heads(sheet.rules.return_),
        "marks": api.marks(sheet.rules.return_), "explained": api.explained(sheet.rules.return_),
        "signatures": api.signatures(filing),
    }  # fmt: skip


def _path(filing: api.FilingView) -> list[dict[str, Any]]:
    """The steps of the happy path, with how far this return is."""
    order = [
        api.ReturnState.DRAFT,
        api.ReturnState.SUBMITTED,
        api.ReturnState.SIGNED,
        api.ReturnState.ACCEPTED,
        api.ReturnState.LOCKED,
    ]
    at = 0 if filing.state == api.ReturnState.SENT_BACK else order.index(filing.state)
    return [{"state": s, "done": i < at, "now": i == at} for i, s in enumerate(order)]


@page(*WORKING, methods=("POST",), back="returns.filing")
def cells(request: HttpRequest, number: int) -> HttpResponse:
    """Autosave: JSON {"revision", "cells", "notes", "explanations"} → 200, 409 (others changed cells), 422 (some are no
    numbers).

    Whatever the status, everything that can be saved is saved. A return that is closed meanwhile answers 409 without
    cells, and so does work whose "name" is another person's or an older version's.
    """
    filing = found(request, number)
    if not api.may_fill(reach(request), filing):
        raise Http404
    try:
        body = json_body(request)
        edits = _read(body)
    except (UnreadableError, KeyError):
        return JsonResponse({"error": "请求不完整"}, status=400)
    if body.get("name") not in (
        None,
        presenting.work_name(filing.pk, filing.version, person(request).username),
    ):
        told = {"why": "打开这一页的是另一个人，或者这张表已有新的版本"}
        return JsonResponse({"conflict": told, "state": filing.state}, status=409)
    try:
        saved = api.save(reach(request), filing.pk, edits)
    except api.NotAllowedError as e:
        who = filing.moved_by or "系统"
        told = {"who": who, "when": filing.moved_at.isoformat(timespec="seconds"), "why": e.message}
        return JsonResponse({"conflict": told, "state": filing.state}, status=409)
    status = 409 if saved.conflicts else 422 if saved.faults else 200
    return JsonResponse(presenting.answer(saved.sheet, saved.changed, saved.faults, saved.conflicts), status=status)


def _read(body: dict[str, Any]) -> api.Edits:
    """The changes that a body brings. Raises UnreadableError, or KeyError where it names no revision."""
    parts = [body.get(k) or {} for k in ("cells", "notes", "explanations")]
    revision = body["revision"]
    right = isinstance(revision, int) and not isinstance(revision, bool) and all(isinstance(p, dict) for p in parts)
    if not right or sum(map(len, parts)) > MAX_CHANGES:
        raise UnreadableError("没有版本，或改动不是一个个格子")
    texts = [{str(k): "" if v is None else str(v) for k, v in p.items()} for p in parts]
    return api.Edits(revision, *texts)


@page(*WORKING, methods=("POST",), back="returns.filing")
def move(request: HttpRequest, number: int) -> HttpResponse:
    """Take one step: submit, sign, send back, accept, lock, correct."""
    filing = found(request, number)
    given = request.POST
    version, revision = given.get("version", ""), given.get("revision", "")
    seen = api.Seen(
        given.get("state", ""),
        whole(version, 0),
        whole(revision, None),
    )
    try:
        api.move(reach(request), filing.pk, given.get("action", ""), seen=seen, reason=given.get("reason", ""))
    except UserError as e:
        filing = found(request, number)
        context: dict[str, Any] = {"problem": e.message}
        status = 409 if isinstance(e, api.ConflictError) else 422
        return render(request, "console/returns/filing.html", context | _page(request, filing, context), status=status)
    return redirect("returns.filing", number=number)


@page(*WORKING, methods=("GET",))
def history(request: HttpRequest, number: int) -> HttpResponse:
    """Every version and everything that happened to the return."""
    filing = found(request, number)
    context = {
        "filing": filing, "return": api.return_of(filing.return_id), "versions": api.versions(filing),
        "events": deeds(audit.of_object("filing", filing.pk, limit=200)),
    }  # fmt: skip
    return render(request, "console/returns/history.html", context)


@page(*WORKING, methods=("GET",))
def cell(request: HttpRequest, number: int, code: str) -> HttpResponse:
    """One cell's story, for the drawer: figure, last year, who changed it when, the rules and indicators that read
    it."""
    filing = found(request, number)
    sheet = api.load(filing)
    rules = api.rules(filing.return_id)
    row, _, column = code.partition(".")
    if (row, column) not in rules.lines:
        raise Http404
    events = [
        {"at": e.at, "actor": e.actor, "was": e.detail["cells"][code][0], "now": e.detail["cells"][code][1]}
        for e in audit.of_object("filing", filing.pk, limit=500)
        if e.action == "returns.save" and code in e.detail.get("cells", {})
    ]
    context = {
        "filing": filing, "code": code, "row": rules.lines[row, column][0], "column": rules.lines[row, column][1],
        "cell": sheet.cells.get(code), "value": api.shown(sheet.computed.get(code, sheet.values.get((row, column)))),
        "last": api.shown(sheet.last.get(code)), "note": sheet.notes.get(code), "events": events,
        "rules": [r for r in sheet.rules.checks if (row, column) in r.cells],
        "indicators": api.reading(api.pack(), filing.return_id, {code}),
        "origin": api.cell_origin(filing.return_id, filing.area_id, filing.year, code),
    }  # fmt: skip
    return part(request, "console/returns/cell.html", context, title=t("单元格", "Cell"))
