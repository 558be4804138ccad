"""The audit trail, newest first (also what is not sealed yet), with keyset pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.roles import Role
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.given import whole

PAGE = 100


@page(Role.AUDIT_ADMIN, Role.AUDITOR, methods=("GET",))
def trail(request: HttpRequest) -> HttpResponse:
    """Filter by person, action and object."""
    asked = {name: request.GET.get(name, "").strip() for name in ("actor", "action", "object")}
    before = whole(request.GET.get("before", ""), None)
    found = audit.trail(
        actor=asked["actor"], action=asked["action"], object_id=asked["object"], before=before, limit=PAGE + 1
    )
    following = found[PAGE - 1].id if len(found) > PAGE else None
    return render(request, "console/audit/trail.html", {"events": found[:PAGE], "asked": asked, "following": following})
