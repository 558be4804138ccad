"""What is due of a child now by the pack's schedules: overdue first, then due; each with the kinds that satisfy it.

Only what this person may record or read is told; children who moved out, died or are eighteen have nothing due.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from qingmiao.content.base import Label
from qingmiao.content.schedules import Schedule
from qingmiao.schedules import due
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.records import childhood, due_counting, merging, person, vaccines, words
from qingmiao.site.apps.records.event_models import HealthRecord, OpenDue
from qingmiao.site.apps.records.models import Child


@dataclass(frozen=True)
class DueShown:
    """One thing that is due or overdue. `kind`: the kind of record by which this person does it, "" for none."""

    schedule: Label
    label: Label
    overdue: bool
    last: date | None
    days: int
    """Days left, or days since the last day."""
    kind: str
    item: str = ""
    """Of a dose: "VACCINE-DOSE", for its form."""

    @property
    def words(self) -> Label:
        """What it is where its schedule does not stand beside it."""
        return self.label if self.item else of_schedule(self.schedule, self.label)

    @property
    def query(self) -> str:
        """What its form's address ends with."""
        return f"?item={self.item}" if self.item else ""


def due_now(
    child: Child, on: date, *, reading: Collection[str], writing: Collection[str], told: Collection[str] = ()
) -> tuple[DueShown, ...]:  # fmt: skip
    """What is overdue and due of a child on a day, the longest overdue first: of the kinds that are read (`reading`),
    and of the schedules `told`. As it is kept for the work lists once all were counted for the day, else worked out."""
    if child.state != "here" or childhood.of_age(child.birth_date, on):
        return ()
    found = (_kept if due_counting.counted_on() == on else worked_out)(child, on, reading, writing, told)
    return tuple(sorted(found, key=lambda d: (not d.overdue, -d.days if d.overdue else d.days)))


def _kept(
    child: Child, on: date, reading: Collection[str], writing: Collection[str], told: Collection[str]
) -> list[DueShown]:  # fmt: skip
    known, found = site_pack.pack().entries("schedules", Schedule), []
    rows = OpenDue.objects.filter(child=child).order_by("pk")
    for id_, item, late, day in rows.values_list("schedule", "item", "overdue", "last_date"):
        schedule = known.get(id_)
        if schedule is None or schedule.subject != "child":
            continue
        seen = set(schedule.every_kind()) if id_ in told else set(reading)
        label, wanted = what(schedule, item)
        doses = schedule.norm is not None
        if not (set(schedule.kinds) <= seen if doses else set(wanted) & seen):
            continue
        last = day if day < due_counting.FAR else None
        days = 0 if last is None else abs((last - on).days)
        kind = next((k for k in wanted if k in writing), "")
        found.append(DueShown(schedule.label, label, late, last, days, kind, item if doses else ""))
    return found


def worked_out(
    child: Child, on: date, reading: Collection[str], writing: Collection[str], told: Collection[str]
) -> list[DueShown]:  # fmt: skip
    """The same by the schedules and the child's records."""
    pack = site_pack.pack()
    rows = HealthRecord.objects.filter(child__in=merging.family(child)).exclude(state="withdrawn")
    events, known, found = list(rows.values_list("kind", "on_date")), person.words(child), []
    for schedule in pack.entries("schedules", Schedule).values():
        seen = set(schedule.every_kind()) if schedule.id in told else set(reading)
        if schedule.subject != "child" or not set(schedule.every_kind()) & seen:
            continue
        if schedule.norm is not None:
            found += _doses(schedule, child, on, seen, writing)
            continue
        items = {i.id: i for i in schedule.items}
        for one in due(schedule, known, events, on, pack.policy):
            item = items[one.item]
            if one.state not in ("due", "overdue") or not set(item.kinds) & seen:
                continue
            kind = next((k for k in item.kinds if k in writing), "")
            late = one.state == "overdue"
            found.append(DueShown(schedule.label, item.label, late, one.last, one.days or 0, kind))
    return found


def what(schedule: Schedule | None, item: str) -> tuple[Label, tuple[str, ...]]:
    """What an item of a schedule is called, and the kinds of records that do it."""
    if schedule is None:
        return Label(zh=item), ()
    if schedule.norm is not None:
        vaccine, _, dose = item.rpartition("-")
        label = words.code_label("vaccine", vaccine)
        return Label(zh=f"{label.zh}第 {dose} 剂", en=f"{label.en}, dose {dose}"), schedule.kinds
    found = next((i for i in schedule.items if i.id == item), None)
    return (Label(zh=item), ()) if found is None else (found.label, found.kinds)


def of_schedule(schedule: Label, item: Label) -> Label:
    """An item with its schedule, because many are called by an age alone (6～8月龄一次)."""
    return Label(zh=f"{schedule.zh}：{item.zh}", en=f"{schedule.en}: {item.en}" if schedule.en and item.en else "")


def _doses(
    schedule: Schedule, child: Child, on: date, reading: Collection[str], writing: Collection[str]
) -> list[DueShown]:  # fmt: skip
    """The doses of the programme that may be given now; one that waits for the dose before is not among them."""
    kind, found = next((k for k in schedule.kinds if k in writing), ""), []
    for dose in vaccines.open_doses(child, on) if set(schedule.kinds) <= set(reading) else ():
        late = dose.state == "overdue"
        last = dose.before - timedelta(days=1) if dose.before is not None else dose.first
        last = last if last is not None and (late or last >= on) else None
        days = 0 if last is None else abs((last - on).days)
        found.append(DueShown(schedule.label, dose.label, late, last, days, kind, dose.item))
    return found
