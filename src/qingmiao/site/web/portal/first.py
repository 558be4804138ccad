"""Pages of the portal that are made already are sent at once, before a thread or anything of the site works on them.

Nobody logs in there, so sessions, limits and languages have nothing to do with them; the headers are those that
the site's own middlewares gave the first page of the kind. No line is written of who read what.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from qingmiao.site.web.portal import keeping

PREFIX = "/portal/"
OWN = frozenset({"x-request-id", "etag", "content-length", "date"})
"""Headers that are each response's own."""
Headers = list[tuple[bytes, bytes]]
Asgi = Callable[[Mapping[str, Any], Any, Any], Awaitable[None]]


class PortalHeaders:
    """Middleware, the outermost: remembers which headers a page of the portal carries when all others are done."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "GET" and request.path_info.startswith(PREFIX) and response.status_code == 200:
            page = keeping.KEPT.ready(_path(request.path_info))
            if page is not None and not response.cookies:
                told = [
                    (name.lower().encode("latin1"), value.encode("latin1"))
                    for name, value in response.headers.items()
                    if name.lower() not in OWN
                ]
                keeping.KEPT.headers.setdefault((page.type, page.embeds), told)
        return response


def portal_first(site: Asgi) -> Asgi:
    """The ASGI application of the site with the portal's kept pages in front of it; it never waits for anything."""

    async def application(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        found = _kept(scope)
        if found is None:
            await site(scope, receive, send)
            return
        page, headers = found
        known = dict(scope["headers"]).get(b"if-none-match", b"").decode("latin1") == page.etag
        body = b"" if known else page.body
        own = [(b"etag", page.etag.encode())] + ([] if known else [(b"content-length", str(len(body)).encode())])
        await send({"type": "http.response.start", "status": 304 if known else 200, "headers": [*headers, *own]})
        await send({"type": "http.response.body", "body": body})

    return application


def _kept(scope: Mapping[str, Any]) -> tuple[keeping.PortalPage, Headers] | None:
    """The page that is asked for and its headers, where both are at hand and nothing speaks against sending them."""
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(PREFIX):
        return None
    if settings.SECURE_SSL_REDIRECT and not _secure(scope):
        return None
    page = keeping.KEPT.at_hand(_path(scope["path"]))
    headers = None if page is None else keeping.KEPT.headers.get((page.type, page.embeds))
    return None if page is None or headers is None else (page, headers)


def _secure(scope: Mapping[str, Any]) -> bool:
    if settings.SECURE_PROXY_SSL_HEADER:
        return bool(dict(scope["headers"]).get(b"x-forwarded-proto") == b"https")
    return bool(scope.get("scheme") == "https")


def _path(address: str) -> str:
    return address[len(PREFIX) :] or "index.html"
