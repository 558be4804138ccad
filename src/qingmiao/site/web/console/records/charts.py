"""A child's growth curves, eyes, fitness and vaccination card, on the screen and to be printed for the family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from qingmiao.site.apps.directory.api import WORKING, Reach
from qingmiao.site.apps.records import api
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach

PARTS = (
    ("growth", "生长曲线", "Growth"), ("eyes", "视力和屈光", "Eyes"), ("fitness", "体质健康", "Fitness"),
    ("vaccines", "预防接种卡", "Vaccines"),
)  # fmt: skip
"""Part of a file → its words; its page is records.NAME."""


def tabs(number: int, readable: tuple[str, ...], here: str) -> dict[str, Any]:
    """What the row of a file's parts needs: (address, Chinese, English, whether it is this page)."""
    shown = (p for p in PARTS if p[0] in readable)
    rows = [(reverse(f"records.{name}", args=(number,)), zh, en, name == here) for name, zh, en in shown]
    first = (reverse("records.one", args=(number,)), "档案", "File", here == "one")
    known = (reverse("records.known", args=(number,)), "某日的档案", "As known on a day", here == "known")
    last = (reverse("records.looked", args=(number,)), "查阅记录", "Who looked", here == "looked")
    return {"tabs": (first, *rows, known, last)}


def _shown(request: HttpRequest, part: str, number: int, read: Callable[[Reach], tuple[str, Any]]) -> HttpResponse:
    """A part of a file: `read` gives its name in the template and what it is."""
    can = reach(request)
    with api.reading():
        name, found = read(can)
        more = tabs(number, api.parts(can, number), part)
    context = {name: found}
    return render(request, f"console/records/{part}.html", {**context, **more})


@page(*WORKING, methods=("GET",))
def growth(request: HttpRequest, number: int) -> HttpResponse:
    """The growth curves by a norm (`norm`) over a part of the ages (`span`)."""
    given = request.GET
    asked = {"norm": given.get("norm", "")[:10], "span": given.get("span", "")[:2]}
    return _shown(request, "growth", number, lambda can: ("g", api.growth_page(can, number, **asked)))


@page(*WORKING, methods=("GET",))
def eyes(request: HttpRequest, number: int) -> HttpResponse:
    """Acuity and refraction over the years."""
    return _shown(request, "eyes", number, lambda can: ("e", api.eye_page(can, number)))


@page(*WORKING, methods=("GET",))
def fitness(request: HttpRequest, number: int) -> HttpResponse:
    """Fitness by school year."""
    return _shown(request, "fitness", number, lambda can: ("f", api.fitness_page(can, number)))


@page(*WORKING, methods=("GET",))
def vaccines(request: HttpRequest, number: int) -> HttpResponse:
    """The vaccination card."""
    return _shown(request, "vaccines", number, lambda can: ("c", api.card(can, number)))


@page(*WORKING, methods=("GET",))
def sheet(request: HttpRequest, number: int) -> HttpResponse:
    """The file on one sheet of A4, to be printed for the guardian."""
    with api.reading():
        found = api.sheet(reach(request), number)
    return render(request, "console/records/sheet.html", {"s": found})


@page(*WORKING, methods=("GET",))
def sheet_pdf(request: HttpRequest, number: int) -> HttpResponse:
    """The same as a PDF; in the trail of the file."""
    data = api.sheet_pdf(reach(request), number)
    name = f"child-{number}-{timezone.localdate():%Y%m%d}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(data, content_type="application/pdf", headers=headers)
