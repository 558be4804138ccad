"""The rows of a list become records: versions, follow-ups and facts written in sets, in one transaction; and taken
back."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils import timezone

from qingmiao.content.records import RECORDER, RecordKind
from qingmiao.forms.answers import document
from qingmiao.forms.recorded import fact_rows, follow_ups
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.doors import Doing
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.records import due_counting, kinds, publishing, versions
from qingmiao.site.apps.records.event_models import HealthRecord, RecordFollowUp, RecordVersion
from qingmiao.site.apps.records.list_judging import SAME_DAY, JudgedRow
from qingmiao.site.apps.records.list_models import ChildList, ListedRow

PIECE = 5000


def write(listed: ChildList, kind: RecordKind, rows: Sequence[JudgedRow], doing: Doing) -> Mapping[str, Any]:
    """Every row that is no record yet becomes one; what the audit is told: how many, and their digest."""
    by = doing.person
    assert by is not None
    form = versions.form_kept(kind.form)
    ready, said = versions.ready(form), listed.explanations
    new = [r for r in rows if not r.again]
    whole = hashlib.sha256(b"".join(r.digest for r in new)).hexdigest()
    for start in range(0, len(new), PIECE):
        piece = new[start : start + PIECE]
        made = HealthRecord.objects.bulk_create(
            HealthRecord(
                kind=kind.id, child=r.child, on_date=r.on, unit=listed.unit, by=by, made_at=doing.at,
                operation=f"list-{listed.pk}-{r.place + 1}", state="recorded", published=1 if kind.publishes else 0,
            )
            for r in piece
        )  # fmt: skip
        RecordVersion.objects.bulk_create(
            RecordVersion(
                record=record, number=1, form=form, on_date=r.on, filled_date=r.filled.on,
                answers=document(ready, r.filled)["answers"], by=by, at=doing.at,
                explanations=_explained(r, said),
            )
            for record, r in zip(made, piece, strict=True)
        )  # fmt: skip
        _follow(kind, made, piece)
        _publish(kind, made, piece)
        places = {r.place + 1: record for record, r in zip(made, piece, strict=True)}
        stands = list(ListedRow.objects.filter(listed=listed, place__in=list(places)))
        digests = {r.place + 1: r.digest for r in piece}
        for one in stands:
            one.record, one.digest = places[one.place], digests[one.place]
        ListedRow.objects.bulk_update(stands, ("record", "digest"), batch_size=1000)
    ListedRow.objects.filter(listed=listed, place__in=[r.place + 1 for r in rows if r.again]).update(standing="again")
    ChildList.objects.filter(pk=listed.pk).update(digest=whole)
    due_counting.count_each(sorted({r.child.pk for r in new}))
    return {"records": len(new), "known": len(rows) - len(new), "digest": whole}


def _explained(row: JudgedRow, said: Mapping[str, str]) -> dict[str, str]:
    found = {q.key: said[q.key] for q in row.filled.queries}
    return found | ({SAME_DAY: said[SAME_DAY]} if SAME_DAY in said else {})


def _follow(kind: RecordKind, made: Sequence[HealthRecord], rows: Sequence[JudgedRow]) -> None:
    """What must be followed up, and the open follow-ups of these children that this kind closes."""
    policy = site_pack.pack().policy
    RecordFollowUp.objects.bulk_create(
        RecordFollowUp(
            record=record, name=one.rule.id, unit=record.unit if one.rule.by == RECORDER else r.child.unit,
            due_date=one.due,
        )
        for record, r in zip(made, rows, strict=True)
        for one in (follow_ups(kind, r.filled, r.known, policy) if kind.follow_up else ())
    )  # fmt: skip
    closing = {(k.id, r.id) for k in kinds.kinds().values() for r in k.follow_up if kind.id in r.closed_by}
    if not closing:
        return
    by_child: dict[int, list[HealthRecord]] = defaultdict(list)
    for record in made:
        by_child[record.child_id or 0].append(record)
    opened = RecordFollowUp.objects.filter(record__child__in=list(by_child), closed_by=None)
    closed = []
    for one in opened.exclude(record__in=made).select_related("record"):
        if (one.record.kind, one.name) in closing:
            later = [r for r in by_child[one.record.child_id or 0] if r.on_date >= one.record.on_date]
            if later:
                one.closed_by = later[0]
                closed.append(one)
    RecordFollowUp.objects.bulk_update(closed, ("closed_by",), batch_size=1000)


def _publish(kind: RecordKind, made: Sequence[HealthRecord], rows: Sequence[JudgedRow]) -> None:
    """The facts of all rows, each record a source of its own as if it had been entered."""
    pack, day = site_pack.pack(), timezone.localdate()
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    sheaves: dict[str, list[facts.Sheaf]] = defaultdict(list)
    for record, r in zip(made, rows, strict=True):
        of: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for n, (table, row) in enumerate(fact_rows(kind, r.filled, r.known, publishing.beside(kind, r.child))):
            of[table].append(publishing.of_house(record, pack.facts[table], r.known, n, day) | row)
        for table, some in of.items():
            start = len(found[table])
            found[table] += some
            source = f"{publishing.SOURCE}:{record.pk}"
            sheaves[table].append(facts.Sheaf(source, 1, start, start + len(some)))
    for table, every in found.items():
        facts.publish_each(table, every, sheaves[table], on=day)
    for child in {r.child.pk: r.child for r in rows}.values():
        publishing.looked_at(kind.id, child, day)


def undo(listed: ChildList, kind: RecordKind, doing: Doing) -> Mapping[str, Any]:
    """Every record of the list is withdrawn by a version of its own, its facts are taken back; all of it stays to be
    read."""
    by = doing.person
    assert by is not None
    rows = HealthRecord.objects.filter(listed_row__listed=listed).exclude(state="withdrawn").select_related("child")
    records = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for start in range(0, len(records), PIECE):
        piece = records[start : start + PIECE]
        last = {
            v.record_id: v
            for v in RecordVersion.objects.filter(record__in=piece, number=F("record__version"))
        }  # fmt: skip
        RecordVersion.objects.bulk_create(
            RecordVersion(
                record=r, number=r.version + 1, form_id=last[r.pk].form_id, on_date=r.on_date,
                filled_date=last[r.pk].filled_date, answers=last[r.pk].answers,
                explanations=last[r.pk].explanations, withdrawn=True, reason=doing.said("reason"), by=by, at=doing.at,
            )
            for r in piece
        )  # fmt: skip
        RecordFollowUp.objects.filter(record__in=piece, closed_by=None).delete()
        RecordFollowUp.objects.filter(closed_by__in=piece).update(closed_by=None)
        HealthRecord.objects.filter(pk__in=[r.pk for r in piece]).update(
            state="withdrawn", version=F("version") + 1, published=F("published") + 1
        )
        sources = {f"{publishing.SOURCE}:{r.pk}": r.published + 1 for r in piece}
        for table in sorted({row.fact for row in kind.publishes}):
            facts.take_back_each(table, sources)
        for child in {r.child.pk: r.child for r in piece if r.child is not None}.values():
            publishing.looked_at(kind.id, child, timezone.localdate(doing.at))
    due_counting.count_each(sorted({r.child_id for r in records if r.child_id is not None}))
    return {"records": len(records)}
