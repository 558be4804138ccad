"""The flow of a register's entries, made from its content: who enters, who keeps, what the states are called."""

from __future__ import annotations

from qingmiao.content.registers import KeptState, RegisterKind
from qingmiao.flow import NOTHING, Flow, Step
from qingmiao.flow.table import REASON, State

KEEPS, ENTERS, EXCUSES = "keeps", "enters", "excuses"
"""How somebody stands to an entry: a person of the keeper with a role of `kept_by`; of a unit that enters for its own
area; whoever may excuse a minimum."""
LIVE: tuple[KeptState, ...] = ("pending", "open", "suspended")
"""An entry that takes part: its key is taken."""
COUNTED: tuple[KeptState, ...] = ("open", "suspended")
"""What the register holds; only `open` ones count towards numbers."""
WORDED = ("suspend", "resume", "close", "merge", "cancel", "excuse")
"""Steps that are taken with a reason and no form."""
_TONES = {"pending": "warn", "open": "good", "suspended": "warn"}
_ENDS = ("closed", "merged", "cancelled")


def flow_of(kind: RegisterKind) -> Flow:
    """The flow: entered (and confirmed by the keeper where another unit entered it), changed, confirmed once a year,
    suspended and taken up again, closed, merged, cancelled as entered by mistake."""
    states = tuple(
        State(s, kind.state(s).zh, kind.state(s).en or kind.state(s).zh, _TONES.get(s, ""), final=s in _ENDS)
        for s in (*(("pending",) if kind.entered_by else ()), "open", "suspended", *_ENDS)
    )
    both, keeps = frozenset({KEEPS, ENTERS}), frozenset({KEEPS})
    kept, judged = ("kept",), ("unique_here", "whole")
    steps = [
        Step("enter", "登记", "enter", NOTHING, "open", relations=keeps, guards=judged, effects=kept),
        *(
            Step("change", "变更", "change", s, s, relations=both, guards=judged, effects=kept)
            for s in ("open", "suspended")
        ),
        Step("renew", "年度确认", "confirm for the year", "open", "open", relations=both, guards=("not_yet_confirmed",),
            effects=("renewed", *kept)),
        Step("suspend", "暂停", "suspend", "open", "suspended", asks=(REASON,), relations=keeps, effects=kept),
        Step("resume", "恢复", "take up again", "suspended", "open", asks=(REASON,), relations=keeps, effects=kept),
        Step("excuse", "说明缺额", "excuse", "open", "open", asks=(REASON,), relations=frozenset({EXCUSES}),
            guards=("names_minimum",), effects=("excused",)),
        *(
            Step(name, label, en, s, target, asks=(REASON,), relations=keeps, guards=guards, effects=kept)
            for name, label, en, target, guards in (
                ("close", "注销", "close", "closed", ("nothing_hangs",)),
                ("merge", "并入", "merge", "merged", ("merges_into",)),
                ("cancel", "作废", "cancel", "cancelled", ("nothing_within",)),
            )
            for s in ("open", "suspended")
        ),
    ]  # fmt: skip
    if kind.entered_by:
        enters = frozenset({ENTERS})
        steps += [
            Step("propose", "登记（待确认）", "enter, to be confirmed", NOTHING, "pending", relations=enters,
                guards=judged, effects=kept),
            Step("change", "变更", "change", "pending", "pending", relations=both, guards=judged, effects=kept),
            Step("confirm", "确认", "confirm", "pending", "open", relations=keeps, guards=("whole",), effects=kept),
            Step("cancel", "作废", "cancel", "pending", "cancelled", asks=(REASON,), relations=both,
                guards=("nothing_within",), effects=kept),
        ]  # fmt: skip
    return Flow(f"register.{kind.id}", kind.label.zh, states, tuple(steps))
