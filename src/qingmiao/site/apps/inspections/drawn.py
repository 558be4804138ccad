"""What was drawn becomes visits: each place with the inspectors that were drawn for it, in one step for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from qingmiao.kernel.drawing import DrawLine, Drawn
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections.drawing import DrawShown, drawing
from qingmiao.site.apps.inspections.guards import may_inspect
from qingmiao.site.apps.inspections.models import Draw, Inspection
from qingmiao.site.apps.inspections.planning import OfferedChecklist, offer, offered, plan

METHOD = "random"


@dataclass(frozen=True)
class DrawnPlace:
    """A drawn place as a visit to be planned: who goes, and what is known of it (empty: to be chosen). `visit`: the
    visit that was planned of it, 0 for none yet."""

    place: str
    people: tuple[str, ...]
    area: str
    responsible: str
    visit: int


@dataclass(frozen=True)
class DrawnPlan:
    """The visits of a drawing: what is chosen for them, and place by place what is known."""

    offer: OfferedChecklist
    places: tuple[DrawnPlace, ...]

    @property
    def left(self) -> bool:
        """Whether a place is not planned yet."""
        return any(not p.visit for p in self.places)


@dataclass(frozen=True)
class DrawnVisit:
    """What is said of one drawn place."""

    place_kind: str
    area: str
    responsible: str
    on: date


def drawn_plan(reach: Reach, number: int) -> DrawnPlan | None:
    """What was drawn, as visits to be planned; None where nothing is drawn, and for who may plan none of them: only
    people of the drawing unit do."""
    shown, kept = drawing(reach, number), Draw.objects.get(pk=number)
    mine = kept.unit_id == reach.person.organisation_id and kept.checklist in {c.id for c in offered(reach)}
    if not shown.drawn or not mine:
        return None
    choices = offer(reach, kept.checklist)
    return DrawnPlan(choices, tuple(_place(kept, choices, shown, one) for one in shown.drawn))


def plan_drawn(reach: Reach, number: int, said: Mapping[int, DrawnVisit], *, apart: str = "") -> tuple[int, ...]:
    """Plan a visit of every drawn place that has none, all or none of them; the numbers of the visits.

    `said`: by the place's position in the drawing, from 0. `apart`: why they are held although another unit visits near
    that day, where one does. UserError names the place whose visit cannot be planned; AbsentError where there is
    nothing to plan.
    """
    with transaction.atomic():
        kept = Draw.objects.select_for_update().filter(pk=number).first()
        found = drawn_plan(reach, number) if kept is not None else None
        if kept is None or found is None or not found.left:
            raise AbsentError("没有要安排的检查")
        people = _by_name(kept)
        made = []
        for n, one in enumerate(found.places):
            if one.visit:
                continue
            if n not in said:
                raise UserError(f"{one.place}：请填写检查日期")
            if gone := [name for name in one.people if name not in people]:
                raise UserError(f"{one.place}：{'、'.join(gone)}现在不能检查，请重新抽取或者单独安排")
            visit = said[n]
            try:
                made.append(
                    plan(
                        reach, checklist=kept.checklist, place=one.place, place_kind=visit.place_kind, area=visit.area,
                        responsible=visit.responsible, on=visit.on, inspectors=[people[p] for p in one.people],
                        method=METHOD, apart=apart,
                    )
                )  # fmt: skip
            except UserError as e:
                raise UserError(f"{one.place}的检查没有安排：{e}") from e
    return tuple(made)


def _by_name(kept: Draw) -> dict[str, str]:
    """Name as it was drawn → user name: with the user name behind it where two have the same name."""
    able = may_inspect(kept.unit, frozenset(kept.roles))
    return {p.name: u for u, p in able.items()} | {f"{p.name}（{u}）": u for u, p in able.items()}


def _place(kept: Draw, choices: OfferedChecklist, shown: DrawShown, one: Drawn) -> DrawnPlace:
    planned = Inspection.objects.filter(
        unit=kept.unit, checklist=kept.checklist, place=one.place.name, method=METHOD, made_at__gte=shown.drawn_at
    ).exclude(state="cancelled")
    visit = planned.order_by("pk").values_list("pk", flat=True).first()
    return DrawnPlace(
        one.place.name, tuple(p.name for p in one.people), _area(choices, one.place),
        _responsible(kept, choices, one.place), visit or 0,
    )  # fmt: skip


def _area(choices: OfferedChecklist, place: DrawLine) -> str:
    """The only township, or the one that the name of the place or of its unit says."""
    if len(choices.areas) == 1:
        return choices.areas[0][0]
    return next((code for code, name in choices.areas if name in place.name or name in place.unit), "")


def _responsible(kept: Draw, choices: OfferedChecklist, place: DrawLine) -> str:
    """The unit that the list says; where a role answers for such places, the inspecting unit itself."""
    named = next((u for u, label in choices.responsible if place.unit and place.unit == label), "")
    own = kept.unit_id if choices.checklist.rectified_by is not None else ""
    return named or next((u for u, _ in choices.responsible if u == own), "")
