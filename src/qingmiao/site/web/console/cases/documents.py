"""A document of a case: given out, or looked at under a watermark that says who looked and when."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.files import given_out
from qingmiao.site.web.ui.sessions import person, reach

PICTURES = ("png", "jpg", "jpeg")
"""Kinds that are looked at under a watermark; any other is given out."""
ROWS = 12
"""How often the watermark stands across the picture."""


@page(*WORKING, methods=("GET",))
def document(request: HttpRequest, number: int, key: str) -> HttpResponse:
    """A file of a case, for whoever sees the case whole; the sight is written down."""
    return given_out(request, api.document(reach(request), number, key))


@page(*WORKING, methods=("GET",))
def look(request: HttpRequest, number: int, key: str) -> HttpResponse:
    """A picture of a case under a watermark."""
    one = next((d for d in api.documents(reach(request), number) if d.key == key), None)
    if one is None or not is_picture(one):
        raise Http404
    who = person(request)
    mark = f"{who.name}　{who.organisation.label}　{timezone.localtime():%Y-%m-%d %H:%M}"
    context = {"number": number, "d": one, "marks": [mark] * ROWS}
    return render(request, "console/cases/look.html", context)


def is_picture(one: api.CaseFileRow) -> bool:
    """Whether a document is looked at under a watermark."""
    return one.looked_at and one.key.rpartition(".")[2] in PICTURES
