"""Mothers' files as pages show them: lists, search, one file. Every sight is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.records import RecordKind
from qingmiao.content.schedules import Schedule
from qingmiao.flow import State, Step
from qingmiao.identity import numbers
from qingmiao.kernel.areas import AreaLevel, stem
from qingmiao.kernel.days import completed_months
from qingmiao.kernel.misread import MisreadError
from qingmiao.schedules import due
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, Seen
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import kinds, naming, purposes, sealing, words
from qingmiao.site.apps.records.dueness import DueShown
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.models import Relative
from qingmiao.site.apps.records.mothers import exposure, known, looking, merging
from qingmiao.site.apps.records.mothers.doors import mother_flow
from qingmiao.site.apps.records.mothers.given import MotherGiven
from qingmiao.site.apps.records.mothers.looking import MOTHER
from qingmiao.site.apps.records.mothers.models import ChildBorn, MotherFile

SEE = "records.mother.see"
STAGES = {"pregnant": Label(zh="在孕", en="pregnant"), "after": Label(zh="产后", en="after birth")}
GRADES = "pregnancy_risk"


@dataclass(frozen=True)
class MotherRow:
    """One line of a list. `risk`: code and words of the grade, ("", —) where none was given."""

    id: int
    name: str
    birth_date: date
    age: str
    area: str
    village: str
    unit: str
    expected_on: date | None
    delivered_on: date | None
    risk: tuple[str, Label]
    state: State


@dataclass(frozen=True)
class MotherRecord:
    """One record in her timeline."""

    id: int
    label: Label
    on_date: date
    unit: str
    by: str
    state: State


@dataclass(frozen=True)
class MotherPage:
    """A woman's file. `children`: number of the file and name of those whom her births made, where this person may
    open them."""

    row: MotherRow
    version: int
    number: str
    phone: str
    risk_source: str
    left_to: str
    purposes: tuple[str, ...]
    records: tuple[MotherRecord, ...]
    may_record: tuple[tuple[str, Label], ...]
    due: tuple[DueShown, ...]
    children: tuple[tuple[int, str], ...]
    merged_into: int
    """The file into which this one was merged; 0 for none."""
    merged: tuple[tuple[int, str], ...]
    """Number of the file and name of those that were merged into this one."""
    versions: tuple[merging.MotherVersionShown, ...]


def row(file: MotherFile, day: date) -> MotherRow:
    """A woman as a list shows her."""
    years = completed_months(file.birth_date, day) // 12
    return MotherRow(
        file.pk, file.relative.name, file.birth_date, f"{years}岁", words.area_name(file.area), file.village,
        file.unit.label, file.expected_on, file.delivered_on, (file.risk, words.code_label(GRADES, file.risk)),
        mother_flow().state(file.state),
    )  # fmt: skip


def listed(
    reach: Reach,
    *,
    area: str = "",
    village: str = "",
    stage: str = "",
    risk: str = "",
    kind: str = "",
    before: int = 0,
    size: int = 50,
) -> tuple[MotherRow, ...]:
    """The women on the register that this person sees, the newest file first; `risk`: only of that grade; `kind`: only
    those of whom the person reads a record of that kind."""
    of, day = exposure.sights(reach), timezone.localdate()
    found = MotherFile.objects.filter(of.where, state="here").select_related("relative", "unit")
    if area in site_pack.pack().areas:
        found = found.filter(area__startswith=stem(area))
    found = found.filter(**{k: v for k, v in {"village": village, "risk": risk}.items() if v})
    if stage == "pregnant":
        found = found.filter(expected_on__isnull=False, delivered_on=None)
    elif stage == "after":
        found = found.filter(delivered_on__isnull=False)
    if kind in of.kinds_read():
        found = found.filter(of.having(kind))
    if before:
        found = found.filter(pk__lt=before)
    rows = tuple(row(f, day) for f in found.order_by("-pk")[:size])
    audit.seen(
        reach.person,
        "records.mother.list",
        object_type="mothers",
        detail={"purposes": purposes.daily(reach, "mother"), "rows": len(rows)},
    )
    return rows


def kinds_listed(reach: Reach) -> tuple[RecordKind, ...]:
    """The kinds of mothers' records by which this person may narrow the list: those that the person reads."""
    read = exposure.sights(reach).kinds_read()
    return tuple(k for k in kinds.of_mothers() if k.id in read)


