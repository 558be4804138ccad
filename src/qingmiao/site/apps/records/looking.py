"""Every look into a file is written down with its purpose; somebody who looks at very many is told of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from qingmiao.content.purposes import Purpose
from qingmiao.kernel.errors import UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.models import Assignment, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import AUDITOR, SECURITY_ADMIN
from qingmiao.site.apps.notices import api as notices
from qingmiao.site.apps.records import exposure, kinds, purposes, sealing
from qingmiao.site.apps.records.by_number import number_where
from qingmiao.site.apps.records.event_models import Glass
from qingmiao.site.apps.records.models import GONE, Child, Relation, Stay
from qingmiao.site.apps.records.privacy.models import GlassReview

CHILD = "child"
SEE, REVEAL, BREAK = "records.child.see", "records.child.reveal", "records.child.break"
LIST, SEARCH, EXCHANGE = "records.list", "records.search", "records.exchange"
EXPORT, TAKEN = "records.export", "records.child.export"
"""The ledger's line of an exported list, and its line for each child in it."""
PRINT = "records.child.print"
"""A child's sheet was set as a PDF."""


def seen(reach: Reach, child: Child, found: tuple[Purpose, ...], *, record: int = 0, also: str = "") -> None:
    """Write down a look into a child's file, and for what (`also`: what more is said of it)."""
    detail = {**purposes.told(found, also), **({"record": record} if record else {})}
    audit.seen(reach.person, SEE, object_type=CHILD, object_id=child.pk, detail=detail)
    watch_files(reach.person, SEE, "儿童")


def part(
    reach: Reach, number: int, readable: Callable[[frozenset[str]], Collection[str]], missing: str
) -> tuple[exposure.Sights, Child, frozenset[str]]:  # fmt: skip
    """A child of whose file somebody opens one part (growth, eyes …), with the kinds of records that the person reads
    there; the sight is written down. AbsentError, with `missing`, where `readable` finds none of the part among
    them."""
    of = exposure.sights(reach)
    child = exposure.get(of, number)
    reading = of.reading(child.survivor)
    if not readable(reading):
        raise AbsentError(missing)
    seen(reach, child, of.purposes(child.survivor))
    return of, child, reading


def seen_rows(reach: Reach, action: str, detail: Mapping[str, Any], *, child: int = 0) -> None:
    """Write down that rows were shown by a list, a search or another program (`rows` of the detail: how many)."""
    about = {"object_type": CHILD, "object_id": child} if child else {"object_type": "children"}
    audit.seen(reach.person, action, detail={"purposes": purposes.daily(reach), **detail}, **about)
    watch_rows(reach.person, (LIST, SEARCH, EXCHANGE, EXPORT), "从名单、查找、导出和数据接口得到", "儿童")


def watch_files(person: Person, action: str, whose: str) -> None:
    """Tell of somebody who opened more files of children or of mothers (`whose`, in Chinese) within a day than the
    policy says; `action`: the event of such a sight."""
    most = site_pack.pack().policy.children_seen_a_day
    count = audit.distinct_objects(person.username, action, timezone.now() - timedelta(hours=24))
    if count > most:
        _alarm(person, f"files:{action}", f"24 小时内查阅了 {count} 名{whose}的档案，超过 {most} 名")


def watch_rows(person: Person, actions: Sequence[str], how: str, whose: str) -> None:
    """Tell of somebody to whom more rows about children or mothers were shown within an hour than the policy says."""
    most = site_pack.pack().policy.rows_of_children_an_hour
    count = audit.rows_shown(person.username, actions, timezone.now() - timedelta(hours=1))
    if count > most:
        _alarm(person, f"rows:{actions[0]}", f"1 小时内{how} {count} 行{whose}信息，超过 {most} 行")


def _alarm(person: Person, about: str, what: str) -> None:
    """Tell the security administrators and the auditors, once a day, of who reads more than the policy says."""
    said = f"{person.name}（{person.organisation.label}）{what}，请核实"
    told = notices.NoticeText("records.alarm", said, "", f"person:{person.pk}:{about}")
    with transaction.atomic():
        notices.tell({*holders(SECURITY_ADMIN), *holders(AUDITOR)}, told)


def holders(role: str) -> list[Person]:
    """The people who hold a role today."""
    day = timezone.localdate()
    held = Assignment.objects.filter(Q(to_date=None) | Q(to_date__gt=day), role=role, from_date__lte=day)
    return [a.person for a in held.filter(person__is_active=True).select_related("person")]


