"""What of the plan a task may be given for in place: a goal, a target, or an indicator in an area; who leads it, how it
stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qingmiao.assess.subject_rows import shown_unit
from qingmiao.site.apps.acting.proofs import element_of, provable
from qingmiao.site.apps.acting.responsibilities import lead_of
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.pack import pack

PLAN = "plan"
"""The kind of source: the plan itself."""
GOAL, TARGET, INDICATOR = "goal", "target", "indicator"


@dataclass(frozen=True)
class WantedThing:
    """A thing of the plan that a task is to move. `id` is how an address and a task name it; `unit` who is proposed."""

    id: str
    label: str
    title: str
    """What the task is proposed to be called."""
    unit: str
    element: str
    """What the closed task is evidence for; empty where it proves nothing by itself."""
    indicator: str
    area: str
    """Empty: the whole county."""


def wanted(id_: str, year: int) -> WantedThing | None:
    """The thing that "goal:…", "target:…" or "indicator:…@area" names, as of a year; None where there is none."""
    kind, _, name = id_.partition(":")
    content = pack()
    if kind == GOAL and name in content.goals:
        goal = content.goals[name]
        text = goal.text.rstrip("。；")
        label = f"主要目标 {goal.number} {text}"
        return WantedThing(
            id_, label, f"落实主要目标“{text[:60]}”，报送情况说明", _unit(name, "", year), _proves(name), "", ""
        )
    if kind == TARGET and name in content.targets:
        target, goal = content.targets[name], content.goal_of(name)
        state = monitoring.current()
        finding = state.findings(year).of(name) if state is not None else None
        indicator = finding.indicator if finding is not None else ""
        now = _now(indicator, "", year)
        row = state.rows_of(year).get((year, indicator, name, state.root)) if state is not None else None
        bar = f"，目标 {row.attainment.bar_text}" if row is not None and row.attainment is not None else ""
        title = f"推动“{target.label.zh}”达标{f'：{now}{bar}' if now else ''}"
        return WantedThing(id_, target.label.zh, title, _unit(goal.id, name, year), _proves(name), indicator, "")
    if kind == INDICATOR:
        name, _, area = name.partition("@")
        found = content.indicators.get(name)
        if found is None or (area and area not in content.areas):
            return None
        root = content.root_area
        area = "" if root is not None and area == root.code else area
        label = (content.areas[area].name if area else "") + found.label.zh
        now = _now(name, area, year)
        title = f"改进{label}{f'：{now}' if now else ''}"
        return WantedThing(id_, label, title, found.lead, element_of(content, name), name, area)
    return None


def _unit(goal: str, target: str, year: int) -> str:
    """Whom the office confirmed for the goal, else the pack's proposal."""
    lead = pack().lead_of(target or goal, year)
    return lead_of(goal, year) or (lead.lead if lead is not None else "")


def _proves(element: str) -> str:
    return element if element in provable(pack()) else ""


def _now(indicator: str, area: str, year: int) -> str:
    """2024 年为 5.3‰; empty where there is no value."""
    state, found = monitoring.current(), pack().indicators.get(indicator)
    text = state.text(indicator, area or state.root, year) if state is not None and found is not None else ""
    return f"{year} 年为 {text}{shown_unit(found.unit)}" if text and found is not None else ""


def _origins(reach: Reach, ids: Iterable[str]) -> Mapping[str, tasks.TaskOrigin]:
    content, found = pack(), {}
    for id_ in ids:
        kind, _, name = id_.partition(":")
        indicator = name.partition("@")[0]
        if kind == GOAL and name in content.goals:
            goal = content.goals[name]
            found[id_] = tasks.TaskOrigin(f"主要目标 {goal.number} {goal.text}", "monitoring.goal", (name,))
        elif kind == TARGET and name in content.targets:
            goal = content.goal_of(name)
            found[id_] = tasks.TaskOrigin(content.targets[name].label.zh, "monitoring.goal", (goal.id,))
        elif kind == INDICATOR and indicator in content.indicators:
            label = content.indicators[indicator].label.zh
            found[id_] = tasks.TaskOrigin(label, "monitoring.indicator", (indicator,))
    return found


tasks.register_source(tasks.TaskSource(PLAN, "规划目标", "Plan", _origins))
