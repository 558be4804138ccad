"""The states of an edition and its transitions: the one table that says what may follow what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where an edition stands."""

    MAKING = "making"
    FAILED = "failed"
    DRAFT = "draft"
    REVIEW = "review"
    RELEASING = "releasing"
    RELEASED = "released"

    @property
    def label(self) -> str:
        """Chinese name."""
        return {
            "making": "生成中",
            "failed": "未生成",
            "draft": "草稿",
            "review": "待批准",
            "releasing": "定稿中",
            "released": "已发布",
        }[self.value]

    @property
    def label_en(self) -> str:
        """English name."""
        return {
            "making": "being made",
            "failed": "failed",
            "draft": "draft",
            "review": "awaiting approval",
            "releasing": "being finished",
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


TRANSITIONS = (
    Transition("made", "生成完成", "made", State.MAKING, State.DRAFT, "后台任务"),
    Transition("fail", "生成失败", "failed", State.MAKING, State.FAILED, "后台任务"),
    Transition("retry", "重新生成", "try again", State.FAILED, State.MAKING, "妇儿工委办、统计部门"),
    Transition("submit", "送审", "submit", State.DRAFT, State.REVIEW, "妇儿工委办、统计部门"),
    Transition("send_back", "退回", "send back", State.REVIEW, State.DRAFT, "另一个人"),
    Transition(
        "approve", "批准", "approve", State.REVIEW, State.RELEASING, "另一个人（没有发起、改写、送审过）"
    ),
    Transition("release", "定稿完成", "released", State.RELEASING, State.RELEASED, "后台任务"),
    Transition("break", "定稿失败", "finishing failed", State.RELEASING, State.REVIEW, "后台任务"),
)
BY_NAME = {t.name: t for t in TRANSITIONS}


def from_state(state: str) -> tuple[Transition, ...]:
    """What people may do in a state."""
    return tuple(t for t in TRANSITIONS if t.source.value == state and t.by != "后台任务")
