"""One page for who leads: cases by programme, what is late, at which units it lies. Small counts are not shown to who
does not see the cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.roles import ANY_AREA_STAFF
from qingmiao.flow import house
from qingmiao.kernel.areas import stem
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import programmes, standing
from qingmiao.site.apps.cases.models import KeptCase
from qingmiao.site.apps.cases.showing import stage_label
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach


@dataclass(frozen=True)
class ProgrammeCount:
    """Cases of a programme. A number is None where it is too small to be shown to this person."""

    programme: str
    label: Label
    opened: int | None
    open: int | None
    late: int | None
    danger: int | None
    closed: int | None
    stages: Mapping[str, tuple[Label, int | None]]
    """State → its words and how many open cases stand there."""


@dataclass(frozen=True)
class UnitCount:
    """A unit at which cases are late."""

    unit: str
    label: str
    open: int | None
    late: int | None


@dataclass(frozen=True)
class CasesOverview:
    """`opened` and `closed`: in the year; all else: now. `fewest`: what is below is not shown ("少于"), 0: all is."""

    year: int
    rows: tuple[ProgrammeCount, ...]
    units: tuple[UnitCount, ...]
    opened: int | None
    open: int | None
    late: int | None
    fewest: int


def may_overview(reach: Reach) -> bool:
    """Whether the person leads, or works for a whole area, or sees every case of a place."""
    return reach.has((house.LEADER, ANY_AREA_STAFF)) or any(s.placed for s in standing.sights(reach).seats)


def overview(reach: Reach, year: int) -> CasesOverview:
    """Cases of a year and those open now, over the areas of the person's roles. AbsentError for who does not lead."""
    if not may_overview(reach):
        raise AbsentError("没有这一页")
    sights, now = standing.sights(reach), timezone.now()
    where = Q(pk__in=[])
    for held in reach.held:
        if held.wide or house.LEADER in held.grants or any(s.unit == held.unit and s.placed for s in sights.seats):
            where |= Q(area__startswith=stem(held.area))
    rows = KeptCase.objects.filter(where).exclude(state="sealed")
    whole = not rows.exclude(pk__in=KeptCase.objects.filter(sights.where).values("pk")).exists()
    fewest = 0 if whole else site_pack.pack().policy.cases_shown_from
    first, last = (timezone.make_aware(datetime(y, 1, 1)) for y in (year, year + 1))
    count = {
        "opened": Count("pk", filter=Q(opened_at__gte=first, opened_at__lt=last)),
        "open": Count("pk", filter=Q(state="open")),
        "late": Count("pk", filter=Q(state="open", late_at__lt=now)),
        "danger": Count("pk", filter=Q(state="open", danger=True)),
        "closed": Count("pk", filter=Q(closed_at__gte=first, closed_at__lt=last)),
    }
    counted: list[dict[str, Any]] = [dict(r) for r in rows.values("programme").annotate(**count)]
    by = {r["programme"]: {k: _shown(r[k], fewest) for k in count} for r in counted}
    stages: dict[str, dict[str, int]] = {}
    for r in rows.filter(state="open").values("programme", "stage").annotate(count=Count("pk")):
        stages.setdefault(r["programme"], {})[r["stage"]] = r["count"]
    units = rows.filter(state="open").values("owner", "owner__label").annotate(open=count["open"], late=count["late"])
    shown = tuple(
        ProgrammeCount(
            programme=id_, label=one.label, **by[id_],
            stages={s: (stage_label(one, s), _shown(n, fewest)) for s, n in sorted(stages.get(id_, {}).items())},
        )
        for id_, one in sorted(programmes.every().items(), key=lambda p: p[1].card or "Z")
        if id_ in by
    )  # fmt: skip
    late = sorted((u for u in units if u["late"]), key=lambda u: (-u["late"], u["owner"]))
    totals = {k: _total([r[k] for r in counted], fewest) for k in ("opened", "open", "late")}
    return CasesOverview(
        year=year, rows=shown, fewest=fewest, **totals,
        units=tuple(
            UnitCount(u["owner"], u["owner__label"], _shown(u["open"], fewest), _shown(u["late"], fewest)) for u in late
        ),
    )  # fmt: skip


def _shown(count: int, fewest: int) -> int | None:
    """A count, or None where it is above nothing and below what is shown."""
    return None if 0 < count < fewest else count


def _total(counts: list[int], fewest: int) -> int | None:
    """A sum, or None where it would tell the one count that is not shown."""
    hidden = [n for n in counts if _shown(n, fewest) is None]
    return None if len(hidden) == 1 else _shown(sum(counts), fewest)
