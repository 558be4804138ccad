"""One mother's file as pages show it, and what is done with it. Every sight is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.schedules import Schedule
from qingmiao.flow import State, Step
from qingmiao.schedules import due
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import Seen
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import briefs, kinds, sealing
from qingmiao.site.apps.records.dueness import DueShown
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.merging import one_at_a_time
from qingmiao.site.apps.records.mothers import exposure, known, listing, looking, merging, pairs
from qingmiao.site.apps.records.mothers.given import MotherGiven
from qingmiao.site.apps.records.mothers.models import ChildBorn, MotherFile
from qingmiao.site.apps.records.twice import LikelyFile


@dataclass(frozen=True)
class MotherRecord:
    """One record in her timeline."""

    id: int
    label: Label
    on_date: date
    unit: str
    by: str
    state: State
    said: str
    """What was measured or found, in a line."""


@dataclass(frozen=True)
class MotherPage:
    """A woman's file. `children`: number of the file and name of those whom her births made, where this person may
    open them."""

    row: listing.MotherRow
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
        listing.row(file, day), file.version, _masked(file, sealing.NUMBER) if shown else "",
        _masked(file, sealing.PHONE) if shown else "", _grade_source(), file.left_to,
        tuple(p.label.zh for p in of.purposes(file)),
        _timeline(hers, reading), _offered(writing) if file.state == "here" else (),
        due_now(file, day, reading, writing),
        tuple((c.pk, c.name) for c in born if theirs.any and theirs.sees(c.survivor)),
        file.survivor.pk if file.merged_into_id else 0,
        tuple((m.pk, m.relative.name) for m in file.merged.select_related("relative").order_by("pk")),
        merging.versions_of(file, masked=shown),
    )  # fmt: skip
    looking.seen(reach, file)
    return found


def _masked(file: MotherFile, what: str) -> str:
    data = file.relative.number_sealed if what == sealing.NUMBER else file.relative.phone_sealed
    return sealing.masked(what, sealing.opened(sealing.RELATIVE, what, file.pk, data))


def _grade_source() -> str:
    listed = site_pack.pack().codes.get(listing.GRADES)
    return (listed.source.document or "") if listed is not None and listed.source is not None else ""


def _timeline(hers: list[int], reading: frozenset[str]) -> tuple[MotherRecord, ...]:
    from qingmiao.site.apps.records.recording import every_flow

    kept = HealthRecord.objects.filter(kind__in=reading, mother__in=hers)
    rows = briefs.with_answers(kept, "pk", "kind", "on_date", "unit__label", "by__name", "state")
    of, state = kinds.kinds(), every_flow()[0].state
    return tuple(
        MotherRecord(number, of[kind].label, day, unit, by, state(name), briefs.brief(kind, answers, form))
        for number, kind, day, unit, by, name, answers, form in rows.order_by("-on_date", "-pk")
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
    with transaction.atomic():
        if step in ("merge", "unmerge"):
            one_at_a_time()
        access.perform(reach, file, step, Seen("", version), said)


def likely(reach: Reach, number: int) -> tuple[tuple[listing.MotherRow, LikelyFile], ...]:
    """The files within sight that may be of the same woman as this one, the likeliest first and why, for who may merge
    it; else none."""
    file = exposure.get(exposure.sights(reach), number)
    if not any(s.name == "merge" for s in access.steps(reach, file)):
        return ()
    found = pairs.alike(reach, merging.who(file), but=file.pk)
    return tuple((row, like) for row, like in found if row is not None)


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
