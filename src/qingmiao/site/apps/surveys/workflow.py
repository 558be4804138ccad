"""The flows of a survey and of an answer. Who runs a survey is said by its form (`roles`), else the
committee office does."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from qingmiao.flow import Flow, State, Step, house
from qingmiao.flow.table import NOTHING, REASON
from qingmiao.site.apps.directory.roles import WORKING

DEFAULT = tuple(house.OFFICE)
RESPONDENT = "respondent"
"""How the person who gave an answer stands to it."""


def survey_flow(roles: Iterable[str]) -> Flow:
    """The flow of a survey that people with these roles run."""
    return _survey(frozenset(roles) or frozenset(DEFAULT))


@lru_cache
def _survey(runs: frozenset[str]) -> Flow:
    return Flow(
        "survey",
        "问卷调查",
        states=(
            State("prepared", "准备中", "Prepared"),
            State("running", "调查中", "Running", "warn"),
            State("closed", "已结束", "Closed", "good"),
        ),
        steps=(
            Step("make", "新建", "Make", NOTHING, "prepared", runs, guards=("fits",)),
            Step("count", "登记抽样", "Record the sample", "prepared", "prepared", runs),
            Step("count", "登记抽样", "Record the sample", "running", "running", runs),
            Step("count", "登记抽样", "Record the sample", "closed", "closed", runs, effects=("published",)),
            Step("link", "制作链接", "Make links", "prepared", "prepared", runs, guards=("open_form",)),
            Step("link", "制作链接", "Make links", "running", "running", runs, guards=("open_form",)),
            Step("start", "开始调查", "Start", "prepared", "running", runs),
            Step("close", "结束调查", "Close", "running", "closed", runs, effects=("published",)),
            Step("reopen", "重新打开", "Reopen", "closed", "running", runs, (REASON,)),
            Step("republish", "重新发布", "Publish again", "closed", "closed", runs, (REASON,), effects=("published",)),
        ),
    )  # fmt: skip


@lru_cache
def answer_flow(runs: frozenset[str]) -> Flow:
    """The flow of an answer: given by somebody of a unit or without login, corrected by who gave it (without
    login: by who holds the receipt), withdrawn by who runs the survey."""
    return Flow(
        "answer",
        "答卷",
        states=(State("given", "已收到", "Received", "good"), State("withdrawn", "已作废", "Withdrawn", final=True)),
        steps=(
            Step(
                "give", "填答", "Answer", NOTHING, "given", frozenset(map(str, WORKING)), jobs=True, guards=("running",)
            ),
            Step(
                "correct", "更正", "Correct", "given", "given", relations=frozenset({RESPONDENT}), jobs=True,
                guards=("running",), effects=("replaced",),
            ),
            Step("withdraw", "作废", "Withdraw", "given", "withdrawn", runs or frozenset(DEFAULT), (REASON,)),
        ),
    )  # fmt: skip
