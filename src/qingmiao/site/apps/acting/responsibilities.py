"""Which unit answers for which goal and measure in a year: proposed by the pack, confirmed or changed by the office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from qingmiao.content.pack import Pack
from qingmiao.flow import NOTHING, Flow, State, Step
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting.models import Responsibility
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, By, Doing, Door, Seen
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.tasks.api import OFFICE
from qingmiao.site.pack import pack

FLOW = Flow(
    "responsibility",
    "目标责任",
    states=(State("proposed", "建议，待确认", "proposal"), State("confirmed", "已确认", "confirmed", "good", final=True)),
    steps=(
        Step("propose", "按规划建议列出", "propose", NOTHING, "proposed", OFFICE, jobs=True),
        Step("confirm", "确认", "confirm", "proposed", "confirmed", OFFICE, effects=("told",)),
        *(
            Step("assign", "确定牵头单位", "assign", source, "confirmed", OFFICE, effects=("told",))
            for source in (NOTHING, "proposed", "confirmed")
        ),
        *(
            Step("hand_over", "改由别的单位牵头", "hand over", state, state, OFFICE, effects=("told", "gone"))
            for state in ("proposed", "confirmed")
        ),
    ),
)  # fmt: skip
MOST_DOCUMENT = 200
"""Characters that a document's number has at most."""


@dataclass(frozen=True)
class ResponsibilityRow:
    """One unit's part in a goal or measure: leading or not; since when and by what document it is confirmed."""

    id: int
    unit_id: str
    unit: str
    leads: bool
    confirmed: bool
    confirmed_at: datetime | None
    document: str
    version: int


@dataclass(frozen=True)
class UnitOffered:
    """A unit of the plan that may lead."""

    id: str
    short: str
    label: str


def responsibilities(year: int) -> dict[str, tuple[ResponsibilityRow, ...]]:
    """Who answers for what in a year, by the goal's or measure's id; the lead first."""
    found: dict[str, tuple[ResponsibilityRow, ...]] = {}
    for r in Responsibility.objects.filter(year=year).select_related("unit").order_by("-leads", "unit__path"):
        row = ResponsibilityRow(
            r.pk, r.unit.pk, r.unit.short, r.leads, r.state == "confirmed", r.confirmed_at, r.document, r.version
        )
        found[r.of] = (*found.get(r.of, ()), row)
    return found


def units_of_plan() -> tuple[UnitOffered, ...]:
    """The units that the pack names, each below the one that it belongs to."""
    found = Organisation.objects.filter(pk__in=list(pack().organisations)).order_by("path")
    return tuple(UnitOffered(u.pk, u.short, u.label) for u in found)


def may_assign(reach: Reach) -> bool:
    """Whether the person divides the year's goals and measures among the units."""
    return bool(access.steps(reach, Responsibility()))


@transaction.atomic
def propose(by: By, pack: Pack, *, year: int) -> int:
    """The year's responsibilities as the pack proposes them; what is there stays. Returns how many were added.

    The office's (over all that the site serves) or a job's; AbsentError for anybody else.
    """
    there = set(Responsibility.objects.filter(year=year).values_list("of", flat=True))
    rows = []
    for of in (*pack.goals, *pack.measures):
        lead = pack.lead_of(of, year)
        if lead is None or of in there:
            continue
        units = [u for u in (lead.lead, *lead.with_units) if u in pack.organisations]
        official = lead.evidence.value == "official"
        rows += [
            Responsibility(
                of=of, year=year, unit_id=u, leads=u == lead.lead, document=lead.document if official else ""
            )
            for u in dict.fromkeys(units)
        ]
    with access.work(by, Responsibility(year=year), "propose") as doing:
        Responsibility.objects.bulk_create(rows)
        if rows:
            detail = {"rows": len(rows)}
            audit.append(
                doing.actor, "acting.responsibility.propose", object_type="year", object_id=year, detail=detail
            )
    return len(rows)


