"""A record is entered on a form: what is known of the child is filled in; a second arrival changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.records import RecordKind, Subject
from qingmiao.forms import FieldFault, Filled, ReadyForm, fill
from qingmiao.forms.recorded import disagreements, with_given
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, Seen
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, kinds, listing, measures, person, showing, versions
from qingmiao.site.apps.records.event_models import HealthRecord, RecordVersion
from qingmiao.site.apps.records.models import Child
from qingmiao.site.apps.records.mothers import exposure as mother_exposure
from qingmiao.site.apps.records.mothers import known
from qingmiao.site.apps.records.mothers import listing as mothers
from qingmiao.site.apps.records.mothers.models import MotherFile


@dataclass(frozen=True)
class RecordEntry:
    """A form to be filled in for a child or a woman: of a new record, or of one that is corrected (`record`,
    `version`)."""

    who: listing.ChildRow | mothers.MotherRow
    mother: bool
    """Whether it is of a woman's file."""
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


def _whose(reach: Reach, number: int, kind: RecordKind) -> Child | MotherFile:
    """The file in which this person may record a kind. AbsentError for others."""
    if kind.subject == "mother":
        theirs = mother_exposure.sights(reach)
        file = mother_exposure.get(theirs, number)
        if kind.id in theirs.writing(file):
            return file
    else:
        of = exposure.sights(reach)
        child = exposure.get(of, number)
        if kind.id in of.writing(child):
            return child
    raise AbsentError("没有这种健康记录")


def whose_of(record: HealthRecord) -> tuple[int, Subject]:
    """The number of the file in which a record stands, and whose it is."""
    return (record.child_id, "child") if record.child_id is not None else (record.mother_id or 0, "mother")


def begun(reach: Reach, kind: RecordKind, item: str) -> dict[str, Any]:
    """What a new form holds already: the dose that is due (`item`, "VACCINE-DOSE"), and what the recorder's own last
    record said of the fields that the kind carries over."""
    vaccine, _, dose = item.rpartition("-")
    said: dict[str, Any] = {}
    if vaccine and dose.isdecimal() and {"vaccine", "dose"} <= set(kind.measures):
        said = {kind.measures["vaccine"]: vaccine, kind.measures["dose"]: dose}
    rows = RecordVersion.objects.filter(
        record__by=reach.person, record__kind=kind.id, number=F("record__version"), withdrawn=False
    )
    if "vaccine" in kind.measures:
        rows = rows.filter(**{f"answers__{kind.measures['vaccine']}": vaccine})
    last = rows.order_by("-record_id").values_list("answers", flat=True).first() if kind.carries else None
    return {f: last[f] for f in kind.carries if last is not None and last.get(f) is not None} | said


def entry(
    reach: Reach, number: int, kind: str, *, record: int = 0, subject: Subject = "child", item: str = ""
) -> RecordEntry:  # fmt: skip
    """The form of a kind for the child or woman whose file has that number, or of a record to be corrected. `item`: the
    dose that is due. AbsentError for who may not write it, and for a kind of the other subject."""
    asked = _kind(kind)
    if asked.subject != subject:
        raise AbsentError("没有这种健康记录")
    whose = _whose(reach, number, asked)
    version, answers = 0, begun(reach, asked, item) if not record else {}
    if record:
        found = showing.record_of(reach, record)
        access.require(reach, found, "correct")
        if found.kind != kind or whose.pk != (found.child_id or found.mother_id):
            raise AbsentError("没有这条健康记录")
        version, answers = found.version, dict(versions.newest(found).answers)
    form = versions.ready(versions.form_kept(asked.form))
    given = frozenset(f.id for f in form.every() if f.field.given is not None)
    today = timezone.localdate()
    row = listing.row(whose, today) if isinstance(whose, Child) else mothers.row(whose, today)
    return RecordEntry(
        row, isinstance(whose, MotherFile), kind, asked.label, form, with_given(form, answers, _words(whose)), given,
        record, version,
    )  # fmt: skip


def _words(whose: Child | MotherFile) -> Mapping[str, Any]:
    return person.words(whose) if isinstance(whose, Child) else known.words(whose)


def judge(entry: RecordEntry, whose: Child | MotherFile, answers: Mapping[str, Any]) -> Filled:
    """Answers as they were sent, with what the file knows in place of what was sent for it, beside what was recorded
    before."""
    said = _words(whose)
    filled = fill(entry.ready, with_given(entry.ready, answers, said), on=timezone.localdate())
    if not isinstance(whose, Child):
        return filled  # checks between visits are of children
    faults, queries = disagreements(
        tuple(kinds.visit_checks().values()), kinds.kinds()[entry.kind], filled,
        earlier=measures.earlier(whose, but=entry.record), birth=measures.birth(whose), person=said,
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
    subject: Subject = "child",
) -> tuple[int, Filled]:
    """Make a record; its number (0: something is not right yet, nothing is stored) and the judged answers.

    `operation`: the sender's id; what arrives again under it is the record that it made the first time.
    """
    here, whose = entry(reach, number, kind, subject=subject), _whose(reach, number, _kind(kind))
    filled = judge(here, whose, answers)
    of: dict[str, Any] = {"child": whose} if isinstance(whose, Child) else {"mother": whose.relative}
    there = HealthRecord.objects.filter(operation=operation, kind=kind, by=reach.person, **of).first()
    if there is not None:
        return there.pk, filled
    if filled.faults or faults or filled.unexplained(explanations or {}):
        return 0, filled
    now, unit = timezone.now(), reach.person.organisation
    made = HealthRecord(
        kind=kind, on_date=timezone.localdate(now), unit=unit, by=reach.person, made_at=now, operation=operation[:40],
        **of,
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
    number, subject = whose_of(found)
    here = entry(reach, number, found.kind, record=record, subject=subject)
    filled = judge(here, _whose(reach, number, _kind(found.kind)), answers)
    if filled.faults or faults or filled.unexplained(explanations or {}):
        return False, filled
    said = {"filled": filled, "explanations": dict(explanations or {}), "reason": reason}
    access.perform(reach, found, "correct", Seen("", version), said)
    return True, filled


def withdraw(reach: Reach, record: int, *, version: int, reason: str) -> None:
    """Take a record back: it counts no more, and stays to be read."""
    found = showing.record_of(reach, record)
    access.perform(reach, found, "withdraw", Seen("", version), {"reason": reason})
