"""The flows of units' documents; the page in the docs is printed from them."""

from __future__ import annotations

from enum import StrEnum

from qingmiao.flow import Ask, Flow, Step
from qingmiao.flow import State as FlowState
from qingmiao.site.apps.directory.roles import Role
from qingmiao.site.apps.tasks.api import ANSWERING, OFFICE

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
