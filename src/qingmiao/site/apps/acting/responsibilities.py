"""Which unit answers for which goal and measure in a year: proposed by the pack, confirmed or changed by the office."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from qingmiao.content.pack import Pack
from qingmiao.site.apps.acting.models import Responsibility
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Organisation, Person


@transaction.atomic
def propose(actor: audit.Actor, pack: Pack, *, year: int) -> int:
    """The year's responsibilities as the pack proposes them; what is there stays. Returns how many were added."""
    there = set(Responsibility.objects.filter(year=year).values_list("of", flat=True))
    rows = []
    for of in (*pack.goals, *pack.measures):
        lead = pack.lead_of(of, year)
        if lead is None or of in there:
            continue
        units = [u for u in (lead.lead, *lead.with_units) if u in pack.organisations]
        official = lead.evidence.value == "official"
        rows += [
            Responsibility(
                of=of, year=year, unit_id=u, leads=u == lead.lead, document=lead.document if official else ""
            )
            for u in dict.fromkeys(units)
        ]
    Responsibility.objects.bulk_create(rows)
    if rows:
        audit.append(
            actor,
            "acting.responsibility.propose",
            object_type="year",
            object_id=year,
            detail={"rows": len(rows)},
        )
    return len(rows)


@transaction.atomic
def assign(actor: Person, *, of: str, year: int, unit: Organisation, document: str) -> None:
    """Confirm (or change) which unit leads a goal or measure in a year."""
    former = Responsibility.objects.select_for_update().filter(of=of, year=year, leads=True).first()
    if former is not None and former.unit_id != unit.pk:
        former.leads = False
        former.save(update_fields=["leads"])
    Responsibility.objects.update_or_create(
        of=of,
        year=year,
        unit=unit,
        defaults={
            "leads": True,
            "confirmed_by": actor,
            "confirmed_at": timezone.now(),
            "document": document.strip()[:200],
        },
    )
    if former is not None and former.unit_id != unit.pk:
        former.delete()
    audit.append(
        actor,
        "acting.responsibility.assign",
        object_type="goal",
        object_id=of,
        detail={"year": year, "unit": unit.pk, "before": former.unit_id if former else ""},
    )


@transaction.atomic
def confirm(actor: Person, *, year: int, unit: Organisation, document: str) -> int:
    """Confirm all of a unit's proposals of a year at once. Returns how many there were."""
    waiting = Responsibility.objects.select_for_update().filter(year=year, unit=unit, leads=True, confirmed_by=None)
    confirmed = sorted(waiting.values_list("of", flat=True))
    if confirmed:
        waiting.update(confirmed_by=actor, confirmed_at=timezone.now(), document=document.strip()[:200])
        audit.append(
            actor,
            "acting.responsibility.confirm",
            object_type="unit",
            object_id=unit.pk,
            detail={"year": year, "of": confirmed, "document": document.strip()[:200]},
        )
    return len(confirmed)


def lead_of(of: str, year: int) -> str:
    """The unit that the office confirmed for a goal or measure in a year; empty where it has not."""
    found = Responsibility.objects.filter(of=of, year=year, leads=True, confirmed_by__isnull=False)
    return found.values_list("unit_id", flat=True).first() or ""
