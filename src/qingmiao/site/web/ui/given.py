"""What a request brings, read in one way each: numbers, years, JSON. What cannot be such a thing is no such thing, never a fault of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, overload

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

MOST = 2**31 - 1
"""The largest number that an address or a form may name."""


class UnreadableError(SuspiciousOperation):
    """A request that no page of ours sends; answered with 400."""


@overload
def number(text: object, otherwise: int, *, least: int = 0, most: int = MOST) -> int: ...
@overload
def number(text: object, otherwise: None = None, *, least: int = 0, most: int = MOST) -> int | None: ...
def number(text: object, otherwise: int | None = None, *, least: int = 0, most: int = MOST) -> int | None:
    """A whole number of ASCII digits between `least` and `most`; `otherwise` for everything else (²، ٣, 1e9, -1, too long)."""
    plain = text.strip() if isinstance(text, str) else ""
    if not (plain.isascii() and plain.isdigit() and len(plain) <= len(str(most))):
        return otherwise
    return int(plain) if least <= int(plain) <= most else otherwise


def year(text: object, otherwise: int) -> int:
    """A year from 1900 to 2200, or `otherwise`."""
    return number(text, otherwise, least=1900, most=2200)


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request's body. Raises UnreadableError for anything else, too deep a nesting and text with NUL."""
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
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
    """Middleware: a path, a query or a form with a NUL in it is refused with 400: no page sends one and no column holds one."""

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
