"""A record as facts: rows of the tables that its kind names, with the child's or woman's pseudonym, in the writer's
transaction.

Each version of a record takes the place of the one before; a withdrawn record takes its rows back. The facts name
nobody: what leads from a row back to the record is its source, shown only to those who may see the file. A kind that
looks at records beside its own (`beside`: the first visit after a birth) is published anew when one of those changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Min
from django.utils import timezone

from qingmiao.content.facts import Fact
from qingmiao.content.records import RecordKind
from qingmiao.forms import Filled
from qingmiao.forms.recorded import fact_rows
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.doors import Doing
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.records import exposure, kinds, person, sealing, sheaves, versions
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.exposure import family
from qingmiao.site.apps.records.models import Child
from qingmiao.site.apps.records.mothers import exposure as mothers_exposure
from qingmiao.site.apps.records.mothers import known as mother_words
from qingmiao.site.apps.records.mothers.models import MotherFile

LOADED = "records"
"""Records of a table that were there when the site began, as one source; each later version is one of its own."""


def published(record: HealthRecord, doing: Doing) -> dict[str, Any]:
    """The effect of a step: what the record says now becomes its newest facts, and those of records that look at it."""
    day = timezone.localdate(doing.at)
    rows = publish(record, day)
    if record.child is not None:
        looked_at(record.kind, record.child, day, but=record.pk)
    return {"rows": rows}


def looked_at(kind: str, child: Child, day: date, *, but: int = 0) -> None:
    """Publish anew the child's records of the kinds that look at this kind; not the record `but`."""
    looking = [k.id for k in kinds.kinds().values() if any(kind in of for of in k.beside.values())]
    if looking:
        others = HealthRecord.objects.filter(child__in=family(child.survivor), kind__in=looking)
        for other in others.exclude(state="withdrawn").exclude(pk=but).select_related("child"):
            publish(other, day)


@dataclass(frozen=True)
class RecordTold:
    """A record with what it says now: of a withdrawn one what it said before. `beside`: as `publishing.beside` gives
    it."""

    record: HealthRecord
    filled: Filled
    known: Mapping[str, Any]
    beside: Mapping[str, date | None]


def publish(record: HealthRecord, day: date) -> int:
    """Publish a record anew (also when its child's file was merged); how many rows it gives now."""
    kind = kinds.kinds().get(record.kind)
    if kind is None or not (kind.publishes or record.published):
        return 0
    known = person.words(record.child) if record.child is not None else mother_words.words(_file(record))
    near = beside(kind, record.child) if record.child is not None else {}
    said = RecordTold(record, versions.filled(versions.newest(record)), known, near)
    return publish_each(kind, [said], day)


def publish_each(kind: RecordKind, told: Sequence[RecordTold], day: date) -> int:
    """Publish records of one kind anew, each a source of its own at its next version, all of them at once; how many
    rows they give. A withdrawn record takes its rows back: also what a load published under its key."""
    pack, left = site_pack.pack(), sheaves.leave([one.record for one in told])
    rows: dict[str, list[dict[str, Any]]] = {row.fact: [] for row in kind.publishes}
    made_of: dict[str, list[facts.Sheaf]] = {table: [] for table in rows}
    for one in told:
        one.record.published += 1
        start = {table: len(found) for table, found in rows.items()}
        for n, (table, row) in enumerate(fact_rows(kind, one.filled, one.known, one.beside)):
            fact = pack.facts[table]
            made = of_house(one.record, fact, one.known, n, day) | row
            made |= {"_file": sheaves.named(one.record.pk, one.record.published), "_row": n + 1}
            if one.record.state == "withdrawn":
                if fact.retracted is None or one.record.pk in left:
                    continue
                made[fact.retracted] = True
            rows[table].append(made)
        source = f"{sheaves.SOURCE}:{one.record.pk}"
        for table, found in rows.items():
            made_of[table].append(facts.Sheaf(source, one.record.published, start[table], len(found)))
    HealthRecord.objects.filter(pk__in=[one.record.pk for one in told]).update(published=F("published") + 1)
    for table, found in rows.items():
        facts.renew_each(table, found, made_of[table], on=day)
    return sum(map(len, rows.values()))


