"""States and transitions of tasks and of activities: two tables, from which the documentation's diagrams are printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """Chinese name."""
        return {"open": "待办", "answered": "待核实", "closed": "已办结", "withdrawn": "已撤销"}[self.value]

    @property
    def label_en(self) -> str:
        """English name."""
        return {"open": "to do", "answered": "to be verified", "closed": "closed", "withdrawn": "withdrawn"}[
            self.value
        ]


class ActivityState(StrEnum):
    """Where a document of a unit stands."""

    DRAFT = "draft"
    SIGNED = "signed"
    REVIEWED = "reviewed"

    @property
    def label(self) -> str:
        """Chinese name."""
        return {"draft": "草稿", "signed": "已签报", "reviewed": "已审阅"}[self.value]

    @property
    def label_en(self) -> str:
        """English name."""
        return {"draft": "draft", "signed": "signed", "reviewed": "reviewed"}[self.value]


@dataclass(frozen=True)
class Transition:
    """One row: name, from, to, who, and what must come with it."""

    name: str
    label: str
    label_en: str
    source: str
    target: str
    by: str
    needs: str = ""


TASK = (
    Transition("answer", "报送办理情况", "answer", "open", "answered", "责任单位", "原因、对策"),
    Transition("close", "核实办结", "close", "answered", "closed", "妇儿工委办"),
    Transition("return", "退回重办", "send back", "answered", "open", "妇儿工委办", "理由"),
    Transition("reopen", "重新打开", "reopen", "closed", "open", "妇儿工委办", "理由"),
    Transition("withdraw", "撤销", "withdraw", "open", "withdrawn", "妇儿工委办", "理由"),
)
ACTIVITY = (
    Transition("sign", "签报", "sign", "draft", "signed", "单位分管领导"),
    Transition("return", "退回", "send back", "signed", "draft", "妇儿工委办", "理由"),
    Transition("review", "审阅", "review", "signed", "reviewed", "妇儿工委办", "意见，可打分"),
)
TASK_BY_NAME = {t.name: t for t in TASK}
ACTIVITY_BY_NAME = {t.name: t for t in ACTIVITY}


def page() -> str:
    """docs/reference/task-workflow.md, printed from the tables."""
    return "\n".join(
        [
            "# 任务与单位文书的流转",
            "",
            "本页由 `src/qingmiao/site/apps/acting/workflow.py` 的两张表生成（`python tools/workflow_docs.py`）。每一步都是比较并交换：状态和版本都相符才成功，否则说明是谁、什么时候先办了。",
            "",
            "## 任务",
            "",
            *_table(TASK, {s.value: s.label for s in TaskState}),
            "",
            "逾期：到期日的第二天升级给责任单位分管领导，再过七天升级给妇儿工委办（本地设定，待确认）；每一步都留记录。",
            "",
            "## 实施方案、年度计划、自查报告、评估材料",
            "",
            *_table(ACTIVITY, {s.value: s.label for s in ActivityState}),
            "",
        ]
    )


def _table(rows: Iterable[Transition], labels: dict[str, str]) -> list[str]:
    found = list(rows)
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {labels[t.source]} --> {labels[t.target]}: {t.label}（{t.by}）" for t in found]
    lines += ["```", "", "| 动作 | 从 | 到 | 谁 | 要带上 |", "|---|---|---|---|---|"]
    lines += [
        f"| {t.label} | {labels[t.source]} | {labels[t.target]} | {t.by} | {t.needs or '—'} |" for t in found
    ]
    return lines
