"""Cases that open by themselves: what was heard is looked at once, by the worker; each record or step opens one case of
a programme at most, whatever is said of it later. What cannot be opened is told to people, never dropped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db import transaction
from django.utils import timezone

from qingmiao.casework.case import CaseFile, row
from qingmiao.casework.deciding import Doer
from qingmiao.casework.opened import opening_answers, opening_step
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.forms import Sensitivity
from qingmiao.content.programme_openings import GIVEN, OpeningRule
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.cases import alike, doors, following, keeping, parties, programmes
from qingmiao.site.apps.cases.hearing import RECORD, record_rules, step_rules
from qingmiao.site.apps.cases.models import CaseHeard, CaseOpening, CaseStep, CaseToDo, KeptCase
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.notices import api as notices
from qingmiao.site.apps.records.api import about, hearing


@dataclass(frozen=True)
class Origin:
    """A record or step as it stands now. `units`: those that have to do with it, the nearest first."""

    origin: str
    number: int
    kind: str
    row: Mapping[str, Any]
    withdrawn: bool
    file: str
    child: int | None
    person: Mapping[str, Any]
    area: str
    units: tuple[str, ...]
    by: Person
    secrecy: Sensitivity
    rules: tuple[tuple[str, OpeningRule], ...]
    address: str
    """The page on which it is seen by who may."""


def open_heard() -> int:
    """Look at everything that was heard, each in a transaction of its own; how many there were. One that fails is left
    for the next time, and the last failure is raised when all others are done."""
    numbers, failed = list(CaseHeard.objects.order_by("pk").values_list("pk", flat=True)), None
    for number in numbers:
        try:
            with transaction.atomic():
                found = CaseHeard.objects.select_for_update(skip_locked=True).filter(pk=number).first()
                if found is not None:
                    _look(found.origin, found.number)
                    found.delete()
        except Exception as e:
            failed = e
    if failed is not None:
        raise failed
    return len(numbers)


def _look(origin: str, number: int) -> None:
    found = _record(number) if origin == RECORD else _step(number)
    if found is None:
        return
    known = {o.programme: o for o in CaseOpening.objects.filter(origin=origin, number=number).select_related("case")}
    for programme in dict.fromkeys(p for p, _ in found.rules):
        rule = None if found.withdrawn else next(
            (r for p, r in found.rules if p == programme and r.holds(found.row)), None
        )  # fmt: skip
        before = known.get(programme)
        if before is not None:
            _said_anew(before, still=rule is not None)
        elif rule is not None:
            _open(programme, rule, found)


def _record(number: int) -> Origin | None:
    said = hearing.heard(number)
    if said is None:
        return None
    return Origin(
        RECORD, number, said.kind.id, said.row, said.withdrawn, said.file, said.child, said.person,
        str(said.person["area"]), (said.keeper, said.unit), said.by, said.kind.sensitivity,
        tuple(record_rules(said.kind.id)), f"/records/of/{number}",
    )  # fmt: skip


def _step(number: int) -> Origin | None:
    step = CaseStep.objects.select_related("case__made_by", "by").filter(pk=number).first()
    if step is None or step.case.programme not in programmes.every():
        return None
    case, ready = step.case, programmes.ready(step.case.programme)
    file = keeping.file_of(case, rows=[r for r in keeping.rows_of(case) if r.number <= step.number])
    names = (step.step, step.target) if step.source != step.target else (step.step,)
    person = {f.given: file.values[id_] for id_, f in ready.fields.items() if f.given in GIVEN and id_ in file.values}
    return Origin(
        "step", number, case.programme, row(ready, file, timezone.make_naive(step.at)), False,
        f"c{case.child_id}" if case.child_id is not None else "", case.child_id, person, case.area,
        (file.owner,), step.by or case.made_by, file.secrecy, tuple(step_rules(case.programme, *names)),
        f"/cases/{case.pk}",
    )  # fmt: skip


def _said_anew(before: CaseOpening, *, still: bool) -> None:
    """The record says it no more (withdrawn, corrected, its list taken back), or again: the case says so."""
    if still == (before.undone_at is None):
        return
    before.undone_at = None if still else timezone.now()
    before.save(update_fields=("undone_at",))
    case = before.case
    if case is None:
        return
    with audit.through("cases"):
        detail = {"programme": before.programme, before.origin: before.number, "still": still}
        audit.append(audit.SYSTEM, "cases.origin", object_type="case", object_id=case.pk, detail=detail)
    if case.state == "open" and not still:
        _tell(case, "自动受理所依据的记录已经撤销或者更正，请核实是否继续办理", kind="cases.undone")


def _open(programme: str, rule: OpeningRule, found: Origin) -> None:
    """Open a case; where one of the programme is there already for the same person (of a programme that says when two
    are the same: about the same event), it is told of the record instead."""
    made = CaseOpening(
        programme=programme, origin=found.origin, number=found.number, kind=found.kind, file=found.file,
        at=timezone.now(),
    )  # fmt: skip
    there = _case_there(programme, rule, found)
    if there is not None:
        made.case, made.joined = there, True
        made.save()
        _tell(there, "又有一条记录属于自动受理的情形，请查看", kind="cases.again")
        _audited(made)
        return
    ready = programmes.ready(programme)
    case, made.why = _opened(ready, rule, found)
    made.case = case
    made.save()
    _audited(made)
    if case is None:
        _not_opened(ready, rule, found)
        return
    following.tell(case, _told(case, rule), "cases.opened", "系统依据一条记录自动受理了这个个案", by=None)
    _verify(case, ready)


def _case_there(programme: str, rule: OpeningRule, found: Origin) -> KeptCase | None:
    if programmes.ready(programme).programme.same is None:
        return _open_case(programme, found)
    if found.child is None:
        return None
    return alike.case_of_event(programme, found.child, opening_values(programmes.ready(programme), rule, found))


def opening_values(ready: ReadyProgramme, rule: OpeningRule, found: Origin) -> dict[str, Any]:
    """What the case would begin with, typed: taken over from the record, and what the house knows of the person."""
    known = {id_: found.person.get(f.given) for id_, f in ready.fields.items() if f.given in GIVEN}
    return {k: v for k, v in known.items() if v is not None} | rule.values(found.row)


def _open_case(programme: str, found: Origin) -> KeptCase | None:
    """The open case of the same child or woman."""
    rows = KeptCase.objects.filter(programme=programme, state="open")
    if found.child is not None:
        rows = rows.filter(child__in=about.files_of(found.child))
    elif found.file:
        rows = rows.filter(openings__file=found.file)
    else:
        return None
    return rows.order_by("pk").first()


def _opened(ready: ReadyProgramme, rule: OpeningRule, found: Origin) -> tuple[KeptCase | None, str]:
    """The case that was opened, or None and why not."""
    unit = responsible(ready, rule, found)
    if not unit:
        return None, "没有找到负责的单位"
    asked = doors.AskedStep(
        rule.step, opening_answers(ready, rule, found.row, found.person),
        (Doer(job=True, unit=unit),), f"by-{found.origin}-{found.number}-{ready.programme.id}"[:60],
        secrecy=found.secrecy,
    )  # fmt: skip
    now = timezone.now()
    tried = doors.outcome_of(ready, CaseFile(ready.programme.id), asked, found.area, timezone.make_naive(now))
    if not tried.allowed:
        return None, (tried.reason if tried.faults else "不符合条件")[:200]
    made = KeptCase(
        programme=ready.programme.id, owner_id=unit, child_id=found.child, opened_at=now, moved_at=now,
        made_by=found.by,
    )  # fmt: skip
    parties.place(made, found.area)
    return access.create(audit.SYSTEM, made, "open", {doors.ASKED: asked}), ""


def responsible(ready: ReadyProgramme, rule: OpeningRule, found: Origin) -> str:
    """The unit that owns the case: of those that have to do with the record (the keeper of the file, then who recorded)
    the first where somebody holds a role that owns the new state, else the nearest over the place; "" for none."""
    state = opening_step(ready, rule).to
    owners = ready.programme.states[state].owners if state is not None else ()
    for unit in found.units:
        if any(True for _ in notices.of_unit(unit, frozenset(owners))):
            return unit
    return next((u for r in owners for u in parties.nearest(r, found.area)), "")


def _told(case: KeptCase, rule: OpeningRule) -> Iterable[Person]:
    people = list(following.people_of(case, rule.told))
    if people or case.secrecy == "核心":
        return people
    return [p for r in rule.told for u in parties.nearest(r, case.area) for p in notices.of_unit(u, frozenset({r}))]


def _verify(case: KeptCase, ready: ReadyProgramme) -> None:
    """Somebody of who owns the state looks at it: done with the next step that a person takes."""
    owners = ready.programme.states[case.stage].owners
    if owners:
        CaseToDo.objects.create(
            case=case, name=following.VERIFY, role=owners[0], unit_id=case.owner_id, opened_at=case.opened_at
        )


def _not_opened(ready: ReadyProgramme, rule: OpeningRule, found: Origin) -> None:
    """People are told that one has to be opened by hand, where somebody is there who could."""
    state = opening_step(ready, rule).to
    owners = frozenset(ready.programme.states[state].owners) if state is not None else frozenset[str]()
    units = (*found.units, *(u for r in sorted(owners) for u in parties.nearest(r, found.area)))
    people = [p for u in dict.fromkeys(units) for p in notices.of_unit(u, owners)] or [found.by]
    said = f"有一条记录应当自动受理“{ready.programme.label.zh}”，没有受理成功，请人工受理"
    notices.tell(people, notices.NoticeText("cases.unopened", said, found.address, f"{found.origin} {found.number}"))


def _tell(case: KeptCase, sentence: str, *, kind: str) -> None:
    state = programmes.ready(case.programme).programme.states.get(case.stage)
    following.tell(case, following.people_of(case, state.owners if state is not None else ()), kind, sentence)


def _audited(made: CaseOpening) -> None:
    with audit.through("cases"):
        detail = {"programme": made.programme, made.origin: made.number, "joined": made.joined, "why": made.why}
        audit.append(
            audit.SYSTEM, "cases.heard", object_type="case", object_id=cast("int", made.case_id) or "", detail=detail
        )  # fmt: skip
