"""Runs of benefits: what is paid is what is due, in whole fen, never twice, until the month of the eighteenth birthday;
what came back is paid again, what was too much is claimed back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from qingmiao.benefits.runs import Claim, Payment, RunDraft, changes, draft
from qingmiao.benefits.terms import (
    BenefitCase,
    BenefitRate,
    BenefitTerms,
    benefit_case,
    dues,
    fen_of,
    rates_of,
    rates_set,
)
from qingmiao.casework.case import CaseFile
from qingmiao.casework.deciding import take
from qingmiao.casework.playing import read_script
from qingmiao.casework.ready import prepare_programme
from qingmiao.content.base import EvidenceMark, Source
from qingmiao.content.benefits import Benefit, BenefitStandard
from qingmiao.content.load import load_pack
from qingmiao.content.pack import Pack
from qingmiao.kernel.days import add_months

ROOT = Path(__file__).parents[3]
SOURCE = Source(evidence=EvidenceMark.PROPOSAL, note="made up")
START = date(2025, 1, 1)


@cache
def china() -> Pack:
    return load_pack(ROOT / "content/china")


def benefits() -> dict[str, Benefit]:
    return china().entries("benefits", Benefit)


def standard(care: str, yuan: str, since: date | None = None, until: date | None = None) -> BenefitStandard:
    return BenefitStandard(
        id=f"{care}{yuan}", benefit="orphan_allowance", care=care, yuan=Decimal(yuan), valid_from=since, valid_to=until,
        source=SOURCE,
    )  # fmt: skip


STANDARDS = rates_of([
    standard("institution", "1500.55", until=date(2025, 12, 31)), standard("institution", "1600", date(2026, 1, 1)),
    standard("scattered", "1000.01", until=date(2025, 6, 30)), standard("scattered", "1100.10", date(2025, 7, 1)),
])  # fmt: skip


def orphan(number: str, first: date, last: date | None = None, **terms: Any) -> BenefitCase:
    told = {"care": "scattered", "holder": "演示户名", "account": "01"} | terms
    return BenefitCase(number, f"child{number}", "orphan_allowance", first, last, (BenefitTerms(first, **told),))


def played(script: str) -> CaseFile:
    """The case at the end of a programme's script."""
    told = yaml.safe_load((ROOT / f"content/china/tests/programmes/{script}.yaml").read_text("utf-8"))
    for line in told:
        line.pop("expect", None)
    ready = prepare_programme(china(), script.partition(".")[0])
    case = CaseFile(ready.programme.id)
    for line in read_script(told):
        case = take(ready, case, line.do, line.by, line.at, line.answers, confirmed_by=line.second).case
    return case


def test_a_case_is_paid_by_what_its_steps_said_of_each_month() -> None:
    case = benefit_case(benefits()["orphan_allowance"], "1", "child", played("orphan.changed"))
    assert case is not None
    assert (case.first, case.last) == (date(2026, 4, 1), date(2027, 1, 1))
    found = dues(benefits(), STANDARDS, [case], date(2027, 6, 1))
    assert [d.month.month for d in found] == [4, 5, 6, 7, 8, 9, 10, 11, 12, 1]
    assert [d.fen for d in found] == [160000] * 4 + [110010] * 6  # with relatives from the month after the step
    assert [d.terms.account for d in found] == ["0100000001"] * 5 + ["0100000002"] * 5  # from the month that it said


def test_what_is_due_of_one_child_stands_in_the_order_of_the_cases_numbers() -> None:
    cases = [replace(orphan(n, date(2026, 4, 1)), child="child") for n in ("100", "9", "10")]
    found = dues(benefits(), STANDARDS, cases, date(2026, 4, 1))
    assert [d.case for d in found] == ["9", "10", "100"]


def test_other_aid_is_taken_off_only_while_the_difference_is_paid() -> None:
    case = benefit_case(benefits()["unattended_allowance"], "1", "child", played("defacto_unattended.difference"))
    assert case is not None
    assert case.last == date(2033, 5, 1)
    rate = standard("scattered", "1100.10").model_copy(update={"benefit": "unattended_allowance"})
    found = dues(benefits(), rates_of([rate]), [case], date(2026, 10, 1))
    assert [d.fen for d in found] == [110010 - 32050] * 5 + [110010] * 2
    less_than_the_aid = rate.model_copy(update={"yuan": Decimal("300")})
    assert dues(benefits(), rates_of([less_than_the_aid]), [case], date(2026, 4, 1))[0].fen == 0


def test_a_case_that_is_not_paid_yet_gives_no_right() -> None:
    assert benefit_case(benefits()["orphan_allowance"], "1", "child", played("orphan.refused")) is None


