"""The door of casework: open a case, take its steps, answer referrals; what pages show of cases.

Every write goes through `access.create` or `access.perform` and carries an operation id: the same one arriving twice is
done once. Pages get dataclasses and name cases by their numbers. What somebody may not see is not there (AbsentError).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from qingmiao.casework.case import ANSWERS, CaseFile
from qingmiao.casework.deciding import Doer, StepOutcome
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.base import Label
from qingmiao.content.programmes import Programme
from qingmiao.flow import Refusal
from qingmiao.forms import FieldFault
from qingmiao.kernel.areas import lies_in
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.cases import doors, keeping, parties, programmes, queue, showing, standing
from qingmiao.site.apps.cases.models import CaseProposal, CaseStep, KeptCase
from qingmiao.site.apps.cases.queue import QUEUES, Queue, QueueCounts, QueueFilters, QueuePage, QueueRow
from qingmiao.site.apps.cases.showing import (
    CaseFieldShown,
    CasePage,
    ClockShown,
    LinkedCase,
    ProposalShown,
    ReferralShown,
    StepOffered,
    TimelineRow,
)
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records.api import about

__all__ = [
    "QUEUES", "AbsentError", "CaseFieldShown", "CasePage", "ClockShown", "ConflictError", "LinkedCase",
    "NotAllowedError", "OfferedProgramme", "ProposalShown", "Queue", "QueueCounts", "QueueFilters", "QueuePage",
    "QueueRow", "ReferralShown", "StepDone", "StepOffered", "TimelineRow", "answer_referral", "case", "cases_of_child",
    "confirm_step", "counts", "link_child", "list_cases", "offered", "open_case", "opening", "refuse_proposal",
    "reveal", "take_step",
]  # fmt: skip
SEE, REVEAL = "cases.see", "cases.reveal"


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


@dataclass(frozen=True)
class OfferedProgramme:
    """A programme of which this person may open a case, and the steps that open one."""

    programme: Programme
    steps: tuple[str, ...]


def offered(reach: Reach) -> tuple[OfferedProgramme, ...]:
    """The programmes of which this person may open a case, in the order of their cards."""
    sights, found = standing.sights(reach), []
    for id_, one in programmes.every().items():
        steps = tuple(s.do for s in one.steps if s.opens and not s.relations and sights.opening(id_, s.do))
        if steps:
            found.append(OfferedProgramme(one, steps))
    return tuple(sorted(found, key=lambda o: (o.programme.card or "Z", o.programme.id)))


def opening(reach: Reach, programme: str, step: str = "", *, child: int | None = None) -> StepOffered:
    """The form of the step that opens a case of a programme, with what the child's file says filled in.

    AbsentError where this person may not open one, or does not see the child.
    """
    one = next((o for o in offered(reach) if o.programme.id == programme and step in ("", *o.steps)), None)
    if one is None:
        raise AbsentError("没有这个服务项目")
    ready, known = programmes.ready(programme), {}
    if child is not None:
        known = _of_child(ready, about.seen_brief(reach, child))
    first = next(s for s in ready.programme.steps if s.opens and s.do == (step or one.steps[0]))
    sight = standing.CaseSight("full", ())
    return showing.ShownCase(ready, sight).opening(first, known)


def open_case(
    reach: Reach,
    programme: str,
    answers: Mapping[str, Any],
    *,
    step: str = "",
    child: int | None = None,
    operation: str,
) -> StepDone:
    """Open a case. `child`: the file it is about, for whoever sees that file; without one it is linked later.

    AbsentError where this person may not open one; else what came of it.
    """
    if (before := _arrived(reach, operation)) is not None:
        return before
    sights = standing.sights(reach)
    ready, named = programmes.ready(programme), step
    first = next((s for s in ready.programme.steps if s.opens and named in ("", s.do, s.to)), None)
    seats = sights.opening(programme, first.do) if first is not None else ()
    if first is None or not seats:
        raise AbsentError("没有这个服务项目")
    brief = about.seen_brief(reach, child) if child is not None else None
    area = brief.area if brief is not None else _answered_area(ready, answers) or seats[0].area
    fitting = tuple(s for s in seats if not s.authority or lies_in(area, s.area))
    if not fitting:
        return StepDone(0, False, reason="这名儿童的现居住地不在您单位的地区内，请转请当地的单位办理")
    now = timezone.now()
    made = KeptCase(
        programme=programme, owner_id=fitting[0].unit, child_id=brief.number if brief is not None else None,
        opened_at=now, moved_at=now, made_by=reach.person,
    )  # fmt: skip
    parties.place(made, area)
    doers = tuple(Doer(reach.person.username, s.roles, s.unit) for s in fitting)
    asked = doors.AskedStep(first.do, dict(answers), doers, operation)
    tried = doors.outcome_of(ready, CaseFile(programme), asked, area, timezone.make_naive(now))
    if not tried.allowed:
        return _refused(0, tried)
    access.create(reach, made, "open", {doors.ASKED: replace(asked, outcome=None)})
    return StepDone(made.pk, True, queries=tried.queries)


def take_step(
    reach: Reach, number: int, step: str, answers: Mapping[str, Any], *, seen: int, operation: str
) -> StepDone:  # fmt: skip
    """Take a step of a case as it was seen (`seen`: its version). A step that needs a second person is kept and waits.

    AbsentError where there is no such case or step for this person, ConflictError where somebody was first.
    """
    if (before := _arrived(reach, operation)) is not None:
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
    with transaction.atomic(), audit.through("cases"):
        rows, _ = CaseProposal.objects.filter(pk=proposal.pk).delete()
        if rows:
            detail = {"step": proposal.step, "by": proposal.by.username}
            audit.append(reach.person, "cases.confirm.refuse", object_type="case", object_id=found.pk, detail=detail)


def answer_referral(
    reach: Reach, number: int, referral: int, answer: str, *, seen: int | None = None, operation: str
) -> StepDone:  # fmt: skip
    """Whoever received a referral accepts, refuses or ends it (`answer`: accept_referral, refuse_referral,
    end_referral). A transfer moves the case when it is accepted."""
    if (before := _arrived(reach, operation)) is not None:
        return before
    found, sight = standing.get(reach, number)
    if answer not in ANSWERS:
        raise AbsentError("没有这个转介")
    asked = doors.AskedStep(answer, {}, sight.doers, operation, referral=referral)
    return _go(reach, found, asked, found.version if seen is None else seen)


def link_child(reach: Reach, number: int, child: int, *, seen: int) -> None:
    """Link a case that was opened without a file to a child's file; for whoever sees both. Once linked it stays."""
    found, sight = standing.get(reach, number)
    brief = about.seen_brief(reach, child)
    if sight.sight != "full" or found.child_id is not None:
        raise NotAllowedError("这个个案已经关联儿童档案")
    if found.version != seen:
        raise access.overtaken(found)
    with transaction.atomic(), audit.through("cases"):
        rows = KeptCase.objects.filter(pk=found.pk, child=None, version=seen).update(child_id=brief.number)
        if rows != 1:
            raise access.overtaken(found)
        audit.append(
            reach.person, "cases.link", object_type="case", object_id=found.pk, detail={"child": brief.number}
        )  # fmt: skip


