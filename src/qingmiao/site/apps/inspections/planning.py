"""What a visit is planned from: the checklists that a person's unit inspects by, the places, the people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from qingmiao.content.check_checklists import TABLE
from qingmiao.content.checklists import Checklist
from qingmiao.kernel.areas import AreaLevel, stem
from qingmiao.kernel.errors import UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, who_over
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections.frozen import freeze
from qingmiao.site.apps.inspections.guards import may_inspect
from qingmiao.site.apps.inspections.models import Inspection

Pairs = tuple[tuple[str, str], ...]
"""(what is stored, what people read)."""


@dataclass(frozen=True)
class OfferedChecklist:
    """One checklist that a person may plan a visit by, and what is chosen for it."""

    checklist: Checklist
    place_kinds: Pairs
    areas: Pairs
    responsible: Pairs
    people: Pairs


def checklists() -> dict[str, Checklist]:
    """The pack's checklists, low `order` first."""
    found = site_pack.pack().entries("checklists", Checklist)
    return {c.id: c for c in sorted(found.values(), key=lambda c: (c.order, c.id))}


def offered(reach: Reach) -> tuple[Checklist, ...]:
    """The checklists by which this person's own unit inspects, where the person may."""
    unit = reach.person.organisation
    roles = who_over(reach, unit).roles
    return tuple(
        c for c in checklists().values() if roles & set(c.inspected_by) and (not c.units or unit.pk in c.units)
    )


def offer(reach: Reach, id_: str) -> OfferedChecklist:
    """What is chosen when a visit by a checklist is planned. AbsentError for a checklist that is not this person's."""
    checklist = next((c for c in offered(reach) if c.id == id_), None)
    if checklist is None:
        raise AbsentError("没有这份检查单")
    unit, pack = reach.person.organisation, site_pack.pack()
    kinds = pack.codes.get(pack.facts[TABLE].columns["place_kind"].codes or "")
    labels = {i.code: i.label.zh for i in kinds.items} if kinds is not None else {}
    below = pack.area_tree.under(unit.area_id, AreaLevel.TOWNSHIP, timezone.localdate())
    codes = tuple(a.code for a in below) or (unit.area_id,)
    units = Organisation.objects.filter(area__code__startswith=stem(unit.area_id), is_active=True).order_by("path")
    if checklist.rectified_by is None:
        units = units.exclude(pk=unit.pk)
    return OfferedChecklist(
        checklist,
        tuple((code, labels.get(code, code)) for code in checklist.places),
        tuple((code, pack.areas[code].name) for code in codes if code in pack.areas),
        tuple(units.values_list("pk", "label")),
        tuple((name, p.name) for name, p in may_inspect(unit, frozenset(checklist.inspected_by)).items()),
    )


def plan(
    reach: Reach,
    *,
    checklist: str,
    place: str,
    place_kind: str,
    area: str,
    responsible: str,
    on: date,
    inspectors: list[str],
    method: str = "routine",
    apart: str = "",
) -> int:
    """Plan a visit of the person's own unit; the people named become its inspectors. Returns its number.

    `apart`: why it is held although another unit visits the place within the county's days.

    UserError in words for a day before today or a unit that is not there; what else must hold is asked behind the door.
    """
    found = offer(reach, checklist).checklist
    unit = Organisation.objects.filter(pk=responsible, is_active=True).first()
    if unit is None:
        raise UserError("请选择整改单位")
    if on < timezone.localdate():
        raise UserError("检查日期不能早于今天")
    made = Inspection(
        checklist=found.id, frozen=freeze(site_pack.pack(), found), unit=reach.person.organisation, responsible=unit,
        place=place.strip()[:120], place_kind=place_kind, area=area, planned_date=on, made_by=reach.person,
        made_at=timezone.now(), method=method, apart=apart.strip(),
    )  # fmt: skip
    return int(access.create(reach, made, "plan", {"inspectors": inspectors, "apart": apart}).pk)
