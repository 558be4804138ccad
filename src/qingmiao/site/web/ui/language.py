"""Chinese first, English by choice: `{% t "中文" "English" %}` and `|l` for labels of the pack."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from qingmiao.site.web.ui.access import open_page
from qingmiao.site.web.ui.cookies import put
from qingmiao.site.web.ui.marked import marked

COOKIE = "qm-language"
CURRENT: ContextVar[str] = ContextVar("language", default="zh")


class Language:
    """Middleware: the language of the cookie, for this request; on an English page what is Chinese is marked so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = CURRENT.set("en" if request.COOKIES.get(COOKIE) == "en" else "zh")
        try:
            answer = self.get_response(request)
            html = str(answer.get("Content-Type", "")).startswith("text/html")
            if CURRENT.get() == "en" and html and not answer.streaming and "Content-Disposition" not in answer:
                answer.content = marked(answer.content.decode()).encode()
            return answer
        finally:
            CURRENT.reset(token)


def t(zh: str, en: str) -> str:
    """The text in the language of the request."""
    return en if CURRENT.get() == "en" and en else zh


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
