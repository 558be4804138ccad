"""The audit trail in words, newest first (also what is not sealed yet): filters, keyset pages, a CSV file."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from qingmiao.kernel.csv_out import csv_bytes
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.api import EventShown
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.api import AUDIT_ADMIN, AUDITOR
from qingmiao.site.web.console.deeds import deeds, words
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.given import day, whole
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.sessions import person
from qingmiao.site.web.ui.templatetags.ui import facts

PAGE = 100
FILE = 50_000
"""Rows of an exported file at most; a longer span is exported in parts."""
FILTERS = ("actor", "action", "object", "since", "until")


@page(AUDIT_ADMIN, AUDITOR, methods=("GET",))
def trail(request: HttpRequest) -> HttpResponse:
    """Filter by person, action, object and days; `format=csv` gives the same as a file, which is itself audited."""
    asked = {name: request.GET.get(name, "").strip()[:200] for name in FILTERS}
    problem, filters = "", {}
    try:
        filters = _filters(asked)
    except UserError as e:
        problem = e.message
    if request.GET.get("format") == "csv" and not problem:
        return _file(request, audit.trail(**filters, limit=FILE), asked)
    before = whole(request.GET.get("before", ""), None)
    found = [] if problem else audit.trail(**filters, before=before, limit=PAGE + 1)
    known = words()
    context = {
        "events": found[:PAGE],
        "deeds": deeds(found[:PAGE]),
        "asked": asked,
        "problem": problem,
        "actions": sorted((t(*said), action) for action, said in known.items()),
        "query": urlencode({k: v for k, v in asked.items() if v}),
        "following": found[PAGE - 1].id if len(found) > PAGE else None,
    }
    return render(request, "console/audit/trail.html", context, status=400 if problem else 200)


def _filters(asked: dict[str, str]) -> dict[str, Any]:
    """What the trail is asked for. Raises UserError for what is no day."""
    span: dict[str, date] = {}
    for name, what in (("since", t("开始日期", "From")), ("until", t("结束日期", "To"))):
        if asked[name]:
            span[name] = day(asked[name], what)
    who = asked["actor"]
    actors = {"actors": {who, *directory.usernames(who)}} if who else {}
    return {"action": asked["action"], "object_id": asked["object"], **actors, **span}


def _file(request: HttpRequest, events: list[EventShown], asked: dict[str, str]) -> HttpResponse:
    """The rows as CSV; a text that a spreadsheet would take for a formula is kept from being one."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["序号", "时间", "人员", "用户名", "单位", "操作", "对象", "内容", "散列"])
    for d in deeds(events):
        e = d.event
        at = timezone.localtime(e.at).strftime("%Y-%m-%d %H:%M:%S")
        cells = [at, d.who, e.actor, d.unit, d.what, d.thing, facts(dict(e.detail))]
        writer.writerow([e.number or "", *map(_harmless, cells), e.hash or "待封存"])
    audit.seen(person(request), "audit.export", object_type="trail", detail={**asked, "rows": len(events)})
    answer = HttpResponse(csv_bytes(out.getvalue()), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate()}.csv"'
    return answer


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