@pytest.mark.parametrize(
    ("born", "last"),
    [
        (date(2008, 2, 29), date(2026, 2, 1)), (date(2008, 5, 1), date(2026, 5, 1)),
        (date(2008, 5, 31), date(2026, 5, 1)), (date(2008, 12, 31), date(2026, 12, 1)),
    ],
)  # fmt: skip
def test_the_month_of_the_eighteenth_birthday_is_the_last(born: date, last: date) -> None:
    whole = played("orphan.changed")
    upto = [t for t in whole.history if t.at.year == 2026]
    values = {**whole.values, "child_birth_date": born, "first_month": date(2025, 1, 1)} | {"last_month": None}
    case = benefit_case(
        benefits()["orphan_allowance"], "1", "child",
        replace(whole, state="paying", values=values, history=tuple(upto)),
    )  # fmt: skip
    assert case is not None
    assert case.last == last
    found = dues(benefits(), STANDARDS, [case], date(2030, 1, 1))
    assert max(d.month for d in found) == last


def test_what_is_missing_holds_a_month_and_says_why() -> None:
    first = date(2025, 3, 1)
    held = {
        d.case: d.held
        for d in dues(
            benefits(), STANDARDS[1:],
            [orphan("1", first, care="institution"), orphan("2", first, care=None), orphan("3", first, account=""),
             orphan("4", first)],
            first,
        )
    }  # fmt: skip
    assert "没有标准" in held["1"]
    assert "安置方式" in held["2"]
    assert "账户" in held["3"]
    assert held["4"] == ""


def test_two_cases_of_a_child_are_both_held_in_the_months_that_they_share() -> None:
    one = orphan("1", date(2025, 1, 1), date(2025, 3, 1))
    other = replace(orphan("2", date(2025, 3, 1)), child=one.child)
    found = dues(benefits(), STANDARDS, [one, other], date(2025, 4, 1))
    assert [(d.case, d.month.month, d.fen is None) for d in found] == [
        ("1", 1, False), ("1", 2, False), ("1", 3, True), ("2", 3, True), ("2", 4, False),
    ]  # fmt: skip


def test_who_is_new_changed_and_stopped_is_told() -> None:
    june = date(2025, 6, 1)
    cases = [
        orphan("1", START), orphan("2", june), orphan("3", START, date(2025, 5, 1)),
        replace(orphan("4", START), terms=(
            BenefitTerms(START, "scattered", 0, "演示户名", "01"), BenefitTerms(june, "scattered", 0, "演示户名", "02"),
        )),
        orphan("5", START, care="institution"),
    ]  # fmt: skip
    told = {c.case: c.kind for c in changes(june, dues(benefits(), STANDARDS, cases, june))}
    assert told == {"2": "new", "3": "stopped", "4": "changed"}
    july = {c.case: c.kind for c in changes(date(2025, 7, 1), dues(benefits(), STANDARDS, cases, date(2025, 7, 1)))}
    assert july == {"1": "changed", "2": "changed", "4": "changed"}  # another standard


def test_what_came_back_is_paid_again_and_what_was_too_much_is_claimed_back() -> None:
    cases = [orphan("1", START), orphan("2", START)]
    first = draft(START, dues(benefits(), STANDARDS, cases, START), [], [], mark="A")
    back = [replace(p, state="bounced" if p.case == "1" else "paid", reason="账号错误") for p in first.payments]
    second = draft(date(2025, 2, 1), dues(benefits(), STANDARDS, cases, date(2025, 2, 1)), back, [], mark="B")
    assert [(p.case, p.month.month, p.kind) for p in second.payments] == [
        ("1", 1, "again"), ("1", 2, "current"), ("2", 2, "current"),
    ]  # fmt: skip
    died = [cases[0], replace(cases[1], last=START)]
    ledger = [*back, *second.payments]
    third = draft(date(2025, 3, 1), dues(benefits(), STANDARDS, died, date(2025, 3, 1)), ledger, [], mark="C")
    assert third.claims == (Claim("2", "child2", "orphan_allowance", date(2025, 2, 1), 100001),)
    assert third.fen == 100001
    assert third.children == 1
    never = draft(date(2025, 3, 1), dues(benefits(), STANDARDS, cases[:1], date(2025, 3, 1)), ledger, [], mark="C")
    assert [c.month.month for c in never.claims] == [1, 2]  # the right has gone altogether


