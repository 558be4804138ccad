"""Random histories of cases against a model that reads the files: open, step, answer, confirm, repeat, come too late.

Nothing that was refused leaves a trace; what was done is one step more, in the state that the file says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import yaml
from django.db import connections
from django.utils import timezone

from qingmiao.site.apps.cases import api, keeping, parties, programmes, standing
from qingmiao.site.apps.cases.models import CaseParty, CaseProposal, CaseReferralKept, CaseStep, KeptCase
from qingmiao.site.apps.directory.models import Assignment, Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach

ROOT = Path(__file__).resolve().parents[2] / "content" / "china"
PLAYED = ("mandatory_report", "child_case", "dv_warning", "street_child", "graded_intervention", "legal_aid")
SEATS = {
    "class_teacher": "education", "school": "education", "police_officer": "public_security",
    "child_protection_officer": "civil_affairs", "supervisor": "township.141029100",
    "village_director": "township.141029100", "justice_officer": "justice", "case_worker": "civil_affairs",
    "juvenile_prosecutor": "procuratorate", "protection_worker": "civil_affairs",
}  # fmt: skip


@dataclass
class CaseModel:
    """Where a case stands, as the model has it."""

    programme: str
    stage: str
    version: int = 1


@dataclass
class CaseWalk:
    """One history: people, the model, and what went wrong."""

    draw: Random
    people: list[Person] = field(default_factory=list)
    cases: dict[int, CaseModel] = field(default_factory=dict)
    operations: list[tuple[int, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    done: int = 0
    refused: int = 0


def told(programme: str) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """The file of a programme, and the answers that its scripts give with each step."""
    raw = yaml.safe_load((ROOT / "programmes" / f"{programme}.yaml").read_text("utf-8"))
    answers: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((ROOT / "tests" / "programmes").glob(f"{programme}*.yaml")):
        for line in yaml.safe_load(path.read_text("utf-8")):
            said = {k: str(v) if not isinstance(v, bool | list) else v for k, v in (line.get("answers") or {}).items()}
            answers.setdefault(line["do"], []).append(said)
    return raw, answers


FILES = {p: told(p) for p in PLAYED}


def seat(walk: CaseWalk, prefix: str = "") -> None:
    """Two people in each seat."""
    for role, unit in SEATS.items():
        at = Organisation.objects.get(pk=unit)
        for n in (1, 2):
            person = Person.objects.create(
                username=f"{prefix}{role}{n}"[:40], name=f"演示{role}{n}"[:40], organisation=at
            )
            Assignment.objects.create(
                person=person, role=role, organisation=at, area=at.area, from_date=timezone.localdate()
            )  # fmt: skip
            walk.people.append(person)


def target(programme: str, stage: str, step: str) -> set[str]:
    """The states to which a step leads from a state, as the file says; none where it does not start there."""
    found = set()
    for s in FILES[programme][0]["steps"]:
        start = s.get("from")
        final = FILES[programme][0]["states"].get(stage, {}).get("final")
        starts = [stage] if start == "*" and not final and s.get("to") != stage else start
        starts = [starts] if isinstance(starts, str) else starts or [""]
        if stage in starts and s["do"] == step:
            found.add(s.get("to") or stage)
    return found


def snapshot(number: int) -> tuple[Any, ...]:
    """Everything that the tables say of a case."""
    row = KeptCase.objects.filter(pk=number).values_list("stage", "version", "state", "owner", "urgency").first()
    steps = CaseStep.objects.filter(case=number).count()
    return row, steps, sorted(CaseParty.objects.filter(case=number).values_list("unit", "sight", "owner"))


def step(walk: CaseWalk) -> None:
    """One operation of somebody, judged by the model."""
    draw, reach = walk.draw, Reach(walk.draw.choice(walk.people))
    if not walk.cases or draw.random() < 0.08:
        _open(walk, reach)
        return
    number = draw.choice(sorted(walk.cases))
    model, before = walk.cases[number], snapshot(number)
    kind = draw.random()
    if kind < 0.06 and walk.operations:
        _again(walk, reach)
    elif kind < 0.14:
        _judge(walk, number, before, lambda: _confirm(reach, number, model), {model.stage} | _waiting(number, model))
    elif kind < 0.24:
        answer = draw.choice(("accept_referral", "refuse_referral", "end_referral"))
        operation = f"o{draw.getrandbits(60):x}"
        _judge(
            walk, number, before,
            lambda: api.answer_referral(reach, number, draw.randint(1, 2), answer, operation=operation), {model.stage},
        )  # fmt: skip
    else:
        _take(walk, reach, number, model, before)


def _take(walk: CaseWalk, reach: Reach, number: int, model: CaseModel, before: tuple[Any, ...]) -> None:
    draw, (raw, answers) = walk.draw, FILES[model.programme]
    name = draw.choice(sorted({s["do"] for s in raw["steps"]}))
    if draw.random() < 0.7:
        case = KeptCase.objects.select_related("owner").get(pk=number)
        able = (Reach(p) for p in draw.sample(walk.people, len(walk.people)))
        reach = next((r for r in able if standing.sights(r).of(case) is not None), reach)
        sight = standing.sights(reach).of(case)
        offered = api.case(reach, number).steps if sight is not None else ()
        name = draw.choice(offered).name if offered else name
    said = draw.choice(answers.get(name) or [{}])
    seen = model.version - (draw.random() < 0.1)
    operation = f"o{draw.getrandbits(60):x}"
    done = _judge(
        walk, number, before, lambda: api.take_step(reach, number, name, said, seen=seen, operation=operation),
        target(model.programme, model.stage, name), stale=seen != model.version,
    )  # fmt: skip
    if done:
        walk.operations.append((reach.person.pk, operation))


def _judge(
    walk: CaseWalk, number: int, before: tuple[Any, ...], do: Callable[[], Any], to: set[str], *, stale: bool = False
) -> bool:
    """Do it and compare: refused, nothing has changed; done, one step more and a state that the file says."""
    model = walk.cases[number]
    try:
        outcome = do()
        done = outcome.done and not outcome.again
    except (api.AbsentError, api.ConflictError, api.NotAllowedError):
        done = False
    row = KeptCase.objects.get(pk=number)
    if not done:
        walk.refused += 1
        parts = (0, 1) if CaseProposal.objects.filter(case=number).exists() else (0, 1, 2)
        after = snapshot(number)
        if any(after[n] != before[n] for n in parts):
            walk.wrong.append(f"case {number}: refused, and changed from {before} to {after}")
        return False
    walk.done += 1
    if stale:
        walk.wrong.append(f"case {number}: done though overtaken")
    if row.version != model.version + 1 or row.stage not in to:
        walk.wrong.append(f"case {number}: {model} became {row.stage} v{row.version}, the file says {to}")
    model.stage, model.version = row.stage, row.version
    return True


def _open(walk: CaseWalk, reach: Reach) -> None:
    programme = walk.draw.choice(PLAYED)
    raw, answers = FILES[programme]
    first = walk.draw.choice([s for s in raw["steps"] if not s.get("from") and s["do"] in answers])
    operation = f"o{walk.draw.getrandbits(60):x}"
    try:
        said = walk.draw.choice(answers[first["do"]])
        made = api.open_case(reach, programme, said, step=first["do"], operation=operation)
    except api.AbsentError:
        walk.refused += 1
        return
    if made.done:
        walk.done += 1
        walk.cases[made.number] = CaseModel(programme, first["to"])
        walk.operations.append((reach.person.pk, operation))


def _again(walk: CaseWalk, reach: Reach) -> None:
    """A step that arrives a second time changes nothing, whatever it says."""
    who, operation = walk.draw.choice(walk.operations)
    number = walk.draw.choice(sorted(walk.cases))
    before = CaseStep.objects.count()
    person = next(p for p in walk.people if p.pk == who)
    outcome = api.take_step(Reach(person), number, "anything", {}, seen=1, operation=operation)
    if not (outcome.done and outcome.again) or CaseStep.objects.count() != before:
        walk.wrong.append(f"operation {operation} was done twice")


def _waiting(number: int, model: CaseModel) -> set[str]:
    found = CaseProposal.objects.filter(case=number).first()
    return target(model.programme, model.stage, found.step) if found is not None else set()


def _confirm(reach: Reach, number: int, model: CaseModel) -> Any:
    return api.confirm_step(reach, number, seen=model.version)


def ends_well(walk: CaseWalk) -> None:
    """In the end every case is what its steps say, and its columns and parties say the same."""
    for number, model in walk.cases.items():
        case = KeptCase.objects.get(pk=number)
        file, ready = keeping.file_of(case), programmes.ready(case.programme)
        owners = list(CaseParty.objects.filter(case=number, owner=True).order_by("unit").values_list("unit", flat=True))
        kept = list(CaseReferralKept.objects.filter(case=number).order_by("number").values_list("number", "state"))
        columns = parties.columns(ready, file, timezone.make_naive(timezone.now()))
        same = {k: getattr(case, k) for k in ("stage", "secrecy", "risk", "owner_id", "due_at", "urgency")}
        if {k: columns[k] for k in same} != same or (file.state, file.revision) != (model.stage, model.version):
            walk.wrong.append(f"case {number}: the columns are not what the steps say")
        if owners != [case.owner_id] or kept != [(r.number, r.state) for r in file.referrals]:
            walk.wrong.append(f"case {number}: parties {owners}, referrals {kept}")


def walked(seed: int, operations: int) -> CaseWalk:
    """A history of so many operations."""
    walk = CaseWalk(Random(seed))
    seat(walk)
    for _ in range(operations):
        step(walk)
    ends_well(walk)
    return walk


@dataclass
class CaseCrowd:
    """A history by many at once: which operations were acknowledged, which were refused, what went wrong."""

    acknowledged: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    numbers: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def crowd(seed: int, operations: int, threads: int) -> CaseCrowd:
    """So many operations by so many at once, each with a connection of its own, on the same cases; committed."""
    walk, found = CaseWalk(Random(seed)), CaseCrowd()
    seat(walk, f"s{seed}.")
    for n in range(threads):
        _begin(found, walk.people, Random(seed * 1000 + n))
    hands = [
        Thread(target=_busy, args=(found, walk.people, Random(seed * 100 + n), operations // threads))
        for n in range(threads)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    _ends_well_together(found)
    return found


def _busy(found: CaseCrowd, people: list[Person], draw: Random, operations: int) -> None:
    try:
        for _ in range(operations):
            (_begin if draw.random() < 0.06 else _together)(found, people, draw)
    except Exception as e:  # told by the test: nothing but a refusal may come of an operation
        found.wrong.append(f"{type(e).__name__}: {e}")
    finally:
        connections.close_all()


def _begin(found: CaseCrowd, people: list[Person], draw: Random) -> None:
    programme = draw.choice(PLAYED)
    raw, answers = FILES[programme]
    first = draw.choice([s for s in raw["steps"] if not s.get("from") and s["do"] in answers])
    able = [p for p in people if p.username.rpartition(".")[2][:-1] in (first.get("roles") or [])]
    for person in draw.sample(able, len(able)):
        operation = f"o{draw.getrandbits(60):x}"
        made = api.open_case(
            Reach(person), programme, draw.choice(answers[first["do"]]), step=first["do"], operation=operation
        )
        if made.done:
            found.acknowledged.add(operation)
            found.numbers.append(made.number)
            return
        found.refused.add(operation)


def _together(found: CaseCrowd, people: list[Person], draw: Random) -> None:
    """One operation on a case on which others work at the same time; sent twice now and then."""
    number, operation = draw.choice(list(found.numbers)), f"o{draw.getrandbits(60):x}"
    case = KeptCase.objects.select_related("owner").get(pk=number)
    able = [p for p in draw.sample(people, len(people)) if standing.sights(Reach(p)).of(case) is not None]
    reach, kind = Reach((able or people)[0]), draw.random()
    _, answers = FILES[case.programme]
    try:
        if kind < 0.08:
            api.confirm_step(reach, number, seen=case.version)
            return
        if kind < 0.2:
            answer = draw.choice(("accept_referral", "refuse_referral", "end_referral"))
            done = api.answer_referral(reach, number, draw.randint(1, 2), answer, operation=operation)
        else:
            steps = api.case(reach, number).steps
            name = draw.choice(steps).name if steps else "closed"
            said = draw.choice(answers.get(name) or [{}])
            done = api.take_step(reach, number, name, said, seen=case.version, operation=operation)
            if done.done and draw.random() < 0.2:
                again = api.take_step(reach, number, name, said, seen=case.version, operation=operation)
                found.wrong += [] if again.again else [f"operation {operation} was done twice"]
    except (api.AbsentError, api.ConflictError, api.NotAllowedError):
        found.refused.add(operation)
        return
    if done.done:
        found.acknowledged.add(operation)
    elif not done.waits_for:
        found.refused.add(operation)


def _ends_well_together(found: CaseCrowd) -> None:
    """What was acknowledged is there once, what was refused is not; every case is a chain of steps that its file
    allows, and its columns say what its steps say."""
    kept = list(CaseStep.objects.order_by("pk").values_list("operation", flat=True))
    found.wrong += [f"acknowledged and lost: {o}" for o in sorted(found.acknowledged - set(kept))]
    found.wrong += [f"refused and kept: {o}" for o in sorted(found.refused & set(kept))]
    for number in found.numbers:
        case, stage = KeptCase.objects.get(pk=number), ""
        steps = list(CaseStep.objects.filter(case=number).order_by("number"))
        if [s.number for s in steps] != list(range(1, case.version + 1)):
            found.wrong.append(f"case {number}: version {case.version}, steps {[s.number for s in steps]}")
        for s in steps:
            fits = s.target == s.source if s.referral else s.target in target(case.programme, s.source, s.step)
            opens = not s.source and any(
                r["do"] == s.step and r["to"] == s.target
                for r in FILES[case.programme][0]["steps"]
                if not r.get("from")
            )
            if s.source != stage or not (fits or opens):
                found.wrong.append(f"case {number}: {s.step} from {s.source} to {s.target} after {stage}")
            stage = s.target
        file, ready = keeping.file_of(case), programmes.ready(case.programme)
        columns = parties.columns(ready, file, timezone.make_naive(timezone.now()))
        same = {k: getattr(case, k) for k in ("stage", "secrecy", "risk", "owner_id")}
        if {k: columns[k] for k in same} != same:
            found.wrong.append(f"case {number}: the columns are not what the steps say")
        owners = list(CaseParty.objects.filter(case=number, owner=True).order_by("unit").values_list("unit", flat=True))
        if owners != [case.owner_id]:
            found.wrong.append(f"case {number}: owned by {owners}")
