"""The first page of somebody from outside: what is handed to their unit, what they record."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.content.documents import DocumentKind
from qingmiao.site.apps.acting import api
from qingmiao.site.apps.directory.api import OUTSIDE
from qingmiao.site.web.console.acting.posted import year_of
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach
from qingmiao.site.web.ui.years import around

FEW = 20
"""So many documents of a kind stand on the page; the kind's own list has all."""


@dataclass(frozen=True)
class CommissionedKind:
    """A kind of document with the newest of the year."""

    kind: DocumentKind
    rows: tuple[api.DocumentRow, ...]
    may_record: bool


@page(*OUTSIDE, methods=("GET",))
def commissioned(request: HttpRequest) -> HttpResponse:
    """Packages that were handed over, samples that were drawn, opinions that were given, of one year."""
    can, year = reach(request), year_of(request)
    found = []
    for kind in api.open_kinds(can).values():
        listed = api.listed(can, kind, year, after="", size=FEW)
        found.append(CommissionedKind(kind, listed.rows, listed.may_record))
    context = {"found": found, "year": year, "years": around(year)}
    return render(request, "console/acting/commissioned.html", context)
