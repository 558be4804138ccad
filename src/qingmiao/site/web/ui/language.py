"""Chinese first, English by choice: `{% t "中文" "English" %}`, `|l` for labels of the pack, and for what engines and
apps say the catalogue of `figures.english` (`ui.marked`)."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from qingmiao.content.base import Label
from qingmiao.figures.english import Speaker, speaker_of
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.web.ui.marked import marked

COOKIE = "qm-language"
MEASURES = frozenset(
    (
        "项",
        "个",
        "年",
        "条",
        "张",
        "份",
        "版",
        "天",
        "人",
        "段",
        "第",
        "部分",
        "年的",
        "问题，本县没有设置时限",
        "年相比变差的目标",
        "年选中的报表",
    )
)
"""Chinese that English has no word for, or says at another place of the sentence."""
CURRENT: ContextVar[str] = ContextVar("language", default="zh")


class Language:
    """Middleware: the language of the cookie, for this request; an English page is said in English, and marks the
    rest."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = CURRENT.set("en" if request.COOKIES.get(COOKIE) == "en" else "zh")
        try:
            answer = self.get_response(request)
            html = str(answer.get("Content-Type", "")).startswith("text/html")
            if CURRENT.get() == "en" and html and not answer.streaming and "Content-Disposition" not in answer:
                answer.content = marked(answer.content.decode(), _speaker()).encode()
            return answer
        finally:
            CURRENT.reset(token)


_SPEAKERS: dict[str, Speaker] = {}
"""The one in use, by the digest of its pack."""


def _speaker() -> Speaker:
    """Says Chinese in English with the names of the site's pack."""
    pack = monitoring.pack()
    if pack.digest not in _SPEAKERS:
        _SPEAKERS.clear()
        _SPEAKERS[pack.digest] = speaker_of(pack)
    return _SPEAKERS[pack.digest]


def t(zh: str, en: str) -> str:
    """The text in the language of the request; Chinese where there is no English, but for measure words, which English
    has none for."""
    if not en and zh.strip("，。（）：； ") in MEASURES and CURRENT.get() == "en":
        return ""
    return en if CURRENT.get() == "en" and en else zh


def said(label: Label) -> str:
    """A pack's label in the language of the request; Chinese where there is no English."""
    return t(label.zh, label.en or label.zh)
