"""A class's or clinic's day on one sheet: lines are children, columns the fields of a form; each line is saved by
itself. Without script each line leads to its own form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from qingmiao.forms import FieldFault
from qingmiao.forms.browser import browser_form
from qingmiao.forms.kinds import LONG_TEXT_MAX
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.records import api
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.forms import cells, compute_address
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.once import new_id
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach

PLACE = ("area", "village", "school_class", "age")
LONGEST = LONG_TEXT_MAX
"""Characters of one answer at most."""


@page(*WORKING)
def day(request: HttpRequest) -> HttpResponse:
    """GET: the sheet of a kind of record and a place. POST: JSON of one line, {"child", "kind", "operation", "seen",
    "answers", "explanations"} → 200 (its record), 409 (somebody made one meanwhile), 422 (what is wrong, by field)."""
    if request.method == "POST":
        return _saved(request)
    can, given = reach(request), request.GET
    kinds = api.day.day_kinds(can)
    if not kinds:
        raise api.AbsentError("没有这个页面")
    chosen = {k: given.get(k, "")[:60] for k in PLACE}
    wanted = given.get("kind", "")
    kind = wanted if wanted in {k for k, _ in kinds} else kinds[0][0]
    due, after = given.get("due") == "1", asked.whole(given.get("after", ""), 0)
    sheet = api.day.day_sheet(can, kind, **chosen, due=due, after=after)
    onward = {"kind": kind, **{k: v for k, v in chosen.items() if v}} | ({"due": "1"} if due else {})
    context = {
        "s": sheet, "kinds": kinds, "chosen": chosen, "due": due, "areas": api.areas(can),
        "lines": [
            {"row": r, "cells": cells(sheet.columns, r.answers, f"c{r.child.id}-"), "operation": new_id(),
             "given": [(f, _text(r.answers.get(f))) for f in sorted(sheet.given)]}
            for r in sheet.rows
        ],
        "following": urlencode({**onward, "after": sheet.following}) if sheet.following else "",
        "form": {
            "tree": browser_form(sheet.ready), "day": timezone.localdate().isoformat(), "compute": compute_address(),
            "kind": kind,
        },
    }  # fmt: skip
    return render(request, "console/records/day.html", context)


def _text(value: Any) -> str:
    """What the house filled in, as its input holds it."""
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _saved(request: HttpRequest) -> JsonResponse:
    try:
        line = _line(asked.json_body(request))
    except asked.UnreadableError as e:
        return JsonResponse({"error": str(e)}, status=400)
    try:
        saved = api.day.save_row(reach(request), **line)
    except UserError as e:
        return JsonResponse({"error": e.message}, status=status_of(e))
    if saved.meanwhile is not None:
        there = saved.meanwhile
        said = [{"field": f, "label": label, "text": text} for f, label, text in there.said]
        told = {"record": there.record, "who": f"{there.unit} {there.by}", "said": said}
        return JsonResponse({"meanwhile": told}, status=409)
    filled = saved.filled
    assert filled is not None
    if not saved.record:
        faults, queries = [_told(f) for f in filled.faults], [_told(q) for q in filled.queries]
        return JsonResponse({"faults": faults, "queries": queries}, status=422)
    return JsonResponse({"record": saved.record})


def _told(fault: FieldFault) -> dict[str, str]:
    return {"field": fault.field, "message": t(fault.message, fault.message_en), "key": fault.key}


def _line(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a line brings. Raises UnreadableError for what no page of ours sends."""
    match body:
        case {"child": int(child), "kind": str(kind), "operation": str(operation), "seen": int(seen),
              "answers": dict(answers), "explanations": dict(said)} if operation:  # fmt: skip
            every = [v for a in answers.values() for v in (a if isinstance(a, list) else [a])]
            if all(isinstance(v, str) and len(v) <= LONGEST for v in (*every, *said.values())):
                return {
                    "number": child, "kind": kind, "operation": operation, "seen": seen, "answers": answers,
                    "explanations": said,
                }  # fmt: skip
    raise asked.UnreadableError("请求不完整")
