"""One page for who leads: cases by programme and township, what is late, at which units it lies. Small counts are not
shown to who does not see the cases; whoever sees them all is led from a number to the list of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.chains import Chain
from qingmiao.content.roles import ANY_AREA_STAFF
from qingmiao.flow import house
from qingmiao.kernel.areas import lies_in, stem
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import programmes, standing
from qingmiao.site.apps.cases.models import KeptCase
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.api import exposure
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach


@dataclass(frozen=True)
class ProgrammeCount:
    """Cases of a programme. A number is None where it is too small to be shown to this person. `listed`: this person
    sees every one of them, so that a list has as many, and small counts are shown."""

    programme: str
    label: Label
    opened: int | None
    open: int | None
    late: int | None
    danger: int | None
    closed: int | None
    listed: bool


@dataclass(frozen=True)
class UnitCount:
    """A unit at which cases are late."""

    unit: str
    label: str
    open: int | None
    late: int | None
    listed: bool


@dataclass(frozen=True)
class PlaceCount:
    """Open cases of a township. `place`: its code, or that of an area that holds several and is named as the place."""

    place: str
    label: Label
    open: int | None
    late: int | None
    danger: int | None
    listed: bool


@dataclass(frozen=True)
class ChainLinkCount:
    """Open cases of a link of a chain, over its programmes."""

    id: str
    label: Label
    open: int | None
    listed: bool


@dataclass(frozen=True)
class ChainCount:
    """A chain with the cases of each of its links."""

    id: str
    label: Label
    links: tuple[ChainLinkCount, ...]


@dataclass(frozen=True)
class CasesOverview:
    """`opened` and `closed`: in the year; all else: now. `fewest`: what is below is not shown, 0: all is.

    `place`: the township to which everything is narrowed, "" for none; `listed` as of one programme.
    """

    year: int
    rows: tuple[ProgrammeCount, ...]
    units: tuple[UnitCount, ...]
    places: tuple[PlaceCount, ...]
    chains: tuple[ChainCount, ...]
    opened: int | None
    open: int | None
    late: int | None
    danger: int | None
    fewest: int
    place: str
    place_label: Label | None
    listed: bool


def may_overview(reach: Reach) -> bool:
    """Whether the person leads, or works for a whole area, or sees every case of a place."""
    return _may(reach, standing.sights(reach))


def sights_of_leader(reach: Reach) -> standing.CaseSights:
    """What decides of a person who may have the overview; AbsentError for anybody else."""
    sights = standing.sights(reach)
    if not _may(reach, sights):
        raise AbsentError("没有这一页")
    return sights


def _may(reach: Reach, sights: standing.CaseSights) -> bool:
    leads = reach.has((house.LEADER, ANY_AREA_STAFF))
    return leads or any(s.placed and s.roles <= reach.roles for s in sights.seats)


def overview(reach: Reach, year: int, place: str = "") -> CasesOverview:
    """Cases of a year and those open now: over the areas of the person's roles, and what else the person sees.

    `place`: a township among those counted, for whoever sees every case (else two pages would tell a small count);
    AbsentError for another one, and for who does not lead.
    """
    sights = sights_of_leader(reach)
    now = timezone.now()
    rows, unseen = counted_for(sights)
    fewest = exposure.fewest_cases() if unseen else 0
    if place:
        if unseen or not rows.filter(township=place).exists():
            raise AbsentError("没有这一页")
        rows = rows.filter(township=place)
    first, last = (timezone.make_aware(datetime(y, 1, 1)) for y in (year, year + 1))
    count = {
        "opened": Count("pk", filter=Q(opened_at__gte=first, opened_at__lt=last)),
        "open": Count("pk", filter=Q(state="open")),
        "late": Count("pk", filter=Q(state="open", late_at__lt=now)),
        "danger": Count("pk", filter=Q(state="open", danger=True)),
        "closed": Count("pk", filter=Q(closed_at__gte=first, closed_at__lt=last)),
    }
    counted: list[dict[str, Any]] = [dict(r) for r in rows.values("programme").annotate(**count)]
    listed = {r["programme"] for r in counted} - {p for p, _, _ in unseen}
    columns = {k: {r["programme"]: r[k] for r in counted} for k in count}
    shown = {k: {p: exposure.small(n, 0 if p in listed else fewest) for p, n in c.items()} for k, c in columns.items()}
    totals = {k: exposure.total(c, listed, fewest) for k, c in columns.items()}
    stages: dict[str, dict[str, int]] = {}
    for r in rows.filter(state="open").values("programme", "stage").annotate(count=Count("pk")).order_by("stage"):
        stages.setdefault(r["programme"], {})[r["stage"]] = r["count"]
    every = programmes.every()
    found = tuple(
        ProgrammeCount(programme=id_, label=one.label, listed=id_ in listed, **{k: shown[k][id_] for k in count})
        for id_, one in sorted(every.items(), key=lambda p: p[1].card or "Z")
        if id_ in columns["open"]
    )
    of_chains = site_pack.pack().entries("chains", Chain)
    parts = {k: count[k] for k in ("open", "late", "danger")}
    return CasesOverview(
        year=year, rows=found, fewest=fewest, place=place, place_label=_place(place) if place else None,
        listed=not unseen, opened=totals["opened"], open=totals["open"], late=totals["late"], danger=totals["danger"],
        units=_units(rows, parts, totals, fewest, {u for _, u, _ in unseen}),
        places=_places(rows, parts, totals, fewest, {t for _, _, t in unseen}),
        chains=tuple(_chain(id_, c, stages, listed, fewest) for id_, c in of_chains.items()),
    )  # fmt: skip


def counted_for(sights: standing.CaseSights) -> tuple[QuerySet[KeptCase], set[tuple[str, str, str]]]:
    """The cases that a person may count: of the areas over which the person leads, and those that the person sees; and
    of which programmes, units and townships some of them are not seen."""
    rows = KeptCase.objects.filter(_led(sights) | sights.where).exclude(state="sealed")
    hidden = rows.exclude(pk__in=KeptCase.objects.filter(sights.where).values("pk"))
    return rows, set(hidden.values_list("programme", "owner", "township").distinct())


def unit_names(units: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """These units with their names, those that there are."""
    return tuple(Organisation.objects.filter(pk__in=list(units)).order_by("pk").values_list("pk", "label"))


def led_areas(sights: standing.CaseSights) -> tuple[str, ...]:
    """The areas over which the person leads."""
    return tuple(
        held.area
        for held in sights.reach.held
        if held.wide or house.LEADER in held.grants or any(s.unit == held.unit and s.placed for s in sights.seats)
    )


def _led(sights: standing.CaseSights) -> Q:
    """The cases of the areas over which the person leads."""
    where = Q(pk__in=[])
    for area in led_areas(sights):
        where |= Q(area__startswith=stem(area))
    return where


def _chain(
    id_: str, chain: Chain, stages: Mapping[str, Mapping[str, int]], listed: Set[str], fewest: int
) -> ChainCount:
    """The open cases of each link."""
    links = []
    for link in chain.links:
        counts = {f"{p}.{s}": stages.get(p, {}).get(s, 0) for p, states in link.states.items() for s in states}
        known = {k for k in counts if k.partition(".")[0] in listed}
        links.append(
            ChainLinkCount(link.id, link.label, exposure.total(counts, known, fewest), not any(counts.keys() - known))
        )
    return ChainCount(id_, chain.label, tuple(links))


def _units(
    rows: Any, count: Mapping[str, Count], totals: Mapping[str, int | None], fewest: int, unseen: set[str]
) -> tuple[UnitCount, ...]:
    """The units at which cases are late, the most first."""
    found = list(rows.filter(state="open").values("owner", "owner__label").annotate(**count).order_by("owner"))
    late = sorted((u for u in found if u["late"]), key=lambda u: (-u["late"], u["owner"]))
    known = {u["owner"] for u in found} - unseen
    shown = {k: exposure.parts({u["owner"]: u[k] for u in found}, totals[k], fewest, known) for k in count}
    return tuple(
        UnitCount(
            u["owner"], u["owner__label"], shown["open"][u["owner"]], shown["late"][u["owner"]], u["owner"] in known
        )
        for u in late
    )


def _places(
    rows: Any, count: Mapping[str, Count], totals: Mapping[str, int | None], fewest: int, unseen: set[str]
) -> tuple[PlaceCount, ...]:
    """The townships in which cases are open, in the order of their codes."""
    found = {p["township"]: p for p in rows.values("township").annotate(**count).order_by("township") if p["open"]}
    known = set(found) - unseen
    shown = {k: exposure.parts({t: p[k] for t, p in found.items()}, totals[k], fewest, known) for k in count}
    return tuple(
        PlaceCount(t, _place(t), shown["open"][t], shown["late"][t], shown["danger"][t], t in known) for t in found
    )


def _place(code: str) -> Label:
    """A township in words; one that no pack names, or none, as what it is."""
    found = site_pack.pack().areas.get(code)
    if found is None:
        return Label(zh="其他地方", en="elsewhere") if code else Label(zh="没有写明地方", en="no place given")
    if any(lies_in(a, code) and a != code and other.level == "township" for a, other in site_pack.pack().areas.items()):
        return Label(zh=f"{found.name}（没有写明乡镇）", en=f"{found.name}, no township given")
    return Label(zh=found.name)
