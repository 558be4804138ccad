"""Random histories of cases against a model that reads the files: open, step, answer, confirm, repeat, come too late,
close, reopen, seal; and beside them merging of children's files and unsealing by two (`case_turns`).

Nothing that was refused leaves a trace; what was done is one step more, in the state that the file says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
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
from website import case_turns

ROOT = Path(__file__).resolve().parents[2] / "content" / "china"
PLAYED = ("mandatory_report", "child_case", "dv_warning", "street_child", "graded_intervention", "legal_aid")
SEATS = {
    "class_teacher": "education", "school": "education", "police_officer": "public_security",
    "child_protection_officer": "civil_affairs", "supervisor": "township.141029100",
    "village_director": "township.141029100", "justice_officer": "justice", "case_worker": "civil_affairs",
    "juvenile_prosecutor": "procuratorate", "protection_worker": "civil_affairs",
    case_turns.SETTLES: "mch_hospital",
}  # fmt: skip


@dataclass
class CaseModel:
    """Where a case stands, as the model has it."""

    programme: str
    stage: str
    version: int = 1
    child: int | None = None

    @property
    def state(self) -> str:
        """Where it stands at the door, as its programme's state says."""
        said = FILES[self.programme][0]["states"][self.stage]
        return "sealed" if said.get("seals") else "ended" if said.get("final") else "open"


