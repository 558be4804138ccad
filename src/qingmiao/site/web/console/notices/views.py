"""A person's own notices: what is new, what it is about, read or unread."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.site.apps.notices import api
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.sessions import person

PAGE = 50


@page()
def inbox(request: HttpRequest) -> HttpResponse:
    """The own notices, the latest first; POST opens one (it counts as read then) or marks all as read."""
    who = person(request)
    if request.method == "POST":
        number = whole(request.POST.get("number", ""), None)
        where = api.mark_read(who, number) if number is not None or request.POST.get("all") else ""
        return redirect(where or "notices.inbox")
    found = api.inbox(who, before=whole(request.GET.get("before", ""), None), limit=PAGE + 1)
    context = {
        "notices": found[:PAGE],
        "following": found[PAGE - 1].number if len(found) > PAGE else None,
        "new": api.unread(who),
    }
    return render(request, "console/notices/inbox.html", context)
