"""How a run of a benefit goes: worked out, released by another person, handed to the bank, its answer booked."""

from __future__ import annotations

from qingmiao.flow import NOTHING, Flow, State, Step
from qingmiao.flow.table import REASON

PAYS, RELEASES = "pays", "releases"
"""Relations: holds over the run's unit one of the roles that the benefit names."""
UNDER_WAY = ("draft", "released")
"""The states of a run that is not with the bank yet: there is one of a benefit at a time."""

BENEFIT_RUN = Flow(
    "benefit_run",
    "发放批次",
    (
        State("draft", "待复核", "to be released", "warn"),
        State("released", "待送银行", "to be handed to the bank", "warn"),
        State("sent", "等回盘", "with the bank", "warn"),
        State("booked", "已登记结果", "booked", "good", final=True),
        State("dropped", "已作废", "dropped", final=True),
    ),
    (
        Step(
            "make", "生成发放批次", "made", NOTHING, "draft", relations=frozenset({PAYS}), guards=("some",),
            effects=("worked_out",),
        ),
        Step(
            "release", "复核放行", "release", "draft", "released", relations=frozenset({RELEASES}),
            guards=("another_releases", "unchanged"),
        ),
        Step(
            "drop", "作废", "drop", "draft", "dropped", relations=frozenset({PAYS}), asks=(REASON,), effects=("dropped",)
        ),
        Step(
            "drop", "作废", "drop", "released", "dropped", relations=frozenset({PAYS}), asks=(REASON,),
            effects=("dropped",),
        ),
        Step("hand_over", "登记已送银行", "hand over", "released", "sent", relations=frozenset({PAYS})),
        Step(
            "book", "登记回盘", "book the answer", "sent", "booked", relations=frozenset({PAYS}), guards=("answered",),
            effects=("answered",),
        ),
        Step("settle", "登记追回结果", "book a claim", "sent", "sent", relations=frozenset({PAYS}), effects=("settled",)),
        Step(
            "settle", "登记追回结果", "book a claim", "booked", "booked", relations=frozenset({PAYS}), effects=("settled",)
        ),
    ),
)  # fmt: skip
"""The flow of runs at their door."""