def search(reach: Reach, text: str, *, size: int = 50) -> tuple[MotherRow, ...]:
    """The women whose name begins so or who have that very number. What was searched for is written down nowhere."""
    of, day, said = exposure.sights(reach), timezone.localdate(), " ".join(text.split())[:60]
    try:
        number = numbers.read_person_number(said)
    except MisreadError:
        number = None
    how, where = "name", Q(relative__name_key__startswith=naming.key(said)) if naming.key(said) else Q(pk__in=[])
    if number is not None:
        how, where = "number", Q(relative__number_index__in=sealing.number_marks(numbers.as_eighteen(number).text))
    found = MotherFile.objects.filter(of.where).filter(where).select_related("relative", "unit")
    rows = tuple(row(f, day) for f in found.order_by("relative__name_key", "pk")[:size])
    audit.seen(
        reach.person,
        "records.mother.list",
        object_type="mothers",
        detail={"purposes": purposes.daily(reach, "mother"), "by": how, "rows": len(rows)},
    )
    return rows


def page_of(reach: Reach, number: int) -> MotherPage:
    """A woman's file, as far as this person sees it; the sight is written down. Raises AbsentError."""
    from qingmiao.site.apps.records import exposure as of_children

    of, day = exposure.sights(reach), timezone.localdate()
    file = exposure.get(of, number)
    reading, writing, shown = of.reading(file), of.writing(file), of.identity(file)
    theirs = of_children.maybe(reach)
    hers = merging.family(file)
    born = [b.child for b in ChildBorn.objects.filter(record__mother__in=hers).select_related("child").order_by("pk")]
    found = MotherPage(
        row(file, day), file.version, _masked(file, sealing.NUMBER) if shown else "",
        _masked(file, sealing.PHONE) if shown else "", _grade_source(), file.left_to,
        tuple(p.label.zh for p in of.purposes(file)),
        _timeline(hers, reading), _offered(writing) if file.state == "here" else (),
        due_now(file, day, reading, writing),
        tuple((c.pk, c.name) for c in born if theirs.any and theirs.sees(c.survivor)),
        file.survivor.pk if file.merged_into_id else 0,
        tuple((m.pk, m.relative.name) for m in file.merged.select_related("relative").order_by("pk")),
        merging.versions_of(file, masked=shown),
    )  # fmt: skip
    seen(reach, file)
    return found


def seen(reach: Reach, file: MotherFile, *, record: int = 0) -> None:
    """Write down a look into a mother's file, and for what."""
    used = purposes.told(exposure.maybe(reach).purposes(file))
    detail = {**used, **({"record": record} if record else {})}
    audit.seen(reach.person, SEE, object_type=MOTHER, object_id=file.pk, detail=detail)


def _masked(file: MotherFile, what: str) -> str:
    data = file.relative.number_sealed if what == sealing.NUMBER else file.relative.phone_sealed
    return sealing.masked(what, sealing.opened(sealing.RELATIVE, what, file.pk, data))


def _grade_source() -> str:
    listed = site_pack.pack().codes.get(GRADES)
    return (listed.source.document or "") if listed is not None and listed.source is not None else ""


def _timeline(hers: list[int], reading: frozenset[str]) -> tuple[MotherRecord, ...]:
    from qingmiao.site.apps.records.recording import every_flow

    rows = HealthRecord.objects.filter(kind__in=reading, mother__in=hers).select_related("unit", "by")
    of, state = kinds.kinds(), every_flow()[0].state
    return tuple(
        MotherRecord(r.pk, of[r.kind].label, r.on_date, r.unit.label, r.by.name, state(r.state))
        for r in rows.order_by("-on_date", "-pk")
    )


def _offered(writing: frozenset[str]) -> tuple[tuple[str, Label], ...]:
    return tuple((k.id, k.label) for k in kinds.of_mothers() if k.id in writing)


