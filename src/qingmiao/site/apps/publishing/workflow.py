"""The flow of an edition of a report: the one table that says what may follow what."""

from __future__ import annotations

from enum import StrEnum

from qingmiao.flow import Flow, Step
from qingmiao.flow import State as FlowState
from qingmiao.flow.table import REASON
from qingmiao.site.apps.directory.roles import Role

WRITERS = frozenset({Role.COMMITTEE_OFFICE, Role.STATISTICS})

FLOW = Flow(
    "edition",
    "监测报告",
    states=(
        FlowState("making", "生成中", "being made"),
        FlowState("failed", "未生成", "failed", "bad"),
        FlowState("draft", "草稿", "draft", "warn"),
        FlowState("preparing", "定稿中", "being finished"),
        FlowState("review", "待批准", "awaiting approval", "warn"),
        FlowState("released", "已发布", "released", "good", final=True),
    ),
    steps=(
        Step("made", "生成完成", "made", "making", "draft", effects=("written",)),
        Step("fail", "生成失败", "failed", "making", "failed", effects=("failed",)),
        Step("retry", "重新生成", "try again", "failed", "making", WRITERS, effects=("restarted", "make")),
        Step("edit", "改写", "edit", "draft", "draft", WRITERS),
        Step("submit", "送审", "submit", "draft", "preparing", WRITERS, guards=("numbers_resolve",), effects=("submitted", "prepare")),
        Step("prepared", "定稿完成", "finished", "preparing", "review", effects=("written",)),
        Step("break", "定稿失败", "finishing failed", "preparing", "draft", effects=("failed", "taken_back")),
        Step("send_back", "退回", "send back", "review", "draft", WRITERS, (REASON,), effects=("noted", "taken_back")),
        Step(
            "approve", "批准发布", "approve", "review", "released", WRITERS,
            guards=("another_approves", "files_are_whole"), effects=("approved",),
        ),
    ),
)  # fmt: skip


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
        return FLOW.state(self).label

    @property
    def label_en(self) -> str:
        """English name."""
        return FLOW.state(self).label_en
