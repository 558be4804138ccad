"""The life of a return as one table: who may take it from which state to which. The diagram in the docs is printed from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qingmiao.site.apps.directory.roles import Role

FILLERS = frozenset({Role.LIAISON, Role.SUPERVISOR})
"""Who fills in the returns of their own unit, and nobody else's."""


class State(StrEnum):
    """Where a return stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"
    LOCKED = "locked"

    @property
    def zh(self) -> str:
        """Chinese name."""
        return _WORDS[self][0]

    @property
    def en(self) -> str:
        """English name."""
        return _WORDS[self][1]

    @property
    def tone(self) -> str:
        """How a page colours it: good, warn, bad or "" (beside shape and text)."""
        return _WORDS[self][2]


_WORDS = {
    State.DRAFT: ("填报中", "Draft", ""),
    State.SUBMITTED: ("待签发", "To sign", "warn"),
    State.SIGNED: ("待审核", "To audit", "warn"),
    State.SENT_BACK: ("退回待改", "Sent back", "bad"),
    State.ACCEPTED: ("已验收", "Accepted", "good"),
    State.LOCKED: ("已锁定", "Locked", "good"),
}
EDITABLE = frozenset({State.DRAFT, State.SENT_BACK})
FINAL = frozenset({State.ACCEPTED, State.LOCKED})


@dataclass(frozen=True)
class Step:
    """One line of the table: `action` takes a return from `source` to `target`; done by people with one of `roles`."""

    action: str
    zh: str
    en: str
    source: State
    target: State
    roles: frozenset[Role]
    reason: bool = False
    """A reason must be given."""
    new_version: bool = False
    """A new version of the figures begins, as a copy of the one before."""
    back: bool = False
    """The version that was begun is dropped; the accepted one stands again, locked if it was."""


TABLE = (
    Step("submit", "上报", "Submit", State.DRAFT, State.SUBMITTED, FILLERS),
    Step("sign", "签发", "Sign", State.SUBMITTED, State.SIGNED, frozenset({Role.LEADER})),
    Step("send_back", "退回", "Send back", State.SUBMITTED, State.SENT_BACK, frozenset({Role.LEADER}), reason=True),
    Step("accept", "验收", "Accept", State.SIGNED, State.ACCEPTED, frozenset({Role.STATISTICS})),
    Step("send_back", "退回", "Send back", State.SIGNED, State.SENT_BACK, frozenset({Role.STATISTICS}), reason=True),
    Step("resume", "修改", "Resume", State.SENT_BACK, State.DRAFT, FILLERS),
    Step("lock", "锁定", "Lock", State.ACCEPTED, State.LOCKED, frozenset({Role.STATISTICS})),
    Step("correct", "更正", "Correct", State.ACCEPTED, State.DRAFT, FILLERS | {Role.STATISTICS}, reason=True, new_version=True),
    Step("abandon", "撤回更正", "Withdraw the correction", State.DRAFT, State.ACCEPTED, FILLERS | {Role.STATISTICS}, reason=True, back=True),
    Step("correct", "更正", "Correct", State.LOCKED, State.DRAFT, frozenset({Role.STATISTICS}), reason=True, new_version=True),
)  # fmt: skip


def step(action: str, source: str) -> Step | None:
    """The line of the table for an action from a state, or None when there is none."""
    return next((s for s in TABLE if s.action == action and s.source == source), None)


def steps_from(source: str) -> tuple[Step, ...]:
    """What can happen to a return in a state."""
    return tuple(s for s in TABLE if s.source == source)


def diagram() -> str:
    """The table as the page docs/reference/returns-workflow.md."""
    lines = [
        "# 统计报表的流转（returns workflow）",
        "",
        "本页由 `qingmiao.site.apps.returns.workflow` 的一张表打印（`python -m qingmiao.site.apps.returns.workflow`），不要手改。",
        "每一步都要状态和版本与操作人看到的一致（compare-and-set），否则后来的人得到“谁、何时已经做了什么”。",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> draft: 开启填报",
        *(f"    {s.source} --> {s.target}: {s.zh}（{_who(s)}）" for s in TABLE),
        *(f"    {state}: {state.zh}" for state in State),
        "```",
        "",
        "| 动作 | 从 | 到 | 谁 | 要写原因 | 新的一版 |",
        "|---|---|---|---|---|---|",
        *(
            f"| {s.zh} `{s.action}` | {s.source.zh} | {s.target.zh} | {_who(s)} | {'是' if s.reason else ''} | {'是' if s.new_version else ''} |"
            for s in TABLE
        ),
        "",
    ]
    return "\n".join(lines)


def _who(step: Step) -> str:
    return "、".join(r.label for r in Role if r in step.roles)


if __name__ == "__main__":
    print(diagram(), end="")
