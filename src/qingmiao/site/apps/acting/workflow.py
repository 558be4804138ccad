"""The flows of tasks and of units' documents; the page in the docs is printed from them."""

from __future__ import annotations

from enum import StrEnum

from qingmiao.flow import Ask, Flow, Step
from qingmiao.flow import State as FlowState
from qingmiao.flow.table import REASON
from qingmiao.site.apps.directory.roles import Role

OFFICE = frozenset({Role.COMMITTEE_OFFICE})
ANSWERING = frozenset({Role.LIAISON, Role.LEADER, Role.SUPERVISOR, Role.SCHOOL, Role.HOSPITAL})
"""Who acts for a unit; nobody does so on another unit's behalf."""

TASK = Flow(
    "task",
    "任务",
    states=(
        FlowState("open", "待办", "to do", "warn"),
        FlowState("answered", "待核实", "to be verified", "warn"),
        FlowState("closed", "已办结", "closed", "good"),
        FlowState("withdrawn", "已撤销", "withdrawn", final=True),
    ),
    steps=(
        Step("prove", "上传材料", "add evidence", "open", "open", ANSWERING),
        Step(
            "answer", "报送办理情况", "answer", "open", "answered", ANSWERING,
            (Ask("cause", "原因"), Ask("countermeasure", "对策")), effects=("answered",),
        ),
        Step("close", "核实办结", "close", "answered", "closed", OFFICE, guards=("another_verifies",), effects=("closed",)),
        Step("return", "退回重办", "send back", "answered", "open", OFFICE, (REASON,), effects=("noted",)),
        Step("reopen", "重新打开", "reopen", "closed", "open", OFFICE, (REASON,), effects=("noted", "reopened")),
        Step("withdraw", "撤销", "withdraw", "open", "withdrawn", OFFICE, (REASON,), effects=("noted",)),
    ),
)  # fmt: skip
_DRAFT = FlowState("draft", "草稿", "draft", "warn")
_REVIEWED = FlowState("reviewed", "已审阅", "reviewed", "good", final=True)
DOCUMENT = Flow(
    "document",
    "实施方案、年度计划、自查报告、评估材料",
    states=(_DRAFT, FlowState("signed", "已签报", "signed", "warn"), _REVIEWED),
    steps=(
        Step("rewrite", "改写", "rewrite", "draft", "draft", ANSWERING),
        Step("sign", "签报", "sign", "draft", "signed", frozenset({Role.LEADER}), effects=("signed",)),
        Step("return", "退回", "send back", "signed", "draft", OFFICE, (Ask("opinion", "理由"),), effects=("sent_back",)),
        Step(
            "review", "审阅", "review", "signed", "reviewed", OFFICE, (Ask("opinion", "意见", optional=True),),
            guards=("score_in_range",), effects=("reviewed",),
        ),
    ),
)  # fmt: skip
"""A document that the unit's leader signs and the office reviews."""
RECORD = Flow("record", "随时记录的活动", states=(_REVIEWED,), steps=())
"""What stands at once: a meeting, a check, a training. Nothing follows."""


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """Chinese name."""
        return TASK.state(self).label

    @property
    def label_en(self) -> str:
        """English name."""
        return TASK.state(self).label_en


class ActivityState(StrEnum):
    """Where a document of a unit stands."""

    DRAFT = "draft"
    SIGNED = "signed"
    REVIEWED = "reviewed"

    @property
    def label(self) -> str:
        """Chinese name."""
        return DOCUMENT.state(self).label

    @property
    def label_en(self) -> str:
        """English name."""
        return DOCUMENT.state(self).label_en
