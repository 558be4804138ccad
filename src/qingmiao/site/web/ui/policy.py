"""The Content-Security-Policy header: written out once; made for a response only where that one differs."""

from __future__ import annotations

from functools import cached_property

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


class ContentSecurityPolicy(CSPMiddleware):
    """Middleware: django-csp, without building the same header text for every response."""

    @cached_property
    def usual(self) -> str:
        """The header of a response whose page uses no nonce and changes nothing."""
        return str(super().process_response(HttpRequest(), HttpResponse())[HEADER])

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the header."""
        if getattr(request, "_csp_nonce", None) or any(name.startswith("_csp") for name in vars(response)):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.usual)
        return response