def case(reach: Reach, number: int, as_of: datetime | None = None) -> CasePage:
    """A case as this person sees it, as of a moment; the sight is written down. AbsentError for every other."""
    found, sight = standing.get(reach, number)
    if as_of is not None and as_of < found.opened_at:
        raise AbsentError("那时还没有这个个案")
    page = showing.page(standing.sights(reach), found, sight, as_of)
    audit.seen(reach.person, SEE, object_type="case", object_id=number, detail={"sight": sight.sight})
    return page


def reveal(reach: Reach, number: int, group: str, *, purpose: str) -> tuple[CaseFieldShown, ...]:
    """The fields of a restricted group, for whoever may read it and says why; the reading is written down."""
    found, sight = standing.get(reach, number)
    shown = showing.ShownCase(programmes.ready(found.programme), sight)
    if not shown.may_read(group):
        raise AbsentError("没有这组栏目")
    if len(purpose.strip()) < access.LEAST_WORDS:
        raise UserError(f"请写明查看的用途（不少于 {access.LEAST_WORDS} 个字）")
    file = keeping.file_of(found)
    audit.seen(
        reach.person, REVEAL, object_type="case", object_id=number,
        detail={"group": group, "purpose": purpose.strip()[:200]},
    )  # fmt: skip
    fields = shown.ready.fields
    return tuple(
        shown.field(k, file.values[k], opened=True) for k in fields if fields[k].group == group and k in file.values
    )


