"""What is late and whose, and what was done: from tasks, returns and documents, as far as the reader's reach goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qingmiao.content.documents import DocumentKind
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.directory.api import Reach
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.pack import pack
from qingmiao.site.web.ui.language import said

MOST = 5
"""Lines of a list: what fits on the page; the lists behind the links have all."""


@dataclass(frozen=True)
class Late:
    """A unit with something overdue: how many tasks and returns, and the day on which the first of them was due."""

    unit: str
    tasks: int
    returns: int
    since: date


@dataclass(frozen=True)
class Done:
    """What was done in a year: closed tasks, documents by kind, the latest closed tasks with their effect."""

    year: int
    closed: int
    open: int
    answered: int
    documents: tuple[tuple[str, int], ...]
    lately: tuple[tuple[tasks.TaskRow, acting.MeasuredEffect | None], ...]


def late(reach: Reach, *, on: date) -> tuple[Late, ...]:
    """The units with overdue tasks or returns, the longest overdue first."""
    found: dict[str, list[tuple[int, int, date]]] = {}
    for task in tasks.overdue(reach):
        found.setdefault(task.unit, []).append((task.tasks, 0, task.oldest))
    for filed in returns.overdue(reach, on=on):
        found.setdefault(filed.short, []).append((0, filed.filings, filed.first))
    rows = [
        Late(unit, sum(n for n, _, _ in each), sum(m for _, m, _ in each), min(d for _, _, d in each))
        for unit, each in found.items()
    ]
    return tuple(sorted(rows, key=lambda r: (r.since, -r.tasks - r.returns, r.unit)))


def done(reach: Reach, *, on: date) -> Done:
    """What was done since the first of January."""
    counted = acting.counts(on.year)
    waits = tasks.waiting(reach.units())
    lately = tasks.closed_in(reach, on.year)
    kinds = sorted(pack().entries("documents", DocumentKind).values(), key=lambda k: (k.order, k.id))
    named = tuple((said(k.label), counted[k.id]) for k in kinds if counted[k.id])
    shown = tuple((row, acting.effect(row.id)) for row in lately.rows[:3])
    return Done(on.year, lately.count, waits.open, waits.answered, named, shown)
