"""The rows of a list become records: versions, follow-ups and facts written in sets, in one transaction; and taken
back."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import F
from django.utils import timezone

from qingmiao.content.records import RECORDER, RecordKind
from qingmiao.forms.answers import document
from qingmiao.forms.recorded import closes, follow_ups
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import NotAllowedError
from qingmiao.site.apps.directory.doors import Doing
from qingmiao.site.apps.records import due_counting, kinds, person, publishing, recording, versions
from qingmiao.site.apps.records.event_models import HealthRecord, RecordFollowUp, RecordVersion
from qingmiao.site.apps.records.list_judging import SAME_DAY, JudgedList, JudgedRow, nobody
from qingmiao.site.apps.records.list_models import ChildList, ListedRow

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
        new = [r for r in piece.rows if not r.again]
        known += len(piece.rows) - len(new)
        made += len(new)
        for r in new:
            whole.update(r.digest)
        _write(listed, kind, new, doing)
        again = [r.place + 1 for r in piece.rows if r.again]
        ListedRow.objects.filter(listed=listed, place__in=again).update(standing="again")
    ChildList.objects.filter(pk=listed.pk).update(digest=whole.hexdigest())
    return {"records": made, "known": known, "digest": whole.hexdigest()}


def unexplained(listed: ChildList, queries: Iterable[str]) -> list[str]:
    """What is asked back and nobody has explained yet."""
    return [k for k in queries if len(listed.explanations.get(k, "").strip()) < access.LEAST_WORDS]


def _write(listed: ChildList, kind: RecordKind, rows: Sequence[JudgedRow], doing: Doing) -> None:
    by = doing.person
    assert by is not None
    form = versions.form_kept(kind.form)
    ready, said = versions.ready(form), listed.explanations
    made = HealthRecord.objects.bulk_create(
        HealthRecord(
            kind=kind.id, child=r.child, on_date=r.on, unit=listed.unit, by=by, made_at=doing.at,
            operation=f"list-{listed.pk}-{r.place + 1}", state="recorded",
        )
        for r in rows
    )  # fmt: skip
    RecordVersion.objects.bulk_create(
        RecordVersion(
            record=record, number=1, form=form, on_date=r.on, filled_date=r.filled.on,
            answers=document(ready, r.filled)["answers"], by=by, at=doing.at, explanations=_explained(r, said),
        )
        for record, r in zip(made, rows, strict=True)
    )  # fmt: skip
    _follow(kind, made, rows)
    told = [
        publishing.RecordTold(record, r.filled, r.known, publishing.beside(kind, r.child))
        for record, r in zip(made, rows, strict=True)
    ]
    _publish(kind, told, timezone.localdate(doing.at))
    for r in rows if kind.means == "death" else ():
        recording.passed_away(r.child, kind, r.on, by)
    at = {r.place + 1: (record, r.digest) for record, r in zip(made, rows, strict=True)}
    stands = list(ListedRow.objects.filter(listed=listed, place__in=list(at)))
    for one in stands:
        one.record, one.digest = at[one.place]
    ListedRow.objects.bulk_update(stands, ("record", "digest"), batch_size=1000)


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
    every = [k for k in kinds.kinds().values() if any(kind.id in r.closed_by for r in k.follow_up)]
    if not every:
        return
    by_child: dict[int, list[tuple[HealthRecord, frozenset[tuple[str, str]]]]] = defaultdict(list)
    for record, r in zip(made, rows, strict=True):
        by_child[record.child_id or 0].append((record, closes(kind, r.filled, r.known, every)))
    opened = RecordFollowUp.objects.filter(record__child__in=list(by_child), closed_by=None)
    closed = []
    for one in opened.exclude(record__in=made).select_related("record"):
        found = (one.record.kind, one.name)
        mine = by_child[one.record.child_id or 0]
        later = [r for r, closing in mine if found in closing and r.on_date >= one.record.on_date]
        if later:
            one.closed_by = later[0]
            closed.append(one)
    RecordFollowUp.objects.bulk_update(closed, ("closed_by",), batch_size=1000)


def _publish(kind: RecordKind, told: Sequence[publishing.RecordTold], day: date) -> None:
    """The facts of all rows, as if each had been entered or withdrawn by itself; and what is due of the children."""
    if kind.publishes:
        publishing.publish_each(kind, told, day)
    children = {one.record.child.pk: one.record.child for one in told if one.record.child is not None}
    for child in children.values():
        publishing.looked_at(kind.id, child, day)
    due_counting.count_each(sorted(children))


def undo(listed: ChildList, kind: RecordKind, doing: Doing) -> Mapping[str, Any]:
    """Every record of the list is withdrawn as a single one is: a version of its own, its facts taken back; all of it
    stays to be read."""
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
        told = [
            publishing.RecordTold(
                r, versions.filled(last[r.pk]), person.words(r.child), publishing.beside(kind, r.child)
            )
            for r in piece
            if r.child is not None
        ]
        _publish(kind, told, day)
        for r in piece if kind.means == "death" else ():
            if r.child is not None and doing.person is not None:
                recording.alive_again(r.child, kind, doing.person)
        tell(start + len(piece), len(records))
    return {"records": len(records)}
