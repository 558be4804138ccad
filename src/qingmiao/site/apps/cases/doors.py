"""The door of cases: every step is judged by the programme behind it, kept, and followed in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from qingmiao.casework.case import CaseFile
from qingmiao.casework.deciding import Doer, StepOutcome, answer_referral, take
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.forms import Sensitivity
from qingmiao.flow import Refusal, Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.cases import following, hearing, keeping, parties, programmes, publishing, standing
from qingmiao.site.apps.cases.models import CaseProposal, CaseTaker, KeptCase
from qingmiao.site.apps.cases.workflow import BY_END, CASE, ENDED, HANDLES, OPEN, OPENS, RECEIVES, SEALED
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.doors import Doing, Door, next_version, register
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach

ASKED = "asked"
"""Under this name the answers of a step carry what is asked of the programme."""


@dataclass
class AskedStep:
    """A step as it was asked for. `doers`: by which units and roles this one acts; the first who may counts.

    `referral`: its number where a referral is answered. `handed`: sees only what was handed over. `outcome`: what the
    programme said, once the door has asked it.
    """

    step: str
    answers: Mapping[str, Any]
    doers: tuple[Doer, ...]
    operation: str
    referral: int = 0
    second: Doer | None = None
    handed: bool = False
    outcome: StepOutcome | None = None
    second_person: Person | None = None
    by_person: Person | None = None
    """Who took it where that is not the one at the door: a step that a second person confirms."""
    secrecy: Sensitivity | None = None
    """Of whatever the case comes from, where it is opened."""


def outcome_of(ready: ReadyProgramme, file: CaseFile, asked: AskedStep, area: str, at: datetime) -> StepOutcome:
    """What the programme says to a step; of several who could act the first that may. `at`: China's clock."""

    def receiver(programme: str, by: str) -> str:
        return receiving(programme, area, by=by)

    found = StepOutcome(False, file, "没有这一步", Refusal.ABSENT)
    for doer in asked.doers:

        def leading(roles: tuple[str, ...], known: Mapping[str, Any], unit: str = doer.unit) -> str:
            return parties.leading(ready, roles, known, area, unit)

        if asked.referral:
            said = answer_referral(ready, file, asked.referral, asked.step, doer, at, operation=asked.operation)
        elif asked.handed and not _for_receivers(ready, file, asked.step):
            continue
        else:
            said = take(
                ready, file, asked.step, doer, at, asked.answers, confirmed_by=asked.second,
                operation=asked.operation, receiver=receiver, leading=leading, secrecy=asked.secrecy,
            )  # fmt: skip
        if said.allowed or said.refusal is not Refusal.ABSENT:
            return said
        found = said
    return found


def receiving(programme: str, area: str, find: parties.Nearest | None = None, *, by: str = "") -> str:
    """The unit that gets what is referred to a programme where no field names one: the nearest of the role `by` (""
    where nobody holds it: the owner names one), else the nearest that may open a case."""
    if by:
        return next(iter((find or parties.nearest)(by, area)), "")
    one = programmes.every().get(programme)
    steps = [s for s in one.steps if s.opens] if one is not None else []
    return next((u for s in steps for r in s.roles for u in (find or parties.nearest)(r, area)), "")


def _for_receivers(ready: ReadyProgramme, file: CaseFile, step: str) -> bool:
    found = ready.programme.step(step, file.state)
    return found is not None and bool(found.relations)


def _programme(case: KeptCase, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    """The programme agrees; for whom the step is not, it is not there."""
    asked: AskedStep | None = answers.get(ASKED)
    if asked is None:
        return no("没有写明办哪个环节")
    ready = programmes.ready(case.programme)
    file = CaseFile(case.programme) if case._state.adding else keeping.file_of(case)
    asked.outcome = outcome_of(ready, file, asked, case.area, timezone.make_naive(at))
    if asked.outcome.refusal is Refusal.ABSENT:
        raise AbsentError("没有这一步")
    return YES if asked.outcome.allowed else no(asked.outcome.reason)


def standing_after(ready: ReadyProgramme, stage: str) -> str:
    """Where a case stands at the door once it is in a state of its programme."""
    state = ready.programme.states.get(stage)
    if state is None:
        return OPEN
    return SEALED if state.seals else ENDED if state.final else OPEN


def door_step(case: KeptCase, step: str) -> str:
    """The door's step by which a step of the programme goes. One that is not there from here goes as work, and is
    refused behind the door."""
    ready = programmes.ready(case.programme)
    found = ready.programme.step(step, case.stage)
    after = standing_after(ready, (found.to or case.stage) if found is not None else case.stage)
    return "seal" if after == SEALED else BY_END.get((case.state, after), "work")


def _relations(case: KeptCase, person: Person) -> Iterable[str]:
    reach = Reach(person)
    if case._state.adding:
        return (OPENS,) if standing.sights(reach).opening(case.programme) else ()
    found = standing.sights(reach).of(case)
    if found is None or found.sight == "past":
        return ()
    return (HANDLES, RECEIVES)


def _outcome(doing: Doing) -> tuple[AskedStep, StepOutcome]:
    asked: AskedStep = doing.answers[ASKED]
    assert asked.outcome is not None
    return asked, asked.outcome


def _changes(case: KeptCase, doing: Doing) -> Mapping[str, Any]:
    _, outcome = _outcome(doing)
    ready = programmes.ready(case.programme)
    found = parties.columns(ready, outcome.case, timezone.make_naive(doing.at))
    if doing.step.target == SEALED or doing.step.target == ENDED:
        found |= {"look_at": None}
    if doing.step.source == ENDED and doing.step.target == ENDED:
        found.pop("closed_at")
    return {**next_version(case, doing), **found}


def _kept(case: KeptCase, doing: Doing) -> Mapping[str, Any]:
    """The step is kept; then whoever stands to the case, and what hangs on it, is brought to how it stands."""
    asked, outcome = _outcome(doing)
    ready, taken = programmes.ready(case.programme), outcome.case.history[-1]
    by = asked.by_person or doing.person
    row = keeping.write(case, ready, taken, by, asked.second_person)
    people = {p.pk for p in (by, asked.second_person) if p is not None}
    CaseTaker.objects.bulk_create((CaseTaker(case=case, person_id=p) for p in people), ignore_conflicts=True)
    CaseProposal.objects.filter(case=case).delete()
    parties.refresh(case, ready, outcome.case)
    following.follow(case, ready, outcome, doing)
    hearing.step_taken(row.pk, outcome.case)
    publishing.publish(case, ready, outcome.case, timezone.make_naive(doing.at))
    said = {"programme": case.programme, "step": taken.step, "stage": case.stage}
    more = {"referral": taken.referral} if taken.referral else {}
    return {**said, **more, "referrals": [r.to for r in outcome.referrals]} if outcome.referrals else {**said, **more}


register(
    Door(
        KeptCase,
        CASE,
        noun="这个个案",
        kind="case",
        action="cases",
        unit=lambda case: case.owner,
        guards={"programme": _programme},
        effects={"kept": _kept},
        changes=_changes,
        relations=_relations,
    )
)
