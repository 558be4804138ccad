"""One log line a request, and a limit on requests an address or known person."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from qingmiao.site.apps.directory import api as directory
from qingmiao.site.web.ui.sessions import DEVICE_COOKIE

log = logging.getLogger("qingmiao.request")

RATES = {"read": (60.0, 600.0), "write": (10.0, 120.0), "login": (1.0, 40.0)}
"""Requests a second that refill the bucket, and the bucket's size, for one address (or one person on a known
device) and server process (local settings).

A county unit sits behind one address, so the sizes leave room for a whole office.
"""
ADDRESSES = 10_000


def address(request: HttpRequest) -> str:
    """The client's address; X-Forwarded-For counts only as far as our own proxies stand in front."""
    return client_address(str(request.META.get("REMOTE_ADDR", "")), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def client_address(remote: str, forwarded: str) -> str:
    """The client's address from that of the connection and the header X-Forwarded-For."""
    proxies: int = settings.ENVIRONMENT.trusted_proxies
    chain = [a.strip() for a in forwarded.split(",") if a.strip()]
    return chain[-proxies] if proxies and len(chain) >= proxies else remote


def _whose(request: HttpRequest) -> str:
    """Whose limit a request counts on: the person's on a device where she has logged in, else the address's.

    So somebody who uses up an office's address stops only those whom it has never seen.
    """
    owner = directory.device_owner(request.COOKIES.get(DEVICE_COOKIE, ""))
    return f"person {owner}" if owner else address(request)


def _place(request: HttpRequest) -> str:
    """The address where it holds but numbers, else its pattern; "" where there is no page: somebody typed it."""
    match = request.resolver_match
    if match is None:
        return ""
    return request.path if all(isinstance(v, int) for v in match.kwargs.values()) else f"/{match.route}"


class RequestLog:
    """Middleware: a request id in the response and one structured line in the log; no query, no body, no names."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        number = secrets.token_hex(6)
        request.number = number  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = number
        if not request.path.startswith(("/static/", "/health/")):
            who = getattr(getattr(request, "visitor", None), "person", None)
            log.info(
                "request",
                extra={
                    "request": number, "method": request.method, "path": _place(request),
                    "status": response.status_code,
                    "milliseconds": round((time.perf_counter() - began) * 1000, 1), "person": who.pk if who else "",
                },
            )  # fmt: skip
        return response


class RateLimit:
    """Middleware: a token bucket for each address or known person and kind of request; over it, 429."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self.lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.ENVIRONMENT.mode != "test" or getattr(request, "limit_in_tests", False):
            kind = (
                "read"
                if request.method in ("GET", "HEAD")
                else "login"
                if request.path.startswith("/login")
                else "write"
            )
            wait = self.take(_whose(request), kind, time.monotonic())
            if wait:
                return HttpResponse(
                    f"请求太多，请 {wait:.0f} 秒后再试",
                    status=429,
                    headers={"Retry-After": f"{wait:.0f}"},
                    content_type="text/plain; charset=utf-8",
                )
        return self.get_response(request)

    def take(self, who: str, kind: str, now: float) -> float:
        """Take one token; the seconds to wait when there is none (0 = go on)."""
        factor = settings.ENVIRONMENT.rate_factor
        rate, size = RATES[kind][0] * factor, RATES[kind][1] * factor
        with self.lock:
            left, at = self.buckets.pop((who, kind), (size, now))
            left = min(size, left + (now - at) * rate)
            self.buckets[who, kind] = (max(0.0, left - 1), now)
            if len(self.buckets) > ADDRESSES:
                self.buckets.popitem(last=False)
        return 0.0 if left >= 1 else max(1.0, (1 - left) / rate)
