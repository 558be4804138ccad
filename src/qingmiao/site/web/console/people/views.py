"""Accounts and roles: the system administrator makes accounts, the security administrator gives roles."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory import api
from qingmiao.site.apps.directory.api import ADMINISTRATORS, SYSTEM_ADMIN
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.filters import Filters
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.once import shown_at
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach

PAGE = 50


@page(*ADMINISTRATORS, methods=("GET",))
def people(request: HttpRequest) -> HttpResponse:
    """All accounts of the county by user name, with keyset pages."""
    can = reach(request)
    filters = Filters(request, units=[(u.id, u.label) for u in api.showing.units(can)])
    found = api.showing.accounts(can, narrowed=filters.narrowed, after=request.GET.get("after", ""), limit=PAGE + 1)
    context = {
        "people": found[:PAGE],
        "following": found[PAGE - 1].username if len(found) > PAGE else "",
        "filters": filters,
        "may_make": can.has({SYSTEM_ADMIN}),
    }
    return render(request, "console/people/list.html", context)


@page(SYSTEM_ADMIN)
def new(request: HttpRequest) -> HttpResponse:
    """A new account with a password to be changed at the first login, shown once."""
    can = reach(request)
    context: dict[str, object] = {"units": api.showing.units(can), "given": request.POST}
    status = 200
    if request.method == "POST":
        given = {name: request.POST.get(name, "").strip() for name in ("username", "name", "unit", "post")}
        try:
            made = api.administering.make_account(can, **given)
        except UserError as e:
            context["problem"], status = str(e), status_of(e)
        else:
            shown = render(request, "console/people/made.html", {"made": made})
            return shown_at(shown, reverse("people.one", args=[given["username"]]))
    return render(request, "console/people/new.html", context, status=status)


@page(*ADMINISTRATORS)
def one(request: HttpRequest, username: str) -> HttpResponse:
    """One account: disable, reset password (system administrator); roles (security
    administrator), reset codes (two administrators)."""
    can, problem, status = reach(request), "", 200
    if request.method == "POST":
        try:
            made = _act(request, username)
        except UserError as e:
            problem, status = str(e), status_of(e)
        else:
            if made is not None:
                shown = render(request, "console/people/made.html", {"made": made})
                return shown_at(shown, reverse("people.one", args=[username]))
            return redirect("people.one", username=username)
    context = {
        "one": api.showing.account(can, username),
        "all_roles": api.roles(),
        "units": api.showing.units(can),
        "problem": problem,
    }
    return render(request, "console/people/one.html", context, status=status)


def _act(request: HttpRequest, username: str) -> api.administering.FirstPassword | None:
    """Do what the form asks; the first password where one was made."""
    can, given, do = reach(request), request.POST, api.administering
    match given.get("do", ""):
        case "disable" | "enable" as what:
            do.set_active(can, username, what == "enable")
        case "reset_password":
            return do.reset_password(can, username)
        case "ask_codes_reset":
            do.ask_codes_reset(can, username)
        case "reset_codes":
            do.reset_codes(can, username)
        case "grant":
            do.grant(can, username, role=given.get("role", ""), unit=given.get("unit", ""))
        case "revoke":
            do.revoke(can, username, whole(given.get("assignment", ""), 0))
        case _:
            raise Http404
    return None
