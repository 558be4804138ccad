"""Inspections as pages show them: dataclasses, nothing of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q

from qingmiao.content.base import Label
from qingmiao.content.check_checklists import TABLE
from qingmiao.content.checklist_items import ORDERED, SEVERITIES
from qingmiao.content.citing import cited
from qingmiao.content.clocks import ClockStanding
from qingmiao.flow import State
from qingmiao.forms.answers import shown
from qingmiao.forms.inspected import ItemOutcome, outcomes, points
from qingmiao.site import pack as site_pack
from qingmiao.site import paging
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.clocks import standings
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections.doors import flow_of
from qingmiao.site.apps.inspections.frozen import checklist_of, filled_of, ready_of
from qingmiao.site.apps.inspections.models import METHODS, Inspection, InspectionFinding
from qingmiao.site.apps.inspections.permissions import visible
from qingmiao.site.apps.inspections.rectifying import SOURCE, severity_of
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.narrowing import EVERYTHING, Narrowed

"""States in which the inspected unit sees the visit: routine visits are not told beforehand."""
TONES = {"immediate": "bad", "major": "bad", "ordinary": "warn"}
VERDICTS = {
    "conform": Label(zh="符合", en="in order"), "not": Label(zh="不符合", en="not in order"),
    "na": Label(zh="不适用", en="not applicable"), "recorded": Label(zh="只记录", en="recorded"),
}  # fmt: skip


@dataclass(frozen=True)
class InspectionRow:
    """One line of the list."""

    id: int
    label: Label
    place: str
    area: str
    unit: str
    planned_date: date
    state: State
    result: str
    findings: int
    """What had to be put right."""
    left: int
    """Of these, not yet."""


@dataclass(frozen=True)
class FindingShown:
    """A finding with its task."""

    id: int
    label: str
    said: str
    done: str
    severity: Label
    tone: str
    ordered: bool
    """It is one that must be put right (advice is not)."""
    due_at: datetime | None
    rectified_at: datetime | None
    task: tasks.TaskRow | None


@dataclass(frozen=True)
class InspectionPage:
    """One visit."""

    row: InspectionRow
    version: int
    checklist: str
    source: str
    place_kind: str
    responsible: str
    inspectors: tuple[str, ...]
    names: tuple[str, ...]
    """Their user names."""
    visited_at: datetime | None
    concluded: tuple[str, datetime | None]
    confirmed: tuple[str, datetime | None]
    note: str
    result: str
    points: tuple[Decimal, Decimal] | None
    findings: tuple[FindingShown, ...]
    items: tuple[tuple[ItemOutcome, Label], ...]
    """Every item with its verdict in words, once the record was handed in."""
    head: tuple[tuple[str, str], ...]
    """What was asked before the items, in words."""
    deadlines: tuple[ClockStanding, ...]
    method: Label
    apart: str
    """Why it is held although another unit visits the place in the same days."""
    together: tuple[tuple[int, str], ...]
    """(number, unit) of the visits that go together with it, of those that this person may open."""
    transferred_to: str


def get(reach: Reach, number: int) -> Inspection:
    """A visit that this person may see. Raises AbsentError."""
    found = Inspection.objects.select_related("unit", "responsible", "concluded_by", "confirmed_by")
    one = found.filter(visible(reach), pk=number).first()
    if one is None:
        raise AbsentError("没有这次检查")
    return one


def listed(
    reach: Reach,
    *,
    year: int = 0,
    narrowed: Narrowed = EVERYTHING,
    after: str = "",
    size: int = 100,
) -> tuple[tuple[InspectionRow, ...], str]:
    """The visits that this person may see (narrowed; also to a `state` and a `checklist`), the latest day first, and
    the mark of the next page. Raises ValueError for an `after` that no page has given.
    """
    found = Inspection.objects.filter(visible(reach)).select_related("unit")
    given = {**narrowed.more, "planned_date__year": year}
    found = found.filter(**{k: v for k, v in given.items() if v})
    found = narrowed.rows(found, texts=("place", "unit__label", "unit__short"), named={"area": _area_names()})
    must = Q(findings__severity__in=ORDERED)
    counted = found.annotate(n=Count("findings", must), left=Count("findings", must & Q(findings__rectified_at=None)))
    rows, following = paging.page_of(counted, "planned_date", after=after, size=size, newest_first=True)
    return tuple(_row(i, i.n, i.left) for i in rows), following  # type: ignore[attr-defined]  # annotated


def _area_names() -> dict[str, str]:
    return {code: area.name for code, area in site_pack.pack().areas.items()}


def units(reach: Reach) -> tuple[tuple[str, str], ...]:
    """(id, name) of the units whose visits this person sees: what the list may be narrowed to."""
    rows = Inspection.objects.filter(visible(reach)).order_by("unit__path")
    return tuple(rows.values_list("unit_id", "unit__label").distinct())


def page_of(reach: Reach, inspection: Inspection, now: datetime) -> InspectionPage:
    """Everything that the page of a visit tells."""
    checklist = checklist_of(inspection)
    findings = list(InspectionFinding.objects.filter(inspection=inspection).order_by("pk"))
    must = [f for f in findings if f.severity in ORDERED]
    people = list(inspection.inspectors.select_related("person").order_by("pk"))
    found: tuple[ItemOutcome, ...] = ()
    head: tuple[tuple[str, str], ...] = ()
    if inspection.concluded_by is not None:
        filled, ready = filled_of(inspection), ready_of(inspection)
        found = outcomes(checklist, filled)
        named = {f.field.words for f in ready.fields if not f.fields}
        head = tuple((label, said) for label, said in shown(ready, filled) if label in named)
    return InspectionPage(
        row=_row(inspection, len(must), sum(f.rectified_at is None for f in must)),
        version=inspection.version,
        checklist=checklist.id,
        source=cited(checklist.source),
        place_kind=label_of_code("place_kind", inspection.place_kind),
        responsible=inspection.responsible.label,
        inspectors=tuple(p.person.name for p in people),
        names=tuple(p.person.username for p in people),
        visited_at=inspection.visited_at,
        concluded=(inspection.concluded_by.name if inspection.concluded_by else "", inspection.concluded_at),
        confirmed=(inspection.confirmed_by.name if inspection.confirmed_by else "", inspection.confirmed_at),
        note=inspection.note,
        result=label_of_code("result", inspection.result) if inspection.result else "",
        points=points(found),
        findings=tuple(_finding(reach, f) for f in findings),
        items=tuple((o, VERDICTS[o.verdict]) for o in found),
        head=head,
        deadlines=_standings(inspection, must, now),
        method=METHODS[inspection.method],
        apart=inspection.apart,
        together=_together(reach, inspection),
        transferred_to=inspection.transferred_to,
    )


def _together(reach: Reach, inspection: Inspection) -> tuple[tuple[int, str], ...]:
    head = inspection.joint_id or inspection.pk
    found = Inspection.objects.filter(visible(reach)).filter(Q(joint=head) | Q(pk=head)).exclude(pk=inspection.pk)
    return tuple(found.order_by("pk").values_list("pk", "unit__label"))


def _standings(inspection: Inspection, must: list[InspectionFinding], now: datetime) -> tuple[ClockStanding, ...]:
    """The deadlines that run: of findings only those that some open finding is under."""
    left = {f.deadline for f in must if f.rectified_at is None and f.due_at is not None}
    rectify = set(checklist_of(inspection).rectify.values())
    held = site_pack.pack().deadlines_of("flow:inspection", now.date())
    mine = tuple(d for d in held if d.id in left or (d.id not in rectify and not d.id.startswith("inspection.")))
    return tuple(s for s in standings(inspection, mine, now) if s.state not in ("met", "met_late"))


def _finding(reach: Reach, finding: InspectionFinding) -> FindingShown:
    found = tasks.of_source(reach, SOURCE, finding.pk)
    severity = severity_of(finding)
    return FindingShown(
        finding.pk, finding.label, finding.said, finding.done, SEVERITIES[severity], TONES.get(severity, ""),
        severity in ORDERED, finding.due_at, finding.rectified_at, found[-1] if found else None,
    )  # fmt: skip


def _row(inspection: Inspection, findings: int, left: int) -> InspectionRow:
    areas = site_pack.pack().areas
    return InspectionRow(
        inspection.pk, Label.model_validate(inspection.frozen["checklist"]["label"]), inspection.place,
        areas[inspection.area].name if inspection.area in areas else inspection.area, inspection.unit.label,
        inspection.planned_date, flow_of(inspection).state(inspection.state),
        label_of_code("result", inspection.result),
        findings, left,
    )  # fmt: skip


def label_of_code(column: str, code: str) -> str:
    """A code of the table of visits in words."""
    fact = site_pack.pack().facts.get(TABLE)
    codes = site_pack.pack().codes.get(fact.columns[column].codes or "") if fact is not None else None
    return next((i.label.zh for i in codes.items if i.code == code), code) if codes is not None else code
