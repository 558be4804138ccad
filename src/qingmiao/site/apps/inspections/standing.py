"""What waits for a unit in its inspections, and what is late: where it inspects and where it puts right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.checklist_items import ORDERED
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections.models import Inspection, InspectionFinding
from qingmiao.site.apps.inspections.rectifying import SOURCE, deadline_of
from qingmiao.site.apps.tasks import api as tasks

WAITS: dict[str, Label] = {
    "planned": Label(zh="该去检查", en="to be visited"),
    "visiting": Label(zh="检查记录没有填完", en="record not finished"),
    "recorded": Label(zh="待另一名检查人员核对签字", en="to be confirmed by the other inspector"),
    "found": Label(zh="待下达整改或办结", en="to be ordered or closed"),
    "recheck": Label(zh="整改已报送，待复查", en="put right, to be re-checked"),
    "transferred": Label(zh="已移送，待登记处理结果", en="transferred, result awaited"),
}


@dataclass(frozen=True)
class WaitingVisit:
    """A visit that waits for the inspecting unit. `late`: its day is past."""

    id: int
    place: str
    label: Label
    unit: str
    day: date
    waits: Label
    late: bool


@dataclass(frozen=True)
class WaitingFinding:
    """A finding that is being put right. `tone`: bad past its time, warn near it, else empty."""

    inspection: int
    place: str
    label: str
    unit: str
    due_at: datetime
    tone: str
    mine: bool
    """This person's unit puts it right (else it inspects)."""


@dataclass(frozen=True)
class Standing:
    """Everything that waits and is late, for one page."""

    visits: tuple[WaitingVisit, ...]
    findings: tuple[WaitingFinding, ...]

    @property
    def late(self) -> int:
        """How many are late."""
        return sum(v.late for v in self.visits) + sum(f.tone == "bad" for f in self.findings)


def standing(reach: Reach, now: datetime | None = None) -> Standing:
    """What waits in the units of this person's reach, the latest first."""
    at = now or timezone.now()
    return Standing(_visits(reach, at), _findings(reach, at))


def _visits(reach: Reach, now: datetime) -> tuple[WaitingVisit, ...]:
    today = timezone.localdate(now)
    open_ = ("planned", "visiting", "recorded", "found", "ordered", "transferred")
    found = Inspection.objects.filter(unit__in=reach.unit_ids, state__in=open_).select_related("unit")
    rows = []
    for one in found.order_by("planned_date", "pk"):
        waits = "recheck" if one.state == "ordered" and _all_answered(reach, one) else one.state
        if waits not in WAITS or (waits == "planned" and one.planned_date > today):
            continue
        label = Label.model_validate(one.frozen["checklist"]["label"])
        late = one.planned_date < today and waits in ("planned", "visiting")
        rows.append(WaitingVisit(one.pk, one.place, label, one.unit.label, one.planned_date, WAITS[waits], late))
    return tuple(sorted(rows, key=lambda r: (not r.late, r.day, r.id)))


def _all_answered(reach: Reach, one: Inspection) -> bool:
    """Whether every finding that was ordered has been answered by who puts it right."""
    left = one.findings.filter(severity__in=ORDERED, rectified_at=None).order_by("pk")
    states = [found[-1].state.name for f in left if (found := tasks.of_source(reach, SOURCE, f.pk))]
    return bool(states) and all(s == "answered" for s in states)


def _findings(reach: Reach, now: datetime) -> tuple[WaitingFinding, ...]:
    of = Q(inspection__unit__in=reach.unit_ids) | Q(inspection__responsible__in=reach.unit_ids)
    found = InspectionFinding.objects.filter(of, inspection__state="ordered", rectified_at=None)
    rows = []
    for one in found.exclude(due_at=None).select_related("inspection__responsible").order_by("due_at", "pk"):
        visit = one.inspection
        assert one.due_at is not None  # excluded above
        mine = visit.responsible_id in reach.unit_ids and visit.unit_id not in reach.unit_ids
        rows.append(
            WaitingFinding(visit.pk, visit.place, one.label, visit.responsible.label, one.due_at, _tone(one, now), mine)
        )
    return tuple(rows)


def _tone(finding: InspectionFinding, now: datetime) -> str:
    """Red past the time; yellow from the first warning on that its deadline says."""
    assert finding.due_at is not None
    if finding.due_at < now:
        return "bad"
    deadline = deadline_of(finding)
    warned = deadline is not None and any(
        finding.due_at - now <= timedelta(hours=float(w.value) * (1 if w.unit == "hours" else 24))
        for w in deadline.warn
    )
    return "warn" if warned else ""
