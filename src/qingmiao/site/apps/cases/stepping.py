"""A step of a case is taken, proposed to a second person, confirmed; a referral is answered: each behind the door, once
an operation id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from qingmiao.casework.case import ANSWERS
from qingmiao.casework.deciding import StepOutcome
from qingmiao.content.base import Label
from qingmiao.flow import Refusal
from qingmiao.forms import FieldFault
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.cases import doors, keeping, parties, programmes, showing, standing
from qingmiao.site.apps.cases.models import CaseProposal, CaseStep, KeptCase
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError
from qingmiao.site.apps.directory.permissions import Reach


@dataclass(frozen=True)
class StepDone:
    """What came of opening a case or taking a step.

    `done`: it stands (`again`: it had arrived before). `waits_for`: not yet, one of these roles has to confirm it (it
    is kept until then). Else it was refused: `reason` in words, `faults` field by field; nothing was changed.
    `number`: the case; 0 for one that was not opened.
    """

    number: int
    done: bool
    again: bool = False
    reason: str = ""
    faults: tuple[FieldFault, ...] = ()
    queries: tuple[FieldFault, ...] = ()
    waits_for: tuple[Label, ...] = ()


def take_step(
    reach: Reach, number: int, step: str, answers: Mapping[str, Any], *, seen: int, operation: str
) -> StepDone:  # fmt: skip
    """Take a step of a case as it was seen (`seen`: its version). A step that needs a second person is kept and waits.

    AbsentError where there is no such case or step for this person, ConflictError where somebody was first.
    """
    if (before := arrived(reach, operation)) is not None:
        return before
    found, sight = standing.get(reach, number)
    if sight.sight == "past":
        raise AbsentError("没有这一步")
    asked = doors.AskedStep(step, dict(answers), sight.doers, operation, handed=sight.sight == "handed")
    return _go(reach, found, asked, seen)


def confirm_step(reach: Reach, number: int, *, seen: int) -> StepDone:
    """The second person confirms the step that waits: now it is taken, as it was filled in.

    AbsentError where none waits that this person may confirm, ConflictError where the case moved meanwhile.
    """
    found, sight = standing.get(reach, number)
    proposal = _proposal(found)
    if proposal is None or not sight.roles & set(proposal.roles) or proposal.by_id == reach.person.pk:
        raise AbsentError("没有等待确认的环节")
    theirs = standing.sights(Reach(proposal.by)).of(found)
    if theirs is None:
        raise NotAllowedError("提出这一步的人员已经不能办理这个个案，请由在岗的人员重新办理")
    second = next(d for d in sight.doers if d.roles & set(proposal.roles))
    asked = doors.AskedStep(
        proposal.step, keeping.proposed(proposal), theirs.doers, proposal.operation, second=second,
        second_person=reach.person, by_person=proposal.by,
    )  # fmt: skip
    return _go(reach, found, asked, seen)


def refuse_proposal(reach: Reach, number: int, *, seen: int) -> None:
    """The second person does not confirm the step that waits, or whoever proposed it takes it back: it is gone, nothing
    has changed."""
    found, sight = standing.get(reach, number)
    proposal = _proposal(found)
    if proposal is None or not (proposal.by_id == reach.person.pk or sight.roles & set(proposal.roles)):
        raise AbsentError("没有等待确认的环节")
    if found.version != seen:
        raise access.overtaken(found)
    detail = {"step": proposal.step, "by": proposal.by.username}
    with access.beside(reach, "cases.confirm.refuse", object_type="case", object_id=found.pk, detail=detail):
        rows, _ = CaseProposal.objects.filter(pk=proposal.pk).delete()
        if not rows:  # somebody else was first
            raise AbsentError("没有等待确认的环节")


def answer_referral(
    reach: Reach, number: int, referral: int, answer: str, *, seen: int | None = None, operation: str
) -> StepDone:  # fmt: skip
    """Whoever received a referral accepts, refuses or ends it (`answer`: accept_referral, refuse_referral,
    end_referral). A transfer moves the case when it is accepted."""
    if (before := arrived(reach, operation)) is not None:
        return before
    found, sight = standing.get(reach, number)
    if answer not in ANSWERS:
        raise AbsentError("没有这个转介")
    asked = doors.AskedStep(answer, {}, sight.doers, operation, referral=referral)
    return _go(reach, found, asked, found.version if seen is None else seen)


def _go(reach: Reach, found: KeptCase, asked: doors.AskedStep, seen: int) -> StepDone:
    """Ask the programme, then take the step through the door, where it is asked again under the lock."""
    if found.version != seen:
        raise access.overtaken(found)
    ready = programmes.ready(found.programme)
    tried = doors.outcome_of(
        ready, keeping.file_of(found), asked, found.area, timezone.make_naive(timezone.now())
    )  # fmt: skip
    if tried.refusal is Refusal.ABSENT:
        raise AbsentError("没有这一步")
    if tried.waits_for and asked.second is None:
        return _propose(reach, found, asked, tried)
    if not tried.allowed:
        return refused(found.pk, tried)
    step = "answer" if asked.referral else doors.door_step(found, asked.step)
    try:
        access.perform(reach, found, step, access.Seen("", seen), {doors.ASKED: replace(asked, outcome=None)})
    except ConflictError:
        if (before := arrived(reach, asked.operation)) is not None:
            return before
        raise
    return StepDone(found.pk, True, queries=tried.queries)


def _propose(reach: Reach, found: KeptCase, asked: doors.AskedStep, tried: StepOutcome) -> StepDone:
    with access.beside(reach, "cases.propose", object_type="case", object_id=found.pk, detail={"step": asked.step}):
        case = KeptCase.objects.select_for_update().get(pk=found.pk)
        if case.version != found.version:
            raise access.overtaken(case)
        keeping.propose(case, asked.step, asked.answers, reach.person, tried.waits_for, asked.operation)
        ready, file = programmes.ready(case.programme), tried.case
        full = set(case.parties.filter(sight="full").values_list("unit", flat=True))
        parties.refresh(case, ready, file, parties.acting(tried.waits_for, case.area, full))
    return StepDone(found.pk, False, reason=tried.reason, waits_for=tuple(map(showing.role_label, tried.waits_for)))


def _proposal(found: KeptCase) -> CaseProposal | None:
    return CaseProposal.objects.filter(case=found, seen=found.version).select_related("by").first()


def refused(number: int, tried: StepOutcome) -> StepDone:
    if tried.refusal is Refusal.ABSENT:
        raise AbsentError("没有这一步")
    return StepDone(number, False, reason=tried.reason, faults=tried.faults, queries=tried.queries)


def arrived(reach: Reach, operation: str) -> StepDone | None:
    """What came of an operation that has arrived before; UserError where the id is another person's or none."""
    if not operation or len(operation) > 60:
        raise UserError("操作编号不对，请刷新页面后重新提交")
    row = CaseStep.objects.filter(operation=operation).first()
    if row is None:
        waiting = CaseProposal.objects.filter(operation=operation, by=reach.person).first()
        if waiting is None:
            return None
        roles = tuple(map(showing.role_label, waiting.roles))
        return StepDone(waiting.case_id, False, again=True, waits_for=roles)
    if row.by_id != reach.person.pk and row.confirmed_by_id != reach.person.pk:
        raise UserError("操作编号不对，请刷新页面后重新提交")
    return StepDone(row.case_id, True, again=True)
