"""A run: what is paid now, what was paid too much, who is new, changed or stopped.

A run brings what was paid for every month up to its own to what is due: what is missing is paid (arrears, and what came
back), what was paid too much is claimed back. So a second run of the same month finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from qingmiao.benefits.terms import BenefitTerms, MonthDue
from qingmiao.kernel.days import add_months

LineState = Literal["open", "paid", "bounced"]
LineKind = Literal["current", "arrears", "again"]
KIND_WORDS = {"current": "当月", "arrears": "补发", "again": "退款补发"}
"""What a payment is for, in Chinese."""


@dataclass(frozen=True)
class Payment:
    """A payment of a run for one month of one case, with the mark by which the bank's answer is known again.

    `open`: on its way; `bounced`: it came back, and counts as not paid.
    """

    reference: str
    case: str
    child: str
    benefit: str
    month: date
    fen: int
    terms: BenefitTerms
    kind: LineKind = "current"
    state: LineState = "open"
    reason: str = ""


@dataclass(frozen=True)
class Claim:
    """What was paid too much for a month and is claimed back (追回), whether it has come back yet or not."""

    case: str
    child: str
    benefit: str
    month: date
    fen: int


@dataclass(frozen=True)
class MonthChange:
    """How a child's month differs from the month before: "new", "stopped", "changed" (amount, place or account)."""

    kind: Literal["new", "stopped", "changed"]
    before: MonthDue | None
    now: MonthDue | None

    @property
    def case(self) -> str:
        """The number of the case."""
        one = self.now or self.before
        assert one is not None
        return one.case


@dataclass(frozen=True)
class RunDraft:
    """A run worked out and not yet sent."""

    month: date
    payments: tuple[Payment, ...]
    claims: tuple[Claim, ...]
    held: tuple[MonthDue, ...]
    changes: tuple[MonthChange, ...]
    ending: tuple[MonthDue, ...] = ()
    """Those for whom the run's month is the last one."""

    @property
    def fen(self) -> int:
        """The sum of its payments."""
        return sum(p.fen for p in self.payments)

    @property
    def children(self) -> int:
        """How many children are paid."""
        return len({p.child for p in self.payments})


def draft(
    month: date,
    due: Sequence[MonthDue],
    paid: Iterable[Payment],
    claimed: Iterable[Claim],
    *,
    mark: str,
) -> RunDraft:
    """The run of a month (its first day). `due`: all rights up to it (`terms.dues`); `paid`, `claimed`: every payment
    and claim of earlier runs; `mark`: what the run's references begin with, its own.

    A month that is held is left as it was paid: neither paid nor claimed back until it is settled. A month without a
    right that was paid is claimed back.
    """
    earlier, settled = list(paid), list(claimed)
    net: dict[tuple[str, date], int] = {}
    for p in earlier:
        net[p.case, p.month] = net.get((p.case, p.month), 0) + (p.fen if p.state != "bounced" else 0)
    for c in settled:
        net[c.case, c.month] = net.get((c.case, c.month), 0) - c.fen
    returned = {(p.case, p.month) for p in earlier if p.state == "bounced"}
    rights = {(d.case, d.month): d for d in due if d.month <= month}
    payments: list[Payment] = []
    claims: list[Claim] = []
    for key, one in rights.items():
        if one.fen is None:
            continue
        missing = one.fen - net.get(key, 0)
        if missing > 0:
            kind: LineKind = "again" if key in returned else "current" if one.month == month else "arrears"
            reference = f"{mark}{len(payments) + 1:05d}"
            payments.append(
                Payment(reference, one.case, one.child, one.benefit, one.month, missing, one.terms, kind)
            )  # fmt: skip
        elif missing < 0:
            claims.append(Claim(one.case, one.child, one.benefit, one.month, -missing))
    gone: dict[tuple[str, date], Payment] = {(p.case, p.month): p for p in earlier}
    for key, last in gone.items():
        if key not in rights and net[key] > 0:
            claims.append(Claim(last.case, last.child, last.benefit, last.month, net[key]))
    held = tuple(d for d in rights.values() if d.fen is None)
    ending = tuple(d for d in rights.values() if d.month == month and d.ends)
    return RunDraft(month, tuple(payments), tuple(claims), held, changes(month, due), ending)


def changes(month: date, due: Iterable[MonthDue]) -> tuple[MonthChange, ...]:
    """Whose month differs from the month before: new, stopped, or another amount, place, account or standing."""
    before_month = add_months(month, -1)
    now: dict[str, MonthDue] = {}
    before: dict[str, MonthDue] = {}
    for one in due:
        if one.month == month:
            now[one.case] = one
        elif one.month == before_month:
            before[one.case] = one
    found: list[MonthChange] = []
    for case in sorted(now.keys() | before.keys()):
        old, new = before.get(case), now.get(case)
        if old is None or new is None:
            found.append(MonthChange("new" if old is None else "stopped", old, new))
        elif _shown(old) != _shown(new):
            found.append(MonthChange("changed", old, new))
    return tuple(found)


def _shown(one: MonthDue) -> tuple[object, ...]:
    return one.fen, one.terms.care, one.terms.holder, one.terms.account, one.terms.bank, one.held
