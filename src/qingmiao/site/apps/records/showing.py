"""A child's file as its page shows it: dataclasses, nothing of the database. Every sight is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.purposes import Purpose
from qingmiao.flow import State
from qingmiao.forms.answers import shown as told
from qingmiao.forms.recorded import offered
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import (
    briefs,
    exposure,
    eyes,
    fitness,
    growth,
    kinds,
    listing,
    looking,
    once,
    parts,
    person,
    recording,
    sealing,
    versions,
    words,
)
from qingmiao.site.apps.records.dueness import DueShown, due_now
from qingmiao.site.apps.records.event_models import HealthRecord, RecordVersion
from qingmiao.site.apps.records.eyes import EyeRow
from qingmiao.site.apps.records.fitness import FitnessYear
from qingmiao.site.apps.records.models import Child, ChildVersion, Relation, SchoolAttendance, Stay
from qingmiao.site.apps.records.mothers import births
from qingmiao.site.apps.records.mothers import exposure as mother_exposure
from qingmiao.site.apps.records.mothers import listing as mothers
from qingmiao.site.apps.records.mothers import looking as mother_looking
from qingmiao.site.apps.records.mothers.models import MotherFile


@dataclass(frozen=True)
class RecordRow:
    """One record in the timeline."""

    id: int
    kind: str
    label: Label
    on_date: date
    age: str
    unit: str
    by: str
    state: State
    child: int
    """The file in which it stands: a merged one's too."""
    said: str = ""
    """What was given, measured or found, in a line."""


@dataclass(frozen=True)
class RelativeShown:
    """A relative with what of the numbers may be shown."""

    relation: int
    name: str
    code: str
    """The code of `kind`."""
    kind: Label
    guardian: bool
    carer: bool
    sealed: bool
    phone: str
    from_date: date
    to_date: date | None


@dataclass(frozen=True)
class StayShown:
    """An address, without the house."""

    kind: Label
    area: str
    village: str
    from_date: date
    to_date: date | None


@dataclass(frozen=True)
class ClassShown:
    """A class."""

    school_unit: str
    school_class: str
    grade: str
    from_date: date
    to_date: date | None


@dataclass(frozen=True)
class FilePage:
    """A child's file."""

    row: listing.ChildRow
    version: int
    certainty: Label
    papers: Label
    number: str
    """Masked; empty where there is none or it is not shown to this person."""
    certificate: str
    former_names: tuple[str, ...]
    left: tuple[date | None, str]
    merged_into: int
    merged: tuple[int, ...]
    identity: bool
    """Numbers are shown masked, and may be asked for in full."""
    glass: bool
    """The file is open by broken glass."""
    purposes: tuple[str, ...]
    stays: tuple[StayShown, ...]
    attendances: tuple[ClassShown, ...]
    relatives: tuple[RelativeShown, ...]
    records: tuple[RecordRow, ...]
    hidden: bool
    """There may be records of kinds that this person does not read."""
    may_record: tuple[tuple[str, Label], ...]
    mother: int
    """The number of the mother's file, where this person may open it; else 0."""
    mother_risks: tuple[Label, ...]
    """What of her pregnancy matters for the child and this person may know."""
    due: tuple[DueShown, ...]
    curves: tuple[str, ...]
    """Length and weight by age, as SVG; none where nothing was measured or this person reads no measurements."""
    parts: tuple[str, ...]
    """The parts that have a page of their own (`parts`), of those that this person reads."""
    eyes: EyeRow | None
    """The newest check of the eyes, without its rate."""
    fitness: FitnessYear | None
    """The newest test of fitness."""
    steps: frozenset[str]
    """What this person may do with the file now."""

    @property
    def next_step(self) -> DueShown | None:
        """What comes first: the longest overdue, else what is due soonest; of what this person may record, if any."""
        return next((d for d in self.due if d.kind), self.due[0] if self.due else None)


def page_of(reach: Reach, number: int) -> FilePage:
    """A child's file, as far as this person sees it; the sight is written down. Raises AbsentError."""
    of = exposure.sights(reach)
    with once.reading():
        child = exposure.get(of, number)
        used = of.purposes(child.survivor)
        found = _file(reach, of, child, used)
    looking.seen(reach, child, used)
    return found