def reveal(reach: Reach, number: int, what: str, *, purpose: str, use: str = "") -> str:
    """A number, a phone or an address in full, for a stated purpose; the sight is written down. AbsentError for others.

    `what`: number, certificate, address, or phone.N of the relation N. `use`: the purpose of the content, where it is
    not the daily work; one that asks for consent is refused where no guardian gave it or it was withdrawn.
    """
    of = exposure.sights(reach)
    child = exposure.get(of, number)
    if not of.identity(child.survivor):
        raise access.AbsentError("没有这一步")
    if len(purpose.strip()) < access.LEAST_WORDS:
        raise UserError(f"请写明查看的用途（不少于 {access.LEAST_WORDS} 个字）")
    found = _used(of, child, use)
    text = _opened(of, child, what)
    revealed(reach, child, what, purpose.strip()[:200], found)
    return text


def _used(of: exposure.Sights, child: Child, use: str) -> tuple[Purpose, ...]:
    """The purposes of a sight: the one that was chosen, else those of the daily work."""
    if not use:
        return of.purposes(child)
    mine = purposes.of_roles(r for h in of.over(child) for r in h.roles)
    chosen = next((p for p in mine if p.id == use), None)
    if chosen is None:
        raise access.AbsentError("没有这个用途")
    if chosen.basis == "consent" and not exposure.agreed_to(child.survivor, (chosen.id,)):
        raise access.NotAllowedError(f"“{chosen.label.zh}”要有监护人的同意；还没有登记同意，或者已经撤回")
    return (chosen,)


def revealed(reach: Reach, child: Child, what: str, purpose: str, found: tuple[Purpose, ...]) -> None:
    """Write down that a number, a phone or an address was shown in full, and for what."""
    detail = {**purposes.told(found), "what": what, "purpose": purpose}
    audit.seen(reach.person, REVEAL, object_type=CHILD, object_id=child.pk, detail=detail)


def _opened(of: exposure.Sights, child: Child, what: str) -> str:
    if what == sealing.NUMBER:
        return sealing.opened(sealing.CHILD, what, child.pk, child.number_sealed)
    if what == sealing.CERTIFICATE:
        return sealing.opened(sealing.CHILD, what, child.pk, child.certificate_sealed)
    if what == sealing.ADDRESS:
        stay = Stay.objects.filter(child=child, kind="residence", to_date=None).first()
        return sealing.opened(sealing.STAY, what, stay.pk, stay.address_sealed) if stay is not None else ""
    name, _, number = what.partition(".")
    rows = Relation.objects.filter(child=child, pk=int(number) if number.isdecimal() else 0).select_related("relative")
    one = (rows if child.unit_id in of.units else rows.filter(sealed=False)).first()
    if name != sealing.PHONE or one is None:
        raise access.AbsentError("没有这一步")
    return sealing.opened(sealing.RELATIVE, sealing.PHONE, one.relative_id, one.relative.phone_sealed)


def break_glass(reach: Reach, number_text: str, *, reason: str) -> int:
    """Open the file of the child with that exact number for some hours; who keeps it and who guards the site are told.

    The file's number. For people whose role sees children's files, of a child beyond it. Raises UserError in words.
    """
    exposure.sights(reach)
    if len(reason.strip()) < 2 * access.LEAST_WORDS:
        raise UserError(f"请写明紧急查阅的理由（不少于 {2 * access.LEAST_WORDS} 个字）")
    where = number_where(number_text.strip())
    rows = Child.objects.filter(exposure.USED).exclude(GONE).select_related("unit")
    child = rows.filter(where).first() if where else None
    if child is None:
        audit.seen(reach.person, BREAK, object_type="children", detail={"rows": 0})
        raise UserError("没有找到这个证件号码的儿童档案；紧急查阅要用完整的证件号码或出生医学证明编号")
    now, hours = timezone.now(), site_pack.pack().policy.glass_hours
    detail = {"reason": reason.strip()[:500], "hours": hours, "purposes": [purposes.of_use("emergency").id]}
    with access.beside(reach, BREAK, object_type=CHILD, object_id=child.pk, detail=detail):
        glass = Glass.objects.create(
            child=child,
            person=reach.person,
            reason=reason.strip()[:500],
            from_at=now,
            until_at=now + timedelta(hours=hours),
        )
        access.create(audit.NamedActor("records", child.unit_id), GlassReview(glass=glass, unit=child.unit), "ask")
        _tell_of_glass(reach.person, child)
    return child.pk


def _tell_of_glass(person: Person, child: Child) -> None:
    """Tell those of the keeping unit who see children's files, and the security administrators, who see none: they are
    told that it happened and where, not of whom."""
    who, about = f"{person.name}（{person.organisation.label}）", f"glass:{child.pk}:{person.pk}"
    owners = notices.of_unit(str(child.unit_id), kinds.looking())
    ours = f"{who}紧急查阅了本单位管理的一份儿童档案，请核实"
    notices.tell(owners, notices.NoticeText("records.glass", ours, f"/records/{child.pk}/looked", about), by=person)
    theirs = f"{who}紧急查阅了{child.unit.label}管理的一份儿童档案，请核实是否有必要"
    notices.tell(
        holders(SECURITY_ADMIN), notices.NoticeText("records.glass", theirs, "/records/glass", about), by=person
    )
