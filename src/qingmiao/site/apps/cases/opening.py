"""A case is opened: by whom, about whom, for which referral; linked to the child's file at once or later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from django.db import transaction
from django.utils import timezone

from qingmiao.casework.case import CaseFile
from qingmiao.casework.deciding import Doer, StepOutcome
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.forms import Sensitivity
from qingmiao.content.programme_parts import ProgrammeStep
from qingmiao.content.programmes import Programme
from qingmiao.flow import NOTHING
from qingmiao.forms.kinds import KINDS
from qingmiao.kernel.areas import lies_in
from qingmiao.site.apps.cases import doors, keeping, parties, programmes, publishing, showing, standing
from qingmiao.site.apps.cases.models import CaseReferralKept, KeptCase
from qingmiao.site.apps.cases.showing import CasePage, StepOffered
from qingmiao.site.apps.cases.stepping import StepDone, arrived, refused
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, NotAllowedError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records.api import about


@dataclass(frozen=True)
class OfferedProgramme:
    """A programme of which this person may open a case, and the steps that open one."""

    programme: Programme
    steps: tuple[str, ...]


@dataclass(frozen=True)
class TriedCase:
    """A case that may be opened: its row, not saved, what is asked of its programme, and what that says."""

    made: KeptCase
    asked: doors.AskedStep
    outcome: StepOutcome


@dataclass(frozen=True)
class LikelyChild:
    """A child's file that a case may be about, and why in words."""

    child: about.ChildBrief
    reasons: tuple[str, ...]


def offered(reach: Reach) -> tuple[OfferedProgramme, ...]:
    """The programmes of which this person may open a case: where somebody may be in danger first, then by their `order`
    and cards."""
    sights, found = standing.sights(reach), []
    for id_, one in programmes.every().items():
        steps = tuple(s.do for s in one.steps if s.opens and not s.relations and sights.opening(id_, s.do))
        if steps:
            found.append(OfferedProgramme(one, steps))
    return tuple(
        sorted(
            found,
            key=lambda o: (o.programme.alarm is None, o.programme.order, o.programme.card or "Z", o.programme.id),
        )
    )


def opening(
    reach: Reach, programme: str, step: str = "", *, child: int | None = None, referral: tuple[int, int] | None = None
) -> StepOffered:
    """The form of the step that opens a case of a programme, with what the child's file or a referral says filled in.

    AbsentError where this person may not open one, or does not see the child or the referral.
    """
    one = next((o for o in offered(reach) if o.programme.id == programme and step in ("", *o.steps)), None)
    if one is None:
        raise AbsentError("没有这个服务项目")
    ready = programmes.ready(programme)
    known: dict[str, Any] = _of_child(ready, about.seen_brief(reach, child)) if child is not None else {}
    if referral is not None:
        known |= _received(reach, programme, referral)[1]
    first = next(s for s in ready.programme.steps if s.opens and s.do == (step or one.steps[0]))
    return showing.ShownCase(ready, standing.CaseSight("full", ())).opening(first, known)


def open_case(
    reach: Reach,
    programme: str,
    answers: Mapping[str, Any],
    *,
    step: str = "",
    child: int | None = None,
    referral: tuple[int, int] | None = None,
    operation: str,
) -> StepDone:
    """Open a case. `child`: the file it is about, for whoever sees that file; without one it is linked later.
    `referral`: (case, number) of an accepted referral for which it is opened: what was handed over is filled in.

    AbsentError where this person may not open one; else what came of it.
    """
    if (before := arrived(reach, operation)) is not None:
        return before
    ready = programmes.ready(programme)
    first = ready.programme.step(step, NOTHING) if step else next(s for s in ready.programme.steps if s.opens)
    seats = standing.sights(reach).opening(programme, first.do) if first is not None else ()
    if first is None or not seats:
        raise AbsentError("没有这个服务项目")
    brief = about.seen_brief(reach, child) if child is not None else None
    source, handed = _received(reach, programme, referral) if referral is not None else (None, {})
    said = _filled(ready, first, handed) | dict(answers)
    begun = tried(reach, ready, first, said, brief=brief, source=source, seats=seats, operation=operation)
    if isinstance(begun, StepDone):
        return begun
    made, asked, queries = begun.made, begun.asked, begun.outcome.queries
    with transaction.atomic():
        access.create(reach, made, "open", {doors.ASKED: replace(asked, outcome=None)})
        if referral is not None and source is not None:
            rows = CaseReferralKept.objects.filter(case=source, number=referral[1], opened=None)
            if not rows.update(opened=made):
                raise NotAllowedError("这个转介已经受理过，请刷新页面查看")
    return StepDone(made.pk, True, queries=queries)


