"""One page for who leads: cases by programme and by the links of the chains, late ones, units at which they lie."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.chains import Chain
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach


@dataclass(frozen=True)
class LinkShown:
    """A link of a chain: how many open cases stand in it, None where one of its numbers is too small to be shown."""

    label: Label
    cases: int | None


@dataclass(frozen=True)
class ChainShown:
    """A chain with the cases of each of its links."""

    label: Label
    links: tuple[LinkShown, ...]


@page(*WORKING, methods=("GET",))
def overview(request: HttpRequest) -> HttpResponse:
    """Cases of a year and those open now, on one screen and one sheet of paper."""
    year = years.year_of(request, otherwise=timezone.localdate().year)
    found = api.overview(reach(request), year)
    context = {"o": found, "chains": chains(found), "year": year, "years": years.around(year)}
    return render(request, "console/cases/overview.html", context)


def chains(found: api.CasesOverview) -> tuple[ChainShown, ...]:
    """The chains of the pack over the cases that are open now."""
    there = {(r.programme, s): count for r in found.rows for s, (_, count) in r.stages.items()}
    return tuple(
        ChainShown(
            chain.label,
            tuple(
                LinkShown(link.label, _sum([there.get((p, s), 0) for p, states in link.states.items() for s in states]))
                for link in chain.links
            ),
        )
        for chain in site_pack.pack().entries("chains", Chain).values()
    )


def _sum(counts: list[int | None]) -> int | None:
    known = [n for n in counts if n is not None]
    return sum(known) if len(known) == len(counts) else None
