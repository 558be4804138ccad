"""The search of the frame: a few of each kind while one types, one kind page by page."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.site.web.console.search.kinds import KINDS, Hit, Kind, Page
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach

FEW, PAGE = 5, 30
"""Hits of each kind when all are shown, and of one kind on a page."""
LONGEST = 60
"""Characters that are looked for."""


@dataclass(frozen=True)
class KindFound:
    """What was found of one kind."""

    kind: Kind
    hits: list[Hit]
    following: str
    more: str
    """The query of the page with more of it."""


def _found(kind: Kind, got: Page, asked: str, one: Kind | None) -> KindFound:
    hits, following = got
    more = {"q": asked, "kind": kind.name} | ({"after": following} if one else {})
    return KindFound(kind, hits, following, urlencode(more))


@page(methods=("GET",))
def search(request: HttpRequest) -> HttpResponse:
    """Everything that the person may see and that answers the words; only the list is sent to the box of the frame."""
    given, can = request.GET, reach(request)
    asked = " ".join(given.get("q", "").replace("\0", "").split())[:LONGEST]
    kinds = [k for k in KINDS if not k.roles or can.has(k.roles)]
    one = next((k for k in kinds if k.name == given.get("kind")), None)
    after = given.get("after", "") if one else ""
    try:
        found = [
            _found(k, k.find(can, asked, after, PAGE if one else FEW), asked, one) for k in ([one] if one else kinds)
        ]
    except ValueError:
        raise Http404 from None
    context = {"asked": asked, "found": [f for f in found if f.hits] if asked else [], "one": one}
    whole = "console/search/found.html" if getattr(request, "htmx", False) else "console/search/page.html"
    return render(request, whole, context)
