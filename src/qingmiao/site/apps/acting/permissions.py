"""May this person? The unit answers for itself; the office assigns and verifies; statistics and auditors read all."""

from __future__ import annotations

from qingmiao.content.documents import DocumentKind
from qingmiao.flow import house
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.tasks.api import ANSWERING, OFFICE


def may_see(reach: Reach, unit_id: str) -> Decision:
    """People of the unit or above it, and those who see the whole county."""
    return YES if unit_id in reach.unit_ids else no("不在您的管理范围内")


def may_office(reach: Reach, *, over: Organisation | None = None) -> Decision:
    """Open, verify, close, assign, review: the committee office of a unit's area (without `over`: of any area here)."""
    may = reach.has(OFFICE) if over is None else reach.holds(OFFICE, over=over)
    return YES if may else no("由妇儿工委办办理")


def may_answer(reach: Reach, unit_id: str) -> Decision:
    """Only people of the unit itself: nobody fills in on another's behalf."""
    return YES if unit_id in reach.own(ANSWERING) else no("由责任单位办理")


def may_record(reach: Reach, kind: DocumentKind) -> Decision:
    """Who is offered to record a document of a kind: the roles that its content names. The door asks over the unit."""
    return YES if set(kind.recorded_by) & set(reach.roles) else no("由别的角色记录")


def units_to_record(reach: Reach, kind: DocumentKind) -> frozenset[str]:
    """The units of which, or in whose name, the person may record a document of a kind."""
    roles = OFFICE | frozenset(kind.recorded_by) if kind.about_unit else OFFICE
    wide = frozenset(reach.units(*roles).values_list("pk", flat=True))
    return wide | reach.own(kind.recorded_by)


def above(person: Person, kind: DocumentKind, unit_id: str) -> bool:
    """Whether somebody who may record a kind about other units reaches this one from above it."""
    return kind.about_unit and Reach(person).units(*kind.recorded_by).filter(pk=unit_id).exists()


def own_units(reach: Reach) -> list[str]:
    """The units in whose name the person may record."""
    return sorted(reach.own(ANSWERING | {house.COMMITTEE_OFFICE, house.STATISTICS}))
