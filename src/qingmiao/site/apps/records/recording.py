"""A record is made, corrected, withdrawn: its door, its versions, what must be followed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from qingmiao.content.person_words import value_of
from qingmiao.content.records import RECORDER, RecordKind
from qingmiao.flow import Flow, Guard, Who
from qingmiao.flow.records import health_record
from qingmiao.forms import Filled
from qingmiao.forms.answers import document
from qingmiao.forms.recorded import closes, day_of, follow_ups, record_row
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.doors import Doing, Door, next_version, register
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import (
    changed_schedule,
    due_counting,
    exposure,
    hearing,
    kinds,
    person,
    publishing,
    versions,
)
from qingmiao.site.apps.records.event_models import HealthRecord, RecordFollowUp, RecordVersion
from qingmiao.site.apps.records.models import Child, Relative
from qingmiao.site.apps.records.mothers import births, known
from qingmiao.site.apps.records.mothers import exposure as mothers
from qingmiao.site.apps.records.mothers.models import MotherFile

Answers = Mapping[str, Any]


def flow_of(record: HealthRecord) -> Flow:
    """The flow of a record: its roles are those that its kind names; of a kind that the pack no longer has, none."""
    kind = kinds.kinds().get(record.kind)
    return health_record(frozenset(kind.recorded_by) if kind is not None else frozenset({"-"}))


def every_flow() -> tuple[Flow, ...]:
    """One flow, for the words of the steps."""
    return (health_record(frozenset(r for k in kinds.kinds().values() for r in k.recorded_by) or frozenset({"-"})),)


def _person_seen(record: HealthRecord, answers: Answers, who: Who, at: datetime) -> Decision:
    by = Person.objects.filter(username=who.id).first()
    if by is None:
        return no("没有这份档案")
    if record.child is None:
        file = MotherFile.objects.filter(pk=record.mother_id).first()
        if file is None or record.kind not in mothers.maybe(Reach(by)).writing(file):
            return no("这名孕产妇不在您的服务范围内，不能登记")
        if file.merged_into_id is not None and not record.pk:
            return no("这份档案已并入另一份档案，请在另一份档案里登记")
        return YES
    if record.kind not in exposure.sights(Reach(by), now=at).writing(record.child):
        return no("这名儿童不在您的服务范围内，不能登记")
    return YES


def _complete(record: HealthRecord, answers: Answers, who: Who, at: datetime) -> Decision:
    filled: Filled | None = answers.get("filled")
    if filled is None:
        return no("请填写记录")
    if filled.faults:
        return no(f"还有 {len(filled.faults)} 处没有填好，第一处：{filled.faults[0].message}")
    asked = filled.unexplained(answers.get("explanations") or {})
    return no(f"还有 {len(asked)} 处要核对说明，第一处：{asked[0].message}") if asked else YES


def _within_life(record: HealthRecord, answers: Answers, who: Who, at: datetime) -> Decision:
    kind, child = kinds.kinds()[record.kind], record.child
    filled: Filled = answers["filled"]
    on = day_of(kind, filled)
    if on is None:
        return no("请填写这次记录的日期")
    woman = record.mother
    if child is None and woman is not None and on < woman.file.birth_date:
        return no(f"记录的日期早于出生日期 {woman.file.birth_date.isoformat()}")
    of = {"child": child, "mother": record.mother}
    earlier = HealthRecord.objects.filter(kind=kind.id, **of).exclude(state="withdrawn").exclude(pk=record.pk)
    birth, died = (child.birth_date, child.left_date if child.state == "died" else None) if child else (None, None)
    why = outside_life(on, timezone.localdate(at), birth=birth, died=died) or once_only(
        kind, kind.once and earlier.exists()
    )
    return no(why) if why else YES


def outside_life(on: date, today: date, *, birth: date | None, died: date | None) -> str:
    """Why a record cannot be of that day; "" where it can."""
    if on > today:
        return "记录的日期在今天以后"
    if birth is not None and on < birth:
        return f"记录的日期早于出生日期 {birth.isoformat()}"
    if died is not None and on > died:
        return f"记录的日期晚于死亡日期 {died.isoformat()}"
    return ""


def once_only(kind: RecordKind, there: bool) -> str:
    """Why a kind that somebody has once cannot be recorded where there is one; "" where it can."""
    return f"“{kind.label.zh}”已经登记过，每人只有一份；请更正原来的记录" if kind.once and there else ""


GUARDS: Mapping[str, Guard] = {
    "person_seen": _person_seen,
    "complete": _complete,
    "within_life": _within_life,
    "births_fit": births.births_fit,
}


def _changes(record: HealthRecord, doing: Doing) -> dict[str, Any]:
    found = next_version(record, doing)
    if "filled" in doing.answers:
        found["on_date"] = day_of(kinds.kinds()[record.kind], doing.answers["filled"])
    return found


def _written(record: HealthRecord, doing: Doing) -> Mapping[str, Any]:
    """What was filled in is the newest version; a withdrawal repeats what is withdrawn."""
    by = doing.person
    assert by is not None
    kind, withdrawn = kinds.kinds()[record.kind], doing.step.target == "withdrawn"
    if withdrawn:
        take_back([record], doing)
    else:
        filled: Filled = doing.answers["filled"]
        form = versions.form_kept(kind.form)
        RecordVersion.objects.create(
            record=record, number=record.version, form=form, on_date=record.on_date, filled_date=filled.on,
            answers=document(versions.ready(form), filled)["answers"], by=by, at=doing.at, reason=doing.said("reason"),
            explanations={q.key: (doing.answers.get("explanations") or {})[q.key] for q in filled.queries},
        )  # fmt: skip
        follow(record, kind, filled)
        _close(record, kind, filled)
    if kind.means == "death" and record.child is not None:
        if withdrawn:
            alive_again(record.child, kind, by)
        else:
            passed_away(record.child, kind, record.on_date, by)
    if record.child is not None:
        due_counting.count_again(record.child)
    if record.mother_id is not None:
        if not withdrawn:
            births.born(record, kind, doing.answers["filled"], by)
        known.repeat(record.mother_id)
        due_counting.count_each(changed_schedule.born_of(record.mother_id, record.kind))
    _tell(record, doing)
    return {"kind": record.kind, "child": record.child_id, "mother": record.mother_id}


def _tell(record: HealthRecord, doing: Doing) -> None:
    """Whoever hears of records hears of this one."""
    filled: Filled | None = None if doing.step.target == "withdrawn" else doing.answers["filled"]

    def true(text: str | None) -> Sequence[bool]:
        if filled is None:
            return [False]
        return [text is None or value_of(text, record_row(filled, words_of(record))) is True]

    hearing.tell(hearing.RecordsTold(record.kind, [record.pk], true, doing.step.makes))


def take_back(records: Sequence[HealthRecord], doing: Doing) -> None:
    """The version by which each record is withdrawn (its number is the record's): it repeats what is withdrawn; what
    only it asked for is asked no more, what it had closed is open again."""
    newest = RecordVersion.objects.filter(record__in=records, withdrawn=False).order_by("record", "-number")
    last = {v.record_id: v for v in newest.distinct("record")}
    RecordVersion.objects.bulk_create(
        RecordVersion(
            record=r, number=r.version, form_id=last[r.pk].form_id, on_date=r.on_date, answers=last[r.pk].answers,
            filled_date=last[r.pk].filled_date, explanations=last[r.pk].explanations, withdrawn=True,
            reason=doing.said("reason"), by=doing.person, at=doing.at,
        )
        for r in records
    )  # fmt: skip
    RecordFollowUp.objects.filter(record__in=records, closed_by=None).delete()
    RecordFollowUp.objects.filter(closed_by__in=records).update(closed_by=None)


def alive_again(child: Child, kind: RecordKind, by: Person) -> None:
    """The file of a child whose death was recorded in error is opened again, if that record had closed it."""
    if child.state == "died":
        job = audit.NamedActor(by.username, by.unit_id)
        told = {"reason": f"撤销“{kind.label.zh}”"}
        access.perform(job, child, "reopen", access.Seen(child.state, child.version), told)


def passed_away(child: Child, kind: RecordKind, on: date, by: Person) -> None:
    """The file of a child of whose death somebody made a record is closed, if it is not."""
    if child.state in ("here", "moved_out"):
        job = audit.NamedActor(by.username, by.unit_id)
        told = {"reason": f"登记“{kind.label.zh}”", "on": on}
        access.perform(job, child, "die", access.Seen(child.state, child.version), told)


def follow(record: HealthRecord, kind: RecordKind, filled: Filled) -> None:
    """What was found and must be followed up; what a correction no longer finds is not asked for any more."""
    found = follow_ups(kind, filled, words_of(record), site_pack.pack().policy)
    keeper = record.child.unit if record.child is not None else _woman(record).file.unit
    for one in found:
        unit = record.unit if one.rule.by == RECORDER else keeper
        RecordFollowUp.objects.update_or_create(
            record=record, name=one.rule.id, defaults={"unit": unit, "due_date": one.due}
        )
    RecordFollowUp.objects.filter(record=record, closed_by=None).exclude(name__in=[f.rule.id for f in found]).delete()


def _woman(record: HealthRecord) -> Relative:
    """The woman in whose file a record stands that is in no child's."""
    assert record.mother is not None, "a record stands in a child's or a woman's file (constraint record_of_one)"
    return record.mother


def words_of(record: HealthRecord) -> Mapping[str, Any]:
    """What is known of the child or the woman in whose file a record stands."""
    return person.words(record.child) if record.child is not None else known.words(_woman(record).file)


def _close(record: HealthRecord, kind: RecordKind, filled: Filled) -> None:
    """The open follow-ups of the same child that a record closes; a correction that closes them no more opens them."""
    closing = closes(kind, filled, words_of(record), kinds.kinds().values())
    for one in RecordFollowUp.objects.filter(closed_by=record).select_related("record"):
        if (one.record.kind, one.name) not in closing:
            one.closed_by = None
            one.save(update_fields=("closed_by",))
    rows = RecordFollowUp.objects.filter(
        record__child=record.child, record__mother=record.mother, closed_by=None, record__on_date__lte=record.on_date
    )
    for one in rows.exclude(record=record).select_related("record"):
        if (one.record.kind, one.name) in closing:
            one.closed_by = record
            one.save(update_fields=("closed_by",))


register(
    Door(
        HealthRecord,
        flow_of,
        noun="这条健康记录",
        kind="health_record",
        action="records.record",
        unit=lambda record: record.unit,
        guards=GUARDS,
        effects={"written": _written, "published": publishing.published},
        changes=_changes,
        several=every_flow,
    )
)