def _file(reach: Reach, of: exposure.Sights, child: Child, used: tuple[Purpose, ...]) -> FilePage:
    shown, day = child.survivor, timezone.localdate()
    reading, numbers = of.reading(shown), of.identity(shown)
    return FilePage(
        row=listing.row(child, day), version=child.version, certainty=words.CERTAINTY[child.birth_certainty],
        papers=words.PAPERS[child.papers], number=_number(child) if numbers else "",
        certificate=_certificate(child) if numbers else "", former_names=tuple(child.former_names),
        left=(child.left_date, child.left_to), merged_into=child.merged_into_id or 0,
        merged=tuple(n for n in exposure.family(child) if n != child.pk), identity=numbers,
        glass=of.opens(child), purposes=tuple(p.label.zh for p in used), stays=stays(Stay.objects.filter(child=child)),
        attendances=classes(SchoolAttendance.objects.filter(child=child)),
        relatives=relatives(of, child, Relation.objects.all(), numbers=numbers), records=timeline(child, reading),
        hidden=len(reading) < len(kinds.kinds()),
        may_record=_offered(shown, day, of.writing(shown)) if child.state == "here" else (),
        mother=_mother(reach, shown), mother_risks=births.crossing(shown, of),
        due=due_now(shown, day, reading=reading, writing=of.writing(shown), told=of.told(shown)),
        curves=growth.first_curves(child, reading), parts=parts.readable(reading),
        eyes=next(iter(eyes.eye_rows(child, reading, last=1)), None),
        fitness=next(iter(fitness.fitness_years(child, reading, last=1)), None),
        steps=frozenset(s.name for s in access.steps(reach, child)),
    )  # fmt: skip


def _offered(child: Child, day: date, writing: frozenset[str]) -> tuple[tuple[str, Label], ...]:
    """The kinds of records that this person may add, of those that fit the child on a day."""
    known = person.words(child)
    fit = (k for k in kinds.kinds().values() if k.id in writing and k.subject == "child")
    return tuple((k.id, k.label) for k in fit if offered(k, known, day))


def _mother(reach: Reach, child: Child) -> int:
    number = births.mother_of(child)
    file = MotherFile.objects.filter(pk=number).first() if number else None
    return number if file is not None and mother_exposure.maybe(reach).over(file) else 0


def timeline(child: Child, reading: frozenset[str]) -> tuple[RecordRow, ...]:
    """The records that this person reads, newest first."""
    kept = HealthRecord.objects.filter(kind__in=reading, child__in=exposure.family(child))
    rows = briefs.with_answers(kept, "pk", "kind", "on_date", "unit__label", "by__name", "state", "child_id")
    known, state = kinds.kinds(), recording.every_flow()[0].state
    return tuple(
        RecordRow(
            number,
            kind,
            known[kind].label,
            day,
            listing.age_text(child.birth_date, day),
            unit,
            by,
            state(name),
            of,
            briefs.brief(kind, answers, form),
        )
        for number, kind, day, unit, by, name, of, answers, form in rows.order_by("-on_date", "-pk")
    )


def _record(record: HealthRecord, child: Child | None) -> RecordRow:
    kind = kinds.kinds().get(record.kind)
    return RecordRow(
        record.pk, record.kind, kind.label if kind is not None else Label(zh=record.kind), record.on_date,
        listing.age_text(child.birth_date, record.on_date) if child else "", record.unit.label, record.by.name,
        recording.every_flow()[0].state(record.state), record.child_id or 0,
    )  # fmt: skip


def _number(child: Child) -> str:
    text = sealing.opened(sealing.CHILD, sealing.NUMBER, child.pk, child.number_sealed)
    return sealing.masked(sealing.NUMBER, text)


def _certificate(child: Child) -> str:
    text = sealing.opened(sealing.CHILD, sealing.CERTIFICATE, child.pk, child.certificate_sealed)
    return sealing.masked(sealing.CERTIFICATE, text)


def stays(rows: QuerySet[Stay]) -> tuple[StayShown, ...]:
    """Homes, the newest first."""
    return tuple(
        StayShown(words.STAYS[s.kind], words.area_name(s.area), s.village, s.from_date, s.to_date)
        for s in rows.order_by("-from_date", "-pk")
    )


def classes(rows: QuerySet[SchoolAttendance]) -> tuple[ClassShown, ...]:
    """Classes, the newest first."""
    return tuple(
        ClassShown(
            a.school_unit.label,
            a.school_class,
            words.code_label("grade", a.grade).zh if a.grade else "",
            a.from_date,
            a.to_date,
        )
        for a in rows.select_related("school_unit").order_by("-from_date", "-pk")
    )


def relatives(
    of: exposure.Sights, child: Child, rows: QuerySet[Relation], *, numbers: bool
) -> tuple[RelativeShown, ...]:  # fmt: skip
    """Of these relations the child's; a sealed one only for people of the unit that keeps the file. `numbers`: with the
    phone, masked."""
    rows = rows.filter(child=child).select_related("relative").order_by("to_date", "-guardian", "pk")
    if child.unit_id not in of.units:
        rows = rows.filter(sealed=False)
    return tuple(
        RelativeShown(
            r.pk, r.relative.name, r.kind, words.code_label("kinship", r.kind), r.guardian, r.carer, r.sealed,
            _phone(r) if numbers else "", r.from_date, r.to_date,
        )
        for r in rows
    )  # fmt: skip


