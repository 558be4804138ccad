"""How every case goes through its door, whatever its programme: open, ended, sealed. The programme's own states and
steps are judged behind it (`casework.deciding`)."""

from __future__ import annotations

from qingmiao.flow import NOTHING, Flow, State, Step

OPEN, ENDED, SEALED = "open", "ended", "sealed"
OPENS, HANDLES, RECEIVES = "opens", "handles", "receives"
"""Relations: may open a case of the programme; sees it whole; received a referral of it."""


def _step(name: str, zh: str, en: str, source: str, target: str, *relations: str) -> Step:
    """A line; what a programme lets the system do (`job: true`) goes by the same, but for answers to referrals."""
    return Step(
        name, zh, en, source, target, relations=frozenset(relations),
        guards=("programme",), effects=("kept",), jobs=RECEIVES not in relations,
    )  # fmt: skip


CASE = Flow(
    "case",
    "个案",
    (
        State(OPEN, "在办", "open", "warn"),
        State(ENDED, "已结案", "ended", "good", final=True),
        State(SEALED, "已封存", "sealed", final=True),
    ),
    (
        _step("open", "受理", "opened", NOTHING, OPEN, OPENS),
        _step("work", "办理", "worked on", OPEN, OPEN, HANDLES),
        _step("close", "办到结束", "brought to its end", OPEN, ENDED, HANDLES),
        _step("follow", "结案后办理", "worked on after its end", ENDED, ENDED, HANDLES),
        _step("reopen", "重新办理", "reopened", ENDED, OPEN, HANDLES),
        _step("seal", "封存", "sealed", OPEN, SEALED, HANDLES),
        _step("seal", "封存", "sealed", ENDED, SEALED, HANDLES),
        _step("answer", "答复转介", "referral answered", OPEN, OPEN, RECEIVES),
        _step("answer", "答复转介", "referral answered", ENDED, ENDED, RECEIVES),
    ),
)
"""The flow of cases at their door."""
BY_END = {(OPEN, OPEN): "work", (OPEN, ENDED): "close", (ENDED, ENDED): "follow", (ENDED, OPEN): "reopen"}
"""Where a case stands before and after a step of its programme → the door's step."""
