"""What people do with entries: enter, change, confirm for the year, suspend, close, merge, excuse; all by the door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from qingmiao.content.registers import RegisterKind
from qingmiao.forms import FieldFault, Filled
from qingmiao.identity.numbers import as_eighteen, read_person_number
from qingmiao.kernel.errors import UserError
from qingmiao.kernel.misread import MisreadError
from qingmiao.registers.judging import JudgedEntry
from qingmiao.registers.likely import Likely, Neighbour, likely_same, point_of
from qingmiao.registers.steps import WORDED
from qingmiao.registers.yearly import year_of
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError, Seen
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import api as records
from qingmiao.site.apps.registers import books, doors, standing
from qingmiao.site.apps.registers.models import LIVE, RegisteredPerson, RegisterEntry

BOX = 0.05
"""Degrees around a point within which neighbours are looked for: more than 5 km at any latitude of China."""
BULK = 500
"""Entries that are confirmed at once."""


@dataclass(frozen=True)
class EntryGiven:
    """What came of an entry. `within`: the number of what it belongs to; `number`: the person's identity number;
    `alike`: the person who enters has looked at what may be the same, and it is another; `valid_from`: today."""

    answers: Mapping[str, Any]
    within: int | None = None
    number: str = ""
    alike: bool = False
    valid_from: date | None = None


@dataclass(frozen=True)
class EntryRefused:
    """What is not right yet: nothing was stored. `likely`: entries that may be the same."""

    filled: Filled
    faults: tuple[FieldFault, ...]
    likely: tuple[Likely, ...] = ()


def may_enter(reach: Reach, kind: RegisterKind) -> bool:
    """Whether somebody enters into a register."""
    return standing.keeps(reach, kind) or bool(standing.entering(reach, kind))


def enter(reach: Reach, register: str, given: EntryGiven, *, quietly: bool = False) -> int | EntryRefused:
    """Enter something; its number, or what is not right yet.

    Of many who enter the same at once one wins; each other gets a ConflictError that names the entry. AbsentError for
    who does not enter into this register.
    """
    kind = standing.kind_of(reach, register)
    if not may_enter(reach, kind):
        raise AbsentError("没有这一步")
    made = row_of(reach, kind, given)
    one = doors.judged(made, given.answers, on=timezone.localdate())
    if one.faults:
        return EntryRefused(one.filled, one.faults)
    if not given.alike and (likely := _likely(kind, one, None)):
        return EntryRefused(one.filled, (), likely)
    made.area = str(one.values["area"])
    step = "enter" if standing.keeps(reach, kind) else "propose"
    answers = {"answers": dict(given.answers), "valid_from": given.valid_from, "quietly": quietly}
    try:
        return int(access.create(reach, made, step, answers).pk)
    except ConflictError as first:
        same = RegisterEntry.objects.filter(register=register, key=one.key, state__in=LIVE).first()
        what = doors.told_same(same) if same is not None else "同样的登记"
        raise ConflictError(what, who=first.who, when=first.when) from first


def change(
    reach: Reach, number: int, given: EntryGiven, *, version: int, faults: tuple[FieldFault, ...] = ()
) -> EntryRefused | None:
    """Change an entry from a day on; what is not right yet, or None where it was done."""
    found = standing.get(reach, number)
    access.require(reach, found, "change")
    kind = books.every()[found.register]
    found.within = _within(reach, kind, given.within)
    one = doors.judged(found, given.answers, on=timezone.localdate())
    if one.faults or faults:
        return EntryRefused(one.filled, (*faults, *one.faults))
    changed = sorted(k for k in {*one.answers, *found.answers} if one.answers.get(k) != found.answers.get(k))
    answers = {
        "answers": dict(given.answers), "within": found.within, "valid_from": given.valid_from, "changed": changed,
    }  # fmt: skip
    access.perform(reach, found, "change", Seen("", version), answers)
    return None


def move(
    reach: Reach, number: int, step: str, *, version: int, reason: str = "", into: int | None = None,
    minimum: str = "", acknowledged: bool = False,
) -> None:  # fmt: skip
    """Take a step that asks for a reason at most: confirm, renew, suspend, close, merge, cancel, excuse …"""
    if step not in (*WORDED, "confirm", "renew"):
        raise AbsentError("没有这一步")
    found = standing.get(reach, number)
    other = RegisterEntry.objects.filter(standing.visible(reach), pk=into).first() if into else None
    answers = {"reason": reason, "into": other, "minimum": minimum, "acknowledged": acknowledged}
    access.perform(reach, found, step, Seen("", version), answers)


def renew_each(reach: Reach, register: str, numbers: Iterable[int]) -> tuple[int, tuple[str, ...]]:
    """Confirm many for the year, one by one, each as it stands; how many were, and why the others were not."""
    kind, done, left = standing.kind_of(reach, register), 0, list[str]()
    wanted = list(dict.fromkeys(numbers))[:BULK]
    rows = RegisterEntry.objects.filter(standing.visible(reach), register=kind.id, pk__in=wanted)
    for entry in rows.select_related("unit").order_by("name", "pk"):
        try:
            access.perform(reach, entry, "renew", Seen("open", entry.version))
            done += 1
        except (NotAllowedError, ConflictError, AbsentError) as e:
            left.append(f"{entry.name}：{e}")
    return done, tuple(left)


def unconfirmed(reach: Reach, kind: RegisterKind) -> int:
    """How many entries in force wait for this year's confirmation."""
    year = year_of(kind, timezone.localdate())
    rows = RegisterEntry.objects.filter(standing.visible(reach), register=kind.id, state="open")
    return rows.exclude(confirmed_year__gte=year).count()


