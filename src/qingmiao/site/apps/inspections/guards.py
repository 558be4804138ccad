"""What must hold for a step of an inspection: who inspects, where, when, and what is left to put right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from qingmiao.content.checklists import Checklist
from qingmiao.content.citing import cited
from qingmiao.flow import Guard, Who
from qingmiao.kernel.areas import lies_in
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.directory.access import LEAST_WORDS, who_over
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections import crowding, rectifying
from qingmiao.site.apps.inspections.frozen import checklist_of, filled_of
from qingmiao.site.apps.inspections.models import METHODS, Inspection, Inspector
from qingmiao.site.pack import pack

Answers = Mapping[str, Any]


def may_inspect(unit: Organisation, roles: frozenset[str]) -> dict[str, Person]:
    """User name → person of a unit who holds one of the roles over it."""
    people = Person.objects.filter(organisation=unit, is_active=True).order_by("name", "username")
    return {p.username: p for p in people if who_over(Reach(p), unit).roles & roles}


def _inspectors_fit(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    checklist, named = checklist_of(inspection), list(answers.get("inspectors") or ())
    able = may_inspect(inspection.unit, frozenset(checklist.inspected_by))
    if strange := [n for n in named if n not in able]:
        return no(f"{len(strange)} 名检查人员不是{inspection.unit.label}可以检查的人员，请重新选择")
    if own := [able[n].name for n in named if _of_the_inspected(inspection, checklist, able[n])]:
        return no(f"{'、'.join(own)}是受检一方的人员，应当回避，请换人")
    least = checklist.inspectors.least
    if len(set(named)) < least:
        return no(f"检查人员不得少于 {least} 人（{cited(checklist.inspectors.source)}）")
    return YES


def _of_the_inspected(inspection: Inspection, checklist: Checklist, person: Person) -> bool:
    """Nobody inspects their own: neither of the unit that puts right, nor with the role that answers for the place,
    but for a unit's check of its own work."""
    responsible, answers_for = inspection.responsible, None if checklist.of_oneself else checklist.rectified_by
    if responsible.pk != inspection.unit_id and person.organisation_id == responsible.pk:
        return True
    return answers_for is not None and answers_for in who_over(Reach(person), responsible).roles


def _place_fits(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    checklist, unit, responsible = checklist_of(inspection), inspection.unit, inspection.responsible
    if checklist.units and unit.pk not in checklist.units:
        return no(f"这份检查单不由{unit.label}检查")
    if inspection.place_kind not in checklist.places:
        return no("这份检查单不检查这种场所")
    if inspection.method not in METHODS:
        return no("请选择检查方式")
    if len(inspection.place) < 2:
        return no("请写明受检场所的名称")
    if inspection.area not in pack().areas or not lies_in(inspection.area, unit.area_id):
        return no("请选择受检场所所在的乡镇")
    if not lies_in(responsible.area_id, unit.area_id):
        return no("整改单位不在检查单位的地区内")
    if responsible.pk == unit.pk and checklist.rectified_by is None:
        return no("检查单位不能检查自己，请选择受检场所的主管单位")
    return YES


def _not_crowded(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    """No place is visited by one unit after another within the county's days, unless they go together or it is said
    why not."""
    days = pack().policy.days_between_visits
    near = crowding.near(inspection, days) if days else ()
    if not near or len(str(answers.get("apart") or "").strip()) >= LEAST_WORDS:
        return YES
    told = "；".join(crowding.words(one) for one in near[:3])
    return no(f"这个场所 {days} 天内另有检查：{told}。请改期或并入联合检查；必须单独检查的，写明原因")


def _joins(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    lead = Inspection.objects.filter(pk=answers.get("joint") or 0).select_related("unit").first()
    if lead is None or lead.pk == inspection.pk or lead.joint_id is not None or lead.state != "planned":
        return no("请选择还没有开始的一次检查")
    if inspection.joined.exists():
        return no("已有别的检查并入这一次，不能再并入另一次")
    if not crowding.same_place(lead, inspection):
        return no("不是同一个场所的检查，不能并入")
    return YES


def _another_extends(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    mine = Inspector.objects.filter(inspection=inspection, person__username=who.id).exists()
    return no("您是检查人员，延期由别的负责人批准") if mine else YES


def _extends_once(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    left = [f for f in rectifying.open_findings(inspection) if f.due_at is not None and f.extended_at is None]
    return YES if left else no("没有可以延期的问题：每个问题只能延期一次")


def _later_than_due(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    named: date | None = answers.get("due")
    open_ = [f for f in rectifying.open_findings(inspection) if f.due_at is not None and f.extended_at is None]
    if named is None:
        return no("请写明延期到哪一天")
    latest = max((timezone.localdate(f.due_at) for f in open_ if f.due_at is not None), default=timezone.localdate(at))
    return YES if named > latest else no(f"延期的日期要在原来的期限（{latest:%Y-%m-%d}）以后")


def _inspects(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    mine = Inspector.objects.filter(inspection=inspection, person__username=who.id).exists()
    return YES if mine else no("由安排到这次检查的人员办理")


def _complete(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    filled = filled_of(inspection, answers.get("answers"), on=timezone.localdate(at))
    if filled.faults:
        return no(f"检查单还有 {len(filled.faults)} 处没有填好，第一处：{filled.faults[0].message}")
    return YES


def _another_confirms(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    by = inspection.concluded_by
    alone = Inspector.objects.filter(inspection=inspection).count() == 1
    mine = by is not None and by.username == who.id and not alone
    return no("这是您提交的记录，由另一名检查人员核对签字") if mine else YES


def _has_findings(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    return YES if rectifying.open_findings(inspection) else no("没有要整改的问题，直接办结")


def _nothing_to_rectify(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    left = len(rectifying.open_findings(inspection))
    return no(f"还有 {left} 个问题要整改，请下达整改通知") if left else YES


def _rectifies_ahead(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    named: date | None = answers.get("due")
    missing = rectifying.unset(rectifying.open_findings(inspection))
    if missing and named is None:
        return no(f"本县没有设置{'、'.join(missing)}问题的整改时限，请写明整改期限")
    return no("整改期限要在今天以后") if missing and named is not None and named <= timezone.localdate(at) else YES


def right(answers: Answers) -> set[int]:
    return set(answers.get("right") or ())


def _some_left(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    left = {f.pk for f in rectifying.open_findings(inspection)} - right(answers)
    return YES if left else no("全部问题都已整改，请选“复查合格”")


def _all_rectified(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    left = len({f.pk for f in rectifying.open_findings(inspection)} - right(answers))
    return no(f"还有 {left} 个问题没有勾选“已整改”，不能办结") if left else YES


GUARDS: Mapping[str, Guard] = {
    "inspectors_fit": _inspectors_fit, "place_fits": _place_fits, "inspects": _inspects, "complete": _complete,
    "another_confirms": _another_confirms, "has_findings": _has_findings, "nothing_to_rectify": _nothing_to_rectify,
    "not_crowded": _not_crowded, "joins": _joins, "another_extends": _another_extends, "extends_once": _extends_once,
    "later_than_due": _later_than_due,
    "rectifies_ahead": _rectifies_ahead, "some_left": _some_left, "all_rectified": _all_rectified,
}  # fmt: skip
