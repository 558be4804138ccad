"""The door of inspections: who they are of, what must hold for a step, what each step sets and lets follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from qingmiao.content.citing import cited
from qingmiao.flow import Flow, Guard, Who
from qingmiao.flow.house import INSPECTION
from qingmiao.flow.house import inspection as flow_for
from qingmiao.forms.answers import document
from qingmiao.forms.inspected import outcomes, result
from qingmiao.kernel.areas import lies_in
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.directory.access import who_over
from qingmiao.site.apps.directory.doors import Doing, Door, next_version, register
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections import publishing, rectifying
from qingmiao.site.apps.inspections.frozen import checklist_of, filled_of, ready_of
from qingmiao.site.apps.inspections.models import Inspection, Inspector
from qingmiao.site.pack import pack

Answers = Mapping[str, Any]


def flow_of(inspection: Inspection) -> Flow:
    """The flow of a visit: its roles are those that its checklist names."""
    return flow_for(frozenset(inspection.frozen["checklist"]["inspected_by"]))


def may_inspect(unit: Organisation, roles: frozenset[str]) -> dict[str, Person]:
    """User name → person of a unit who holds one of the roles over it."""
    people = Person.objects.filter(organisation=unit, is_active=True).order_by("name", "username")
    return {p.username: p for p in people if who_over(Reach(p), unit).roles & roles}


def _inspectors_fit(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    checklist, named = checklist_of(inspection), list(answers.get("inspectors") or ())
    able = may_inspect(inspection.unit, frozenset(checklist.inspected_by))
    if strange := [n for n in named if n not in able]:
        return no(f"{len(strange)} 名检查人员不是{inspection.unit.label}可以检查的人员，请重新选择")
    least = checklist.inspectors.least
    if len(set(named)) < least:
        return no(f"检查人员不得少于 {least} 人（{cited(checklist.inspectors.source)}）")
    return YES


def _place_fits(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    checklist, unit, responsible = checklist_of(inspection), inspection.unit, inspection.responsible
    if checklist.units and unit.pk not in checklist.units:
        return no(f"这份检查单不由{unit.label}检查")
    if inspection.place_kind not in checklist.places:
        return no("这份检查单不检查这种场所")
    if len(inspection.place) < 2:
        return no("请写明受检场所的名称")
    if inspection.area not in pack().areas or not lies_in(inspection.area, unit.area_id):
        return no("请选择受检场所所在的乡镇")
    if not lies_in(responsible.area_id, unit.area_id):
        return no("整改单位不在检查单位的地区内")
    if responsible.pk == unit.pk and checklist.rectified_by is None:
        return no("检查单位不能检查自己，请选择受检场所的主管单位")
    return YES


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


def _right(answers: Answers) -> set[int]:
    return set(answers.get("right") or ())


def _some_left(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    left = {f.pk for f in rectifying.open_findings(inspection)} - _right(answers)
    return YES if left else no("全部问题都已整改，请选“复查合格”")


def _all_rectified(inspection: Inspection, answers: Answers, who: Who, at: datetime) -> Decision:
    left = len({f.pk for f in rectifying.open_findings(inspection)} - _right(answers))
    return no(f"还有 {left} 个问题没有勾选“已整改”，不能办结") if left else YES


GUARDS: Mapping[str, Guard] = {
    "inspectors_fit": _inspectors_fit, "place_fits": _place_fits, "inspects": _inspects, "complete": _complete,
    "another_confirms": _another_confirms, "has_findings": _has_findings, "nothing_to_rectify": _nothing_to_rectify,
    "rectifies_ahead": _rectifies_ahead, "some_left": _some_left, "all_rectified": _all_rectified,
}  # fmt: skip


def _filled(inspection: Inspection, doing: Doing) -> dict[str, Any]:
    """What was typed is kept as it was typed; a record that is handed in, as it was judged."""
    answers = doing.answers.get("answers") or {}
    inspection.filled_date = timezone.localdate(doing.at)
    if "concluded" not in doing.step.effects:
        return {"answers": answers, "filled_date": inspection.filled_date}
    filled = filled_of(inspection, answers)
    found = outcomes(checklist_of(inspection), filled)
    kept = document(ready_of(inspection), filled)["answers"]
    return {"answers": kept, "filled_date": inspection.filled_date, "result": result(found)}


COLUMNS: Mapping[str, Callable[[Inspection, Doing], dict[str, Any]]] = {
    "visited": lambda inspection, doing: {"visited_at": doing.at},
    "filled": _filled,
    "concluded": lambda inspection, doing: {"concluded_by": doing.person, "concluded_at": doing.at},
    "confirmed": lambda inspection, doing: {"confirmed_by": doing.person, "confirmed_at": doing.at},
    "taken_back": lambda inspection, doing: {"concluded_by": None, "concluded_at": None, "result": ""},
    "noted": lambda inspection, doing: {
        "note": doing.said("reason") or doing.said("opinion"),
        **({"result": publishing.NOT_HELD} if doing.step.target == "not_held" else {}),
    },
    "closed": lambda inspection, doing: {"closed_at": doing.at},
}


def _changes(inspection: Inspection, doing: Doing) -> dict[str, Any]:
    found = next_version(inspection, doing)
    for name in doing.step.effects:
        found |= COLUMNS[name](inspection, doing) if name in COLUMNS else {}
    return found


def _reassigned(inspection: Inspection, doing: Doing) -> Mapping[str, Any]:
    named = sorted(set(doing.answers["inspectors"]))
    Inspector.objects.filter(inspection=inspection).delete()
    people = Person.objects.filter(username__in=named).order_by("pk")
    Inspector.objects.bulk_create(Inspector(inspection=inspection, person=p) for p in people)
    return {"inspectors": named, "place": inspection.place, "checklist": inspection.checklist}


def _concluded(inspection: Inspection, doing: Doing) -> Mapping[str, Any]:
    """The findings stand; what is an immediate danger is asked for at once."""
    found = outcomes(checklist_of(inspection), filled_of(inspection))
    rectifying.written(inspection, found)
    at_once = [f for f in rectifying.open_findings(inspection) if f.severity == "immediate"]
    tasks = rectifying.order(doing.actor, inspection, at_once, doing.at, None)
    return {"result": inspection.result, "findings": sum(o.failed for o in found), "tasks": tasks}


def _taken_back(inspection: Inspection, doing: Doing) -> None:
    rectifying.take_back(doing.actor, inspection, doing.said("reason"))


def _ordered(inspection: Inspection, doing: Doing) -> Mapping[str, Any]:
    left = rectifying.open_findings(inspection)
    return {"tasks": rectifying.order(doing.actor, inspection, left, doing.at, doing.answers.get("due"))}


def _rechecked(inspection: Inspection, doing: Doing) -> Mapping[str, Any]:
    right, opinion = _right(doing.answers), doing.said("opinion")
    return {"rectified": rectifying.rechecked(doing.actor, inspection, right, doing.at, opinion)}


register(
    Door(
        Inspection,
        flow_of,
        noun="这次检查",
        kind="inspection",
        action="inspections",
        unit=lambda inspection: inspection.unit,
        guards=GUARDS,
        effects={
            "reassigned": _reassigned, "concluded": _concluded, "taken_back": _taken_back, "ordered": _ordered,
            "rechecked": _rechecked, "published": publishing.published,
        },
        changes=_changes,
        several=lambda: (INSPECTION,),
    )
)  # fmt: skip
