"""The one way in which a page gives the browser something to keep."""

from __future__ import annotations

from typing import TypeVar

from django.conf import settings
from django.http import HttpResponse

R = TypeVar("R", bound=HttpResponse)


def put(response: R, name: str, value: str, *, max_age: int | None = None) -> R:
    """A cookie for the whole site: out of reach of scripts, not sent from other sites, behind HTTPS only over HTTPS.

    `max_age` in seconds; without it the browser drops the cookie when it is closed.
    """
    response.set_cookie(
        name, value, max_age=max_age, secure=settings.ENVIRONMENT.https, httponly=True, samesite="Lax", path="/"
    )
    return response
