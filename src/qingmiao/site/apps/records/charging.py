"""Which villages and classes are in whose charge: said by who runs that person's unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, Seen
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import given, words
from qingmiao.site.apps.records.event_models import Charge


@dataclass(frozen=True)
class ChargeRow:
    """One village or class in somebody's charge."""

    id: int
    version: int
    person: str
    where: str
    from_date: date
    to_date: date | None


def may_charge(reach: Reach) -> bool:
    """Whether this person says what is in whose charge in the own unit."""
    blank = Charge(person=reach.person, from_date=timezone.localdate())
    return any(s.name == "give" for s in access.steps(reach, blank))


def charges(reach: Reach) -> tuple[ChargeRow, ...]:
    """The charges of the people of the own unit, those that hold first. AbsentError for who gives none."""
    _require(reach)
    rows = Charge.objects.filter(person__organisation=reach.person.organisation).select_related("person", "school_unit")
    return tuple(
        ChargeRow(c.pk, c.version, c.person.name, _where(c), c.from_date, c.to_date)
        for c in rows.order_by("-state", "person__name", "-pk")
    )


def people(reach: Reach) -> tuple[tuple[str, str], ...]:
    """(user name, name) of the people of the own unit."""
    _require(reach)
    rows = Person.objects.filter(organisation=reach.person.organisation, is_active=True).exclude(pk=reach.person.pk)
    return tuple(rows.order_by("name", "username").values_list("username", "name"))


def give_charge(reach: Reach, username: str, *, area: str = "", village: str = "", school_class: str = "") -> int:
    """Put a village (of the unit's area) or a class (of the unit itself) in somebody's charge from today; its
    number."""
    _require(reach)
    person = Person.objects.filter(username=username, organisation=reach.person.organisation, is_active=True).first()
    if person is None:
        raise UserError("请选择本单位的人员")
    made = Charge(person=person, from_date=timezone.localdate())
    if school_class.strip():
        made.school_unit, made.school_class = person.organisation, " ".join(school_class.split())[:40]
    elif area:
        home = given.stay(
            kind="residence", area=area, village=village, address="", from_date=timezone.localdate().isoformat()
        )
        made.area, made.village = home.area, home.village
    else:
        raise UserError("请选择村（社区）所在的乡镇，或者填写班级")
    return int(access.create(reach, made, "give").pk)


def end_charge(reach: Reach, number: int, *, version: int) -> None:
    """A charge ends today."""
    found = Charge.objects.select_related("person__organisation").filter(pk=number).first()
    if found is None:
        raise AbsentError("没有这项负责范围")
    access.perform(reach, found, "end", Seen("held", version))


def _require(reach: Reach) -> None:
    if not may_charge(reach):
        raise AbsentError("没有这个页面")


def _where(charge: Charge) -> str:
    if charge.school_unit is not None:
        return f"{charge.school_unit.label} {charge.school_class}"
    return f"{words.area_name(charge.area)} {charge.village}".strip()
