"""Who asks: the session of the cookie, its person, and the person's reach, on every request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from qingmiao.site.apps.directory import sessions
from qingmiao.site.apps.directory.models import Person, Session
from qingmiao.site.apps.directory.permissions import Reach

COOKIE = "__Host-qm" if settings.ENVIRONMENT.https else "qm"
DEVICE_COOKIE = "__Host-qm-device" if settings.ENVIRONMENT.https else "qm-device"
DEVICE_AGE = 180 * 24 * 3600


@dataclass(frozen=True)
class Visitor:
    """Who asks. Without a session everything is empty; `whole` after both factors."""

    session: Session | None

    @property
    def person(self) -> Person | None:
        """The person of the session, also between the two factors."""
        return self.session.person if self.session else None

    @property
    def whole(self) -> bool:
        """True after password and second factor."""
        return bool(self.session and self.session.second_factor)

    @cached_property
    def reach(self) -> Reach:
        """The person's roles and units."""
        assert self.person is not None
        return Reach(self.person)


def visitor(request: HttpRequest) -> Visitor:
    """The visitor that the middleware found."""
    return cast(Visitor, request.visitor)  # type: ignore[attr-defined]


def person(request: HttpRequest) -> Person:
    """The person of a page that needs a login."""
    found = visitor(request).person
    assert found is not None, "a page without `page(...)` asked for its person"
    return found


def reach(request: HttpRequest) -> Reach:
    """The reach of the person of a page that needs a login."""
    return visitor(request).reach


class Sessions:
    """Middleware: finds the session of the cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request.COOKIES.get(COOKIE, "")
        found = sessions.find(token, now=timezone.now()) if token else None
        request.visitor = Visitor(found)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if found is not None:
            response.setdefault("Cache-Control", "no-store, private")
        return response


def keep(response: HttpResponse, token: str) -> HttpResponse:
    """Give the browser the session's token."""
    response.set_cookie(
        COOKIE, token, secure=settings.ENVIRONMENT.https, httponly=True, samesite="Lax", path="/"
    )
    return response


def forget(response: HttpResponse) -> HttpResponse:
    """Take the token from the browser."""
    response.delete_cookie(COOKIE, path="/", samesite="Lax")
    return response