def _phone(relation: Relation) -> str:
    text = sealing.opened(sealing.RELATIVE, sealing.PHONE, relation.relative_id, relation.relative.phone_sealed)
    return sealing.masked(sealing.PHONE, text)


@dataclass(frozen=True)
class VersionShown:
    """One version of a record: who said it, when, why, and what it says in words; `changed` against the one before."""

    number: int
    by: str
    at: datetime
    reason: str
    withdrawn: bool
    answers: tuple[tuple[str, str], ...]
    changed: tuple[tuple[str, str, str], ...]
    """(field, before, now)."""


@dataclass(frozen=True)
class RecordPage:
    """A record with all its versions, the newest first."""

    row: RecordRow
    who: listing.ChildRow | mothers.MotherRow
    mother: bool
    """Whether it stands in a woman's file."""
    version: int
    form: str
    versions: tuple[VersionShown, ...]
    follow_ups: tuple[tuple[Label, date | None, bool], ...]
    """(what, until when, done)."""


def record_of(reach: Reach, number: int) -> HealthRecord:
    """A record that this person reads. Raises AbsentError."""
    found = HealthRecord.objects.select_related("child", "unit", "by").filter(pk=number).first()
    if found is not None and found.mother_id is not None:
        theirs = mother_exposure.maybe(reach)
        file = MotherFile.objects.filter(pk=found.mother_id).first()
        if file is not None and found.kind in theirs.reading(file):
            return found
        raise AbsentError("没有这条健康记录")
    if found is None or found.child is None:
        raise AbsentError("没有这条健康记录")
    of, shown = exposure.sights(reach), found.child.survivor
    if not of.sees(shown) or found.kind not in of.reading(shown):
        raise AbsentError("没有这条健康记录")
    return found


def record_page(reach: Reach, number: int) -> RecordPage:
    """One record; the sight is written down."""
    record = record_of(reach, number)
    rows = list(RecordVersion.objects.filter(record=record).select_related("form", "by").order_by("number"))
    said = [() if v.withdrawn else tuple(told(versions.ready(v.form), versions.filled(v))) for v in rows]
    shown = [_version(v, said[n], said[n - 1] if n else ()) for n, v in enumerate(rows)]
    kind = kinds.kinds().get(record.kind)
    rules: Mapping[str, Label] = {r.id: r.label for r in kind.follow_up} if kind is not None else {}
    today, child = timezone.localdate(), record.child
    who: listing.ChildRow | mothers.MotherRow
    if child is not None:
        looking.seen(reach, child, exposure.sights(reach).purposes(child.survivor), record=record.pk)
        who = listing.row(child, today)
    else:
        file = MotherFile.objects.select_related("relative", "unit").get(pk=record.mother_id)
        mother_looking.seen(reach, file, record=record.pk)
        who = mothers.row(file, today)
    return RecordPage(
        _record(record, child), who, child is None, record.version,
        rows[-1].form.frozen["form"]["label"]["zh"], tuple(reversed(shown)),
        tuple((rules.get(f.name, Label(zh=f.name)), f.due_date, f.closed_by_id is not None)
              for f in record.follow_ups.order_by("pk")),
    )  # fmt: skip


def _version(
    version: RecordVersion, said: tuple[tuple[str, str], ...], before: tuple[tuple[str, str], ...]
) -> VersionShown:
    now, then = dict(said), dict(before)
    changed = [
        (label, then.get(label, ""), now.get(label, ""))
        for label in {**then, **now}
        if then.get(label) != now.get(label)
    ]
    return VersionShown(
        version.number, version.by.name, version.at, version.reason, version.withdrawn, said,
        tuple(changed) if before and not version.withdrawn else (),
    )  # fmt: skip


def identity_history(reach: Reach, number: int) -> tuple[tuple[int, datetime, str, str, str, date], ...]:
    """(version, when, by whom, name, sex, birth date) of every identity that the file had, newest first."""
    child = exposure.get(exposure.sights(reach), number)
    rows = ChildVersion.objects.filter(child=child).select_related("by").order_by("-number")
    return tuple(
        (v.number, v.at, v.by.name if v.by else "", v.name, words.code_label("sex", v.sex).zh, v.birth_date)
        for v in rows
    )


def looked(reach: Reach, number: int) -> list[audit.EventShown]:
    """Who looked at a file or opened its numbers, newest first: for everybody who sees the file."""
    child = exposure.get(exposure.sights(reach), number)
    return audit.of_object(looking.CHILD, child.pk, limit=200)