def tried(
    reach: Reach,
    ready: ReadyProgramme,
    first: ProgrammeStep,
    said: Mapping[str, Any],
    *,
    brief: about.ChildBrief | None,
    source: KeptCase | None = None,
    seats: Sequence[standing.Seat],
    operation: str,
) -> TriedCase | StepDone:
    """A case as it would be opened, or why it would not be; nothing is kept. `seats`: where this person may open one.

    AbsentError where the step is not there for this person.
    """
    area = brief.area if brief is not None else _answered_area(ready, said) or (source or seats[0]).area
    fitting = tuple(s for s in seats if not s.authority or lies_in(area, s.area))
    if not fitting:
        return StepDone(0, False, reason="这名儿童的现居住地不在您单位的地区内，请转请当地的单位办理")
    now = timezone.now()
    linked = brief.number if brief is not None else source.child_id if source is not None else None
    made = KeptCase(
        programme=ready.programme.id, owner_id=fitting[0].unit, child_id=linked, opened_at=now, moved_at=now,
        made_by=reach.person,
    )  # fmt: skip
    parties.place(made, area)
    doers = tuple(Doer(reach.person.username, s.roles, s.unit) for s in fitting)
    came = cast("Sensitivity", source.secrecy) if source is not None else None
    asked = doors.AskedStep(first.do, said, doers, operation, secrecy=came)
    found = doors.outcome_of(ready, CaseFile(ready.programme.id), asked, area, timezone.make_naive(now))
    return TriedCase(made, asked, found) if found.allowed else refused(0, found)


def _received(reach: Reach, programme: str, referral: tuple[int, int]) -> tuple[KeptCase, dict[str, Any]]:
    """The case and what it handed over with a referral that this person's unit has accepted."""
    number, order = referral
    source, sight = standing.get(reach, number)
    units = {d.unit for d in sight.doers}
    kept = CaseReferralKept.objects.filter(
        case=source, number=order, programme=programme, state="accepted", unit__in=units, opened=None
    ).first()
    if kept is None:
        raise AbsentError("没有这个转介")
    found = next((r for r in keeping.file_of(source).referrals if r.number == order), None)
    return source, dict(found.sent) if found is not None else {}


def _filled(ready: ReadyProgramme, step: ProgrammeStep, known: Mapping[str, Any]) -> dict[str, Any]:
    """What was handed over, as the answers of a step's form."""
    form = ready.forms.get(ready.number(step))
    fields = form.fields if form is not None else ()
    plain = (f for f in fields if f.id in known and f.type != "group")
    return {f.id: KINDS[f.type].stored(known[f.id]) for f in plain}


def likely_children(reach: Reach, page: CasePage) -> tuple[LikelyChild, ...]:
    """The files that may be of the child of a case without one, among those that this person sees: by what the case
    says in the fields that the house fills in. None where its name, sex or birth date is not known."""
    if page.sight != "full" or page.child is not None:
        return ()
    said = {f.given: page.file.values.get(id_) for id_, f in page.ready.fields.items() if f.given is not None}
    name, sex, birth = said.get("name"), said.get("sex"), said.get("birth_date")
    if not name or not sex or not isinstance(birth, date):
        return ()
    return tuple(LikelyChild(*one) for one in about.likely(reach, name, sex, birth, said.get("area") or page.area))


def link_child(reach: Reach, number: int, child: int, *, seen: int) -> None:
    """Link a case that was opened without a file to a child's file; for whoever sees both. Once linked it stays."""
    found, sight = standing.get(reach, number)
    brief = about.seen_brief(reach, child)
    if sight.sight != "full" or found.child_id is not None:
        raise NotAllowedError("这个个案已经关联儿童档案")
    if found.version != seen:
        raise access.overtaken(found)
    with access.beside(reach, "cases.link", object_type="case", object_id=found.pk, detail={"child": brief.number}):
        rows = KeptCase.objects.filter(pk=found.pk, child=None, version=seen).update(child_id=brief.number)
        if rows != 1:
            raise access.overtaken(found)
        found.child_id = brief.number
        file, now = keeping.file_of(found), timezone.make_naive(timezone.now())
        publishing.publish(found, programmes.ready(found.programme), file, now)


def _answered_area(ready: ReadyProgramme, answers: Mapping[str, Any]) -> str:
    """The place that the answers name: the first field of a place that is filled in."""
    codes = {f.id for f in ready.fields.values() if f.type == "area"}
    return next((str(answers[k]) for k in answers if k in codes and answers[k]), "")


def _of_child(ready: ReadyProgramme, brief: about.ChildBrief) -> dict[str, Any]:
    """What a child's file says, in the fields that the house fills in (`given:`)."""
    words = {"name": brief.name, "sex": brief.sex, "birth_date": brief.birth_date, "area": brief.area}
    return {id_: words[f.given] for id_, f in ready.fields.items() if f.given in words}
