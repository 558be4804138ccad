"""What a receiver holds of a sender, and what a package does to it: the newest number wins, whole.

Whatever order packages come in, however often, the receiver ends with the state of the highest number that reached it.
Two packages of one number that differ (a sender restored from a backup) are refused; the receipt says which number is
held, and the sender's next package goes beyond it (`next_number`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from qingmiao.exchange.differences import ExchangeDifference, differences
from qingmiao.exchange.packages import ExchangePackage, SignedReceipt
from qingmiao.exchange.state import CountyState


class Outcome(StrEnum):
    """What became of a package."""

    TAKEN = "taken"
    HELD = "held"
    OLDER = "older"
    FORKED = "forked"

    @property
    def label(self) -> str:
        """Chinese."""
        return {
            "taken": "已收", "held": "已有（重复的一份）", "older": "已有更新的，这份不用", "forked": "同号不同内容，没有收",
        }[self.value]  # fmt: skip


@dataclass(frozen=True)
class HeldState:
    """The newest state of a sender."""

    number: int
    digest: str
    made_at: str
    state: CountyState


@dataclass(frozen=True)
class TakenPackage:
    """What a package did: what is held now, the receipt, and what it changed."""

    held: HeldState
    receipt: SignedReceipt
    outcome: Outcome
    changed: tuple[ExchangeDifference, ...]


def take(held: HeldState | None, package: ExchangePackage, *, at: str) -> TakenPackage:
    """Take a package that `open_package` has let through."""
    came = HeldState(package.number, package.digest, package.made_at, package.state)
    changed: tuple[ExchangeDifference, ...] = ()
    if held is None or package.number > held.number:
        outcome, now = Outcome.TAKEN, came
        changed = differences(None if held is None else held.state, package.state)
    elif package.number < held.number:
        outcome, now = Outcome.OLDER, held
    else:
        outcome, now = (Outcome.HELD if package.digest == held.digest else Outcome.FORKED), held
    receipt = SignedReceipt(package.sender, package.receiver, outcome.value, now.number, now.digest, at)
    return TakenPackage(now, receipt, outcome, changed)


def next_number(sent: Iterable[int], receipts: Iterable[SignedReceipt]) -> int:
    """The number of the next package: beyond all that were sent and all that the receiver says it holds."""
    return 1 + max([0, *sent, *(r.number for r in receipts)])
