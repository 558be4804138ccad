"""Cases counted along the links of a funnel: how many came to each, and where the others are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from qingmiao.content.funnels import CaseFunnel, FunnelLink


@dataclass(frozen=True)
class CaseWay:
    """What a funnel reads of a case: every step that it took and state that it came to, where it stands, whether it is
    open."""

    passed: Set[str]
    stage: str
    open: bool


@dataclass(frozen=True)
class LinkWay:
    """One link. `reached`: cases that came to it or to a later one. `waiting`: of these, open ones that have not come
    to the next; `ended`: state → those that ended without coming to the next. At the last link nothing is next.

    `some_go_on`: not every case has to go on, so that an end here is no loss.
    """

    link: FunnelLink
    reached: int
    waiting: int
    ended: Mapping[str, int]
    some_go_on: bool

    @property
    def lost(self) -> int:
        """Cases that ended here and should have gone on."""
        return 0 if self.some_go_on else sum(self.ended.values())


def funnel_counts(funnel: CaseFunnel, cases: Iterable[CaseWay]) -> tuple[LinkWay, ...]:
    """How far cases came. A case that came to a later link came to all before it: what a county does not record step
    by step is no loss. A case that came to none is counted at the first."""
    far: list[tuple[int, CaseWay]] = []
    for case in cases:
        came = [n for n, link in enumerate(funnel.links) if not case.passed.isdisjoint(link.reached_by)]
        far.append((max(came, default=0), case))
    last = len(funnel.links) - 1
    return tuple(
        LinkWay(
            link,
            reached=sum(n >= at for n, _ in far),
            waiting=sum(n == at and case.open for n, case in far) if at < last else 0,
            ended=Counter(case.stage for n, case in far if n == at and not case.open) if at < last else {},
            some_go_on=at < last and funnel.links[at + 1].some,
        )
        for at, link in enumerate(funnel.links)
    )
