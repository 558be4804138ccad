"""What waits for one person as an inspector: the visits that name her, what is put right too late in her own unit's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections.models import Inspection, InspectionFinding
from qingmiao.site.apps.inspections.permissions import visible
from qingmiao.site.apps.inspections.planning import offered
from qingmiao.site.apps.inspections.standing import WAITS


@dataclass(frozen=True)
class InspectorWaits:
    """A visit that the person is to make or end, or a finding past its time. `day`: planned for, or due."""

    inspection: int
    place: str
    label: str
    """The finding; empty for a visit."""
    checklist: Label
    waits: Label
    day: date
    late: bool


@dataclass(frozen=True)
class InspectorsWork:
    """How many wait, how many are late, and the first of them, the late ones first."""

    waits: int
    late: int
    rows: tuple[InspectorWaits, ...]


OVERDUE = Label(zh="逾期没有整改", en="not put right in time")


def mine(reach: Reach, *, size: int, now: datetime | None = None) -> InspectorsWork | None:
    """What waits for somebody who inspects; None for whoever inspects by no checklist (any more).

    A recorded visit waits for the inspectors who did not hand it in. Findings: of visits of the person's own unit.
    """
    if not offered(reach):
        return None
    at = now or timezone.now()
    today = timezone.localdate(at)
    named = Inspection.objects.filter(visible(reach), inspectors__person=reach.person)
    visits = named.filter(
        Q(state__in=("planned", "visiting", "found")) | Q(state="recorded") & ~Q(concluded_by=reach.person)
    )
    late = Q(state__in=("planned", "visiting"), planned_date__lt=today)
    tally = visits.aggregate(waits=Count("pk"), late=Count("pk", late))
    own = Q(inspection__unit=reach.person.organisation_id, inspection__state="ordered")
    findings = InspectionFinding.objects.filter(own, rectified_at=None, due_at__lt=at).select_related("inspection")
    overdue = findings.count()
    first = _visits(visits.filter(late), today, size) if tally["late"] else ()
    then = _visits(visits.exclude(late), today, size) if tally["waits"] > tally["late"] else ()
    rows = chain(_findings(findings, size) if overdue else (), first, then)
    return InspectorsWork(tally["waits"] + overdue, tally["late"] + overdue, tuple(islice(rows, size)))


def _visits(found: QuerySet[Inspection], today: date, size: int) -> Iterator[InspectorWaits]:
    for one in found.order_by("planned_date", "pk")[:size]:
        late = one.planned_date < today and one.state in ("planned", "visiting")
        yield InspectorWaits(one.pk, one.place, "", _label(one), WAITS[one.state], one.planned_date, late)


def _findings(found: QuerySet[InspectionFinding], size: int) -> Iterator[InspectorWaits]:
    for one in found.order_by("due_at", "pk")[:size]:
        visit = one.inspection
        assert one.due_at is not None  # asked for
        day = timezone.localdate(one.due_at)
        yield InspectorWaits(visit.pk, visit.place, one.label, _label(visit), OVERDUE, day, True)


def _label(one: Inspection) -> Label:
    return Label.model_validate(one.frozen["checklist"]["label"])