def beside(kind: RecordKind, child: Child) -> dict[str, date | None]:
    """Word → day of the child's first record of the kinds that the kind looks at; None where there is none."""
    if not kind.beside:
        return {}
    rows = HealthRecord.objects.filter(child__in=family(child.survivor)).exclude(state="withdrawn")
    days = dict(rows.values_list("kind").annotate(first=Min("on_date")))
    return {word: min((days[k] for k in among if k in days), default=None) for word, among in kind.beside.items()}


def of_house(record: HealthRecord, fact: Fact, known: Mapping[str, Any], n: int, day: date) -> dict[str, Any]:
    """The columns that the house fills, of those that the table has; `n`: which row of the record it is."""
    found: dict[str, Any] = {fact.key[0]: key_of(record.pk, n)}
    if record.child is not None:
        child, survivor = record.child, record.child.survivor
        found |= {
            "child_id": sealing.pseudonym(survivor.pk), "sex": child.sex, "birth_date": child.birth_date,
            "area_code": area_of(survivor), "school_id": survivor.school_unit_id, "grade": known.get("grade"),
        }  # fmt: skip
    else:
        file = _file(record).survivor
        found |= {"mother_id": sealing.mother_pseudonym(file.pk), "area_code": area_of(file)}
    for column, value in ((fact.date, record.on_date), (fact.year, record.on_date.year), (fact.version, day)):
        if column is not None:
            found[column] = value
    return {column: value for column, value in found.items() if column in fact.columns}


def _file(record: HealthRecord) -> MotherFile:
    """The woman's file in which a record stands that is in no child's."""
    assert record.mother is not None, "a record stands in a child's or a woman's file (constraint record_of_one)"
    return record.mother.file


def area_of(file: Child | MotherFile) -> str:
    """A file's area as facts know it: of a village that the pack does not list its township."""
    return known_area(file.area)


def known_area(area: str) -> str:
    """The same of the code alone."""
    return area if area in site_pack.pack().areas else area[:9]


def key_of(record: int, n: int) -> str:
    """The key of a record's row in the facts; `n`: which row of the record it is."""
    return f"record-{record}-{n}" if n else f"record-{record}"


def _record(name: str) -> HealthRecord | None:
    found = HealthRecord.objects.filter(pk=int(name) if name.isdigit() else 0)
    return found.select_related("child__merged_into", "mother__file", "by").first()


def _label(name: str) -> str:
    record = _record(name)
    kind = kinds.kinds().get(record.kind) if record is not None else None
    return f"健康记录 {name}" if kind is None else f"健康记录：{kind.label.zh}"


def _entered(name: str) -> facts.Entered:
    """Who recorded what it says now, and who recorded it first."""
    record = _record(name)
    if record is None:
        return facts.Entered()
    last = versions.last(record)
    by = f"{record.by.name} 登记" + (f"，{last.by.name} 更正" if last.number > 1 else "")
    return facts.Entered(record.unit_id, by)


def _seen(name: str, reach: Reach) -> bool:
    """For whom the record is to see: who sees the child or woman and reads this kind."""
    record = _record(name)
    if record is None:
        return False
    if record.child is None:
        file, women = _file(record), mothers_exposure.maybe(reach)
        return bool(women.over(file)) and record.kind in women.reading(file)
    of, child = exposure.maybe(reach), record.child.survivor
    return of.sees(child) and record.kind in of.reading(child)


def _loaded(name: str) -> str:
    fact = site_pack.pack().facts.get(name)
    return f"建站时已有的健康记录（{name if fact is None else fact.label.zh}）"


facts.register(LOADED, label=_loaded, of_records=True)
facts.register(
    sheaves.SOURCE,
    label=_label,
    address=lambda name: f"/records/of/{name}",
    entered=_entered,
    of_records=True,
    seen=_seen,
)
