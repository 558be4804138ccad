"""Visits of one place by several units: near in time, or together on one day."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

from qingmiao.site.apps.inspections.models import Inspection

GONE = ("cancelled",)
"""States in which there is no visit."""


def place_key(place: str) -> str:
    """A place's name as it is compared: widths and spaces make no other place."""
    return "".join(unicodedata.normalize("NFKC", place).split()).casefold()


def same_place(one: Inspection, other: Inspection) -> bool:
    """Whether two visits go to one place, by its area and name."""
    return one.area == other.area and place_key(one.place) == place_key(other.place)


def near(inspection: Inspection, days: int) -> tuple[Inspection, ...]:
    """Other units' visits of the place less than so many days before or after, the nearest first; none for visits that
    go together with it."""
    day, span = inspection.planned_date, timedelta(days=max(days - 1, 0))
    found = Inspection.objects.filter(area=inspection.area, planned_date__range=(day - span, day + span))
    found = found.exclude(state__in=GONE).exclude(unit=inspection.unit_id).select_related("unit").order_by("pk")
    others = [o for o in found if o.pk != inspection.pk and same_place(o, inspection) and not _together(o, inspection)]
    return tuple(sorted(others, key=lambda o: (abs(o.planned_date - day), o.pk)))


def words(one: Inspection) -> str:
    """A visit in a line: who, when, by what."""
    label = one.frozen["checklist"]["label"]["zh"]
    return f"{one.unit.short or one.unit.label} {one.planned_date:%Y-%m-%d} {label}"


def together(lead: int) -> dict[str, Any]:
    """What a visit takes over from the one that it goes together with."""
    found = Inspection.objects.get(pk=lead)
    return {"joint": found, "planned_date": found.planned_date, "method": "joint"}


def _together(one: Inspection, other: Inspection) -> bool:
    heads = {x.joint_id or x.pk for x in (one, other)}
    return len(heads) == 1 and None not in heads
