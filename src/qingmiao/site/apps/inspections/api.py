"""The door of inspections: plan, fill in, hand in, confirm, order, re-check; what pages show of them.

Every write goes through `perform`; pages get dataclasses and name visits by their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from qingmiao.flow import Flow, Step
from qingmiao.flow.house import INSPECTION
from qingmiao.forms import FieldFault, Filled, ReadyForm
from qingmiao.forms.answers import texts
from qingmiao.kernel.decisions import Decision
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError, Seen, who_over
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.inspections import guards, showing
from qingmiao.site.apps.inspections.counting import (
    ChecklistCount,
    PublicResult,
    WorkedChecklist,
    by_checklist,
    counted,
    public_results,
)
from qingmiao.site.apps.inspections.drawing import (
    DrawShown,
    draw_record,
    drawing,
    drawings,
    prepare,
    take,
)
from qingmiao.site.apps.inspections.drawn import DrawnPlan, DrawnVisit, drawn_plan, plan_drawn
from qingmiao.site.apps.inspections.frozen import checklist_of, filled_of, ready_of
from qingmiao.site.apps.inspections.mine import InspectorsWork, InspectorWaits, mine
from qingmiao.site.apps.inspections.models import METHODS
from qingmiao.site.apps.inspections.papers import paper, papers_of
from qingmiao.site.apps.inspections.planning import OfferedChecklist, checklists, offer, offered, plan
from qingmiao.site.apps.inspections.rectifying import SOURCE, findings_left, open_findings, unset
from qingmiao.site.apps.inspections.showing import FindingShown, InspectionPage, InspectionRow, listed, units
from qingmiao.site.apps.inspections.standing import Standing, standing
from qingmiao.site.apps.inspections.weeks import Week, joinable, week

__all__ = [
    "METHODS",
    "SOURCE",
    "AbsentError",
    "ChecklistCount",
    "ConflictError",
    "DrawShown",
    "DrawnPlan",
    "DrawnVisit",
    "FindingShown",
    "InspectionPage",
    "InspectionRow",
    "InspectorWaits",
    "InspectorsWork",
    "NotAllowedError",
    "OfferedChecklist",
    "PublicResult",
    "Standing",
    "Week",
    "WorkedChecklist",
    "able",
    "again_or_done",
    "by_checklist",
    "checklists",
    "conclude",
    "counted",
    "draw_record",
    "drawing",
    "drawings",
    "drawn_plan",
    "fill_in",
    "filling",
    "findings_left",
    "flow",
    "history",
    "join",
    "joinable",
    "listed",
    "mine",
    "move",
    "offer",
    "offered",
    "paper",
    "papers_of",
    "photo",
    "plan",
    "plan_drawn",
    "prepare",
    "public_results",
    "reassign",
    "shown",
    "standing",
    "steps",
    "take",
    "units",
    "unset_times",
    "week",
]  # fmt: skip

WORK = frozenset({"fill", "conclude", "recheck", "again", "reassign", "join"})
"""Steps with a form of their own on the page; every other is a button."""


def shown(reach: Reach, number: int) -> InspectionPage:
    """One visit. Raises AbsentError where there is none to see."""
    return showing.page_of(reach, showing.get(reach, number), timezone.now())


def steps(reach: Reach, number: int) -> tuple[Step, ...]:
    """What this person may do with a visit now; what only its inspectors do is offered to them alone."""
    found = showing.get(reach, number)
    who, now = who_over(reach, found.unit), timezone.now()
    mine: Decision = guards.GUARDS["inspects"](found, {}, who, now)
    another: Decision = guards.GUARDS["another_confirms"](found, {}, who, now)
    other: Decision = guards.GUARDS["another_extends"](found, {}, who, now)
    may = {"inspects": mine, "another_confirms": another, "another_extends": other}
    return tuple(s for s in access.steps(reach, found) if all(may.get(g, True) for g in s.guards))


def flow() -> Flow:
    """The states and steps by their words, for histories and filters."""
    return INSPECTION


def filling(reach: Reach, number: int) -> tuple[ReadyForm, dict[str, Any], int]:
    """The form of a visit under way, what is filled in, and its version. AbsentError for who does not inspect."""
    found = showing.get(reach, number)
    if not any(s.name == "fill" for s in steps(reach, number)):
        raise AbsentError("没有这一步")
    return ready_of(found), dict(found.answers), found.version


def fill_in(reach: Reach, number: int, *, version: int, answers: Mapping[str, Any]) -> None:
    """Keep what is filled in so far, whole or not."""
    found = showing.get(reach, number)
    access.perform(reach, found, "fill", Seen("", version), {"answers": dict(answers)})


def conclude(
    reach: Reach, number: int, *, version: int, answers: Mapping[str, Any], faults: tuple[FieldFault, ...] = ()
) -> Filled | None:
    """Hand in the record. The judged answers where something is not right yet (nothing is stored); else None."""
    found = showing.get(reach, number)
    filled = filled_of(found, answers, on=timezone.localdate())
    if filled.faults or faults:
        access.require(reach, found, "conclude")
        return filled
    access.perform(reach, found, "conclude", Seen("", version), {"answers": dict(answers)})
    return None


def move(
    reach: Reach,
    number: int,
    step: str,
    *,
    version: int,
    said: Mapping[str, str] | None = None,
    due: date | None = None,
) -> None:
    """Take a step that asks for words at most: begin, send back, confirm, order, close, cancel …"""
    if step in WORK:
        raise AbsentError("没有这一步")
    found = showing.get(reach, number)
    access.perform(reach, found, step, Seen("", version), {**(said or {}), "due": due})


def again_or_done(
    reach: Reach, number: int, *, version: int, right: Iterable[int], opinion: str, due: date | None = None
) -> None:
    """The re-check: closed where all findings are put right, ordered anew where some are not."""
    found, marked = showing.get(reach, number), set(right)
    step = "again" if {f.pk for f in open_findings(found)} - marked else "recheck"
    given = {"right": marked, "opinion": opinion, "due": due}
    access.perform(reach, found, step, Seen("", version), given)


def join(reach: Reach, number: int, *, version: int, joint: int) -> None:
    """Go together with another unit's visit of the same place, on its day."""
    access.perform(reach, showing.get(reach, number), "join", Seen("", version), {"joint": joint})


