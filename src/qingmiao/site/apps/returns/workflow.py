"""The life of a return as one flow: who may take it from which state to which. The page in the docs is printed from it."""

from __future__ import annotations

from enum import StrEnum

from qingmiao.flow import Flow, Step
from qingmiao.flow import State as FlowState
from qingmiao.flow.table import REASON
from qingmiao.site.apps.directory.roles import Role

FILLERS = frozenset({Role.LIAISON, Role.SUPERVISOR})
"""Who fills in the returns of their own unit, and nobody else's."""
_LEADER, _STATISTICS = frozenset({Role.LEADER}), frozenset({Role.STATISTICS})

FLOW = Flow(
    "returns",
    "统计报表",
    states=(
        FlowState("draft", "填报中", "Draft"),
        FlowState("submitted", "待签发", "To sign", "warn"),
        FlowState("signed", "待审核", "To audit", "warn"),
        FlowState("sent_back", "退回待改", "Sent back", "bad"),
        FlowState("accepted", "已验收", "Accepted", "good"),
        FlowState("locked", "已锁定", "Locked", "good"),
    ),
    steps=(
        Step("submit", "上报", "Submit", "draft", "submitted", FILLERS, guards=("complete",), effects=("submitted",)),
        Step("sign", "签发", "Sign", "submitted", "signed", _LEADER, guards=("another_signs",), effects=("signed",)),
        Step("send_back", "退回", "Send back", "submitted", "sent_back", _LEADER, (REASON,), effects=("sent_back",)),
        Step("accept", "验收", "Accept", "signed", "accepted", _STATISTICS, guards=("another_accepts",), effects=("accepted",)),
        Step("send_back", "退回", "Send back", "signed", "sent_back", _STATISTICS, (REASON,), effects=("sent_back",)),
        Step("fill", "填写", "Fill in", "draft", "draft", FILLERS),
        Step("fill", "填写", "Fill in", "sent_back", "draft", FILLERS),
        Step("lock", "锁定", "Lock", "accepted", "locked", _STATISTICS, effects=("locked",)),
        Step("correct", "更正", "Correct", "accepted", "draft", FILLERS | _STATISTICS, (REASON,), effects=("new_version",)),
        Step(
            "abandon", "撤回更正", "Withdraw the correction", "draft", "accepted", FILLERS | _STATISTICS, (REASON,),
            guards=("own_correction",), effects=("version_dropped",),
        ),
        Step("correct", "更正", "Correct", "locked", "draft", _STATISTICS, (REASON,), effects=("new_version",)),
    ),
)  # fmt: skip


class State(StrEnum):
    """Where a return stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"
    LOCKED = "locked"

    @property
    def label(self) -> str:
        """Chinese name."""
        return FLOW.state(self).label

    @property
    def label_en(self) -> str:
        """English name."""
        return FLOW.state(self).label_en

    @property
    def tone(self) -> str:
        """How a page colours it: good, warn, bad or "" (beside shape and text)."""
        return FLOW.state(self).tone


EDITABLE = frozenset({State.DRAFT, State.SENT_BACK})
FINAL = frozenset({State.ACCEPTED, State.LOCKED})
