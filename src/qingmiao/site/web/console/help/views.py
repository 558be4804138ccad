"""The help page: what the person's roles do in a year; and the guide of the first login, which is put away once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.site.apps.directory import api as directory
from qingmiao.site.web.console.help.topics import topics
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import person, reach


@page()
def help_page(request: HttpRequest) -> HttpResponse:
    """The topics of the person's roles, the own ones open; POST puts the guide away for good."""
    if request.method == "POST":
        directory.guided(person(request))
        return redirect("home" if request.POST.get("do") == "dismiss" else "help.topics")
    return render(request, "console/help/topics.html", {"topics": topics(reach(request).roles)})
