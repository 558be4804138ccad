"""A record is entered on a form: what is known of the child is filled in; a second arrival changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.records import RecordKind
from qingmiao.forms import FieldFault, Filled, ReadyForm, fill
from qingmiao.forms.recorded import disagreements, with_given
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, Seen
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, kinds, listing, measures, person, showing, versions
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.models import Child


@dataclass(frozen=True)
class RecordEntry:
    """A form to be filled in for a child: of a new record, or of one that is corrected (`record`, `version`)."""

    child: listing.ChildRow
    kind: str
    label: Label
    ready: ReadyForm
    answers: Mapping[str, Any]
    given: frozenset[str]
    """The fields that are filled in from the file: nobody types them."""
    record: int = 0
    version: int = 0


def _kind(id_: str) -> RecordKind:
    found = kinds.kinds().get(id_)
    if found is None:
        raise AbsentError("没有这种健康记录")
    return found


def entry(reach: Reach, number: int, kind: str, *, record: int = 0) -> RecordEntry:
    """The form of a kind for a child, or of a record to be corrected. AbsentError for who may not write it."""
    of, asked = exposure.sights(reach), _kind(kind)
    child = exposure.get(of, number)
    if kind not in of.writing(child) or asked.subject != "child":
        raise AbsentError("没有这种健康记录")
    row, version, answers = listing.row(child, timezone.localdate()), 0, {}
    if record:
        found = showing.record_of(reach, record)
        access.require(reach, found, "correct")
        if found.kind != kind or found.child_id != child.pk:
            raise AbsentError("没有这条健康记录")
        version, answers = found.version, dict(versions.newest(found).answers)
    form = versions.ready(versions.form_kept(asked.form))
    known = with_given(form, answers, person.words(child))
    given = frozenset(f.id for f in form.every() if f.field.given is not None)
    return RecordEntry(row, kind, asked.label, form, known, given, record, version)


def judge(entry: RecordEntry, child: Child, answers: Mapping[str, Any]) -> Filled:
    """Answers as they were sent, with what the file knows in place of what was sent for it, beside what was recorded
    before."""
    known = person.words(child)
    filled = fill(entry.ready, with_given(entry.ready, answers, known), on=timezone.localdate())
    faults, queries = disagreements(
        tuple(kinds.visit_checks().values()), kinds.kinds()[entry.kind], filled,
        earlier=measures.earlier(child, but=entry.record), birth=measures.birth(child), person=known,
    )  # fmt: skip
    return replace(filled, faults=(*filled.faults, *faults), queries=(*filled.queries, *queries))


def write(
    reach: Reach,
    number: int,
    kind: str,
    *,
    operation: str,
    answers: Mapping[str, Any],
    explanations: Mapping[str, str] | None = None,
    faults: tuple[FieldFault, ...] = (),
) -> tuple[int, Filled]:
    """Make a record; its number (0: something is not right yet, nothing is stored) and the judged answers.

    `operation`: the sender's id; what arrives again under it is the record that it made the first time.
    """
    here = entry(reach, number, kind)
    child = exposure.get(exposure.sights(reach), number)
    filled = judge(here, child, answers)
    known = HealthRecord.objects.filter(operation=operation, child=child, kind=kind, by=reach.person).first()
    if known is not None:
        return known.pk, filled
    if filled.faults or faults or filled.unexplained(explanations or {}):
        return 0, filled
    now, unit = timezone.now(), reach.person.organisation
    made = HealthRecord(
        kind=kind, child=child, on_date=timezone.localdate(now), unit=unit, by=reach.person, made_at=now,
        operation=operation[:40],
    )  # fmt: skip
    said = {"filled": filled, "explanations": dict(explanations or {})}
    with transaction.atomic():
        return access.create(reach, made, "record", said).pk, filled


def correct(
    reach: Reach,
    record: int,
    *,
    version: int,
    answers: Mapping[str, Any],
    reason: str,
    explanations: Mapping[str, str] | None = None,
    faults: tuple[FieldFault, ...] = (),
) -> tuple[bool, Filled]:
    """Say a record anew; what it said before stays. Whether it was stored, and the judged answers."""
    found = showing.record_of(reach, record)
    here = entry(reach, found.child_id or 0, found.kind, record=record)
    assert found.child is not None
    filled = judge(here, found.child, answers)
    if filled.faults or faults or filled.unexplained(explanations or {}):
        return False, filled
    said = {"filled": filled, "explanations": dict(explanations or {}), "reason": reason}
    access.perform(reach, found, "correct", Seen("", version), said)
    return True, filled


def withdraw(reach: Reach, record: int, *, version: int, reason: str) -> None:
    """Take a record back: it counts no more, and stays to be read."""
    found = showing.record_of(reach, record)
    access.perform(reach, found, "withdraw", Seen("", version), {"reason": reason})
