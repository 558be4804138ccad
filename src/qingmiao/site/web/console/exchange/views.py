"""The pages of the exchange: each partner, what was sent and confirmed, what its packages brought and changed; the
figures of the areas below side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.content.base import Label
from qingmiao.content.pack import Pack
from qingmiao.site.apps.directory.api import COUNTY_WIDE
from qingmiao.site.apps.exchange import api
from qingmiao.site.pack import pack
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach

MOST = 200
"""Changed figures of a package that the page shows; all of them are in its file."""


@dataclass(frozen=True)
class ChangedFigure:
    """A figure that a package changed, in people's words."""

    indicator: str | Label
    area: str
    year: int
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class PackageCame:
    """What a package of a partner brought."""

    number: int
    at: str
    figures: int
    returns: int
    late: tuple[str, ...]
    warnings: tuple[str, ...]
    changed: tuple[ChangedFigure, ...]
    more: int


@page(*COUNTY_WIDE, methods=("GET",))
def home(request: HttpRequest) -> HttpResponse:
    """How the exchange with each partner stands; nothing is sent from here (an administrator runs the command)."""
    _whole_site(request)
    content = pack()
    rows = [(one, [_came(content, told) for told in one.came]) for one in api.overview()]
    return render(request, "console/exchange/home.html", {"rows": rows, "has_below": api.has_below()})


@dataclass(frozen=True)
class FigureShown:
    """A figure in a column: its value, "" where there is none, and then why."""

    value: str
    why: str


@page(*COUNTY_WIDE, methods=("GET",))
def figures(request: HttpRequest) -> HttpResponse:
    """What the areas below told of a year, side by side with the sums; `area` opens one of them."""
    _whole_site(request)
    content = pack()
    found = api.figures_below(request.GET.get("area", ""), years.chosen(request))
    rows = [
        (
            content.indicators[name].label if name in content.indicators else name,
            content.indicators[name].unit if name in content.indicators else "",
            [FigureShown(f.value, "" if f.value else _named(content, f.reason)) if f else None for f in told],
        )
        for name, told in found.rows
    ]
    columns = [(code, _area(content, code), code in found.opened) for code in found.areas]
    context = {
        "found": found, "columns": columns, "rows": rows, "name": _area(content, found.area),
        "offered": sorted({*found.years, *([found.year] if found.year else [])}, reverse=True),
        "keep": {"area": found.area if found.above else ""},
    }  # fmt: skip
    return render(request, "console/exchange/figures.html", context)


def _whole_site(request: HttpRequest) -> None:
    """The exchange is the whole site's: who works for one county of a city sees nothing of the others."""
    if not reach(request).holds(COUNTY_WIDE, over=None):
        raise Http404


def _named(content: Pack, told: str) -> str:
    """A reason with the names of areas in place of their codes."""
    return re.sub(r"\d{6,12}", lambda code: _area(content, code.group()), told)


def _came(content: Pack, told: dict[str, Any]) -> PackageCame:
    changed = [
        ChangedFigure(
            content.indicators[c["indicator"]].label if c["indicator"] in content.indicators else c["indicator"],
            _area(content, c["area"]), c["year"], c["before"], c["after"], c["reason"],
        )
        for c in told["changed"][:MOST]
    ]  # fmt: skip
    late = tuple(
        f"{content.returns[r['return']].form_no if r['return'] in content.returns else r['return']} "
        f"{_area(content, r['area'])} {r['year']}（{r['due']}）"
        for r in told["late"]
    )
    warnings = tuple(f"{w['told']}（{w['since']}）" for w in told["warnings"])
    more = len(told["changed"]) - len(changed)
    at = told["at"][:16].replace("T", " ")
    return PackageCame(told["number"], at, told["figures"], told["returns"], late, warnings, tuple(changed), more)


def _area(content: Pack, code: str) -> str:
    return content.areas[code].name if code in content.areas else code
