"""The programmes that somebody works with, and how many open cases of each stand there: the way to the work of one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from qingmiao.content.base import Label
from qingmiao.site.apps.cases import programmes, queue, standing
from qingmiao.site.apps.cases.models import KeptCase
from qingmiao.site.apps.directory.permissions import Reach

MOST = 2000
"""Open cases that are told apart by programme; of more, the list says no numbers."""


@dataclass(frozen=True)
class WorkedProgramme:
    """A programme, and its open cases that this person sees; `open`: None where there are too many to tell apart."""

    programme: str
    label: Label
    open: int | None


def by_programme(reach: Reach) -> tuple[WorkedProgramme, ...]:
    """The programmes that the person's roles name, those with open cases first, then by the order of the programmes.

    Empty for who works with no cases.
    """
    sights = standing.sights(reach)
    mine = frozenset().union(*(s.programmes for s in sights.seats)) if sights.seats else frozenset()
    if not mine:
        return ()
    numbers = queue.open_in_sight(sights, MOST + 1)
    told = len(numbers) <= MOST
    rows = KeptCase.objects.filter(pk__in=numbers).values_list("programme", flat=True) if told else ()
    held = Counter(rows)
    every = programmes.every()
    found = [
        WorkedProgramme(id_, one.label, held[id_] if told else None)
        for id_, one in sorted(every.items(), key=lambda i: (i[1].order, i[1].card or "Z", i[0]))
        if id_ in mine or held[id_]
    ]
    return tuple(sorted(found, key=lambda w: not w.open))
