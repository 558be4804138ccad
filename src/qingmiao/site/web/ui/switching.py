"""The switch between Chinese and English, on every page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from qingmiao.site.web.ui.access import open_page
from qingmiao.site.web.ui.cookies import put
from qingmiao.site.web.ui.language import COOKIE


@open_page("GET", "POST")
def choose(request: HttpRequest) -> HttpResponse:
    """Switch the language and go back; who opens the address itself is led to the first page."""
    if request.method != "POST":
        return redirect("/")
    back = request.POST.get("next", "/")
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = "/"
    chosen = "en" if request.POST.get("language") == "en" else "zh"
    return put(redirect(back), COOKIE, chosen, max_age=365 * 86400)
