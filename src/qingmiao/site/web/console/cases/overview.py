"""One page for who leads: cases by programme and by the links of the chains, late ones, units at which they lie."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.web.console.cases.narrowing import address, programme_ways
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach


@dataclass(frozen=True)
class NumberShown:
    """A number of the page and the list that it leads to ("": none)."""

    n: int | None
    address: str
    bad: bool = False


@dataclass(frozen=True)
class CountedRow:
    """A row of a table: what it is about, its numbers; `address`: where the row itself leads."""

    label: Label
    numbers: tuple[NumberShown, ...]
    address: str = ""


@page(*WORKING, methods=("GET",))
def overview(request: HttpRequest) -> HttpResponse:
    """Cases of a year and those open now, on one screen and one sheet of paper."""
    year = years.year_of(request, otherwise=timezone.localdate().year)
    found = api.overview(reach(request), year, request.GET.get("place", "")[:12])
    context = {
        "ways": programme_ways(reach(request)), "o": found,
        "chains": _chains(found), "year": year, "years": years.around(year),
        "keep": {"place": found.place}, "sums": _sums(found), "rows": _programmes(found), "units": _units(found),
        "places": _places(found), "now": timezone.localtime(),
    }  # fmt: skip
    return render(request, "console/cases/overview.html", context)


def _counted(n: int | None, listed: bool, asked: dict[str, str], state: str = "") -> NumberShown:
    return NumberShown(
        n, address(asked | {"state": state}) if listed and n else "", state in ("late", "danger") and n != 0
    )


def _sums(o: api.CasesOverview) -> tuple[NumberShown, ...]:
    at = {"township": o.place}
    return (
        _counted(o.opened, o.listed, at | {"opened": str(o.year)}, "all"), _counted(o.open, o.listed, at),
        _counted(o.danger, o.listed, at, "danger"), _counted(o.late, o.listed, at, "late"),
    )  # fmt: skip


def _programmes(o: api.CasesOverview) -> tuple[CountedRow, ...]:
    def row(r: api.ProgrammeCount) -> CountedRow:
        at, year = {"programme": r.programme, "township": o.place}, str(o.year)
        return CountedRow(
            r.label,
            (
                _counted(r.opened, r.listed, at | {"opened": year}, "all"), _counted(r.open, r.listed, at),
                _counted(r.danger, r.listed, at, "danger"), _counted(r.late, r.listed, at, "late"),
                _counted(r.closed, r.listed, at | {"closed": year}, "all"),
            ),
        )  # fmt: skip

    return tuple(row(r) for r in o.rows)


def _units(o: api.CasesOverview) -> tuple[CountedRow, ...]:
    def row(u: api.UnitCount) -> CountedRow:
        at = {"unit": u.unit, "township": o.place}
        return CountedRow(
            Label(zh=u.label), (_counted(u.late, u.listed, at, "late"), _counted(u.open, u.listed, at))
        )  # fmt: skip

    return tuple(row(u) for u in o.units)


def _places(o: api.CasesOverview) -> tuple[CountedRow, ...]:
    def row(p: api.PlaceCount) -> CountedRow:
        at, listed = {"township": p.place}, p.listed and bool(p.place)
        numbers = (
            _counted(p.late, listed, at, "late"), _counted(p.danger, listed, at, "danger"),
            _counted(p.open, listed, at),
        )  # fmt: skip
        leads = o.listed and p.place and not o.place
        return CountedRow(p.label, numbers, f"?{urlencode({'year': o.year, 'place': p.place})}" if leads else "")

    return tuple(row(p) for p in o.places)


def _chains(o: api.CasesOverview) -> tuple[tuple[Label, tuple[CountedRow, ...]], ...]:
    def link(chain: str, of: api.ChainLinkCount) -> CountedRow:
        return CountedRow(of.label, (_counted(of.open, of.listed, {chain: of.id, "township": o.place}),))

    return tuple((c.label, tuple(link(c.id, of) for of in c.links)) for c in o.chains)