@dataclass
class CaseWalk:
    """One history: people, the model, and what went wrong."""

    draw: Random
    people: list[Person] = field(default_factory=list)
    cases: dict[int, CaseModel] = field(default_factory=dict)
    operations: list[tuple[int, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    children: dict[int, int] = field(default_factory=dict)
    """File of a child → the file into which it was merged; 0: none."""
    asked: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Unsealing that waits for a second person → the case, and who asked."""
    readers: dict[int, set[int]] = field(default_factory=dict)
    """Sealed case → the two who read it."""
    met: Counter[str] = field(default_factory=Counter)
    """What was done, how often."""
    done: int = 0
    refused: int = 0

    def count(self, what: str, *, done: bool) -> None:
        """Note what came of an operation."""
        self.done, self.refused = self.done + done, self.refused + (not done)
        if done:
            self.met[what] += 1


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
LIVES = ("child_case", "graded_intervention.special")
"""The scripts by which the first cases of a history go: one that is closed and may be reopened, one that is sealed."""


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
    walk.children = case_turns.children(walk.people)


def live(walk: CaseWalk, script: str) -> None:
    """One case by a script of its programme, each line by somebody of its role and confirmed by a second one; lines
    that the script has refused are refused."""
    number, programme = 0, script.partition(".")[0]
    for line in yaml.safe_load((ROOT / "tests" / "programmes" / f"{script}.yaml").read_text("utf-8")):
        by = line["by"] if isinstance(line["by"], str) else line["by"]["role"]
        reach = Reach(next(p for p in walk.people if case_turns.role_of(p) == by))
        said = {k: str(v) if not isinstance(v, bool | list) else v for k, v in (line.get("answers") or {}).items()}
        operation = f"o{walk.draw.getrandbits(60):x}"
        if not number:
            number = api.open_case(reach, programme, said, step=line["do"], operation=operation).number
            walk.cases[number] = CaseModel(programme, KeptCase.objects.values_list("stage", flat=True).get(pk=number))
            continue
        model, before = walk.cases[number], snapshot(number)
        to = target(programme, model.stage, line["do"])
        if standing.sights(reach).of(KeptCase.objects.select_related("owner").get(pk=number)) is None:
            # A village director without a charge sees nothing: the township's supervisor does it.
            reach = Reach(next(p for p in walk.people if case_turns.role_of(p) == case_turns.SEES_BOTH))
        step = partial(api.take_step, reach, number, line["do"], said, seen=model.version, operation=operation)
        _judge(walk, number, before, step, to)
        waits = CaseProposal.objects.filter(case=number).first()
        if waits is not None:
            second = next(p for p in walk.people if case_turns.role_of(p) in waits.roles and p != reach.person)
            _judge(walk, number, snapshot(number), partial(_confirm, Reach(second), number, model), to)


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
    if not walk.cases or draw.random() < (0.2 if len(walk.cases) < 6 else 0.02):  # few cases, each with a long life
        _open(walk, reach)
        return
    number = draw.choice(sorted(walk.cases))
    model, before = walk.cases[number], snapshot(number)
    kind = draw.random()
    if kind < 0.05 and walk.operations:
        _again(walk, reach)
    elif kind < 0.10:
        case_turns.merge(walk)
    elif kind < 0.14:
        case_turns.unseal(walk)
    elif kind < 0.17:
        case_turns.link(walk, reach, number, model)
    elif kind < 0.24:
        waits = CaseProposal.objects.filter(case=number).first()
        seconds = [p for p in walk.people if waits is not None and case_turns.role_of(p) in waits.roles]
        if seconds and draw.random() < 0.7:
            reach = Reach(draw.choice(seconds))
        _judge(walk, number, before, lambda: _confirm(reach, number, model), {model.stage} | _waiting(number, model))
    elif kind < 0.32:
        answer = draw.choice(("accept_referral", "refuse_referral", "end_referral"))
        operation = f"o{draw.getrandbits(60):x}"
        _judge(
            walk, number, before,
            lambda: api.answer_referral(reach, number, draw.randint(1, 2), answer, operation=operation), {model.stage},
        )  # fmt: skip
    else:
        _take(walk, reach, number, model, before)


def _able(walk: CaseWalk, reach: Reach, number: int) -> Reach:
    """Somebody who sees the case; nobody else than the one given where nobody does."""
    case = KeptCase.objects.select_related("owner").get(pk=number)
    sees = [Reach(p) for p in walk.draw.sample(walk.people, len(walk.people))]
    able = [r for r in sees if (s := standing.sights(r).of(case)) is not None and s.doers]
    return next(iter(able), reach)


def _take(walk: CaseWalk, reach: Reach, number: int, model: CaseModel, before: tuple[Any, ...]) -> None:
    draw, (raw, answers) = walk.draw, FILES[model.programme]
    name = draw.choice(sorted({s["do"] for s in raw["steps"]}))
    if draw.random() < 0.7:
        reach = _able(walk, reach, number)
        case = KeptCase.objects.select_related("owner").get(pk=number)
        sight = standing.sights(reach).of(case)
        offered = [s.name for s in api.case(reach, number).steps] if sight is not None else []
        final = {s for s, said in raw["states"].items() if said.get("final")}
        turns = [n for n in offered if (model.stage in final) != bool(target(model.programme, model.stage, n) & final)]
        name = draw.choice(turns if turns and draw.random() < 0.5 else offered or [name])
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
        walk.count("refused", done=False)
        parts = (0, 1) if CaseProposal.objects.filter(case=number).exists() else (0, 1, 2)
        after = snapshot(number)
        if any(after[n] != before[n] for n in parts):
            walk.wrong.append(f"case {number}: refused, and changed from {before} to {after}")
        return False
    before_it = model.state
    walk.count("step", done=True)
    if stale:
        walk.wrong.append(f"case {number}: done though overtaken")
    if row.version != model.version + 1 or row.stage not in to:
        walk.wrong.append(f"case {number}: {model} became {row.stage} v{row.version}, the file says {to}")
    model.stage, model.version = row.stage, row.version
    if row.state != model.state:
        walk.wrong.append(f"case {number}: stands at the door as {row.state}, the file says {model.state}")
    if before_it != model.state:
        walk.met[f"{before_it} to {model.state}"] += 1
    return True


def _open(walk: CaseWalk, reach: Reach) -> None:
    programme = walk.draw.choice(PLAYED)
    raw, answers = FILES[programme]
    first = walk.draw.choice([s for s in raw["steps"] if not s.get("from") and s["do"] in answers])
    operation = f"o{walk.draw.getrandbits(60):x}"
    child = walk.draw.choice(sorted(walk.children)) if walk.draw.random() < 0.3 else None
    able = [p for p in walk.people if case_turns.role_of(p) in (first.get("roles") or [])]
    if able and walk.draw.random() < 0.7:
        reach = Reach(walk.draw.choice(able))
    try:
        said = walk.draw.choice(answers[first["do"]])
        made = api.open_case(reach, programme, said, step=first["do"], child=child, operation=operation)
    except api.AbsentError:
        walk.count("open", done=False)
        return
    if made.done:
        walk.count("open", done=True)
        whole = case_turns.survivor(walk.children, child) if child is not None else None
        walk.cases[made.number] = CaseModel(programme, first["to"], child=whole)
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
        kept_as = (case.stage, case.version, case.state, case.child_id)
        if kept_as != (model.stage, model.version, model.state, model.child):
            walk.wrong.append(f"case {number}: kept {kept_as}, the model has {model}")
        if {k: columns[k] for k in same} != same or (file.state, file.revision) != (model.stage, model.version):
            walk.wrong.append(f"case {number}: the columns are not what the steps say")
        if owners != [case.owner_id] or kept != [(r.number, r.state) for r in file.referrals]:
            walk.wrong.append(f"case {number}: parties {owners}, referrals {kept}")


def walked(seed: int, operations: int) -> CaseWalk:
    """A history of so many operations."""
    walk = CaseWalk(Random(seed))
    seat(walk)
    for script in LIVES:
        live(walk, script)
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
    children: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    """Which steps were taken, how often."""


def crowd(seed: int, operations: int, threads: int) -> CaseCrowd:
    """So many operations by so many at once, each with a connection of its own, on the same cases; committed."""
    walk, found = CaseWalk(Random(seed)), CaseCrowd()
    seat(walk, f"s{seed}.")
    found.children = sorted(walk.children)
    for n in range(threads):
        _begin(found, walk.people, Random(seed * 1000 + n))
    for script in LIVES:  # one that is closed and one that is sealed are worked on too
        live(walk, script)
    found.numbers += sorted(walk.cases)
    found.wrong += walk.wrong
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
            if draw.random() < 0.12:
                case_turns.together(people, found.children, found.numbers, draw)
            else:
                (_begin if draw.random() < 0.06 else _together)(found, people, draw)
    except Exception as e:  # told by the test: nothing but a refusal may come of an operation
        found.wrong.append(f"{type(e).__name__}: {e}")
    finally:
        connections.close_all()


def _begin(found: CaseCrowd, people: list[Person], draw: Random) -> None:
    programme = draw.choice(PLAYED)
    raw, answers = FILES[programme]
    first = draw.choice([s for s in raw["steps"] if not s.get("from") and s["do"] in answers])
    able = [p for p in people if case_turns.role_of(p) in (first.get("roles") or [])]
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
    found.met += Counter(CaseStep.objects.filter(case__in=found.numbers).values_list("step", flat=True))
    kept = list(CaseStep.objects.order_by("pk").values_list("operation", flat=True))
    found.wrong += [f"acknowledged and lost: {o}" for o in sorted(found.acknowledged - set(kept))]
    found.wrong += [f"refused and kept: {o}" for o in sorted(found.refused & set(kept))]
    found.wrong += case_turns.ends_well(found.children, found.numbers)
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
