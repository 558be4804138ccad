"""A visit as facts: one row of `inspections`, one row of `inspection_items` for each item that was judged or recorded.

Published when the result is confirmed by a second inspector, and anew with every step after it; a visit that could not
be held is one row without items.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from qingmiao.content.check_checklists import ITEMS, TABLE
from qingmiao.content.checklist_items import SEVERE
from qingmiao.forms.inspected import ItemOutcome, outcomes
from qingmiao.site.apps.directory.doors import Doing
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.inspections.frozen import checklist_of, filled_of
from qingmiao.site.apps.inspections.models import Inspection, InspectionFinding

SOURCE = "inspection"
NOT_HELD = {"fail": "no_condition", "refuse": "refused"}
"""Step by which a visit could not be held → its result; the others are those of `forms.inspected`."""


def published(inspection: Inspection, doing: Doing) -> dict[str, Any]:
    """The effect of a step: what is known of the visit becomes its newest version."""
    day = timezone.localdate(doing.at)
    held = inspection.result not in NOT_HELD.values()
    found = outcomes(checklist_of(inspection), filled_of(inspection)) if held else ()
    source = f"{SOURCE}:{inspection.pk}"
    facts.publish(TABLE, None, [_visit(inspection, found, day)], source=source, version=inspection.version, on=day)
    rows = _items(inspection, found, day)
    facts.publish(ITEMS, None, rows, source=source, version=inspection.version, on=day)
    return {"rows": 1 + len(rows)}


def inspected_on(inspection: Inspection) -> date:
    """The day of the visit; the planned one until it was begun."""
    return inspection.planned_date if inspection.visited_at is None else timezone.localdate(inspection.visited_at)


def _visit(inspection: Inspection, found: tuple[ItemOutcome, ...], day: date) -> dict[str, Any]:
    failed = [o for o in found if o.failed]
    right = InspectionFinding.objects.filter(inspection=inspection, rectified_at__isnull=False).count()
    closed = inspection.closed_at
    return {
        "inspection_id": str(inspection.pk),
        "checklist": inspection.checklist,
        "unit": inspection.unit_id,
        "place_kind": inspection.place_kind,
        "place": inspection.place,
        "area_code": inspection.area,
        "inspected_on": inspected_on(inspection),
        "result": inspection.result,
        "items": sum(o.verdict in ("conform", "not") for o in found),
        "failed": len(failed),
        "severe": sum(o.item.severity in SEVERE for o in failed),
        "rectified": right,
        "closed_on": None if closed is None else timezone.localdate(closed),
        "recorded_at": day,
        "retracted": False,
    }


def _items(inspection: Inspection, found: tuple[ItemOutcome, ...], day: date) -> list[dict[str, Any]]:
    right: Mapping[str, Any] = dict(
        InspectionFinding.objects.filter(inspection=inspection)
        .exclude(rectified_at=None)
        .values_list("key", "rectified_at")
    )
    return [
        {
            "item_id": f"{inspection.pk}.{o.key}",
            "inspection_id": str(inspection.pk),
            "checklist": inspection.checklist,
            "item": o.item.id,
            "area_code": inspection.area,
            "inspected_on": inspected_on(inspection),
            "outcome": o.verdict,
            "value": None if o.value is None else float(o.value),
            "severity": o.item.severity,
            "rectified_on": timezone.localdate(right[o.key]) if o.key in right else None,
            "recorded_at": day,
            "retracted": False,
        }
        for o in found
    ]


def _label(name: str) -> str:
    place = Inspection.objects.filter(pk=int(name)).values_list("place", flat=True).first() if name.isdigit() else None
    return f"督导检查：{place or name}"


def _entered(name: str) -> facts.Entered:
    """Who recorded the visit and who confirmed it."""
    found = Inspection.objects.filter(pk=int(name) if name.isdigit() else 0)
    visit = found.select_related("concluded_by", "confirmed_by").first()
    if visit is None:
        return facts.Entered()
    said = ((visit.concluded_by, "记录"), (visit.confirmed_by, "核对签字"))
    return facts.Entered(visit.unit_id, "，".join(f"{p.name} {what}" for p, what in said if p is not None))


facts.register(SOURCE, label=_label, address=lambda name: f"/inspections/{name}", entered=_entered)
