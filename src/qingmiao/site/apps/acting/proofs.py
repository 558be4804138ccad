"""A task that was verified and closed is evidence for what it serves in the plan: a fact, as long as it stays closed.

The content says what a task can prove: the elements that an indicator which reads evidence stands for. A task for
anything else proves nothing by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone

from qingmiao.content.pack import Pack
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.pack import pack

TABLE = "evidence_items"
"""The fact table of evidence; its columns are content (`facts/evidence_items.yaml`)."""
KIND, STATE = "report", "verified"
"""What a closed task is in the content's codes: the unit's written answer, verified by the office."""
SOURCE = "task"


def provable(content: Pack) -> tuple[str, ...]:
    """The elements of the plan for which evidence counts: what the indicators that read `TABLE` are for."""
    counted = {
        element
        for i in content.indicators.values()
        if TABLE in i.sources
        for element in (*i.implements, *i.informs, *i.serves)
    }
    return tuple(e for e in content.elements() if e in counted)


def element_of(content: Pack, indicator: str) -> str:
    """The one element that evidence for an indicator counts for; empty where the indicator counts none, or several."""
    found = content.indicators.get(indicator)
    if found is None or TABLE not in found.sources:
        return ""
    elements = [e for e in provable(content) if e in (*found.implements, *found.informs, *found.serves)]
    return elements[0] if len(elements) == 1 else ""


@dataclass(frozen=True)
class PlanProof:
    """A piece of evidence for something of the plan; `kind` and `state` in words."""

    element: str
    title: str
    document: str
    made_on: date | None
    unit: str
    kind: str
    state: str


def proofs_for(elements: Collection[str], *, most: int = 50) -> tuple[PlanProof, ...]:
    """The evidence in force for some elements of the plan, the newest first."""
    content = pack()
    fact = content.facts.get(TABLE)
    if fact is None:
        return ()
    rows = facts.current(content, TABLE)
    rows = rows.filter(pc.is_in(rows["element"], value_set=pa.array(sorted(elements), pa.string())))
    rows = rows.sort_by([("made_on", "descending"), ("evidence_id", "ascending")]).slice(0, most)

    def word(column: str, code: str | None) -> str:
        listed = content.codes.get(fact.columns[column].codes or "")
        return next((i.label.zh for i in listed.items if i.code == code), "") if listed is not None else ""

    names = ("element", "title", "document", "made_on", "organisation", "kind", "state")
    told = zip(*(rows[n].to_pylist() for n in names), strict=True)
    return tuple(
        PlanProof(element, title, number or "", day, unit, word("kind", kind), word("state", state))
        for element, title, number, day, unit, kind, state in told
    )


def _closed(task: tasks.Moved) -> Mapping[str, Any] | None:
    """The row of a task that was just closed; its day is the answer's, its area the plan's where none is named."""
    content = pack()
    if TABLE not in content.facts or task.element not in provable(content):
        return None
    root, day = content.root_area, timezone.localdate(task.at)
    row = {
        "evidence_id": f"{SOURCE}-{task.id}",
        "area_code": task.area or (root.code if root is not None else None),
        "made_on": timezone.localdate(task.answered_at) if task.answered_at is not None else day,
        "element": task.element,
        "kind": KIND,
        "title": task.title,
        "organisation": task.unit_label,
        "state": STATE,
        "recorded_at": day,
    }
    made = facts.publish(TABLE, None, [row], source=f"{SOURCE}:{task.id}", version=task.version, on=day)
    return {"fact": TABLE, "rows": made.rows}


def _reopened(task: tasks.Moved) -> Mapping[str, Any] | None:
    """What a task proved is taken back, also where the content would not count it any more."""
    if not task.element or TABLE not in pack().facts:
        return None
    facts.publish(TABLE, None, [], source=f"{SOURCE}:{task.id}", version=task.version)
    return {"fact": TABLE, "rows": 0}


def _entered(name: str) -> facts.Entered:
    """Who answered the task and who verified it."""
    unit, answered, closed = tasks.people_of(int(name) if name.isdigit() else 0)
    said = ((answered, "报送"), (closed, "核实办结"))
    return facts.Entered(unit, "，".join(f"{who} {what}" for who, what in said if who))


tasks.register_effect("closed", _closed)
tasks.register_effect("reopened", _reopened)
facts.register(SOURCE, label=lambda name: f"办结的任务 {name}", address=lambda name: f"/tasks/{name}", entered=_entered)
