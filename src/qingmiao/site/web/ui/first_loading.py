"""While a first start still loads: pages whose data are not there yet say so in place of showing them empty; all others
say what is missing.

A page is known by the part of the program that its view stands in; what is not named as open waits until all is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.web.ui.calm import patience

ALWAYS = ("qingmiao.site.web.ui.", "qingmiao.site.web.console.account.", "django.")
"""Views that need nothing of what is loaded: health, language, log in and out."""
WITH_FIGURES = (
    "qingmiao.site.web.console.home.",
    "qingmiao.site.web.console.monitoring.",
    "qingmiao.site.web.console.leader.",
    "qingmiao.site.web.console.returns.",
    "qingmiao.site.web.console.help.",
    "qingmiao.site.web.console.notices.",
    "qingmiao.site.web.console.people.",
    "qingmiao.site.web.console.audit.",
)
"""Views that need the figures alone."""
FIGURES = "figures"
"""The stage of the first start after which these are open."""
INTERFACES = "qingmiao.site.web.api."
RETRY = 3
"""Seconds after which a browser looks again."""


class FirstLoading:
    """Middleware: asks once a request what is still to be loaded, until nothing is; then never again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.over = settings.ENVIRONMENT.mode != "demo"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """The page that says what is being loaded, in place of one that needs it."""
        if self.over:
            return None
        where = f"{view.__module__}."
        if where.startswith("qingmiao.site.web.ui.health."):
            return None  # it answers also where the database does not
        found = audit.stages.loading()
        if found is None:
            self.over = True
            return None
        request.first_loading = found  # type: ignore[attr-defined]
        figures = all(s.id != FIGURES for s in found.waiting)
        if where.startswith(ALWAYS + (WITH_FIGURES if figures else ())):
            return None
        return _waiting(request, found, interface=where.startswith(INTERFACES), figures=figures)


def of(request: HttpRequest) -> audit.stages.Loading | None:
    """What is still to be loaded, as this request found it."""
    return getattr(request, "first_loading", None)


def _waiting(request: HttpRequest, found: audit.stages.Loading, *, interface: bool, figures: bool) -> HttpResponse:
    if interface:
        text = f"正在装入{found.waiting[0].zh}（第 {found.place} 步，共 {len(found.stages)} 步），装好以后再请求"
        answer: HttpResponse = JsonResponse({"detail": text}, status=503, json_dumps_params={"ensure_ascii": False})
    else:
        shown = {"loading": found, "figures": figures, "retry": RETRY}
        answer = render(request, "ui/first_loading.html", shown, status=503)
    answer["Retry-After"] = str(RETRY)
    answer["Cache-Control"] = "no-store"
    return patience(answer, "the first start still loads: people are asked to wait")
