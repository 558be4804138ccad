"""The audit trail, newest first (also what is not sealed yet), with keyset pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory.roles import Role
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.given import whole

PAGE = 100


@page(Role.AUDIT_ADMIN, Role.AUDITOR, methods=("GET",))
def trail(request: HttpRequest) -> HttpResponse:
    """Filter by person, action and object."""
    asked = {name: request.GET.get(name, "").strip() for name in ("actor", "action", "object")}
    rows = Event.objects.order_by("-id")
    if asked["actor"]:
        rows = rows.filter(actor=asked["actor"])
    if asked["action"]:
        rows = rows.filter(action__startswith=asked["action"])
    if asked["object"]:
        rows = rows.filter(object_id=asked["object"])
    before = request.GET.get("before", "")
    if (number := whole(before, None)) is not None:
        rows = rows.filter(id__lt=number)
    found = list(rows[: PAGE + 1])
    following = found[PAGE - 1].pk if len(found) > PAGE else None
    return render(request, "console/audit/trail.html", {"events": found[:PAGE], "asked": asked, "following": following})
