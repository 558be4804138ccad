"""What is known of a woman from her records: her last period, the day the child is expected, the delivery, the grade.

Kinds of records say which of their fields hold which word (`measures`); the newest that holds one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F

from qingmiao.content.person_words import MOTHER
from qingmiao.forms.recorded import measured
from qingmiao.site.apps.records import kinds, versions
from qingmiao.site.apps.records.event_models import RecordVersion
from qingmiao.site.apps.records.mothers.family import family
from qingmiao.site.apps.records.mothers.models import MotherFile

GRADE = "pregnancy_risk"


def measures(file: MotherFile) -> dict[str, Any]:
    """Word → value of the present pregnancy: what a new one begins anew is not carried over from the one before."""
    wanted = {k.id for k in kinds.of_mothers() if k.measures}
    hers = family(file)
    rows = RecordVersion.objects.filter(record__mother__in=hers, record__kind__in=wanted, number=F("record__version"))
    found: dict[str, Any] = {}
    for version in (
        rows.exclude(record__state="withdrawn")
        .select_related("form", "record")
        .defer("form__frozen")
        .order_by("on_date", "record_id")
    ):
        found |= measured(kinds.kinds()[version.record.kind], versions.filled(version))
    period, delivered = found.get("last_period_on"), found.get("delivered_on")
    if period is not None and delivered is not None and delivered < period:
        del found["delivered_on"]
    return found


def words(file: MotherFile) -> Mapping[str, Any]:
    """Word → value (`person_words.MOTHER`) of a woman, of those that are known."""
    said = measures(file)
    return {"mother_birth_date": file.birth_date} | {w: said[w] for w in MOTHER if w in said}


def repeat(number: int) -> None:
    """Write beside the file (of a merged one: the surviving one) what its newest records say, for lists."""
    file = MotherFile.objects.get(pk=number).survivor
    said = measures(file)
    file.expected_on, file.delivered_on = said.get("expected_on"), said.get("delivered_on")
    file.risk = str(said.get(GRADE) or "")
    file.save(update_fields=("expected_on", "delivered_on", "risk"))
