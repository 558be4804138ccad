"""What a request brings, read in one way each: numbers, years, days, JSON.

What cannot be such a thing is no such thing, and never a fault of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException

from qingmiao.kernel.errors import UserError

N = TypeVar("N", int, None)

DIGITS = 9
"""So many digits at most: what is longer is no number of ours, and no column of the database holds it."""


class UnreadableError(SuspiciousOperation):
    """A request that no page of ours sends; answered with 400."""


def whole(text: str, otherwise: N) -> int | N:
    """The number of some ASCII digits; `otherwise` for anything else (nothing, a sign, ², ten digits and more)."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else otherwise


def year(text: str, otherwise: int) -> int:
    """A year from 1900 to 2200, or `otherwise`."""
    found = whole(text, otherwise)
    return found if 1900 <= found <= 2200 else otherwise


def day(text: str, what: str) -> date:
    """A date as the browser sends it. Raises UserError, naming `what`."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UserError(f"{what}：请写成 2024-05-31 这样的日期") from None


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request's body. Raises UnreadableError for anything else, also NUL and deep nests."""
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError, RawPostDataException):  # the last: it was sent as a form
        raise UnreadableError("请求的内容不是 JSON") from None
    if not isinstance(found, dict) or _has_nul(found):
        raise UnreadableError("请求的内容不是一个 JSON 对象，或含有空字符")
    return found


def _has_nul(found: Any) -> bool:
    if isinstance(found, str):
        return "\0" in found or any("\ud800" <= c <= "\udfff" for c in found)
    if isinstance(found, dict):
        return any(_has_nul(k) or _has_nul(v) for k, v in found.items())
    return isinstance(found, list) and any(_has_nul(x) for x in found)


class PlainText:
    """Middleware: a path, a query or a form with a NUL is refused with 400: no page sends one, no column holds one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        """Raises UnreadableError before the view is called."""
        texts = [request.path, *(t for k, vs in request.GET.lists() for t in (k, *vs))]
        if request.method == "POST" and request.content_type != "application/json":
            texts += [str(t) for k, vs in request.POST.lists() for t in (k, *vs)]
        if any("\0" in t for t in texts):
            raise UnreadableError("请求里有空字符")
