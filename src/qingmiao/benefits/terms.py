"""What a case gives a right to, month by month, as it is known now: also for months that are past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from qingmiao.casework.case import CaseFile
from qingmiao.content.benefits import FEN, Benefit, BenefitStandard
from qingmiao.kernel.days import add_months


@dataclass(frozen=True)
class BenefitRate:
    """How many fen a month a benefit is in a place of care, from a month on (its first day) until another one or
    `last`."""

    benefit: str
    care: str
    fen: int
    first: date
    last: date | None = None


@dataclass(frozen=True)
class BenefitTerms:
    """On what terms a case is paid from a month on. `care`: the place of care, None where no standard belongs to it;
    `less`: fen a month of other aid that is taken off; `holder`, `account`, `bank`: where the money goes."""

    month: date
    care: str | None
    less: int = 0
    holder: str = ""
    account: str = ""
    bank: str = ""


@dataclass(frozen=True)
class BenefitCase:
    """A case as a run sees it. `child`: one mark for one child over all its cases; `first`, `last`: the first days of
    the first and last month with a right (`last` None: no end is known); `terms`: oldest first."""

    number: str
    child: str
    benefit: str
    first: date
    last: date | None
    terms: tuple[BenefitTerms, ...]
    why_last: str = ""
    """Why there is no right after `last`, in Chinese."""

    def holds_in(self, month: date) -> bool:
        """Whether there is a right in a month (its first day)."""
        return self.first <= month and (self.last is None or month <= self.last)

    def at(self, month: date) -> BenefitTerms:
        """The terms of a month: the last that began by then, else the first ones."""
        return next((t for t in reversed(self.terms) if t.month <= month), self.terms[0])


@dataclass(frozen=True)
class MonthDue:
    """What is due to a child for a month. `fen` None: not to be paid yet, and `held` says why in Chinese; `ends`: why
    this is the last month, in Chinese, "" where it is not."""

    case: str
    child: str
    benefit: str
    month: date
    fen: int | None
    terms: BenefitTerms
    held: str = ""
    ends: str = ""


def month_of(day: date) -> date:
    """The first day of the month of a day."""
    return day.replace(day=1)


def benefit_case(benefit: Benefit, number: str, child: str, case: CaseFile) -> BenefitCase | None:
    """A case of the benefit's programme as a run sees it; None while it gives no right yet: payment has not begun, or
    no first month is known.

    The month in which `until_age` is reached is the last one, whatever the case says; a birth on 29 February is reached
    in February. A case that has left the paid states without a last month gives no right from the month after.
    """
    begun = [t for t in case.history if t.target in benefit.paid_in]
    first = case.values.get(benefit.first_month)
    if not begun or not isinstance(first, date):
        return None
    ends: list[tuple[date, str]] = []
    last, born = case.values.get(benefit.last_month), case.values.get(benefit.born)
    if isinstance(last, date):
        ends.append((month_of(last), "个案写明的最后一个月"))
    elif case.state not in benefit.paid_in:
        ends.append((month_of(case.history[-1].at.date()), "个案已停止"))
    if benefit.until_age is not None and isinstance(born, date):
        ends.append((date(born.year + benefit.until_age, born.month, 1), f"满{benefit.until_age}周岁"))
    start = month_of(first)
    return BenefitCase(
        number, child, benefit.id, start, min(ends)[0] if ends else None, tuple(_terms(benefit, case, start)),
        min(ends)[1] if ends else "",
    )  # fmt: skip


def _terms(benefit: Benefit, case: CaseFile, start: date) -> Iterator[BenefitTerms]:
    """The terms in the order of their months: as known when payment began, then each change."""
    watched = {n for n, at in benefit.fields() if at[0] in ("place", "less", "account")}
    known: dict[str, Any] = {}
    found: dict[date, BenefitTerms] = {}
    paid = False
    for taken in case.history:
        known |= taken.values
        if not paid and taken.target not in benefit.paid_in:
            continue
        if paid and not watched & set(taken.values):
            continue
        month = start
        if paid:
            said = taken.values.get(benefit.changes_from or "")
            month = max(month_of(said) if isinstance(said, date) else add_months(month_of(taken.at.date()), 1), start)
        found = {m: t for m, t in found.items() if m < month}  # a later word about these months stands
        found[month] = _of(benefit, known, month)
        paid = True
    yield from found.values()


def _of(benefit: Benefit, known: Mapping[str, Any], month: date) -> BenefitTerms:
    less = 0
    if benefit.less is not None and all(known.get(f) == code for f, code in benefit.less.only.items()):
        less = fen_of(known.get(benefit.less.field))
    return BenefitTerms(
        month,
        benefit.care_of(known.get(benefit.place or "")),
        less,
        str(known.get(benefit.account.holder) or ""),
        str(known.get(benefit.account.number) or ""),
        str(known.get(benefit.account.bank or "") or ""),
    )


def fen_of(yuan: object) -> int:
    """Yuan as stored in a form, in whole fen, half a fen up; nothing is 0."""
    if yuan is None or yuan == "":
        return 0
    return int((Decimal(str(yuan)) * FEN).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def rates_of(standards: Iterable[BenefitStandard]) -> list[BenefitRate]:
    """The standards of content as rates."""
    return [
        BenefitRate(s.benefit, s.care, s.fen, month_of(s.valid_from or date.min), s.valid_to) for s in standards
    ]  # fmt: skip


def rates_set(benefit: Benefit, cases: Iterable[CaseFile]) -> list[BenefitRate]:
    """The rates that cases of the county set for a benefit, in the order of the cases."""
    rule = benefit.standards
    if rule is None:
        return []
    found = []
    for case in cases:
        since = case.values.get(rule.since)
        fits = case.state in rule.set_in and all(case.values.get(f) == code for f, code in rule.only.items())
        if fits and isinstance(since, date):
            found += [
                BenefitRate(benefit.id, care, fen, month_of(since))
                for care, name in rule.amounts.items()
                if (fen := fen_of(case.values.get(name)))
            ]
    return found


def rate_at(rates: Iterable[BenefitRate], benefit: str, care: str, month: date) -> BenefitRate | None:
    """The rate of a month: of those that hold the one that began last; of two of one month, the later said."""
    holding = [
        r for r in rates
        if (r.benefit, r.care) == (benefit, care) and r.first <= month and (r.last is None or month <= r.last)
    ]  # fmt: skip
    return max(reversed(holding), key=lambda r: r.first, default=None)


def dues(
    benefits: Mapping[str, Benefit], rates: Iterable[BenefitRate], cases: Iterable[BenefitCase], until: date
) -> list[MonthDue]:
    """What is due for every month with a right up to `until` (a month's first day), by child and month.

    Held, not paid: a month without a standard or place of care, without an account, and a month for which another case
    of the same child has a right too (one benefit a child and month).
    """
    known = list(rates)
    found = [
        _due(benefits[case.benefit], known, case, month) for case in cases for month in months(case, until)
    ]  # fmt: skip
    rights: dict[tuple[str, date], int] = {}
    for one in found:
        rights[one.child, one.month] = rights.get((one.child, one.month), 0) + 1
    return sorted(
        (_twice(one) if rights[one.child, one.month] > 1 else one for one in found),
        key=lambda d: (d.child, d.month, len(d.case), d.case),  # numbers as text: 9 before 10
    )  # fmt: skip


def months(case: BenefitCase, until: date) -> Iterator[date]:
    """The first days of the months with a right, up to `until`."""
    month = case.first
    while month <= until and case.holds_in(month):
        yield month
        month = add_months(month, 1)


def _due(benefit: Benefit, rates: Iterable[BenefitRate], case: BenefitCase, month: date) -> MonthDue:
    terms = case.at(month)
    rate = rate_at(rates, benefit.id, terms.care, month) if terms.care is not None else None
    held = ""
    if terms.care is None:
        held = "安置方式没有对应的标准，请核对安置方式"
    elif rate is None:
        held = f"{month:%Y年%m月}「{benefit.care[terms.care].label}」没有标准，请先公布标准"
    elif not terms.account or not terms.holder:
        held = "没有领取账户或户名，请在个案里补齐"
    fen = max(rate.fen - terms.less, 0) if rate is not None and not held else None
    return MonthDue(
        case.number, case.child, benefit.id, month, fen, terms, held, case.why_last if month == case.last else ""
    )


def _twice(due: MonthDue) -> MonthDue:
    told = "同一名儿童这个月在两个个案里都有待遇，请先停掉一个"
    return MonthDue(due.case, due.child, due.benefit, due.month, None, due.terms, told, due.ends)
