"""The rows of a list become records: versions, follow-ups and facts written in sets, in one transaction; and taken
back."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import F
from django.utils import timezone

from qingmiao.content.records import RECORDER, RecordKind
from qingmiao.forms.column_answers import json_text
from qingmiao.forms.fill import FieldFault
from qingmiao.forms.recorded_columns import closing_rows, follow_up_rows, true_rows
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import NotAllowedError
from qingmiao.site.apps.directory.doors import Doing
from qingmiao.site.apps.records import (
    bulk,
    due_counting,
    hearing,
    kinds,
    list_publishing,
    list_registering,
    person,
    publishing,
    recording,
    sheaves,
    versions,
)
from qingmiao.site.apps.records.event_models import HealthRecord, RecordFollowUp, RecordVersion
from qingmiao.site.apps.records.list_judging import SAME_DAY, JudgedList, JudgedRows, nobody
from qingmiao.site.apps.records.list_models import ChildList, ListedRow
from qingmiao.site.apps.records.models import Child

PIECE = 5000


def write(listed: ChildList, kind: RecordKind, pieces: Iterable[JudgedList], doing: Doing) -> Mapping[str, Any]:
    """Every row that is no record yet becomes one; what the audit is told: how many, and their digest. Raises
    NotAllowedError where a row is wrong now, or asks what nobody explained: then nothing is written."""
    whole, made, known = hashlib.sha256(), 0, 0
    for piece in pieces:
        if piece.faults:
            first = min(piece.faults, key=lambda f: (f.row, f.column))
            where = first.cell or (f"第 {first.row + 1} 行" if first.row >= 0 else "")
            raise NotAllowedError(f"名单还有错误，什么都没有导入；第一处：{where} {first.message}")
        if asked := unexplained(listed, piece.queries):
            raise NotAllowedError(f"还有 {len(asked)} 项要核对说明（不少于 {access.LEAST_WORDS} 个字）")
        rows = piece.rows
        if rows is None:
            continue
        new = np.array(rows.new, dtype=np.int64)
        known += len(rows.again)
        made += len(new)
        for n in new.tolist():
            whole.update(rows.digests[n])
        _write(listed, kind, rows.take(new), doing)
        again = [rows.places[n] + 1 for n in sorted(rows.again)]
        ListedRow.objects.filter(listed=listed, place__in=again).update(standing="again")
    ChildList.objects.filter(pk=listed.pk).update(digest=whole.hexdigest())
    return {"records": made, "known": known, "digest": whole.hexdigest()}


def unexplained(listed: ChildList, queries: Iterable[str]) -> list[str]:
    """What is asked back and nobody has explained yet."""
    return [k for k in queries if len(listed.explanations.get(k, "").strip()) < access.LEAST_WORDS]


def _write(listed: ChildList, kind: RecordKind, rows: JudgedRows, doing: Doing) -> None:
    by = doing.person
    assert by is not None
    if not rows.places:
        return
    form, said, size = versions.form_kept(kind.form), listed.explanations, len(rows.places)
    places = [place + 1 for place in rows.places]
    numbers = bulk.next_numbers(HealthRecord, size)
    published, filled_on = int(bool(kind.publishes)), rows.filled.on
    bulk.copy(
        HealthRecord,
        {
            "id": numbers, "kind": kind.id, "child_id": rows.children.numbers, "mother_id": None, "on_date": rows.on,
            "unit_id": listed.unit_id, "by_id": by.pk, "made_at": doing.at,
            "operation": [sheaves.operation_of(listed.pk, place) for place in places], "state": "recorded",
            "version": 1, "published": published,
        },
    )  # fmt: skip
    bulk.copy(
        RecordVersion,
        {
            "record_id": numbers, "number": 1, "form_id": form.pk,
            "on_date": rows.on, "filled_date": filled_on, "answers": rows.texts, "by_id": by.pk, "at": doing.at,
            "explanations": [_explained(rows.asked.get(n, ()), said) for n in range(size)], "withdrawn": False,
            "reason": "",
        },
    )  # fmt: skip
    _follow(listed, kind, numbers, rows)
    day = timezone.localdate(doing.at)
    list_publishing.publish_list(listed.pk, kind, numbers, rows, day)
    _counted(kind, sorted(set(rows.children.numbers)), day)
    if kind.means == "death":
        of = Child.objects.select_related("unit").in_bulk(rows.children.numbers)
        for child, on in zip(rows.children.numbers, rows.on, strict=True):
            recording.passed_away(of[child], kind, on, by)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE records_list_row r SET record_id = n.record, digest = n.digest FROM"
            " unnest(%s::bigint[], %s::bigint[], %s::bytea[]) AS n (place, record, digest)"
            " WHERE r.listed_id = %s AND r.place = n.place",
            [bulk.array(places), bulk.array(numbers), bulk.byte_array(rows.digests), listed.pk],
        )
    hearing.tell(
        hearing.RecordsTold(kind.id, numbers, lambda text: true_rows(text, rows.filled, rows.known).tolist(), new=True)
    )


def _explained(asked: Sequence[FieldFault], said: Mapping[str, str]) -> str:
    if not asked and SAME_DAY not in said:
        return "{}"
    found = {q.key: said[q.key] for q in asked}
    return json_text(found | ({SAME_DAY: said[SAME_DAY]} if SAME_DAY in said else {}))


def _follow(listed: ChildList, kind: RecordKind, numbers: Sequence[int], rows: JudgedRows) -> None:
    """What must be followed up, and the open follow-ups of these children that this kind closes."""
    policy, made = site_pack.pack().policy, list[RecordFollowUp]()
    units, births = rows.children["unit_id"], rows.children["birth_date"]
    for rule, here in follow_up_rows(kind, rows.filled, rows.known) if kind.follow_up else ():
        within = kind.within(rule, policy)
        for n in np.flatnonzero(here).tolist():
            since = births.at(n) if rule.since == "birth" else rows.on[n]
            due = within.after(since) if within is not None else None
            unit = listed.unit_id if rule.by == RECORDER else units.at(n)
            made.append(RecordFollowUp(record_id=numbers[n], name=rule.id, unit_id=unit, due_date=due))
    RecordFollowUp.objects.bulk_create(made, batch_size=5000)
    every = [k for k in kinds.kinds().values() if any(kind.id in r.closed_by for r in k.follow_up)]
    if not every:
        return
    closing = closing_rows(kind, rows.filled, rows.known, every)
    by_child: dict[int, list[int]] = defaultdict(list)
    for n, child in enumerate(rows.children.numbers):
        by_child[child].append(n)
    opened = RecordFollowUp.objects.filter(record__child__in=list(by_child), closed_by=None)
    closed = []
    for one in opened.exclude(record__in=numbers).select_related("record"):
        ends = closing.get((one.record.kind, one.name))
        mine = by_child[one.record.child_id or 0] if ends is not None else []
        later = [n for n in mine if ends is not None and ends[n] and rows.on[n] >= one.record.on_date]
        if later:
            one.closed_by_id = numbers[later[0]]
            closed.append(one)
    RecordFollowUp.objects.bulk_update(closed, ("closed_by",), batch_size=1000)


def _counted(kind: RecordKind, children: Sequence[int], day: date) -> None:
    """Of these children what looks at this kind is published anew, and what is due is counted."""
    if any(kind.id in of for k in kinds.kinds().values() for of in k.beside.values()):
        for child in Child.objects.filter(pk__in=children).select_related("merged_into").order_by("pk"):
            publishing.looked_at(kind.id, child, day)
    due_counting.count_each(children, kind.id)


def undo(listed: ChildList, kind: RecordKind, doing: Doing) -> Mapping[str, Any]:
    """Every record of the list is withdrawn as a single one is: a version of its own, its facts taken back; all of it
    stays to be read. The files that the list made are taken back too, where nothing else stands in them."""
    rows = HealthRecord.objects.filter(listed_row__listed=listed).exclude(state="withdrawn").select_related("child")
    tell = doing.answers.get("tell") or nobody
    records, day = list(rows.select_for_update(of=("self",)).order_by("pk")), timezone.localdate(doing.at)
    for start in range(0, len(records), PIECE):
        piece = records[start : start + PIECE]
        for record in piece:
            record.state, record.version = "withdrawn", record.version + 1
        HealthRecord.objects.filter(pk__in=[r.pk for r in piece]).update(state="withdrawn", version=F("version") + 1)
        newest = RecordVersion.objects.filter(record__in=piece, withdrawn=False).order_by("record", "-number")
        last = {v.record_id: v for v in newest.distinct("record").select_related("form")}
        recording.take_back(piece, doing)
        left = sheaves.leave(piece) if kind.publishes else set()
        told = [
            publishing.RecordTold(
                r, versions.filled(last[r.pk]), person.words(r.child), publishing.beside(kind, r.child)
            )
            for r in piece
            if r.child is not None and r.pk not in left
        ]
        if kind.publishes and told:
            publishing.publish_each(kind, told, day)
        _counted(kind, sorted({r.child_id for r in piece if r.child_id is not None}), day)
        for r in piece if kind.means == "death" else ():
            if r.child is not None and doing.person is not None:
                recording.alive_again(r.child, kind, doing.person)
        hearing.tell(hearing.taken_back(kind.id, [r.pk for r in piece]))
        tell(start + len(piece), len(records))
    assert doing.person is not None
    taken, stay = list_registering.take_back(listed, doing.said("reason"), doing.person)
    return {"records": len(records), **({"files": taken, "files_kept": stay} if taken or stay else {})}
