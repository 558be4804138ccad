"""What follows from findings: each that must be put right is a task of the inspected unit, until the re-check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.utils import timezone

from qingmiao.content.checklist_items import ORDERED, SEVERITIES, Severity
from qingmiao.content.deadlines import Deadline
from qingmiao.forms.inspected import ItemOutcome
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections.frozen import checklist_of
from qingmiao.site.apps.inspections.models import Inspection, InspectionFinding
from qingmiao.site.apps.inspections.permissions import visible
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.pack import pack

SOURCE = "inspection"
"""The kind of source of their tasks; its ids are those of findings."""
LEVELS = {"immediate": tasks.Level.URGENT, "major": tasks.Level.IMPORTANT}


def written(inspection: Inspection, found: Iterable[ItemOutcome]) -> None:
    """The findings of a record that was handed in, in place of those of an earlier one."""
    rectify = checklist_of(inspection).rectify
    InspectionFinding.objects.filter(inspection=inspection).delete()
    InspectionFinding.objects.bulk_create(
        InspectionFinding(
            inspection=inspection, key=o.key, label=label_of(o), said=o.said, done=o.done, severity=o.item.severity,
            deadline=rectify.get(o.item.severity, ""),
        )
        for o in found
        if o.failed
    )  # fmt: skip


def label_of(outcome: ItemOutcome) -> str:
    """A finding in one line: where, what, which number against which limit."""
    where = f"{outcome.where}：" if outcome.where else f"第 {outcome.row} 处：" if outcome.row else ""
    item, value = outcome.item, outcome.value
    measured = f"（{value:f}{f' {item.unit}' if item.unit else ''}，应{item.limit_words}）" if value is not None else ""
    return f"{where}{item.label.zh}{measured}"[:300]


def open_findings(inspection: Inspection) -> list[InspectionFinding]:
    """What must be put right and is not yet, in the order of the checklist."""
    found = InspectionFinding.objects.filter(inspection=inspection, severity__in=ORDERED, rectified_at=None)
    return list(found.order_by("pk"))


def deadline_of(finding: InspectionFinding) -> Deadline | None:
    """The deadline of a finding with a value; None where the county has set none (the inspector names the day)."""
    found = pack().deadlines.get(finding.deadline)
    return found if found is not None and found.span is not None else None


def due_of(finding: InspectionFinding, at: datetime, named: date | None) -> datetime | None:
    """Until when a finding is to be put right, ordered at a moment; None where neither a deadline nor a day says so."""
    deadline = deadline_of(finding)
    if deadline is None:
        return None if named is None else tasks.end_of(named)
    found = deadline.due(timezone.make_naive(at))
    return None if found is None else timezone.make_aware(found.at)


def unset(findings: Iterable[InspectionFinding]) -> tuple[str, ...]:
    """The severities of findings whose time the county has not set, in words."""
    return tuple(dict.fromkeys(SEVERITIES[severity_of(f)].zh for f in findings if deadline_of(f) is None))


def severity_of(finding: InspectionFinding) -> Severity:
    """A finding's severity as the content calls it."""
    return next(s for s in SEVERITIES if s == finding.severity)


def order(
    by: audit.Actor, inspection: Inspection, findings: Iterable[InspectionFinding], at: datetime, named: date | None
) -> int:
    """A task for each finding that has none standing, in the caller's transaction. Returns how many."""
    made = 0
    checklist = checklist_of(inspection)
    role = checklist.rectified_by or "" if inspection.unit_id == inspection.responsible_id else ""
    for finding in findings:
        due_at = due_of(finding, at, named)
        if due_at is None or finding.due_at is not None:
            continue
        finding.due_at = due_at
        finding.save(update_fields=["due_at"])
        tasks.open_task(
            by, unit=inspection.responsible, due_at=due_at, title=f"整改：{inspection.place}，{finding.label}",
            source=SOURCE, source_id=finding.pk, part="", text="\n".join(x for x in (finding.said, finding.done) if x),
            level=LEVELS.get(finding.severity, tasks.Level.ORDINARY), area=inspection.area, role=role,
            deadline=finding.deadline if deadline_of(finding) is not None else "",
        )  # fmt: skip
        made += 1
    return made


def rechecked(by: audit.Actor, inspection: Inspection, right: Iterable[int], at: datetime, opinion: str) -> int:
    """Settle the tasks of findings that are put right; the others' end, to be ordered anew. Returns how many."""
    wanted, count = set(right), 0
    for finding in open_findings(inspection):
        if finding.pk in wanted:
            tasks.settle(by, SOURCE, finding.pk, reason=opinion)
            finding.rectified_at = at
            finding.save(update_fields=["rectified_at"])
            count += 1
        else:
            tasks.drop(by, SOURCE, finding.pk, reason=opinion)
            finding.due_at = None
            finding.save(update_fields=["due_at"])
    return count


def extend(by: audit.Actor, inspection: Inspection, until: date, at: datetime, reason: str) -> int:
    """More time for what is not put right and was not extended before; their tasks follow. Returns how many."""
    count = 0
    for finding in open_findings(inspection):
        if finding.due_at is None or finding.extended_at is not None:
            continue
        finding.due_at, finding.extended_at = tasks.end_of(until), at
        finding.save(update_fields=["due_at", "extended_at"])
        tasks.follow(by, SOURCE, finding.pk, due_at=finding.due_at, reason=reason)
        count += 1
    return count


def take_back(by: audit.Actor, inspection: Inspection, reason: str) -> None:
    """The record is sent back: what it had asked for at once is withdrawn."""
    for finding in open_findings(inspection):
        tasks.drop(by, SOURCE, finding.pk, reason=reason)
    InspectionFinding.objects.filter(inspection=inspection).delete()


def _shown(reach: Reach, ids: Iterable[str]) -> Mapping[str, tasks.TaskOrigin]:
    found = InspectionFinding.objects.filter(pk__in=[int(i) for i in ids if i.isdigit()]).select_related("inspection")
    seen = set(Inspection.objects.filter(visible(reach), findings__in=found).values_list("pk", flat=True))
    return {str(f.pk): _origin(f.inspection, opens=f.inspection.pk in seen) for f in found}


def _origin(inspection: Inspection, *, opens: bool) -> tasks.TaskOrigin:
    words = f"{inspection.place} {inspection.planned_date:%Y-%m-%d}"
    return tasks.TaskOrigin(words, "inspections.one" if opens else "", (inspection.pk,))


tasks.register_source(tasks.TaskSource(SOURCE, "督导检查", "Inspection", _shown))


def findings_left(place: str, area: str) -> int:
    """How many findings of a place, by its name and township, are ordered and not yet put right."""
    left = InspectionFinding.objects.filter(severity__in=ORDERED, rectified_at=None, inspection__place=place)
    return left.filter(inspection__area=area[:9], inspection__state__in=("found", "ordered")).count()