def list_cases(reach: Reach, filters: QueueFilters | None = None, *, after: str = "") -> QueuePage:
    """A page of a queue (`QUEUES`): danger first, then what ends first."""
    return queue.queue(reach, filters or QueueFilters(), after=after)


def counts(reach: Reach) -> dict[Queue, QueueCounts]:
    """Of every queue how many open cases there are, late ones, those in danger."""
    return queue.counts(reach)


def cases_of_child(reach: Reach, child: int) -> tuple[QueueRow, ...]:
    """The cases of a child that this person sees."""
    return queue.of_child(reach, child)


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
        return _refused(found.pk, tried)
    step = "answer" if asked.referral else doors.door_step(found, asked.step)
    try:
        access.perform(reach, found, step, access.Seen("", seen), {doors.ASKED: replace(asked, outcome=None)})
    except ConflictError:
        if (before := _arrived(reach, asked.operation)) is not None:
            return before
        raise
    return StepDone(found.pk, True, queries=tried.queries)


def _propose(reach: Reach, found: KeptCase, asked: doors.AskedStep, tried: StepOutcome) -> StepDone:
    with transaction.atomic(), audit.through("cases"):
        case = KeptCase.objects.select_for_update().get(pk=found.pk)
        if case.version != found.version:
            raise access.overtaken(case)
        keeping.propose(case, asked.step, asked.answers, reach.person, tried.waits_for, asked.operation)
        ready, file = programmes.ready(case.programme), tried.case
        full = set(case.parties.filter(sight="full").values_list("unit", flat=True))
        parties.refresh(case, ready, file, parties.acting(tried.waits_for, case.area, full))
        audit.append(
            reach.person, "cases.propose", object_type="case", object_id=case.pk, detail={"step": asked.step}
        )  # fmt: skip
    return StepDone(found.pk, False, reason=tried.reason, waits_for=tuple(map(showing.role_label, tried.waits_for)))


def _proposal(found: KeptCase) -> CaseProposal | None:
    return CaseProposal.objects.filter(case=found, seen=found.version).select_related("by").first()


def _refused(number: int, tried: StepOutcome) -> StepDone:
    if tried.refusal is Refusal.ABSENT:
        raise AbsentError("没有这一步")
    return StepDone(number, False, reason=tried.reason, faults=tried.faults, queries=tried.queries)


def _arrived(reach: Reach, operation: str) -> StepDone | None:
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


def _answered_area(ready: ReadyProgramme, answers: Mapping[str, Any]) -> str:
    """The place that the answers name: the first field of a place that is filled in."""
    codes = {f.id for f in ready.fields.values() if f.type == "area"}
    return next((str(answers[k]) for k in answers if k in codes and answers[k]), "")


def _of_child(ready: ReadyProgramme, brief: about.ChildBrief) -> dict[str, Any]:
    """What a child's file says, in the fields that the house fills in (`given:`)."""
    words = {"name": brief.name, "sex": brief.sex, "birth_date": brief.birth_date, "area": brief.area}
    return {id_: words[f.given] for id_, f in ready.fields.items() if f.given in words}
