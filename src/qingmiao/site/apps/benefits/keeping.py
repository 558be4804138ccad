"""Rows and the engine's values of a run: worked out from cases and what was paid before; names and accounts sealed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast

from django.db import connection

from qingmiao.benefits.runs import Claim, LineKind, LineState, MonthChange, Payment, RunDraft, draft
from qingmiao.benefits.terms import BenefitTerms, MonthDue, benefit_case, dues, rates_of, rates_set
from qingmiao.content.benefits import Benefit, BenefitStandard
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.benefits.models import BenefitClaim, BenefitPayment, BenefitRun
from qingmiao.site.apps.cases.api import files_of
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records.api import rekeying, sealing

RUN, PAYMENT = "benefits_run", "benefits_payment"
TOLD, TO = "told", "to"
rekeying.seal(
    rekeying.SealedColumn(BenefitRun, "told_sealed", RUN, TOLD),
    rekeying.SealedColumn(BenefitPayment, "to_sealed", PAYMENT, TO),
)


def every() -> dict[str, Benefit]:
    """The county's benefits, by id."""
    return site_pack.pack().entries("benefits", Benefit)


def one_at_a_time() -> None:
    """Until the transaction ends nobody else works out a run: of two, the second sees what the first pays."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('benefits', 0))")


def worked_out(
    reach: Reach, benefit: str, month: date, mark: str, *, beside: int = 0
) -> tuple[RunDraft, dict[int, str]]:
    """The run of a benefit as it would be now, and the names of the children by case. `beside`: a run that is left out
    of what was paid.

    Whatever case this person does not see is left alone: neither paid nor claimed back.
    """
    kinds, names, cases = every(), {}, []
    for kind in kinds.values():
        for file in files_of(reach, kind.programme):
            names[file.number] = str(file.case.values.get("child_name") or "")
            found = benefit_case(kind, str(file.number), file.child, file.case)
            cases += [found] if found is not None else []
    rates = rates_of(site_pack.pack().entries("benefit_standards", BenefitStandard).values())
    for kind in kinds.values():
        if kind.standards is not None:
            rates += rates_set(kind, [f.case for f in files_of(reach, kind.standards.programme)])
    seen = [c.number for c in cases if c.benefit == benefit]
    due = [d for d in dues(kinds, rates, cases, month) if d.benefit == benefit]
    paid, claimed = ledger(benefit, map(int, seen), beside)
    return draft(month, due, paid, claimed, mark=mark), names


def ledger(benefit: str, cases: Iterable[int], beside: int = 0) -> tuple[list[Payment], list[Claim]]:
    """Every payment and claim of cases, but those of one run."""
    of = {"run__benefit": benefit, "case__in": list(cases)}
    paid = [
        payment_of(p, benefit, {}) for p in BenefitPayment.objects.filter(**of).exclude(run=beside).order_by("pk")
    ]  # fmt: skip
    claimed = [
        Claim(str(c.case_id), c.child, benefit, c.month, c.fen)
        for c in BenefitClaim.objects.filter(**of).exclude(run=beside)
    ]  # fmt: skip
    return paid, claimed


def payment_of(row: BenefitPayment, benefit: str, to: Mapping[str, str]) -> Payment:
    """A kept payment as the engine has it; `to`: where it goes, opened."""
    terms = BenefitTerms(
        row.month, row.care, 0, to.get("holder", ""), to.get("account", ""), to.get("bank", "")
    )  # fmt: skip
    return Payment(
        row.reference, str(row.case_id), row.child, benefit, row.month, row.fen, terms, cast(LineKind, row.kind),
        cast(LineState, row.state), row.reason,
    )  # fmt: skip


def write(run: BenefitRun, found: RunDraft, names: Mapping[int, str]) -> None:
    """Keep the payments and claims of a run, and what it tells."""
    for p in found.payments:
        number = sealing.next_row(PAYMENT)
        to = {
            "name": names.get(int(p.case), ""), "holder": p.terms.holder, "account": p.terms.account,
            "bank": p.terms.bank,
        }  # fmt: skip
        BenefitPayment.objects.create(
            id=number, run=run, reference=p.reference, case_id=int(p.case), child=p.child, month=p.month, fen=p.fen,
            care=p.terms.care or "", kind=p.kind,
            to_sealed=sealing.seal(PAYMENT, TO, number, json.dumps(to, ensure_ascii=False)),
        )  # fmt: skip
    BenefitClaim.objects.bulk_create(
        BenefitClaim(run=run, case_id=int(c.case), child=c.child, month=c.month, fen=c.fen) for c in found.claims
    )
    told = json.dumps(_told(found, names), ensure_ascii=False)
    BenefitRun.objects.filter(pk=run.pk).update(told_sealed=sealing.seal(RUN, TOLD, run.pk, told))


def opened(row: BenefitPayment) -> dict[str, str]:
    """The child's name and where a payment goes."""
    found: dict[str, str] = json.loads(sealing.opened(PAYMENT, TO, row.pk, row.to_sealed) or "{}")
    return found


def told(run: BenefitRun) -> dict[str, list[dict[str, Any]]]:
    """Who changed, who was held, and for whom it is the last month, when a run was made."""
    empty: dict[str, list[dict[str, Any]]] = {"changes": [], "held": [], "ending": []}
    found: dict[str, list[dict[str, Any]]] = json.loads(sealing.opened(RUN, TOLD, run.pk, run.told_sealed) or "{}")
    return empty | found


def _told(found: RunDraft, names: Mapping[int, str]) -> dict[str, list[dict[str, Any]]]:
    def side(due: MonthDue | None) -> dict[str, Any] | None:
        return None if due is None else {
            "fen": due.fen, "care": due.terms.care, "account": due.terms.account[-4:], "ends": due.ends
        }  # fmt: skip

    def change(c: MonthChange) -> dict[str, Any]:
        return {
            "case": int(c.case), "name": names.get(int(c.case), ""), "kind": c.kind, "before": side(c.before),
            "now": side(c.now),
        }  # fmt: skip

    held = [
        {"case": int(d.case), "name": names.get(int(d.case), ""), "month": f"{d.month:%Y-%m}", "why": d.held}
        for d in found.held
    ]  # fmt: skip
    ending = [{"case": int(d.case), "name": names.get(int(d.case), ""), "why": d.ends} for d in found.ending]
    return {"changes": [change(c) for c in found.changes], "held": held, "ending": ending}


def same(found: RunDraft, run: BenefitRun) -> bool:
    """Whether a run that was worked out anew is the one that is kept: the same payments to the same accounts, the same
    claims."""
    kept = {
        (p.case_id, p.month, p.fen, *(opened(p).get(k, "") for k in ("holder", "account", "bank")))
        for p in BenefitPayment.objects.filter(run=run)
    }  # fmt: skip
    now = {(int(p.case), p.month, p.fen, p.terms.holder, p.terms.account, p.terms.bank) for p in found.payments}
    claims = {(c.case_id, c.month, c.fen) for c in BenefitClaim.objects.filter(run=run)}
    return kept == now and claims == {(int(c.case), c.month, c.fen) for c in found.claims}