def reassign(reach: Reach, number: int, *, version: int, inspectors: list[str], reason: str) -> None:
    """Other people inspect from now on."""
    found = showing.get(reach, number)
    given = {"inspectors": inspectors, "reason": reason}
    access.perform(reach, found, "reassign", Seen("", version), given)


def able(reach: Reach, number: int) -> tuple[tuple[str, str], ...]:
    """(user name, name) of the people of the inspecting unit who may inspect."""
    found = showing.get(reach, number)
    people = guards.may_inspect(found.unit, frozenset(checklist_of(found).inspected_by))
    return tuple((name, p.name) for name, p in people.items())


def unset_times(reach: Reach, number: int) -> tuple[str, ...]:
    """Severities of open findings whose time the county has not set: the day is to be named when they are ordered."""
    return unset(open_findings(showing.get(reach, number)))


def photo(reach: Reach, number: int, key: str) -> files.Handed | None:
    """A photograph that a visit holds; the sight is audited. None for any other file."""
    found = showing.get(reach, number)
    handed = files.hand_key(files.ANSWERS, key, key) if key in set(texts(found.answers)) else None
    if handed is not None:
        audit.seen(reach.person, "inspections.photo.see", object_type="inspection", object_id=number)
    return handed


def history(reach: Reach, number: int) -> Any:
    """The trail of a visit, newest first."""
    return audit.of_object("inspection", showing.get(reach, number).pk)
