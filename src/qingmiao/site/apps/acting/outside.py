"""People from outside (a commissioned evaluator): which kinds of documents are theirs, and what is handed to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from qingmiao.content.documents import DocumentKind
from qingmiao.flow import Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.acting.kinds import kinds
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import OUTSIDE
from qingmiao.site.apps.tasks.api import OFFICE


def comes_from_outside(reach: Reach) -> bool:
    """Whether a person is here by a role from outside."""
    return reach.has(OUTSIDE)


def open_kinds(reach: Reach) -> dict[str, DocumentKind]:
    """The kinds of documents that a person comes to: all; from outside those that they record or that are handed
    out."""
    every = kinds()
    if not comes_from_outside(reach):
        return every
    return {id_: k for id_, k in every.items() if k.handed is not None or reach.roles & set(k.recorded_by)}


def _handed() -> Q:
    """What is handed out now: the state in which it is, and not after its day."""
    today, found = timezone.localdate().isoformat(), Q(pk__in=[])
    for kind in kinds().values():
        if kind.handed is not None:
            until = {f"answers__{kind.handed.until}__gte": today}
            found |= Q(kind=kind.id, state=kind.handed.state, **until)
    return found


def handed_to(unit: str) -> QuerySet[Activity]:
    """The documents that are handed to people from outside of a unit now."""
    return Activity.objects.filter(_handed(), unit=unit)


def outside_sees(reach: Reach) -> Q:
    """What of the documents of their unit somebody from outside sees: what it recorded, what is handed to it now."""
    own = [k.id for k in kinds().values() if reach.roles & set(k.recorded_by)]
    return Q(kind__in=own) | _handed()


def office_sees(reach: Reach) -> Q:
    """Inside, what is made to be handed out is its office's and whoever recorded it; every other kind is open."""
    held = [k.id for k in kinds().values() if k.handed is not None]
    return Q() if not held or reach.has(OFFICE) else ~Q(kind__in=held) | Q(made_by=reach.person)


def _another_person(activity: Activity, answers: Mapping[str, object], who: Who, at: datetime) -> Decision:
    return no("记录人是您本人，应由另一个人办理") if activity.made_by.username == who.id else YES


def _to_outside(activity: Activity, answers: Mapping[str, object], who: Who, at: datetime) -> Decision:
    people = Person.objects.filter(organisation=activity.unit_id, is_active=True)
    if any(comes_from_outside(Reach(p)) for p in people.order_by("pk")):
        return YES
    return no("这个单位没有外部人员的账号；数据包只交给受委托的外部单位")


GUARDS = {"another_person": _another_person, "to_outside": _to_outside}
"""What must hold before a step of such a document (`flow.words`)."""