def row_of(reach: Reach, kind: RegisterKind, given: EntryGiven) -> RegisterEntry:
    """The row of a new entry, not saved. Raises UserError for a number or something above that will not do."""
    now, unit = timezone.now(), Organisation.objects.filter(pk=kind.keeper).first()
    if unit is None:
        raise UserError(f"登记册由{kind.keeper}管理，站点里没有这个单位")
    return RegisterEntry(
        register=kind.id, unit=unit, entered_unit=reach.person.organisation, within=_within(reach, kind, given.within),
        person=_person(kind, given), made_by=reach.person, made_at=now, changed_date=timezone.localdate(now),
        valid_from=given.valid_from or timezone.localdate(now), area=str(given.answers.get("area") or ""),
    )  # fmt: skip


def _within(reach: Reach, kind: RegisterKind, number: int | None) -> RegisterEntry | None:
    """What an entry belongs to; any entry of that register may be named, as its name is public."""
    if kind.within is None or number is None:
        return None
    found = RegisterEntry.objects.filter(pk=number, register=kind.within.register_, state__in=LIVE).first()
    if found is None:
        raise UserError(f"没有这条{kind.within.label.zh}，请重新选择")
    return found


def _person(kind: RegisterKind, given: EntryGiven) -> RegisteredPerson | None:
    """The person whose post it is, by the identity number: found, or made. Of two at once one makes it."""
    if kind.of != "person" or not given.number.strip():
        return None
    try:
        number = read_person_number(given.number)
    except MisreadError as wrong:
        raise UserError(f"证件号码：{wrong}") from None
    if number is None:
        return None
    plain = as_eighteen(number).text
    mark, name = records.person_mark(plain), str(given.answers.get("name") or "").strip()
    made = {"name": name[:60], "last4": plain[-4:], "made_at": timezone.now()}
    try:
        with transaction.atomic():
            found, _ = RegisteredPerson.objects.get_or_create(mark=mark, defaults=made)
    except IntegrityError:
        found = RegisteredPerson.objects.get(mark=mark)
    if name and found.name != name:
        raise UserError(f"这个证件号码已登记为“{found.name}”，与填写的姓名不同，请核对")
    return found


def _likely(kind: RegisterKind, one: JudgedEntry, own: int | None) -> tuple[Likely, ...]:
    """Entries in force that may be the same: near by, or of the same name in the same area."""
    point, name, area = point_of(one.values.get("position")), str(one.values["name"]), str(one.values["area"])
    if kind.of == "person":
        return ()
    live = RegisterEntry.objects.filter(register=kind.id, state__in=LIVE).exclude(pk=own or 0)
    found = {e.pk: e for e in live.filter(name__iexact=name, area=area)[:20]}
    if point is not None and kind.near is not None:
        lat, lon = point
        box = live.filter(latitude__range=(lat - BOX, lat + BOX), longitude__range=(lon - BOX, lon + BOX))
        found |= {e.pk: e for e in box[:2000]}
    others = (_neighbour(e) for e in found.values())
    me = Neighbour(own or 0, name, str(one.values.get("kind", "")), area, point)
    return tuple(likely_same(kind, me, others))[:10]


def _neighbour(entry: RegisterEntry) -> Neighbour:
    there = entry.latitude is not None and entry.longitude is not None
    point = (entry.latitude or 0.0, entry.longitude or 0.0) if there else None
    return Neighbour(entry.pk, entry.name, entry.kind, entry.area, point)
