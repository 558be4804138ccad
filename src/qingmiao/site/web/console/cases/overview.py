"""One page for who leads: cases by programme and by the links of the chains, late ones, units at which they lie."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.chains import Chain, ChainLink
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.web.console.cases.narrowing import address
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach


@dataclass(frozen=True)
class LinkShown:
    """A link of a chain: how many open cases stand in it, None where one of its numbers is too small to be shown.
    `address`: the list of them, "" where this person does not see them all."""

    label: Label
    cases: int | None
    address: str


@dataclass(frozen=True)
class ChainShown:
    """A chain with the cases of each of its links."""

    label: Label
    links: tuple[LinkShown, ...]


@dataclass(frozen=True)
class Counted:
    """A number of the page and the list that it leads to ("": none)."""

    n: int | None
    address: str
    bad: bool = False


@dataclass(frozen=True)
class CountedRow:
    """A row of a table: what it is about, its numbers; `address`: where the row itself leads."""

    label: Label
    numbers: tuple[Counted, ...]
    address: str = ""


@page(*WORKING, methods=("GET",))
def overview(request: HttpRequest) -> HttpResponse:
    """Cases of a year and those open now, on one screen and one sheet of paper."""
    year = years.year_of(request, otherwise=timezone.localdate().year)
    found = api.overview(reach(request), year, request.GET.get("place", "")[:12])
    context = {
        "o": found, "chains": chains(found), "year": year, "years": years.around(year),
        "keep": {"place": found.place}, "sums": _sums(found), "rows": _programmes(found), "units": _units(found),
        "places": _places(found), "now": timezone.localtime(),
    }  # fmt: skip
    return render(request, "console/cases/overview.html", context)


def _counted(n: int | None, listed: bool, bad: bool = False, **asked: str) -> Counted:
    return Counted(n, address(asked) if listed and n else "", bad and n != 0)


def _sums(o: api.CasesOverview) -> tuple[Counted, ...]:
    year, at = str(o.year), {"township": o.place}
    return (
        _counted(o.opened, o.listed, state="all", opened=year, **at), _counted(o.open, o.listed, **at),
        _counted(o.danger, o.listed, True, state="danger", **at), _counted(o.late, o.listed, True, state="late", **at),
    )  # fmt: skip


def _programmes(o: api.CasesOverview) -> tuple[CountedRow, ...]:
    def row(r: api.ProgrammeCount) -> CountedRow:
        at = {"programme": r.programme, "township": o.place}
        return CountedRow(
            r.label,
            (
                _counted(r.opened, r.listed, state="all", opened=str(o.year), **at), _counted(r.open, r.listed, **at),
                _counted(r.danger, r.listed, True, state="danger", **at),
                _counted(r.late, r.listed, True, state="late", **at),
                _counted(r.closed, r.listed, state="all", closed=str(o.year), **at),
            ),
        )  # fmt: skip

    return tuple(row(r) for r in o.rows)


def _units(o: api.CasesOverview) -> tuple[CountedRow, ...]:
    def row(u: api.UnitCount) -> CountedRow:
        at = {"unit": u.unit, "township": o.place}
        return CountedRow(
            Label(zh=u.label), (_counted(u.late, u.listed, True, state="late", **at), _counted(u.open, u.listed, **at))
        )

    return tuple(row(u) for u in o.units)


def _places(o: api.CasesOverview) -> tuple[CountedRow, ...]:
    def row(p: api.PlaceCount) -> CountedRow:
        at, listed = {"township": p.place}, p.listed and bool(p.place)
        numbers = (
            _counted(p.late, listed, True, state="late", **at), _counted(p.danger, listed, True, state="danger", **at),
            _counted(p.open, listed, **at),
        )  # fmt: skip
        leads = o.listed and p.place and not o.place
        return CountedRow(p.label, numbers, f"?{urlencode({'year': o.year, 'place': p.place})}" if leads else "")

    return tuple(row(p) for p in o.places)


def chains(found: api.CasesOverview) -> tuple[ChainShown, ...]:
    """The chains of the pack over the cases that are open now."""
    there = {(r.programme, s): count for r in found.rows for s, (_, count) in r.stages.items()}
    listed = {r.programme: r.listed for r in found.rows}

    def link(chain: str, of: ChainLink) -> LinkShown:
        n = _sum([there.get((p, s), 0) for p, states in of.states.items() for s in states])
        seen = bool(n) and all(listed.get(p, True) for p in of.states)
        return LinkShown(of.label, n, address({chain: of.id, "township": found.place}) if seen else "")

    return tuple(
        ChainShown(chain.label, tuple(link(id_, of) for of in chain.links))
        for id_, chain in site_pack.pack().entries("chains", Chain).items()
    )


def _sum(counts: list[int | None]) -> int | None:
    known = [n for n in counts if n is not None]
    return sum(known) if len(known) == len(counts) else None
