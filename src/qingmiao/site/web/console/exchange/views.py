"""The page of the exchange: each partner, what was sent and confirmed, what its packages brought and changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.content.base import Label
from qingmiao.content.pack import Pack
from qingmiao.site.apps.directory.api import COUNTY_WIDE
from qingmiao.site.apps.exchange import api
from qingmiao.site.pack import pack
from qingmiao.site.web.ui.access import page

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
    late: tuple[str, ...]
    warnings: tuple[str, ...]
    changed: tuple[ChangedFigure, ...]
    more: int


@page(*COUNTY_WIDE, methods=("GET",))
def home(request: HttpRequest) -> HttpResponse:
    """How the exchange with each partner stands; nothing is sent from here (an administrator runs the command)."""
    content = pack()
    rows = [(one, [_came(content, told) for told in one.came]) for one in api.overview()]
    return render(request, "console/exchange/home.html", {"rows": rows})


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
    return PackageCame(told["number"], at, told["figures"], late, warnings, tuple(changed), more)


def _area(content: Pack, code: str) -> str:
    return content.areas[code].name if code in content.areas else code
