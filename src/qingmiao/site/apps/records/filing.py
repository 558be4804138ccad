"""What the steps of a child's file write: identity with its history, stays, relatives, classes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from qingmiao.site.apps.directory.doors import Doing
from qingmiao.site.apps.records import hearing, naming, sealing
from qingmiao.site.apps.records.given import ClassGiven, IdentityGiven, RelativeGiven, StayGiven
from qingmiao.site.apps.records.models import GONE, Child, ChildVersion, Relation, Relative, SchoolAttendance, Stay

COPIED = (
    "name",
    "former_names",
    "sex",
    "birth_date",
    "birth_certainty",
    "papers",
    "number_sealed",
    "certificate_sealed",
)


def identity_columns(number: int, said: IdentityGiven) -> dict[str, Any]:
    """The columns of a child's row that say who it is, sealed for that row."""
    heard = naming.keys_of(said.name)
    return {
        "name": said.name, "former_names": list(said.former_names), "sex": said.sex, "birth_date": said.birth_date,
        "birth_certainty": said.certainty, "papers": said.papers,
        "name_key": heard.key, "pinyin": heard.pinyin, "initials": heard.initials,
        "number_sealed": sealing.seal(sealing.CHILD, sealing.NUMBER, number, said.number),
        "number_index": sealing.number_index(said.number),
        "certificate_sealed": sealing.seal(sealing.CHILD, sealing.CERTIFICATE, number, said.certificate),
        "certificate_index": sealing.number_index(said.certificate),
    }  # fmt: skip


def kept(child: Child, doing: Doing) -> None:
    """The identity as it stands from this version on."""
    ChildVersion.objects.create(
        child=child, number=child.version, by=doing.person, at=doing.at, **{c: getattr(child, c) for c in COPIED}
    )


def registered(child: Child, doing: Doing) -> Mapping[str, Any]:
    """The first identity, address, class and relatives of a file."""
    kept(child, doing)
    for said in doing.answers.get("stays") or ():
        _stay(child, said)
    if (into := doing.answers.get("attendance")) is not None:
        _attend(child, into)
    for one in doing.answers.get("relatives") or ():
        _relate(child, one, doing)
    return {"unit": child.unit_id}


def amended(child: Child, doing: Doing) -> Mapping[str, Any]:
    """The corrected identity is a new version; the event names the fields, never what they say."""
    before = ChildVersion.objects.filter(child=child).order_by("-number").first()
    kept(child, doing)
    changed = [c for c in COPIED if before is not None and _told(getattr(before, c)) != _told(getattr(child, c))]
    return {"changed": [c.removesuffix("_sealed") for c in changed]}


