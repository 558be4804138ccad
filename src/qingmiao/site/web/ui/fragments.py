"""Pages whose content depends on a run and their filters only: the content is rendered once and kept with the run, the
frame around it once for each person and address."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, MutableMapping
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from qingmiao.site.web.ui.context import page
from qingmiao.site.web.ui.language import CURRENT

KEPT = 400
"""At most this many fragments a run."""
FRAMES = 2000
"""At most this many frames (about 3 KB each) and tokens a process."""
CONTENT, TOKEN = "content-4f1c9e0a", "token-4f1c9e0a"
"""What stands in a kept frame where the content and the request's CSRF token belong."""
INDENT = re.compile(r"\n\s+")
"""Indentation of the templates; kept fragments have no preformatted text."""
K = TypeVar("K")
V = TypeVar("V")


def whole_page(
    request: HttpRequest,
    kept: MutableMapping[Any, bytes],
    key: tuple[Any, ...],
    template: str,
    make: Callable[[], dict[str, Any]],
) -> HttpResponse:
    """A page made of the common frame and a kept fragment `template` (which must not depend on the person).

    `make` gives the fragment's context; it is called only when the fragment is not kept yet.
    """
    content = fragment(kept, key, template, make)
    head, tail = _frame(request)
    token = _token(request).encode()
    return HttpResponse(token.join(head) + content + token.join(tail))


def part(request: HttpRequest, template: str, context: dict[str, Any], *, title: str) -> HttpResponse:
    """A part of a page (for the drawer, or asked for again and again) is sent alone to HTMX, and in the common frame
    under `title` to a browser that opens the address itself."""
    if getattr(request, "htmx", False):
        return render(request, template, context)
    return render(request, "ui/part.html", {**context, "part": template, "title": title})


def fragment(
    kept: MutableMapping[Any, bytes], key: tuple[Any, ...], template: str, make: Callable[[], dict[str, Any]]
) -> bytes:
    """A part of a page that depends on nothing but its key and the language, rendered once."""
    full = (*key, CURRENT.get())
    content = kept.get(full)
    if content is None:
        content = INDENT.sub("\n", render_to_string(template, make())).encode()
        if len(kept) < KEPT:
            kept[full] = content
    return content


def _token(request: HttpRequest) -> str:
    """A CSRF token; what one browser asks for within a second shares it (masking one costs as much as the rest of the
    page)."""
    secret, second = request.META.get("CSRF_COOKIE"), int(time.monotonic())
    known = _tokens.get(secret)
    if secret is not None and known is not None and known[0] == second:
        return known[1]
    token = get_token(request)
    if secret is not None:
        _keep(_tokens, secret, (second, token))
    return token


_tokens: dict[str | None, tuple[int, str]] = {}
_frames: dict[tuple[Any, ...], tuple[list[bytes], list[bytes]]] = {}
_guard = threading.Lock()


def _frame(request: HttpRequest) -> tuple[list[bytes], list[bytes]]:
    """The frame before and after the content, each cut where the token belongs; all that it shows is in its key."""
    shown = page(request)
    person = shown["person"]
    key = (
        request.get_full_path(),
        shown["language"],
        *((person.name, person.organisation.short, shown["guide"]) if person else ()),
        *(e.url for item in shown["navigation"] for e in (item.entries or (item,))),
    )
    found = _frames.get(key)
    if found is None:
        context = {**shown, "request": request, "kept": mark_safe(CONTENT), "csrf_token": TOKEN}
        head, tail = render_to_string("ui/kept.html", context).encode().split(CONTENT.encode())
        found = head.split(TOKEN.encode()), tail.split(TOKEN.encode())
        _keep(_frames, key, found)
    return found


def _keep(where: dict[K, V], key: K, value: V) -> None:
    with _guard:
        where[key] = value
        if len(where) > FRAMES:
            del where[next(iter(where))]
