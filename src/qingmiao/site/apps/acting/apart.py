"""What several people score apart: nobody sees another's before their own; where they differ; how it is settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from qingmiao.content.base import Label
from qingmiao.content.documents import SETTLE_WITH, SETTLED, WITHDRAWN
from qingmiao.content.evaluations import TOTAL, WHY
from qingmiao.flow import Guard, Who
from qingmiao.forms import fill
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.kernel.rounding import half_up
from qingmiao.site.apps.acting.filling import ready_of
from qingmiao.site.apps.acting.kinds import kinds
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.apps.acting.outside import comes_from_outside, office_sees, outside_sees
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.access import Doing, Seen, perform
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.tasks.api import OFFICE


@dataclass(frozen=True)
class ApartLine:
    """One item with what each person gave, in the order of `Apart.people`, and how far they are apart."""

    label: Label
    given: tuple[tuple[str, str], ...]
    """(points, why points are off)."""
    apart: Decimal | None
    total: bool


@dataclass(frozen=True)
class Apart:
    """The scores of one unit and year beside each other. `proposed`: the mean of the totals, where all have one."""

    people: tuple[str, ...]
    numbers: tuple[int, ...]
    lines: tuple[ApartLine, ...]
    proposed: Decimal | None

    @property
    def differing(self) -> int:
        """On how many items they differ."""
        return sum(1 for line in self.lines if line.apart and not line.total)


def open_to(reach: Reach) -> Q:
    """Which documents are open to a person, of those that lie in their reach.

    What is scored apart is its author's; whoever has scored the same unit and year sees it too; so does the office once
    two have; settled it is open to everybody in whose reach it lies. What goes to people from outside, and what they
    see: `outside`.
    """
    if comes_from_outside(reach):
        return outside_sees(reach)
    apart, handed = [k.id for k in kinds().values() if k.apart], office_sees(reach)
    if not apart:
        return handed
    beside = Activity.objects.filter(kind=OuterRef("kind"), unit=OuterRef("unit"), year=OuterRef("year"))
    beside = beside.exclude(state=WITHDRAWN)
    seen = Q(state=SETTLED) | Q(made_by=reach.person) | Q(Exists(beside.filter(made_by=reach.person)))
    if reach.has(OFFICE):
        seen |= Q(Exists(beside.exclude(made_by=OuterRef("made_by"))))
    return (~Q(kind__in=apart) | seen) & handed


def is_open(reach: Reach, activity: Activity) -> bool:
    """Whether one document is open to a person (see `open_to`)."""
    return Activity.objects.filter(open_to(reach), pk=activity.pk).exists()


def beside(activity: Activity) -> QuerySet[Activity]:
    """All that stand of the same kind, unit and year, itself among them, as they were recorded."""
    found = Activity.objects.filter(kind=activity.kind, unit=activity.unit_id, year=activity.year)
    return found.exclude(state=WITHDRAWN).select_related("made_by").order_by("pk")


def compared(activity: Activity) -> Apart | None:
    """The scores of the unit and year side by side; None while there is only one."""
    rows = list(beside(activity))
    forms = [ready_of(a) for a in rows]
    if len(rows) < 2 or activity.frozen is None or any(f is None for f in forms):
        return None
    filled = [fill(f, a.answers, on=a.filled_date) for f, a in zip(forms, rows, strict=True) if f and a.filled_date]
    mine = ready_of(activity)
    lines = []
    for one in mine.every() if mine is not None else ():
        if one.id.endswith(WHY):
            continue
        points = [_points(f.values.get(one.id)) for f in filled]
        known = [p for p in points if p is not None]
        far = max(known) - min(known) if len(known) > 1 else None
        said = tuple(
            (f"{p:f}" if p is not None else "—", str(f.values.get(f"{one.id}{WHY}") or ""))
            for p, f in zip(points, filled, strict=True)
        )
        lines.append(ApartLine(one.field.label or Label(zh=one.id), said, far, one.id == TOTAL))
    totals = [_points(f.values.get(TOTAL)) for f in filled]
    known = [t for t in totals if t is not None]
    mean = half_up(sum(known, Decimal(0)) / len(known), 1) if known and len(known) == len(totals) else None
    return Apart(tuple(a.made_by.name for a in rows), tuple(a.pk for a in rows), tuple(lines), mean)


def _points(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _others(activity: Activity) -> QuerySet[Activity]:
    return beside(activity).exclude(made_by=activity.made_by_id)


def _not_scored_yet(activity: Activity, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    mine = beside(activity).filter(made_by=activity.made_by_id)
    if mine.filter(state=SETTLED).exists() or _others(activity).filter(state=SETTLED).exists():
        return no("这个单位这一年的评分已经商定")
    return no("这个单位这一年您已经评过分；要改，先作废原来的") if mine.exists() else YES


def _only_one(activity: Activity, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return no("别人也已经评分，不能作废；不同的地方请商定") if _others(activity).exists() else YES


def _scored_by_two(activity: Activity, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return YES if _others(activity).exists() else no("只有一个人评过分；要有两个人各自评分，才能商定")


GUARDS: Mapping[str, Guard] = {
    "not_scored_yet": _not_scored_yet,
    "only_one": _only_one,
    "scored_by_two": _scored_by_two,
}
"""What must hold before a step of such a document (`flow.words`)."""


def settled(activity: Activity, doing: Doing) -> dict[str, Any]:
    """The effect of settling: the others of the unit and year are settled with it; the audit keeps how they differ."""
    found = compared(activity)
    for other in beside(activity).exclude(pk=activity.pk).exclude(state=SETTLED):
        perform(audit.SYSTEM, other, SETTLE_WITH, Seen("", other.version))
    if found is None:
        return {}
    return {"people": len(found.people), "differing": found.differing, "score": _plain(activity.score)}


def _plain(score: Decimal | None) -> str | None:
    return f"{score:f}" if score is not None else None
