"""The door of runs: who makes and who releases them, what must hold, what each step lets follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from qingmiao.benefits.bank import BankAnswer
from qingmiao.benefits.runs import RunDraft
from qingmiao.flow import Guard, Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.benefits import keeping
from qingmiao.site.apps.benefits.models import BenefitClaim, BenefitPayment, BenefitRun
from qingmiao.site.apps.benefits.workflow import BENEFIT_RUN, PAYS, RELEASES
from qingmiao.site.apps.directory.doors import Doing, Door, next_version, register
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach

DRAFT, NAMES, ANSWERS, CLAIM, RESULT = "draft", "names", "answers", "claim", "result"
"""Under these names the answers of a step carry what goes with it."""
Answers = Mapping[str, Any]


def relations(run: BenefitRun, person: Person) -> Iterable[str]:
    """How a person stands to a run: by the roles of its benefit that are held over its unit."""
    kind = keeping.every().get(run.benefit)
    held = Reach(person).roles_over(run.unit) if kind is not None else frozenset()
    if kind is not None and held & set(kind.pays):
        yield PAYS
    if kind is not None and held & set(kind.releases):
        yield RELEASES


def _some(run: BenefitRun, answers: Answers, who: Who, at: datetime) -> Decision:
    found: RunDraft | None = answers.get(DRAFT)
    if found is None or not (found.payments or found.claims):
        return no("到这个月为止没有要发的，也没有要追回的")
    return YES


def _another_releases(run: BenefitRun, answers: Answers, who: Who, at: datetime) -> Decision:
    return no("这一批是您生成的，由另一人复核放行") if run.made_by.username == who.id else YES


def _unchanged(run: BenefitRun, answers: Answers, who: Who, at: datetime) -> Decision:
    found: RunDraft | None = answers.get(DRAFT)
    if found is None or not keeping.same(found, run):
        return no("生成以后个案有变化，这一批的名单已经不对，请作废后重新生成")
    return YES


def _answered(run: BenefitRun, answers: Answers, who: Who, at: datetime) -> Decision:
    return YES if answers.get(ANSWERS) else no("请选择银行的回盘文件")


GUARDS: Mapping[str, Guard] = {
    "some": _some, "another_releases": _another_releases, "unchanged": _unchanged, "answered": _answered,
}  # fmt: skip


def _worked_out(run: BenefitRun, doing: Doing) -> Mapping[str, Any]:
    found: RunDraft = doing.answers[DRAFT]
    keeping.write(run, found, doing.answers[NAMES])
    return {"children": found.children, "fen": found.fen, "claims": len(found.claims), "held": len(found.held)}


def _dropped(run: BenefitRun, doing: Doing) -> None:
    BenefitPayment.objects.filter(run=run).delete()
    BenefitClaim.objects.filter(run=run).delete()


def _booked(run: BenefitRun, doing: Doing) -> Mapping[str, Any]:
    answers: tuple[BankAnswer, ...] = doing.answers[ANSWERS]
    rows = {p.reference: p for p in BenefitPayment.objects.filter(run=run)}
    for answer in answers:
        row = rows[answer.reference]
        row.state, row.reason = ("paid", "") if answer.paid else ("bounced", answer.reason[:200])
    BenefitPayment.objects.bulk_update(rows.values(), ["state", "reason"])
    return {"bounced": sum(not a.paid for a in answers)}


def _settled(run: BenefitRun, doing: Doing) -> Mapping[str, Any]:
    claim, result = doing.answers.get(CLAIM), doing.answers.get(RESULT)
    found = BenefitClaim.objects.filter(run=run, pk=claim, state="open") if claim else BenefitClaim.objects.none()
    done = found.update(state=result, settled_at=doing.at) if result in ("recovered", "written_off") else 0
    return {"claim": claim or 0, "result": result or "", "done": done}


def _changes(run: BenefitRun, doing: Doing) -> Mapping[str, Any]:
    found: dict[str, Any] = next_version(run, doing)
    moments = {
        "released": ("released_by", doing.person),
        "sent": ("sent_at", doing.at),
        "booked": ("booked_at", doing.at),
    }
    if doing.step.source != doing.step.target and doing.step.target in moments:
        name, value = moments[doing.step.target]
        found[name] = value
    return found


register(
    Door(
        BenefitRun,
        BENEFIT_RUN,
        noun="这一批",
        kind="benefit_run",
        action="benefits",
        unit=lambda run: run.unit,
        guards=GUARDS,
        effects={"worked_out": _worked_out, "dropped": _dropped, "answered": _booked, "settled": _settled},
        changes=_changes,
        relations=relations,
    )
)