def _told(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def stayed(child: Child, doing: Doing) -> None:
    """A new address; the one before ends that day."""
    for said in doing.answers.get("stays") or ():
        _stay(child, said)


def _stay(child: Child, said: StayGiven) -> None:
    _end(Stay.objects.filter(child=child, kind=said.kind, to_date=None), said.from_date)
    number = sealing.next_row(sealing.STAY)
    Stay.objects.create(
        id=number, child=child, kind=said.kind, area=said.area, village=said.village, from_date=said.from_date,
        address_sealed=sealing.seal(sealing.STAY, sealing.ADDRESS, number, said.address),
    )  # fmt: skip


def _end(rows: Any, day: date) -> None:
    """End what runs; what began after that day ends on the day on which it began."""
    for row in rows:
        row.to_date = max(day, row.from_date)
        row.save(update_fields=("to_date",))


def present_stay(stays: Any) -> dict[str, Any]:
    """The columns that repeat the present home: of stays that are given, else nothing."""
    home = next((s for s in stays or () if s.kind == "residence"), None)
    return {} if home is None else {"area": home.area, "village": home.village}


def attended(child: Child, doing: Doing) -> None:
    """A new class, or none any more."""
    _attend(child, doing.answers["attendance"])


def _attend(child: Child, said: ClassGiven) -> None:
    _end(SchoolAttendance.objects.filter(child=child, to_date=None), said.from_date)
    if said.school_unit:
        SchoolAttendance.objects.create(
            child=child, school_unit_id=said.school_unit, school_class=said.school_class, grade=said.grade,
            from_date=said.from_date,
        )  # fmt: skip


def related(child: Child, doing: Doing) -> None:
    """A relative more."""
    _relate(child, doing.answers["relative"], doing)


def _relate(child: Child, said: RelativeGiven, doing: Doing) -> None:
    who = Relative.objects.filter(pk=said.known).first() if said.known else _same(said) or _new(said, doing)
    if who is None:
        return
    stands, new = Relation.objects.get_or_create(
        child=child, relative=who, kind=said.kind, to_date=None,
        defaults={"from_date": said.from_date, "guardian": said.guardian, "carer": said.carer, "sealed": said.sealed},
    )  # fmt: skip
    if not new:
        stands.guardian, stands.carer, stands.sealed = said.guardian, said.carer, said.sealed
        stands.save(update_fields=("guardian", "carer", "sealed"))
    if said.guardian and said.phone and child.phone_index is None:
        index = sealing.phone_index(said.phone)
        Child.objects.filter(pk=child.pk).update(phone_index=index)
        child.phone_index = index


def _same(said: RelativeGiven) -> Relative | None:
    """The grown-up with that very number and name, who is in another child's file already."""
    marks = sealing.number_marks(said.number)
    return Relative.objects.filter(number_index__in=marks, name_key=naming.key(said.name)).first()


def _new(said: RelativeGiven, doing: Doing) -> Relative:
    number = sealing.next_row(sealing.RELATIVE)
    return Relative.objects.create(
        id=number, name=said.name, name_key=naming.key(said.name), papers=said.papers,
        number_sealed=sealing.seal(sealing.RELATIVE, sealing.NUMBER, number, said.number),
        number_index=sealing.number_index(said.number),
        phone_sealed=sealing.seal(sealing.RELATIVE, sealing.PHONE, number, said.phone), made_at=doing.at,
    )  # fmt: skip


def parted(child: Child, doing: Doing) -> None:
    """A relation that ends today."""
    _end(
        Relation.objects.filter(child=child, pk=int(doing.answers.get("relation") or 0), to_date=None),
        timezone.localdate(doing.at),
    )


OWN = ("versions", "stays", "attendances", "relations", "open_dues", "records")
"""What a file holds itself: a step that changes any of it gives the file a new version."""


def used_since(child: Child) -> bool:
    """Whether anything stands in a file, or names it, beside its registration and records that were withdrawn."""
    if child.version > 1 or child.records.exclude(state="withdrawn").exists() or hearing.held(child.pk):
        return True
    others = [r for r in Child._meta.related_objects if r.get_accessor_name() not in OWN]
    ours = [r for r in others if r.related_model._meta.app_label == Child._meta.app_label]
    return any(r.related_model._default_manager.filter(**{r.field.name: child}).exists() for r in ours)


def taken_words(by: Child) -> str:
    """Why a child whose number another file has is not registered."""
    return f"这个证件号码或出生医学证明编号已经建档，由{by.unit.label}管理；请先查找，不要重复建档"


def number_taken(child: Child, said: IdentityGiven | None) -> Child | None:
    """Another file with the same identity or birth certificate number."""
    if said is None:
        number = sealing.opened(sealing.CHILD, sealing.NUMBER, child.pk, child.number_sealed)
        certificate = sealing.opened(sealing.CHILD, sealing.CERTIFICATE, child.pk, child.certificate_sealed)
    else:
        number, certificate = said.number, said.certificate
    where = Q(number_index__in=sealing.number_marks(number))
    where |= Q(certificate_index__in=sealing.number_marks(certificate))
    return Child.objects.filter(where).exclude(pk=child.pk).exclude(GONE).select_related("unit").first()