def due_now(
    file: MotherFile, on: date, reading: frozenset[str], writing: frozenset[str]
) -> tuple[DueShown, ...]:  # fmt: skip
    """What is overdue and due of a woman on a day by the pack's schedules for mothers, the longest overdue first.

    After the delivery the visits before it are due no more.
    """
    if file.state != "here":
        return ()
    pack, said, found = site_pack.pack(), known.words(file), []
    rows = HealthRecord.objects.filter(mother__in=merging.family(file)).exclude(state="withdrawn")
    events = list(rows.values_list("kind", "on_date"))
    for schedule in pack.entries("schedules", Schedule).values():
        if schedule.subject != "mother":
            continue
        items = {i.id: i for i in schedule.items}
        for one in due(schedule, said, events, on, pack.policy):
            item = items[one.item]
            past = "delivered_on" in said and item.since != "delivered_on"
            if one.state in ("due", "overdue") and not past and set(item.kinds) & reading:
                kind = next((k for k in item.kinds if k in writing), "")
                found.append(
                    DueShown(schedule.label, item.label, one.state == "overdue", one.last, one.days or 0, kind)
                )
    return tuple(sorted(found, key=lambda d: (not d.overdue, -d.days if d.overdue else d.days)))


def blank(reach: Reach) -> MotherFile:
    """A file that is not saved yet, of the person's own unit."""
    unit: Organisation = reach.person.organisation
    return MotherFile(unit=unit, made_by=reach.person, made_at=timezone.now())


def may_register(reach: Reach) -> bool:
    """Whether this person registers women for the own unit."""
    return bool(exposure.maybe(reach).held) and any(s.name == "register" for s in access.steps(reach, blank(reach)))


def register(reach: Reach, said: MotherGiven, *, reason: str = "") -> int:
    """Make a woman's file; its number. AbsentError for somebody who registers none; NotAllowedError with the reason
    where her number is taken or somebody alike is there."""
    if not may_register(reach):
        raise AbsentError("没有这一步")
    there = Relative.objects.filter(
        number_index__in=sealing.number_marks(said.number), name_key=naming.key(said.name), file=None
    )
    relative = there.order_by("pk").first()
    made = blank(reach)
    made.relative_id = relative.pk if relative is not None else sealing.next_row(sealing.RELATIVE)
    return int(access.create(reach, made, "register", {"mother": said, "reason": reason}).pk)


def steps(reach: Reach, number: int) -> tuple[Step, ...]:
    """What this person may do with a woman's file now."""
    return access.steps(reach, exposure.get(exposure.sights(reach), number))


def move(reach: Reach, number: int, step: str, *, version: int, said: dict[str, object]) -> None:
    """Take a step with a file. AbsentError where the file or the step is not this person's; the file into which one is
    merged must be in sight too."""
    of = exposure.sights(reach)
    file = exposure.get(of, number)
    if step == "merge" and said.get("into"):
        exposure.get(of, int(str(said["into"])))
    if step == "unmerge":
        said = {**said, "survivor": file.survivor.pk}
    access.perform(reach, file, step, Seen("", version), said)


def likely(reach: Reach, number: int) -> tuple[MotherRow, ...]:
    """The files within sight that may be of the same woman as this one, for who may merge it; else none."""
    file = exposure.get(exposure.sights(reach), number)
    if not any(s.name == "merge" for s in access.steps(reach, file)):
        return ()
    return tuple(row(f, timezone.localdate()) for f in merging.likely(reach, file))


def areas(reach: Reach) -> tuple[tuple[str, str], ...]:
    """(code, name) of the townships that a list may be narrowed to, and in which women are registered."""
    of, pack = exposure.sights(reach), site_pack.pack()
    held = {h.area for h in of.held} | {c.area for c in of.charges}
    within = [a for a in pack.areas.values() if a.level == AreaLevel.TOWNSHIP]
    return tuple(
        (a.code, a.name) for a in within if any(a.code.startswith(stem(h)) or h.startswith(a.code) for h in held)
    )


def grades() -> tuple[tuple[str, Label], ...]:
    """(code, words) of the grades of risk."""
    return words.options(GRADES)


def typed(reach: Reach, number: int) -> MotherGiven | None:
    """Who a woman is, for the form that corrects it: numbers in full, and so the sight is written down. None for who
    may not correct it."""
    file = exposure.get(exposure.sights(reach), number)
    if not any(s.name == "amend" for s in access.steps(reach, file)):
        return None
    looking.revealed(reach, file, "number、phone", "更正身份信息")
    number_said, phone = (
        sealing.opened(sealing.RELATIVE, what, file.pk, data)
        for what, data in ((sealing.NUMBER, file.relative.number_sealed), (sealing.PHONE, file.relative.phone_sealed))
    )
    return MotherGiven(
        file.relative.name, file.birth_date, file.area, file.village, file.relative.papers, number_said, phone
    )