FIRSTS = st.integers(0, 11).map(lambda n: add_months(START, n))
CASES = st.lists(
    st.tuples(FIRSTS, st.one_of(st.none(), st.integers(-1, 12)), st.sampled_from(["scattered", "institution"]),
              st.integers(0, 120000)),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(CASES, st.lists(st.tuples(st.integers(0, 5), st.integers(0, 14)), max_size=4), st.randoms(use_true_random=False))
def test_after_every_run_what_was_paid_is_what_is_due(
    given_cases: list[tuple[date, int | None, str, int]], cuts: list[tuple[int, int]], chance: Any
) -> None:
    """Months go by; cases are cut short after the fact; the bank sends payments back: in the end the books agree."""
    cases = {
        str(n): orphan(str(n), first, add_months(first, last) if last is not None else None, care=care, less=less)
        for n, (first, last, care, less) in enumerate(given_cases)
    }  # fmt: skip
    paid: list[Payment] = []
    claimed: list[Claim] = []
    for n in range(16):
        month = add_months(START, n)
        for which, when in cuts:
            if when == n and str(which) in cases:
                one = cases[str(which)]
                cases[str(which)] = replace(one, last=add_months(month, -chance.randint(0, 3)))
        due = dues(benefits(), STANDARDS, cases.values(), month)
        run = draft(month, due, paid, claimed, mark=f"{n}-")
        assert all(p.fen > 0 for p in run.payments)
        assert max(Counter((p.case, p.month) for p in run.payments).values(), default=1) == 1
        paid, claimed = [*paid, *run.payments], [*claimed, *run.claims]
        _agree(due, paid, claimed)
        assert draft(month, due, paid, claimed, mark="x") == RunDraft(month, (), (), run.held, run.changes)
        paid = [
            replace(p, state="bounced" if chance.random() < 0.2 else "paid") if p.state == "open" else p for p in paid
        ]  # fmt: skip
    due = dues(benefits(), STANDARDS, cases.values(), add_months(START, 15))
    last = draft(add_months(START, 15), due, paid, claimed, mark="end-")
    paid, claimed = [*paid, *last.payments], [*claimed, *last.claims]
    _agree(due, paid, claimed)
    whole = sum(p.fen for p in paid if p.state != "bounced") - sum(c.fen for c in claimed)
    assert whole == sum(d.fen or 0 for d in due)


def _agree(due: list[Any], paid: list[Payment], claimed: list[Claim]) -> None:
    books: Counter[tuple[str, date]] = Counter()
    for p in paid:
        books[p.case, p.month] += p.fen if p.state != "bounced" else 0
    for c in claimed:
        books[c.case, c.month] -= c.fen
    assert {k: v for k, v in books.items() if v} == {(d.case, d.month): d.fen for d in due if d.fen}


def test_yuan_become_whole_fen() -> None:
    assert [fen_of(x) for x in (None, "", 0, 0.1, 320.5, "1100.10", 19.99)] == [0, 0, 0, 10, 32050, 110010, 1999]


def test_the_countys_cases_set_standards_and_the_later_one_holds() -> None:
    orphans = benefits()["orphan_allowance"]
    assert rates_set(orphans, [played("child_benefit_pay.standard"), played("child_benefit_pay.clean")]) == [
        BenefitRate("orphan_allowance", "institution", 2000, date(2026, 1, 1)),
        BenefitRate("orphan_allowance", "scattered", 1000, date(2026, 1, 1)),
    ]  # fmt: skip
    assert rates_set(benefits()["unattended_allowance"], [played("child_benefit_pay.standard")]) == []
    rates = [BenefitRate("orphan_allowance", "scattered", fen, date(2026, m, 1)) for fen, m in ((5, 1), (6, 3), (7, 3))]
    found = dues(benefits(), rates, [orphan("1", date(2026, 1, 1))], date(2026, 4, 1))
    assert [d.fen for d in found] == [5, 5, 7, 7]


def test_june_for_214_children() -> None:
    """The day of the issue: six changed, the file goes out, two come back and are paid again."""
    june = date(2026, 6, 1)
    cases = {str(n): orphan(str(n), START, account=f"{n:05d}") for n in range(210)}
    cases |= {str(n): orphan(str(n), june) for n in range(210, 214)}  # four new
    cases["214"] = orphan("214", START, date(2026, 5, 1))  # one stopped in May
    moved = BenefitTerms(june, "institution", 0, "演示机构", "9")
    cases["7"] = replace(cases["7"], terms=(*cases["7"].terms, moved))
    paid: list[Payment] = []
    for n in range(17):
        month = add_months(START, n)
        paid += draft(month, dues(benefits(), STANDARDS, cases.values(), month), paid, [], mark=f"{n}-").payments
    paid = [replace(p, state="paid") for p in paid]
    due = dues(benefits(), STANDARDS, cases.values(), june)
    run = draft(june, due, paid, [], mark="june-")
    assert run.children == len(run.payments) == 214
    assert run.fen == 213 * 110010 + 160000
    assert Counter(c.kind for c in run.changes) == {"new": 4, "stopped": 1, "changed": 1}
    assert (len(run.claims), len(run.held)) == (0, 0)
    back = {run.payments[3].reference, run.payments[200].reference}
    booked = [replace(p, state="bounced" if p.reference in back else "paid") for p in run.payments]
    again = draft(june, due, [*paid, *booked], [], mark="june-2-")
    assert {p.case for p in again.payments} == {p.case for p in booked if p.state == "bounced"}
    assert [p.kind for p in again.payments] == ["again", "again"]
