"""The states of an edition and its transitions: the one table that says what may follow what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where an edition stands."""

    MAKING = "making"
    FAILED = "failed"
    DRAFT = "draft"
    PREPARING = "preparing"
    REVIEW = "review"
    RELEASED = "released"

    @property
    def label(self) -> str:
        """Chinese name."""
        return {
            "making": "生成中",
            "failed": "未生成",
            "draft": "草稿",
            "preparing": "定稿中",
            "review": "待批准",
            "released": "已发布",
        }[self.value]

    @property
    def label_en(self) -> str:
        """English name."""
        return {
            "making": "being made",
            "failed": "failed",
            "draft": "draft",
            "preparing": "being finished",
            "review": "awaiting approval",
            "released": "released",
        }[self.value]


@dataclass(frozen=True)
class Transition:
    """One row: what it is called, from where to where, who does it."""

    name: str
    label: str
    label_en: str
    source: State
    target: State
    by: str


JOB, WRITERS = "后台任务", "妇儿工委办、统计部门"
TRANSITIONS = (
    Transition("made", "生成完成", "made", State.MAKING, State.DRAFT, JOB),
    Transition("fail", "生成失败", "failed", State.MAKING, State.FAILED, JOB),
    Transition("retry", "重新生成", "try again", State.FAILED, State.MAKING, WRITERS),
    Transition("submit", "送审", "submit", State.DRAFT, State.PREPARING, WRITERS),
    Transition("prepared", "定稿完成", "finished", State.PREPARING, State.REVIEW, JOB),
    Transition("break", "定稿失败", "finishing failed", State.PREPARING, State.DRAFT, JOB),
    Transition("send_back", "退回", "send back", State.REVIEW, State.DRAFT, WRITERS),
    Transition(
        "approve", "批准发布", "approve", State.REVIEW, State.RELEASED, "另一个人（没有发起、改写、送审过）"
    ),
)
BY_NAME = {t.name: t for t in TRANSITIONS}


def from_state(state: str) -> tuple[Transition, ...]:
    """What people may do in a state."""
    return tuple(t for t in TRANSITIONS if t.source.value == state and t.by != JOB)


def page() -> str:
    """docs/reference/report-workflow.md, printed from the table."""
    lines = [
        "# 监测报告的流转",
        "",
        "本页由 `src/qingmiao/site/apps/publishing/workflow.py` 的一张表生成（`python tools/workflow_docs.py`），不要手改。每一步都是比较并交换：状态和版本都相符才成功。",
        "",
        "送审时定稿：批准人看到的文件就是发布的文件，一个字节也不变。发起、改写、送审过的人不能批准（规则和数据库约束都不许）；已发布的一版不再变动（数据库触发器），要改就生成新的一版。",
        "",
        "```mermaid",
        "stateDiagram-v2",
    ]
    lines += [f"    {t.source.label} --> {t.target.label}: {t.label}（{t.by}）" for t in TRANSITIONS]
    lines += ["```", "", "| 动作 | 从 | 到 | 谁 |", "|---|---|---|---|"]
    lines += [f"| {t.label} `{t.name}` | {t.source.label} | {t.target.label} | {t.by} |" for t in TRANSITIONS]
    return "\n".join(lines) + "\n"
