"""A flow as a page of the reference: diagram and table, so that nobody draws one by hand."""

from __future__ import annotations

from collections.abc import Callable

from qingmiao.flow.table import NOTHING, Flow, Step

JOB = "后台任务"
RELATIONS = {"self": "本人", "own_unit": "本单位的人", "above": "管到该单位的记录人"}
"""How somebody stands to a thing, in words."""


def diagram(flow: Flow, role: Callable[[str], str]) -> list[str]:
    """The flow as a Mermaid state diagram; `role` gives the Chinese word of a role."""
    return [
        "```mermaid",
        "stateDiagram-v2",
        *(() if any(s.makes for s in flow.steps) else (f"    [*] --> {flow.states[0].name}",)),
        *(f"    {s.source or '[*]'} --> {s.target}: {s.label}（{by(s, role)}）" for s in flow.steps if not s.stays),
        *(f"    {s.name}: {s.label}" for s in flow.states),
        "```",
    ]


def table(flow: Flow, role: Callable[[str], str]) -> list[str]:
    """The flow as a Markdown table: step, from, to, who, what must be said, conditions."""
    label = {s.name: s.label for s in flow.states} | {NOTHING: "—"}
    return [
        "| 环节 | 从 | 到 | 谁 | 要写 | 条件 |",
        "|---|---|---|---|---|---|",
        *(
            f"| {s.label} `{s.name}` | {label[s.source]} | {'不变' if s.stays else label[s.target]} | {by(s, role)} "
            f"| {'、'.join(a.label + ('（可空）' if a.optional else '') for a in s.asks)} "
            f"| {'、'.join(f'`{g}`' for g in s.guards)} |"
            for s in flow.steps
        ),
    ]


def by(step: Step, role: Callable[[str], str]) -> str:
    """Who takes a step, in words."""
    people = [*(role(r) for r in sorted(step.roles)), *(RELATIONS.get(r, r) for r in sorted(step.relations))]
    return "、".join(people + [JOB] * step.by_job)
