"""Every view says who may open it: `@page(*roles)`, or `@open_page` for those before login.

A refusal looks like absence (404); somebody without a session is sent to the login page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from qingmiao.site.apps.directory import api as directory
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.export import exported
from qingmiao.site.web.ui.once import once
from qingmiao.site.web.ui.sessions import visitor

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Access:
    """Who may open a view: nobody needs a login (`open`), half a login is enough, or one of `roles` (all when
    empty)."""

    open: bool = False
    half: bool = False
    roles: frozenset[str] = frozenset()
    methods: tuple[str, ...] = ("GET", "POST")
    token: bool = False
    """No cookie opens it: another program brings a token (`web/api/bearer.py`)."""
    back: str = ""
    """The page whose button posts here: who opens the address itself (a link kept, a page shown again) is led there."""


def page(
    *roles: str, methods: tuple[str, ...] = ("GET", "POST"), half: bool = False, back: str = ""
) -> Callable[[View], View]:
    """A view for people with one of the roles (any role when none is named).

    `back`: of a view that only takes POST, the page of the same arguments to which a GET leads.
    """
    access = Access(half=half, roles=frozenset(roles), methods=methods, back=back)

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
            refused = _refusal(request, checked.access, named)  # type: ignore[attr-defined]
            if refused is not None:
                return refused
            if request.method == "HEAD":
                return _heads(lambda: view(request, *args, **named))
            answer = once(request, lambda: view(request, *args, **named))
            return years.keep(request, exported(request, answer))

        checked.access = access  # type: ignore[attr-defined]
        return checked

    return wrap


def _heads(answered: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer to whoever asks for a page's heads alone: nothing that the view writes stays, not even a sight."""
    with transaction.atomic():
        answer = answered()
        transaction.set_rollback(True)
    return answer


def open_page(*methods: str) -> Callable[[View], View]:
    """A view for everybody."""

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
            allowed = methods or ("GET",)
            if request.method not in allowed and not (request.method == "HEAD" and "GET" in allowed):
                return HttpResponseNotAllowed(allowed)
            return view(request, *args, **named)

        checked.access = Access(open=True, methods=methods or ("GET",))  # type: ignore[attr-defined]
        return checked

    return wrap


def _refusal(request: HttpRequest, access: Access, named: dict[str, Any]) -> HttpResponse | None:
    who = visitor(request)
    if who.person is None or (not who.whole and not access.half):
        return _to_login(request, access)
    if request.method not in (*access.methods, "HEAD") or (request.method == "HEAD" and "GET" not in access.methods):
        if access.back and request.method in ("GET", "HEAD"):
            return _redirect(request, reverse(access.back, kwargs=named))
        return HttpResponseNotAllowed(access.methods)
    if access.half:
        return None
    if access.roles and not who.reach.has(access.roles):
        raise Http404
    # Someone whose password must change sees nothing else before.
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name not in ("account.password", "account.logout") and directory.must_change(who.person, now=timezone.now()):
        return _redirect(request, reverse("account.password"))
    return None


def _to_login(request: HttpRequest, access: Access) -> HttpResponse:
    """To the login page, and from there back to the page that was asked for (or to the one that was to be posted, to
    send it again)."""
    shown = "GET" in access.methods and not getattr(request, "htmx", False)
    back = request.get_full_path() if shown else "/"
    query = "" if back == "/" else "?" + urlencode({"next": back})
    return _redirect(request, reverse("account.login") + query)


def _redirect(request: HttpRequest, where: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": where})
    return redirect(where)
