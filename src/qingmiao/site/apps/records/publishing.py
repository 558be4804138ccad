"""A record as facts: rows of the tables that its kind names, with the child's pseudonym, in the writer's transaction.

Each version of a record takes the place of the one before; a withdrawn record takes its rows back. The facts name no
child: what leads from a row back to the record is its source, shown only to those who may see the child.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from qingmiao.content.facts import Fact
from qingmiao.forms.recorded import fact_rows
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.doors import Doing
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.records import kinds, person, sealing, versions
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.models import Child

SOURCE = "record"


def published(record: HealthRecord, doing: Doing) -> dict[str, Any]:
    """The effect of a step: what the record says now becomes its newest facts."""
    return {"rows": publish(record, timezone.localdate(doing.at))}


def publish(record: HealthRecord, day: date) -> int:
    """Publish a record anew (also when its child's file was merged); how many rows it gives now."""
    kind = kinds.kinds().get(record.kind)
    if kind is None or record.child is None or not (kind.publishes or record.published):
        return 0
    found: dict[str, list[dict[str, Any]]] = {row.fact: [] for row in kind.publishes}
    if record.state != "withdrawn":
        known = person.words(record.child)
        said = fact_rows(kind, versions.filled(versions.newest(record)), known)
        for n, (table, row) in enumerate(said):
            found[table].append(_of_house(record, site_pack.pack().facts[table], known, n, day) | row)
    record.published += 1
    HealthRecord.objects.filter(pk=record.pk).update(published=record.published)
    source = f"{SOURCE}:{record.pk}"
    for table, rows in found.items():
        if rows or record.published > 1:
            facts.publish(table, None, rows, source=source, version=record.published, on=day)
    return sum(map(len, found.values()))


def _of_house(record: HealthRecord, fact: Fact, known: Mapping[str, Any], n: int, day: date) -> dict[str, Any]:
    """The columns that the house fills, of those that the table has; `n`: which row of the record it is."""
    child = record.child
    assert child is not None
    survivor = child.survivor
    many = f"-{n}" if n else ""
    found: dict[str, Any] = {
        fact.key[0]: f"record-{record.pk}{many}",
        "child_id": sealing.pseudonym(survivor.pk),
        "sex": child.sex,
        "birth_date": child.birth_date,
        "area_code": area_of(survivor),
        "school_id": survivor.school_unit_id,
        "grade": known.get("grade"),
    }
    for column, value in ((fact.date, record.on_date), (fact.year, record.on_date.year), (fact.version, day)):
        if column is not None:
            found[column] = value
    return {column: value for column, value in found.items() if column in fact.columns}


def area_of(child: Child) -> str:
    """The child's area as facts know it: of a village that the pack does not list its township."""
    return child.area if child.area in site_pack.pack().areas else child.area[:9]


facts.register(SOURCE, label=lambda name: f"健康记录 {name}", address=lambda name: f"/records/of/{name}")
