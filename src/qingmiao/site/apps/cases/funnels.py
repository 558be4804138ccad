"""Where cases of a programme are lost, link by link (`funnels/`), over the cases opened in a year: for whoever leads or
sees every case of a place. Small counts are not shown to who does not see the cases."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from qingmiao.casework.funnels import CaseWay, LinkWay, funnel_counts
from qingmiao.content.base import Label
from qingmiao.content.funnels import CaseFunnel
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import overview, programmes
from qingmiao.site.apps.cases.models import CaseStep, KeptCase
from qingmiao.site.apps.directory.api import exposure
from qingmiao.site.apps.directory.permissions import Reach


@dataclass(frozen=True)
class LinkShown:
    """One link. A number is None where it is too small to be shown to this person. `ended`: the state's words and how
    many ended there; `loss`: whether those are lost."""

    label: Label
    reached: int | None
    waiting: int | None
    ended: tuple[tuple[Label, int | None], ...]
    loss: bool


@dataclass(frozen=True)
class FunnelShown:
    """A funnel of a year."""

    id: str
    label: Label
    links: tuple[LinkShown, ...]


@dataclass(frozen=True)
class FunnelsPage:
    """All funnels whose programmes have cases that this person may count. `fewest`: smaller numbers are not shown, 0:
    all are."""

    year: int
    funnels: tuple[FunnelShown, ...]
    fewest: int


def funnels(reach: Reach, year: int) -> FunnelsPage:
    """Every funnel over the cases opened in a year. AbsentError for who neither leads nor answers for a place."""
    rows, unseen = overview.counted_for(overview.sights_of_leader(reach))
    first, last = (timezone.make_aware(datetime(y, 1, 1)) for y in (year, year + 1))
    rows = rows.filter(opened_at__gte=first, opened_at__lt=last)
    fewest = exposure.fewest_cases()
    hidden = {p for p, _, _ in unseen}
    found = []
    for id_, funnel in site_pack.pack().entries("funnels", CaseFunnel).items():
        if funnel.programme in programmes.every():
            ways = _ways(funnel, rows.filter(programme=funnel.programme))
            if ways:
                least = fewest if funnel.programme in hidden else 0
                found.append(FunnelShown(id_, funnel.label, _shown(funnel, funnel_counts(funnel, ways), least)))
    return FunnelsPage(year, tuple(found), fewest if hidden else 0)


def _ways(funnel: CaseFunnel, numbers: QuerySet[KeptCase]) -> list[CaseWay]:
    """What each case took and came to; nothing that was filled in is read but the plain code that divides them."""
    passed: dict[int, set[str]] = defaultdict(set)
    codes: dict[int, str] = {}
    steps = CaseStep.objects.filter(case__in=numbers.values("pk")).order_by("case", "number")
    for case, step, target, values in steps.values_list("case", "step", "target", "values"):
        passed[case] |= {step, target}
        if funnel.of is not None and funnel.of.field in values:
            codes[case] = values[funnel.of.field]
    ways = []
    for number, stage, state in numbers.values_list("pk", "stage", "state"):
        if funnel.of is None or codes.get(number) == funnel.of.code:
            ways.append(CaseWay(frozenset(passed[number]), stage, state == "open"))
    return ways


def _shown(funnel: CaseFunnel, ways: tuple[LinkWay, ...], fewest: int) -> tuple[LinkShown, ...]:
    """The links without small counts, nor what gives one back by subtracting a link from another."""
    states = programmes.every()[funnel.programme].states
    ended = [sorted(w.ended.items(), key=lambda e: (-e[1], e[0])) for w in ways]
    stayed = [[w.waiting, *(n for _, n in e)] for w, e in zip(ways, ended, strict=True)]
    chain = exposure.chain(stayed[:-1], ways[-1].reached, fewest)
    parts = [*chain.stayed, (0,)]
    return tuple(
        LinkShown(
            way.link.label,
            reached,
            part[0],
            tuple((states[s].label, n) for (s, _), n in zip(e, part[1:], strict=True) if s in states),
            loss=not way.some_go_on,
        )
        for way, reached, part, e in zip(ways, chain.reached, parts, ended, strict=True)
    )
