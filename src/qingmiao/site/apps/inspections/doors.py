"""The door of inspections: who they are of, what must hold for a step, what each step sets and lets follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone

from qingmiao.flow import Flow
from qingmiao.flow.house import INSPECTION
from qingmiao.flow.house import inspection as flow_for
from qingmiao.forms.answers import document
from qingmiao.forms.inspected import outcomes, result
from qingmiao.site.apps.directory.doors import Doing, Door, next_version, register
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.inspections import crowding, guards, publishing, rectifying
from qingmiao.site.apps.inspections.frozen import checklist_of, filled_of, ready_of
from qingmiao.site.apps.inspections.models import Inspection, Inspector
from qingmiao.site.apps.tasks import api as tasks

Answers = Mapping[str, Any]


def flow_of(inspection: Inspection) -> Flow:
    """The flow of a visit: its roles are those that its checklist names."""
    return flow_for(frozenset(inspection.frozen["checklist"]["inspected_by"]))


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
        "note": doing.said("reason") or doing.said("opinion") or doing.said("outcome"),
        **({"result": publishing.NOT_HELD[doing.step.name]} if doing.step.target == "not_held" else {}),
    },
    "closed": lambda inspection, doing: {"closed_at": doing.at},
    "transferred": lambda inspection, doing: {"transferred_to": doing.said("receiver")[:120]},
    "joined": lambda inspection, doing: crowding.together(doing.answers["joint"]),
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
    right, opinion = guards.right(doing.answers), doing.said("opinion")
    return {"rectified": rectifying.rechecked(doing.actor, inspection, right, doing.at, opinion)}


def _extended(inspection: Inspection, doing: Doing) -> Mapping[str, Any]:
    return {
        "findings": rectifying.extend(doing.actor, inspection, doing.answers["due"], doing.at, doing.said("reason"))
    }


def _transferred(inspection: Inspection, doing: Doing) -> Mapping[str, Any]:
    for finding in rectifying.open_findings(inspection):
        tasks.drop(doing.actor, rectifying.SOURCE, finding.pk, reason=doing.said("reason"))
    return {"receiver": doing.said("receiver")}


register(
    Door(
        Inspection,
        flow_of,
        noun="这次检查",
        kind="inspection",
        action="inspections",
        unit=lambda inspection: inspection.unit,
        guards=guards.GUARDS,
        effects={
            "reassigned": _reassigned, "concluded": _concluded, "taken_back": _taken_back, "ordered": _ordered,
            "rechecked": _rechecked, "extended": _extended,
            "transferred": _transferred, "published": publishing.published,
        },
        changes=_changes,
        several=lambda: (INSPECTION,),
    )
)  # fmt: skip
