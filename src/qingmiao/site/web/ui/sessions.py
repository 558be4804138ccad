"""Who asks: the session of the cookie, its person, and the person's reach, on every request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.api import Person, Reach, Session
from qingmiao.site.changes import CHANGES, Memory
from qingmiao.site.web.ui.cookies import put

COOKIE = "__Host-qm" if settings.ENVIRONMENT.https else "qm"
DEVICE_COOKIE = "__Host-qm-device" if settings.ENVIRONMENT.https else "qm-device"
DEVICE_AGE = 180 * 24 * 3600
REMEMBERED = 2000
"""At most this many visitors a process (about 10 KB each)."""


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
        """True after password and second factor, or after the password where no role asks for a second one."""
        if self.session is None or self.session.second_factor or not self.session.waived:
            return bool(self.session and self.session.second_factor)
        return directory.sessions.is_whole(self.session, self.reach)

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


def present(request: HttpRequest) -> Session:
    """The session of a page that needs a login or half of one: a handle for the directory's api."""
    found = visitor(request).session
    assert found is not None, "a page without `page(...)` asked for its session"
    return found


def reach(request: HttpRequest) -> Reach:
    """The reach of the person of a page that needs a login."""
    return visitor(request).reach


class Sessions:
    """Middleware: finds the session of the cookie.

    Reading requests may meet a visitor who is remembered from the request before; a writing one always reads the
    database, and what this process remembers ends with it, so that its answer's next page shows it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.visitors: Memory[Visitor] = Memory(REMEMBERED)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reads = request.method in ("GET", "HEAD")
        who = self.find(request.COOKIES.get(COOKIE, ""), remembered=reads)
        request.visitor = who  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            if not reads:
                CHANGES.happened()
        if who.session is not None:
            response.setdefault("Cache-Control", "no-store, private")
        return response

    def find(self, token: str, *, remembered: bool) -> Visitor:
        """The visitor with a token; nobody without one."""
        if not token:
            return Visitor(None)
        now = timezone.now()

        def read() -> Visitor:
            return Visitor(directory.sessions.find(token, now=now))

        if not remembered:
            return read()
        # Roles begin and end with a day.
        return self.visitors.get(
            (directory.digest(token), timezone.localdate(now)),
            read,
            good=lambda v: v.session is not None and directory.sessions.is_young(v.session, now=now),
        )


def keep(response: HttpResponse, token: str) -> HttpResponse:
    """Give the browser the session's token."""
    return put(response, COOKIE, token)


def forget(response: HttpResponse) -> HttpResponse:
    """Take the token from the browser."""
    response.delete_cookie(COOKIE, path="/", samesite="Lax")
    return response