@transaction.atomic
def assign(by: By, *, of: str, year: int, unit: str, document: str, seen: tuple[int, int] | None = None) -> None:
    """Set which unit leads a goal or measure in a year, confirmed at once; a unit that led before leads it no more.

    `seen`: number and version of the `ResponsibilityRow` that led when this was decided (0, 0: none did; None: any).
    AbsentError where the goal, or the office over either unit is not theirs; ConflictError where somebody was first.
    """
    if of not in pack().goals and of not in pack().measures:
        raise AbsentError("没有这个目标或措施")
    new = Responsibility(of=of, year=year, unit=_unit(unit))
    access.require(by, new, "assign")
    held = list(Responsibility.objects.select_for_update().filter(of=of, year=year).order_by("pk"))
    lead = next((r for r in held if r.leads), None)
    if seen is not None and seen != ((lead.pk, lead.version) if lead else (0, 0)):
        raise access.overtaken(lead) if lead else UserError("这一项的牵头单位已经变了，请刷新后再看")
    said = {"document": document.strip()[:MOST_DOCUMENT]}
    own = next((r for r in held if r.unit_id == unit), None)
    if lead is not None and lead is not own:
        access.perform(by, lead, "hand_over", Seen(lead.state, lead.version), {"to_unit": unit})
    if own is None:
        access.create(by, new, "assign", said)
    else:
        access.perform(by, own, "assign", Seen(own.state, own.version), said)


@transaction.atomic
def confirm(by: By, *, year: int, unit: str, document: str) -> int:
    """Confirm all of a unit's proposals of a year at once. Returns how many there were. AbsentError as for `assign`."""
    access.require(by, Responsibility(year=year, unit=_unit(unit)), "confirm")
    waiting = Responsibility.objects.filter(year=year, unit=unit, leads=True, state="proposed").order_by("of")
    said, found = {"document": document.strip()[:MOST_DOCUMENT]}, list(waiting)
    for row in found:
        access.perform(by, row, "confirm", Seen("proposed", row.version), said)
    return len(found)


def lead_of(of: str, year: int) -> str:
    """The unit that the office confirmed for a goal or measure in a year; empty where it has not."""
    found = Responsibility.objects.filter(of=of, year=year, leads=True, state="confirmed")
    return found.values_list("unit_id", flat=True).first() or ""


def _unit(id_: str) -> Organisation:
    found = Organisation.objects.filter(pk=id_, is_active=True).first() if id_.isprintable() else None
    if found is None:
        raise UserError("请选择责任单位")
    return found


def _changes(row: Responsibility, doing: Doing) -> dict[str, Any]:
    """Who leads, and by whom and what document it is confirmed; a former lead gives its place up."""
    version = {} if doing.step.makes else {"version": row.version + 1}
    if doing.step.name == "hand_over":
        return {**version, "leads": False}
    if doing.step.target != "confirmed":
        return version
    confirmed = {"confirmed_by": doing.person, "confirmed_at": doing.at, "document": doing.said("document")}
    return {**version, **confirmed, "leads": True}


def _told(row: Responsibility, doing: Doing) -> Mapping[str, Any]:
    return {"year": row.year, "unit": row.unit_id, **{k: v for k, v in doing.answers.items() if k in TOLD}}


TOLD = frozenset({"document", "to_unit"})
"""What the audit keeps of that which came with a step."""


def _gone(row: Responsibility, doing: Doing) -> None:
    """The unit has no part in it any more."""
    Responsibility.objects.filter(pk=row.pk).delete()


access.register(
    Door(
        Responsibility, FLOW, noun="这一项的牵头单位", kind="responsibility", action="acting.responsibility",
        unit=lambda row: row.unit if row.unit_id else None, effects={"told": _told, "gone": _gone},
        changes=_changes, name=lambda row: f"{row.of}/{row.year}",
    )
)  # fmt: skip
